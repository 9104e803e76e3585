#@ settle 60
ip link add i0 address 02:00:00:00:00:10 type ifb
ip link set i0 up
timeout 5 tc monitor & sleep 0.7; tc qdisc add dev i0 root handle 1: prio; tc qdisc add dev i0 parent 1:1 handle 11: pfifo limit 5; tc qdisc change dev i0 parent 1:1 handle 11: pfifo limit 6; tc qdisc replace dev i0 parent 1:1 handle 12: bfifo; tc qdisc del dev i0 root; wait
timeout 5 tc monitor & sleep 0.7; tc qdisc add dev i0 clsact; tc qdisc add dev i0 root pfifo; ip link set i0 down; ip link set i0 up; ip link del i0; wait
timeout 5 tc -j monitor & sleep 0.7; ip link add i0 address 02:00:00:00:00:10 type ifb; ip link set i0 up; tc qdisc replace dev i0 root fq_codel; tc qdisc replace dev i0 root fq_codel limit 7; tc qdisc del dev i0 root; wait
timeout 5 tc -t monitor & sleep 0.7; tc qdisc add dev i0 ingress; tc chain add dev i0 ingress chain 3; tc chain del dev i0 ingress chain 3; tc qdisc del dev i0 ingress; wait
timeout 5 ip monitor all & sleep 0.7; tc qdisc add dev i0 root pfifo; tc qdisc del dev i0 root; wait
