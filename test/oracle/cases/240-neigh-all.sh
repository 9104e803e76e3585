# neighbours: states, flags, proxies, changes, flushes
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add p0 address 02:00:00:00:00:03 type veth peer name p1 address 02:00:00:00:00:04
ip link set d0 up
ip addr add 10.0.0.1/24 dev d0
ip addr add 2001:db8::1/64 dev d0 nodad
for s in none incomplete reachable stale delay probe failed noarp permanent; do ip neigh add 10.0.0.1$((n++)) lladdr 02:00:00:00:09:0$n nud $s dev d0; done
ip neigh add 10.0.0.20 nud permanent dev d0
ip neigh add 10.0.0.20 nud none dev d0
ip neigh add 10.0.0.21 nud incomplete dev d0
ip neigh add 10.0.0.22 lladdr 02:00:00:00:09 dev d0
ip neigh add 10.0.0.22 lladdr 02:00:00:00:09:22:33 dev d0
ip neigh add 10.0.0.22 lladdr 02:00:00:00:09:22 dev d0 router
ip neigh add 10.0.0.23 lladdr 02:00:00:00:09:23 dev d0 extern_learn
ip neigh add 10.0.0.24 dev d0 managed
ip neigh add 10.0.0.25 dev d0 use
ip neigh add 10.0.0.26 lladdr 02:00:00:00:09:26 dev d0 protocol 9 nud stale
ip neigh add 10.0.0.27 lladdr 02:00:00:00:09:27 dev d0 managed extern_learn use
ip neigh add 10.0.0.0 lladdr 02:00:00:00:09:28 dev d0
ip neigh add 0.0.0.0 lladdr 02:00:00:00:09:28 dev d0
ip neigh add 239.1.1.1 lladdr 02:00:00:00:09:28 dev d0
ip neigh add 2001:db8::2 lladdr 02:00:00:00:09:32 dev d0 router nud stale
ip neigh add ff02::5 lladdr 33:33:00:00:00:05 dev d0
ip neigh add 2001:db8::3 lladdr 02:00:00:00:09:33 dev p0 nud permanent
ip neigh add 10.0.0.30 lladdr 02:00:00:00:09:34 dev lo
ip neigh add 10.0.0.31 lladdr 02:00:00:00:09:34 dev nosuch
ip neigh add 10.0.0.31 lladdr 02:00:00:00:09:34
ip neigh show
ip -s neigh show
ip -6 neigh show
ip -j -s neigh show dev d0
ip neigh show nud all
ip neigh show nud permanent
ip neigh show nud noarp
ip neigh show unused
ip neigh show 10.0.0.0/28
ip neigh show proxy
ip neigh show vrf nosuch
ip neigh show master nosuch
ip neigh change 10.0.0.12 lladdr 02:00:00:00:19:12 dev d0
ip neigh change 10.0.0.77 lladdr 02:00:00:00:19:12 dev d0
ip neigh replace 10.0.0.12 lladdr 02:00:00:00:29:12 dev d0 nud reachable
ip neigh replace 10.0.0.18 nud reachable dev d0
ip neigh replace 10.0.0.18 lladdr 02:00:00:00:29:18 dev d0 nud stale
ip neigh change 2001:db8::2 dev d0 nud reachable
ip neigh change 2001:db8::2 lladdr 02:00:00:00:09:39 dev d0 router extern_learn
ip neigh add proxy 10.0.0.40 dev d0
ip neigh add proxy 10.0.0.40 dev d0
ip neigh add proxy 10.0.0.41 dev d0 router protocol 7
ip neigh add proxy 10.0.0.42
ip neigh add proxy 2001:db8::40 dev d0
ip neigh add proxy 2001:db8::41 lladdr 02:00:00:00:09:34 dev d0
ip neigh show proxy
ip -6 neigh show proxy
ip -j neigh show proxy
ip neigh del proxy 10.0.0.44 dev d0
ip neigh del proxy 10.0.0.41 dev d0
ip neigh del proxy 10.0.0.40 dev p0
ip neigh get 10.0.0.12 dev d0
ip neigh get 10.0.0.99 dev d0
ip neigh get proxy 10.0.0.40 dev d0
ip neigh get 10.0.0.12
ip neigh get 10.0.0.12 dev nosuch
ip neigh get 2001:db8::2 dev d0
ip neigh del 10.0.0.12 dev d0
ip neigh del 10.0.0.12 dev d0
ip neigh del 10.0.0.18 lladdr 02:00:00:00:00:77 dev d0
ip neigh del 2001:db8::2 dev d0
ip neigh flush dev d0 nud permanent
ip -s -s neigh flush dev d0 nud stale
ip neigh flush 10.0.0.16/28
ip neigh flush all
ip neigh flush
ip neigh show
ip link set d0 address 02:00:00:00:00:99
ip link set d0 arp off
ip neigh add 10.0.0.50 lladdr 02:00:00:00:09:50 dev d0
ip neigh show
ip link set d0 down
ip neigh show nud all
ip link set d0 up arp on
ip ntable show dev d0
ip ntable change name arp_cache dev d0 reachable 50000 retrans 500 gc_stale 7000 delay_probe 3000 queue 7 app_probes 1 ucast_probes 2 mcast_probes 3 anycast_delay 400 proxy_delay 500 proxy_queue 8 locktime 900
ip -s ntable show dev d0 name arp_cache
ip ntable change name arp_cache thresh1 10 thresh2 20 thresh3 30 gc_int 4000
ip ntable change name ndisc_cache dev d0 queue 5
ip ntable change name nosuch dev d0 queue 5
ip ntable change name arp_cache dev nosuch queue 5
ip ntable change name arp_cache dev d0
ip -j -s ntable show name arp_cache
ip link del d0
ip neigh show nud all
