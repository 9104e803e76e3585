#@ netns init
#@ settle 150
#@ timeout 30
#@ e100 i82559c
ip link set eth2 up; sleep 3
cat /sys/class/net/eth2/device/pools; cat /sys/class/net/eth2/device/power/*; cat /sys/class/net/eth2/power/control
for f in /sys/class/net/eth2/device/link/* /sys/bus/pci/slots/*; do echo $f; done; ls /sys/devices/pci0000:00; cat /proc/bus/pci/devices; ls /proc/bus/pci/00
ls -l /sys/class/net/eth2 /sys/class/net/eth2/device/ | sed 's/[A-Z][a-z][a-z] *[0-9]* [0-9:]* / /'
for f in class device vendor subsystem_device subsystem_vendor revision irq modalias uevent enable power_state numa_node local_cpus local_cpulist msi_bus reset_method d3cold_allowed broken_parity_status ari_enabled consistent_dma_mask_bits dma_mask_bits driver_override; do echo $f: $(cat /sys/class/net/eth2/device/$f); done
cat /sys/class/net/eth2/device/resource
od -A x -t x1 /sys/class/net/eth2/device/config
cat /sys/class/net/eth2/uevent /sys/class/net/eth2/device/uevent; for f in . device device/driver device/subsystem device/firmware_node; do readlink -f /sys/class/net/eth2/$f; done; cat /sys/class/net/eth2/{dev_id,dev_port,type,iflink,addr_len,name_assign_type,duplex,speed,carrier,carrier_changes,phys_port_id,phys_switch_id}
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
