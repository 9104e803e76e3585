#@ settle 200
# programs run within a VRF
ip netns add a
ip link add va address 02:00:00:00:00:0a netns a type veth peer name p0 address 02:00:00:00:00:10
ip link add red address 02:00:00:00:01:01 type vrf table 100
ip link set lo up
ip link set red up
ip link set p0 master red
ip link set p0 up
ip -n a link set va up
ip addr add 10.1.0.1/24 dev p0
ip -n a addr add 10.1.0.2/24 dev va
ip addr add 2001:db8::1/64 dev p0 nodad
ip -n a addr add 2001:db8::2/64 dev va nodad
sleep 3
ip vrf show
ip vrf identify
ip vrf pids red
ip vrf exec red ping -c1 -W1 10.1.0.2
ip vrf exec red ip vrf identify
ip vrf exec red ping -6 -c1 -W1 2001:db8::2
ip vrf exec nosuch true
ip vrf exec red ip link show red
ip route show vrf red
ip -6 route show vrf red
ip route get vrf red 10.1.0.2
ip neigh show vrf red
ip link show vrf red
ip addr show vrf red
ip link show type vrf
ip rule show
ip -6 rule show
sysctl net.ipv4.tcp_l3mdev_accept net.ipv4.udp_l3mdev_accept net.ipv4.raw_l3mdev_accept
busybox httpd -p 80; sleep 0.3; ss -ltn; busybox killall httpd
ip vrf exec red busybox httpd -p 8080; sleep 0.3; ss -ltn; ss -ltn 'dev = red'; busybox killall httpd
ip vrf exec red bash -c 'echo x > /dev/udp/10.1.0.2/9'
ip -s link show red
ip netns exec a cat /proc/net/snmp
ping -c1 -W1 10.1.0.2
ping -c1 -W1 -I red 10.1.0.2
ip -br link show master red
ip -d link show red
ip route add vrf red unreachable default metric 4278198272
ip vrf exec red ping -c1 -W1 9.9.9.9
ping -c1 -W1 -I red 9.9.9.9
ip link set p0 nomaster
ip route show vrf red
ip link del red
ip vrf show
