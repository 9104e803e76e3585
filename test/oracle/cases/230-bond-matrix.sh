# bond: each option in each mode, its bounds, what slaves show
#@ settle 60
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link add b0 address 02:00:00:00:00:b0 type bond
ip -d link show b0
ip link add b1 address 02:00:00:00:00:b1 type bond mode active-backup miimon 100 updelay 200 downdelay 350 primary_reselect better fail_over_mac follow num_grat_arp 3 resend_igmp 4 all_slaves_active 1 min_links 2
ip -d link show b1
ip link add b2 address 02:00:00:00:00:b2 type bond mode 802.3ad lacp_rate fast lacp_active off ad_select count ad_user_port_key 77 ad_actor_sys_prio 9 ad_actor_system 02:00:00:00:99:99 xmit_hash_policy vlan+srcmac miimon 50 peer_notify_delay 100
ip -d link show b2
ip link add b3 address 02:00:00:00:00:b3 type bond mode balance-tlb tlb_dynamic_lb 0 xmit_hash_policy encap3+4 lp_interval 5
ip -d -j link show b3
ip link add b4 address 02:00:00:00:00:b4 type bond mode balance-alb packets_per_slave 3
ip link add b4 address 02:00:00:00:00:b4 type bond mode balance-rr packets_per_slave 0
ip link add b5 address 02:00:00:00:00:b5 type bond mode broadcast arp_interval 100 arp_ip_target 10.0.0.1,10.0.0.2 arp_validate all arp_all_targets all arp_missed_max 5
ip link add b5 address 02:00:00:00:00:b5 type bond mode balance-xor arp_interval 100 arp_ip_target 10.0.0.1,10.0.0.2 arp_all_targets all arp_missed_max 5 ns_ip6_target 2001:db8::1,fe80::1
ip -d link show b5
ip link add bx type bond mode 7
ip link add bx type bond mode active-backup miimon 100 arp_interval 100
ip link add bx type bond mode 802.3ad arp_interval 100
ip link add bx type bond updelay 100
ip link add bx type bond mode balance-rr lacp_rate fast
ip link add bx type bond mode balance-rr ad_actor_system 02:00:00:00:00:11
ip link add bx type bond mode 802.3ad ad_actor_system 01:00:00:00:00:11
ip link add bx type bond mode 802.3ad ad_user_port_key 1024
ip link add bx type bond mode 802.3ad ad_actor_sys_prio 0
ip link add bx type bond mode active-backup num_grat_arp 256
ip link add bx type bond resend_igmp 256
ip link add bx type bond packets_per_slave 65536
ip link add bx type bond mode active-backup primary nosuch
ip link add bx type bond lp_interval 0
ip link add bx type bond tlb_dynamic_lb 0
ip link add bx type bond mode active-backup arp_missed_max 0 
ip link add bx type bond arp_ip_target 0.0.0.0
ip link add bx type bond arp_ip_target 255.255.255.255
ip link add bx type bond mode active-backup arp_validate active arp_interval 10
ip link add bx type bond mode balance-rr primary d0
ip -br link show type bond
ip link set d0 master b0
ip link set d1 master b0
ip -d link show d0
ip -d -j link show d1
ip link set d0 type bond_slave queue_id 5
ip link set d1 type bond_slave queue_id 5
ip link set d1 type bond_slave prio 9
ip link set d0 address 02:00:00:00:00:0f
ip link set b0 type bond mode active-backup
ip link set b0 type bond miimon 100
ip link set b0 type bond active_slave d1
ip link set b0 up
ip link set b0 type bond active_slave d1
ip link set b0 type bond packets_per_slave 2
ip link set b0 type bond xmit_hash_policy layer3+4
ip link set b0 mtu 1400
ip -d link show d0
ip link set b0 address 02:00:00:00:00:ee
ip link show master b0
ip link set d0 nomaster
ip link show d0
ip link set b0 nomaster
ip link set d1 down
ip link show d1
ip link set p0 master b1
ip link set p1 up
ip link set b1 up
ip -d link show p0
ip link set b1 type bond primary p0
ip link set b1 type bond fail_over_mac none
ip link set b1 type bond clear_active_slave
ip link set b1 type bond arp_interval 100
ip link set b1 type bond miimon 0
ip link set b1 type bond updelay 3
ip -d link show b1
ip link set b1 master b0
ip link set b0 master b1
ip link set b0 master b0
ip link del d1
ip link del p0
ip -d link show b0
ip link set lo master b0
ip link add vc0 type vcan
ip link set vc0 master b0
ip link add gr0 type gre remote 10.0.0.1 local 10.0.0.2
ip link set gr0 master b0
ip link set d0 master b0
ip link set gr0 master b0
