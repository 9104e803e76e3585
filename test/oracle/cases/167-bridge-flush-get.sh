#@ settle 60
ip link add br0 address 02:00:00:00:00:f0 type bridge vlan_filtering 1 mcast_snooping 1
ip link add p0 address 02:00:00:00:00:01 type dummy
ip link add p1 address 02:00:00:00:00:02 type dummy
ip link set p0 master br0
ip link set p1 master br0
ip link set br0 up
ip link set p0 up
ip link set p1 up
bridge vlan add dev p0 vid 10 master
bridge vlan add dev p0 vid 11-13
bridge vlan show
bridge vlan del dev p0 vid 10 master
bridge vlan del dev p0 vid 11-12
bridge vlan show
bridge fdb add 02:00:00:00:01:01 dev p0 master static vlan 13
bridge fdb add 02:00:00:00:01:02 dev p0 master static
bridge fdb add 02:00:00:00:01:03 dev p1 master extern_learn
bridge fdb add 02:00:00:00:01:04 dev p1 master permanent
bridge fdb add 02:00:00:00:01:05 dev p1 master static sticky
bridge fdb get 02:00:00:00:01:01 br br0 vlan 13
bridge fdb get 02:00:00:00:01:09 br br0
bridge fdb flush dev br0 vlan 13
bridge fdb flush dev br0 permanent
bridge fdb flush dev br0 sticky
bridge fdb flush dev p1 master extern_learn
bridge fdb flush dev br0 brport p0
bridge fdb flush dev br0 brport lo
bridge fdb flush dev br0 brport nosuch
bridge fdb flush dev br0 vlan 4095
bridge fdb flush dev lo
bridge fdb show
bridge mdb add dev br0 port p0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port p0 grp 239.1.1.2 permanent filter_mode include source_list 192.0.2.1,192.0.2.2 proto static
bridge mdb replace dev br0 port p0 grp 239.1.1.2 permanent filter_mode exclude source_list 192.0.2.3 proto zebra
bridge mdb replace dev br0 port p0 grp 239.1.1.1 temp
bridge mdb add dev br0 port p1 grp ff0e::1 permanent vid 1
bridge mdb get dev br0 grp 239.1.1.2
bridge mdb get dev br0 grp 239.1.1.9
bridge mdb get dev br0 grp ff0e::1 vid 1
bridge mdb flush dev br0 port p0
bridge mdb flush dev br0 vid 1
bridge mdb flush dev lo
bridge -d mdb show
ip link set br0 type bridge mst_enabled 1
ip link set dev p0 type bridge_slave mab on
ip link set dev p0 type bridge_slave locked on mab on
ip link set dev p0 type bridge_slave mab off locked off
