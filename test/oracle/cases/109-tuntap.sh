ip tuntap add dev tap0 mode tap
ip link set tap0 address 02:00:00:00:00:01
ip -d link show tap0
ip tuntap add dev tun0 mode tun user 1000 group 1000
ip tuntap add dev tap1 mode tap multi_queue vnet_hdr
ip tuntap add dev tap2 mode tap pi one_queue
ip tuntap add mode tun
ip tuntap add mode tap name tapx%d
ip tuntap add dev tap0 mode tap
ip tuntap add dev tap0 mode tun
ip tuntap add dev tap1 mode tap
ip tuntap add dev lo mode tap
ip tuntap add dev bad/name mode tap
ip tuntap add dev averyveryverylongname mode tap
ip tuntap show
ip -j tuntap show
ip -d tuntap show
ip -d link show type tun
ip link add tun9 type tun
ip link add tun9 type tun mode tap
ip link set tap0 up
ip link set tun0 up
ip addr add 10.5.0.1/24 dev tun0
ip link set tap0 mtu 67
ip link set tap0 mtu 65521
ip link set tap0 mtu 65535
ip link set tun0 mtu 65535
ip link set tun0 address 02:00:00:00:00:05
ip link set tap0 address 02:00:00:00:00:06
ip link set tap0 carrier off
ip link set tap0 carrier on
ip link show
ip tuntap del dev tap1 mode tap
ip tuntap del dev tap1 mode tap multi_queue
ip tuntap del dev tap0 mode tap
ip link del tun0
asuser ip tuntap add dev tapu mode tap
asuser ip tuntap del dev tap2 mode tap
ip tuntap show
cat /sys/class/net/tap2/tun_flags /sys/class/net/tap2/owner /sys/class/net/tap2/group
ethtool -i tap2
ip tuntap add dev taps mode tap user 1001
asuser ip tuntap add dev taps mode tap
asuser ip tuntap del dev taps mode tap
ip -o link
