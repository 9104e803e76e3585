# bridge: mdb, vlan, fdb commands with all their words
#@ settle 60
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1 mcast_snooping 1 mcast_igmp_version 3 mcast_mld_version 2
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set d0 master br0 up
ip link set d1 master br0 up
ip link set br0 up
bridge mdb add dev br0 port d0 grp 239.1.1.1
bridge mdb add dev br0 port d0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port d0 grp 239.1.1.2 permanent vid 1
bridge mdb add dev br0 port d0 grp 239.1.1.3 permanent vid 77
bridge mdb add dev br0 port d0 grp 239.1.1.3 src 10.0.0.1 temp
bridge mdb add dev br0 port d0 grp 239.1.1.4 permanent filter_mode include source_list 10.0.0.1,10.0.0.2
bridge mdb add dev br0 port d0 grp 239.1.1.5 temp filter_mode exclude source_list 10.0.0.1 proto 9
bridge mdb add dev br0 port d0 grp 239.1.1.6 src 10.0.0.1 filter_mode include
bridge mdb add dev br0 port d0 grp 239.1.1.6 filter_mode include
bridge mdb add dev br0 port d0 grp 239.1.1.6 source_list 10.0.0.1
bridge mdb add dev br0 port d0 grp 239.1.1.6 filter_mode exclude source_list 239.1.1.1
bridge mdb replace dev br0 port d0 grp 239.1.1.4 permanent filter_mode exclude source_list 10.0.0.3
bridge mdb add dev br0 port br0 grp 239.1.1.7
bridge mdb add dev br0 port br0 grp 239.1.1.7 permanent
bridge mdb add dev br0 port d0 grp 224.0.0.5
bridge mdb add dev br0 port d0 grp 10.0.0.1
bridge mdb add dev br0 port d0 grp ff02::1
bridge mdb add dev br0 port d0 grp ff15::1 permanent
bridge mdb add dev br0 port d0 grp ff15::2 src 2001:db8::1 vid 1
bridge mdb add dev br0 port d0 grp 01:00:5e:00:00:09 permanent
bridge mdb add dev br0 port d0 grp 01:02:03:04:05:06 permanent
bridge mdb add dev br0 port d0 grp 01:02:03:04:05:07 temp
bridge mdb add dev br0 port d0 grp 02:02:03:04:05:06 permanent
bridge mdb add dev br0 port lo grp 239.1.1.1
bridge mdb add dev d0 port d1 grp 239.1.1.1
bridge mdb add dev br0 port nosuch grp 239.1.1.1
bridge mdb add dev br0 grp 239.1.1.1
bridge mdb add dev br0 port d0 grp 239.1.1.8 vid 4095
bridge mdb show
bridge -d mdb show
bridge -d -s -j mdb show
bridge mdb show dev br0 vid 1
bridge mdb show dev d0
bridge mdb del dev br0 port d0 grp 239.1.1.4
bridge mdb del dev br0 port d0 grp 239.1.1.4
bridge mdb del dev br0 port d0 grp 239.1.1.5 src 10.0.0.1
bridge mdb del dev br0 port br0 grp 239.1.1.7
bridge mdb del dev br0 port d0 grp 01:02:03:04:05:06 vid 1
bridge -d mdb show
bridge vlan add vid 10-20 dev d0 untagged
bridge vlan add vid 15 dev d0 pvid
bridge vlan add vid 20-10 dev d0
bridge vlan add vid 4094-4095 dev d0
bridge vlan add vid 10-12 dev d0 pvid
bridge vlan add vid 30 dev d0 master
bridge vlan add vid 31 dev d0 self
bridge vlan add vid 31 dev br0
bridge vlan add vid 31 dev br0 self pvid untagged
bridge vlan add vid 32-33 dev br0 self
bridge vlan add vid 5 dev nosuch
bridge vlan add vid 5 dev lo
bridge vlan show
bridge -d vlan show dev d0
bridge -c -j vlan show
bridge -compressvlans vlan show
bridge vlan show vid 15
bridge -s vlan show dev d0
bridge vlan set vid 15 dev d0 state 4
bridge vlan set vid 15 dev d0 state listening
bridge vlan set vid 15-16 dev d0 mcast_router 2
bridge vlan set vid 99 dev d0 state 3
bridge vlan set vid 31 dev br0 state 3
bridge vlan global set vid 15 dev br0 mcast_snooping 0
bridge vlan global set vid 31 dev br0 mcast_querier 1 mcast_igmp_version 3 mcast_query_interval 5000
bridge vlan global set vid 99 dev br0 mcast_querier 1
bridge vlan global set vid 15 dev d0 mcast_querier 1
bridge -d vlan global show
bridge vlan tunnelshow
bridge vlan add vid 15 dev d0 tunnel_info id 500
ip link set d0 type bridge_slave vlan_tunnel on
bridge vlan add vid 15 dev d0 tunnel_info id 500
bridge vlan add vid 10-12 dev d0 tunnel_info id 100-102
bridge vlan add vid 10-12 dev d0 tunnel_info id 100-105
bridge vlan show tunnelshow
bridge vlan tunnelshow dev d0
bridge vlan del vid 15 dev d0 tunnel_info id 500
bridge vlan del vid 10-20 dev d0
bridge vlan del vid 99 dev d0
bridge vlan del vid 31 dev br0 self
bridge vlan show
bridge fdb add 02:00:00:00:09:01 dev d0 master
bridge fdb add 02:00:00:00:09:02 dev d0 master static vlan 1
bridge fdb add 02:00:00:00:09:03 dev d0 master dynamic vlan 1 sticky
bridge fdb add 02:00:00:00:09:04 dev d0 master temp vlan 99
bridge fdb add 02:00:00:00:09:05 dev d0 master extern_learn vlan 1
bridge fdb add 02:00:00:00:09:06 dev d0 master local vlan 1
bridge fdb add 02:00:00:00:09:07 dev d0 master use vlan 1
bridge fdb add 02:00:00:00:09:08 dev d0 self
bridge fdb add 33:33:00:00:00:09 dev d0 self
bridge fdb add 02:00:00:00:09:09 dev br0 self local
bridge fdb add 02:00:00:00:09:0a dev br0 master
bridge fdb add 01:00:00:00:09:0a dev d0 master
bridge fdb replace 02:00:00:00:09:01 dev d1 master
bridge fdb add 02:00:00:00:09:02 dev d1 master static vlan 1
bridge fdb append 02:00:00:00:09:02 dev d1 master static vlan 1
bridge fdb add 02:00:00:00:09:0b dev d0 master dst 10.0.0.1
bridge fdb add 02:00:00:00:09:0b dev d0 master activity_notify
bridge fdb show
bridge -d -s -j fdb show br br0
bridge fdb show dev d0 vlan 1
bridge fdb show br br0 brport d0 dynamic
bridge fdb show state static
bridge fdb get 02:00:00:00:09:02 dev d0 master vlan 1
bridge fdb get 02:00:00:00:09:02 br br0 vlan 1
bridge fdb get 02:00:00:00:09:77 br br0
bridge fdb flush dev br0 vlan 1
bridge fdb flush dev d0 master
bridge fdb flush dev br0 dev d1
bridge fdb del 02:00:00:00:09:01 dev d1 master
bridge fdb del 02:00:00:00:09:01 dev d1 master
bridge fdb show
bridge link set dev d0 vlan_tunnel off mcast_router 0
bridge monitor bogus
bridge vlan bogus
bridge bogus
ip link set br0 type bridge vlan_filtering 0 vlan_default_pvid 0
bridge vlan show
ip link del d0
bridge -d mdb show
