#@ netns init
#@ virtio
#@ settle 150
#@ timeout 30
ip link set eth1 up; sleep 3
for m in 67 68 1501 9000 65535 65536; do ip link set eth1 mtu $m; done; ip -d link show eth1; ip link set eth1 mtu 1500
ip link set eth1 address 01:00:5e:00:00:01; ip link set eth1 address 02:00:00:00:00:05; ip link show eth1; ethtool -P eth1; cat /sys/class/net/eth1/addr_assign_type; ip link set eth1 address 52:54:00:12:34:57
ip maddr add 01:00:5e:01:02:03 dev eth1; ip maddr show dev eth1; ip maddr del 01:00:5e:01:02:03 dev eth1
ip link set eth1 promisc on; ip link set eth1 allmulticast on; ip -d link show eth1; ip link set eth1 promisc off; ip link set eth1 allmulticast off
ip link add link eth1 name eth1.7 type vlan id 7; ip link add link eth1 name eth1.8 type vlan id 8 protocol 802.1ad; ip link set eth1.7 up; ip -d link show eth1.7; ethtool -k eth1.7 | head -30; ethtool eth1.7; ip link del eth1.7; ip link del eth1.8
ip link add br0 type bridge; ip link set eth1 master br0; ip link set br0 up; ip link show; ip link set eth1 nomaster; ip link del br0
ip link add mv0 link eth1 type macvlan mode bridge; ip link set mv0 up; ip link show mv0; ethtool mv0; ip link del mv0
ip link set eth1 name lan0; ip link show lan0; cat /proc/interrupts | grep -o 'virtio2.*'; ip link set lan0 name eth1
for f in rx tx sg tso tso4 tso6 gso gro lro ufo rxvlan txvlan rx-vlan-filter ntuple rxhash rx-gro-hw rx-fcs rx-all highdma tx-udp-segmentation tx-nocache-copy tx-gso-robust tx-gso-list rx-gro-list rx-udp-gro-forwarding; do echo "== $f"; ethtool -K eth1 $f on; ethtool -K eth1 $f off; done; ethtool -k eth1
ethtool -K eth1 gro on gso on sg on tx on
ethtool -s eth1 speed 10; ethtool -s eth1 speed 10000 duplex full; ethtool eth1; cat /sys/class/net/eth1/speed /sys/class/net/eth1/duplex; ethtool -s eth1 autoneg on; ethtool -s eth1 advertise 1; ethtool -s eth1 duplex half; ethtool eth1 | grep -E "Speed|Dup"
ethtool -s eth1 wol g; ethtool -s eth1 mdix auto; ethtool --set-eee eth1 eee on; ethtool --set-fec eth1 encoding rs; ethtool --set-priv-flags eth1 foo on; ethtool -N eth1 rx-flow-hash tcp4 sd; ethtool -U eth1 flow-type tcp4 action 0; ethtool -f eth1 foo; ethtool --cable-test eth1; ethtool --get-tunable eth1 rx-copybreak; ethtool -u eth1; ethtool -w eth1; ethtool -Q eth1 queue_mask 1 -c; ethtool -Q eth1 queue_mask 1 --coalesce rx-frames 1; ethtool --show-tunnels eth1; ethtool -p eth1 1; ethtool -E eth1 magic 1 offset 0 value 0; ethtool --show-mm eth1; ethtool --show-pse eth1
ethtool -c eth1; ethtool -C eth1 rx-frames 1; ethtool -C eth1 rx-frames 2; ethtool -C eth1 adaptive-rx on; ethtool -C eth1 tx-usecs 3; ethtool -C eth1 tx-frames 2; ethtool -C eth1 rx-usecs-irq 1; ethtool -C eth1 stats-block-usecs 1; ethtool -c eth1
ethtool -l eth1; ethtool -L eth1 combined 0; ethtool -L eth1 combined 1 other 1; ethtool -L eth1 tx 1
ethtool -g eth1; ethtool -G eth1 rx 0; ethtool -G eth1 tx 0; ethtool -G eth1 rx-mini 1; ethtool -G eth1 rx-jumbo 1; ethtool -G eth1 tx 300; ethtool -G eth1 rx-buf-len 2048; ethtool -G eth1 tx-push on
ethtool -S eth1 --all-groups; ethtool -I --show-pause eth1; ethtool --json eth1; ethtool --json -g eth1; ethtool --json -c eth1; ethtool --json -T eth1; ethtool --json -l eth1; ethtool --json -x eth1; ethtool --json -S eth1 | head -5
mii-tool eth1; mii-tool -v eth1; mii-tool -r eth1; ifconfig eth1 | grep -v -E "bytes|inet6"
ls -R /sys/class/net/eth1/queues; cat /sys/class/net/eth1/queues/tx-0/byte_queue_limits/*; cat /sys/class/net/eth1/{tx_queue_len,mtu,flags,threaded,proto_down,link_mode,operstate,carrier,carrier_changes,carrier_up_count,carrier_down_count,dormant,testing,broadcast,ifindex,dev_id,dev_port,name_assign_type,phys_port_id}
echo 0 > /sys/class/net/eth1/carrier; ip link set eth1 carrier off; ip link set eth1 protodown on; ip link delete eth1; ip link set eth1 xdp off; ip link set eth1 vf 0 mac 02:00:00:00:00:01
for f in msi_bus d3cold_allowed reset_method enable power_state consistent_dma_mask_bits ari_enabled broken_parity_status; do echo $f: $(cat /sys/bus/pci/devices/0000:00:05.0/$f); done; cat /sys/bus/pci/devices/0000:00:05.0/power/{control,runtime_status}; ls /sys/bus/virtio/devices/virtio2/power; ls /sys/bus/virtio/drivers/virtio_net /sys/module/virtio_net /sys/module/virtio_net/parameters; cat /sys/module/virtio_net/parameters/*
echo virtio2 > /sys/bus/virtio/drivers/virtio_net/unbind; cat /sys/bus/virtio/devices/virtio2/status; echo virtio2 > /sys/bus/virtio/drivers/virtio_net/unbind; echo virtio9 > /sys/bus/virtio/drivers/virtio_net/bind; ls /sys/bus/virtio/devices/virtio2/; cat /proc/interrupts | grep -c virtio2; echo virtio2 > /sys/bus/virtio/drivers/virtio_net/bind; cat /proc/interrupts | grep -o 'virtio2.*'; ip link show
echo 0000:00:05.0 > /sys/bus/pci/drivers/virtio-pci/unbind; ip link show; ls /sys/bus/virtio/devices; cat /sys/bus/pci/devices/0000:00:05.0/enable; echo 0000:00:05.0 > /sys/bus/pci/drivers/virtio-pci/bind; ip link show; ls /sys/bus/virtio/devices
rmmod virtio_net; ip link show; modprobe virtio_net csum=0 gso=0 napi_weight=32; ip -d link show; ethtool -k eth1 | head -20; cat /sys/module/virtio_net/parameters/{csum,gso,napi_tx,napi_weight}
rmmod virtio_net; modprobe virtio_net napi_tx=0; ethtool -c eth1; ethtool -C eth1 tx-frames 1; ethtool -c eth1; ip link show eth1
dmesg | grep -E "virtio_net|eth1" | grep -v -i watchdog | sed 's/^[^]]*] //'
