#@ settle 60
ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
sysctl -w net.ipv6.conf.all.keep_addr_on_down=1
ip link set v0 up
ip link set v1 up
ip addr add 2001:db8::1/64 dev v0 nodad
ip addr add 2001:db8::2/64 dev v0
ip link set v0 down
ip -6 addr show dev v0
ip -6 route show table all
ip link set v0 up
ip -6 addr show dev v0
sysctl -w net.ipv6.conf.all.keep_addr_on_down=-1
sysctl -w net.ipv6.conf.v0.keep_addr_on_down=1
ip link set v0 down
ip -6 addr show dev v0
ip link set v0 up
sysctl -w net.ipv6.conf.v0.disable_ipv6=1
ip -6 addr show dev v0
ip -6 route show
ip addr add 2001:db8::7/64 dev v0
sysctl -w net.ipv6.conf.v0.disable_ipv6=0
ip -6 addr show dev v0
sysctl -w net.ipv6.conf.default.disable_ipv6=1
ip link add d0 address 02:00:00:00:00:05 type dummy
ip link set d0 up
ip -6 addr show dev d0
sysctl -w net.ipv6.conf.all.disable_ipv6=1
ip -6 addr show
sysctl -w net.ipv6.conf.all.disable_ipv6=0
ip -6 addr show
sysctl -w net.ipv6.conf.d0.addr_gen_mode=1
sysctl -w net.ipv6.conf.d0.addr_gen_mode=2
sysctl -w net.ipv6.conf.d0.addr_gen_mode=7
sysctl -w net.ipv6.conf.d0.stable_secret=2001:db8::55
cat /proc/sys/net/ipv6/conf/d0/stable_secret
cat /proc/sys/net/ipv6/conf/d0/addr_gen_mode
sysctl -w net.ipv6.conf.d0.addr_gen_mode=0
ip link set d0 down
ip link set d0 addrgenmode none up
ip -6 addr show dev d0
ip link set d0 addrgenmode eui64
ip -6 addr show dev d0
sysctl -w net.ipv6.conf.v0.optimistic_dad=1
sysctl -w net.ipv6.conf.v0.use_optimistic=1
ip addr add 2001:db8::3/64 dev v0 optimistic
ip -6 addr show dev v0
sysctl -w net.ipv6.conf.v0.dad_transmits=0
ip addr add 2001:db8::4/64 dev v0
ip -6 addr show dev v0
sysctl -w net.ipv6.conf.v0.accept_dad=0
ip addr add 2001:db8::5/64 dev v0
ip -6 addr show dev v0
sysctl -w net.ipv6.conf.v0.mtu=1400
ip link show v0
ip -6 route show dev v0
sysctl -w net.ipv6.conf.v0.mtu=1279
sysctl -w net.ipv6.conf.v0.mtu=1600
ip link set v0 mtu 1200
ip -6 addr show dev v0
ls /proc/sys/net/ipv6/conf
ip link set v0 mtu 1500
ip -6 addr show dev v0
sysctl -w net.ipv4.conf.v0.promote_secondaries=1
ip addr add 192.0.2.1/24 dev v0
ip addr add 192.0.2.2/24 dev v0
ip addr del 192.0.2.1/24 dev v0
ip addr show dev v0
sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=1
sysctl -w net.ipv4.conf.v0.ignore_routes_with_linkdown=1
ip route add 10.0.0.0/8 via 192.0.2.9
ip link set v1 down
ip route show
ip route get 10.0.0.1
sysctl -w net.ipv6.conf.v0.ignore_routes_with_linkdown=1
ip -6 route show
ip -6 route get 2001:db8::99
ip link set v1 up
ip route get 10.0.0.1
sysctl -w net.ipv4.fib_multipath_hash_policy=3
sysctl -w net.ipv4.fib_multipath_hash_policy=4
sysctl -w net.ipv4.fib_multipath_hash_fields=0x37
sysctl -w net.ipv4.fib_multipath_use_neigh=1
sysctl -w net.ipv4.nexthop_compat_mode=0
ip nexthop add id 1 via 192.0.2.9 dev v0
ip route add 10.9.0.0/16 nhid 1
ip route show nhid 1
ip -d route show 10.9.0.0/16
sysctl -w net.ipv4.nexthop_compat_mode=1
ip route show 10.9.0.0/16
ip nexthop replace id 1 via 192.0.2.10 dev v0
sysctl -w net.ipv4.nexthop_compat_mode=0
ip nexthop replace id 1 via 192.0.2.11 dev v0
sysctl -w net.ipv6.route.skip_notify_on_dev_down=1
ip link set v0 down
sysctl -w net.ipv4.fib_notify_on_flag_change=1
sysctl -w net.ipv4.conf.v0.forwarding=1
sysctl -w net.ipv4.ip_forward=1
sysctl -w net.ipv6.conf.all.forwarding=1
ip netconf show dev v0
sysctl -w net.ipv4.conf.default.rp_filter=1
ip link add d9 type dummy
cat /proc/sys/net/ipv4/conf/d9/rp_filter
sysctl -w net.core.devconf_inherit_init_net=1
ip netns add q
ip netns exec q cat /proc/sys/net/ipv4/conf/default/rp_filter
sysctl -w net.ipv6.conf.all.proxy_ndp=1
sysctl -w net.ipv6.conf.all.accept_ra=5
sysctl -w net.ipv6.conf.v0.use_tempaddr=2
ip link set v0 up
ip addr add 2001:db8:5::1/64 dev v0 mngtmpaddr nodad
sysctl -w net.ipv6.conf.v0.max_addresses=2
sysctl -w net.ipv6.bindv6only=2
sysctl -w net.ipv6.conf.all.hop_limit=99
sysctl -w net.ipv6.conf.v0.ndisc_notify=1
sysctl -w net.ipv4.conf.v0.arp_notify=1
sysctl -w net.ipv4.conf.v0.arp_ignore=8
sysctl -w net.ipv4.conf.v0.bogus=8
sysctl -w net.ipv6.conf.v0.ra_defrtr_metric=0
sysctl -w net.ipv4.conf.v0.accept_local=-1
