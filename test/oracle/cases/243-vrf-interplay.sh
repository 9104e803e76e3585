# VRFs: devices that enter and leave with addresses, routes, rules, neighbours; leaks between tables
#@ settle 60
ip link set lo up
ip link add r1 type vrf table 101
ip link add r2 address 02:00:00:00:00:f2 type vrf table 102
ip link set r1 up
ip rule show
ip -6 rule show
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip route add 10.1.0.0/16 via 10.0.0.2
ip -6 route add 2001:db8:1::/48 via 2001:db8::2
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0 nud permanent
ip link set d0 master r1
ip route show
ip route show vrf r1
ip route show table 101
ip -6 route show table 101
ip -6 route show
ip neigh show
ip addr show vrf r1
ip route add 10.1.0.0/16 via 10.0.0.2 vrf r1
ip route add 10.2.0.0/16 via 10.0.0.2 table 101
ip route add 10.3.0.0/16 dev r1
ip route add 10.4.0.0/16 via 10.0.0.2 dev d0
ip route add 10.5.0.0/16 via 10.0.0.2 dev d0 table 101
ip -6 route add 2001:db8:2::/48 via 2001:db8::2 vrf r1
ip -6 route add 2001:db8:3::/48 dev r1
ip -6 route add 2001:db8:4::/48 via 2001:db8::2 dev d0
ip route add unreachable default metric 4278198272 vrf r1
ip -6 route add unreachable default metric 4278198272 vrf r1
ip route add 10.6.0.0/16 nexthop dev r1 nexthop via 10.0.0.2 dev d0
ip nexthop add id 5 via 10.0.0.2 dev d0
ip nexthop add id 6 dev r1
ip route add 10.7.0.0/16 nhid 5 vrf r1
ip route add 10.7.0.0/16 nhid 6
ip nexthop show vrf r1
ip nexthop show master r1
ip route get 10.1.0.1
ip route get 10.1.0.1 vrf r1
ip route get 10.1.0.1 oif d0
ip route get 10.1.0.1 oif r1
ip route get 10.0.0.1 vrf r1
ip route get 10.9.0.1 vrf r1
ip route get 10.3.0.1
ip route get fibmatch 10.1.0.1 vrf r1
ip route get 10.1.0.1 from 10.0.0.1 iif d0
ip -6 route get 2001:db8:2::1 vrf r1
ip -6 route get 2001:db8::1 vrf r1
ip -6 route get 2001:db8:9::1 vrf r1
ip -6 route get fe80::1 vrf r1
ip -6 route get ff02::1 vrf r1
ip addr add 127.0.0.1/8 dev r1
ip addr add ::1/128 dev r1
ip addr add 10.8.0.1/24 dev r1
ip -d addr show dev r1
ip route show table 101
ip link set d0 master r2
ip link set r2 up
ip route show table 102
ip route show table 101
ip link set d1 master br0
ip link set br0 master r1
ip link set br0 up
ip addr add 10.10.0.1/24 dev br0
ip link set d1 master r1
ip link set d1 up
ip addr add 10.11.0.1/24 dev d1
ip link add link d1 name v1 type vlan id 1
ip link set v1 master r2
ip link set v1 up
ip addr add 10.12.0.1/24 dev v1
ip -br link show vrf r1
ip -br link show master r2
ip link show vrf nosuch
ip vrf show
ip -j vrf show
ip vrf pids r1
ip vrf exec nosuch true
ip link set r1 down
ip route show table 101
ip link set r1 up
ip route show table 101
ip link set d1 nomaster
ip route show table 101
ip rule del pref 1000
ip rule show
ip route get 10.1.0.1 vrf r1
ip link add r3 type vrf table 103
ip rule show
ip link add r4 type vrf table 4294967295
ip link set r1 netns 1
ip link del r1
ip -o link
ip route show table 101
ip rule show
