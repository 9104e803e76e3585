# a VRF makes its tables of both families, before there is a route in them; they outlive it
ip route show table 10
ip -6 route show table 10
ip link add red type vrf table 10
ip route show table 10
ip -6 route show table 10
ip route show vrf red
ip -6 route show vrf red
ip link add lo type vrf table 11
ip route show table 11
ip -6 route show table 11
ip link add green type vrf table 300
ip link add d0 type dummy
ip link set d0 up
ip route add 10.0.1.0/24 dev d0 table 266
ip route add 10.0.2.0/24 dev d0 table 10
ip route add 10.0.3.0/24 dev d0 table 300
ip route show table all
ip link del red
ip route show table 10
ip -6 route show table 10
ip link del green
ip link del d0
ip route show table 300
ip -6 route show table 300
