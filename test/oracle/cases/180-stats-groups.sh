#@ settle 60
ip link set lo up
ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1 vlan_stats_enabled 1 vlan_stats_per_port 1 mcast_stats_enabled 1
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link add b0 address 02:00:00:00:00:04 type bond mode 802.3ad
ip link set v0 master br0 up
ip link set v1 up
ip link set br0 up
ip addr add 192.0.2.1/24 dev v1
bridge vlan add vid 5 dev v0
sysctl -w net.mpls.platform_labels=100
sysctl -w net.mpls.conf.v1.input=1
ip stats show
ip stats show dev v0
ip stats show dev v0 group link
ip stats show dev v0 group xstats
ip stats show dev v0 group xstats_slave
ip stats show dev v0 group xstats_slave subgroup bridge
ip stats show dev v0 group xstats_slave subgroup bridge suite stp
ip stats show dev v0 group xstats_slave subgroup bridge suite mcast
ip stats show dev br0 group xstats
ip stats show dev br0 group xstats subgroup bridge suite mcast
ip stats show dev b0 group xstats subgroup bond suite 802.3ad
ip stats show dev v0 group offload
ip stats show dev v0 group offload subgroup cpu_hit
ip stats show dev v0 group offload subgroup hw_stats_info
ip stats show dev v0 group offload subgroup l3_stats
ip stats show dev v1 group afstats
ip stats show dev v1 group afstats subgroup mpls
ip -j -p stats show dev v1
ip -j stats show dev v0 group offload
ip stats show group link
ip stats show dev nosuch
ip stats show dev v0 group nosuch
ip stats set dev v0 l3_stats on
ip stats show dev v0 group offload
ip stats set dev v0 l3_stats on
ip stats set dev v0 l3_stats off
ip stats set dev nosuch l3_stats on
asuser ip stats set dev v0 l3_stats on
ip -s -s -d stats show dev v0 group link
ip link xstats type bridge
ip link xstats type bridge dev br0
ip link xstats type bridge_slave dev v0
ip link xstats type bridge_slave dev v0 stp
ip link xstats type bridge dev br0 igmp
ip link xstats type bond
ip link xstats type bond dev b0 802.3ad
ip link xstats type bond_slave
ip -j link xstats type bridge dev br0
ip link xstats type dummy
ip link afstats
ip link afstats dev v1
ip link afstats dev nosuch
ifstat -a -n
nstat -az IpInReceives
bridge -s vlan show
bridge -s -j vlan show dev v0
bridge -s link show
bridge -s fdb show dev v0
