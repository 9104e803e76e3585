#@ settle 60
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link add d0 address 02:00:00:00:00:01 group 7 mtu 1400 txqueuelen 77 type dummy
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link add link d0 name d0.5 type vlan id 5
ip link add r0 type vrf table 33
ip link set d0 up alias uplink
ip link set v0 up master br0
ip link set v1 up
ip link set br0 up
ip link set r0 up
ip link set d0.5 master r0 up
ip link property add dev d0 altname first altname second-and-longer
ip addr add 192.0.2.1/24 brd + dev d0 label d0:one
ip addr add 192.0.2.129/25 dev d0 scope link valid_lft 1000 preferred_lft 500
ip addr add 192.0.2.200 peer 192.0.2.201/32 dev d0 metric 7 proto 9
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8:1::1/64 dev d0 nodad home noprefixroute
ip addr add 2001:db8:2::1/64 dev d0 nodad mngtmpaddr valid_lft 5000 preferred_lft 0
ip -s -s link show d0
ip -s -s -d link show d0
ip -h -s link show d0
ip -j -p link show d0
ip -j -d link show br0
ip -j -s -s link show v0
ip -br link
ip -br -c=always link
ip -c=always -br addr
ip -c=always addr show d0
ip -o link show
ip -o -4 addr
ip -o -6 addr
ip -4 link show
ip -6 link show
ip -B link show
ip -f inet6 addr show d0
ip -br -j addr
ip -br -6 addr show up
ip link show up
ip link show group 7
ip link show group nosuch
ip link show master br0
ip link show vrf r0
ip link show type vlan
ip link show type bridge_slave
ip link show altname first
ip link show dev second-and-longer
ip link show nosuch
ip link show d0 up type dummy
ip link show index 3
ip addr show up
ip addr show dev d0 permanent
ip addr show dev d0 dynamic
ip addr show dev d0 primary
ip addr show dev d0 secondary
ip addr show dev d0 -tentative
ip addr show dev d0 deprecated
ip addr show dev d0 home
ip addr show dev d0 mngtmpaddr
ip addr show dev d0 noprefixroute
ip addr show label d0:one
ip addr show label 'd0*'
ip addr show scope link
ip addr show to 192.0.2.0/24
ip addr show to 2001:db8::/32 dev d0
ip addr show proto 9
ip addr show vrf r0
ip -d addr show dev d0
ip -j -p addr show dev d0
ip -s addr show dev v0
ip -N route show table all
ip -N addr show dev d0
ip -br -s link show v0
ip -br link show type vrf
ip -j vrf
ip vrf show r0
ip vrf identify
ip -d -j vrf show
