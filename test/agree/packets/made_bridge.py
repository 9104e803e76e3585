"""A bridge, which is a host as well, that gets packets made at random (made.py)."""
from made import run_made

BRIDGE = '''ip addr flush dev t0
ip link del br0 2>/dev/null
ip link add br0 up address 02:00:00:00:00:01 type bridge mcast_snooping 0
ip link set t0 master br0
ip link set t1 master br0
ip addr add 10.0.0.1/24 brd + dev br0
ip addr add 2001:db8::1/64 dev br0 nodad'''
run_made(3, 100, BRIDGE, ipv6__conf__default__accept_dad=0, ipv6__conf__default__router_solicitations=0)
