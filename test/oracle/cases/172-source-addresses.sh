ip link add d0 type dummy
ip link set d0 up
ip -6 addr add 2001:db8::1/64 dev d0 nodad
ip -6 addr add 2001:db8:8::2/64 dev d0 nodad home
ip -6 route add default dev d0
ip -6 route get 2001:db8::9
ip -6 route get 2001:db8:8::9
ip -6 addr add 2001:db8:7::1/64 dev d0 nodad valid_lft 1000 preferred_lft 0
ip -6 route get 2001:db8:7::9
ip -6 addrlabel add prefix 2001:db8:7::/64 label 99
ip -6 addr add fd00::1/64 dev d0 nodad
ip -6 route get fd00:1::9
ip -6 route get 2002:a00::9
ip -6 route add 2001:db8:6::/64 dev d0 src 2001:db8::1
ip -6 route get 2001:db8:6::9
ip -6 route del default
ip -6 route add default from 2001:db8::/64 dev d0
ip -6 route get 2001:db8:5::9
ip -6 route get 2001:db8:5::9 from 2001:db8::1
ip -6 route get 2001:db8:5::9 from 2001:db8:8::2
sysctl -w net.ipv6.conf.d0.use_tempaddr=2
ip -6 addr add 2001:db8:3::1/64 dev d0 nodad mngtmpaddr
ip -6 addr del 2001:db8:3::1/64 dev d0
ip -6 addr show dev d0 scope global temporary
ip -6 addrlabel del prefix 2001:db8:7::/64
cat /proc/net/sockstat6
