#@ settle 200
ip link add b0 type bond miimon 100 arp_interval 100
ip link add b0 type bond updelay 200
ip link add b0 type bond miimon 100 updelay 250 downdelay 99 peer_notify_delay 150
ip -d link show b0
ip link set b0 type bond peer_notify_delay 300001
ip link set b0 type bond miimon 2147483648
ip link set b0 type bond use_carrier 0
ip link set b0 type bond num_grat_arp 255 resend_igmp 255 lp_interval 2147483647
ip link set b0 type bond resend_igmp 256
ip link set b0 type bond lp_interval 0
ip link set b0 type bond packets_per_slave 65535
ip link set b0 type bond packets_per_slave 65536
ip link set b0 type bond min_links 3
ip link set b0 type bond all_slaves_active 1
ip link set b0 type bond arp_validate active
ip link set b0 type bond arp_interval 200 arp_ip_target 10.0.0.1,10.0.0.2
ip link set b0 type bond arp_ip_target 10.0.0.1,10.0.0.1
ip link set b0 type bond arp_ip_target 0.0.0.1
ip link set b0 type bond arp_ip_target 255.255.255.255
ip link set b0 type bond arp_validate all arp_all_targets all
ip link set b0 type bond ns_ip6_target 2001:db8::1,2001:db8::2
ip link set b0 type bond ns_ip6_target ff02::1
ip link set b0 type bond ns_ip6_target ::1
ip link set b0 type bond arp_missed_max 0
ip link set b0 type bond arp_missed_max 5
ip -d link show b0
ip link set b0 type bond miimon 50
ip -d link show b0
ip link set b0 type bond mode 802.3ad
ip -d link show b0
ip link set b0 type bond arp_interval 100
ip link set b0 type bond arp_validate backup
ip link set b0 type bond arp_missed_max 3
ip link set b0 type bond lacp_rate fast lacp_active off ad_select count
ip link set b0 type bond ad_actor_sys_prio 0
ip link set b0 type bond ad_actor_sys_prio 65534 ad_user_port_key 1023
ip link set b0 type bond ad_user_port_key 1024
ip link set b0 type bond ad_actor_system 01:00:00:00:00:01
ip link set b0 type bond ad_actor_system 02:00:00:00:aa:01
ip link set b0 type bond primary lo
ip link set b0 type bond packets_per_slave 2
ip link set b0 type bond tlb_dynamic_lb 1
ip -d link show b0
cat /proc/net/bonding/b0
ip link set b0 up
ip link set b0 type bond lacp_rate slow
ip link set b0 type bond ad_select stable
ip link set b0 type bond mode 0
ip link set b0 type bond xmit_hash_policy vlan+srcmac
ip link set b0 type bond xmit_hash_policy encap3+4
cat /proc/net/bonding/b0
ip link set b0 down
ip link set b0 type bond mode 5 tlb_dynamic_lb 0
ip link set b0 type bond mode 6
ip -d link show b0
ip link set b0 type bond mode 1 primary_reselect failure fail_over_mac 2
ip link set b0 type bond primary nosuch
ip link set b0 type bond primary lo
ip link set b0 type bond active_slave lo
ip link set b0 type bond active_slave nosuch
ip -d link show b0
cat /proc/net/bonding/b0
ip link add b1 type bond mode 1 primary lo active_slave lo
ip link add b1 numtxqueues 3 numrxqueues 2 type bond mode 4
ip -d link show b1
ip link set b1 address 02:00:00:00:00:01 mtu 9000
ip link set b1 netns 1
ip link set b1 name bx
cat /proc/net/bonding/bx
ls /proc/net/bonding
cat /sys/class/net/bonding_masters
asuser ip -d link show bx
asuser cat /proc/net/bonding/bx
asuser ip link set bx type bond miimon 10
ip link del bx
ip link del b0
