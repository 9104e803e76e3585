#@ settle 200
# segment routing: reduced headers, frames, flavors, VRFs' tables, segments upon segments, counters
ip netns add a
ip netns add b
ip netns exec a sysctl -w net.ipv6.conf.default.router_solicitations=0
ip netns exec b sysctl -w net.ipv6.conf.default.router_solicitations=0
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n b link add vrf10 type vrf table 10
ip -n b link set vrf10 up
ip -n b link add d10 type dummy
ip -n b link set d10 master vrf10 up
ip -n b addr add 2001:db8:9::1/128 dev d10 nodad
ip -n b addr add 192.168.9.1/32 dev d10
ip -n b addr add 2001:db8:8::1/128 dev lo nodad
ip -n b route add 10.0.0.0/24 vrf vrf10 dev vb
ip -n b -6 route add 2001:db8::/64 vrf vrf10 dev vb
ip netns exec b sysctl -w net.vrf.strict_mode=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.vb.seg6_enabled=1 net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
sleep 2
ip netns exec a ping -c1 -W1 2001:db8::2
ip netns exec a ping -c1 -W1 10.0.0.2
ip -n a -6 route add fc00::/16 via 2001:db8::2
ip -n b -6 route add fc00::d6/128 encap seg6local action End.DT6 vrftable 10 count dev vrf10
ip -n b -6 route add fc00::d4/128 encap seg6local action End.DT4 vrftable 10 count dev vrf10
ip -n b -6 route add fc00::46/128 encap seg6local action End.DT46 vrftable 10 count dev vrf10
ip -n a -6 route add 2001:db8:9::/64 encap seg6 mode encap segs fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n a route add 192.168.9.0/24 encap seg6 mode encap segs fc00::d4 dev va
ip netns exec a ping -c1 -W1 192.168.9.1
ip -n a route replace 192.168.9.0/24 encap seg6 mode encap.red segs fc00::46 dev va
ip netns exec a ping -c1 -W1 192.168.9.1
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap.red segs fc00::46 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -s link show vrf10
ip -n b -6 route add fc00::e1/128 encap seg6local action End count dev vb
ip -n b -6 route add fc00::e2/128 encap seg6local action End flavors psp count dev vb
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap.red segs fc00::e1,fc00::e2,fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::e2,fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::e2 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00:0:1::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 count dev vb
ip -n b -6 route add fc00:0:d6::/128 encap seg6local action End.DT6 vrftable 10 dev vrf10
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap.red segs fc00:0:1:1:d6:: dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::b6/128 encap seg6local action End.B6 srh segs fc00::e1,fc00::d6 count dev vb
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::b6,fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n b -6 route add fc00::be/128 encap seg6local action End.B6.Encaps srh segs fc00::d6 count dev vb
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode encap segs fc00::be,fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip -n a -6 route replace 2001:db8:9::/64 encap seg6 mode l2encap segs fc00::d6 dev va
ip netns exec a ping -c1 -W1 2001:db8:9::1
ip netns exec b ip -s -6 route show
ip netns exec b nstat -az Ip6InReceives Ip6InNoRoutes Ip6InDiscards Ip6OutForwDatagrams IpInReceives IpForwDatagrams
ip -n a -s link show va
