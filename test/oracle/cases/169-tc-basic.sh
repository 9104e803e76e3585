#@ netns init
ip link add d0 type dummy
ip link set d0 up
tc qdisc add dev d0 clsact
tc filter add dev d0 ingress protocol ip basic action drop
tc filter add dev d0 ingress protocol ip pref 5 basic classid 1:5
tc filter add dev d0 ingress protocol ip pref 5 handle 7 basic classid 1:6 action pass
tc filter add dev d0 ingress protocol ip pref 5 basic
tc filter show dev d0 ingress
tc filter get dev d0 ingress protocol ip pref 5 handle 7 basic
tc filter replace dev d0 ingress protocol ip pref 5 handle 7 basic classid 1:9 action drop
tc filter replace dev d0 ingress protocol ip pref 5 handle 99 basic classid 1:a
tc filter change dev d0 ingress protocol ip pref 5 handle 98 basic classid 1:a
tc filter add dev d0 ingress protocol ip pref 5 handle 7 basic classid 1:9
tc -s filter show dev d0 ingress
tc filter del dev d0 ingress protocol ip pref 5 handle 7 basic
tc filter add dev d0 egress protocol all basic action drop
ping -c 1 -W 1 -I d0 192.0.2.9
tc -s filter show dev d0 egress
tc -d filter show dev d0 ingress
tc filter del dev d0 ingress
tc filter show dev d0 ingress
