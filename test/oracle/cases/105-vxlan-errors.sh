ip link add d0 address 02:00:00:00:00:01 mtu 1400 type dummy
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 local 239.1.1.1
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 local 10.0.0.1 remote 2001:db8::1
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 local fe80::1 remote 2001:db8::1 dev d0
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 local 2001:db8::2 remote fe80::1 dev d0
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 local fe80::1
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 remote 10.0.0.1 flowlabel 5
ip link add vx0 address 01:00:00:00:00:01 type vxlan id 5 dstport 4789
ip link add vx0 mtu 60 type vxlan id 5 dstport 4789
ip link add vx0 mtu 65536 type vxlan id 5 dstport 4789
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 srcport 20 10
ip link add vx0 address 02:00:00:00:01:0f type vxlan id 5 dstport 4789 df set
ip link add vx1 address 02:00:00:00:01:0e type vxlan id 5 dstport 4789 df bad
ip link add vx1 address 02:00:00:00:01:0e type vxlan id 5 dstport 4789
ip link add vx1 address 02:00:00:00:01:0e type vxlan id 6 dstport 4789 vnifilter
ip link add vx1 mtu 9000 address 02:00:00:00:01:01 type vxlan id 6 dstport 4789 dev d0 remote 10.0.0.1
ip link add vx2 mtu 1200 address 02:00:00:00:01:02 type vxlan id 7 dstport 4789 dev d0 remote 10.0.0.1
ip link add vx3 address 02:00:00:00:01:03 type vxlan id 8 dstport 4789 dev d0 remote 2001:db8::1 local 2001:db8::2 udp6zerocsumrx
ip link add gpe0 type vxlan external gpe dstport 0
ip link add ll0 address 02:00:00:00:01:04 type vxlan id 9 dstport 4789 dev d0 remote fe80::2 local fe80::1
ip -d link show
ip link set vx1 mtu 1351
ip link set vx1 mtu 1300
ip link set vx2 mtu 65536
ip link set vx0 mtu 65535
ip link set d0 mtu 1300
ip -o link show
ip link set vx0 protodown on
ip link set vx0 protodown off
ip link set vx0 up
ip link set d0 up
ip link set vx1 up
ip link set vx3 up
ip link set gpe0 up
busybox nc -u -l -p 4900 < /dev/null & sleep 0.5; ip link add vx9 address 02:00:00:00:01:09 type vxlan id 99 dstport 4900 && ip link set vx9 up; kill %1
ip link add vx10 address 02:00:00:00:01:0a type vxlan id 10 dstport 4789 gbp
ip link set vx10 up
ip link set vx0 down
ip link set vx10 up
ip link set vx0 up
ip link del d0
ip -o link show
