ip link add br0 address 02:00:00:00:00:f0 type bridge vlan_filtering 1
ip link add p0 address 02:00:00:00:00:01 type dummy
ip link add p1 address 02:00:00:00:00:02 type dummy
ip link set p0 master br0
ip link set p1 master br0
ip link set br0 up
ip link set p0 up
ip link set p1 up
bridge vlan add dev p0 vid 10-15
bridge vlan add dev p1 vid 10-12
bridge vlan add dev br0 vid 10-20 self
bridge vlan set dev p0 vid 10-12 state blocking
bridge vlan set dev p0 vid 11-14 state blocking
bridge vlan set dev p0 vid 10 state listening
bridge vlan set dev p0 vid 10 state disabled
bridge vlan set dev p0 vid 10 state 5
bridge vlan set dev p0 vid 10-20 state learning
bridge vlan set dev br0 vid 10 state blocking self
bridge vlan set dev br0 vid 10 state blocking
bridge vlan set dev p0 vid 1 state blocking
bridge vlan set dev lo vid 10 state blocking
bridge vlan set dev p0 vid 10 mcast_router 2
bridge vlan set dev p0 vid 10
bridge -d vlan show
bridge -j -d vlan show
bridge vlan global show
bridge -d vlan global show
bridge -j -d vlan global show
bridge vlan global show dev br0 vid 10
bridge vlan global set dev br0 vid 10 mcast_snooping 0
bridge vlan global set dev br0 vid 10-15 mcast_snooping 0
bridge vlan global set dev br0 vid 10 mcast_snooping 1 mcast_querier 1
ip link set br0 type bridge mcast_vlan_snooping 1
bridge vlan global set dev br0 vid 10 mcast_snooping 0
bridge vlan global set dev br0 vid 10 mcast_snooping 1
bridge vlan global set dev br0 vid 10 mcast_querier 1
bridge vlan global set dev br0 vid 11 mcast_igmp_version 3 mcast_mld_version 2
bridge vlan global set dev br0 vid 11 mcast_igmp_version 4
bridge vlan global set dev br0 vid 12 mcast_last_member_count 3 mcast_last_member_interval 50 mcast_startup_query_count 4 mcast_startup_query_interval 500 mcast_membership_interval 1000 mcast_querier_interval 2000 mcast_query_interval 600 mcast_query_response_interval 700
bridge vlan global set dev br0 vid 12 mcast_query_interval 1
bridge vlan global set dev br0 vid 300 mcast_snooping 1
bridge vlan global set dev p0 vid 10 mcast_snooping 1
bridge vlan global set dev br0 vid 0 mcast_snooping 1
bridge -d vlan global show
bridge vlan set dev p0 vid 10-11 mcast_router 2
bridge vlan set dev p0 vid 12 mcast_router 3
bridge vlan set dev br0 vid 10 mcast_router 2 self
bridge vlan set dev p0 vid 12 mcast_router 4
bridge -d vlan show
bridge -d mdb show
bridge mdb add dev br0 port p0 grp 239.1.1.1 vid 10 permanent
bridge -d vlan show dev p0
bridge mdb show
ip link set br0 type bridge mcast_vlan_snooping 0
ip link set br0 type bridge vlan_filtering 0
ip link set br0 type bridge mcast_vlan_snooping 1
ip link set br0 type bridge vlan_filtering 1 mcast_vlan_snooping 1
ip link set br0 type bridge vlan_filtering 0
ip -d link show br0
bridge -s vlan show
bridge -s -j vlan show
bridge -s vlan show dev p0
ip link set br0 type bridge vlan_stats_per_port 1
ip link set br0 type bridge vlan_stats_enabled 1
ip link set p1 nomaster
ip link set p0 nomaster
ip link set br0 type bridge vlan_stats_per_port 1
ip link set p0 master br0
ip link set br0 type bridge vlan_stats_per_port 0
ip link set br0 type bridge vlan_stats_per_port 2
ip link set br0 type bridge vlan_stats_enabled 2
ip link set br0 type bridge vlan_protocol 802.1ad
ip link set br0 type bridge vlan_default_pvid 4095
ip link set br0 type bridge stp_state 1
bridge vlan set dev p0 vid 1 state blocking
bridge -s vlan show
ip stats show dev p0 group xstats_slave
ip stats show dev br0 group xstats
ip link del br0
