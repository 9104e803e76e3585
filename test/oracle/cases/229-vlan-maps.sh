# VLANs: flags, maps, protocols, what the lower device does to them
#@ settle 60
ip link add p0 address 02:00:00:00:00:01 type veth peer name p1 address 02:00:00:00:00:02
ip link add link p0 name v1 type vlan id 1 ingress-qos-map 0:5 1:4 7:7 egress-qos-map 0:1 15:2 4294967295:7
ip -d link show v1
ip -d -j link show v1
ip link set v1 type vlan ingress-qos-map 0:0 egress-qos-map 15:0 16:3
ip -d link show v1
ip link set v1 type vlan egress-qos-map 0:8
ip link set v1 type vlan ingress-qos-map 8:1
ip link set v1 type vlan id 2
ip link set v1 type vlan id 1
ip link set v1 type vlan protocol 802.1ad
ip link set v1 type vlan gvrp on
ip link set v1 up
ip link set p0 up
ip link set p1 up
ip link set v1 type vlan gvrp off mvrp on
ip -d link show v1
ip link set v1 type vlan loose_binding on
ip link set p0 down
ip -d link show v1
ip link set p0 up
ip link set v1 type vlan bridge_binding on
ip link set v1 type vlan bridge_binding off loose_binding off reorder_hdr off
ip -d link show v1
ip link add link p0 name v4094 type vlan id 4094 protocol 802.1ad mvrp on
ip link add link p0 name v4094b type vlan id 4094 protocol 802.1Q gvrp on
ip link add link p0 name v4094c type vlan id 4094 protocol 802.1q
ip link add link v4094 name vq type vlan id 4094
ip -d link show type vlan
ip link set v4094 mtu 1501
ip link set p0 mtu 1600
ip link set v4094 mtu 1600
ip link set p0 mtu 1550
ip link show vq
ip link show v4094
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1
ip link add link br0 name v5 type vlan id 5 bridge_binding on
ip link add link p0 name v6 type vlan id 6 bridge_binding on
ip link set br0 up
ip link set v5 up
ip link set p1 master br0
bridge vlan add vid 5 dev br0 self
bridge vlan add vid 5 dev p1
ip link show v5
bridge vlan del vid 5 dev p1
ip link show v5
ip link set v5 type vlan bridge_binding off
ip link show v5
ip link set p0 promisc on allmulticast on
ip link set v1 promisc on
ip link set v1 address 02:00:00:00:00:55
ip -d link show p0
ip maddr show dev p0
ip link set v1 address 02:00:00:00:00:01
ip link set p0 address 02:00:00:00:00:31
ip -br link
ip link set br0 type bridge vlan_protocol 802.1ad
ip -d link show br0
cat /proc/net/vlan/config
cat /proc/net/vlan/v4094
ip link add link p0 name vx type vlan id 4096
ip link add link p0 name vx type vlan id 7 protocol 0x88a9
ip link add link p0 name vx type vlan id 7 flag bogus
ip link set p0 type vlan id 8
ip link add link p0 name v1 type vlan id 9
ip link add link p0 address 01:00:00:00:00:09 name v9 type vlan id 9
ip link add link p0 mtu 2000 name v9 type vlan id 9
ip link add link p0 index 99 txqueuelen 5 numtxqueues 4 group 3 name v9 type vlan id 9
ip -d link show v9
ip link del p1
ip -br link
