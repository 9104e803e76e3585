# next hop objects: kinds, groups, replace, what routes see of them
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link set d0 up
ip link set p0 up
ip link set p1 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 10.0.1.1/24 dev p0
ip nexthop add id 1 via 10.0.0.2 dev d0
ip nexthop add id 1 via 10.0.0.3 dev d0
ip nexthop add id 2 via 10.0.1.2 dev p0 proto 9
ip nexthop add id 3 via 2001:db8::2 dev d0
ip nexthop add id 4 dev d0
ip nexthop add id 5 blackhole
ip -6 nexthop add id 6 blackhole
ip nexthop add id 7 via 10.9.9.9 dev d0
ip nexthop add id 7 via 10.9.9.9 dev d0 onlink
ip nexthop add id 8 via 10.0.0.2
ip nexthop add id 8 via 10.0.0.2 dev nosuch
ip nexthop add id 8 via 10.0.0.2 blackhole
ip nexthop add id 8 group 1
ip nexthop add id 9 group 1/2
ip nexthop add id 10 group 1,5/2,256
ip nexthop add id 11 group 1,257/2
ip nexthop add id 11 group 1/3
ip nexthop add id 11 group 1/1
ip nexthop add id 11 group 1/5
ip nexthop add id 11 group 5
ip nexthop add id 12 group 9
ip nexthop add id 12 group 99
ip nexthop add id 12 group 3/6
ip nexthop add id 12 group 3
ip nexthop add id 13 group 1/2 type resilient
ip nexthop add id 14 group 1/2 type resilient buckets 8 idle_timer 10 unbalanced_timer 100
ip nexthop add id 15 group 1/2 type resilient buckets 0
ip nexthop add id 15 group 1/2 type resilient buckets 1
ip nexthop add id 15 group 1/2 type bogus
ip nexthop add id 15 group 1/2 type mpath
ip nexthop add id 16 via 10.0.0.7 fdb
ip nexthop add id 17 via 10.0.0.8 fdb
ip nexthop add id 18 group 16/17 fdb
ip nexthop add id 19 group 16/1 fdb
ip nexthop add id 19 group 16/1
ip nexthop add id 19 via 10.0.0.9 dev d0 fdb
ip nexthop add dev d0
ip nexthop add via 10.0.0.77 dev d0 encap mpls 77
ip nexthop add id 20 encap ip id 7 dst 10.0.0.9 via 10.0.0.2 dev d0
ip nexthop add id 0 dev d0
ip nexthop show
ip -d nexthop show
ip -j -p nexthop show
ip nexthop bucket list
ip nexthop bucket list id 14
ip nexthop bucket list dev d0
ip nexthop bucket list nhid 1
ip nexthop bucket get id 14 index 3
ip nexthop bucket get id 14 index 8
ip nexthop bucket get id 1 index 0
ip nexthop get id 14
ip nexthop get id 99
ip nexthop show group
ip nexthop show fdb
ip nexthop show dev d0
ip nexthop show id 2
ip nexthop show proto 9
ip nexthop show groups
ip nexthop show master vrf0
ip route add 1.0.0.0/8 nhid 1
ip route add 1.1.0.0/16 nhid 9
ip route add 1.2.0.0/16 nhid 13
ip route add 1.3.0.0/16 nhid 3
ip route add 1.4.0.0/16 nhid 5
ip route add 1.5.0.0/16 nhid 18
ip route add 1.6.0.0/16 nhid 99
ip route add 1.7.0.0/16 nhid 1 via 10.0.0.2
ip -6 route add 2001:db8:1::/48 nhid 3
ip -6 route add 2001:db8:2::/48 nhid 1
ip -6 route add 2001:db8:3::/48 nhid 12
ip -6 route add 2001:db8:4::/48 nhid 6
ip route show
ip -6 route show
ip -d -j route show
ip route get 1.1.1.1
ip route get fibmatch 1.2.1.1
ip -6 route get 2001:db8:3::1
ip nexthop replace id 1 via 10.0.0.33 dev d0
ip nexthop replace id 1 via 2001:db8::33 dev d0
ip nexthop replace id 1 blackhole
ip nexthop replace id 9 group 2
ip nexthop replace id 13 group 1/2 type mpath
ip nexthop replace id 13 group 2
ip nexthop replace id 14 group 1,3/2 type resilient buckets 8
ip nexthop replace id 14 group 1,3/2 type resilient buckets 9
ip nexthop replace id 3 blackhole
ip nexthop replace id 2 group 1
ip nexthop replace id 9 via 10.0.0.4 dev d0
ip route show
sysctl -w net.ipv4.nexthop_compat_mode=0
ip route show
ip -6 route show
ip nexthop del id 12
ip -6 route show
ip link set p0 down
ip nexthop show
ip route show
ip nexthop flush proto 9
ip nexthop flush fdb
ip nexthop del id 99
ip nexthop del id 1
ip route show
ip nexthop flush
ip nexthop show
ip route show
