"""IPv4: who may send what to whom, and what a router does."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip addr add 10.0.0.1/24 dev t0
ip addr add 10.0.1.1/24 dev t1
ip addr add 192.0.2.1/32 dev lo
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip neigh add 10.0.1.9 lladdr 02:00:00:00:00:82 dev t1
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:81 dev t0
ip route add 198.51.100.0/24 via 10.0.1.9
ip route add 203.0.113.0/24 via 10.0.0.9
ip route add unreachable 198.18.0.0/24
ip route add prohibit 198.18.1.0/24
ip route add blackhole 198.18.2.0/24''')
sysctl(ipv4__icmp_ratemask=0, ipv4__icmp_msgs_per_sec=10000, ipv4__icmp_msgs_burst=10000)
conf4('all', rp_filter=0)
neigh4(mcast_solicit=1)
conf4(rp_filter=0)
conf4('t1', rp_filter=0)
for which in ('t0', 't1'):
    conf6(which, disable_ipv6=1)
u = socket.socket(2, 2)
u.bind(('', 7))
u.setblocking(False)
start(1)


def one(title, tap, src, dst, mac=None, data=b'x', **rest):
    tap.ip4(udp(src, dst, data), src=src, dst=dst, mac=mac, **rest)
    out = drain()
    said = heard(u)
    now(title, seen=out)
    for line in said:
        print(line)


GROUP, ALL, OTHER = b'\x01\0\x5e\1\1\1', b'\xff' * 6, bytes.fromhex('020000000077')
# rp_filter
for rp_all, rp in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 1), (1, 2)):
    conf4('all', rp_filter=rp_all)
    conf4(rp_filter=rp)
    for src in ('10.0.0.9', '10.0.1.9', '198.51.100.5', '203.0.113.5', '172.31.0.1', '198.18.0.1', '198.18.2.1'):
        one(f'rp_filter {rp_all} {rp} from {src}', t0, src, '10.0.0.1')
conf4('all', rp_filter=0)
neigh4(mcast_solicit=1)
conf4(rp_filter=0)
# martians
for local, net, forward in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1), (1, 1, 1)):
    conf4(accept_local=local, route_localnet=net)
    sysctl(ipv4__ip_forward=forward)
    for src in ('10.0.0.1', '10.0.1.1', '192.0.2.1', '127.0.0.9', '127.0.0.1', '0.0.0.0', '0.1.2.3', '224.0.0.5', '255.255.255.255', '10.0.0.255', '10.0.0.0', '240.0.0.1'):
        one(f'accept_local {local} route_localnet {net} forward {forward} from {src}', t0, src, '10.0.0.1')
    for dst in ('127.0.0.1', '127.0.0.5', '0.0.0.0', '0.1.2.3', '255.255.255.255', '10.0.0.255', '10.0.1.255', '10.0.1.1', '192.0.2.1', '10.0.1.8', '224.0.0.1', '224.0.0.77', '239.1.1.1'):
        one(f'accept_local {local} route_localnet {net} forward {forward} to {dst}', t0, '10.0.0.9', dst)
    sh('ip neigh flush nud failed nud incomplete')
conf4(accept_local=0, route_localnet=0)
# the frame's destination and the packet's
for drop in (0, 1):
    conf4(drop_unicast_in_l2_multicast=drop)
    for title, mac in (('group', GROUP), ('all', ALL), ('other', OTHER)):
        for dst in ('10.0.0.1', '198.51.100.5', '10.0.0.255'):
            one(f'drop_unicast_in_l2_multicast {drop}, in a frame to {title}: {dst}', t0, '10.0.0.9', dst, mac)
conf4(drop_unicast_in_l2_multicast=0)
# a router
time.sleep(6)
drain()
sysctl(ipv4__ip_forward=1)
for dst in ('198.51.100.5', '198.18.0.5', '198.18.1.5', '198.18.2.5', '172.31.9.9', '10.0.1.9', '203.0.113.5', '10.0.0.8'):
    for ttl in (64, 2, 1, 0):
        one(f'forward to {dst} ttl {ttl}', t0, '10.0.0.9', dst, ttl=ttl)
sh('ip link set t1 mtu 1300')
for size in (1272, 1273, 1400):
    for frag in (0, 0x4000):
        one(f'too big: {size} {frag:x}', t0, '10.0.0.9', '198.51.100.5', data=bytes(size), frag=frag)
for opt in (b'\x07\x07\x04\0\0\0\0\0', b'\x83\x07\x04\0\0\0\0\0', b'\x94\x04\0\0', b'\x44\x08\x05\0\0\0\0\0', b'\x44\x0c\x05\x01' + bytes(8), b'\x07\x03\x04\0', b'\x89\x07\x04\x0a\0\1\x09\0', b'\x83\x07\x04\x0a\0\1\x09\0', b'\x83\x07\x08\x0a\0\1\x09\0', b'\x88\x04\0\1', b'\x99\x04\0\0', b'\x01\x01\x01\0', b'\x86\x06\0\0\0\0\0\0', b'\x82\x0b' + bytes(10), b'\x44\x24\x05\x02' + bytes(32), b'\x07\x27\x04' + bytes(36), b'\x07\x0b\x08' + b'\x01\x02\x03\x04' + bytes(5)):
    for dst in ('198.51.100.5', '10.0.0.1'):
        for accept in (0, 1):
            conf4('all', accept_source_route=accept)
            conf4(accept_source_route=accept)
            if opt[0] == 0x44:
                continue
            one(f'option {opt.hex()} to {dst} source_route {accept}', t0, '10.0.0.9', dst, options=opt)
one('with options, too big', t0, '10.0.0.9', '198.51.100.5', data=bytes(1290), options=b'\x07\x07\x04\0\0\0\0\0\x94\x04\0\0')
one('pieces of a piece', t0, '10.0.0.9', '198.51.100.5', data=bytes(1400), frag=0x2000 | 100)
one('pieces of the last', t0, '10.0.0.9', '198.51.100.5', data=bytes(1400), frag=100)
for use in (0, 1):
    sysctl(ipv4__ip_forward_use_pmtu=use)
    sh('ip route replace 198.51.100.0/24 via 10.0.1.9 mtu 700')
    one(f'use_pmtu {use}: route mtu', t0, '10.0.0.9', '198.51.100.5', data=bytes(800), frag=0x4000)
    sh('ip route replace 198.51.100.0/24 via 10.0.1.9 mtu lock 600')
    one(f'use_pmtu {use}: route mtu lock', t0, '10.0.0.9', '198.51.100.5', data=bytes(800), frag=0x4000)
    sh('ip route replace 198.51.100.0/24 via 10.0.1.9')
    t1.ip4(icmp(3, 4, struct.pack('>HH', 0, 800), ip4(udp('10.0.1.1', '198.51.100.5'), src='10.0.1.1', dst='198.51.100.5')), 1, src='10.0.1.9', dst='10.0.1.1')
    now('learned')
    show('ip route get 198.51.100.5')
    one(f'use_pmtu {use}: learned', t0, '10.0.0.9', '198.51.100.5', data=bytes(850), frag=0x4000)
    sh('ip route flush cache')
sh('ip link set t1 mtu 1500')
# device states
conf4('t1', forwarding=0)
one('t1 does not forward', t0, '10.0.0.9', '198.51.100.5')
one('t1 does not forward, from it', t1, '10.0.1.9', '203.0.113.5')
conf4('t1', forwarding=1)
for ignore in (0, 1):
    conf4('t1', ignore_routes_with_linkdown=ignore)
    one(f'ignore linkdown {ignore}', t0, '10.0.0.9', '198.51.100.5')
for bc_all, bc in ((0, 0), (1, 0), (0, 1), (1, 1)):
    conf4('all', bc_forwarding=bc_all)
    conf4(bc_forwarding=bc)
    conf4('t1', bc_forwarding=bc)
    one(f'bc_forwarding {bc_all} {bc}', t0, '10.0.0.9', '10.0.1.255')
