#@ settle 300
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add bond0 type bond mode 1
ip link set d0 master bond0
ip link set d1 master bond0
ip link set bond0 up
ip addr add 10.0.0.1/24 dev bond0
ip link set bond0 up
ip link show
ip link show
ls /sys/class/net/bond0
ls /sys/class/net/d1
ls /sys/class/net/d1/bonding_slave
grep . /sys/class/net/bond0/bonding/*
grep . /sys/class/net/d1/bonding_slave/*
echo +d0 > /sys/class/net/bond0/bonding/slaves
echo d0 > /sys/class/net/bond0/bonding/slaves
echo +nosuch > /sys/class/net/bond0/bonding/slaves
echo 100 > /sys/class/net/bond0/bonding/miimon
echo fast > /sys/class/net/bond0/bonding/lacp_rate
echo layer3+4 > /sys/class/net/bond0/bonding/xmit_hash_policy
echo d0:2 > /sys/class/net/bond0/bonding/queue_id
cat /sys/class/net/bond0/bonding/queue_id
echo +10.0.0.9 > /sys/class/net/bond0/bonding/arp_ip_target
echo -10.0.0.8 > /sys/class/net/bond0/bonding/arp_ip_target
cat /sys/class/net/bond0/bonding/arp_ip_target
echo d0 > /sys/class/net/bond0/bonding/active_slave
echo d0 > /sys/class/net/bond0/bonding/primary
echo -d1 > /sys/class/net/bond0/bonding/slaves
echo +bond1 > /sys/class/net/bonding_masters
echo +bond1 > /sys/class/net/bonding_masters
echo -bond9 > /sys/class/net/bonding_masters
echo bond9 > /sys/class/net/bonding_masters
echo 4 > /sys/class/net/bond1/bonding/mode
grep . /sys/class/net/bond1/bonding/*
echo +d1 > /sys/class/net/bond1/bonding/slaves
grep . /sys/class/net/d1/bonding_slave/*
echo -bond1 > /sys/class/net/bonding_masters
ip link show
