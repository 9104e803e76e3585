# refusals that other cases have not met
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip route add 10.1.0.0/16 dev d0 cwnd lock 0
ip route add 10.1.0.0/16 dev d0 cwnd lock 5
ip route add 10.2.0.0/16 dev d0 cwnd 0
ip -6 route add 2001:db8:1::/48 dev d0 cwnd lock 0
ip nexthop add id 1 via 10.0.0.2 fdb
ip nexthop add id 2 via 10.0.0.3 fdb
ip nexthop add id 3 group 1/2 fdb
ip nexthop replace id 1 via 10.0.0.2 dev d0
ip nexthop replace id 1 via 10.0.0.9 fdb
ip nexthop add id 4 via 10.0.0.4 dev d0
ip nexthop add id 5 group 4
ip nexthop replace id 4 via 10.0.0.4 fdb
ip nexthop replace id 4 via 10.0.0.5 dev d0
ip -6 nexthop add id 6 via 2001:db8::6 dev d0
ip -6 route add 2001:db8:2::/48 from 2001:db8::/64 nhid 6
ip -6 route add 2001:db8:2::/48 nhid 6
ip link add g0 type gre remote 10.0.0.2 local 10.0.0.1
ip link set g0 type gre external
ip link add g1 type gretap remote 10.0.0.2 local 10.0.0.1
ip link set g1 type gretap external
ip link add g2 type erspan remote 10.0.0.2 local 10.0.0.1 seq key 5
ip link set g2 type erspan external
ip link add g3 type ip6gre remote 2001:db8::2 local 2001:db8::1
ip link set g3 type ip6gre external
ip link add g4 type ipip remote 10.0.0.2 local 10.0.0.1
ip link set g4 type ipip external
ip link add g5 type ip6tnl remote 2001:db8::2 local 2001:db8::1
ip link set g5 type ip6tnl external
ip link add g6 type gre external
ip link set g6 type gre external
ip -6 route add 2001:db8:3::/48 encap ioam6 freq 3/2 mode inline trace prealloc type 0x800000 ns 1 size 12 dev d0
ip -6 route add 2001:db8:3::/48 encap ioam6 freq 1/2 mode inline trace prealloc type 0x800000 ns 1 size 12 dev d0
ip -6 route add 2001:db8:4::/48 encap ioam6 mode encap tundst 2001:db8::9 trace prealloc type 0x800000 ns 1 size 12 dev d0
ip -6 route add 2001:db8:5::/48 encap ioam6 mode auto tundst 2001:db8::9 trace prealloc type 0x800000 ns 1 size 12 dev d0
ip -6 route add 2001:db8:6::/48 encap ioam6 mode encap tundst :: trace prealloc type 0x800000 ns 1 size 12 dev d0
ip -6 route add 2001:db8:7::/48 encap ioam6 trace prealloc type 0x800001 ns 1 size 12 dev d0
ip -6 route add 2001:db8:7::/48 encap ioam6 trace prealloc type 0x800000 ns 1 size 10 dev d0
ip -6 route add 2001:db8:7::/48 encap ioam6 trace prealloc type 0 ns 1 size 12 dev d0
ip -6 route show
ip nexthop show
ip link show type gre
