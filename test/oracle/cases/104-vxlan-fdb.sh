ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add vx0 address 02:00:00:00:01:00 type vxlan id 100 dstport 4789 local 10.0.0.1 nolearning ageing 20
ip link add vx6 address 02:00:00:00:01:01 type vxlan id 101 dstport 4789 remote 2001:db8::2 flowlabel 0x1234
bridge fdb show dev vx6
bridge fdb add 02:00:00:00:00:aa dev vx0 dst 10.0.0.8
bridge fdb add 02:00:00:00:00:aa dev vx0 dst 10.0.0.8
bridge fdb append 02:00:00:00:00:aa dev vx0 dst 10.0.0.9
bridge fdb replace 02:00:00:00:00:aa dev vx0 dst 10.0.0.9
bridge fdb replace 02:00:00:00:00:aa dev vx0 dst 10.0.0.9
bridge fdb replace 02:00:00:00:00:ab dev vx0 dst 10.0.0.10 port 5000 vni 7 via d0
bridge fdb replace 00:00:00:00:00:00 dev vx0 dst 10.0.0.9
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.10 via d1
bridge fdb append 01:00:5e:00:00:05 dev vx0 dst 10.0.0.11
bridge fdb replace 01:00:5e:00:00:05 dev vx0 dst 10.0.0.12
bridge fdb add 02:00:00:00:00:ac dev vx0 dst 10.0.0.12 dynamic
bridge fdb add 02:00:00:00:00:ad dev vx0 dst 10.0.0.12 router
bridge fdb add 02:00:00:00:00:ae dev vx0 dst 10.0.0.12 extern_learn
bridge fdb add 02:00:00:00:00:af dev vx0 dst 10.0.0.12 static
bridge fdb replace 02:00:00:00:00:aa dev vx0 dst 10.0.0.9 extern_learn
bridge fdb replace 02:00:00:00:00:ae dev vx0 dst 10.0.0.13 router
bridge fdb add 02:00:00:00:00:b0 dev vx0 dst 10.0.0.12 use
bridge fdb add 02:00:00:00:00:b1 dev vx0 dst 10.0.0.12 src_vni 55
bridge fdb add 02:00:00:00:00:b2 dev vx0
bridge fdb add 02:00:00:00:00:b3 dev vx0 dst 2001:db8::9
bridge fdb add 02:00:00:00:00:b4 dev vx0 dst 10.0.0.12 via nope
bridge fdb add 02:00:00:00:00:b5 dev vx0 dst 10.0.0.12 vlan 5
bridge fdb add 02:00:00:00:00:b6 dev vx0 dst 10.0.0.12 local
bridge fdb add 02:00:00:00:00:b7 dev vx6 dst 2001:db8::9 port 1
bridge fdb show dev vx0
bridge -s fdb show dev vx0
bridge -j -d fdb show dev vx0
bridge fdb get 02:00:00:00:00:ab dev vx0 self
bridge fdb get 02:00:00:00:00:ab dev vx0 self vni 7
bridge fdb get 02:00:00:00:00:ff dev vx0 self
bridge fdb del 00:00:00:00:00:00 dev vx0 dst 10.0.0.10 via d1
bridge fdb del 00:00:00:00:00:00 dev vx0 dst 10.0.0.99
bridge fdb del 00:00:00:00:00:00 dev vx0
bridge fdb del 00:00:00:00:00:00 dev vx0
bridge fdb del 02:00:00:00:00:ab dev vx0 dst 10.0.0.10
bridge fdb del 02:00:00:00:00:ab dev vx0 dst 10.0.0.10 port 5000 vni 7 via d0
ip link add br0 type bridge
ip link set vx0 master br0
bridge fdb add 02:00:00:00:00:c0 dev vx0 dst 10.0.0.20 self
bridge fdb add 02:00:00:00:00:c1 dev vx0 dst 10.0.0.20 self master
bridge fdb show dev vx0
bridge fdb show br br0
bridge fdb flush dev vx0 self
bridge fdb show dev vx0
ip nexthop add id 1 via 10.0.0.31 fdb
ip nexthop add id 2 via 10.0.0.32 fdb
ip nexthop add id 3 via 2001:db8::3 fdb
ip nexthop add id 10 group 1/2 fdb
ip nexthop add id 11 group 3 fdb
ip nexthop add id 4 dev d0
bridge fdb add 02:00:00:00:00:d0 dev vx0 nhid 10 self
bridge fdb add 02:00:00:00:00:d1 dev vx0 nhid 11 self
bridge fdb add 02:00:00:00:00:d2 dev vx0 nhid 1 self
bridge fdb add 02:00:00:00:00:d3 dev vx0 nhid 4 self
bridge fdb add 02:00:00:00:00:d4 dev vx0 nhid 99 self
bridge fdb add 02:00:00:00:00:d5 dev vx0 nhid 10 dst 10.0.0.9 self
bridge fdb add 02:00:00:00:00:d6 dev vx0 dst 10.0.0.9 self
bridge fdb replace 02:00:00:00:00:d6 dev vx0 nhid 10 self
bridge fdb append 02:00:00:00:00:d0 dev vx0 nhid 10 self
bridge fdb replace 02:00:00:00:00:d0 dev vx0 nhid 10 self
bridge fdb show dev vx0
bridge fdb get 02:00:00:00:00:d0 dev vx0 self
ip nexthop del id 10
bridge fdb show dev vx0
ip link del vx0
ip link del vx6
