# IPv6 routes: verbs and their flags, siblings, what follows devices
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link set d0 up
ip link set p0 up
ip link set p1 up
sleep 2
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8:1::1/64 dev p0 nodad
ip -6 route add 2001:db8:10::/48 via 2001:db8::2
ip -6 route add 2001:db8:10::/48 via 2001:db8::2
ip -6 route add 2001:db8:10::/48 via 2001:db8::3
ip -6 route append 2001:db8:10::/48 via 2001:db8::3
ip -6 route append 2001:db8:10::/48 via 2001:db8::3
ip -6 route prepend 2001:db8:10::/48 via 2001:db8::4
ip -6 route show
ip -6 route change 2001:db8:10::/48 via 2001:db8::5
ip -6 route replace 2001:db8:10::/48 via 2001:db8::6
ip -6 route replace 2001:db8:10::/48 via 2001:db8::6 metric 5
ip -6 route change 2001:db8:11::/48 via 2001:db8::6
ip -6 route add 2001:db8:10::/48 dev d0
ip -6 route append 2001:db8:10::/48 dev d0
ip -6 route append 2001:db8:10::/48 dev p0
ip -6 route add blackhole 2001:db8:12::/48
ip -6 route add unreachable 2001:db8:12::/48
ip -6 route append prohibit 2001:db8:12::/48
ip -6 route replace prohibit 2001:db8:12::/48
ip -6 route replace 2001:db8:12::/48 via 2001:db8::6
ip -6 route add unreachable default metric 4294967295
ip -6 route add 2001:db8:13::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::2 weight 5 nexthop dev d0 weight 256
ip -6 route add 2001:db8:13::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::2 weight 5
ip -6 route append 2001:db8:13::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::7
ip -6 route append 2001:db8:13::/48 nexthop via 2001:db8::7 nexthop via 2001:db8:1::8
ip -6 route replace 2001:db8:13::/48 nexthop via 2001:db8::7 nexthop via 2001:db8::1
ip -6 route replace 2001:db8:13::/48 nexthop via 2001:db8::7 nexthop via 2001:db8:1::8 weight 257
ip -6 route replace 2001:db8:13::/48 nexthop via 2001:db8::7 nexthop via 2001:db8:1::8 weight 200
ip -6 route show 2001:db8:13::/48
ip -6 route add 2001:db8:14::/48 via fe80::1
ip -6 route add 2001:db8:14::/48 via fe80::1 dev p0
ip -6 route add 2001:db8:14::/48 via fe80::1 dev p0 metric 0
ip -6 route add 2001:db8:15::/48 via 2001:db8:9::1
ip -6 route add 2001:db8:15::/48 via 2001:db8:9::1 dev d0
ip -6 route add 2001:db8:15::/48 via 2001:db8:9::1 dev d0 onlink
ip -6 route add 2001:db8:15::/48 via 2001:db8::1 dev d0
ip -6 route add 2001:db8:15::/48 via ff02::1 dev d0
ip -6 route add 2001:db8:15::/48 via ::
ip -6 route add 2001:db8:15::1/48 dev d0
ip -6 route add 2001:db8:16::/48 dev d0 expires 500 mtu 1300 hoplimit 5 advmss 900 features ecn
ip -6 route add 2001:db8:17::/48 dev d0 src 2001:db8:1::1 pref medium proto 99
ip -6 route add 2001:db8:17::/48 from 2001:db8::/48 dev d0
ip -6 route add 2001:db8:17::/48 from 2001:db8::/48 dev p0
ip -6 route add 2001:db8:17::/48 from 2001:db8::1/48 dev p0
ip -6 route add local 2001:db8:18::/48 dev lo
ip -6 route add anycast 2001:db8:18::1 dev d0
ip -6 route add multicast ff18::/16 dev d0 table 77
ip -6 route add 2001:db8:19::/48 dev d0 table 77 tos 0x10
ip -6 route add 2001:db8:19::/48 dev d0 table 4294967295
ip -6 route add throw 2001:db8:19::/48 table 78
ip -6 route add 2001:db8:20::/48 dev d0 scope link
ip -6 route add 2001:db8:21::/48 dev lo
ip -6 route add 2001:db8:22::/48 via 10.0.0.1
ip -6 route add 2001:db8:22::/48 dev d0 encap mpls 100
ip -6 route add 2001:db8:22::/48 nhid 9
ip -6 route show
ip -6 -d route show table all
ip -6 -j -p route show table all
ip -6 route del 2001:db8:13::/48 via 2001:db8::7
ip -6 route del 2001:db8:13::/48 nexthop via 2001:db8:1::8 nexthop via 2001:db8::99
ip -6 route del 2001:db8:13::/48
ip -6 route del 2001:db8:10::/48 metric 5
ip -6 route del 2001:db8:10::/48 dev p0
ip -6 route del 2001:db8:10::/48
ip -6 route del 2001:db8:10::/48
ip -6 route del 2001:db8:16::/48 proto 7
ip -6 route del 2001:db8:17::/48
ip -6 route del 2001:db8:17::/48 from 2001:db8::/48
ip -6 route del unreachable default
ip -6 route get 2001:db8:12::1
ip -6 route get 2001:db8:12::1 oif p0
ip -6 route get 2001:db8:18::7
ip -6 route get fibmatch 2001:db8:14::1
ip -6 route get 2001:db8:14::1 from 2001:db8::1 iif p1
ip -6 route get 2001:db8:99::1 mark 5
ip link set p1 down
sleep 0.3
ip -6 route show dev p0
ip link set p0 down
ip -6 route show
ip link set p0 up
ip -6 route show
ip -6 addr del 2001:db8::1/64 dev d0
ip -6 route show
ip link del d0
ip -6 route show table all
