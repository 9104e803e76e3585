#@ settle 200
# a bond to a switch: its file, traffic while slaves fail and return
ip netns add a
ip link add s0 address 02:00:00:00:00:20 netns a type veth peer name e0 address 02:00:00:00:00:21
ip link add s1 address 02:00:00:00:00:22 netns a type veth peer name e1 address 02:00:00:00:00:23
ip -n a link add br0 address 02:00:00:00:00:20 type bridge
ip -n a link set s0 master br0
ip -n a link set s1 master br0
ip -n a link set s0 up
ip -n a link set s1 up
ip -n a link set br0 up
ip -n a addr add 10.0.0.2/24 dev br0
ip link add bond0 address 02:00:00:00:00:21 type bond mode active-backup miimon 100
cat /proc/net/bonding/bond0
ip link set e0 master bond0
ip link set e1 master bond0
ip link set bond0 up
ip addr add 10.0.0.1/24 dev bond0
sleep 2
cat /proc/net/bonding/bond0
ping -c2 -i0.2 10.0.0.2
ip -s link show bond0
ip -d link show e0
ip -n a link set s0 down
sleep 1
cat /proc/net/bonding/bond0
ping -c1 -W1 10.0.0.2
ip link show bond0
ip -n a link set s0 up
sleep 1
cat /proc/net/bonding/bond0
ip link set bond0 type bond active_slave e0
cat /proc/net/bonding/bond0
ip link set bond0 type bond primary e1
sleep 1
cat /proc/net/bonding/bond0
cat /sys/class/net/bond0/bonding/active_slave /sys/class/net/bond0/bonding/slaves /sys/class/net/bond0/bonding/primary
ip -n a link set s0 down
ip -n a link set s1 down
sleep 1
ip link show bond0
cat /proc/net/bonding/bond0
ping -c1 -W1 10.0.0.2
ip -n a link set s0 up
ip -n a link set s1 up
sleep 1
ping -c1 -W2 10.0.0.2
ifenslave -d bond0 e0
echo -e0 > /sys/class/net/bond0/bonding/slaves
cat /proc/net/bonding/bond0
ip link set bond0 down
ip link set e1 nomaster
ip link set bond0 type bond mode balance-rr
ip link set e0 down
ip link set e1 down
ip link set e0 master bond0
ip link set e1 master bond0
ip link set bond0 up
sleep 1
cat /proc/net/bonding/bond0
ping -c4 -i0.2 10.0.0.2
ip -s link show e0
ip -s link show e1
ip link del bond0
ls /proc/net/bonding
ip link add bond1 type bond mode 802.3ad miimon 100 lacp_rate fast
cat /proc/net/bonding/bond1
ip link add bond2 type bond mode balance-alb
cat /proc/net/bonding/bond2
ip link add bond3 type bond mode balance-xor xmit_hash_policy layer3+4
cat /proc/net/bonding/bond3
ip link add bond4 type bond mode active-backup arp_interval 200 arp_ip_target 10.0.0.9,10.0.0.8 arp_validate all
cat /proc/net/bonding/bond4
cat /sys/class/net/bonding_masters
