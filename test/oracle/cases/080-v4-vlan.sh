#@ settle 200
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 multicast on arp on
busybox vconfig add d0 7
busybox vconfig set_flag d0.7 1 0
busybox vconfig set_egress_map d0.7 1 2
busybox vconfig set_ingress_map d0.7 3 4
ip -d link show d0.7
busybox vconfig add d0 7
busybox vconfig add nope 7
busybox vconfig add d0 4095
busybox vconfig rem d0
busybox vconfig set_flag d0.7 32 1
busybox vconfig set_name_type VLAN_PLUS_VID
busybox vconfig add d0 9
busybox vconfig set_name_type DEV_PLUS_VID
busybox vconfig add d0 10
busybox vconfig set_name_type VLAN_PLUS_VID_NO_PAD
busybox vconfig add d0 11
cat /proc/net/vlan/config
asuser busybox vconfig add d0 12
asuser busybox vconfig rem d0.7
busybox vconfig rem vlan11
ip link set d0 up
ip link set d0.7 address 02:00:00:00:00:77
ip link set d0 promisc on
ip link set d0.7 promisc on
ip link set d0.7 allmulticast on
ip -d link show d0
ip link set d0.7 up
ip -d link show d0
ip link set d0.7 down
ip -d link show d0
ip link add link d0 name config type vlan id 13
ip link add link d0 name v mtu 1501 type vlan id 14
ip link add link d0 name v address 01:00:00:00:00:01 type vlan id 14
ip link add link d0 name lo2 type vlan id 15 loose_binding on
ip link set lo2 up
ip link set d0 down
ip -o link
ip link set d0 up
ip -o link
ip link set d0 carrier off
ip -o link
ip link set d0 carrier on
ip maddr show dev d0
ip link set d0.7 name d7
ip link set d0.7 type vlan id 8
ip link set d7 type vlan id 8
ip link set vlan0009 mtu 1400
ip link set d0 mtu 1300
ip -o link
ip link del d7
ip link del d0
ip -o link
