# bridge and its ports: every attribute, and bounds
#@ settle 60
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip -d link show br0
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set d0 master br0
ip -d link show d0
ip link set d0 type bridge_slave state 3
ip link set br0 up
ip link set d0 up
ip link set d0 type bridge_slave state 5
ip link set d0 type bridge_slave state 1
ip -d link show d0
ip link set d0 type bridge_slave priority 63 cost 65535 guard on hairpin on fastleave on root_block on learning off flood off
ip link set d0 type bridge_slave priority 64
ip link set d0 type bridge_slave cost 0
ip link set d0 type bridge_slave cost 65536
ip link set d0 type bridge_slave proxy_arp on proxy_arp_wifi on mcast_router 2 mcast_fast_leave off mcast_flood off bcast_flood off mcast_to_unicast on group_fwd_mask 0x8 neigh_suppress on vlan_tunnel on isolated on locked on
ip -d link show d0
ip -d -j -p link show d0
ip link set d0 type bridge_slave mcast_router 4
ip link set d0 type bridge_slave group_fwd_mask 0x1
ip link set d0 type bridge_slave group_fwd_mask 0xffff
ip link set d0 type bridge_slave backup_port d1
ip link set d1 master br0
ip link set d0 type bridge_slave backup_port d1
ip link set d0 type bridge_slave backup_port d0
ip link set d0 type bridge_slave backup_port nosuch
ip -d link show d0
ip link set d0 type bridge_slave nobackup_port
ip link set d0 type bridge_slave fdb_flush
ip link set lo type bridge_slave learning on
ip link set br0 type bridge forward_delay 199
ip link set br0 type bridge forward_delay 3001
ip link set br0 type bridge stp_state 1 forward_delay 199
ip link set br0 type bridge hello_time 99
ip link set br0 type bridge hello_time 1001
ip link set br0 type bridge max_age 599
ip link set br0 type bridge max_age 4001
ip link set br0 type bridge priority 65536
ip link set br0 type bridge priority 100 ageing_time 500 stp_state 0
ip link set br0 type bridge group_fwd_mask 0x10 group_address 01:80:c2:00:00:04
ip link set br0 type bridge group_fwd_mask 7
ip link set br0 type bridge group_address 01:80:c2:00:00:03
ip link set br0 type bridge group_address 01:80:c2:00:00:10
ip link set br0 type bridge no_linklocal_learn 1 vlan_filtering 1 vlan_default_pvid 7 vlan_stats_enabled 1 vlan_stats_per_port 1
ip link set br0 type bridge vlan_default_pvid 4095
ip link set br0 type bridge vlan_stats_per_port 0
ip link set br0 type bridge vlan_protocol 0x9100
ip link set br0 type bridge mcast_snooping 0 mcast_router 2 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_elasticity 8 mcast_hash_max 1000
ip link set br0 type bridge mcast_hash_max 1024 mcast_last_member_count 5 mcast_startup_query_count 6 mcast_last_member_interval 7 mcast_membership_interval 8 mcast_querier_interval 9
ip link set br0 type bridge mcast_query_interval 10 mcast_query_response_interval 11 mcast_startup_query_interval 12 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2
ip link set br0 type bridge mcast_query_interval 10000
ip link set br0 type bridge mcast_igmp_version 4
ip link set br0 type bridge mcast_mld_version 3
ip link set br0 type bridge mcast_router 3
ip link set br0 type bridge mcast_vlan_snooping 1
ip link set br0 type bridge nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1
ip link set br0 type bridge fdb_flush
ip -d link show br0
ip -d -j -p link show br0
bridge -d link show
bridge -j -d link show dev d0
bridge link set dev d0 cost 7 priority 8 state 3 guard off hairpin off fastleave off root_block off learning on learning_sync on flood on mcast_flood on
bridge link set dev d0 hwmode veb
bridge link set dev d0 hwmode vepa self
bridge link set dev d0 state listening
bridge link set dev d0 state bogus
bridge link set dev br0 cost 7
bridge link set dev lo cost 7
bridge link set dev d0 neigh_vlan_suppress on
bridge link set dev d0 locked on mab on
bridge link set dev d0 cost 7 master self
bridge -d link show dev d0
ip link set br0 mtu 1400
ip link set d0 mtu 1300
ip link show br0
ip link set br0 address 02:00:00:00:00:b1
ip link set d0 address 02:00:00:00:00:11
ip link set br0 master br0
ip link add br1 address 02:00:00:00:00:b5 type bridge
ip link set br1 master br0
ip link set d0 master br1
ip -br link show master br1
ip link set d0 nomaster
ip -d link show d0
ip link add br2 type bridge forward_delay 1 
ip link add br2 type bridge mcast_hash_max 3
ip link add br2 address 02:00:00:00:00:b7 type bridge stp_state 2
ip link del br0
