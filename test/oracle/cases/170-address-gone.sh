#@ netns init
ip link add d1 type dummy
ip link add d2 type dummy
ip link add red type vrf table 1111
ip link set d1 up
ip link set d2 up
ip link set red up
ip link set d2 vrf red
ip addr add dev d1 172.16.104.1/24
ip addr add dev d1 172.16.104.11/24
ip addr add dev d2 172.16.104.1/24
ip addr add dev d2 172.16.104.11/24
ip route add 172.16.105.0/24 via 172.16.104.2 src 172.16.104.11
ip route add vrf red 172.16.105.0/24 via 172.16.104.2 src 172.16.104.11
ip route add 172.16.106.0/24 dev lo src 172.16.104.11
ip route add vrf red 172.16.106.0/24 dev lo src 172.16.104.11
ip addr del dev d2 172.16.104.11/24
ip route show vrf red
ip route show
ip addr add dev d2 172.16.104.11/24
ip addr del dev d1 172.16.104.11/24
ip route show
ip -6 addr add 2001:db8:104::11/64 dev d1 nodad
ip -6 addr add 2001:db8:104::12/64 dev d1 nodad
ip link set d2 nomaster
ip -6 addr add 2001:db8:104::12/64 dev d2 nodad
ip -6 route add 2001:db8:105::/64 dev d2 src 2001:db8:104::11
ip -6 route add 2001:db8:106::/64 dev d2 src 2001:db8:104::12
ip -6 route add 2001:db8:107::/64 via 2001:db8:104::99 dev d2 src 2001:db8:104::11
ip -6 addr del 2001:db8:104::11/64 dev d1
ip -6 addr del 2001:db8:104::12/64 dev d1
ip -6 route show
ip -6 addr del 2001:db8:104::12/64 dev d2
ip -6 route show
ip neigh add 203.0.113.111 nud failed dev d1
ip neigh add 203.0.113.255 lladdr 00:11:22:33:44:55 nud perm dev d1
ip neigh add 203.0.113.112 lladdr 00:11:22:33:44:55 nud perm dev d1
ip neigh add 192.0.2.255 nud failed dev d1
ip address add 203.0.113.1/24 broadcast 203.0.113.111 dev d1
ip address add 192.0.2.1/24 dev d1
ip neigh get 203.0.113.111 dev d1
ip neigh get 192.0.2.255 dev d1
ip neigh show
