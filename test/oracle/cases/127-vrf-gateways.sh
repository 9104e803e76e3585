# gateways in and out of a VRF: whose local addresses refuse a route, and where a route without a device looks
ip link add red type vrf table 1101
ip link set red up
ip link add a1 type dummy
ip link add a2 type dummy
ip link set a2 master red
ip link set a1 up
ip link set a2 up
ip addr add 10.1.1.1/24 dev a1
ip addr add 10.1.2.1/24 dev a2
ip -6 addr add 2001:db8:1::1/64 dev a1 nodad
ip -6 addr add 2001:db8:2::1/64 dev a2 nodad
ip route add 1.2.3.0/24 vrf red via 10.1.2.1
ip route add 1.2.4.0/24 vrf red via 10.1.1.1
ip route add 1.2.5.0/24 vrf red via 10.1.1.5 dev a2 onlink
ip route add 1.2.6.0/24 vrf red via 10.1.2.1 dev a2 onlink
ip route add 1.2.7.0/24 via 10.1.2.1
ip route add 1.2.8.0/24 via 10.1.2.1 dev a1 onlink
ip route add 1.2.9.0/24 via 10.1.1.1 dev a1 onlink
ip route add 1.2.10.0/24 via 10.1.1.1 dev a2 onlink
ip route add 1.2.11.0/24 via 10.1.2.9 dev a2
ip route add 1.2.12.0/24 vrf red via 10.1.1.9
ip route add 1.2.13.0/24 dev red
ip route add 1.2.14.0/24 vrf red dev a2 src 10.1.2.1
ip route add 1.2.15.0/24 vrf red dev a2 src 10.1.1.1
ip route add 1.2.16.0/24 dev a1 src 10.1.2.1
ip route add 1.2.17.0/24 vrf red nexthop via 10.1.2.1 dev a2 onlink nexthop via 10.1.2.5 dev a2
ip -6 route add 2001:db8:3::/64 vrf red via 2001:db8:2::1
ip -6 route add 2001:db8:4::/64 vrf red via 2001:db8:1::1
ip -6 route add 2001:db8:5::/64 vrf red via 2001:db8:1::5 dev a2 onlink
ip -6 route add 2001:db8:6::/64 vrf red via 2001:db8:2::1 dev a2 onlink
ip -6 route add 2001:db8:7::/64 via 2001:db8:2::1
ip -6 route add 2001:db8:8::/64 via 2001:db8:2::1 dev a1 onlink
ip -6 route add 2001:db8:9::/64 via 2001:db8:1::1 dev a1 onlink
ip -6 route add 2001:db8:a::/64 vrf red via 2001:db8:2::9
ip -6 route add 2001:db8:b::/64 vrf red via 2001:db8:1::9
ip -6 route add 2001:db8:c::/64 vrf red via 2001:db8:2::9 dev a1
ip -6 route add 2001:db8:d::/64 vrf red dev a2 src 2001:db8:1::1
ip route show table all
ip -6 route show table all
ip nexthop add id 1 via 10.1.2.1 dev a2 onlink
ip nexthop add id 2 via 10.1.2.9 dev a2
ip nexthop add id 3 via 2001:db8:2::9 dev a2
ip nexthop show vrf red
ip nexthop show
ip route get 10.1.2.9 vrf red
ip route get 1.2.3.4 vrf red
ip route get 10.1.2.1 vrf red
ip route get 10.1.2.9
ip route get 10.1.2.9 oif a2
ip route get 10.1.2.9 iif a2
ip -6 route get 2001:db8:2::9 vrf red
ip -6 route get 2001:db8:2::1 vrf red
ip -6 route get 2001:db8:2::9
ip link set a2 nomaster
ip route show table all
ip -6 route show table all
ip link set a2 vrf red
ip route show table all
ip -6 route show table all
ip link del red
ip route show table all
ip -6 route show table all
ip rule
