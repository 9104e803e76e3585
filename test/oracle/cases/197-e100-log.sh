#@ netns init
#@ settle 150
#@ timeout 30
#@ e100 i82559c
dmesg -c > /dev/null; ethtool -s eth2 msglvl hw on; ip link set eth2 up; dmesg | sed 's/^[^]]*] //'
sleep 3; ethtool -s eth2 msglvl 0; ethtool -s eth2 msglvl hw on; dmesg -c > /dev/null; ip link set eth2 promisc on; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ip link set eth2 promisc off; ip link set eth2 allmulticast on; dmesg | sed 's/^[^]]*] //'; ip link set eth2 allmulticast off
dmesg -c > /dev/null; ip maddr add 01:00:5e:01:02:03 dev eth2; dmesg | sed 's/^[^]]*] //'; ip maddr del 01:00:5e:01:02:03 dev eth2
dmesg -c > /dev/null; ip link set eth2 address 02:00:00:00:00:05; dmesg | sed 's/^[^]]*] //'; ip link set eth2 address 52:54:00:12:34:58
dmesg -c > /dev/null; ethtool -K eth2 rx-fcs on; ethtool -K eth2 rx-all on; dmesg | sed 's/^[^]]*] //'; ethtool -K eth2 rx-fcs off rx-all off
dmesg -c > /dev/null; ethtool -s eth2 speed 10 duplex half autoneg off; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -s eth2 speed 100 duplex full autoneg off; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -s eth2 autoneg on; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -r eth2; ethtool eth2 > /dev/null; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -s eth2 wol g; dmesg | sed 's/^[^]]*] //'; ethtool -s eth2 wol d
dmesg -c > /dev/null; mii-tool -v eth2 > /dev/null; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -d eth2 > /dev/null; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -t eth2 offline; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -p eth2 1; dmesg | sed 's/^[^]]*] //'
dmesg -c > /dev/null; ethtool -s eth2 msglvl drv on; ethtool -G eth2 rx 32 tx 64; dmesg | sed 's/^[^]]*] //' | head -60
ethtool -s eth2 msglvl 7; ip link set eth2 down; sleep 1; dmesg -c > /dev/null; ip link set eth2 up; sleep 3; dmesg | sed 's/^[^]]*] //'
ip link set eth2 down; dmesg -c > /dev/null; ethtool -s eth2 msglvl 0; ip link set eth2 up; sleep 3; ip link set eth2 down; dmesg | sed 's/^[^]]*] //'
rmmod e100; dmesg -c > /dev/null; modprobe e100 debug=2 use_io=1; dmesg | sed 's/^[^]]*] //'; ethtool eth2 | tail -4; cat /sys/module/e100/parameters/use_io
rmmod e100; dmesg -c > /dev/null; modprobe e100 debug=0; dmesg | sed 's/^[^]]*] //'; ethtool eth2 | tail -4; ip link show eth2
rmmod e100; dmesg -c > /dev/null; modprobe e100 debug=30; dmesg | sed 's/^[^]]*] //' | head -5; rmmod e100; modprobe e100 debug=-1; ethtool eth2 | tail -4
dmesg -c > /dev/null; echo 1 > /sys/bus/pci/devices/0000:00:06.0/remove; dmesg | sed 's/^[^]]*] //'; echo 1 > /sys/bus/pci/rescan; dmesg | sed 's/^[^]]*] //' | grep -v quirk; ip link show
