#@ settle 300
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip neigh replace 10.0.0.2 dev v0 use
sleep 4
ip -s -s link show v0
ip -s -s link show v1
cat /proc/net/dev
grep . /sys/class/net/v1/statistics/rx_packets /sys/class/net/v1/statistics/rx_bytes /sys/class/net/v1/statistics/rx_dropped /sys/class/net/v1/statistics/multicast /sys/class/net/v0/statistics/tx_bytes
ip link add link v0 name a5 type vlan id 5 egress-qos-map 0:3
ip link add link v1 name b5 type vlan id 5 ingress-qos-map 3:6
ip link add link v1 name b6 type vlan id 6
ip link add link v0 name a7 type vlan id 7
ip link set a5 up
ip link set b5 up
ip link set b6 up
ip link set a7 up
ip addr add 10.5.0.1/24 dev a5
ip addr add 10.7.0.1/24 dev a7
ip neigh replace 10.5.0.2 dev a5 use
ip neigh replace 10.7.0.2 dev a7 use
sleep 4
ip -s link show a5
ip -s link show b5
ip -s link show b6
ip -s link show a7
ip -s link show v0
ip -s link show v1
cat /proc/net/vlan/a5
cat /proc/net/vlan/b5
ip link set b5 down
ip neigh replace 10.5.0.3 dev a5 use
sleep 4
ip -s link show a5
ip -s link show b5
ip -s link show v1
ip link add link a5 name aq type vlan id 9 protocol 802.1ad
ip link add link b5 name bq type vlan id 9 protocol 802.1ad
ip link set b5 up
ip link set aq up
ip link set bq up
ip addr add 10.9.0.1/24 dev aq
ip neigh replace 10.9.0.2 dev aq use
sleep 4
ip -s link show aq
ip -s link show bq
ip -s link show b5
ip link set v1 down
ip neigh replace 10.0.0.3 dev v0 use
ip -s link show v0
sleep 2
ip -s link show v0
ip link add d0 address 02:00:00:00:00:0d type dummy
ip link set d0 arp on
ip link set d0 up
ip addr add 10.1.0.1/24 dev d0
ip neigh replace 10.1.0.2 dev d0 use
ip link add i0 address 02:00:00:00:00:0e type ifb
ip link set i0 arp on
ip link set i0 up
ip addr add 10.2.0.1/24 dev i0
ip neigh replace 10.2.0.2 dev i0 use
sleep 4
ip -s link show d0
ip -s link show i0
ip -s link show lo
cat /proc/net/dev
