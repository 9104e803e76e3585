#@ settle 200
# what ip monitor says while links flap between namespaces with addresses, routes and neighbours
ip netns add b
ip link add va address 02:00:00:00:00:0a type veth peer name vb address 02:00:00:00:00:0b netns b
ip link set lo up
ip -n b link set lo up
ip addr add 10.0.0.1/24 dev va
ip addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 10.0.0.2/24 dev vb
ip -n b addr add 2001:db8::2/64 dev vb nodad
timeout 9 ip monitor all & sleep 0.7; ip link set va up; ip -n b link set vb up; sleep 3; wait
timeout 7 ip monitor link & sleep 0.7; ip -n b link set vb down; sleep 1; ip -n b link set vb up; sleep 2; wait
timeout 7 ip monitor neigh & sleep 0.7; ping -c1 10.0.0.2; ping -6 -c1 2001:db8::2; ip -n b link set vb address 02:00:00:00:00:bb; ip netns exec b ping -c1 10.0.0.1; wait
timeout 7 ip monitor route & sleep 0.7; ip route add default via 10.0.0.2; ip link set va down; sleep 1; ip link set va up; sleep 2; wait
timeout 7 ip monitor address & sleep 0.7; ip link set va down; sleep 0.5; ip link set va up; sleep 3; wait
timeout 7 ip -o monitor all dev va & sleep 0.7; ip link set va mtu 1400; ip addr add 10.9.0.1/24 dev va; ip route add 10.8.0.0/16 via 10.9.0.2; ip addr del 10.9.0.1/24 dev va; ip link set va mtu 1500; wait
timeout 7 ip monitor netconf & sleep 0.7; sysctl -qw net.ipv4.conf.va.forwarding=1; sysctl -qw net.ipv6.conf.va.forwarding=1; sysctl -qw net.ipv4.ip_forward=1; wait
timeout 7 ip monitor rule nexthop & sleep 0.7; ip rule add from 10.0.0.0/8 table 7; ip nexthop add id 5 via 10.0.0.2 dev va; ip link set va down; ip link set va up; ip rule del table 7; wait
timeout 7 ip monitor nsid & sleep 0.7; ip netns set b 5; ip netns add c; ip netns set c 6; ip netns del c; sleep 1; wait
timeout 7 bridge monitor all & sleep 0.7; ip link add br0 address 02:00:00:00:00:0a type bridge; ip link set va master br0; ip link set br0 up; sleep 2; bridge fdb add 02:00:00:00:00:77 dev va master; ip link set va nomaster; ip link del br0; wait
timeout 7 ip monitor mroute prefix & sleep 0.7; ip link set va down; ip link set va up; wait
timeout 7 ip -j monitor link address & sleep 0.7; ip link add d0 address 02:00:00:00:00:01 type dummy; ip link set d0 up; ip addr add 10.7.0.1/24 dev d0; ip link del d0; wait
timeout 7 ip monitor label all & sleep 0.7; ip -n b link del vb; sleep 1; wait
timeout 3 ip monitor bogus
timeout 3 ip monitor dev nosuch
