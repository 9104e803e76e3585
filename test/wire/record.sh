#!/bin/sh
# Records what passes a veth pair of the real kernel while two hosts come up and do what exchange.py says:
#   unshare -nm sh test/wire/record.sh     (as root; needs iproute2, iputils-ping, ethtool and python3)
set -e
here=$(dirname "$0")
ip link set lo up
mount -t tmpfs none /run/netns
ip netns add b
ip -n b link set lo up
ip link add eth0 address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:0b netns b
# checksums are to be in the frames
ethtool -K eth0 tx off >/dev/null
ip netns exec b ethtool -K eth0 tx off >/dev/null
python3 "$here/sniff.py" eth0 "$here/exchange.hex" &
sniffer=$!
sleep 1
ip addr add 10.0.0.1/24 dev eth0
ip addr add 2001:db8::1/64 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n b addr add 2001:db8::2/64 dev eth0
ip link set eth0 up
ip -n b link set eth0 up
sleep 4
python3 "$here/exchange.py"
sleep 1
kill $sniffer
