#@ settle 200
# what ip6gre and vti6 carry and count, and what tunnels over IPv6 refuse
ip netns add a
ip netns add b
ip netns exec a sysctl -w net.ipv6.conf.default.router_solicitations=0
ip netns exec b sysctl -w net.ipv6.conf.default.router_solicitations=0
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
ip -n a link set va up
ip -n b link set vb up
sleep 2
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 2001:db8::2
ip -n a link add t3 type ip6gre local 2001:db8::1 remote 2001:db8::2 key 5 csum seq
ip -n b link add t3 type ip6gre local 2001:db8::2 remote 2001:db8::1 key 5 csum seq
ip -n a addr add 192.168.1.1/24 dev t3
ip -n b addr add 192.168.1.2/24 dev t3
ip -n a link set t3 up
ip -n b link set t3 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t3
ip -n b -s -s link show t3
ip -n a link del t3
ip -n b link del t3
ip -n a link add t4 type ip6gre local 2001:db8::1 remote 2001:db8::2
ip -n b link add t4 type ip6gre local 2001:db8::2 remote 2001:db8::1 icsum
ip -n a addr add 192.168.1.1/24 dev t4
ip -n b addr add 192.168.1.2/24 dev t4
ip -n a link set t4 up
ip -n b link set t4 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t4
ip -n b -s -s link show t4
ip -n a link del t4
ip -n b link del t4
ip -n a link add t5 type vti6 local 2001:db8::1 remote 2001:db8::2 key 5
ip -n b link add t5 type vti6 local 2001:db8::2 remote 2001:db8::1 key 5
ip -n a addr add 2001:db8:1::1/64 dev t5 nodad
ip -n b addr add 2001:db8:1::2/64 dev t5 nodad
ip -n a link set t5 up
ip -n b link set t5 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 2001:db8:1::2
ip -n a -s -s link show t5
ip -n b -s -s link show t5
ip -n a link del t5
ip -n b link del t5
ip -n a link add t6 type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2
ip -n a addr add 192.168.1.1/24 dev t6
ip -n a link set t6 up
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t6
ip -n a link add t7 type ip6tnl mode any local 2001:db8::99 remote 2001:db8::2
ip -n a addr add 192.168.7.1/24 dev t7
ip -n a link set t7 up
ip netns exec a ping -c1 -W1 192.168.7.2
ip -n a -s -s link show t7
