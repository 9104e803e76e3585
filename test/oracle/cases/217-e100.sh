#@ netns init
#@ settle 150
#@ timeout 30
#@ e100 i82559c
dmesg | grep -i e100
ethtool eth2
ethtool -i eth2; ethtool -P eth2; ethtool -T eth2; ethtool -a eth2; ethtool -c eth2; ethtool -l eth2; ethtool -n eth2; ethtool -x eth2; ethtool -m eth2; ethtool --show-priv-flags eth2; ethtool --show-eee eth2; ethtool --show-fec eth2; ethtool --show-module eth2; ethtool --phy-statistics eth2; ethtool -g eth2; ethtool -S eth2
ethtool -k eth2
ethtool -d eth2
ethtool -d eth2 raw on | od -A x -t x1 | head -100
ethtool -t eth2 online
ethtool -t eth2 offline
cat /proc/interrupts | grep -E "CPU|eth2|1[01]:"
mii-tool -v eth2
ip link set eth2 up
sleep 3; ethtool eth2
cat /proc/interrupts | grep eth2 | sed 's/[0-9][0-9]* *IO/N IO/'
ethtool -G eth2 rx 64 tx 100; ethtool -g eth2
ethtool -G eth2 rx 5000; ethtool -G eth2 rx 1; ethtool -g eth2; ethtool -G eth2 rx-mini 5; ethtool -G eth2 rx-buf-len 2048
ethtool -G eth2 rx 256 tx 128; sleep 3
ethtool -s eth2 speed 10 duplex half autoneg off; sleep 3; ethtool eth2; mii-tool -v eth2
ethtool -s eth2 speed 100 duplex full autoneg off; sleep 3; ethtool eth2; mii-tool -v eth2
ethtool -s eth2 autoneg on; sleep 3; ethtool eth2; mii-tool eth2
ethtool -s eth2 advertise 0x003; sleep 3; ethtool eth2; mii-tool -v eth2
ethtool -s eth2 autoneg on advertise 0xf; ethtool -s eth2 speed 1000; ethtool -s eth2 speed 33; ethtool -s eth2 port aui; ethtool -s eth2 phyad 3; ethtool -s eth2 xcvr external; ethtool -s eth2 duplex foo
ethtool -r eth2; sleep 3; ethtool eth2 | grep -i link
ethtool -s eth2 msglvl 0x3f; ethtool eth2 | tail -4; ethtool -s eth2 msglvl hw on tx_done on; ethtool eth2 | tail -4; ethtool -s eth2 msglvl 7
ethtool -s eth2 wol g; ethtool eth2 | grep Wake; cat /sys/class/net/eth2/device/power/wakeup; ethtool -s eth2 wol ug; ethtool -s eth2 wol d; ethtool eth2 | grep Wake
ethtool -E eth2 magic 0x1234 offset 0x20 value 0xab; ethtool -e eth2 offset 0x20 length 4
ethtool -e eth2 raw on | od -A x -t x1 | head -20
ethtool -E eth2 magic 0x12298086 offset 0x20 value 0xab; ethtool -e eth2 offset 0x20 length 4; ethtool -e eth2 | tail -2
ethtool -e eth2 offset 0x7e length 10; ethtool -e eth2 offset 0x200 length 1; ethtool -E eth2 magic 0x1234 offset 0x7f value 0
ethtool -E eth2 magic 0x1234 offset 0x20 value 0
ethtool -t eth2 online; ethtool -t eth2 offline; sleep 3
ethtool -p eth2 1; ethtool --reset eth2 all; ethtool -A eth2 rx on; ethtool -C eth2 rx-usecs 10; ethtool -L eth2 combined 2; ethtool -K eth2 rx-fcs on; ethtool -K eth2 rx-all on; ethtool -k eth2 | grep on; ethtool -K eth2 rx-fcs off rx-all off; ethtool -K eth2 sg on
ethtool -S eth2 | head -6
mii-tool -r eth2; mii-tool -R eth2; mii-tool -F 10baseT-HD eth2; sleep 3; mii-tool -v eth2; mii-tool -A 100baseTx-FD eth2; sleep 3; mii-tool -vv eth2
ls -l /sys/class/net/eth2 /sys/class/net/eth2/device/ | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
for f in class device vendor subsystem_device subsystem_vendor revision irq modalias uevent enable power_state numa_node local_cpus local_cpulist msi_bus reset_method d3cold_allowed broken_parity_status ari_enabled consistent_dma_mask_bits dma_mask_bits driver_override; do echo $f: $(cat /sys/class/net/eth2/device/$f); done
cat /sys/class/net/eth2/device/resource
od -A x -t x1 /sys/class/net/eth2/device/config
cat /sys/class/net/eth2/uevent /sys/class/net/eth2/device/uevent; readlink -f /sys/class/net/eth2 /sys/class/net/eth2/device /sys/class/net/eth2/device/driver /sys/class/net/eth2/device/subsystem; cat /sys/class/net/eth2/{dev_id,dev_port,type,iflink,addr_len,name_assign_type,duplex,speed,carrier,carrier_changes,phys_port_id,phys_switch_id}
ls /sys/class/net/eth2/device/power; cat /sys/class/net/eth2/device/power/{control,runtime_status,wakeup}
ls /sys/bus/pci/devices; ls -l /sys/bus/pci/drivers/e100 | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'; ls -l /sys/bus/pci/devices/ | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'; ls /sys/module/e100 /sys/module/e100/parameters
ip -d link show eth2
ip link set eth2 down; ethtool eth2; ethtool -S eth2 | head -4; ethtool -t eth2 online; ethtool -d eth2 | head -4
echo 0000:00:06.0 > /sys/bus/pci/drivers/e100/unbind; ip link show eth2; cat /sys/bus/pci/devices/0000:00:06.0/enable; od -A x -t x1 /sys/bus/pci/devices/0000:00:06.0/config | head -4
echo 0000:00:06.0 > /sys/bus/pci/drivers/e100/bind; ip link show; cat /sys/bus/pci/devices/0000:00:06.0/enable
echo 1 > /sys/bus/pci/devices/0000:00:06.0/remove; ip link show; ls /sys/bus/pci/devices
echo 1 > /sys/bus/pci/rescan; ip link show; ls /sys/bus/pci/devices
rmmod e100; ip link show; modprobe e100 debug=16; ip link show; cat /sys/module/e100/parameters/*
dmesg | tail -45
