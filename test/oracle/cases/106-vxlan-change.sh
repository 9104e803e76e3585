ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 mtu 1400 type dummy
ip link set d0 up
ip link set d1 up
ip addr add 10.0.0.1/24 dev d0
ip link add vx0 address 02:00:00:00:01:00 type vxlan id 100 dstport 4789 remote 10.0.0.2
ip link add vx1 address 02:00:00:00:01:01 type vxlan id 101 dstport 4789 group 239.1.1.1 dev d0
ip link add vx2 address 02:00:00:00:01:02 type vxlan id 102 dstport 4789 group 239.1.1.1 dev d0
ip link set vx0 type vxlan remote 10.0.0.3
ip link set vx0 type vxlan remote 10.0.0.3 tos 4 ttl 5 local 10.0.0.1
ip link set vx0 type vxlan remote 2001:db8::1
ip link set vx0 type vxlan local 2001:db8::1
ip link set vx0 type vxlan learning
ip link set vx0 type vxlan nolearning
ip link set vx0 type vxlan ageing 100
ip link set vx0 type vxlan proxy
ip link set vx0 type vxlan rsc
ip link set vx0 type vxlan l2miss
ip link set vx0 type vxlan l3miss
ip link set vx0 type vxlan external
ip link set vx0 type vxlan gbp
ip link set vx0 type vxlan gpe
ip link set vx0 type vxlan udpcsum
ip link set vx0 type vxlan udp6zerocsumtx
ip link set vx0 type vxlan udp6zerocsumrx
ip link set vx0 type vxlan remcsumtx
ip link set vx0 type vxlan remcsumrx
ip link set vx0 type vxlan maxaddress 5
ip link set vx0 type vxlan dstport 5000
ip link set vx0 type vxlan srcport 10 20
ip link set vx0 type vxlan vnifilter
ip link set vx0 type vxlan ttl inherit
ip link set vx0 type vxlan df inherit
ip link set vx0 type vxlan dev d1
ip link set vx0 type vxlan group 239.2.2.2
ip link set vx0 up
ip maddr show dev d1
ip link set vx0 type vxlan dev d0
ip -d link show vx0
bridge fdb show dev vx0
ip link set vx0 type vxlan dev nope
ip link set vx0 type vxlan id 100
ip link set vx1 addrgenmode none
ip link set vx2 addrgenmode none
ip link set vx1 up
ip maddr show dev d0
ip link set vx2 up
ip maddr show dev d0
ip link set vx1 down
ip maddr show dev d0
ip link set vx2 down
ip maddr show dev d0
ip link set vx1 type vxlan id 102
ip link set d1 mtu 1300
ip -o link show vx0
ip link del d1
ip link del vx1
ip link show d0
