ip link add wg0 type wireguard
ip -d link show wg0
ip -d -s link show wg0
wg show wg0
wg show all dump
ip addr add 10.0.0.1/24 dev wg0
ip link set wg0 up
ip -d addr show wg0
ip route
ip -6 route
wg set wg0 listen-port 51820
wg show wg0 listen-port
echo YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk= > /tmp/priv
wg set wg0 private-key /tmp/priv
wg show wg0
wg show wg0 public-key
wg show wg0 private-key
wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= allowed-ips 10.0.0.2/32,fd00::2/128 endpoint 192.0.2.2:51820 persistent-keepalive 25
wg show wg0
wg show wg0 dump
wg set wg0 peer TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0= allowed-ips 10.0.0.2/32,10.1.0.0/16 preshared-key /tmp/priv
wg show wg0 allowed-ips
wg show wg0 preshared-keys
wg show wg0 endpoints
wg show wg0 peers
wg show wg0 transfer
wg show wg0 latest-handshakes
wg show wg0 persistent-keepalive
wg set wg0 fwmark 0x10
wg show wg0 fwmark
wg showconf wg0
wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= remove
wg set wg0 peer xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg= remove
wg show wg0
wg set wg0 peer HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= allowed-ips 10.9.9.9/33
wg set wg0 peer TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0= allowed-ips 10.2.0.0/15
wg show wg0 allowed-ips
wg set nodev listen-port 1
wg set lo listen-port 1
asuser wg show wg0
asuser wg set wg0 listen-port 2
ip link add wg1 type wireguard
ip link set wg1 up
wg set wg1 listen-port 51820
wg show wg1
wg show interfaces
ip link set wg1 mtu 1000
ip link set wg1 address 02:00:00:00:00:01
ip link set wg1 arp on
ip link add wg2 type wireguard foo
ip link add link wg1 wg1.5 type vlan id 5
ip link add br0 type bridge
ip link set wg1 master br0
ip link set wg0 down
wg show wg0 listen-port
ip link set wg1 down
wg set wg1 listen-port 51820
ip link set wg1 up
ip link set wg0 up
ip -d link show wg1
ip netns add n
ip link set wg1 netns n
ip -n n -d link show wg1
ip netns exec n wg show wg1
ip link del wg0
ip -n n link del wg1
cat /proc/net/dev
