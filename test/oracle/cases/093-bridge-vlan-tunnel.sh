ip link add br0 address 02:00:00:00:00:f0 type bridge vlan_filtering 1
ip link add p0 address 02:00:00:00:00:01 type vxlan dstport 4789 external
ip link add p1 address 02:00:00:00:00:02 type dummy
ip link set p0 master br0
ip link set p1 master br0
bridge vlan add dev p0 vid 10
bridge vlan add dev p0 vid 10 tunnel_info id 1000
bridge link set dev p0 vlan_tunnel on
bridge vlan add dev p0 vid 10 tunnel_info id 1000
bridge vlan add dev p0 vid 10 tunnel_info id 1000
bridge vlan add dev p0 vid 11 tunnel_info id 1001
bridge vlan add dev p0 vid 20-25
bridge vlan add dev p0 vid 20-25 tunnel_info id 2020-2025
bridge vlan add dev p0 vid 20-25 tunnel_info id 2020-2024
bridge vlan tunnelshow
bridge -d vlan tunnelshow
bridge -j vlan tunnelshow
bridge -d vlan show
bridge vlan show
bridge vlan tunnelshow dev p0
bridge vlan tunnelshow vid 22
bridge vlan del dev p0 vid 22 tunnel_info id 2022
bridge vlan del dev p0 vid 23-24 tunnel_info id 2023-2024
bridge vlan del dev p0 vid 23 tunnel_info id 2023
bridge vlan tunnelshow
bridge vlan add dev p0 vid 10 tunnel_info id 16777216
bridge vlan add dev p0 vid 10 tunnel_info id 7
bridge vlan add dev p1 vid 10 tunnel_info id 7
bridge vlan add dev br0 vid 10 tunnel_info id 7 self
bridge vlan del dev p0 vid 10
bridge vlan tunnelshow
bridge link set dev p0 vlan_tunnel off
bridge vlan tunnelshow
bridge -d link show dev p0
ip link set p0 nomaster
bridge vlan tunnelshow
ip link del br0
