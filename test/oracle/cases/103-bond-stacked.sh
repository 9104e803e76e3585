#@ settle 300
ip link add v0 address 02:00:00:00:01:00 type veth peer name p0 address 02:00:00:00:02:00
ip link add v1 address 02:00:00:00:01:01 type veth peer name p1 address 02:00:00:00:02:01
ip link set p0 up
ip link set p1 up
ip link add b0 type bond mode active-backup miimon 100
ip link add link b0 name b0.5 type vlan id 5
ip link set v0 master b0
ip link set b0 up
ip link set b0.5 up
sleep 0.3
ip link set v1 master b0
ip -d link show
ip link add br0 type bridge
ip link set b0 master br0
ip link set br0 up
sleep 0.3
ip -d link show
ip link set b0 address 02:00:00:00:0b:00
ip link set b0 mtu 1450
ip link set b0 type bond active_slave v1
ip link set p1 down
sleep 0.5
ip link show
ip link set b0 nomaster
ip link add m0 link b0 type macvlan
ip link set m0 up
ip link set p1 up
ip link set p0 down
sleep 0.5
ip link show
ip link add b1 type bond
ip link set br0 master b1
ip link set b1 master b0
ip link set b0 master b0
ip link set v0 master b1
ip link set b0 down
ip link set b0 master b1
ip -d link show
ip link del v1
ip link del b1
ip link show
ip link del b0
