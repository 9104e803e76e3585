ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add vx2 address 02:00:00:00:01:02 type vxlan id 7 dstport 4789 dev d0 remote 10.0.0.1
ip link add vx3 address 02:00:00:00:01:03 type vxlan id 8 dstport 4789 remote 10.0.0.1
ip netns add n1
ip link set vx2 addrgenmode none
ip link set vx2 netns n1
ip -n n1 -d link show vx2
ip -n n1 link set vx2 up
ip -n n1 link set vx2 type vxlan ttl 7
ip -n n1 link set vx2 type vxlan dev d0
bridge -n n1 fdb show dev vx2
bridge -n n1 fdb add 02:00:00:00:00:aa dev vx2 dst 10.0.0.9
ip link set vx3 netns n1
ip link del d0
ip -n n1 -o link show
ip netns del n1
