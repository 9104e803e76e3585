#@ settle 200
# spanning tree as brctl and bridge show it, with traffic over the bridge
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name p0 address 02:00:00:00:00:10
ip link add vb address 02:00:00:00:00:0b netns b type veth peer name p1 address 02:00:00:00:00:11
brctl addbr br0
ip link set br0 address 02:00:00:00:00:10
brctl addif br0 p0 p1
brctl stp br0 on
brctl setfd br0 2
brctl sethello br0 1
brctl setmaxage br0 8
brctl show
brctl showstp br0
ip link set p0 up
ip link set p1 up
ip link set br0 up
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip addr add 10.0.0.10/24 dev br0
bridge link show
sleep 1
bridge link show
sleep 6
bridge link show
brctl showstp br0
ip netns exec a ping -c2 -i0.2 10.0.0.2
ip netns exec a ping -c2 -i0.2 10.0.0.10
brctl showmacs br0
bridge fdb show br br0
bridge -s fdb show br br0 dynamic
brctl setageing br0 10
brctl setbridgeprio br0 1000
brctl setpathcost br0 p0 200
brctl setportprio br0 p0 32
brctl showstp br0
bridge -d link show
brctl hairpin br0 p0 on
brctl show br0
brctl stp br0 off
brctl showstp br0
ip -d link show br0
ip -s link show br0
bridge mdb show
ip netns exec a ip addr add 239.1.1.1/32 dev va autojoin
sleep 1
bridge mdb show
bridge -d -s mdb show
cat /sys/class/net/br0/bridge/stp_state /sys/class/net/br0/bridge/root_id /sys/class/net/p0/brport/state
grep . /sys/class/net/br0/bridge/* 2>/dev/null
grep . /sys/class/net/p0/brport/* 2>/dev/null
ip link set p0 down
bridge link show
bridge fdb show br br0 dynamic
ip netns exec b ping -c1 -W1 10.0.0.1
ip link set p0 up
ip netns exec b ping -c1 -W1 10.0.0.1
sleep 15
brctl showmacs br0
bridge fdb show br br0 dynamic
ip link set p1 nomaster
ip netns exec a ping -c1 -W1 10.0.0.2
brctl delif br0 p0
brctl delif br0 p0
brctl delbr br0
ip link set br0 down
brctl delbr br0
brctl show
brctl addbr lo
brctl addif nobr p0
brctl delbr nobr
brctl showstp nobr
