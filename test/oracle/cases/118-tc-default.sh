#@ settle 60
ip link add i0 address 02:00:00:00:00:10 type ifb
ip link add i1 address 02:00:00:00:00:11 numtxqueues 3 type ifb
tc qdisc show
ip link set i0 up
ip link set i1 up
tc qdisc show
tc -s -d qdisc show dev i0
tc -s qdisc show dev i1
tc -j -s qdisc show dev i1
tc qdisc show dev i0 root
tc qdisc show dev i1 handle 0:
tc qdisc show dev i1 parent :1
tc qdisc show ingress
tc qdisc show invisible
tc qdisc get dev i0 root
tc qdisc get dev i1 parent :1
tc qdisc get dev i1 handle 5:
tc class show dev i1
tc -s class show dev i1
tc class show dev i0
tc class show dev i0 parent 5:
tc class get dev i1 classid :1
tc class show dev nope
tc filter show dev i0
tc filter show dev i1 parent 1:
tc chain show dev i0
tc actions ls action gact
tc qdisc replace dev i1 parent :2 pfifo limit 7
tc qdisc add dev i1 root handle 1: mq
tc qdisc show dev i1
tc class show dev i1
tc qdisc replace dev i1 parent 1:2 handle 12: pfifo limit 7
tc qdisc add dev i1 parent 1:3 handle 13: bfifo limit 7000
tc qdisc add dev i1 parent 1:9 pfifo
tc qdisc show dev i1
tc class show dev i1
tc class add dev i1 parent 1: classid 1:7 mq
tc class del dev i1 classid 1:1
tc qdisc change dev i1 parent 1:2 pfifo limit 9
tc qdisc del dev i1 parent 1:2
tc qdisc del dev i1 parent 1:2
tc qdisc show dev i1
tc qdisc change dev i0 root fq_codel limit 5
tc qdisc add dev i0 root fq_codel limit 5
tc qdisc change dev i0 root fq_codel limit 6 flows 2048
tc qdisc change dev i0 root fq_codel quantum 300 target 7ms noecn ce_threshold 1ms drop_batch 3 memory_limit 5mb interval 80ms
tc -d qdisc show dev i0
tc qdisc replace dev i0 root pfifo limit 3
tc qdisc change dev i0 root fq_codel
tc qdisc change dev i0 root pfifo
tc qdisc show dev i0
tc qdisc del dev i0 root pfifo
tc qdisc del dev i0 root
tc qdisc show dev i0
ip link set i1 txqueuelen 50
tc qdisc add dev i0 root pfifo
tc qdisc show dev i0
ip link set i0 txqueuelen 60
tc qdisc show dev i0
ip link set i0 down
tc qdisc show dev i0
ip link set i0 up
tc qdisc del dev i0 root
ip link set i0 mtu 9000
tc qdisc show dev i0
ip link set i0 down
tc qdisc show dev i0
tc qdisc add dev i0 root handle 7: prio
tc qdisc show dev i0
ip link set i0 up
tc qdisc show dev i0
tc qdisc del dev i0 root
ip link set i1 down
ip link del i1
ip link add name d0 address 02:00:00:00:00:12 txqueuelen 0 type ifb
ip link set d0 up
tc qdisc show dev d0
tc qdisc add dev d0 root pfifo
tc qdisc show dev d0
cat /proc/net/psched
