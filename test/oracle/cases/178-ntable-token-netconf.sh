#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link set d0 up
ip ntable show dev d0
ip -4 ntable show dev d0
ip -6 ntable show name ndisc_cache dev d0
ip -s ntable show dev d0
ip -j -p ntable show dev d0
ip -s ntable show name arp_cache
ip ntable show dev nosuch
ip ntable change name arp_cache dev d0 queue 5 retrans 500 base_reachable 20000
ip ntable show name arp_cache dev d0
cat /proc/sys/net/ipv4/neigh/d0/unres_qlen /proc/sys/net/ipv4/neigh/d0/retrans_time_ms /proc/sys/net/ipv4/neigh/d0/base_reachable_time_ms
ip ntable change name ndisc_cache dev d0 gc_stale 30000 delay_probe 2000 app_probes 1 ucast_probes 5 mcast_probes 6
ip -6 ntable show dev d0
ip ntable change name arp_cache dev d0 anycast_delay 100 proxy_delay 200 proxy_queue 30 locktime 400
ip ntable show name arp_cache dev d0
ip ntable change name arp_cache thresh1 100 thresh2 400 thresh3 900 gc_int 60000
ip ntable show name arp_cache
cat /proc/sys/net/ipv4/neigh/default/gc_thresh1 /proc/sys/net/ipv4/neigh/default/gc_interval
ip ntable change name ndisc_cache thresh1 100
ip ntable change name nosuch dev d0 queue 5
ip ntable change name arp_cache dev nosuch queue 5
ip ntable change name arp_cache dev d0 queue 0
ip ntable change name arp_cache queue 7
ip ntable change name arp_cache dev d0
ip ntable change name arp_cache dev d0 retrans 0
ip ntable show dev d0
asuser ip ntable change name arp_cache dev d0 queue 5
ip token
ip token list dev d0
ip token set ::1:2:3:4 dev d0
ip token list dev d0
ip -j token list
ip token get dev nosuch
ip token set 2001:db8::1 dev d0
ip token set 2001:db8:0:0:1:: dev d0
ip token set :: dev d0
ip token set ::5 dev lo
ip token set ::5 dev d1
sysctl -w net.ipv6.conf.d0.accept_ra=0
ip token set ::6 dev d0
sysctl -w net.ipv6.conf.d0.accept_ra=2
sysctl -w net.ipv6.conf.d0.router_solicitations=0
ip token set ::7 dev d0
sysctl -w net.ipv6.conf.d0.forwarding=1
ip token set ::8 dev d0
ip token set ::9 dev d1
ip token list
ip -6 addr show dev d0
ip -d -j link show d0
ip netconf show dev d0
ip -4 netconf show dev d0
ip -6 netconf show dev all
ip -6 netconf show dev default
ip netconf show dev nosuch
ip -M netconf show
ip -d netconf show dev lo
ip addrlabel
ip -j addrlabel list
ip addrlabel get 2001:db8::1
ip addrlabel get ::ffff:1.2.3.4
ip addrlabel add prefix 2001:db8::/32
ip addrlabel add prefix 2001:db8::/32 label 4294967295
ip addrlabel add prefix 2001:db8::/32 label 5 dev nosuch
ip addrlabel add prefix 10.0.0.0/8 label 5
ip addrlabel add prefix ::ffff:0:0/100 label 5
ip addrlabel add prefix 2001:db8::1/32 label 6
ip addrlabel list
ip addrlabel get 2001:db8::1
ip addrlabel del prefix 2001:db8:9::/48
ip addrlabel del prefix 2001:db8::/32
ip addrlabel del prefix 2001:db8:8::/32 label 1
ip addrlabel get 2001:db8::1
ip maddr add 33:33:00:00:00:07 dev d1
ip maddr add 33:33:00:00:00:07 dev d1
ip maddr add 33:33:00:00:00:08 dev lo
ip -0 maddr show
ip -4 maddr show dev d0
ip -6 maddr show dev d0
ip -s maddr show dev d1
ip -j -p maddr show dev d1
ip maddr show dev nosuch
ip maddr del 33:33:00:00:00:07 dev d1
ip maddr del 33:33:00:00:00:07 dev d1
ip maddr del 33:33:00:00:00:07 dev d1
ip maddr show dev d1
ip tcp_metrics
ip -j tcp_metrics show
ip tcp_metrics show 192.0.2.1
ip tcp_metrics get 192.0.2.1
ip tcp_metrics get 2001:db8::1
ip tcp_metrics del 192.0.2.1
ip tcp_metrics flush
ip tcp_metrics flush 192.0.2.0/24
asuser ip tcp_metrics show
asuser ip tcp_metrics flush
