#@ settle 60
ip link add i0 address 02:00:00:00:00:10 type ifb
ip link add i1 address 02:00:00:00:00:11 type ifb
ip link set i0 up
tc qdisc add dev i0 ingress
tc qdisc show dev i0
tc -s -d qdisc show dev i0 ingress
tc -j -s qdisc show dev i0
tc qdisc add dev i0 ingress
tc qdisc add dev i0 clsact
tc qdisc replace dev i0 clsact
tc qdisc change dev i0 ingress
tc qdisc replace dev i0 ingress
tc qdisc add dev i0 parent ffff:fff1 handle ffff: pfifo
tc qdisc add dev i0 root ingress
tc qdisc add dev i0 root clsact
tc qdisc add dev i0 handle 1: ingress
tc class show dev i0
tc class show dev i0 ingress
tc filter show dev i0 ingress
tc filter show dev i0 egress
tc filter show dev i0 parent ffff:
tc chain show dev i0 ingress
tc qdisc del dev i0 ingress
tc qdisc del dev i0 ingress
tc qdisc del dev i0 clsact
tc qdisc add dev i0 clsact
tc qdisc show dev i0
tc -s qdisc show dev i0 clsact
tc filter show dev i0 ingress
tc filter show dev i0 egress
tc qdisc del dev i0 ingress
tc qdisc add dev i0 clsact
tc qdisc add dev i0 ingress_block 22 ingress
tc qdisc show dev i0
tc qdisc add dev i1 ingress_block 22 egress_block 23 clsact
tc qdisc show dev i1
tc -j qdisc show dev i1
tc filter show block 22
tc filter show block 99
tc chain show block 22
tc qdisc del dev i1 clsact
tc qdisc add dev i1 ingress_block 0 ingress
tc qdisc add dev i1 egress_block 5 ingress
tc qdisc add dev i1 ingress_block 5 root pfifo
tc qdisc show dev i1
ip link set i1 up
tc qdisc add dev i1 clsact
tc qdisc show dev i1
ip link set i1 down
tc qdisc show dev i1
ip link del i1
tc filter add dev i0 ingress protocol ip pref 1 bogus
tc filter add dev i0 egress protocol ip pref 1 matchall
tc filter add block 99 protocol ip pref 1 matchall
tc filter del dev i0 ingress
tc filter del dev i0 egress
tc filter get dev i0 ingress protocol ip pref 1 handle 1 matchall
tc filter del dev i0 ingress pref 5
tc chain add dev i0 ingress chain 9
tc chain show dev i0 ingress
tc chain add dev i0 ingress chain 9
tc chain get dev i0 ingress chain 9
tc chain get dev i0 ingress chain 8
tc chain del dev i0 ingress chain 8
tc chain del dev i0 ingress chain 9
tc chain add dev i0 ingress chain 0
tc chain show dev i0 ingress
tc actions ls action bogus
tc actions add action bogus
tc actions get action gact index 5
tc actions del action gact index 5
tc actions flush action gact
tc class add dev i0 parent 1: classid 1:1 htb rate 1mbit
tc class add dev i0 classid ffff:1 htb rate 1mbit
tc class del dev i0 classid 1:1
asuser tc qdisc show dev i0
asuser tc qdisc add dev i0 root pfifo
asuser tc filter show dev i0 ingress
