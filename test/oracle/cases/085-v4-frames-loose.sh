#@ settle 300
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip link add link v0 name a5 type vlan id 5 reorder_hdr off
ip link add link v1 name b5 type vlan id 5 reorder_hdr off
ip link set v0 up
ip link set v1 up
ip link set a5 up
ip link set b5 up
ip addr add 10.5.0.1/24 dev a5
ip neigh replace 10.5.0.4 dev a5 use
sleep 4
ip -s link
ip link set b5 type vlan reorder_hdr on
ip neigh replace 10.5.0.5 dev a5 use
sleep 4
ip -s link
ip link set v1 mtu 1000
ip link set v0 promisc on
ip link set a5 promisc on
ip -d link show v0
ip neigh replace 10.5.0.6 dev a5 use
ip link set b5 down
sleep 4
ip -s link
