#@ settle 200
# sockets as programs on two hosts use them: ss, netstat, /proc/net
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 10.0.0.1/24 brd + dev va
ip -n b addr add 10.0.0.2/24 brd + dev vb
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
sleep 3
# what the following commands have in the background
ip -n b link add vx0 address 02:00:00:00:00:0c type vxlan id 1 dstport 4789 && ip -n b link set vx0 up
ip -n b link add wg0 type wireguard && ip netns exec b wg set wg0 listen-port 51820 && ip -n b link set wg0 up
printf '%s\n' "ip netns exec b busybox httpd -f -p 8080 &" "ip netns exec b busybox httpd -f -p 10.0.0.2:80 &" "ip netns exec b busybox nc -l -p 5001 </dev/null &" "ip netns exec b busybox telnetd -F -p 23 -l /bin/sh &" "ip netns exec a busybox udhcpc -i va -f -s /bin/true >/dev/null 2>&1 &" "ip netns exec a ping -q 10.0.0.99 >/dev/null 2>&1 &" "ip netns exec a ping -6 -q 2001:db8::99 >/dev/null 2>&1 &" > /tmp/sockets
. /tmp/sockets; sleep 1; ip netns exec b ss -uanp; ip netns exec b ss -tanp; ip netns exec b ss -lntu; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -tuanem; ip netns exec b ss -tuani; ip netns exec b ss -H -lnt; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -nl sport = :4789; ip netns exec b ss -anu 'src 10.0.0.2'; ip netns exec b ss -ant '( sport = :80 or sport = :5001 )'; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -ant state listening; ip netns exec b ss -anu state unconnected; ip netns exec b ss -4 -an; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -6 -an; ip netns exec b ss -s; ip netns exec b ss -O -tuan; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -anw; ip netns exec b ss -an0; ip netns exec a ss -uan; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a ss -uanm; ip netns exec a ss -uane; ip netns exec a ss -anw; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a ss -anwem; ip netns exec b ss -ltn src 10.0.0.2; ip netns exec b ss -ltn 'sport >= :80 and sport <= :5001'; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a ss -nu state connected; ip netns exec a ss -r -u; ip netns exec a ss -s; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a netstat -an; ip netns exec a netstat -anu; ip netns exec a netstat -anw; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b netstat -lnt; ip netns exec b netstat -lntu; ip netns exec b netstat -tulpn; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b netstat -ane --inet; ip netns exec b netstat -an --inet6; ip netns exec b cat /proc/net/udp; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b cat /proc/net/udp6; ip netns exec b cat /proc/net/tcp; ip netns exec b cat /proc/net/tcp6; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a cat /proc/net/udp; ip netns exec a cat /proc/net/udp6; ip netns exec a cat /proc/net/raw; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a cat /proc/net/raw6; ip netns exec a cat /proc/net/icmp; ip netns exec a cat /proc/net/icmp6; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec a cat /proc/net/packet; ip netns exec a cat /proc/net/netlink; ip netns exec a cat /proc/net/protocols; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b cat /proc/net/sockstat; ip netns exec b cat /proc/net/sockstat6; ip netns exec a cat /proc/net/sockstat; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b busybox netstat -an; ip netns exec b busybox netstat -lntup; kill $(jobs -p); wait 2>/dev/null
. /tmp/sockets; sleep 1; ip netns exec b ss -K -u sport = :4789; ip netns exec b ss -uan; ip netns exec b ss -K -t sport = :80; ip netns exec b ss -tan; kill $(jobs -p); wait 2>/dev/null
