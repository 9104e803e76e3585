# devices upon devices: loops, masters, MTU, flags, and moves between namespaces
#@ settle 60
ip netns add a
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add link d0 name v1 type vlan id 1
ip link add link v1 name v2 type vlan id 2
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link add bo0 address 02:00:00:00:00:c0 type bond
ip link add vr0 type vrf table 5
ip link add te0 address 02:00:00:00:00:d0 type team
ip link set v2 master br0
ip link set br0 master bo0
ip link set bo0 master br0
ip link set br0 master vr0
ip link set vr0 master br0
ip link set bo0 master vr0
ip link set d0 master te0
ip link set te0 master br0
ip link add link br0 name vb type vlan id 9
ip link set d0 master br0
ip link set vb master br0
ip link add link br0 name mb address 02:00:00:00:00:e0 type macvlan
ip link set mb master br0
ip link add link bo0 name ib type ipvlan
ip link set ib master br0
ip link set d0 up
ip link set v1 up
ip link set v2 up
ip link set br0 up
ip -d link show
ip link set d0 mtu 1000
ip link set br0 promisc on
ip link set vb allmulticast on up
ip -br link
ip link set v2 nomaster
ip link set v2 promisc on
ip -d link show d0
ip link set br0 netns a
ip link set vr0 netns a
ip link set bo0 netns a
ip link set te0 netns a
ip link set lo netns a
ip link set v2 netns a
ip -d link show v1
ip -n a -d link show v2
ip link set v1 netns a
ip -n a -d link show
ip -n a link set v2 netns 1
ip -d link show v2
ip link set mb netns a
ip -n a -d link show mb
ip link set br0 down
ip link del br0
ip -n a -br link
ip link add x0 address 02:00:00:00:00:f0 type vxlan id 5 dstport 4789 remote 10.0.0.1 dev d0
ip link set x0 netns a
ip -n a -d link show x0
ip link add g0 type gre remote 10.0.0.1 local 10.0.0.2
ip link set g0 netns a
ip -n a -d link show g0
ip link add t6 netns a type ip6tnl remote 2001:db8::1 local 2001:db8::2
ip -n a -d link show t6
ip link add link d0 netns a name w0 type vlan id 77
ip link add link d0 netns a name w0 type vlan id 78
ip link add link-netns a link v1 name w1 type vlan id 77
ip link add link-netns a name w2 type gre remote 10.0.0.1 local 10.0.0.3
ip -d link show w2
ip link add w3 link-netnsid 9 type vlan id 7
ip link add w3 netns nosuch type dummy
ip link set d0 netns a name w0
ip link set d0 netns a name d9 up mtu 1200 alias moved
ip -n a -d link show d9
ip -n a link set d9 netns 1 index 3
ip link add nk0 type netkit peer name nk1 netns a
ip -d link show nk0
ip -n a link show nk1
ip link add ve0 type veth peer name ve1 netns a
ip -n a link set ve1 netns 1
ip -d -o link show type veth
ip netns list-id
ip netns del a
ip -o link
