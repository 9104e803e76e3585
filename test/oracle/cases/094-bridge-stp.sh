#@ settle 200
ip link add br0 address 02:00:00:00:00:10 type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600
ip link add br1 address 02:00:00:00:00:20 type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600
ip link add a0 address 02:00:00:00:00:11 type veth peer name a1 address 02:00:00:00:00:21
ip link add b0 address 02:00:00:00:00:12 type veth peer name b1 address 02:00:00:00:00:22
ip link set dev br0 addrgenmode none
ip link set dev br1 addrgenmode none
ip link set dev a0 addrgenmode none
ip link set dev a1 addrgenmode none
ip link set dev b0 addrgenmode none
ip link set dev b1 addrgenmode none
ip link set br0 type bridge mcast_snooping 0
ip link set br1 type bridge mcast_snooping 0
ip link set a0 master br0
ip link set b0 master br0
ip link set a1 master br1
ip link set b1 master br1
ip link set br0 up
ip link set br1 up
ip link set a0 up
ip link set a1 up
sleep 0.5
bridge -d link show
ip link set b0 up
ip link set b1 up
sleep 5
bridge -d link show
ip -d link show br0
ip -d link show br1
brctl showstp br0
brctl showstp br1
bridge fdb show
ip link set br1 type bridge priority 4096
sleep 6
bridge -d link show
ip -d link show type bridge
bridge link set dev a0 cost 50
sleep 3
bridge link show
bridge link set dev b1 priority 1
bridge link set dev b0 guard on
bridge link show
ip link set a0 down
sleep 5
bridge link show
ip link set a0 up
bridge link set dev a0 root_block on
ip link set br0 type bridge priority 0
sleep 5
bridge link show
ip -d link show type bridge
ip link set br0 type bridge stp_state 0
bridge link show
ip link set br1 type bridge stp_state 0
ip link set br0 type bridge forward_delay 100
ip link set br0 type bridge forward_delay 4000
ip link set br0 type bridge stp_state 1
ip link set br0 type bridge forward_delay 100
ip link set br0 type bridge forward_delay 4000
ip link set br0 type bridge hello_time 50
ip link set br0 type bridge max_age 100
ip link set br0 down
ip link del br0
ip link del br1
dmesg | grep -E "br0|br1" | tail -60
