#@ fresh-vm
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip route add 10.5.0.0/16 encap mpls 100 via 10.0.0.2
ip route add 10.5.1.0/24 encap mpls 100/3 via 10.0.0.2
ip route add 10.5.2.0/24 encap mpls 1048576 via 10.0.0.2
ip route add 10.5.3.0/24 encap mpls 16/17/18/19 ttl 255 via 10.0.0.2
ip route add 10.6.0.0/16 encap ip id 5 src 10.0.0.1 dst 1.2.3.4 ttl 9 tos 4 key via 10.0.0.2
ip route add 10.6.1.0/24 encap ip dst 1.2.3.4 csum seq via 10.0.0.2
ip route add 10.6.2.0/24 encap ip id 7 geneve_opts 0:1:00000001 dst 1.2.3.4 via 10.0.0.2
ip route add 10.6.3.0/24 encap ip id 7 vxlan_opts 12 dst 1.2.3.4 via 10.0.0.2
ip route add 10.6.4.0/24 encap ip id 7 erspan_opts 1:2:0:0 dst 1.2.3.4 via 10.0.0.2
ip route add 10.6.5.0/24 encap ip6 id 5 src 2001:db8::1 dst 2001:db8::9 hoplimit 9 tc 4 via 10.0.0.2
ip -6 route add 2001:db8:6::/48 encap ip6 id 5 dst 2001:db8::9 via 2001:db8::2
ip -6 route add 2001:db8:7::/48 encap ip id 5 dst 1.2.3.4 via 2001:db8::2
ip -6 route add 2001:db8:8::/48 encap mpls 100 via 2001:db8::2
ip -6 route add 2001:db8:5:1::/64 encap seg6 mode encap segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:5:2::/64 encap seg6 mode inline segs 2001:db8::9,2001:db8::a dev d0
ip -6 route add 2001:db8:5:3::/64 encap seg6 mode l2encap segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:5:4::/64 encap seg6 mode encap.red segs 2001:db8::9,2001:db8::a dev d0
ip -6 route add 2001:db8:5:5::/64 encap seg6 mode encap segs 2001:db8::9 hmac 5 dev d0
ip route add 10.7.0.0/24 encap seg6 mode inline segs 2001:db8::9 dev d0
ip route add 10.7.1.0/24 encap seg6 mode encap segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:9:1::/64 encap seg6local action End dev d0
ip -6 route add 2001:db8:9:2::/64 encap seg6local action End.X nh6 2001:db8::2 dev d0
ip -6 route add 2001:db8:9:3::/64 encap seg6local action End.T table 100 dev d0
ip -6 route add 2001:db8:9:4::/64 encap seg6local action End.DX2 oif d0 dev d0
ip -6 route add 2001:db8:9:5::/64 encap seg6local action End.DX6 nh6 2001:db8::2 dev d0
ip -6 route add 2001:db8:9:6::/64 encap seg6local action End.DX4 nh4 10.0.0.2 dev d0
ip -6 route add 2001:db8:9:7::/64 encap seg6local action End.DT6 table 100 dev d0
ip -6 route add 2001:db8:9:8::/64 encap seg6local action End.DT4 vrftable 100 dev d0
ip -6 route add 2001:db8:9:9::/64 encap seg6local action End.DT46 vrftable 100 dev d0
ip -6 route add 2001:db8:9:a::/64 encap seg6local action End.B6 srh segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:9:b::/64 encap seg6local action End.B6.Encaps srh segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:9:c::/64 encap seg6local action End count dev d0
ip -6 route add 2001:db8:9:d::/64 encap seg6local action End flavors next-csid dev d0
ip -6 route add 2001:db8:9:e::/64 encap seg6local action End flavors psp,usp,usd dev d0
ip -6 route add 2001:db8:9:f::/64 encap seg6local action End.X dev d0
ip -6 route add 2001:db8:9:10::/64 encap seg6local action End table 5 dev d0
ip -6 route add 2001:db8:9:11::/64 encap seg6local action End.S dev d0
ip -6 route add 2001:db8:9:12::/64 encap seg6local action End.DX2 oif nope dev d0
ip route add 10.8.0.0/24 encap seg6local action End dev d0
ip -6 route add 2001:db8:a::/48 encap rpl segs 2001:db8::9 dev d0
ip -6 route add 2001:db8:b::/48 encap ioam6 mode encap tundst 2001:db8::9 trace prealloc type 0x800000 ns 0 size 12 dev d0
ip route add 10.9.0.0/24 encap xfrm if_id 5 link_dev d0 via 10.0.0.2
ip -6 route add 2001:db8:c::/48 encap xfrm if_id 5 via 2001:db8::2
ip route show
ip -d route show
ip -6 route show
ip -j -6 route show
ip route get 10.6.0.1
ip -6 route get 2001:db8:9:1::1
ip nexthop add id 1 encap mpls 100 via 10.0.0.2
ip nexthop add id 2 encap ip id 3 dst 1.2.3.4 via 10.0.0.2
ip nexthop show
ip route add 10.10.0.0/24 nexthop encap mpls 100 via 10.0.0.2 nexthop encap ip id 7 dst 1.2.3.4 via 10.0.0.3
ip route show 10.10.0.0/24
ip route del 10.5.0.0/16 encap mpls 101 via 10.0.0.2
ip route del 10.5.0.0/16 encap mpls 100 via 10.0.0.2
ip -6 route del 2001:db8:5:1::/64
ip route replace 10.6.0.0/16 encap ip id 6 dst 1.2.3.5 via 10.0.0.2
ip -6 route add 2001:db8:9:13::/64 encap seg6local action End flavors psp dev d0
ip -6 route add 2001:db8:9:14::/64 encap seg6local action End flavors psp,next-csid lblen 48 nflen 16 dev d0
ip -6 route add 2001:db8:9:15::/64 encap seg6local action End flavors next-csid lblen 112 nflen 24 dev d0
ip -6 route add 2001:db8:9:16::/64 encap seg6local action End flavors next-csid lblen 0 nflen 16 dev d0
ip -6 route add 2001:db8:9:17::/64 encap seg6local action End flavors next-csid lblen 32 nflen 9 dev d0
ip -6 route add 2001:db8:9:18::/64 encap seg6local action End.X nh6 2001:db8::2 flavors psp dev d0
ip -6 route add 2001:db8:9:19::/64 encap seg6local action End.X nh6 2001:db8::2 flavors next-csid dev d0
ip -6 route add 2001:db8:9:1a::/64 encap seg6local action End.DT6 dev d0
ip -6 route add 2001:db8:9:1b::/64 encap seg6local action End.T table 5 flavors psp dev d0
ip link add vrf1 address 02:00:00:00:00:0c type vrf table 100
ip -6 route add 2001:db8:9:1c::/64 encap seg6local action End.DT4 vrftable 100 dev d0
sysctl -w net.vrf.strict_mode=1
ip -6 route add 2001:db8:9:1d::/64 encap seg6local action End.DT4 vrftable 100 dev d0
ip -6 route add 2001:db8:9:1e::/64 encap seg6local action End.DT46 vrftable 101 dev d0
ip -6 route add 2001:db8:9:1f::/64 encap seg6local action End.DT6 vrftable 100 count dev d0
ip route add 10.6.6.0/24 encap ip id 7 geneve_opts 0:1:00000001,1:2:0000000200000003 dst 1.2.3.4 via 10.0.0.2
ip route add 10.6.7.0/24 encap ip id 7 erspan_opts 2:0:1:3 dst 1.2.3.4 via 10.0.0.2
ip route add 10.6.8.0/24 encap ip id 7 vxlan_opts 4294967295 dst 1.2.3.4 via 10.0.0.2
ip -6 route add 2001:db8:9:20::/64 encap ip6 id 7 geneve_opts 0:1:00000001 dst 2001:db8::9 via 2001:db8::2
ip route show
ip -6 route show
