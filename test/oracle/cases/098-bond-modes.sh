#@ settle 300
ip link add v0 address 02:00:00:00:01:00 type veth peer name p0 address 02:00:00:00:02:00
ip link add v1 address 02:00:00:00:01:01 type veth peer name p1 address 02:00:00:00:02:01
ip link set p0 up
ip link set p1 up
ip link add b0 type bond mode active-backup miimon 100
ip link set v0 master b0
ip link set v1 master b0
ip link set b0 up
sleep 0.5
ip -d link show
ip link set v0 type bond_slave queue_id 3
ip link set v1 type bond_slave queue_id 3
ip link set v1 type bond_slave queue_id 17
ip link set v1 type bond_slave prio 10
ip -d link show v1
ip link set b0 type bond active_slave v1
ip link set b0 type bond primary v0
sleep 0.3
ip -d link show b0
cat /proc/net/bonding/b0
ip link set p0 down
sleep 0.5
ip -d link show
ip link set p0 up
sleep 0.5
cat /proc/net/bonding/b0
ip link set b0 address 02:00:00:00:09:09
ip link set b0 mtu 1400
ip link set v0 mtu 1300
ip link set b0 promisc on
ip link set b0 allmulticast on
ip link set b0 promisc off
ip addr add 10.0.0.1/24 dev b0
ip maddr show
ip link set v0 nomaster
ip link show
ip link set v0 up
ip link set v0 master b0
ip link set v0 down
ip link set v0 master b0
ip link set v0 down
sleep 0.3
ip link show
ip link set v0 up
sleep 0.3
ip link set b0 down
ip link set v0 nomaster
ip link set v1 nomaster
ip link set b0 type bond mode balance-xor xmit_hash_policy layer2+3
ip link set v0 master b0
ip link set b0 up
ip link set v1 master b0
sleep 0.3
ip -d link show
cat /proc/net/bonding/b0
ip link set p1 down
sleep 0.3
ip link show
ip link set b0 type bond min_links 2
ip link del b0
ip link show
ip link add b0 type bond mode broadcast
ip link set v0 master b0
ip link set v1 master b0
ip link set b0 up
ip -d link show
ip link del v0
ip link del b0
