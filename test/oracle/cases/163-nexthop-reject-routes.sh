ip link set lo up
ip link add d0 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip nexthop add id 1 via 10.0.0.2 dev d0
ip nexthop add id 3 blackhole
ip route add blackhole 10.54.0.0/16 nhid 1
ip route add 10.55.0.0/16 nhid 3
ip route add unreachable 10.56.0.0/16 nhid 1
ip route add unreachable 10.57.0.0/16
ip route show
ip nexthop del id 1
ip route show
ip nexthop add id 1 via 10.0.0.2 dev d0
ip route add blackhole 10.54.0.0/16 nhid 1
ip link set d0 down
ip route show
ip nexthop show
cat /proc/net/fib_trie
ip nexthop del id 3
ip route show
