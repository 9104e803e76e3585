#@ settle 200
# what sysctls do to packets, over a router between two hosts
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name r0 address 02:00:00:00:00:10
ip link add vb address 02:00:00:00:00:0b netns b type veth peer name r1 address 02:00:00:00:00:11
ip link set r0 up
ip link set r1 up
ip link set lo up
ip -n a link set lo up
ip -n a link set va up
ip -n b link set vb up
ip addr add 10.0.1.1/24 dev r0
ip addr add 10.0.2.1/24 dev r1
ip -n a addr add 10.0.1.2/24 dev va
ip -n b addr add 10.0.2.2/24 dev vb
ip addr add 2001:db8:1::1/64 dev r0 nodad
ip addr add 2001:db8:2::1/64 dev r1 nodad
ip -n a addr add 2001:db8:1::2/64 dev va nodad
ip -n b addr add 2001:db8:2::2/64 dev vb nodad
ip -n a route add default via 10.0.1.1
ip -n b route add default via 10.0.2.1
ip -n a route add default via 2001:db8:1::1
ip -n b route add default via 2001:db8:2::1
sleep 3
ip netns exec a ping -c1 -W1 10.0.2.2
ip netns exec a ping -6 -c1 -W1 2001:db8:2::2
ip netns exec a ping -c1 -W1 10.0.2.1
ip netns exec a ping -6 -c1 -W1 2001:db8:2::1
sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
sleep 2
ip netns exec a ping -c1 -W1 10.0.2.2
ip netns exec a ping -6 -c1 -W1 2001:db8:2::2
sysctl -w net.ipv4.conf.r0.forwarding=0
ip netns exec a ping -c1 -W1 10.0.2.2
sysctl -w net.ipv4.conf.r0.forwarding=1
sysctl -w net.ipv6.conf.r0.forwarding=0
ip netns exec a ping -6 -c1 -W1 2001:db8:2::2
sysctl -w net.ipv6.conf.r0.forwarding=1
sysctl -w net.ipv4.icmp_echo_ignore_all=1
ip netns exec a ping -c1 -W1 10.0.1.1
sysctl -w net.ipv4.icmp_echo_ignore_all=0
ip netns exec a ping -c1 -W1 10.0.1.1
sysctl -w net.ipv6.icmp.echo_ignore_all=1
ip netns exec a ping -6 -c1 -W1 2001:db8:1::1
sysctl -w net.ipv6.icmp.echo_ignore_all=0
ip netns exec a ping -6 -c1 -W1 2001:db8:1::1
ip netns exec a ping -c1 -W1 -b 10.0.1.255
sysctl -w net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec a ping -c1 -W1 -b 255.255.255.255
ip netns exec a ping -c1 -W1 -I va 224.0.0.1
sysctl -w net.ipv6.icmp.echo_ignore_multicast=1
ip netns exec a ping -6 -c1 -W1 ff02::1%va
ip netns exec a ping -6 -c1 -W1 ff02::2%va
sysctl -w net.ipv6.icmp.echo_ignore_multicast=0
ip netns exec a ping -6 -c1 -W1 ff02::2%va
sysctl -w net.ipv6.icmp.echo_ignore_anycast=1
ip netns exec a ping -6 -c1 -W1 2001:db8:1::
sysctl -w net.ipv6.icmp.echo_ignore_anycast=0
ip netns exec a ping -6 -c1 -W1 2001:db8:1::
sysctl -w net.ipv4.ip_default_ttl=9
sysctl -w net.ipv6.conf.r0.hop_limit=11
ip netns exec a ping -c1 -W1 10.0.1.1
ip netns exec a ping -6 -c1 -W1 2001:db8:1::1
ip -n a addr add 192.0.2.1/32 dev lo
ip netns exec a ping -c1 -W1 -I 192.0.2.1 10.0.2.2
nstat -az IpExtInNoRoutes TcpExtIPReversePathFilter IpInAddrErrors IpOutNoRoutes IpForwDatagrams
sysctl -w net.ipv4.conf.r0.rp_filter=1
ip netns exec a ping -c1 -W1 -I 192.0.2.1 10.0.2.2
nstat -az TcpExtIPReversePathFilter
sysctl -w net.ipv4.conf.r0.rp_filter=2
ip netns exec a ping -c1 -W1 -I 192.0.2.1 10.0.2.2
ip route add 192.0.2.1 dev r1
ip netns exec a ping -c1 -W1 -I 192.0.2.1 10.0.2.2
nstat -az TcpExtIPReversePathFilter
ip route del 192.0.2.1
sysctl -w net.ipv4.conf.all.log_martians=1
sysctl -w net.ipv4.conf.r0.rp_filter=1
ip netns exec a ping -c1 -W1 -I 192.0.2.1 10.0.2.2
sysctl -w net.ipv4.conf.r0.rp_filter=0
ip -n a addr add 10.0.2.77/32 dev lo
ip netns exec a ping -c1 -W1 -I 10.0.2.77 10.0.2.2
ip -n a route add 127.0.0.5 dev va table 7
sysctl -w net.ipv4.conf.r0.proxy_arp=1
ip -n a route add 10.0.2.0/24 dev va
ip netns exec a ping -c1 -W1 10.0.2.2
ip -n a neigh show dev va
sysctl -w net.ipv4.conf.r0.proxy_arp=0
ip -n a neigh flush dev va
ip netns exec a ping -c1 -W1 10.0.2.2
ip -n a neigh show dev va
sysctl -w net.ipv4.conf.r0.arp_ignore=1
ip -n a neigh flush dev va
ip -n a route add 10.0.2.1 dev va
ip netns exec a ping -c1 -W1 10.0.2.1
ip -n a neigh show dev va
sysctl -w net.ipv4.conf.r0.arp_ignore=0
ip netns exec a ping -c1 -W1 10.0.2.1
sysctl -w net.ipv4.conf.r0.arp_ignore=8
ip -n a neigh flush dev va
ip netns exec a ping -c1 -W1 10.0.1.1
sysctl -w net.ipv4.conf.r0.arp_ignore=0
sysctl -w net.ipv4.conf.r0.arp_announce=2
ip netns exec a ping -c1 -W1 10.0.1.1
sysctl -w net.ipv4.conf.r0.drop_gratuitous_arp=1
sysctl -w net.ipv4.conf.r0.accept_local=1
sysctl -w net.ipv6.conf.r0.disable_ipv6=1
ip -6 addr show dev r0
ip netns exec a ping -6 -c1 -W1 2001:db8:1::1
sysctl -w net.ipv6.conf.r0.disable_ipv6=0
ip -6 addr show dev r0
ip -6 route show dev r0
ip addr add 2001:db8:1::1/64 dev r0 nodad
sysctl -w net.ipv6.conf.r0.mtu=1280
ip -6 route get 2001:db8:1::2
ip netns exec a ping -6 -c1 -W1 -s 1400 2001:db8:1::1
cat /proc/net/snmp
nstat -az 'Icmp6*' 'Ip6*'
