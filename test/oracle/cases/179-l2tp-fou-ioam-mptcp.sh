#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
ip fou show
ip fou add port 5555 ipproto 4
ip fou add port 5555 ipproto 4
ip fou add port 5556 gue
ip fou add port 5557 ipproto 41 local 10.0.0.1
ip fou add port 5558 ipproto 47 dev d0
ip fou add port 5559 ipproto 41 local 2001:db8::1
ip -6 fou add port 5560 ipproto 41
ip -6 fou add port 5561 ipproto 41 local 2001:db8::1 peer 2001:db8::2 peer_port 9
ip fou add port 5562 ipproto 4 local 10.0.0.99
ip fou add port 5563
ip fou add port 0 ipproto 4
ip fou show
ip -j -p fou show
ip fou show port 5555
ss -uanp
cat /proc/net/udp | wc -l
ip fou del port 5555
ip fou del port 5555
ip fou del port 5557 local 10.0.0.1
ip fou del port 5558
ip fou del port 5558 dev d0
ip fou show
asuser ip fou show
asuser ip fou add port 6000 ipproto 4
asuser ip fou del port 5556
ip link add t0 type ipip remote 10.0.0.2 local 10.0.0.1 encap fou encap-sport 5001 encap-dport 5556
ip -d link show t0
ip link set t0 type ipip encap gue encap-sport auto encap-dport 5557 encap-csum encap-remcsum
ip -d link show t0
ip link add s0 type sit remote 10.0.0.2 local 10.0.0.1 encap gue encap-sport auto encap-dport 5556 no-encap-csum
ip -d link show s0
ip link add g0 type gre remote 10.0.0.2 local 10.0.0.1 encap fou encap-dport 7 key 5
ip -d -j link show g0
ip link del t0
ip ioam namespace show
ip ioam namespace add 1
ip ioam namespace add 2 data 0xdeadbeef wide 0xcafec0caf00dc0de
ip ioam namespace add 2
ip ioam namespace add 70000
ip ioam namespace show
ip -j ioam namespace show
ip ioam schema add 7 something
ip ioam schema add 7 other
ip ioam schema add 8 four
ip ioam schema show
ip -j ioam schema show
ip ioam namespace set 1 schema 7
ip ioam namespace set 2 schema 7
ip ioam namespace set 9 schema 7
ip ioam namespace set 2 schema 99
ip ioam namespace show
ip ioam schema show
ip ioam namespace set 2 schema none
ip ioam namespace del 1
ip ioam namespace del 1
ip ioam schema show
ip ioam schema del 7
ip ioam schema del 7
ip ioam namespace show
asuser ip ioam namespace show
asuser ip ioam namespace add 3
ip sr tunsrc show
ip sr tunsrc set 2001:db8::1
ip sr tunsrc show
ip sr hmac show
ip sr hmac set 17 sha1
ip sr hmac show
asuser ip sr tunsrc show
asuser ip sr tunsrc set ::
ip mptcp endpoint show
ip mptcp limits show
ip mptcp endpoint add 10.0.0.1 dev d0 subflow
ip mptcp endpoint add 10.0.0.1 signal
ip mptcp endpoint add 10.0.0.1 dev d0 subflow
ip mptcp endpoint add 10.0.0.2 id 9 signal
ip mptcp endpoint add 10.0.0.3 id 9 signal
ip mptcp endpoint add 10.0.0.3 port 500 signal
ip mptcp endpoint add 10.0.0.3 port 500 subflow
ip mptcp endpoint add 10.0.0.4 subflow fullmesh backup
ip mptcp endpoint add 10.0.0.5 signal fullmesh
ip mptcp endpoint add 2001:db8::1 dev d0 subflow backup
ip mptcp endpoint add 10.0.0.7 dev nosuch
ip mptcp endpoint show
ip -j -p mptcp endpoint show
ip mptcp endpoint show id 9
ip mptcp endpoint show id 77
ip mptcp endpoint change id 1 backup
ip mptcp endpoint change id 1 nobackup
ip mptcp endpoint change id 77 backup
ip mptcp endpoint change 10.0.0.4 nofullmesh
ip mptcp endpoint delete id 9
ip mptcp endpoint delete id 9
ip mptcp endpoint show
ip mptcp limits set subflows 4 add_addr_accepted 3
ip mptcp limits show
ip -j mptcp limits show
ip mptcp limits set subflows 9
ip mptcp endpoint flush
ip mptcp endpoint show
asuser ip mptcp endpoint show
asuser ip mptcp limits set subflows 1
cat /proc/sys/net/mptcp/enabled
ip l2tp show tunnel
ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 encap udp local 10.0.0.1 remote 10.0.0.2 udp_sport 5000 udp_dport 6000
ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 encap udp local 10.0.0.1 remote 10.0.0.2 udp_sport 5001 udp_dport 6001
ip l2tp add tunnel tunnel_id 3 peer_tunnel_id 4 encap ip local 10.0.0.1 remote 10.0.0.3
ip l2tp add tunnel tunnel_id 5 peer_tunnel_id 6 encap udp local 2001:db8::1 remote 2001:db8::2 udp_sport 5002 udp_dport 6002 udp6_csum_rx off
ip l2tp add tunnel tunnel_id 7 peer_tunnel_id 8 encap udp local 10.0.0.99 remote 10.0.0.2 udp_sport 5003 udp_dport 6003
ip l2tp show tunnel
ip -j l2tp show tunnel
ip l2tp show tunnel tunnel_id 3
ip l2tp add session tunnel_id 1 session_id 10 peer_session_id 20
ip l2tp add session tunnel_id 1 session_id 10 peer_session_id 20
ip l2tp add session name l2x tunnel_id 3 session_id 11 peer_session_id 21 cookie 12345678 peer_cookie 87654321 l2spec_type none seq both
ip l2tp add session tunnel_id 99 session_id 12 peer_session_id 22
ip l2tp show session
ip l2tp show session tunnel_id 3 session_id 11
ip link show
ip -d link show l2x
ip link set l2tpeth0 up
ip l2tp del session tunnel_id 1 session_id 10
ip l2tp del session tunnel_id 1 session_id 10
ip l2tp del tunnel tunnel_id 3
ip l2tp del tunnel tunnel_id 3
ip l2tp show session
ip link show
asuser ip l2tp show tunnel
asuser ip l2tp del tunnel tunnel_id 1
