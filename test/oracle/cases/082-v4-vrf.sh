#@ settle 200
ip link add v0 type vrf
ip link add v0 type vrf table 0
ip link add v0 address 02:00:00:00:00:01 type vrf table 10
ip rule show
ip -d link show v0
ip link add v1 address 02:00:00:00:00:02 type vrf table 20
ip link add v2 type vrf table 10
ip rule show
ip link set v0 up
ip link add d0 address 02:00:00:00:00:03 type dummy
ip addr add 10.0.0.1/24 dev d0
ip link set d0 up
ip route show table all
ip link set d0 master v0
ip route show table all
ip -d link show d0
ip link set d0 master v0
ip link set v1 master v0
ip link set lo master v0
ip link set d0 master v1
ip -d link show d0
ip addr add 10.0.1.1/24 dev d0
ip route show table all
ip link set d0 nomaster
ip -d link show d0
ip link add d1 master v0 address 02:00:00:00:00:04 type dummy
ip link set d1 up
ip link set v0 mtu 1500
ip link set v0 mtu 1000
ip link set v0 down
ip link set v0 name vrf-red
ip link set vrf-red type vrf table 11
ip link add link vrf-red name v type vlan id 5
ip link add link vrf-red name m type macvlan
ip link del d1
ip link set d0 master vrf-red
ip link del vrf-red
ip -d link show
ip rule show
ip link add nlm0 type nlmon
ip link set nlm0 up
ip -d link show nlm0
ip link set nlm0 mtu 15
ip link add nlm1 address 02:00:00:00:00:09 type nlmon
ip link set nlm0 address 02:00:00:00:00:09
ip link del nlm0
ip link add tun0 type tun
