#@ settle 300
ip link add w address 02:00:00:00:00:01 type veth peer name p address 02:00:00:00:00:02
ip link set w up
ip link set p up
ip addr add 10.0.0.1/24 dev w
ip link add link p name mb address 02:00:00:00:00:11 type macvlan mode bridge
ip link add link p name mc address 02:00:00:00:00:12 type macvlan mode bridge
ip link add link p name mv address 02:00:00:00:00:13 type macvlan mode vepa
ip link add link p name mp address 02:00:00:00:00:14 type macvlan mode private
ip link add link p name ms address 02:00:00:00:00:15 type macvlan mode source macaddr add 02:00:00:00:00:01
ip link set mb up
ip link set mc up
ip link set mv up
ip link set mp up
ip link set ms up
ip neigh replace 10.0.0.2 dev w use
sleep 4
ip -s link
ip addr add 10.1.0.1/24 dev mb
ip neigh replace 10.1.0.2 dev mb use
sleep 4
ip -s link
ip addr add 10.2.0.1/24 dev mv
ip neigh replace 10.2.0.2 dev mv use
ip addr add 10.3.0.1/24 dev mp
ip neigh replace 10.3.0.2 dev mp use
sleep 4
ip -s -s link
cat /proc/net/dev
ip link del mb
ip link del mc
ip link del mv
ip link del mp
ip link del ms
ip link add link p name pt type macvlan mode passthru
ip link set pt up
ip neigh replace 10.0.0.3 dev w use
sleep 4
ip -s link
ip link del pt
ip link add link p name i1 type ipvlan mode l2
ip link add link p name i2 type ipvlan mode l2
ip link set i1 up
ip link set i2 up
ip addr add 10.0.0.11/24 dev i1
ip addr add 10.0.0.12/24 dev i2
ip neigh replace 10.0.0.4 dev w use
ip neigh replace 10.0.0.5 dev i1 use
sleep 4
ip -s link
ip link set i1 type ipvlan mode l3
ip neigh replace 10.0.0.6 dev w use
sleep 4
ip -s link
cat /proc/net/dev
ip link add link p name mt0 type macvtap
ip link del i1
ip link del i2
ip link add link p name mt0 address 02:00:00:00:00:21 type macvtap
ls /sys/class/macvtap
ls /sys/class/macvtap/tap12
ls /sys/class/net/mt0/macvtap
grep DEVNAME /sys/class/macvtap/tap12/uevent
readlink /sys/class/macvtap/tap12
readlink /sys/class/net/mt0/tap12
readlink /sys/class/macvtap/tap12/device
readlink /sys/class/macvtap/tap12/subsystem
ip link set mt0 name mt1
ls /sys/class/macvtap
ls /sys/class/net/mt1
readlink /sys/class/macvtap/tap12
ip link set mt1 up
ip neigh replace 10.0.0.7 dev w use
sleep 4
ip -s link show mt1
ip link del mt1
ls /sys/class/macvtap
