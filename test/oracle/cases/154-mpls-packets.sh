#@ settle 200
# labelled packets: put on, swapped, taken off; what is counted
ip netns add a
ip netns add b
ip netns exec a sysctl -w net.ipv6.conf.default.disable_ipv6=1
ip netns exec b sysctl -w net.ipv6.conf.default.disable_ipv6=1
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 192.168.9.1/32 dev lo
ip netns exec b ping -c1 -W1 10.0.0.1
ip -n b route add 192.168.9.0/24 encap mpls 100 via 10.0.0.1
ip netns exec a modprobe mpls_router
ip netns exec b modprobe mpls_iptunnel
ip netns exec a sysctl -w net.mpls.platform_labels=1000
ip -n b route show 192.168.9.0/24
ip netns exec b ping -c1 -W1 192.168.9.1
ip -n a -s stats show dev va group afstats
ip netns exec a sysctl -w net.mpls.conf.va.input=1
ip netns exec b ping -c1 -W1 192.168.9.1
ip -n a stats show dev va group afstats
ip -n a -f mpls route add 100 dev lo
ip netns exec b ping -c1 -W1 192.168.9.1
ip netns exec b ping -c1 -W1 -t 1 192.168.9.1
ip netns exec b ping -c1 -W1 -M do -s 1468 192.168.9.1
ip netns exec b ping -c1 -W1 -M do -s 1469 192.168.9.1
ip -n a stats show dev va group afstats
ip -n b route replace 192.168.9.0/24 encap mpls 200/100 ttl 7 via 10.0.0.1
ip -n a -f mpls route add 200 dev lo
ip netns exec b ping -c1 -W1 192.168.9.1
ip netns exec a sysctl -w net.mpls.conf.lo.input=1
ip netns exec b ping -c1 -W1 192.168.9.1
ip -n a -f mpls route replace 200 as 300/400 via inet 10.0.0.2
ip netns exec b ping -c1 -W1 192.168.9.1
ip -n a stats show dev va group afstats
ip -n b stats show dev vb group afstats
ip -n a -s link show va
