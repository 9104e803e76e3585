# IPv6 addresses: flags, lifetimes, tokens, generation, labels
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link set d0 addrgenmode none
ip link set d0 up
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8::1/48 dev d0 nodad
ip addr add 2001:db8::2/64 dev d0 optimistic
ip addr add 2001:db8::3/64 dev d0 home nodad
ip addr add 2001:db8::4/64 dev d0 mngtmpaddr nodad
ip addr add 2001:db8::44/65 dev d0 mngtmpaddr nodad
ip addr add 2001:db8::5/64 dev d0 noprefixroute nodad
ip addr add 2001:db8::6/64 dev d0 autojoin nodad
ip addr add ff15::7/64 dev d0 autojoin nodad
ip addr add ff15::8/64 dev d0 nodad
ip addr add 2001:db8::9/64 dev d0 valid_lft 100 preferred_lft 50 nodad
ip addr add 2001:db8::a/64 dev d0 valid_lft 100 preferred_lft 0 nodad
ip addr add 2001:db8::b/64 dev d0 valid_lft 50 preferred_lft 100 nodad
ip addr add 2001:db8::b/64 dev d0 valid_lft 0
ip addr add 2001:db8:1::1/128 peer 2001:db8:1::2/128 dev d0 nodad
ip addr add 2001:db8:1::1 peer 2001:db8:1::3/64 dev d0 nodad
ip addr add 2001:db8:2::1/64 dev d0 metric 77 proto 5 nodad
ip addr add 2001:db8:3::1/129 dev d0
ip addr add 2001:db8:3::/64 dev d0 nodad
ip addr add ::/64 dev d0
ip addr add ::1/128 dev d0
ip addr add ::ffff:1.2.3.4/128 dev d0 nodad
ip addr add fe80::1/64 dev d0 nodad
ip addr add fec0::1/64 dev d0 nodad scope site
ip addr add 2001:db8:4::1/64 dev d0 label d0:x
ip addr add 2001:db8:4::1/64 dev d0 broadcast 2001:db8:4::ff
ip addr add 2001:db8:4::1/64 dev d0 scope link nodad
ip addr replace 2001:db8::9/64 dev d0 valid_lft 1000 preferred_lft 500
ip addr change 2001:db8::9/64 dev d0 valid_lft forever preferred_lft 20
ip addr replace 2001:db8:2::1/64 dev d0 metric 78
ip addr change 2001:db8:5::1/64 dev d0 nodad
ip addr replace 2001:db8::5/64 dev d0
ip addr replace 2001:db8::3/64 dev d0 noprefixroute home
ip -6 addr show
ip -6 -d -j addr show dev d0
ip -6 route show table all
ip -6 maddr show dev d0
ip -6 addr del 2001:db8::1/48 dev d0
ip -6 addr del 2001:db8::1/64 dev d0
ip -6 addr del 2001:db8::77/64 dev d0
ip -6 addr del 2001:db8:1::1 dev d0
ip -6 addr del 2001:db8:1::1/128 peer 2001:db8:1::2 dev d0
ip link set p0 addrgenmode eui64
ip link set p1 addrgenmode stable_secret
sysctl -w net.ipv6.conf.p1.stable_secret=2001:db8::1234
ip link set p1 addrgenmode stable_secret
ip link set p1 addrgenmode random
ip link set p1 addrgenmode bogus
ip link set p1 addrgenmode stable_secret
ip -d link show p1
ip link set p0 up
ip link set p1 up
sleep 2.5
ip -6 addr show
ip token set ::77/64 dev p0
ip token set ::77 dev p0
ip token set ::5:0:0:0:77 dev p0
ip token set :: dev p0
ip token set ::1 dev lo
sysctl -w net.ipv6.conf.p0.accept_ra=2
ip token set ::78 dev p0
ip token get dev p0
ip token list
ip token del dev p0
ip -d link show p0
sysctl -w net.ipv6.conf.p0.addr_gen_mode=1
sysctl -w net.ipv6.conf.p0.addr_gen_mode=9
ip link set p0 down
ip -6 addr show dev p0
sysctl -w net.ipv6.conf.p1.keep_addr_on_down=1
ip addr add 2001:db8:9::1/64 dev p1 nodad
ip link set p1 down
ip -6 addr show dev p1
ip -6 route show dev p1
ip link set p1 up
ip -6 addr show dev p1
ip link set d0 mtu 1279
ip -6 addr show dev d0
ip link set d0 mtu 1280
ip -6 addr show dev d0
sysctl -w net.ipv6.conf.d0.disable_ipv6=1
ip addr add 2001:db8::1/64 dev d0
sysctl -w net.ipv6.conf.d0.disable_ipv6=0
ip -6 addr show dev d0
ip addrlabel add prefix 2001:db8::/32 label 100
ip addrlabel add prefix 2001:db8::/32 label 101
ip addrlabel add prefix 2001:db8::/32 dev p1 label 102
ip addrlabel add prefix 2001:db8::/129 label 3
ip addrlabel add prefix 2001:db8:5::/48 label 4294967295
ip addrlabel add prefix 10.0.0.0/8 label 5
ip addrlabel list
ip -j addrlabel list
ip addrlabel get 2001:db8::1
ip addrlabel get 2001:db8::1 dev p1
ip addrlabel del prefix 2001:db8::/32 dev p1
ip addrlabel del prefix 2001:db8::/33
ip addrlabel flush
ip addrlabel list
