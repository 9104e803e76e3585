ip -6 nexthop add id 1 blackhole
ip -6 nexthop add id 2 dev lo
ip nexthop add id 9 blackhole
ip link set lo up
ip -6 nexthop add id 1 blackhole
ip -6 nexthop add id 2 dev lo
ip -6 nexthop add id 3 via fe80::1 dev lo
ip -6 nexthop add id 3 via ::1 dev lo
ip nexthop add id 4 blackhole
ip nexthop add id 5 dev lo
ip nexthop add id 6 via 127.0.0.2 dev lo
ip nexthop add id 7 group 2
ip nexthop add id 8 group 1
ip -d nexthop show
ip -6 route add 2001:db8:1::/48 nhid 1
ip -6 route add 2001:db8:2::/48 nhid 2
ip -6 route add 2001:db8:3::/48 nhid 3
ip -6 route add 2001:db8:7::/48 nhid 7
ip -6 route add 2001:db8:8::/48 nhid 8
ip -6 route add 2001:db8:9::/48 dev lo
ip -6 route add blackhole 2001:db8:a::/48
ip route add 10.1.0.0/16 nhid 1
ip route add 10.2.0.0/16 nhid 2
ip route add 10.4.0.0/16 nhid 4
ip route add 10.5.0.0/16 nhid 5
ip route add 10.7.0.0/16 nhid 7
ip route show
ip -6 route show
ip route get 10.1.0.1
ip route get 10.2.0.1
ip route get 10.4.0.1
ip -6 route get 2001:db8:1::1
ip -6 route get 2001:db8:2::1
ip -6 route get 2001:db8:9::1
ping -c1 -W1 2001:db8:2::1
ping -c1 -W1 10.2.0.1
ip -6 nexthop replace id 2 blackhole
ip -6 nexthop replace id 1 dev lo
ip -6 route show
ip route show
sysctl -w net.ipv6.conf.lo.disable_ipv6=1
ip -6 nexthop add id 21 blackhole
ip -6 nexthop add id 22 dev lo
ip nexthop show
ip -6 route show
sysctl -w net.ipv6.conf.lo.disable_ipv6=0
ip link set lo down
ip nexthop show
ip route show
ip -6 route show
