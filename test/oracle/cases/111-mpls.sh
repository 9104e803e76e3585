#@ fresh-vm
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set lo up
ip link set d0 up
ip link set d1 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 10.1.0.1/24 dev d1
ip addr add 2001:db8::1/64 dev d0 nodad
ip route add 10.5.0.0/16 encap mpls 100/200 ttl 9 via 10.0.0.2
sysctl net.mpls
sysctl -w net.mpls.platform_labels=2000000
sysctl -w net.mpls.platform_labels=300
sysctl -w net.mpls.default_ttl=0
sysctl -w net.mpls.ip_ttl_propagate=2
sysctl -w net.mpls.conf.d0.input=2
sysctl -w net.mpls.conf.d0.input=1
sysctl -w net.mpls.conf.d0.input=1
ip -f mpls netconf show dev d0
ip -f mpls netconf show
ip -f mpls route add 100 via inet 10.0.0.2
ip -f mpls route add 100 via inet 10.0.0.2
ip -f mpls route replace 100 via inet 10.1.0.2
ip -f mpls route change 101 via inet 10.1.0.2
ip -f mpls route change 100 as 16 via inet 10.1.0.3
ip -f mpls route append 100 via inet 10.1.0.2
ip -f mpls route add 101 via inet6 2001:db8::2
ip -f mpls route add 102 via link 02:00:00:00:00:09 dev d0
ip -f mpls route add 103 via link 02:00:00:00:00:09:01 dev d0
ip -f mpls route add 104 via link 02:00:00:00:00:09
ip -f mpls route add 105 via inet 192.0.2.1
ip -f mpls route add 106 dev nope
ip -f mpls route add 107
ip -f mpls route add 108 as 3 via inet 10.0.0.2
ip -f mpls route add 109 as 0 via inet 10.0.0.2 proto static
ip -f mpls route add 110 ttl-propagate disabled via inet 10.0.0.2
ip -f mpls route add 111 ttl-propagate enabled via inet 10.0.0.2
ip -f mpls route add 112 nexthop as 300 via inet 10.0.0.2 nexthop as 301/302 via inet 10.1.0.2
ip -f mpls route add 113 nexthop via inet 10.0.0.2 nexthop dev d1
ip -f mpls route add 114 nexthop via inet 10.0.0.2 weight 5
ip -f mpls route add 115 via inet 10.0.0.2 table 5
ip -f mpls route add blackhole 116
ip -f mpls route add 117 via inet 10.0.0.2 tos 5
ip -f mpls route add 118 via inet 10.0.0.2 metric 5
ip -f mpls route show
ip -j -f mpls route show
ip -f mpls route show dev d1
ip -f mpls route show proto static
ip -f mpls route show table 5
ip -f mpls route get 100
ip -f mpls route get 112
ip -f mpls route get 200
ip -f mpls route get fibmatch 112
ip -f mpls route get 15
ip link set d1 down
ip -f mpls route show
ip link set d1 up
ip -f mpls route show
ip link set d0 carrier off
ip -f mpls route show
ip link set d0 carrier on
ip -f mpls route del 199
ip -f mpls route del 112
sysctl -w net.mpls.platform_labels=110
ip -f mpls route show
ip link set d1 name d9
ip link add v0 address 02:00:00:00:00:0a type veth peer name v1 address 02:00:00:00:00:0b
ip link add t0 type ipip local 10.0.0.1 remote 10.0.0.9
ip link add vrf1 address 02:00:00:00:00:0c type vrf table 7
ip link del d9
ip -f mpls route show
ip -f mpls route flush
sysctl -w net.mpls.platform_labels=0
