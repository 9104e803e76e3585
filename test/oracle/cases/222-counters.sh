#@ settle 200
# what the counters say after exchanges of every kind
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
ip netns exec a nstat -n
ip netns exec b nstat -n
ip netns exec a ping -c3 -i0.2 -q 10.0.0.2
ip netns exec a nstat
ip netns exec b nstat
ip netns exec a ping -6 -c3 -i0.2 -q 2001:db8::2
ip netns exec a nstat
ip netns exec b nstat
ip netns exec a ping -c1 -s 4000 -q 10.0.0.2
ip netns exec b nstat
ip netns exec a ping -6 -c1 -s 4000 -q 2001:db8::2
ip netns exec b nstat
ip netns exec a bash -c 'echo hello > /dev/udp/10.0.0.2/9'
ip netns exec a nstat
ip netns exec b nstat
ip netns exec a bash -c 'echo again > /dev/udp/10.0.0.2/10'
ip netns exec a nstat
ip netns exec b nstat
ip -n b link add vx0 type vxlan id 1 dstport 5000; ip -n b link set vx0 up; ip netns exec a bash -c 'echo hello > /dev/udp/10.0.0.2/5000'; ip -n b link del vx0
ip netns exec b nstat
ip netns exec a bash -c 'echo hello > /dev/udp/2001:db8::2/9'
ip netns exec a nstat
ip netns exec b nstat
ip netns exec a ping -c1 -W1 10.0.0.99
ip netns exec a nstat
ip netns exec a ping -6 -c1 -W1 2001:db8::99
ip netns exec a nstat
ip netns exec a ping -c1 -t1 10.9.0.1
ip netns exec a nstat -a
ip netns exec a nstat -az
ip netns exec b nstat -az
ip netns exec a cat /proc/net/snmp
ip netns exec b cat /proc/net/snmp
ip netns exec a cat /proc/net/snmp6
ip netns exec b cat /proc/net/snmp6
ip netns exec b cat /proc/net/netstat
ip netns exec a cat /proc/net/dev
ip netns exec b cat /proc/net/dev
ip netns exec a cat /proc/net/dev_snmp6/va
ip netns exec b cat /proc/net/dev_snmp6/vb
ip netns exec a cat /proc/net/sockstat
ip netns exec a cat /proc/net/sockstat6
ip netns exec a cat /proc/net/arp
ip netns exec a cat /proc/net/igmp
ip netns exec a cat /proc/net/igmp6
ip netns exec a cat /proc/net/ptype
ip netns exec a cat /proc/net/dev_mcast
ip netns exec a cat /proc/net/mcfilter
ip netns exec a cat /proc/net/mcfilter6
ip netns exec a cat /proc/net/route
ip netns exec a cat /proc/net/ipv6_route
ip netns exec a cat /proc/net/rt_cache
ip netns exec a cat /proc/net/stat/rt_cache
ip netns exec a cat /proc/net/stat/arp_cache
ip netns exec a cat /proc/net/stat/ndisc_cache
ip netns exec a cat /proc/net/rt6_stats
ip netns exec a netstat -s
ip netns exec a netstat -s -u
ip netns exec a netstat -i
ip netns exec a netstat -g
ip netns exec a netstat -rn
ip netns exec a netstat -an
ip netns exec a ifconfig -a
ip netns exec b ifconfig vb
ip netns exec a ip -s -s link
ip netns exec b ip -s -j link
ip netns exec a ip stats show dev va
ip netns exec a ifstat -a -z
ip netns exec a lnstat -c 1
ip netns exec a lnstat -d
ip netns exec b cat /sys/class/net/vb/statistics/rx_packets /sys/class/net/vb/statistics/tx_dropped
ip netns exec a ethtool -S va
ip netns exec a ethtool -i va
ip netns exec a ss -s
ip netns exec a ss -uan
