#@ settle 60
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link set v0 up
ip link set v1 up
tc qdisc add dev v1 clsact
tc filter add dev v1 ingress protocol ip pref 10 flower src_mac 02:00:00:00:00:77 action drop
tc filter add dev v1 ingress protocol ip pref 10 flower src_mac 02:00:00:00:00:78 action mirred egress redirect dev v0
tc filter add dev v1 ingress protocol ip pref 10 flower src_mac 02:00:00:00:00:78 action drop
tc filter add dev v1 egress protocol all pref 12 matchall action gact pass random determ drop 5000
tc filter add dev v1 egress protocol all pref 12 matchall action drop
tc filter add dev v1 ingress protocol 802.1q pref 13 flower vlan_id 5 vlan_prio 3 vlan_ethtype ipv4 dst_ip 10.0.0.0/8 action ok
tc filter add dev v1 ingress protocol ip pref 14 chain 5 flower dst_ip 1.2.3.4 action goto chain 7
tc filter add dev v1 ingress protocol ip pref 15 flower dst_ip 1.2.3.4 skip_sw action drop
tc filter add dev v1 ingress protocol ip pref 16 handle 77 flower dst_ip 1.2.3.5 skip_hw action ok index 5
tc filter add dev v1 ingress protocol ip pref 16 handle 77 flower dst_ip 1.2.3.5 action ok index 5
tc filter replace dev v1 ingress protocol ip pref 16 handle 77 flower dst_ip 1.2.3.6 action ok
tc filter add dev v1 ingress protocol ipv6 pref 17 flower dst_ip 2001:db8::/32 ip_proto udp src_port 53 dst_port 80/ff00 ip_tos 4/0xfc ip_ttl 64 action pass
tc filter add dev v1 ingress protocol arp pref 18 flower indev v0 arp_op request arp_tip 10.0.0.1 arp_sha 02:00:00:00:00:01 action pass
tc filter add dev v1 ingress protocol ip pref 19 flower ip_proto icmp type 8 code 0 ip_flags nofrag action pass
tc filter add dev v1 ingress protocol ip pref 19 flower ip_proto tcp tcp_flags 0x2/0x12 dst_port 443 action pass
tc filter add dev v1 ingress protocol all pref 20 flower enc_key_id 7 enc_dst_ip 10.0.0.1 action pass
tc filter add dev v1 ingress protocol ip pref 19 matchall action pass
tc filter add dev v1 ingress protocol ipv6 pref 19 flower ip_proto tcp action pass
tc filter add dev v1 ingress protocol ip pref 21 flower indev nothere action pass
tc filter add dev v1 ingress protocol ip pref 21 flower action mirred egress redirect dev nothere
tc filter add dev v1 ingress protocol ip pref 21 bogus
tc filter add dev v1 ingress protocol ip flower dst_ip 9.9.9.9 action mirred ingress mirror dev v0 pipe action pass
tc filter add dev v1 ingress protocol ip flower dst_ip 9.9.9.8
tc filter show dev v1 ingress
tc filter show dev v1 egress
tc -j filter show dev v1 ingress
tc filter get dev v1 ingress protocol ip pref 16 handle 77 flower
tc filter get dev v1 ingress protocol ip pref 16 handle 78 flower
tc filter get dev v1 egress protocol all pref 12 handle 1 matchall
tc filter show dev v1 ingress chain 5
tc filter show dev v1 ingress pref 19
tc chain show dev v1 ingress
tc filter del dev v1 ingress protocol ip pref 16 handle 78 flower
tc filter del dev v1 ingress protocol ip pref 16 handle 77 flower
tc filter del dev v1 egress protocol all pref 12 handle 1 matchall
tc filter del dev v1 egress protocol all pref 12
tc filter del dev v1 ingress pref 10
tc filter del dev v1 ingress pref 10
tc filter del dev v1 ingress protocol ipv6 pref 19
tc actions ls action gact
tc actions ls action mirred
tc actions add action gact drop index 50
tc actions add action gact drop index 50
tc actions replace action gact pass index 50
tc actions add action mirred egress redirect dev v0 index 9
tc actions get action gact index 50
tc actions del action gact index 50
tc actions del action gact index 51
tc actions flush action mirred
tc actions flush action gact
tc qdisc add dev v0 ingress_block 22 ingress
tc filter add block 22 protocol ip pref 1 flower dst_ip 9.9.9.9 action drop
tc filter show block 22
tc filter del dev v1 ingress
tc filter show dev v1 ingress
tc chain show dev v1 ingress
tc qdisc del dev v1 clsact
tc actions ls action gact
