# next hops: every option
ip link add d0 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip -6 addr add 2001:db8::1/64 dev d0 nodad
ip nexthop add id 0 via 10.0.0.2 dev d0
ip nexthop add id 1 via 10.0.0.2
ip nexthop add id 1 via 10.0.0.2 dev d0 onlink scope link
ip nexthop add id 1 dev d0
ip nexthop add id 2 dev d0 scope host
ip nexthop add id 3 blackhole
ip nexthop add id 4 blackhole dev d0
ip nexthop add id 4 blackhole via 10.0.0.2
ip nexthop add id 4 via 10.9.0.2 dev d0
ip nexthop add id 4 via 10.9.0.2 dev d0 onlink
ip nexthop add id 5 via 10.0.0.1 dev d0
ip nexthop add id 5 via 10.0.0.255 dev d0
ip nexthop add id 5 via 2001:db8::2 dev d0
ip nexthop add id 6 via 2001:db8::1 dev d0
ip nexthop add id 6 via fe80::1 dev d0 protocol 99
ip nexthop add id 7 group 1/99
ip nexthop add id 7 group 1/1
ip nexthop add id 7 group 1/3
ip nexthop add id 7 group 1,300/5,10
ip nexthop add id 7 group 1/5
ip nexthop add id 7 group 1,256/4,255
ip nexthop add id 8 group 7
ip nexthop add id 8 group 3
ip nexthop add id 9 group 8
ip nexthop add id 9 group 1,257/4
ip nexthop add id 9 group 1,65535/4,65536
ip nexthop add id 10 group 1/4 type resilient buckets 0
ip nexthop add id 10 group 1/4 type resilient buckets 1
ip nexthop add id 10 group 1/4 type resilient buckets 8 idle_timer 5 unbalanced_timer 10
ip nexthop bucket show id 10
ip nexthop bucket get id 10 index 3
ip nexthop bucket get id 10 index 30
ip nexthop bucket show dev d0 
ip nexthop bucket show nhid 4
ip -d nexthop show
ip -s nexthop show id 10
ip nexthop add id 11 type mpath
ip nexthop add id 11 group 1 type bogus
ip nexthop replace id 10 group 1/4 type mpath
ip nexthop replace id 10 group 1,3/4 type resilient buckets 16
ip nexthop replace id 10 group 1,3/4 type resilient idle_timer 9
ip nexthop bucket show id 10
ip nexthop replace id 1 via 10.0.0.9 dev d0
ip nexthop replace id 1 via 2001:db8::9 dev d0
ip nexthop replace id 1 group 4
ip nexthop replace id 8 via 10.0.0.4 dev d0
ip nexthop add id 20 via 10.0.0.20 fdb
ip nexthop add id 21 via 10.0.0.21 dev d0 fdb
ip nexthop add id 22 group 20 fdb
ip nexthop add id 23 group 20
ip nexthop add id 24 group 1 fdb
ip nexthop add id 25 blackhole fdb
ip nexthop add id 26 encap mpls 100 via 10.0.0.6 dev d0
ip nexthop add id 27 encap ip id 5 dst 1.2.3.4 via 10.0.0.6 dev d0
ip nexthop show
ip route add 10.50.0.0/16 nhid 10
ip route add 10.51.0.0/16 nhid 22
ip route add 10.52.0.0/16 nhid 5
ip -6 route add 2001:db8:50::/48 nhid 1
ip -6 route add 2001:db8:51::/48 nhid 5
ip -6 route add 2001:db8:52::/48 nhid 3
ip route add 10.53.0.0/16 nhid 3
ip route add blackhole 10.54.0.0/16 nhid 1
ip route add 10.55.0.0/16 nhid 1 via 10.0.0.3
ip route add 10.55.0.0/16 nhid 1 metric 5
ip route add 10.56.0.0/16 nhid 1000
ip route add 10.57.0.0/16 nhid 1 scope host
ip route show
ip -6 route show
ip nexthop replace id 1 blackhole
ip nexthop replace id 1 dev lo
ip nexthop replace id 5 via 2001:db8::7 dev d0
ip route get 10.50.0.1
ip route get fibmatch 10.50.0.1
ip -6 route get fibmatch 2001:db8:51::1
ip nexthop get id 1
ip nexthop get id 999
ip nexthop del id 999
ip nexthop show groups
ip nexthop show fdb
ip nexthop show master d0
ip nexthop show vrf d0
ip nexthop show dev d0 
ip nexthop show proto 99
ip nexthop flush proto 99
ip link set d0 down
ip nexthop show
ip link set d0 up
ip nexthop del id 1
ip nexthop flush
ip route show
