#@ netns init
#@ settle 150
#@ timeout 30
#@ e100 i82559c
ip link set eth2 up; sleep 3
for m in 67 68 1499 1501 1518 9000 0 -1; do ip link set eth2 mtu $m; done; ip -d link show eth2
ip link set eth2 mtu 1400; ip link show eth2; ip link set eth2 mtu 1500
ip link set eth2 address 01:00:5e:00:00:01; ip link set eth2 address 00:00:00:00:00:00; ip link set eth2 address 02:00:00:00:00:05; ip link show eth2; ethtool -P eth2; cat /sys/class/net/eth2/address /sys/class/net/eth2/addr_assign_type; ip link set eth2 address 52:54:00:12:34:58
ip link set eth2 promisc on; ip link set eth2 allmulticast on; ip -d link show eth2; ip link set eth2 promisc off; ip link set eth2 allmulticast off
ip maddr show dev eth2; ip maddr add 01:00:5e:01:02:03 dev eth2; ip maddr show dev eth2; cat /proc/net/dev_mcast | grep eth2; ip maddr del 01:00:5e:01:02:03 dev eth2
ip link set eth2 txqueuelen 50; ip link set eth2 alias "first port"; ip link set eth2 group 5; ip link show eth2; ip link set eth2 txqueuelen 1000; ip link set eth2 alias ""; ip link set eth2 group 0
ip link set eth2 name lan0; ip link set eth2 down; ip link set eth2 name lan0; ip link show lan0; cat /proc/interrupts | grep -c lan0; ip link set lan0 up; cat /proc/interrupts | grep -o 'lan0'; ip link set lan0 down; ip link set lan0 name eth2; ip link set eth2 up; sleep 3
ip link set eth2 carrier off; echo 0 > /sys/class/net/eth2/carrier; ip link set eth2 carrier on; ip link set eth2 protodown on; ip link set eth2 numtxqueues 2; ip link set eth2 vf 0 mac 02:00:00:00:00:01; ip link set eth2 xdp off; ip link delete eth2
ip link add link eth2 name eth2.7 type vlan id 7; ip link set eth2.7 up; ip -d link show eth2.7; ethtool -k eth2.7 | head -20; ethtool eth2.7; ethtool -i eth2.7; ip link del eth2.7
ip link add br0 type bridge; ip link set eth2 master br0; ip link set br0 up; ip link show; ip link set eth2 nomaster; ip link del br0
ip link add mv0 link eth2 type macvlan mode bridge; ip link set mv0 up; ip link show mv0; ethtool mv0; ethtool -i mv0; ip link del mv0
for f in rx tx sg tso gso gro lro rxvlan txvlan ntuple rxhash rx-fcs rx-all highdma tx-nocache-copy; do echo "== $f"; ethtool -K eth2 $f on; ethtool -K eth2 $f off; done; ethtool -k eth2
ethtool -K eth2 gro on gso on rx-fcs off rx-all off tx-nocache-copy off
ethtool -s eth2 speed 10; ethtool -s eth2 duplex half; ethtool -s eth2 autoneg off; sleep 3; ethtool eth2
ethtool -s eth2 speed 100 duplex full; sleep 3; ethtool eth2 | grep -E "Speed|Duplex|Auto"
ethtool -s eth2 autoneg on speed 10 duplex full; sleep 3; ethtool eth2
ethtool -s eth2 advertise 0x001; sleep 3; ethtool eth2; ethtool -s eth2 advertise 0x020; ethtool -s eth2 advertise 0; ethtool -s eth2 autoneg on; sleep 3; ethtool eth2
ethtool -s eth2 advertise 100baseT/Full on 10baseT/Half off; sleep 3; ethtool eth2 | head -14
ethtool -s eth2 mdix auto; ethtool -s eth2 port tp; ethtool -s eth2 port mii; ethtool -s eth2 master-slave preferred-master; ethtool -s eth2 lanes 1; ethtool -s eth2 wol p; ethtool -s eth2 wol bumg; ethtool -s eth2 sopass 00:11:22:33:44:55
ethtool --set-eee eth2 eee on; ethtool --set-fec eth2 encoding rs; ethtool --set-priv-flags eth2 foo on; ethtool -X eth2 equal 2; ethtool -N eth2 rx-flow-hash tcp4 sd; ethtool -U eth2 flow-type tcp4 action 0; ethtool -f eth2 foo; ethtool --cable-test eth2; ethtool --get-phy-tunable eth2 downshift; ethtool --get-tunable eth2 rx-copybreak; ethtool -u eth2; ethtool -w eth2; ethtool -Q eth2 queue_mask 1 -c; ethtool --show-tunnels eth2; ethtool --set-module eth2 power-mode-policy auto; ethtool --show-pse eth2; ethtool --show-plca-cfg eth2; ethtool --get-plca-status eth2; ethtool --show-mm eth2
ethtool -S eth2 --groups eth-phy; ethtool -S eth2 --all-groups; ethtool -I --show-pause eth2; ethtool --json eth2; ethtool --json -g eth2; ethtool --json -k eth2 | head -20; ethtool --json -c eth2; ethtool --json -T eth2
mii-tool; mii-tool eth2 eth0; mii-tool -w eth2 & sleep 1; kill %1
ifconfig eth2 media 10baseT; ifconfig eth2 promisc; ifconfig eth2; ifconfig eth2 -promisc; ifconfig eth2 hw ether 02:00:00:00:00:07; ifconfig eth2 irq 5; ifconfig eth2 io_addr 0x300; ifconfig eth2 mtu 1400 txqueuelen 10; ifconfig eth2 | grep -v bytes
cat /proc/net/dev | grep eth2 | wc -w; ip -s -s link show eth2 | grep -v "[0-9][0-9]"; ls /sys/class/net/eth2/statistics; cat /sys/class/net/eth2/{tx_queue_len,mtu,flags,gro_flush_timeout,napi_defer_hard_irqs,threaded,proto_down,link_mode,operstate,ifalias,netdev_group,dormant,testing,broadcast,ifindex}
echo 1 > /sys/class/net/eth2/threaded; cat /sys/class/net/eth2/threaded; ps | grep -o 'napi/eth2-[0-9]*' | sort | uniq; echo 0 > /sys/class/net/eth2/threaded; ps | grep -c 'napi/eth[2]'; echo 20000 > /sys/class/net/eth2/gro_flush_timeout; cat /sys/class/net/eth2/gro_flush_timeout; echo 5 > /sys/class/net/eth2/napi_defer_hard_irqs; cat /sys/class/net/eth2/napi_defer_hard_irqs
ls -R /sys/class/net/eth2/queues; cat /sys/class/net/eth2/queues/rx-0/rps_cpus /sys/class/net/eth2/queues/rx-0/rps_flow_cnt /sys/class/net/eth2/queues/tx-0/{tx_timeout,traffic_class,tx_maxrate,xps_cpus,xps_rxqs,byte_queue_limits/limit,byte_queue_limits/limit_max}
cat /proc/irq/10/smp_affinity /proc/irq/10/affinity_hint; ls /proc/irq/10; cat /proc/iomem | grep -i -B1 e100 | sed 's/^ *[0-9a-f-]* //'; cat /proc/ioports | grep -i e100 | sed 's/^ *[0-9a-f-]* //'
