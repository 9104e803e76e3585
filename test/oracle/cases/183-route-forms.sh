#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set d0 up
ip link set d1 up
ip addr add 192.0.2.1/24 dev d0
ip addr add 198.51.100.1/24 dev d1
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8:1::1/64 dev d1 nodad
ip route add 10.0.1.0/24 via 192.0.2.2 congctl cubic
ip route add 10.0.2.0/24 via 192.0.2.2 congctl lock reno
ip route add 10.0.3.0/24 via 192.0.2.2 congctl nosuch
ip route add 10.0.4.0/24 via 192.0.2.2 initcwnd 10 initrwnd 20 window 30000 ssthresh 7 cwnd lock 8 reordering 9
ip route add 10.0.5.0/24 via 192.0.2.2 features ecn quickack 1 hoplimit 77 rto_min 200ms rttvar 7s
ip route add 10.0.6.0/24 via 192.0.2.2 fastopen_no_cookie 1
ip route add 10.0.7.0/24 via 192.0.2.2 realm 5/6
ip route add 10.0.8.0/24 via 192.0.2.2 proto bird table 300 pref high
ip route add 10.0.9.0/24 via 192.0.2.2 dev d0 onlink scope site
ip route add 10.0.10.0/24 via inet6 2001:db8::9 dev d0
ip route add 10.0.11.0/24 nexthop via inet6 2001:db8::9 dev d0 nexthop via 192.0.2.4 weight 256
ip route add 10.0.12.0/24 nexthop via 192.0.2.3 dev d0 onlink nexthop dev d1 weight 5 realm 9
ip route add 10.0.13.0/24 dev d0 expires 100
ip -6 route add 2001:db8:13::/48 dev d0 expires 100
ip -6 route add 2001:db8:14::/48 via 2001:db8::2 pref high
ip -6 route add 2001:db8:15::/48 via 2001:db8::2 pref bogus
ip -6 route add 2001:db8:16::/48 via 2001:db8::2 mtu 1300 advmss 1000 hoplimit 3 proto ra metric 5
ip -6 route add 2001:db8:17::/48 from 2001:db8::/64 via 2001:db8::2
ip -6 route add 2001:db8:18::/48 src 2001:db8::1 via 2001:db8:1::2
ip -6 route add 2001:db8:19::/48 src 2001:db8::99 dev d0
ip -6 route add local 2001:db8:20::1 dev lo
ip -6 route add anycast 2001:db8:21::1 dev d0
ip -6 route add multicast ff15::/16 dev d0
ip -6 route add prohibit 2001:db8:22::/48 metric 7
ip -6 route add throw 2001:db8:23::/48
ip -6 route add 2001:db8:24::/48 encap seg6 mode encap segs 2001:db8::77 dev d0
ip -6 route add 2001:db8:25::/48 encap seg6local action End dev d0
ip -6 route add 2001:db8:26::/48 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 via 2001:db8::2
ip route add 10.0.14.0/24 encap ip id 7 dst 192.0.2.9 ttl 5 dev d0
ip route add 10.0.15.0/24 encap ip6 id 7 dst 2001:db8::9 hoplimit 5 dev d0
ip route add 10.0.16.0/24 encap mpls 100/200 ttl 9 via 192.0.2.2
ip route add 10.0.17.0/24 ttl-propagate enabled via 192.0.2.2
ip route add local 10.0.18.1 dev lo table local
ip route add broadcast 10.0.18.255 dev d0 table local
ip route add nat 10.0.19.0/24 via 192.0.2.2
ip route add multicast 239.0.0.0/8 dev d0
ip route add 10.0.20.0/24 dev d0 scope 77
ip route add 10.0.20.0/24 dev d0 proto 77 metric 1
ip route add to 10.0.21.0/24 from 192.0.2.0/24 dev d0
ip route append 10.0.1.0/24 via 192.0.2.3
ip route prepend 10.0.1.0/24 via 192.0.2.4
ip route change 10.0.1.0/24 via 192.0.2.5
ip route replace 10.0.1.0/24 via 192.0.2.6 metric 5
ip route change 10.0.99.0/24 via 192.0.2.5
ip route test 10.0.1.0/24
ip route del 10.0.1.0/24 via 192.0.2.77
ip route del 10.0.1.0/24 proto 9
ip route del 10.0.1.0/24 via 192.0.2.3 congctl cubic
ip route show
ip -d route show
ip -s route show
ip -j -p -d route show
ip -c=always route show
ip -o route show
ip -N route show table all
ip -6 route show
ip -6 -d route show table all
ip -6 -j -p route show
ip -6 -N route show
ip route show 10.0.1.0/24
ip route show exact 10.0.1.0/24
ip route show match 10.0.1.7
ip route show root 10.0.0.0/8
ip route show root 10.0.1.0/24 match 10.0.1.0/24
ip route show to match 10.0.4.9
ip route show proto kernel
ip route show proto nosuch
ip route show type multicast table all
ip route show scope link
ip route show scope site
ip route show dev d1
ip route show via 192.0.2.2
ip route show src 192.0.2.1
ip route show from 0.0.0.0/0
ip route show metric 5
ip route show table 300
ip route show table local
ip route show table nosuch
ip route show table 0
ip route show table 4294967295
ip route show realm 5/6
ip route show tos 0x10
ip route show vrf nosuch
ip route list default
ip route show cache
ip -6 route show cache
ip -6 route show type unicast
ip -6 route show root 2001:db8::/32 dev d1
ip -6 route show match 2001:db8:17::1
ip -6 route show exact 2001:db8:14::/48
ip -6 route show via 2001:db8::2
ip route get 10.0.1.1
ip route get 10.0.7.1
ip route get 10.0.12.9
ip route get 10.0.14.9
ip route get 10.0.16.9
ip route get 10.0.99.1
ip route get 192.0.2.1
ip route get 192.0.2.255
ip route get 239.1.1.1
ip route get 239.1.1.1 from 192.0.2.1
ip route get 255.255.255.255
ip route get 127.0.0.1 oif lo
ip route get 10.0.4.1 from 192.0.2.1 iif d1
ip route get 192.0.2.1 from 198.51.100.9 iif d1
ip route get 10.0.4.1 from 203.0.113.9
ip route get 10.0.4.1 from 192.0.2.1
ip route get 10.0.4.1 oif d1
ip route get 10.0.4.1 oif nosuch
ip route get 10.0.4.1 mark 5 uid 7 ipproto tcp sport 5 dport 6
ip route get 10.0.4.1 tos 0x10 connected
ip route get fibmatch 10.0.4.1
ip route get fibmatch 10.0.12.1
ip route get fibmatch 192.0.2.1
ip -j -p route get 10.0.4.1
ip -d route get 10.0.4.1
ip route get to 10.0.4.1 vrf nosuch
ip -6 route get 2001:db8::2
ip -6 route get 2001:db8::1
ip -6 route get 2001:db8:14::1
ip -6 route get 2001:db8:17::1 from 2001:db8::1
ip -6 route get 2001:db8:22::1
ip -6 route get 2001:db8:24::1
ip -6 route get ff02::1
ip -6 route get ff02::1 oif d0
ip -6 route get fe80::1
ip -6 route get fe80::1 oif d0
ip -6 route get 2001:db8:99::1
ip -6 route get 2001:db8:14::1 from 2001:db8::77
ip -6 route get 2001:db8::1 from 2001:db8::99 iif d0
ip -6 route get fibmatch 2001:db8:14::1
ip -6 -j -p route get 2001:db8:16::1
ip -6 route get 2001:db8:14::1 mark 9 uid 8 ipproto udp sport 1 dport 2
ip route flush root 10.0.0.0/8 proto boot
ip route flush exact 10.0.1.0/24
ip route flush dev d1
ip route flush type multicast
ip route show
ip -6 route flush match 2001:db8:14::1
ip -6 route flush proto boot
ip -6 route show
ip route flush
ip route add
ip route bogus
