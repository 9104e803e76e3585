#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip address add 192.0.2.1/24 dev d0
ip nexthop add id 1 via 192.0.2.2 dev d0
ip nexthop add id 2 via 192.0.2.3 dev d0
ip nexthop add id 3 blackhole
ip nexthop add id 4 via 192.0.2.5 fdb
ip nexthop add id 5 via 192.0.2.6 fdb
ip nexthop add id 10 group 1,3/2,7 type resilient buckets 4
ip nexthop add id 11 group 3/1 type resilient buckets 0
ip nexthop add id 12 group 4/5 fdb
ip nexthop add id 13 group 1/4
ip nexthop add id 14 group 1/4 fdb
ip nexthop replace id 10 group 1 type resilient buckets 8
ip nexthop bucket get id 10 index 9
ip nexthop bucket show nosuch
ip nexthop show groups
ip nexthop show fdb
ip nexthop show dev lo
ip nexthop get id 12
ip nexthop get id 99
ip nexthop del id 4
ip nexthop show
ip nexthop flush groups
ip nexthop show
