#@ netns init
#@ virtio
#@ settle 150
#@ timeout 30
dmesg | grep -iE "virtio|eth1|msi|pci 0000:00:05" | head -40
ethtool eth1
ethtool -i eth1; ethtool -P eth1; ethtool -T eth1; ethtool -a eth1; ethtool -c eth1; ethtool -l eth1; ethtool -n eth1; ethtool -x eth1; ethtool -m eth1; ethtool --show-priv-flags eth1; ethtool --show-eee eth1; ethtool --show-fec eth1; ethtool --show-module eth1; ethtool --phy-statistics eth1; ethtool -g eth1; ethtool -d eth1; ethtool -e eth1; ethtool -t eth1
ethtool -S eth1
ethtool -k eth1
ip -d link show eth1
ip link set eth1 up; sleep 1; ip -d link show eth1; ethtool eth1
cat /proc/interrupts | grep -E "CPU|virtio"
ls -l /sys/class/net/ | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
readlink -f /sys/class/net/eth1 /sys/class/net/eth1/device /sys/class/net/eth1/device/driver /sys/class/net/eth1/device/subsystem /sys/class/net/eth1/device/..
ls -l /sys/class/net/eth1/device/ /sys/class/net/eth1/device/../ | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
for f in device vendor features status modalias uevent; do echo $f: $(cat /sys/class/net/eth1/device/$f); done
for f in class device vendor subsystem_device subsystem_vendor revision irq modalias uevent enable power_state numa_node local_cpus local_cpulist msi_bus reset_method d3cold_allowed broken_parity_status ari_enabled consistent_dma_mask_bits dma_mask_bits driver_override; do echo $f: $(cat /sys/class/net/eth1/device/../$f); done
cat /sys/class/net/eth1/device/../resource
od -A x -t x1 /sys/class/net/eth1/device/../config
ls /sys/class/net/eth1/queues /sys/class/net/eth1/device/../msi_irqs; cat /sys/class/net/eth1/device/../msi_irqs/*
cat /sys/class/net/eth1/uevent; ls -l /sys/bus/virtio /sys/bus/virtio/devices /sys/bus/virtio/drivers /sys/bus/virtio/drivers/virtio_net | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
ethtool -G eth1 rx 128 tx 64; ethtool -g eth1; ethtool -G eth1 rx 5000; ethtool -G eth1 rx 100; ethtool -G eth1 rx 256 tx 256
ethtool -L eth1 combined 2; ethtool -L eth1 combined 1; ethtool -L eth1 rx 1
ethtool -C eth1 tx-frames 1; ethtool -c eth1; ethtool -C eth1 rx-usecs 5; ethtool -C eth1 tx-frames 0
ethtool -s eth1 speed 1000 duplex full; ethtool eth1; ethtool -s eth1 speed 1000 duplex full autoneg on; ethtool -s eth1 speed 10 duplex half; ethtool -s eth1 port tp; ethtool -s eth1 msglvl 7
ethtool -K eth1 rx off; ethtool -K eth1 tso off; ethtool -K eth1 sg off; ethtool -k eth1 | head -30; ethtool -K eth1 rx on sg on tso on; ethtool -K eth1 gro-hw off; ethtool -K eth1 gro-hw on; ethtool -K eth1 rx-vlan-filter off
ethtool -A eth1 rx on; ethtool -r eth1; ethtool -p eth1 1; ethtool -X eth1 equal 1; ethtool --reset eth1 all
ip link add link eth1 name eth1.7 type vlan id 7; ip link set eth1 promisc on; ip link set eth1 promisc off; ip link set eth1 allmulticast on; ip link set eth1 allmulticast off; ip link set eth1 address 52:54:00:12:34:99; ip link show eth1; ip link set eth1 mtu 9000; ip link set eth1 mtu 65536; ip link set eth1 mtu 67; ip -d link show eth1
ip addr add 192.0.2.1/24 dev eth1; ping -c1 -W1 192.0.2.9; ethtool -S eth1; ip -s link show eth1; tc -s qdisc show dev eth1
echo virtio2 > /sys/bus/virtio/drivers/virtio_net/unbind; ip link show eth1; cat /sys/bus/virtio/devices/virtio2/status; echo virtio2 > /sys/bus/virtio/drivers/virtio_net/bind; ip link show; cat /sys/bus/virtio/devices/virtio2/status
ethtool -i eth0; readlink -f /sys/class/net/eth0
rmmod virtio_net; modprobe virtio_net; ip link show
echo 1 > /sys/bus/pci/devices/0000:00:05.0/remove; ip link show
echo 1 > /sys/bus/pci/rescan; ip link show; ls -l /sys/bus/virtio/devices | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
dmesg | tail -20
