#@ settle 200
# VLANs over veth: /proc/net/vlan, traffic, counters
ip netns add b
ip link add va address 02:00:00:00:00:0a type veth peer name vb address 02:00:00:00:00:0b netns b
ip link set lo up
ip link set va up
ip -n b link set vb up
ip link add link va name va.10 type vlan id 10
ip link add link va name va.20 type vlan id 20 reorder_hdr off
ip link add link va name svc type vlan proto 802.1ad id 30
ip -n b link add link vb name vb.10 type vlan id 10
ip -n b link add link vb name vb.20 type vlan id 20
cat /proc/net/vlan/config
ls /proc/net/vlan
cat /proc/net/vlan/va.10
ip link set va.10 up
ip link set va.20 up
ip link set svc up
ip -n b link set vb.10 up
ip -n b link set vb.20 up
ip addr add 10.0.10.1/24 dev va.10
ip addr add 10.0.20.1/24 dev va.20
ip -n b addr add 10.0.10.2/24 dev vb.10
ip -n b addr add 10.0.20.2/24 dev vb.20
sleep 2
ping -c2 -i0.2 10.0.10.2
ping -c2 -i0.2 10.0.20.2
ping -c1 -s 1472 -M do 10.0.10.2
ping -c1 -s 4000 10.0.10.2
ping -c1 -Q 0x10 10.0.10.2
cat /proc/net/vlan/va.10
cat /proc/net/vlan/va.20
ip -s link show va.10
ip -d link show va.20
cat /proc/net/dev
ip link set va.10 type vlan egress 0:3 1:4 ingress 5:6
cat /proc/net/vlan/va.10
vconfig set_egress_map va.10 2 5
vconfig set_ingress_map va.10 1 7
vconfig set_flag va.10 1 0
cat /proc/net/vlan/va.10
ip -d link show va.10
vconfig add va 40
vconfig set_name_type VLAN_PLUS_VID_NO_PAD
vconfig add va 41
cat /proc/net/vlan/config
vconfig rem va.40
vconfig rem vlan41
ip link set va mtu 1400
ip link show va.10
ip link set va down
ip link show va.10
ping -c1 -W1 10.0.10.2
ip link set va up
ip addr show va.10
ip link set va mtu 1500
ip route show
ip link set va.10 netns b
cat /proc/net/vlan/config
ip netns exec b cat /proc/net/vlan/config
ip -n b link del va.10
ethtool -k va.20
ethtool -i va.20
ethtool va.20
ip link del va
cat /proc/net/vlan/config
ls /proc/net/vlan
