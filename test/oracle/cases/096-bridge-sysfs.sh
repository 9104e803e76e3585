ip link add br0 address 02:00:00:00:00:f0 type bridge
ip link add p0 address 02:00:00:00:00:01 type dummy
ip link set p0 master br0
ls /sys/class/net/br0/bridge
ls /sys/class/net/br0/brif /sys/class/net/p0/brport
ls -l /sys/class/net/br0/brif/
grep -r . /sys/class/net/br0/bridge
grep -r . /sys/class/net/p0/brport
readlink /sys/class/net/p0/brport/bridge
readlink /sys/class/net/br0/brif/p0
ip link set br0 up
ip link set p0 up
echo 1 > /sys/class/net/br0/bridge/stp_state
cat /sys/class/net/br0/bridge/stp_state
echo 500 > /sys/class/net/br0/bridge/forward_delay
echo 300 > /sys/class/net/br0/bridge/hello_time
echo 50 > /sys/class/net/br0/bridge/hello_time
echo 1500 > /sys/class/net/br0/bridge/max_age
echo 10000 > /sys/class/net/br0/bridge/ageing_time
echo 100 > /sys/class/net/br0/bridge/priority
echo bogus > /sys/class/net/br0/bridge/priority
echo 70000 > /sys/class/net/br0/bridge/priority
echo 8 > /sys/class/net/br0/bridge/group_fwd_mask
echo 1 > /sys/class/net/br0/bridge/group_fwd_mask
echo 01:80:c2:00:00:05 > /sys/class/net/br0/bridge/group_addr
echo 01:80:c2:00:00:01 > /sys/class/net/br0/bridge/group_addr
echo 1 > /sys/class/net/br0/bridge/flush
echo 1 > /sys/class/net/br0/bridge/vlan_filtering
echo 5 > /sys/class/net/br0/bridge/default_pvid
echo 34984 > /sys/class/net/br0/bridge/vlan_protocol
echo 1 > /sys/class/net/br0/bridge/vlan_stats_enabled
echo 0 > /sys/class/net/br0/bridge/multicast_snooping
echo 1 > /sys/class/net/br0/bridge/multicast_snooping
echo 2 > /sys/class/net/br0/bridge/multicast_router
echo 1 > /sys/class/net/br0/bridge/multicast_querier
echo 512 > /sys/class/net/br0/bridge/hash_max
echo 3 > /sys/class/net/br0/bridge/multicast_igmp_version
echo 4 > /sys/class/net/br0/bridge/multicast_igmp_version
echo 200 > /sys/class/net/br0/bridge/multicast_query_interval
echo 1 > /sys/class/net/br0/bridge/nf_call_iptables
echo 1 > /sys/class/net/br0/bridge/no_linklocal_learn
grep -r . /sys/class/net/br0/bridge
echo 50 > /sys/class/net/p0/brport/path_cost
echo 0 > /sys/class/net/p0/brport/path_cost
echo 5 > /sys/class/net/p0/brport/priority
echo 64 > /sys/class/net/p0/brport/priority
echo 1 > /sys/class/net/p0/brport/hairpin_mode
echo 1 > /sys/class/net/p0/brport/bpdu_guard
echo 0 > /sys/class/net/p0/brport/learning
echo 0 > /sys/class/net/p0/brport/unicast_flood
echo 2 > /sys/class/net/p0/brport/multicast_router
echo 4 > /sys/class/net/p0/brport/multicast_router
echo 1 > /sys/class/net/p0/brport/isolated
echo 1 > /sys/class/net/p0/brport/flush
echo p0 > /sys/class/net/p0/brport/backup_port
echo 1 > /sys/class/net/p0/brport/state
grep -r . /sys/class/net/p0/brport
bridge -d link show
brctl showstp br0
brctl showmacs br0
brctl show br0
brctl show nope
brctl showstp nope
brctl showmacs p0
asuser brctl addbr br9
asuser cat /sys/class/net/br0/bridge/stp_state
asuser sh -c "echo 0 > /sys/class/net/br0/bridge/stp_state"
ip link set p0 nomaster
ls /sys/class/net/br0/brif /sys/class/net/p0
ip link del br0
