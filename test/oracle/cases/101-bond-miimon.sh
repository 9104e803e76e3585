#@ settle 300
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add b0 type bond mode 1 miimon 100 updelay 300 downdelay 200 num_grat_arp 3 peer_notify_delay 200
ip link set d0 master b0
ip link set d1 master b0
ip link set b0 up
sleep 1.5
ip -d link show
ip link set d0 carrier off
sleep 0.1
cat /proc/net/bonding/b0
ip link set d0 carrier on
sleep 0.5
ip -d link show d0
ip link set d0 carrier off
sleep 1
ip -d link show
ip link set d0 carrier on
sleep 0.1
cat /proc/net/bonding/b0
sleep 1
ip -d link show
ip link set d1 carrier off
sleep 1
ip link set d0 carrier off
sleep 1
ip link show
ip link set d1 carrier on
sleep 1
ip -d link show
ip link set b0 type bond use_carrier 0
ip link set d1 carrier off
sleep 0.5
ip -d link show d1
ip link set b0 type bond miimon 0
ip link set d1 carrier on
sleep 0.3
ip -d link show
ip link del b0
