ip netns add a
ip netns attach b $$
ip netns list
ip netns identify $$
ip netns identify 1
ip netns exec a bash -c 'ip netns identify $$; ip netns identify 1'
ip link add v0 address 02:00:00:00:01:00 type veth peer name v1 address 02:00:00:00:01:01
ip netns exec a bash -c 'ip -n b link set v1 netns $$; ip -br link; ip -o link'
ip link show v0
ip netns list-id
ip netns exec a ip netns list-id
ip netns list-id nsid 0
ip netns list-id target-nsid 0
ip netns list-id target-nsid 9
ip netns set a auto
ip netns set b auto
ip netns set b 4
ip netns list
ip link add link v0 name vl5 type vlan id 5
ip link set vl5 netns a
ip -n a -d link show vl5
ip -n a link set vl5 netns b
ip -d link show vl5
ip -n a link add vx type vlan id 6 link v1 netns b
ip link add d0 netns a type dummy
ip link add d0 netns a type dummy
ip -n a link set d0 netns b name e0
ip -n a link set d0 netns b name v0
ip link set e0 netns a index 77
ip -n a -br link
ip -n a addr add 10.9.0.1/24 dev v1
ip addr add 10.9.0.2/24 dev v0
ip -n a link set v1 up
ip link set v0 up
ip -n a route
ip link set v0 netns a
ip -n a -br addr
ip -n a addr show dev v0
ip -n a link set lo netns b
ip netns exec a bash -c 'ip netns add z; ip netns'
ip netns del z
sleep 0.3
ip -br link
ip netns attach y 1
ip netns list-id
bash -c 'sleep 100 & ip netns attach c $!; ip netns pids c | wc -l; kill $!; ip netns del c'
ip netns exec a bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward'
cat /proc/sys/net/ipv4/ip_forward
ip netns exec a cat /proc/net/dev_mcast
ip netns exec a ls /sys/class/net
ls /sys/class/net
ip netns del a
sleep 0.3
ip -br link
ip netns del b
ip netns
ip -br link
asuser ip netns add x
asuser ip netns
asuser ip netns del x
asuser ip netns exec nope true
