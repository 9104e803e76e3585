# IPv4 routes: verbs and their flags, matching on delete, multipath, what follows devices
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link set d0 up
ip link set p0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 10.0.1.1/24 dev p0
ip route add 1.0.0.0/8 via 10.0.0.2
ip route add 1.0.0.0/8 via 10.0.0.3
ip route append 1.0.0.0/8 via 10.0.0.3
ip route append 1.0.0.0/8 via 10.0.0.3
ip route prepend 1.0.0.0/8 via 10.0.0.4
ip route prepend 1.0.0.0/8 via 10.0.0.2
ip route replace 1.0.0.0/8 via 10.0.0.2
ip route replace 1.0.0.0/8 via 10.0.0.9
ip route change 1.0.0.0/8 via 10.0.0.9 mtu 1000
ip route change 1.0.0.0/8 via 10.0.0.9 metric 1
ip route replace 1.0.0.0/8 via 10.0.0.9 metric 1
ip route add 1.0.0.0/8 dsfield 0x10 via 10.0.0.2
ip route add 1.0.0.0/8 tos 0x11 via 10.0.0.2
ip route add blackhole 1.0.0.0/8 metric 2
ip route add unreachable 1.0.0.0/8 metric 2
ip route add prohibit 1.0.0.0/8 metric 3 dev d0
ip route add throw 1.0.0.0/8 metric 3 via 10.0.0.2
ip route show
ip route add 2.0.0.1/8 via 10.0.0.2
ip route add 2.0.0.0/8 via 10.0.0.1
ip route add 2.0.0.0/8 via 10.0.0.255
ip route add 2.0.0.0/8 via 10.9.9.9
ip route add 2.0.0.0/8 via 10.9.9.9 dev d0
ip route add 2.0.0.0/8 via 10.9.9.9 dev d0 onlink
ip route add 2.0.0.0/8 via 10.9.9.9 dev d0 pervasive
ip route add 2.1.0.0/16 via 10.0.1.2 dev d0
ip route add 2.1.0.0/16 dev p1
ip route add 2.1.0.0/16 via 10.0.0.2 src 10.0.1.1
ip route add 2.2.0.0/16 via 10.0.0.2 src 10.0.9.1
ip route add 2.2.0.0/16 via 10.0.0.2 scope link
ip route add 2.2.0.0/16 dev d0 scope host
ip route add 2.2.0.0/16 dev d0 scope nowhere
ip route add 2.3.0.0/16 dev d0 scope global
ip route add 2.4.0.0/16 dev d0 mtu lock 1400 advmss 900 rtt 10ms rttvar 5ms hoplimit 300
ip route add 2.4.0.0/16 dev d0 mtu lock 1400 advmss 900 rtt 10ms rttvar 5ms hoplimit 30
ip route add 2.5.0.0/16 dev d0 mtu 70000 advmss 70000 window 4000000000
ip route add 2.6.0.0/16 dev d0 rto_min 5s initcwnd 5 fastopen_no_cookie 2
ip route add 2.6.0.0/16 dev d0 quickack 2
ip route add 2.6.0.0/16 dev d0 features 0x100
ip route add 2.7.0.0/16 nexthop via 10.0.0.2 weight 1 nexthop via 10.0.1.2 weight 256 nexthop via 10.0.0.3 weight 257
ip route add 2.7.0.0/16 nexthop via 10.0.0.2 weight 1 nexthop via 10.0.1.2 weight 256 nexthop dev d0
ip route add 2.8.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.0.2
ip route append 2.7.0.0/16 via 10.0.0.2
ip route del 2.7.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2
ip route add 2.9.0.0/16 via 10.0.0.2 table 0
ip route add 2.9.0.0/16 via 10.0.0.2 table 256 proto 200 realm 3
ip route add local 2.10.0.1 dev d0 table 256
ip route add broadcast 2.10.0.2 dev d0 table 256
ip route add unicast 2.10.0.3 table 256
ip route add default via 10.0.0.2
ip route add default via 10.0.0.3
ip route add default via 10.0.0.3 metric 4294967295
ip route add 0.0.0.0/1 dev d0
ip route add 2.11.0.0/16 via 10.0.0.2 expires 10
ip route add 2.11.0.0/16 via 10.0.0.2 pref low
ip route add 2.12.0.0/16 via inet6 fe80::1
ip route add 2.12.0.0/16 via inet6 fe80::1 dev d0 weight 3
ip route add 2.13.0.0/16 via inet6 2001:db8::1 dev d0
ip route add 2.14.0.0/16 nhid 5
ip route show table all
ip -j -p -d route show
ip route del 1.0.0.0/8 metric 2
ip route del 1.0.0.0/8 type blackhole
ip route del blackhole 1.0.0.0/8
ip route del 1.0.0.0/8 tos 0x10
ip route del 1.0.0.0/8 via 10.0.0.3 dev p0
ip route del 1.0.0.0/8 src 10.0.0.1
ip route del 1.0.0.0/8
ip route del 1.0.0.0/8
ip route del 2.4.0.0/16 mtu 1300
ip route del 2.4.0.0/16 mtu 1400
ip route del 2.9.0.0/16
ip route del 2.9.0.0/16 table 256 proto 5
ip route show root 1.0.0.0/8
ip link set p1 up
ip route show dev p0
ip link set p1 down
sleep 0.3
ip route show dev p0
ip route get 2.7.0.1
sysctl -w net.ipv4.conf.p0.ignore_routes_with_linkdown=1
ip route get 2.7.0.1
ip route show 2.7.0.0/16
ip link set p0 down
ip route show 2.7.0.0/16
ip addr del 10.0.0.1/24 dev d0
ip route show table all
ip link del d0
ip route show table all
