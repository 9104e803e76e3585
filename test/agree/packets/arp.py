"""ARP: who is answered, from which address, and what is believed (arp(7), ip-sysctl)."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip addr add 10.0.0.1/24 dev t0
ip addr add 10.0.0.2/24 dev t0
ip addr add 10.0.1.1/24 dev t1
ip addr add 192.0.2.1/32 dev lo
ip addr add 169.254.7.7/16 dev t0 scope link
ip addr add 172.16.0.1/24 dev t0 scope host''')
start(1)
for ignore in (0, 1, 2, 3, 4, 8):
    conf4(arp_ignore=ignore)
    for tip in ('10.0.0.1', '10.0.0.2', '10.0.1.1', '192.0.2.1', '169.254.7.7', '172.16.0.1', '127.0.0.1', '10.0.0.77'):
        t0.arp(tip=tip)
        now(f'arp_ignore {ignore} {tip}')
    t0.arp(tip='10.0.0.1', sip='10.9.9.9')
    now(f'arp_ignore {ignore}, from another subnet')
    t0.arp(tip='10.0.0.1', sip='0.0.0.0')
    now(f'arp_ignore {ignore}, probe')
conf4(arp_ignore=0)
conf4('all', arp_ignore=1)
t0.arp(tip='10.0.1.1')
now('all arp_ignore 1')
conf4('all', arp_ignore=0)
show('ip neigh | sort')
# which source a request has
neigh4(mcast_solicit=1)
neigh4('t1', mcast_solicit=1)
sh('ip neigh flush all; ip route add 198.51.100.0/24 dev t0; ip route add 203.0.113.0/24 dev t1')
s = socket.socket(2, 2)
for announce in (0, 1, 2):
    conf4(arp_announce=announce)
    for n, source in enumerate(('10.0.0.1', '10.0.0.2', '10.0.1.1', '192.0.2.1', '172.16.0.1', '169.254.7.7')):
        for target in ('10.0.0', '198.51.100'):
            p = socket.socket(2, 2)
            p.bind((source, 0))
            p.sendto(b'x', (f'{target}.{100 + announce * 10 + n}', 9))
            now(f'arp_announce {announce} {source} {target}', count=False)
conf4(arp_announce=0)
time.sleep(2)
start()
# arp_filter: the route back decides
sh('ip route add 10.0.0.9/32 dev t1')
for f in (0, 1):
    conf4(arp_filter=f, rp_filter=0)
    t0.arp()
    now(f'arp_filter {f}')
    t0.arp(sip='10.0.0.10')
    now(f'arp_filter {f}, with a route')
conf4(arp_filter=0, rp_filter=1)
t0.arp()
now('rp_filter 1')
conf4(rp_filter=0)
sh('ip route del 10.0.0.9/32 dev t1; ip neigh flush all')
# what is believed
for accept in (0, 1, 2):
    conf4(arp_accept=accept)
    for op in (1, 2):
        for sip in ('10.0.0.20', '10.7.7.7'):
            sh('ip neigh flush all')
            t0.arp(op, sip, sip, dst=b'\xff' * 6)
            now(f'arp_accept {accept}, gratuitous {op} {sip}')
            show('ip neigh | sort')
            sh('ip neigh flush all')
            t0.arp(op, sip, '10.0.0.1', tha=t0.mac, dst=t0.mac)
            now(f'arp_accept {accept}, {op} for us {sip}')
            show('ip neigh | sort')
            t0.arp(op, sip, '10.0.0.99')
            now(f'arp_accept {accept}, {op} for another {sip}')
            show('ip neigh | sort')
conf4(arp_accept=0)
# a known neighbour is told a new address
for drop in (0, 1):
    conf4(drop_gratuitous_arp=drop)
    for title, args in {'reply': (2, '10.0.0.30', '10.0.0.1'), 'request': (1, '10.0.0.30', '10.0.0.1'), 'gratuitous reply': (2, '10.0.0.30', '10.0.0.30'), 'gratuitous request': (1, '10.0.0.30', '10.0.0.30')}.items():
        for state in ('reachable', 'stale', 'permanent', 'failed', 'noarp'):
            sh(f'ip neigh flush all nud all; ip neigh replace 10.0.0.30 lladdr 02:00:00:00:00:55 dev t0 nud {state}')
            time.sleep(0.05)
            for lock in (0, 100):
                neigh4(locktime=lock)
                t0.arp(*args, dst=t0.mac if 'gratuitous' not in title else b'\xff' * 6)
                now(f'drop_gratuitous {drop}, {title} to {state}, locktime {lock}', count=False)
                show('ip neigh show 10.0.0.30')
sh('ip neigh flush all nud all')
conf4(drop_gratuitous_arp=0)
neigh4(locktime=100)
# proxies
for forward in (0, 1):
    sysctl(ipv4__ip_forward=forward)
    for proxy, pvlan in ((0, 0), (1, 0), (0, 1), (1, 1)):
        conf4(proxy_arp=proxy, proxy_arp_pvlan=pvlan)
        neigh4(proxy_delay=0)
        for tip in ('203.0.113.5', '10.0.0.50', '10.0.1.50', '10.55.55.55'):
            t0.arp(tip=tip)
            now(f'forward {forward} proxy_arp {proxy} pvlan {pvlan} {tip}')
conf4(proxy_arp=0, proxy_arp_pvlan=0)
sh('ip neigh add proxy 10.0.0.60 dev t0; ip neigh add proxy 203.0.113.7 dev t0')
for tip in ('10.0.0.60', '203.0.113.7'):
    t0.arp(tip=tip)
    now(f'neigh proxy {tip}')
show('ip neigh show proxy')
neigh4(proxy_delay=50)
t0.arp(tip='203.0.113.7')
now('proxy_delay 50', until=1)
sysctl(ipv4__ip_forward=0)
t0.arp(tip='203.0.113.7')
now('no forwarding', until=1)
# announcements
conf4(arp_notify=1)
sh('ip link set t0 down; ip link set t0 up')
now('arp_notify: up', until=0.5)
sh('ip link set t0 address 02:00:00:00:00:66')
now('arp_notify: address', until=0.5)
sh('ip link set t0 address 02:00:00:00:00:01')
conf4(arp_notify=0)
now('arp_notify: 0', until=0.5)
sh('ip addr add 10.0.0.3/24 dev t0')
now('address', until=0.5)
# not ours
sh('ip link set t0 arp off')
t0.arp()
now('noarp')
p = socket.socket(2, 2)
p.bind(('', 4000))
p.sendto(b'x', ('10.0.0.70', 9))
now('noarp, sent')
show('ip neigh | sort')
sh('ip link set t0 arp on')
t0.arp(3)
now('rarp request')
t0.arp(8)
now('inarp')
t0.arp(1, dst=t0.mac)
now('unicast request')
t0.arp(1, dst=bytes.fromhex('020000000077'))
now('request to another')
t0.arp(1, sha=b'\xff' * 6, sip='10.0.0.40')
now('from all')
t0.arp(1, sha=t0.mac, sip='10.0.0.41')
now('from our own')
t0.arp(1, sip='10.0.0.1', tip='10.0.0.1')
now('our address, of another')
t0.arp(2, sip='10.0.0.1', tip='10.0.0.1')
now('our address, of another, reply')
t0.arp(1, sip='10.0.0.1', tip='10.0.0.2')
now('from our address')
t0.arp(1, sip='0.0.0.0', tip='0.0.0.0')
now('zero')
t0.arp(1, sip='255.255.255.255', tip='10.0.0.1')
now('from broadcast')
show('ip neigh | sort')
show('sort /proc/net/arp')
