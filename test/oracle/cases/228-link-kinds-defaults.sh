# what each kind shows when it has just been made, and refuses
#@ settle 60
ip link add p0 address 02:00:00:00:00:01 type veth peer name p1 address 02:00:00:00:00:02
ip link add dm0 address 02:00:00:00:01:01 numtxqueues 3 numrxqueues 2 type dummy
ip link add if0 address 02:00:00:00:01:02 numtxqueues 3 type ifb
ip -d link show dm0
ip -d link show if0
ip link add nk0 type netkit
ip -d link show nk0
ip -d -j link show type netkit
ip link add nl0 mtu 9000 type nlmon
ip -d link show nl0
ip link set nl0 address 02:00:00:00:00:09
ip link add vc0 type vcan
ip -d link show vc0
ip link set vc0 mtu 72
ip link set vc0 mtu 73
ip link set vc0 up
ip link add xc0 type vxcan peer name xc1
ip -d link show type vxcan
ip link add vr0 type vrf table 0
ip link add vr0 type vrf
ip link add vr0 type vrf table 253
ip link add vr1 type vrf table 253
ip -d link show vr0
ip link set vr0 type vrf table 44
ip link set vr0 mtu 1000
ip link set vr0 address 02:00:00:00:00:77
ip link set p0 master vr0
ip link set vr1 master vr0
ip link set lo master vr0
ip -d link show p0
ip link add link p0 name m0 address 02:00:00:00:02:01 type macvlan mode source bcqueuelen 77
ip link set m0 type macvlan macaddr set 02:00:00:00:03:01 02:00:00:00:03:02
ip link set m0 type macvlan macaddr add 02:00:00:00:03:02
ip link set m0 type macvlan macaddr del 02:00:00:00:03:09
ip link set m0 type macvlan macaddr add 01:00:00:00:03:02
ip -d link show m0
ip -d -j link show m0
ip link set m0 type macvlan mode bridge
ip -d link show m0
ip link set m0 type macvlan macaddr add 02:00:00:00:03:04
ip link set m0 type macvlan mode vepa flag nodst
ip link set m0 type macvlan bcqueuelen 4000000000
ip -d link show m0
ip link add link p0 name m1 address 02:00:00:00:02:02 type macvlan mode passthru
ip link add link p1 name m2 address 02:00:00:00:02:03 type macvlan mode passthru nopromisc
ip -d link show m2
ip link set m2 type macvlan mode bridge
ip link set p1 address 02:00:00:00:00:99
ip link set m2 address 02:00:00:00:02:04
ip link add link p0 name iv0 type ipvlan mode l2
ip link add link dm0 name iv0 type ipvlan
ip link add link dm0 name iv1 type ipvlan mode l3s private
ip link add link dm0 name iv2 type ipvlan mode l2 vepa bridge
ip -d link show type ipvlan
ip link set iv0 type ipvlan mode l2 vepa
ip link set iv0 type ipvlan private
ip -d link show iv1
ip link set iv0 address 02:00:00:00:02:05
ip link add link iv0 name iv3 type ipvlan
ip -d link show iv3
ip link add link dm0 name mv9 type macvlan
ip link set dm0 mtu 1280
ip link set iv1 mtu 1400
ip link set iv1 mtu 1000
ip -o link
ip link del dm0
ip link del nk0
ip link del type vrf
ip link del group default type vrf
