#@ settle 200
# what sit and tunnels over IPv6 carry and count
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
ip -n a link add t0 type sit local 10.0.0.1 remote 10.0.0.2
ip -n b link add t0 type sit local 10.0.0.2 remote 10.0.0.1
ip -n a addr add 2001:db8:1::1/64 dev t0 nodad
ip -n b addr add 2001:db8:1::2/64 dev t0 nodad
ip -n a link set t0 up
ip -n b link set t0 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 2001:db8:1::2
ip netns exec a ping -c1 -W1 -M do -s 1432 2001:db8:1::2
ip netns exec a ping -c1 -W1 -M do -s 1433 2001:db8:1::2
ip netns exec a ping -c1 -W1 -s 3000 2001:db8:1::2
ip -n a -s -s link show t0
ip -n b -s -s link show t0
ip -n a link del t0
ip -n b link del t0
ip -n a link add t1 type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2
ip -n b link add t1 type ip6tnl mode any local 2001:db8::2 remote 2001:db8::1
ip -n a addr add 2001:db8:1::1/64 dev t1 nodad
ip -n b addr add 2001:db8:1::2/64 dev t1 nodad
ip -n a link set t1 up
ip -n b link set t1 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 2001:db8:1::2
ip -n a -s -s link show t1
ip -n b -s -s link show t1
ip -n a link del t1
ip -n b link del t1
ip -n a link add t2 type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 encaplimit none
ip -n b link add t2 type ip6tnl mode ipip6 local 2001:db8::2 remote 2001:db8::1 encaplimit none
ip -n a addr add 192.168.1.1/24 dev t2
ip -n b addr add 192.168.1.2/24 dev t2
ip -n a link set t2 up
ip -n b link set t2 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip netns exec a ping -c1 -W1 -M do -s 1432 192.168.1.2
ip netns exec a ping -c1 -W1 -M do -s 1433 192.168.1.2
ip -n a -s -s link show t2
ip -n b -s -s link show t2
ip -n a link del t2
ip -n b link del t2
ip -n a link add t8 type sit local 10.0.0.1
ip -n b link add t8 type sit local 10.0.0.2
ip -n a addr add 2002:a00:1::1/16 dev t8
ip -n b addr add 2002:a00:2::1/16 dev t8
ip -n a link set t8 up
ip -n b link set t8 up
sleep 1
ip netns exec a ping -c1 -W1 2002:a00:2::1
ip netns exec a ping -c1 -W1 2002:a00:63::1
ip -n a -s -s link show t8
ip -n b -s -s link show t8
