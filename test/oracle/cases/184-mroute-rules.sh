#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add r0 type vrf table 33
ip link set d0 up
ip link set r0 up
ip addr add 192.0.2.1/24 dev d0
ip mroute show
ip mroute show table all
ip mroute show table 5
ip -6 mroute show table all
ip -j mroute show
ip -s -d mroute show
ip mrule show
ip mrule list
ip mrule add pref 100 table 5
ip mrule add pref 101 iif d0 table 6
ip mrule add from 192.0.2.0/24 table 5
ip mrule show
ip mroute show table all
ip mroute show table 5
ip mroute show table 6
ip -6 mrule show
ip -6 mrule add pref 100 table 7
ip -6 mrule show
ip -6 mroute show table 7
ip mrule del pref 100
ip mrule del pref 100
ip mrule flush
ip mrule show
ip -6 mrule flush
cat /proc/net/ip_mr_vif
cat /proc/net/ip_mr_cache
cat /proc/net/ip6_mr_vif
ip rule add from 192.0.2.0/24 to 198.51.100.0/24 iif d0 oif d0 fwmark 1/3 tos 0x10 table 10 pref 10
ip rule add not from 192.0.2.0/24 table 11 pref 11
ip rule add ipproto tcp sport 1-100 dport 80 table 12 pref 12
ip rule add ipproto 89 table 12 pref 13
ip rule add uidrange 5-10 table 12 pref 14
ip rule add tun_id 7 table 12 pref 15
ip rule add suppress_prefixlength 0 table 12 pref 16
ip rule add suppress_ifgroup 7 table 12 pref 17
ip rule add goto 100 pref 18
ip rule add nop pref 19
ip rule add blackhole from 10.0.0.0/8 pref 20
ip rule add unreachable pref 21 from 10.1.0.0/16
ip rule add prohibit pref 22 to 10.2.0.0/16
ip rule add pref 100 lookup 12 protocol static
ip rule add l3mdev pref 23
ip rule add iif lo table 12 pref 24
ip rule add realms 5/6 table 12 pref 26
ip rule add table 12 pref 27 realms 9 fwmark 0x10
ip rule add goto 5 pref 30
ip rule add table 12 pref 10
ip rule add table 4294967296
ip rule add uidrange 10-5 table 12
ip rule add sport 5-3 table 12
ip rule add l3mdev table 12
ip rule add from 192.0.2.0/33 table 12
ip rule add from 2001:db8::/32 table 13 pref 40
ip rule
ip -d rule show
ip -j -p rule show
ip -N rule show
ip -c=always rule show
ip rule show table 12
ip rule show fwmark 1
ip rule show fwmark 1/3
ip rule show pref 14
ip rule show protocol static
ip rule show uidrange 5-10
ip rule show ipproto tcp
ip rule show l3mdev
ip rule show not from 192.0.2.0/24
ip -6 rule show
ip -6 rule add from 2001:db8::/32 flowlabel 5 table 10
ip -6 rule add from 2001:db8::/32 to 2001:db8:1::/48 ipproto icmpv6 table 10 pref 5
ip -6 rule show from 2001:db8::/32
ip rule del pref 99999
ip rule del from 192.0.2.0/24 pref 11
ip rule del not from 192.0.2.0/24 pref 11
ip rule del table 12 pref 13
ip rule del ipproto tcp sport 1-100
ip rule del
ip rule show
ip rule flush table 12
ip rule flush protocol static
ip rule flush
ip rule show
ip rule add pref 0 table 5
ip rule del pref 0
ip rule add table 254 pref 32766
ip rule restore < /dev/null
ip route get 192.0.2.7
