#@ settle 200
# what tunnels over IPv4 carry and count
ip netns add a
ip netns add b
ip netns exec a sysctl -w net.ipv6.conf.default.disable_ipv6=1
ip netns exec b sysctl -w net.ipv6.conf.default.disable_ipv6=1
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip netns exec a ping -c1 -W1 10.0.0.2
ip -n a link add t0 type ipip local 10.0.0.1 remote 10.0.0.2
ip -n b link add t0 type ipip local 10.0.0.2 remote 10.0.0.1
ip -n a addr add 192.168.1.1/24 dev t0
ip -n b addr add 192.168.1.2/24 dev t0
ip -n a link set t0 up
ip -n b link set t0 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip netns exec a ping -c1 -W1 -M do -s 1452 192.168.1.2
ip netns exec a ping -c1 -W1 -M do -s 1453 192.168.1.2
ip netns exec a ping -c1 -W1 -s 3000 192.168.1.2
ip netns exec a ping -c1 -W1 -t 1 192.168.1.2
ip -n a -s -s link show t0
ip -n b -s -s link show t0
ip -n a addr show dev t0
ip -n a neigh show dev t0
ip -n a link del t0
ip -n b link del t0
ip -n a link add t1 type gre local 10.0.0.1 remote 10.0.0.2 key 77 csum seq ttl 9
ip -n b link add t1 type gre local 10.0.0.2 remote 10.0.0.1 key 77 csum seq ttl 9
ip -n a addr add 192.168.1.1/24 dev t1
ip -n b addr add 192.168.1.2/24 dev t1
ip -n a link set t1 up
ip -n b link set t1 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t1
ip -n b -s -s link show t1
ip -n a addr show dev t1
ip -n a neigh show dev t1
ip -n a link del t1
ip -n b link del t1
ip -n a link add t2 type gre local 10.0.0.1 remote 10.0.0.2
ip -n b link add t2 type gre local 10.0.0.2 remote 10.0.0.1 icsum iseq
ip -n a addr add 192.168.1.1/24 dev t2
ip -n b addr add 192.168.1.2/24 dev t2
ip -n a link set t2 up
ip -n b link set t2 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t2
ip -n b -s -s link show t2
ip -n a addr show dev t2
ip -n a neigh show dev t2
ip -n a link del t2
ip -n b link del t2
ip -n a link add t3 address 02:00:00:00:01:0a type gretap local 10.0.0.1 remote 10.0.0.2
ip -n b link add t3 address 02:00:00:00:01:0b type gretap local 10.0.0.2 remote 10.0.0.1
ip -n a addr add 192.168.1.1/24 dev t3
ip -n b addr add 192.168.1.2/24 dev t3
ip -n a link set t3 up
ip -n b link set t3 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t3
ip -n b -s -s link show t3
ip -n a addr show dev t3
ip -n a neigh show dev t3
ip -n a link del t3
ip -n b link del t3
ip -n a link add t4 address 02:00:00:00:01:0a type erspan seq key 7 local 10.0.0.1 remote 10.0.0.2 erspan_ver 1 erspan 9
ip -n b link add t4 address 02:00:00:00:01:0b type erspan seq key 7 local 10.0.0.2 remote 10.0.0.1 erspan_ver 1 erspan 9
ip -n a addr add 192.168.1.1/24 dev t4
ip -n b addr add 192.168.1.2/24 dev t4
ip -n a link set t4 up
ip -n b link set t4 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t4
ip -n b -s -s link show t4
ip -n a addr show dev t4
ip -n a neigh show dev t4
ip -n a link del t4
ip -n b link del t4
ip -n a link add t5 type vti local 10.0.0.1 remote 10.0.0.2 key 5
ip -n b link add t5 type vti local 10.0.0.2 remote 10.0.0.1 key 5
ip -n a addr add 192.168.1.1/24 dev t5
ip -n b addr add 192.168.1.2/24 dev t5
ip -n a link set t5 up
ip -n b link set t5 up
sleep 2
ip netns exec a ping -c2 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t5
ip -n b -s -s link show t5
ip -n a addr show dev t5
ip -n a neigh show dev t5
ip -n a link del t5
ip -n b link del t5
ip -n a link add t6 type ipip local 10.0.0.1 remote 10.0.0.2
ip -n a addr add 192.168.1.1/24 dev t6
ip -n a link set t6 up
ip netns exec a ping -c3 -i0.2 -W1 192.168.1.2
ip -n a -s -s link show t6
ip -n a link add t7 type ipip local any remote 172.16.0.1
ip -n a addr add 192.168.7.1/24 dev t7
ip -n a link set t7 up
ip netns exec a ping -c1 -W1 192.168.7.2
ip -n a -s -s link show t7
ip -n a route add 172.16.0.0/24 dev t7
ip netns exec a ping -c1 -W1 192.168.7.2
ip -n a -s -s link show t7
ip -n a link add t8 type gre local 10.0.0.1 key 3
ip -n b link add t8 type gre local 10.0.0.2 key 3
ip -n a addr add 192.168.8.1/24 dev t8
ip -n b addr add 192.168.8.2/24 dev t8
ip -n a link set t8 up
ip -n b link set t8 up
ip -n a neigh add 192.168.8.2 lladdr 10.0.0.2 dev t8
ip -n b neigh add 192.168.8.1 lladdr 10.0.0.1 dev t8
ip netns exec a ping -c1 -W1 192.168.8.2
ip netns exec a ping -c1 -W1 192.168.8.3
ip -n a -s -s link show t8
ip -n a neigh show dev t8
