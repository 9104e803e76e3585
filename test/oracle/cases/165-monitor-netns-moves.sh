# monitors of all, with labels, while things happen
(timeout 6 ip monitor all label > /tmp/m1 2>&1 &) ; sleep 1; ip link add d0 type dummy; ip link set d0 address 02:00:00:00:00:01 up; ip addr add 10.0.0.1/24 dev d0; ip route add 10.1.0.0/16 via 10.0.0.2; ip -6 route add 2001:db8::/32 dev d0; ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev d0; ip rule add pref 5 table 9; ip nexthop add id 1 via 10.0.0.2 dev d0; ip nexthop add id 2 group 1; ip link del d0; sleep 6; cat /tmp/m1
(timeout 5 ip -d -s monitor link addr dev d1 > /tmp/m2 2>&1 &) ; sleep 1; ip link add d1 type dummy; ip link set d1 up; ip addr add 10.0.1.1/24 dev d1; ip link del d1; sleep 5; wc -l < /tmp/m2; head -1 /tmp/m2
(timeout 5 ip -o -4 monitor route address > /tmp/m3 2>&1 &) ; sleep 1; ip link add d2 type dummy; ip link set d2 up; ip addr add 10.0.2.1/24 dev d2; ip link set d2 down; sleep 5; cat /tmp/m3
(timeout 5 ip -j monitor nexthop rule > /tmp/m4 2>&1 &) ; sleep 1; ip link set d2 up; ip nexthop add id 3 dev d2; ip nexthop replace id 3 dev d2 proto 5; ip nexthop add id 4 group 3 type resilient buckets 4; ip nexthop del id 3; ip rule add pref 7 prohibit; ip rule del pref 7; sleep 5; cat /tmp/m4
(timeout 5 bridge monitor all > /tmp/m5 2>&1 &) ; sleep 1; ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1; ip link set d2 master br0; bridge vlan add dev d2 vid 5; bridge fdb add 02:00:00:00:00:55 dev d2 master; bridge mdb add dev br0 port d2 grp 239.1.1.1 permanent; ip link del br0; sleep 5; cat /tmp/m5
rtmon file /tmp/rt.log & sleep 1; ip link add d6 type dummy; ip addr add 10.6.0.1/24 dev d6; kill %1; ip monitor file /tmp/rt.log | grep -v Timestamp | head -20
ip netns add a; ip netns add b; ip link add va type veth peer name vb netns a; ip -n a link set vb netns b; ip -d link show va; ip -n b -d link show vb; ip netns list; ip netns list-id
ip netns set b 77; ip netns list-id; ip netns list-id target-nsid 77; ip link show va
ip -n b link set vb name va; ip -n b link set va netns 1
ip -n b link set va alias x address 02:00:00:00:00:0b up; ip -n b addr add 10.9.0.1/24 dev va; ip -n b route add 10.10.0.0/16 via 10.9.0.2; ip -n b neigh add 10.9.0.2 lladdr 02:00:00:00:00:99 dev va; ip -n b link set va netns a name zz; ip -n a -d addr show zz; ip -n b route; ip -n a route; ip -n b neigh
ip -n a link set zz up; ip -n a addr show zz; ip -n a maddr show dev zz
ip netns exec a ip link property add dev zz altname zzalt; ip -n a link set zzalt netns 1; ip link show zzalt
ip link add zclash type dummy; ip -n a link add zclash type dummy; ip -n a link set zclash netns 1; ip -n a link property add dev zclash altname d2; ip -n a link set zclash netns 1 name ok; ip -br link
ip -all netns exec ip -br link; ip -n a link del zclash; ip netns del a; ip netns del b; ip netns list; ip -br link
ip -s -s -d -j -p link show d2 | grep -v '"address"' | head -30
ip -s -s -d -j -p addr show d2 | grep -v '"address"\|local' | head -30
ip -force -batch - <<< $'link add q0 type dummy\nlink set q0 up mtu 5\nroute add 1.2.3.4 via 9.9.9.9\nlink del q0\naddr show nosuch\nrule add pref 9 table 5\nrule del pref 9'
