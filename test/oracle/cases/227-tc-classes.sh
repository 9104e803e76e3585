#@ settle 60
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
tc qdisc add dev d0 root handle 1: htb default 20 r2q 10
tc class add dev d0 parent 1: classid 1:1 htb rate 10mbit ceil 20mbit
tc class add dev d0 parent 1:1 classid 1:10 htb rate 1mbit ceil 10mbit prio 1
tc class add dev d0 parent 1:1 classid 1:20 htb rate 5kbit
tc class add dev d0 parent 1:1 classid 1:30 htb rate 40gbit quantum 60000
tc class add dev d0 parent 1:1 classid 1:30 htb rate 1gbit
tc class add dev d0 parent 1: classid 2:30 htb rate 1gbit
tc class add dev d0 parent 1:1 classid 1:40 htb
tc -s -d class show dev d0
tc class change dev d0 classid 1:10 htb rate 2mbit
tc class replace dev d0 parent 1:1 classid 1:50 htb rate 3mbit
tc class show dev d0
tc class show dev d0 parent 1:1
tc class show dev d0 classid 1:10
tc qdisc add dev d0 parent 1:10 handle 10: sfq perturb 10 limit 100 divisor 512
tc qdisc add dev d0 parent 1:20 handle 20: netem delay 10ms loss 5%
tc qdisc add dev d0 parent 1:1 handle 30: pfifo
tc qdisc add dev d0 parent 1:30 handle 40: fq maxrate 10mbit flow_limit 50 quantum 3000 nopacing
tc qdisc change dev d0 parent 1:30 handle 40: fq buckets 4096 horizon 2s horizon_cap
tc qdisc show dev d0
tc -s -d qdisc show dev d0
tc filter add dev d0 parent 1: protocol ip prio 1 handle 1: u32 divisor 4
tc filter add dev d0 parent 1: protocol ip prio 1 u32 ht 1:2: match ip src 10.0.0.0/8 classid 1:10
tc filter add dev d0 parent 1: protocol ip prio 1 u32 match ip protocol 6 0xff link 1: hashkey mask 0x3 at 12
tc filter add dev d0 parent 1: protocol ip prio 1 handle 800::5 u32 match mark 5 0xff match u8 0 0 classid 1:20 police rate 1mbit burst 10k conform-exceed drop
tc filter add dev d0 parent 1: protocol ip prio 1 handle 2: u32 divisor 3
tc filter add dev d0 parent 1: protocol ip prio 1 u32 ht 7: match u32 0 0 classid 1:10
tc filter add dev d0 parent 1: protocol ip prio 1 u32 match u32 0 0 link 9:
tc filter show dev d0
tc filter del dev d0 parent 1: protocol ip prio 1 handle 1: u32
tc filter del dev d0 parent 1: protocol ip prio 1 handle 800: u32
tc filter del dev d0 parent 1: protocol ip prio 1 handle 800::5 u32
tc class del dev d0 classid 1:10
tc class del dev d0 classid 1:1
tc class del dev d0 classid 1:50
tc class del dev d0 classid 1:99
tc filter add dev d0 parent 1: protocol all prio 7 handle 3 fw classid 1:20 action skbedit priority 1:10 mark 7
tc filter add dev d0 parent 1: protocol all prio 7 handle 4/0xf fw classid 1:20
tc filter change dev d0 parent 1: protocol all prio 7 handle 3 fw classid 1:30
tc filter show dev d0 prio 7
tc filter del dev d0 parent 1:
tc class del dev d0 classid 1:10
tc class show dev d0
tc actions add action police rate 2mbit burst 20k mtu 2000 conform-exceed drop/continue index 3
tc actions add action police pkts_rate 100 pkts_burst 10 index 4
tc actions add action vlan push id 5 protocol 802.1ad priority 3 index 5
tc actions add action vlan push id 4095
tc actions add action vlan modify id 7 index 6
tc actions add action vlan push_eth dst_mac 02:00:00:00:00:09 src_mac 02:00:00:00:00:08 index 7
tc actions add action skbedit queue_mapping 1 ptype host index 8
tc actions add action csum ip4h tcp udp index 9
tc actions add action pedit munge ip dst set 10.0.0.9 index 10
tc actions add action pedit ex munge eth src set 02:00:00:00:00:0a munge tcp dport add 5 index 11
tc actions add action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 7 dst_port 4789 ttl 5 tos 4 nocsum index 12
tc actions add action tunnel_key unset index 13
tc actions add action tunnel_key set src_ip 10.0.0.1 id 7
tc actions add action connmark zone 3 index 14
tc -s actions ls action police
tc -s actions ls action vlan
tc -s actions ls action skbedit
tc -s actions ls action csum
tc -s actions ls action pedit
tc -s actions ls action tunnel_key
tc -s actions ls action connmark
tc actions change action police rate 3mbit burst 20k index 3
tc actions add action police rate 3mbit burst 20k index 3
tc actions get action police index 3
tc actions del action pedit index 11
tc actions flush action vlan
tc qdisc del dev d0 root
tc qdisc show dev d0
lsmod | sort
