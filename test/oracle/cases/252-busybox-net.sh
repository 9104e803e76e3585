#@ settle 200
# busybox's programs between two hosts and over a router
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name r0 address 02:00:00:00:00:10
ip link add vb address 02:00:00:00:00:0b netns b type veth peer name r1 address 02:00:00:00:00:11
busybox ifconfig lo up
busybox ifconfig r0 10.0.1.1 netmask 255.255.255.0 up
busybox ifconfig r1 10.0.2.1/24 up
ip netns exec a busybox ifconfig va 10.0.1.2 netmask 255.255.255.0 up
ip netns exec b busybox ifconfig vb 10.0.2.2 netmask 255.255.255.0 up
ip netns exec a busybox route add default gw 10.0.1.1
ip netns exec b busybox route add default gw 10.0.2.1
ip addr add 2001:db8:1::1/64 dev r0 nodad
ip addr add 2001:db8:2::1/64 dev r1 nodad
ip -n a addr add 2001:db8:1::2/64 dev va nodad
ip -n b addr add 2001:db8:2::2/64 dev vb nodad
ip netns exec a busybox route -A inet6 add default gw 2001:db8:1::1
ip -n b route add default via 2001:db8:2::1
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
sleep 3
ip netns exec a busybox route -n
ip netns exec a busybox route -A inet6 -n
ip netns exec a busybox netstat -rn
ip netns exec a busybox ping -c2 10.0.2.2
ip netns exec a busybox ping -c1 -s 4000 10.0.2.2
ip netns exec a busybox ping -c1 -W1 -q 10.0.2.99
ip netns exec a busybox ping -c1 -t1 -W1 10.0.2.2
ip netns exec a busybox ping -c1 -I va 10.0.1.1
ip netns exec a busybox ping -c1 -I 10.0.1.2 10.0.2.2
ip netns exec a busybox ping6 -c1 2001:db8:2::2
ip netns exec a busybox ping6 -c1 -s 3000 2001:db8:2::2
ip netns exec a busybox ping -c1 10.9.9.9
ip netns exec a busybox traceroute -n -q1 -w1 10.0.2.2 | cut -c1-20
ip netns exec a busybox traceroute -n -I -q1 -w1 10.0.2.2 | cut -c1-20
ip netns exec a busybox traceroute -n -q1 -w1 -m3 10.0.2.99 | cut -c1-20
ip netns exec a busybox traceroute6 -n -q1 -w1 2001:db8:2::2 | cut -c1-30
ip netns exec a busybox arp -n
ip netns exec a busybox arp -a
ip netns exec a busybox arp -s 10.0.1.7 02:00:00:00:00:77
ip netns exec a busybox arp -d 10.0.1.7
ip netns exec a busybox arping -c1 -w1 -q -I va 10.0.1.1
ip netns exec a busybox arping -c1 -w1 -I va 10.0.1.9
ip netns exec a busybox arping -D -c1 -w1 -q -I va 10.0.1.1
ip netns exec a busybox arping -D -c1 -w1 -q -I va 10.0.1.9
ip netns exec a busybox ifconfig -a
ip netns exec a busybox ip -s link
ip netns exec a busybox ip neigh
ip netns exec a busybox ip route get 10.0.2.2
ip netns exec a busybox netstat -s
ip netns exec a busybox netstat -i
ip netns exec b busybox httpd -p 80; sleep 0.3; ip netns exec b busybox netstat -ltn; ip netns exec b busybox killall httpd
ip netns exec a busybox nslookup -timeout=1 -retry=1 example.org 10.0.2.2
ip netns exec a busybox ntpd -n -q -p 10.0.2.2
ip netns exec a busybox tftp -g -r x 10.0.2.2
ip netns exec a busybox ifconfig va:1 10.0.3.1 netmask 255.255.255.0 up
ip netns exec a busybox ifconfig
ip netns exec a busybox ifconfig va:1 down
ip netns exec a busybox ifconfig va mtu 1400
ip netns exec a busybox ifconfig va promisc
ip netns exec a busybox ifconfig va -promisc
ip netns exec a busybox ifconfig va hw ether 02:00:00:00:00:0c
ip netns exec a busybox ifconfig va down
ip netns exec a busybox ifconfig
printf 'interface r0\nstart 10.0.1.50\nend 10.0.1.60\noption subnet 255.255.255.0\noption router 10.0.1.1\nlease_file /tmp/nd-leases\npidfile /tmp/nd-dhcpd.pid\n' > /tmp/nd-dhcpd.conf; touch /tmp/nd-leases
ip netns exec a busybox ifconfig va 0.0.0.0 up
timeout 8 busybox udhcpd -f /tmp/nd-dhcpd.conf >/dev/null 2>&1 & sleep 1; ip netns exec a timeout 6 busybox udhcpc -i va -n -q -f -t 3 -s /bin/true; wait
timeout 5 ip netns exec a busybox udhcpc -i va -n -q -f -t 1 -T 1 -s /bin/true
