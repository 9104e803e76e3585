#@ settle 200
# segment routing: headers that routes put on, and what a segment's own node does
ip netns add a
ip netns add b
ip netns exec a sysctl -w net.ipv6.conf.default.router_solicitations=0
ip netns exec b sysctl -w net.ipv6.conf.default.router_solicitations=0
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n b addr add 2001:db8:9::1/128 dev lo nodad
ip -n b addr add 192.168.9.1/32 dev lo
ip netns exec b sysctl -w net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.vb.seg6_enabled=1 net.ipv4.ip_forward=1
sleep 2
ip netns exec a ping -c1 -W1 2001:db8::2
ip -n a -6 route add fc00::/16 via 2001:db8::2
ip -n a -6 route add 2001:db8:9::/64 encap seg6 mode encap segs fc00::b1 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::b1/128 encap seg6local action End.DT6 table 254 dev vb
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::b2/128 encap seg6local action End dev vb
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::b2,fc00::b1 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode inline segs fc00::b2 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::b6/128 encap seg6local action End.DX6 nh6 :: dev vb
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::b6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::b4/128 encap seg6local action End.DX4 nh4 0.0.0.0 dev vb
ip -n a route add 192.168.9.0/24 encap seg6 mode encap segs fc00::b4 dev va
ip netns exec a ping -c1 -W1 192.168.9.1
ip -n a -s link show va
ip -n b -s link show vb
ip -n b -s link show lo
