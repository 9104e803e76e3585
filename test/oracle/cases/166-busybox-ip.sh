busybox ip link
busybox ip link add d0 type dummy
busybox ip link add d1 type dummy address 02:00:00:00:00:02
busybox ip link set d1 mtu 1400 up
busybox ip addr add 10.0.0.1/24 dev d1
busybox ip addr add 10.0.0.2/24 dev d1 label d1:a
busybox ip addr add 10.0.0.1/24 dev d1
busybox ip -o addr
busybox ip addr show dev d1
busybox ip -4 addr
busybox ip -6 addr
busybox ip addr add 2001:db8::1/64 dev d1
busybox ip route
busybox ip route add 10.1.0.0/16 via 10.0.0.9
busybox ip route add default via 10.0.0.9 dev d1 metric 5
busybox ip route add 10.2.0.0/16 via 10.9.0.9
busybox ip route add blackhole 10.3.0.0/16
busybox ip route show
busybox ip -6 route
busybox ip route get 10.1.0.1
busybox ip route del 10.1.0.0/16
busybox ip route del 10.1.0.0/16
busybox ip rule
busybox ip rule add from 10.0.0.0/8 table 100
busybox ip rule list
busybox ip neigh
busybox ip neigh flush dev d1
busybox ip link add v0 type veth peer name v1
busybox ip link add link d1 name d1.5 type vlan id 5
busybox ip -d link
busybox ip link set d1 name dx
busybox ip link set d1 down
busybox ip link set d1 name dx
busybox ip link set dx address 02:00:00:00:00:77
busybox ip link set dx arp off multicast off promisc on
busybox ip link show dx
busybox ip addr flush dev dx
busybox ip addr del 10.0.0.1/24 dev dx
busybox ip link del v0
busybox ip link del nosuch
busybox ip tunnel add t0 mode ipip remote 10.0.0.5 local 10.0.0.1
busybox ip tunnel show
busybox ip tunnel del t0
busybox ifconfig -a
busybox route -n
busybox netstat -rn
busybox arp -an
busybox brctl addbr br0
busybox brctl addif br0 d0
busybox brctl show
busybox vconfig add d0 7
busybox ifconfig d0 10.5.0.1 netmask 255.255.255.0 up
busybox ifconfig d0
busybox route add -net 10.6.0.0 netmask 255.255.0.0 gw 10.5.0.2
busybox route add default gw 10.5.0.3
busybox route
busybox route del default
busybox ipcalc -n 10.0.0.1/24
busybox tc qdisc show dev d0
busybox nameif dnew 02:00:00:00:00:77
busybox ifenslave -a
