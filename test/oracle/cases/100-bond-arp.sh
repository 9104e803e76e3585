#@ settle 300
ip link add v0 address 02:00:00:00:01:00 type veth peer name p0 address 02:00:00:00:02:00
ip link add v1 address 02:00:00:00:01:01 type veth peer name p1 address 02:00:00:00:02:01
ip netns add peer
ip link set p0 netns peer
ip link set p1 netns peer
ip -n peer link add br0 address 02:00:00:00:02:ff type bridge
ip -n peer link set p0 master br0
ip -n peer link set p1 master br0
ip -n peer link set p0 up
ip -n peer link set p1 up
ip -n peer link set br0 up
ip -n peer addr add 10.0.0.2/24 dev br0
ip link add b0 type bond mode active-backup arp_interval 200 arp_ip_target 10.0.0.2
ip link set v0 master b0
ip link set v1 master b0
ip addr add 10.0.0.1/24 dev b0
ip link set b0 up
sleep 2
ip -d link show
cat /proc/net/bonding/b0
ip -n peer link set p0 nomaster
sleep 2
ip -d link show b0
ip -n peer link set p0 master br0
sleep 1
ip -n peer link set br0 down
sleep 2
ip -d link show
cat /proc/net/bonding/b0
ip -n peer link set br0 up
sleep 2
ip -d link show
ip link set b0 type bond arp_validate all
sleep 1
ip -d link show b0
ip link del b0
