# rules, neighbours, tables: every selector and option
ip link add d0 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip -6 addr add 2001:db8::1/64 dev d0 nodad
ip link add v9 type vrf table 252
ip route show table 252
ip -6 route show table 252
ip route show vrf v9
ip route show table 251
ip rule add from 10.0.0.0/24 to 10.1.0.0/16 tos 0x10 fwmark 0x5/0xff iif d0 oif lo pref 100 table 200
ip rule add not from 10.0.0.0/8 uidrange 5-10 ipproto tcp sport 100-200 dport 80 pref 101 table 300
ip rule add from all lookup 100 suppress_prefixlength 0 suppress_ifgroup 5 pref 102
ip rule add from all goto 500 pref 103
ip rule add from all goto 50 pref 104
ip rule add from all nop pref 105
ip rule add prohibit from 10.3.0.0/16 pref 106
ip rule add blackhole from 10.4.0.0/16 pref 107 realms 3/4
ip rule add unreachable from 10.5.0.0/16 pref 108 realms 5
ip rule add from 10.6.0.0/16 nat 1.2.3.4 pref 109
ip rule add l3mdev pref 110 protocol 77
ip rule add l3mdev table 5 pref 111
ip rule add from all tun_id 50 pref 112 table 7
ip rule add dscp 5 pref 113 table 7
ip rule add tos 0x3 pref 114 table 7
ip rule add tos 0xff pref 115 table 7
ip rule add fwmark 7 fwmask 3 pref 116 table 8
ip rule add fwmark 0/0 pref 117 table 8
ip rule add sport 200-100 pref 118 table 8
ip rule add sport 0 pref 118 table 8
ip rule add sport 70000 pref 118 table 8
ip rule add ipproto 300 pref 119 table 8
ip rule add uidrange 10-5 pref 120 table 8
ip rule add iif nosuchdev0 pref 121 table 9
ip rule add oif toolongdevicename0 pref 121 table 9
ip rule add from 10.0.0.1/33 table 9
ip rule add pref 4294967295 table 9
ip rule add pref 500 table 0
ip rule add pref 500 table 4294967295
ip rule add pref 500 table main
ip rule add pref 500 table main
ip rule add table main
ip rule del pref 500 table 99
ip rule del pref 103
ip rule add pref 50 table 77
ip -d rule show
ip -j -p rule show
ip -6 rule add from 2001:db8::/32 to 2001:db8:1::/48 tos 0x10 fwmark 5 iif d0 pref 10 table 200
ip -6 rule add flowlabel 5 pref 11 table 7
ip -6 rule add ipproto ipv6-icmp pref 12 prohibit
ip -6 rule add ipproto udp sport 5 dport 6-7 pref 13 blackhole
ip -6 rule add goto 20 pref 14
ip -6 rule add pref 20 table 300
ip -6 rule show
ip rule show pref 107
ip rule show from 10.0.0.0/24
ip rule show table 200
ip rule show iif d0
ip rule show prohibit
ip rule show fwmark 7/3
ip rule show uidrange 5-10
ip rule show ipproto tcp
ip rule show sport 100-200
ip rule save > /tmp/r.save
ip rule flush table 200
ip rule flush protocol 77
ip rule flush
ip rule show
ip rule restore < /tmp/r.save
ip rule show
ip link set d0 name d1
ip rule show
ip link del d1
ip rule show
ip -6 rule flush
ip -6 rule show
