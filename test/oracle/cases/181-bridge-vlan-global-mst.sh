#@ settle 60
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_vlan_snooping 1
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link add v2 address 02:00:00:00:00:05 type veth peer name v3 address 02:00:00:00:00:06
ip link set v0 master br0 up
ip link set v2 master br0 up
ip link set v1 up
ip link set v3 up
ip link set br0 up
bridge vlan add vid 10-14 dev v0
bridge vlan add vid 12 dev v2 pvid untagged
bridge vlan add vid 10-12 dev br0 self
bridge vlan show
bridge -c=always vlan show
bridge -j -p vlan show
bridge -d vlan show
bridge -d -j vlan show dev v0
bridge -s -d vlan show dev v0
bridge vlan show vid 11
bridge vlan show dev v0 vid 13
bridge vlan show dev nosuch
bridge vlan global show
bridge -d vlan global show
bridge -j vlan global show dev br0
bridge vlan global show dev br0 vid 10
bridge vlan global set dev br0 vid 10 mcast_snooping 0
bridge vlan global set dev br0 vid 11 mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2
bridge vlan global set dev br0 vid 12 mcast_query_interval 6000 mcast_last_member_count 5 mcast_startup_query_count 3
bridge vlan global set dev br0 vid 12 mcast_last_member_interval 300 mcast_membership_interval 20000 mcast_querier_interval 20000 mcast_query_response_interval 900 mcast_startup_query_interval 1000
bridge vlan global set dev br0 vid 99 mcast_snooping 0
bridge vlan global set dev v0 vid 10 mcast_snooping 0
bridge vlan global set dev br0 vid 10 mcast_igmp_version 9
bridge vlan global set dev br0 vid 10
bridge vlan global show dev br0
bridge -j -p vlan global show dev br0
bridge vlan set dev v0 vid 10 state blocking
bridge vlan set dev v0 vid 11-12 state learning
bridge vlan set dev v0 vid 13 mcast_router 2
bridge vlan set dev v0 vid 13 mcast_max_groups 5
bridge vlan set dev v0 vid 14 neigh_suppress on
bridge vlan set dev v0 vid 99 state blocking
bridge vlan set dev v0 vid 10 state 9
bridge vlan set dev br0 vid 10 mcast_router 1
bridge -d vlan show dev v0
bridge -d vlan show dev br0
bridge -d -j vlan show dev v0
ip link set br0 type bridge mst_enabled 1
bridge vlan del vid 10-14 dev v0
bridge vlan del vid 12 dev v2
bridge vlan del vid 10-12 dev br0 self
ip link set br0 type bridge mst_enabled 1
ip -d link show br0
bridge vlan add vid 20-22 dev v0
bridge vlan add vid 20-22 dev br0 self
bridge vlan global set dev br0 vid 20 msti 5
bridge vlan global set dev br0 vid 21-22 msti 6
bridge vlan global set dev br0 vid 22 msti 5000
bridge vlan global show dev br0
bridge mst show
bridge mst set dev v0 msti 5 state 1
bridge link show dev v0
ip link set br0 type bridge mst_enabled 0
bridge vlan set dev v0 vid 21 state blocking
bridge vlan add vid 30 dev v0 tunnel_info id 300
bridge vlan add vid 30-32 dev v0 tunnel_info id 300-302
bridge vlan tunnelshow
bridge link set dev v0 vlan_tunnel on
bridge vlan add vid 30-32 dev v0 tunnel_info id 300-302
bridge vlan tunnelshow
bridge -j vlan tunnelshow
bridge vlan show tunnel
bridge vlan del vid 31 dev v0 tunnel_info id 301
bridge vlan tunnelshow dev v0
bridge -d link show
bridge -d -j link show dev v0
bridge -d -p -j link show dev v0
bridge link set dev v0 learning off flood off mcast_flood off bcast_flood off
bridge link set dev v0 guard on hairpin on fastleave on root_block on isolated on neigh_suppress on proxy_arp on
bridge link set dev v0 cost 77 priority 5 mcast_router 2 mcast_max_groups 4 locked on mab on
bridge link set dev v0 learning on locked on mab on
bridge link set dev v0 neigh_vlan_suppress on backup_port v2
bridge link set dev v0 backup_port v0
bridge link set dev v0 backup_nhid 5
bridge link set dev v0 nobackup_port
bridge link set dev v0 state 2
bridge link set dev v0 state 7
bridge link set dev br0 learning off
bridge link set dev v1 learning off
bridge link set dev v0 hwmode vepa
bridge -d link show dev v0
bridge mdb show
bridge -d mdb show
bridge -s -d -j mdb show
bridge mdb add dev br0 port v0 grp 239.1.1.1 vid 20 permanent
bridge mdb add dev br0 port v0 grp 239.1.1.2 src 192.0.2.9 vid 21 temp
bridge mdb add dev br0 port v0 grp 239.1.1.3 vid 20 filter_mode include source_list 192.0.2.1,192.0.2.2 proto static
bridge mdb replace dev br0 port v0 grp 239.1.1.3 vid 20 filter_mode exclude source_list 192.0.2.3 proto 77
bridge mdb add dev br0 port br0 grp ff0e::1 vid 20
bridge mdb add dev br0 port v0 grp 02:00:00:00:00:99 permanent
bridge mdb add dev br0 port v0 grp 01:00:5e:00:00:99 permanent
bridge mdb add dev br0 port v0 grp 224.0.0.1 vid 20
bridge -s -d mdb show dev br0
bridge mdb show vid 20
bridge mdb get dev br0 grp 239.1.1.1 vid 20
bridge -d mdb del dev br0 port v0 grp 239.1.1.3 vid 20
timeout 4 bridge monitor all & sleep 0.7; bridge vlan add vid 40 dev v0; bridge fdb add 02:00:00:00:00:77 dev v0 master vlan 40; bridge mdb add dev br0 port v0 grp 239.9.9.9 vid 40 permanent; bridge vlan global set dev br0 vid 20 mcast_querier 1; ip link set v0 nomaster; wait
timeout 3 bridge -timestamp monitor vlan | grep -v Timestamp & sleep 0.7; bridge vlan add vid 41 dev v2; bridge vlan del vid 41 dev v2; wait
bridge vni show
ip link add vx0 type vxlan external vnifilter dstport 4789
ip link set vx0 up
bridge vni add vni 100-102 dev vx0
bridge vni add vni 200 group 239.1.1.1 dev vx0
bridge vni add vni 201 remote 192.0.2.9 dev vx0
bridge vni show dev vx0
bridge -s vni show dev vx0
bridge -j -p vni show
bridge vni del vni 101 dev vx0
bridge vni del vni 101 dev vx0
bridge vni show
bridge -s -j vni show dev vx0
