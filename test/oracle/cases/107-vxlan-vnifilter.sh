ip link add d0 address 02:00:00:00:00:01 type dummy
ip link set d0 up
ip link add vx5 address 02:00:00:00:01:05 type vxlan external vnifilter dstport 4791
ip link add vx6 address 02:00:00:00:01:06 type vxlan external vnifilter dstport 4791
ip link add vx7 address 02:00:00:00:01:07 type vxlan external vnifilter dstport 4792 dev d0 local 10.0.0.1 remote 10.0.0.2
ip link add vx8 address 02:00:00:00:01:08 type vxlan id 5 dstport 4793
bridge vni add dev vx5 vni 1000-1005
bridge vni add dev vx5 vni 1007 remote 10.0.0.9
bridge vni add dev vx5 vni 1008 remote 10.0.0.9
bridge vni add dev vx5 vni 1006
bridge vni add dev vx5 vni 1006
bridge vni add dev vx5 vni 1008 remote 10.0.0.9
bridge vni add dev vx5 vni 1007 remote 10.0.0.10
bridge vni add dev vx5 vni 1007 group 239.1.1.1
bridge vni add dev vx5 vni 5 remote 2001:db8::1
bridge vni add dev vx6 vni 1000
bridge vni add dev vx6 vni 2000
bridge vni add dev vx7 vni 100-102
bridge vni add dev vx7 vni 103 remote 10.0.0.7
bridge vni add dev vx7 vni 104 group 239.1.1.1
bridge vni add dev vx8 vni 104
bridge vni add dev d0 vni 104
bridge vni add dev vx5 vni 0
bridge vni show
bridge -j vni show
bridge -s vni show
bridge vni show dev vx7
bridge vni show dev vx8
bridge vni show dev d0
ip link set vx7 up
bridge vni add dev vx7 vni 105 group 239.1.1.2
bridge vni delete dev vx7 vni 105
bridge fdb add 02:00:00:00:00:aa dev vx7 dst 10.0.0.50 src_vni 100
bridge fdb add 02:00:00:00:00:ab dev vx7 dst 10.0.0.50 src_vni 101 vni 200
ip link set vx7 type vxlan external remote 10.0.0.3
bridge vni delete dev vx7 vni 100-103
bridge vni delete dev vx7 vni 100
bridge vni delete dev vx5 vni 1000-1003
bridge vni delete dev vx5 vni 1003-1004
bridge vni show
ip link set vx5 up
ip link set vx6 up
ip link del vx7
bridge vni delete dev vx5 vni 5
bridge vni delete dev vx5 vni 1007
bridge vni delete dev vx5 vni 1008
ip link del vx5
