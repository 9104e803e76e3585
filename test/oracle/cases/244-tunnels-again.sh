# tunnels: by netlink and by ioctl, changes, links below, collisions
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up mtu 1400
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip tunnel add t1 mode ipip remote 10.0.0.2 local 10.0.0.1 ttl 9 dev d0
ip tunnel add t2 mode gre remote 10.0.0.2 local 10.0.0.1 key 7
ip tunnel add t3 mode sit remote 10.0.0.2 local 10.0.0.1 nopmtudisc
ip tunnel add t3 mode sit remote 10.0.0.2 local 10.0.0.1
ip tunnel add t4 mode gre remote 10.0.0.2 ttl 5 nopmtudisc
ip tunnel add t4 mode isatap local 10.0.0.1
ip tunnel add t5 mode gre remote 224.1.1.1 local 10.0.0.1
ip tunnel add t5 mode gre remote 224.1.1.1
ip tunnel add t5 remote 10.0.0.3
ip tunnel add mode ipip remote 10.0.0.4
ip tunnel add mode gre remote 10.0.0.4
ip tunnel add name mode ipip remote 10.0.0.5
ip -d tunnel show
ip -s tunnel show
ip -j tunnel show
ip -d link show t1
ip -d link show t2
ip tunnel change t1 remote 10.0.0.22 ttl inherit tos 0x10
ip tunnel change t2 key 8 remote 10.0.0.2 local 10.0.0.1 csum
ip tunnel change t2 mode ipip
ip tunnel change nosuch ttl 4
ip tunnel change t1 dev nosuch
ip tunnel show t1
ip tunnel show nosuch
ip tunnel show remote 10.0.0.2
ip tunnel show mode gre
ip tunnel show dev d0
ip tunnel prl dev t4 prl-nodefault 10.0.0.9
ip tunnel prl dev t4 prl-delete 10.0.0.9
ip tunnel prl dev t1 prl-default 10.0.0.9
ip tunnel 6rd dev t3 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8
ip tunnel 6rd dev t3 6rd-prefix 2001:db8::/129
ip tunnel show t3
ip tunnel 6rd dev t3 6rd-reset
ip link set t1 up
ip link set t2 up
ip link set t3 up
ip addr show dev t3
ip addr add 10.9.0.1 peer 10.9.0.2 dev t1
ip route show
ip link set d0 mtu 1300
ip link show t1
ip link set t1 mtu 67
ip link set t1 mtu 65600
ip link set t1 mtu 1381
ip link set t2 address 10.0.0.5
ip link set t2 broadcast 10.0.0.9
ip link set t1 type ipip mode mplsip
ip link set t1 type ipip mode any
ip link add m1 type ipip mode mplsip remote 10.0.0.6 local 10.0.0.1
ip link add m2 type sit mode mplsip remote 10.0.0.6 local 10.0.0.1
ip -d link show m1
ip -d link show m2
ip link set m1 up
ip route add 10.20.0.0/16 encap mpls 300 dev m1
ip route add 10.21.0.0/16 encap mpls 301/302 via 10.0.0.2 dev d0
ip route show
ip link add c1 type gre external
ip link add c2 type sit external
ip link add c3 type erspan external
ip link add c4 type ip6gre external
ip link add c5 type ip6tnl external mode any
ip link add c6 type vti external
ip -d -o link show type gre
ip link set c1 type gre remote 10.0.0.1
ip link set t2 type gre external
ip link del c1
ip -6 tunnel add k1 mode ip6ip6 remote 2001:db8::2 local 2001:db8::1 dev d0
ip -6 tunnel add k2 mode any remote 2001:db8::2 local 2001:db8::1
ip -6 tunnel add k2 mode ipip6 remote 2001:db8::3 local 2001:db8::1 encaplimit none hoplimit 4 tclass 0x30 flowlabel 5 dscp inherit
ip -6 tunnel add k3 mode vti6 remote 2001:db8::4 local 2001:db8::1 key 9
ip -6 tunnel add k4 mode ip6gre remote 2001:db8::5 local 2001:db8::1 key 7 csum seq
ip -6 tunnel add k5 mode ip6gre remote ff05::5 local 2001:db8::1
ip -6 tunnel add k6 mode ip6ip6 remote 10.0.0.1
ip -6 tunnel change k1 hoplimit 9 encaplimit 6
ip -6 tunnel change k4 key 8 tclass inherit flowlabel inherit
ip -6 tunnel change k1 dev nosuch
ip -6 tunnel show
ip -6 -d -s tunnel show
ip -6 -j tunnel show k2
ip -d link show k4
ip link set k1 up
ip link set k4 up
ip addr show dev k1
ip -6 tunnel del k1
ip tunnel del k4
ip -6 tunnel del t1
ip tunnel del t1
ip tunnel del tunl0
ip tunnel del gre0
ip link del d0
ip -d -o link
