ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add p0 address 02:00:00:00:00:01 type veth peer name q0 address 02:00:00:00:00:31
ip link add p1 address 02:00:00:00:00:02 type veth peer name q1 address 02:00:00:00:00:32
ip link set p0 master br0
ip link set p1 master br0
ip link set br0 up
ip link set p0 up
ip link set q0 up
sleep 1.5
bridge link set dev p0 mab on
bridge link set dev p0 locked on mab on
bridge link set dev p0 learning off
bridge link set dev p0 locked off mab off
bridge link set dev p0 learning on
bridge link set dev p0 mcast_max_groups 4
ip link set p0 type bridge_slave backup_port p1
ip -d link show p0
bridge link set dev p0 backup_port p0
bridge link set dev p0 backup_port lo
bridge link set dev p0 backup_port p1
bridge -d link show
bridge link set dev p0 nobackup_port
ip link set p0 type bridge_slave backup_port q1
ip link set p0 type bridge_slave backup_port p1
ip link set p1 nomaster
ip -d link show p0
ip link set p1 master br0
ip link set p0 type bridge_slave mcast_to_unicast on proxy_arp on proxy_arp_wifi on group_fwd_mask 8
ip link set p0 type bridge_slave group_fwd_mask 1
ip link set p0 type bridge_slave priority 64
ip link set p0 type bridge_slave cost 0
ip link set p0 type bridge_slave cost 65536
ip link set p0 type bridge_slave state 5
ip link set p1 type bridge_slave state 3
ip link set p0 type bridge_slave state 2
ip link set p0 type bridge_slave state 3
ip link set p0 type bridge_slave mcast_router 5
ip link set p0 type bridge_slave fdb_flush
bridge link set dev p0 hwmode vepa
bridge link set dev p0 hwmode veb self
bridge link set dev br0 learning off
bridge link set dev br0 learning off self
bridge link set dev lo learning off
bridge link set dev q0 learning off master
bridge link set dev p0 state 9
ip link set br0 type bridge mcast_querier 1
sleep 1
ip -d link show br0
ip link set br0 type bridge mcast_querier 0
ip link set br0 type bridge mcast_query_interval 50
ip link set br0 type bridge mcast_startup_query_interval 50
ip link set br0 type bridge mcast_hash_max 100
ip link set br0 type bridge mcast_hash_max 128 mcast_hash_elasticity 8
ip link set br0 type bridge mcast_igmp_version 4
ip link set br0 type bridge mcast_mld_version 3
ip link set br0 type bridge mcast_router 3
ip link set br0 type bridge mcast_stats_enabled 1
ip link set br0 type bridge group_fwd_mask 7
ip link set br0 type bridge group_address 01:80:c2:00:00:01
ip link set br0 type bridge group_address 01:80:c2:00:00:04
ip link set br0 type bridge group_address 01:80:c3:00:00:04
ip link set br0 type bridge no_linklocal_learn 1
ip link set br0 type bridge fdb_max_learned 2
ip link set br0 type bridge fdb_flush
ip link set br0 type bridge ageing_time 0
ip link set br0 type bridge ageing_time 30000
ip link set br0 type bridge nf_call_arptables 2
ip -d link show br0
ip -s -d link show br0
ip link xstats type bridge
ip link xstats type bridge_slave dev p0
bridge link show
ip link del br0
