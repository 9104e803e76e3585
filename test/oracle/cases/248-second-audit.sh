# extended acknowledgements of tables and rules that other cases have not met
#@ settle 60
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 master br0 up
ip link set br0 up
bridge vlan set vid 5 dev d0 state 3
bridge vlan add vid 5-6 dev d0
bridge vlan set vid 5-8 dev d0 state 3
bridge vlan set vid 4-6 dev d0 state 3
bridge vlan set vid 6-5 dev d0 state 3
bridge vlan set vid 5 dev d0 mcast_router 9
bridge vlan set vid 5 dev d0 mcast_max_groups 3
bridge vlan set vid 5 dev d0 neigh_suppress on
bridge vlan global set vid 5-7 dev br0 mcast_snooping 1
bridge vlan global set vid 5 dev br0 msti 7
ip link set br0 type bridge mst_enabled 1
bridge mst show
ip nexthop add id 1 via 10.0.0.1 dev d0
ip addr add 10.0.0.2/24 dev br0
ip nexthop add id 1 via 10.0.0.1 dev br0
ip nexthop add id 2 via 10.0.0.3 dev br0
ip nexthop add id 3 group 1/2 type resilient buckets 4
ip nexthop add id 4 group 3
ip nexthop add id 4 group 3/1
ip nexthop add id 4 group 1/2
ip nexthop add id 5 group 4/1
ip nexthop replace id 3 group 1/2 type resilient buckets 4 idle_timer 4294967295
ip nexthop replace id 3 group 1/2 type resilient idle_timer 5
ip nexthop replace id 3 group 1/2
ip nexthop add id 7 group 1/2 type mpath buckets 4
ip nexthop add id 8 via fe80::1
ip nexthop add id 8 via fe80::1 dev br0 fdb
ip nexthop add id 8 dev lo
ip nexthop add id 9 via 10.0.0.9 dev br0 onlink fdb
ip nexthop add id 4294967295 via 10.0.0.9 dev br0
ip nexthop show
ip fdb
bridge fdb add 02:00:00:00:00:77 dev lo
bridge fdb add 02:00:00:00:00:77 dev d0 master vlan 4095
bridge fdb add 02:00:00:00:00:77 dev d0 master vlan 9
bridge fdb get 02:00:00:00:00:77 dev d0 self
bridge fdb get 02:00:00:00:00:77 dev d0 master vlan 5000
bridge fdb get 02:00:00:00:00:77 dev d0 dynamic
ip link add g0 type gre local 10.0.0.2 remote 10.0.0.9
bridge fdb add 02:00:00:00:00:77 dev g0
bridge fdb del 02:00:00:00:00:77 dev g0
ip rule add l3mdev table 5
ip rule add uidrange 5-4 table 5
ip rule add from 0/0 to 0/0 ipproto 0 table 7
ip route add 10.5.0.0/16 nexthop via 10.0.0.9 dev br0 weight 1 nexthop nosuch
ip route add 10.5.0.0/16 via 10.0.0.9 encap bogus
ip route add 10.5.0.0/16 encap seg6 mode encap segs 2001:db8::1 dev br0
ip route add 10.5.0.0/16 encap seg6local action End.X nh6 2001:db8::1 dev br0
ip -6 route add 2001:db8:9::/48 encap seg6local action End.DT4 table 5 dev br0
ip -6 route add 2001:db8:9::/48 encap seg6local action End.DT4 vrftable 5 dev br0
ip -6 route add 2001:db8:9::/48 encap seg6local action End.DT6 table 5 dev br0
ip -6 route add 2001:db8:a::/48 encap seg6local action End.B6 srh segs 2001:db8::5 dev br0
ip -6 route add 2001:db8:b::/48 encap seg6local action End.DX2 oif d0 dev br0
ip -6 route add 2001:db8:c::/48 encap seg6local action End flavors psp,usp,usd dev br0
ip -6 route add 2001:db8:c::/48 encap seg6local action End flavors next-csid lblen 16 nflen 16 dev br0
ip -6 route add 2001:db8:d::/48 encap seg6 mode l2encap segs 2001:db8::1,2001:db8::2 hmac 5 dev br0
ip -6 route add 2001:db8:e::/48 encap seg6 mode inline segs 2001:db8::1 dev br0
ip -6 route add 2001:db8:f::/48 encap rpl segs 2001:db8::1,2001:db8::2 dev br0
ip -6 route add 2001:db8:10::/48 encap xfrm if_id 5 dev br0
ip route add 10.6.0.0/16 encap xfrm if_id 5 link_dev br0 dev br0
ip -6 -d route show
ip -j -6 route show
