# vxlan and geneve: every option, what can be changed, fdb flags, vni filters
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip link add x0 address 02:00:00:00:01:00 type vxlan id 1
ip link add x0 address 02:00:00:00:01:00 type vxlan id 1 dstport 4789 local 10.0.0.1 remote 10.0.0.2 dev d0 ttl 5 tos 0x10 df set flowlabel 0x12345 srcport 100 200 nolearning proxy rsc l2miss l3miss ageing 100 maxaddress 5 noudpcsum udp6zerocsumtx udp6zerocsumrx remcsumtx remcsumrx gbp
ip -d link show x0
ip -d -j link show x0
ip link add x1 address 02:00:00:00:01:01 type vxlan id 1 dstport 4789 local 10.0.0.1 dev d0
ip link add x1 address 02:00:00:00:01:01 type vxlan id 2 dstport 0 group 239.1.1.1
ip link add x1 address 02:00:00:00:01:01 type vxlan id 2 dstport 4789 group 239.1.1.1 dev d0 ttl auto tos inherit df inherit localbypass
ip link add x1 address 02:00:00:00:01:01 type vxlan id 2 dstport 4789 group 239.1.1.1 dev d0 ttl auto tos inherit df inherit gpe
ip link add x1 address 02:00:00:00:01:01 type vxlan id 2 dstport 4789 group 239.1.1.1 dev d0 ttl inherit tos inherit df inherit
ip -d link show x1
ip link add x2 address 02:00:00:00:01:02 type vxlan external dstport 4790 vnifilter
ip link add x3 type vxlan external gpe dstport 4790
ip link add x3 type vxlan external gpe dstport 4791
ip -d link show x3
ip link add x4 address 02:00:00:00:01:04 type vxlan id 5 local 2001:db8::1 remote 10.0.0.2 dstport 4789
ip link add x4 address 02:00:00:00:01:04 type vxlan id 5 local 2001:db8::1 remote 2001:db8::2 dstport 4789 flowlabel 7
ip link add x5 address 02:00:00:00:01:04 type vxlan id 5 remote fe80::2 dstport 4789
ip link add x5 address 02:00:00:00:01:05 type vxlan id 5 remote fe80::2 dev d0 dstport 4789
ip link add x6 type vxlan id 16777216
ip link add x6 type vxlan id 7 external dstport 4789
ip link add x6 type vxlan id 7 vnifilter dstport 4789
ip link add x6 type vxlan id 7 local 239.1.1.1 dstport 4789
ip link add x6 type vxlan id 7 srcport 200 100 dstport 4789
ip link add x6 type vxlan dstport 4789
ip link add x6 type vxlan id 7 dev nosuch
ip link add x6 type vxlan id 7 group 239.1.1.1
ip link add x6 mtu 70000 type vxlan id 7
ip link set x0 type vxlan id 1 remote 10.0.0.3
ip link set x0 type vxlan id 9
ip link set x0 type vxlan dstport 4800
ip link set x0 type vxlan ttl 9 
ip link set x0 type vxlan remote 10.0.0.9 ageing 77 learning
ip link set x0 type vxlan local 10.0.0.77 nol2miss
ip link set x0 type vxlan gpe
ip link set x0 type vxlan maxaddress 9
ip link set x0 type vxlan df unset tos 4 noproxy norsc
ip -d link show x0
ip link set x0 up
ip link set x1 up
ip link set x2 up
bridge fdb show
bridge fdb add 02:00:00:00:09:01 dev x0 dst 10.0.0.5 vni 55 port 4444 via d0 self permanent
bridge fdb add 02:00:00:00:09:01 dev x0 dst 10.0.0.5
bridge fdb append 02:00:00:00:09:01 dev x0 dst 10.0.0.6
bridge fdb append 00:00:00:00:00:00 dev x0 dst 10.0.0.7
bridge fdb replace 02:00:00:00:09:02 dev x0 dst 10.0.0.8 self dynamic
bridge fdb add 02:00:00:00:09:03 dev x0 dst 2001:db8::9
bridge fdb add 02:00:00:00:09:03 dev x0 nhid 7
bridge fdb add 02:00:00:00:09:03 dev x0 dst 10.0.0.9 router use extern_learn sticky
bridge fdb add 02:00:00:00:09:04 dev x0 dst 10.0.0.9 static
bridge fdb add 02:00:00:00:09:05 dev x0
bridge fdb add 02:00:00:00:09:06 dev x2 dst 10.0.0.9 src_vni 77
bridge vni add vni 77 dev x2
bridge vni add vni 80-82 group 10.0.0.99 dev x2
bridge vni add vni 81 dev x2
bridge vni add vni 100 group 239.1.1.5 dev x2
bridge vni del vni 85 dev x2
bridge vni add vni 77 dev x0
bridge fdb add 02:00:00:00:09:06 dev x2 dst 10.0.0.9 src_vni 77
bridge vni show
bridge -s -j vni show dev x2
bridge -d fdb show dev x0
bridge -j -s fdb show dev x0
bridge fdb get 02:00:00:00:09:01 dev x0 self
bridge fdb get 02:00:00:00:09:77 dev x0 self
bridge fdb del 02:00:00:00:09:01 dev x0 dst 10.0.0.6
bridge fdb del 02:00:00:00:09:01 dev x0
bridge fdb del 02:00:00:00:09:01 dev x0
bridge fdb flush dev x0
bridge fdb flush dev x0 dst 10.0.0.5
bridge fdb flush dev d0
bridge vni del vni 80-81 dev x2
ip -d link show x2
ip link add g0 address 02:00:00:00:02:00 type geneve id 5 remote 10.0.0.2
ip -d link show g0
ip link add g1 address 02:00:00:00:02:01 type geneve id 5 remote 10.0.0.2
ip link add g1 address 02:00:00:00:02:01 type geneve id 6 remote 10.0.0.2 ttl 5 tos inherit df set flowlabel 5 dstport 7 udpcsum udp6zerocsumtx noudp6zerocsumrx
ip link add g1 address 02:00:00:00:02:01 type geneve id 6 remote 2001:db8::2 ttl auto tos 7 flowlabel 0x55 dstport 7 innerprotoinherit
ip link add g1 address 02:00:00:00:02:01 type geneve id 6 remote 2001:db8::2 ttl auto tos 7 df set flowlabel 0x55 dstport 7 udp6zerocsumrx
ip -d -j link show g1
ip link add g2 type geneve id 6 remote 239.1.1.1
ip link add g2 type geneve id 16777216 remote 10.0.0.1
ip link add g2 type geneve remote 10.0.0.1
ip link add g2 type geneve id 7
ip link add g2 type geneve external
ip link add g2 type geneve external dstport 99
ip link add g3 type geneve id 5 external
ip -d link show g2
ip link set g0 type geneve id 5 remote 10.0.0.3 ttl 6
ip link set g0 type geneve id 7 remote 10.0.0.3
ip link set g0 type geneve id 5 remote 10.0.0.3 dstport 9
ip link set g0 type geneve id 5 remote 2001:db8::9
ip link set g0 type geneve ttl inherit
ip -d link show type geneve
ip link set g0 up
ip link del d0
ip -o link
