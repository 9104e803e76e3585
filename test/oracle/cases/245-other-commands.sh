# the other objects of ip: what they say, with and without the feature
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip tuntap add dev tap0 mode tap user 5 group 6 multi_queue vnet_hdr pi one_queue
ip tuntap add dev tun0 mode tun
ip tuntap add dev tun0 mode tap
ip tuntap add dev tun1 mode bogus
ip tuntap add mode tun
ip tuntap add dev d0 mode tap
ip -d tuntap show
ip -j tuntap show
ip -d link show tap0
ip -d -j link show type tun
ip link set tun0 up
ip link set tap0 address 02:00:00:00:00:aa
ip link set tap0 type tun
ip link add tx0 type tun
ip tuntap del dev tun0 mode tap
ip tuntap del dev tun0 mode tun
ip maddr add 33:33:00:00:00:55 dev d0
ip maddr add 33:33:00:00:00:55 dev d0
ip maddr add 01:00:5e:00:00:55 dev d0
ip maddr add 239.1.1.1 dev d0
ip maddr add 02:00:00:00:00:77 dev lo
ip maddr show
ip -j maddr show dev d0
ip -4 maddr show
ip -6 maddr show dev d0
ip -0 maddr show dev d0
ip maddr del 33:33:00:00:00:55 dev d0
ip maddr del 33:33:00:00:00:56 dev d0
ip mroute show
ip -6 mroute show table all
ip mroute show iif d0
ip mroute add 10.0.0.1 dev d0
ip netconf show
ip netconf show dev d0
ip -6 netconf show dev d0
ip -j netconf show dev lo
ip -4 -j netconf show
ip netconf show dev nosuch
ip token list
ip tcp_metrics show
ip tcp_metrics show 10.0.0.1
ip tcp_metrics delete 10.0.0.1
ip tcp_metrics flush
ip tcp_metrics flush all
ip fou show
ip fou add port 5555 ipproto 4
ip fou add port 5556 gue
ip ila list
ip ila add loc 1:2:3:4 loc_match 5:6:7:8
ip ioam namespace show
ip ioam namespace add 7 data 0x55 wide 0x66
ip ioam schema add 8 "abc"
ip ioam namespace set 7 schema 8
ip ioam namespace show
ip ioam schema show
ip ioam namespace del 9
ip sr hmac show
ip sr hmac set 5 sha1
ip sr tunsrc show
ip sr tunsrc set 2001:db8::1
ip sr tunsrc show
ip mptcp endpoint show
ip mptcp endpoint add 10.0.0.1 dev d0 id 5 subflow backup
ip mptcp endpoint add 10.0.0.1 dev d0 signal
ip mptcp endpoint show
ip -j mptcp endpoint show
ip mptcp limits set subflows 9 add_addr_accepted 1
ip mptcp limits set subflows 3 add_addr_accepted 1
ip mptcp limits show
ip mptcp endpoint change id 5 nobackup fullmesh
ip mptcp endpoint delete id 6
ip mptcp endpoint flush
ip xfrm state
ip xfrm policy
ip xfrm state count
ip xfrm policy count
ip addrlabel list
ip -4 addrlabel list
ip vrf identify
ip ntable show name ndisc_cache
ip rule bogus
ip route bogus
ip link bogus
ip addr bogus
ip neigh bogus
ip nexthop bogus
ip bogus
ip -bogus link
ip -f bogus link
ip -f mpls route show
ip -M route show
ip -f link addr show
ip -rc 1000 link show d0
ip -iec -s link show d0
ip -h -s link show d0
ip -t monitor bogus
ip -n nosuch link
ip -b /dev/null
ip -b /nosuch
ip -force -b <(echo 'link bogus'; echo 'link show d0'; echo 'addr del 1.2.3.4/5 dev d0')
ip -V
