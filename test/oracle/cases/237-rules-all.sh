# rules: selectors, actions, errors, order
#@ settle 60
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip rule add from 10.1.0.0/16 table 10
ip rule add from 10.1.0.0/16 table 10
ip rule add from 10.1.0.0/16 to 10.2.0.0/16 iif d0 oif lo fwmark 0x10/0xff tos 0x10 table 11 pref 100
ip rule add fwmark 5 lookup 300 pref 101 suppress_prefixlength 0
ip rule add lookup main suppress_prefixlength 33 pref 102
ip rule add lookup main suppress_ifgroup 5 pref 103
ip rule add uidrange 0-5 lookup 12 pref 104
ip rule add uidrange 5-0 lookup 12 pref 105
ip rule add ipproto tcp sport 5-10 dport 80 lookup 13 pref 106
ip rule add ipproto 300 lookup 13 pref 107
ip rule add sport 10-5 lookup 13 pref 107
ip rule add sport 0 lookup 13 pref 107
ip rule add dport 65536 lookup 13 pref 107
ip rule add blackhole from 10.3.0.0/16 pref 108
ip rule add unreachable pref 109
ip rule add prohibit pref 110
ip rule add nop pref 111
ip rule add goto 120 pref 112
ip rule add goto 112 pref 113
ip rule add goto 100 pref 113
ip rule add lookup 14 pref 120
ip rule show
ip rule del pref 120
ip rule show
ip rule add l3mdev pref 1000
ip rule add l3mdev table 5 pref 1001
ip rule add l3mdev protocol 99 pref 1001
ip rule add tun_id 77 lookup 15 pref 1002
ip rule add iif nosuch lookup 16 pref 1003
ip rule add oif nosuch lookup 16 pref 1004
ip rule add not from 10.4.0.0/16 lookup 17 pref 1005
ip rule add from 10.4.0.1/16 lookup 17 pref 1006
ip rule add from all lookup 17 realms 5/7 pref 1007
ip rule add from 10.5.0.0/16 tos 0xff lookup 18 pref 1008
ip rule add from 10.5.0.0/16 dsfield 0x03 lookup 18 pref 1008
ip rule add from 10.5.0.0/16 tos 0x1c lookup 18 pref 1008
ip rule add dscp 5 lookup 18 pref 1009
ip rule add from 10.6.0.0/16 lookup 0 pref 1010
ip rule add from 10.6.0.0/16 pref 1011
ip rule add pref 1012
ip rule add lookup 4294967295 pref 4294967295
ip rule add lookup local pref 0
ip rule add lookup 19
ip rule add lookup 19
ip rule add lookup 20 pref 32766
ip rule show
ip -d rule show
ip -j -p rule show
ip -N rule show
ip -o rule show pref 100
ip rule show from 10.1.0.0/16
ip rule show table 17
ip rule show iif nosuch
ip rule show fwmark 0x10/0xff
ip rule show protocol kernel
ip rule show uidrange 0-5
ip rule show ipproto tcp
ip rule show sport 5-10
ip rule del from 10.1.0.0/16
ip rule del fwmark 5 lookup 300 pref 101 suppress_prefixlength 1
ip rule del fwmark 5 pref 101
ip rule del uidrange 0-6 pref 104
ip rule del sport 5 pref 106
ip rule del ipproto tcp pref 106
ip rule del pref 7777
ip rule del table 17
ip rule del
ip rule del pref 0
ip rule del not pref 1005
ip link set d0 name nosuch
ip rule show
ip link del nosuch
ip rule show
ip rule flush protocol 99
ip rule flush table 16
ip rule flush
ip rule show
ip -6 rule add from 2001:db8::/32 lookup 10 pref 5
ip -6 rule add from 2001:db8::/129 lookup 10
ip -6 rule add from 10.0.0.0/8 lookup 10
ip -6 rule add tos 0x10 lookup 11 pref 6
ip -6 rule add tos 0x03 lookup 11 pref 6
ip -6 rule add nat 10.0.0.1 from 10.0.0.2
ip -6 rule add lookup 12 realms 5 pref 7
ip -6 rule add goto 5 pref 4
ip -6 rule add uidrange 5-5 ipproto ipv6-icmp sport 7 pref 8 prohibit
ip -6 rule show
ip -6 rule del pref 5
ip -6 rule flush
ip -6 rule show
ip rule save > /tmp/r
ip rule restore < /tmp/r
ip rule restore < /dev/null
ip rule show
