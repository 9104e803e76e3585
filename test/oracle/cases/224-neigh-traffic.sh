#@ settle 200
# states of neighbours after traffic, with the clock going on
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 10.0.0.1/24 brd + dev va
ip -n b addr add 10.0.0.2/24 brd + dev vb
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
sleep 3
ip -n a neigh show
ip netns exec a ping -c1 10.0.0.2
ip -n a neigh show
ip -n b neigh show
ip -n a -s neigh show
ip -n a -s -s neigh show
ip netns exec a ping -6 -c1 2001:db8::2
ip -n a -6 neigh show
ip -n b -6 neigh show
ip netns exec a arp -n
ip netns exec a arp -a
ip netns exec a cat /proc/net/arp
ip netns exec a ping -c1 -W1 10.0.0.99
ip -n a neigh show
ip netns exec a arp -n
ip netns exec a cat /proc/net/arp
ip -n a neigh show nud failed
ip -n a neigh show nud incomplete
ip netns exec a ping -6 -c1 -W1 2001:db8::99
ip -n a -6 neigh show
ip -n a neigh flush nud failed
ip -n a neigh show
ip netns exec a sysctl -w net.ipv4.neigh.va.base_reachable_time_ms=1000 net.ipv4.neigh.va.delay_first_probe_time=1
sleep 3
ip netns exec a ping -c1 10.0.0.2
ip -n a neigh show 10.0.0.2
sleep 3
ip -n a neigh show 10.0.0.2
ip -n b neigh show 10.0.0.1
ip -n b link set vb down
ip -n b neigh show
ip -n a neigh show
ip netns exec a ping -c1 -W1 10.0.0.2
ip -n b link set vb up
sleep 1
ip netns exec a ping -c2 -W2 10.0.0.2
ip -n a neigh show 10.0.0.2
ip -n b link set vb address 02:00:00:00:00:bb
ip -n a neigh show 10.0.0.2
ip netns exec b ping -c1 10.0.0.1
ip -n a neigh show 10.0.0.2
ip -n a neigh replace 10.0.0.2 lladdr 02:00:00:00:00:cc dev va nud permanent
ip netns exec a ping -c1 -W1 10.0.0.2
ip -n a neigh change 10.0.0.2 lladdr 02:00:00:00:00:bb dev va nud stale
ip netns exec a ping -c1 -W1 10.0.0.2
ip -n a neigh show 10.0.0.2
sleep 2
ip -n a neigh show 10.0.0.2
ip -n a neigh add 10.0.0.50 lladdr 02:00:00:00:00:50 dev va nud reachable
sleep 3
ip -n a neigh show 10.0.0.50
ip netns exec a ping -c1 -W1 10.0.0.50
ip -n a neigh show 10.0.0.50
sleep 6
ip -n a neigh show 10.0.0.50
ip -n a neigh add 10.0.0.51 dev va nud probe lladdr 02:00:00:00:00:51
ip -n a neigh show 10.0.0.51
sleep 4
ip -n a neigh show 10.0.0.51
ip -n a neigh add proxy 10.0.0.77 dev va
ip -n a neigh show proxy
ip netns exec b ping -c1 -W1 10.0.0.77
ip netns exec a sysctl -w net.ipv4.ip_forward=1
ip netns exec b ping -c1 -W1 10.0.0.77
sleep 1
ip -n b neigh show
ip -n a -s -s neigh show
ip -n a -j neigh show
ip -n a neigh flush all
ip -n a neigh show
ip -n a ntable show dev va name arp_cache
ip netns exec a sysctl -w net.ipv4.conf.va.arp_accept=1
ip netns exec b busybox arping -U -c2 -I vb 10.0.0.2
ip -n a neigh show
ip netns exec b busybox arping -A -c1 -I vb 10.0.0.88
ip -n a neigh show
ip netns exec a busybox arping -c2 -I va 10.0.0.2
ip netns exec a busybox arping -D -c2 -w 3 -I va 10.0.0.2
ip netns exec a busybox arping -D -c1 -w 2 -I va 10.0.0.3
ip netns exec a busybox arping -f -c3 -I va -s 10.0.0.1 10.0.0.2
ip netns exec a busybox arping -q -c1 -w1 -I va 10.0.0.98
ip netns exec a arp -d 10.0.0.2
ip netns exec a arp -s 10.0.0.2 02:00:00:00:00:bb
ip netns exec a arp -n
ip netns exec a arp -n -i va -D
ip netns exec a cat /proc/net/stat/arp_cache
