# tunnels: options and bad values
ip link add d0 type dummy
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip link add t0 type ipip local 10.0.0.1 remote 10.0.0.2 ttl 300
ip link add t0 type ipip local 10.0.0.1 remote 10.0.0.2 ttl 5 nopmtudisc
ip link add t0 type ipip local 10.0.0.1 remote 10.0.0.2 ttl inherit tos inherit dev d0 mode any
ip -d link show t0
ip link add t1 type ipip local 10.0.0.1 remote 10.0.0.2 dev d0
ip link add t1 type ipip remote 239.1.1.1
ip link add t1 type ipip external
ip link add t2 type ipip external
ip -d link show t1
ip link set t0 type ipip remote 10.0.0.3
ip link set t0 type ipip remote 0.0.0.0
ip link set t0 type ipip mode mplsip
ip -d link show t0
ip link add g0 type gre local 10.0.0.1 remote 10.0.0.2 key 5 csum seq ttl 64
ip link add g1 type gre local 10.0.0.1 remote 10.0.0.2 ikey 5 okey 6
ip link add g1 type gre local 10.0.0.1 remote 10.0.0.2 ikey 6 okey 7 icsum oseq
ip -d link show g0
ip link set g0 type gre key 7
ip link set g0 type gre remote 10.0.0.9 noseq nocsum
ip link add g2 type gre remote 239.1.1.1 local 10.0.0.1 ttl 5 dev d0
ip link set g2 up
ip -d link show g2
ip link add g3 type gre local 10.0.0.1 remote 10.0.0.2 ignore-df nopmtudisc
ip link add g3 type gre local 10.0.0.1 remote 10.0.0.2 ignore-df pmtudisc ttl 0
ip link add g4 type gretap local 10.0.0.1 remote 10.0.0.2 encap fou encap-sport 5 encap-dport 6
ip link add g4 type gretap local 10.0.0.1 remote 10.0.0.2 encap gue
ip -d link show g4
ip link add g5 type gretap external
ip link add g6 type gretap external
ip link add e0 type erspan local 10.0.0.1 remote 10.0.0.2 erspan_ver 3
ip link add e0 type erspan local 10.0.0.1 remote 10.0.0.2 seq key 5 erspan 2000000
ip link add e0 type erspan local 10.0.0.1 remote 10.0.0.2 seq key 5 erspan 200
ip link add e1 type erspan local 10.0.0.1 remote 10.0.0.2 seq key 6 erspan_ver 2 erspan_dir egress erspan_hwid 70
ip link add e1 type erspan local 10.0.0.1 remote 10.0.0.2 seq key 6 erspan_ver 2 erspan_dir egress erspan_hwid 17
ip link add e2 type erspan local 10.0.0.1 remote 10.0.0.2 seq key 7 erspan_ver 0
ip link add e3 type erspan local 10.0.0.1 remote 10.0.0.2 key 7 erspan 4
ip link add e4 type erspan seq key 70 erspan 4
ip -d link show type erspan
ip link set e0 type erspan erspan 300 erspan_ver 1
ip -d link show e0
ip link add s0 type sit local 10.0.0.1 remote 10.0.0.2 mode ip6ip
ip link add s1 type sit local 10.0.0.1 remote any mode any isatap
ip link add s1 type sit local 10.0.0.1 remote any 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8
ip link set s1 type sit 6rd-prefix 2001:db8::/33
ip link set s1 type sit 6rd-reset
ip -d link show type sit
ip link add x0 type vti local 10.0.0.1 remote 10.0.0.2 key 5 fwmark 7
ip link add x1 type vti local 10.0.0.1 remote 10.0.0.2 ikey 5 okey 6
ip link set x0 type vti fwmark 8 ikey 9
ip -d link show type vti
ip -6 addr add 2001:db8::1/64 dev d0 nodad
ip link add n0 type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode any hoplimit 300
ip link add n0 type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode any hoplimit 3 encaplimit none tclass inherit flowlabel 0x12345 dscp inherit fwmark inherit allow-localremote dev d0
ip -d link show n0
ip link set n0 type ip6tnl encaplimit 7 tclass 0x20 flowlabel inherit dscp inherit fwmark 6 hoplimit 9
ip link add n1 type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode ipip6
ip link add n1 type ip6tnl local 2001:db8::1 remote 2001:db8::3 mode ip6ip6 encaplimit 256
ip link add n1 type ip6tnl local 2001:db8::1 remote 2001:db8::3 mode ip6ip6
ip link add n2 type ip6tnl external
ip link add n3 type ip6tnl remote 10.0.0.1
ip -d link show type ip6tnl
ip link add k0 type ip6gre local 2001:db8::1 remote 2001:db8::2 key 5 seq csum encaplimit 4 hoplimit 7
ip link add k1 type ip6gre local 2001:db8::1 remote 2001:db8::2 key 5
ip link add k2 type ip6gretap external
ip link add k3 type ip6erspan local 2001:db8::1 remote 2001:db8::2 seq key 6 erspan_ver 2 erspan_dir ingress erspan_hwid 3
ip link add k4 type ip6erspan local 2001:db8::1 remote 2001:db8::2 key 8 erspan_ver 3
ip link add k5 type vti6 local 2001:db8::1 remote 2001:db8::2 key 4 fwmark 0xff
ip -d link show
ip tunnel show
ip -6 tunnel show
ip tunnel change g0 ttl 9
ip tunnel add tt mode gre remote 10.0.0.77 local 10.0.0.1 key 1.2.3.4 dev d0
ip tunnel add tt mode gre remote 10.0.0.77 local 10.0.0.1
ip tunnel add tt2 mode bogus
ip tunnel add tt2 mode vti remote 10.0.0.78 key 5
ip tunnel change tt ttl 5 tos 3 
ip tunnel prl dev s1 prl-default 10.0.0.5
ip tunnel prl dev s1
ip tunnel 6rd dev s1 6rd-prefix 2001:db8::/32
ip tunnel del nosuch
ip tunnel del tt
ip -6 tunnel add u0 mode ip6gre remote 2001:db8::99 local 2001:db8::1
ip -6 tunnel change u0 hoplimit 4 tclass 5
ip -6 tunnel del u0
ip link del d0
ip -br link
