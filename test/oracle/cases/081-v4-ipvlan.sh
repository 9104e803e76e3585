#@ settle 200
ip link add p0 address 02:00:00:00:00:01 type veth peer name p1 address 02:00:00:00:00:02
ip link add link p0 name i0 type ipvlan
ip -d link show i0
ip link add link p0 name i1 type ipvlan mode l2 vepa
ip -d link show
ip link add link p0 name i2 type ipvlan mode l3s private
ip -d link show
ip link add link p0 name t0 type ipvtap mode l3 bridge
ip -d link show t0
ip link add link i0 name i3 type ipvlan
ip -d link show i3
ip link add link lo name x type ipvlan
ip link add name x type ipvlan
ip link add link p0 name m type macvlan
ip link add link p0 name x mtu 1600 type ipvlan
ip link del x
ip link add link i0 name v type vlan id 5
ip link set i0 address 02:00:00:00:00:10
ip link set p0 up
ip link set p1 up
ip link set i0 up
ip link set i1 up
ip -d link show
ip link set i0 type ipvlan mode l2
ip link set i0 type ipvlan mode l3
ip link set i0 type ipvlan mode l2 private
ip -d link show
ip link set p0 mtu 1400
ip link set p0 address 02:00:00:00:00:20
ip -o link
ip link set p1 down
ip -o link
ip link set p1 up
ip link set p0 down
ip -o link
ip link set p0 up
ip link del i1
ip link add link p0 name i4 type ipvlan
ip link del p0
ip -o link
ip link add d0 type dummy
ip link add link d0 name m0 type macvlan
ip link add link d0 name i0 type ipvlan
