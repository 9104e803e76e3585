#@ settle 200
# packets of a VRF: its own addresses, ports, and from one VRF into another
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name p0 address 02:00:00:00:00:10
ip link add vb address 02:00:00:00:00:0b netns b type veth peer name p1 address 02:00:00:00:00:11
ip link add red address 02:00:00:00:01:01 type vrf table 100
ip link add blue address 02:00:00:00:01:02 type vrf table 200
ip link set red up
ip link set blue up
ip link set p0 master red
ip link set p1 master blue
ip link set p0 up
ip link set p1 up
ip -n a link set va up
ip -n b link set vb up
ip addr add 10.1.0.1/24 dev p0
ip addr add 10.2.0.1/24 dev p1
ip addr add 10.9.0.1/32 dev red
ip -6 addr add 2001:db8:1::1/64 dev p0 nodad
ip -6 addr add 2001:db8:2::1/64 dev p1 nodad
ip -n a addr add 10.1.0.2/24 dev va
ip -n b addr add 10.2.0.2/24 dev vb
ip -n a -6 addr add 2001:db8:1::2/64 dev va nodad
ip -n b -6 addr add 2001:db8:2::2/64 dev vb nodad
ip -n a route add default via 10.1.0.1
ip -n b route add default via 10.2.0.1
ip -n a -6 route add default via 2001:db8:1::1
ip -n b -6 route add default via 2001:db8:2::1
sysctl -w net.ipv4.ip_forward=1
sysctl -w net.ipv6.conf.all.forwarding=1
sleep 3
ip route show table all
ping -c1 -W1 -I red 10.1.0.2
ping -c1 -W1 -I p0 10.1.0.2
ping -c1 -W1 10.1.0.2
ping -c1 -W1 -I red 10.1.0.1
ping -c1 -W1 -I red 10.9.0.1
ping -c1 -W1 -I p0 10.1.0.1
ip netns exec a ping -c1 -W1 10.1.0.1
ip netns exec a ping -c1 -W1 10.9.0.1
ip -s link show red
ping -6 -c1 -W1 -I red 2001:db8:1::2
ping -6 -c1 -W1 -I red 2001:db8:1::1
ip netns exec a ping -6 -c1 -W1 2001:db8:1::1
ip netns exec a ping -6 -c1 -W1 fe80::ff:fe00:10%va
ip -s link show red
ip netns exec a ping -c1 -W1 10.2.0.2
ip route add vrf red 10.2.0.0/24 dev blue
ip route add vrf blue 10.1.0.0/24 dev red
ip -6 route add vrf red 2001:db8:2::/64 dev blue
ip -6 route add vrf blue 2001:db8:1::/64 dev red
ip netns exec a ping -c1 -W1 10.2.0.2
ip netns exec a ping -c1 -W1 10.2.0.1
ip netns exec a ping -6 -c1 -W1 2001:db8:2::2
ip netns exec a ping -6 -c1 -W1 2001:db8:2::1
ip netns exec a ping -c1 -t1 -W1 10.2.0.2
ip netns exec a ping -c1 -W1 10.3.0.2
ip -s link show red
ip -s link show blue
ip route add 10.1.0.0/24 dev red
ip route add 10.7.0.0/24 dev red
ping -c1 -W1 10.1.0.2
ping -c1 -W1 10.7.0.2
ip addr add 10.8.0.1/32 dev lo
ping -c1 -W1 -I 10.8.0.1 10.7.0.2
ip -s link show red
ip -s link show blue
ip neigh show nud all dev red
ip neigh show nud all dev blue
