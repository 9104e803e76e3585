# IPv4 addresses: flags, lifetimes, labels, scopes, errors
#@ settle 60
ip link set lo up
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip addr add 192.0.2.1/24 dev d0
ip addr add 192.0.2.2/24 dev d0 noprefixroute
ip link set d0 up
ip route show table all
ip addr add 192.0.2.3/24 dev d0 brd -
ip addr add 192.0.2.4/24 dev d0 brd 192.0.2.254
ip addr add 192.0.2.4/24 dev d0
ip addr add 192.0.2.4/25 dev d0 brd + scope host
ip addr add 192.0.2.5/24 dev d0 label d0:5 scope 200 metric 50
ip addr add 192.0.2.5/24 dev d0 label d0:6
ip addr replace 192.0.2.5/24 dev d0 metric 60
ip addr change 192.0.2.5/24 dev d0 valid_lft 100 preferred_lft 50
ip addr change 192.0.2.77/24 dev d0
ip addr replace 192.0.2.78/24 dev d0 proto kernel_ra
ip addr replace 192.0.2.78/24 dev d0 proto 0x77
ip addr add 192.0.2.6/24 dev d0 label d1:5
ip addr add 192.0.2.6/24 dev d0 label d0:a-very-long-label
ip addr add 192.0.2.7/24 dev d0 valid_lft 0
ip addr add 192.0.2.7/24 dev d0 valid_lft 10 preferred_lft 20
ip addr add 192.0.2.7/24 dev d0 valid_lft forever preferred_lft 20
ip addr add 192.0.2.8/24 dev d0 autojoin
ip addr add 239.1.1.1/24 dev d0 autojoin
ip addr add 239.1.1.2/32 dev d0
ip addr add 192.0.2.9/24 dev d0 home mngtmpaddr nodad
ip addr add 10.0.0.1 peer 10.0.0.2 dev d0
ip addr add 10.0.0.1 peer 10.0.1.2/24 dev d0
ip addr add 10.0.0.1/32 dev d0
ip addr add 10.0.0.1/24 dev d0
ip addr add 10.0.0.1/24 peer 10.0.0.5 dev d0
ip addr add 10.0.2.1/31 dev d0 brd +
ip addr add 10.0.3.1/0 dev d0
ip addr add 10.0.4.1/33 dev d0
ip addr add 0.0.0.0/0 dev d0
ip addr add 0.0.0.1/24 dev d0
ip addr add 127.0.0.2/8 dev d1
ip addr add 255.255.255.255/32 dev d1
ip addr add 10.0.5.1/24 dev d1 anycast 10.0.5.9
ip addr add 10.0.5.1/24 dev nosuch
ip addr add 10.0.5.1/24
ip addr add local 10.0.6.1/24 broadcast 10.0.6.7 dev d1 scope link
ip addr show
ip -d addr show d0
ip -j -p addr show d0
ip route show table all
ip addr del 192.0.2.1/24 dev d0
ip addr show dev d0 secondary
ip addr del 192.0.2.1/24 dev d0
ip addr del 10.0.0.1 dev d0
ip addr del 10.0.0.1/32 peer 10.0.0.2 dev d0
ip addr del 192.0.2.3/25 dev d0
ip addr del 192.0.2.3 dev d0 label d0:x
ip addr del 192.0.2.5/24 dev d0 label d0:5
ip addr del 239.1.1.1/24 dev d0
ip maddr show dev d0
ip addr flush dev d0 label 'd0:*'
ip addr flush dev d0 scope host
ip -s -s addr flush dev d0 to 10.0.0.0/16
ip addr flush dev d1 secondary
ip addr show
ip link set d0 down
ip route show table all
ip link set d0 up
ip route show table all
ip addr flush dev d0
ip -4 addr flush
ip addr add 10.1.1.1/24 dev lo
ip addr add 10.1.1.2/24 dev lo scope host
ip route show table all dev lo
ip addr save > /tmp/a
ip addr flush dev lo
ip addr restore < /tmp/a
ip addr showdump < /tmp/a
ip link del d0
