#@ settle 300
ip link add a0 address 02:00:00:00:0a:00 type veth peer name c0 address 02:00:00:00:0c:00
ip link add a1 address 02:00:00:00:0a:01 type veth peer name c1 address 02:00:00:00:0c:01
ip link add ba type bond mode 802.3ad lacp_rate fast
ip link add bc type bond mode 802.3ad lacp_rate fast ad_user_port_key 5
ip link set a0 master ba
ip link set a1 master ba
ip link set c0 master bc
ip link set c1 master bc
ip -d link show
ip link set ba up
sleep 0.5
ip -d link show ba
ip link set bc up
sleep 4
ip -d link show
cat /proc/net/bonding/ba
cat /proc/net/bonding/bc
ip -s link show a0
ip link set a1 down
sleep 1
ip -d link show a1
ip -d link show ba
ip -d link show bc
ip link set a1 up
sleep 4
ip -d link show
ip link set ba type bond min_links 3
ip link show ba
ip link set ba type bond min_links 1
ip link show ba
ip link set a0 nomaster
sleep 2
ip -d link show
ip link set bc down
sleep 4
cat /proc/net/bonding/ba
ip link del ba
ip link del bc
