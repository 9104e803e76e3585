#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set d0 up
ip link set d1 up
ip addr add 192.0.2.1/24 brd + dev d0
ip addr add 192.0.2.2/24 dev d0 label d0:x
ip addr add 198.51.100.1/24 dev d1 metric 40
ip addr add 2001:db8::1/64 dev d0 nodad
ip addr add 2001:db8::2/128 dev d0 nodad valid_lft 1000 preferred_lft 900
ip route add default via 192.0.2.254 proto static
ip route add 203.0.113.0/24 nexthop via 192.0.2.7 weight 2 nexthop via 198.51.100.7 weight 3
ip route add 203.0.113.128/25 via 192.0.2.8 src 192.0.2.2 metric 50 mtu lock 1300 advmss 1200 rtt 30ms
ip route add blackhole 10.1.0.0/16
ip route add unreachable 10.2.0.0/16 metric 9
ip route add 10.3.0.0/16 dev d0 table 77
ip route add throw 10.4.0.0/16 table 77
ip route add 10.5.0.0/16 dev d0 scope link tos 0x10
ip -6 route add 2001:db8:1::/48 via 2001:db8::9
ip -6 route add 2001:db8:2::/48 nexthop via 2001:db8::8 nexthop via 2001:db8::7 weight 4
ip -6 route add blackhole 2001:db8:3::/48
ip -6 route add 2001:db8:4::/48 dev d1 metric 20 mtu 1300 hoplimit 9 table 77
ip rule add from 192.0.2.0/24 table 77 pref 100
ip rule add fwmark 0x1/0xff iif d0 table 78 pref 101
ip -6 rule add to 2001:db8::/32 table 77 pref 102
ip nexthop add id 5 via 192.0.2.77 dev d0
ip nexthop add id 6 via 2001:db8::77 dev d0
ip nexthop add id 7 group 5
ip route add 10.6.0.0/16 nhid 7
ip addr save > /tmp/addr.save
ip addr save dev d0 > /tmp/addr-d0.save
ip route save > /tmp/route.save
ip route save table all > /tmp/route-all.save
ip -6 route save > /tmp/route6.save
ip route save table 77 > /tmp/route77.save
ip rule save > /tmp/rule.save
ip -6 rule save > /tmp/rule6.save
ip addr showdump < /tmp/addr.save
ip route showdump < /tmp/route.save
ip -6 route showdump < /tmp/route6.save
ip addr restore < /tmp/addr.save
ip route restore < /tmp/route.save
ip addr flush dev d0
ip addr show dev d0
ip route show table all
ip addr restore < /tmp/addr-d0.save
ip addr show dev d0
ip route show
ip route restore < /tmp/route.save
ip route show
ip route flush table 77
ip route restore < /tmp/route77.save
ip route show table 77
ip -6 route flush root 2001:db8::/32
ip -6 route show
ip -6 route restore < /tmp/route6.save
ip -6 route show
ip route restore < /tmp/route-all.save
ip rule flush
ip rule show
ip rule restore < /tmp/rule.save
ip rule show
ip -6 rule flush
ip -6 rule restore < /tmp/rule6.save
ip -6 rule show
ip route restore < /tmp/addr.save
ip addr restore < /tmp/route.save
ip rule restore < /tmp/addr.save
echo junk | ip route restore
ip addr flush scope global
ip addr flush label 'd0*'
ip -s -s addr flush dev d1
ip -s -s route flush proto static
ip -6 -s addr flush dev d0
ip route flush cache
ip -6 route flush cache
ip route flush table main
ip route flush scope link
ip route show table all
ip addr show
ip nexthop flush proto 0
ip nexthop flush
ip nexthop show
