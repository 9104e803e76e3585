ip link add br0 address 02:00:00:00:00:f0 type bridge mcast_snooping 1
ip link add p0 address 02:00:00:00:00:01 type dummy
ip link add p1 address 02:00:00:00:00:02 type dummy
ip link set p0 master br0
ip link set p1 master br0
bridge mdb show
bridge mdb add dev br0 port p0 grp 239.1.1.1
bridge mdb add dev br0 port p0 grp 239.1.1.1 permanent
ip link set br0 up
ip link set p0 up
ip link set p1 up
bridge mdb show
bridge mdb add dev br0 port p0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port p0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port p1 grp 239.1.1.1 temp
bridge mdb add dev br0 port p0 grp ff05::1:3 permanent
bridge mdb add dev br0 port p0 grp ff02::1 permanent
bridge mdb add dev br0 port p0 grp 224.0.0.1 permanent
bridge mdb add dev br0 port p0 grp 10.0.0.1 permanent
bridge mdb add dev br0 port p0 grp 239.1.1.2 src 10.0.0.1 permanent
bridge mdb add dev br0 port p0 grp ff05::5 src 2001:db8::1 temp
bridge mdb add dev br0 port p0 grp 01:02:03:04:05:06 permanent
bridge mdb add dev br0 port p0 grp 01:02:03:04:05:07
bridge mdb add dev br0 port p0 grp 02:02:03:04:05:07 permanent
bridge mdb add dev br0 port p0 grp 01:02:03:04:05:06 src 10.0.0.1 permanent
bridge mdb add dev br0 port br0 grp 239.1.1.3
bridge mdb add dev br0 port br0 grp 239.1.1.3 permanent
bridge mdb add dev br0 port br0 grp 239.1.1.3 permanent
bridge mdb add dev br0 port br0 grp 239.1.1.4 src 10.0.0.1
bridge mdb add dev br0 port lo grp 239.1.1.1 permanent
bridge mdb add dev p0 port p0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port nope grp 239.1.1.1 permanent
bridge mdb add dev br0 port p0 grp 239.1.1.9 permanent vid 10
bridge mdb add dev br0 port p0 grp 239.1.1.9 permanent vid 5000
bridge mdb show
bridge -d mdb show
bridge -s -d mdb show
bridge -j -d -s mdb show
bridge mdb show dev br0
bridge mdb show dev p0
bridge fdb show br br0
bridge mdb del dev br0 port p1 grp 239.1.1.1
bridge mdb del dev br0 port p1 grp 239.1.1.1
bridge mdb del dev br0 port p0 grp 239.1.1.2
bridge mdb del dev br0 port p0 grp 239.1.1.2 src 10.0.0.1
bridge mdb del dev br0 port br0 grp 239.1.1.3
bridge mdb del dev br0 port br0 grp 239.1.1.3
bridge mdb show
ip link set br0 type bridge mcast_igmp_version 3 mcast_mld_version 2
bridge -d -s mdb show
bridge mdb add dev br0 port p0 grp 239.2.2.2 temp
bridge mdb add dev br0 port p1 grp 239.2.2.2 src 10.0.0.1 temp
bridge mdb add dev br0 port p0 grp 239.2.2.2 src 10.0.0.1 permanent
bridge -d -s mdb show
ip link set br0 type bridge mcast_membership_interval 200
bridge mdb add dev br0 port p0 grp 239.3.3.3 temp
bridge mdb show
sleep 3
bridge mdb show
ip link set p1 type bridge_slave mcast_router 2
ip link set p0 type bridge_slave mcast_router 3
bridge -d -s mdb show
bridge -j -d mdb show
ip link set p1 type bridge_slave mcast_router 1
ip link set p1 type bridge_slave mcast_router 0
ip link set p0 type bridge_slave mcast_router 1
ip link set p1 type bridge_slave mcast_router 4
ip link set br0 type bridge mcast_router 2
ip link set br0 type bridge mcast_router 0
ip link set br0 type bridge mcast_router 1
ip link set p0 type bridge_slave fastleave on
bridge mdb add dev br0 port p0 grp 239.4.4.4 temp
bridge -d mdb show
ip -d link show br0
ip link set br0 type bridge vlan_filtering 1
bridge mdb add dev br0 port p0 grp 239.5.5.5 permanent
bridge mdb add dev br0 port p0 grp 239.5.5.6 permanent vid 1
bridge mdb add dev br0 port p0 grp 239.5.5.7 permanent vid 2
bridge vlan add dev p0 vid 2
bridge mdb show
bridge mdb show vid 1
bridge mdb del dev br0 port p0 grp 239.5.5.5
ip link set p0 down
bridge mdb show
ip link set br0 type bridge mcast_snooping 0
bridge mdb show
bridge mdb add dev br0 port p1 grp 239.5.5.5 permanent
ip link set br0 type bridge mcast_snooping 1
bridge mdb show
ip link set p0 up
ip link set p0 nomaster
bridge mdb show
ip link set br0 down
bridge mdb add dev br0 port p1 grp 239.5.5.5 permanent
bridge mdb show
ip link del br0
bridge mdb show
