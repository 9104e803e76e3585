"""What the kernel logs of packets that cannot be (log_martians), and of hosts that misbehave."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip addr add 10.0.0.1/24 dev t0
ip addr add 10.0.1.1/24 dev t1
ip route add 198.51.100.0/24 via 10.0.1.9
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip neigh add 10.0.1.9 lladdr 02:00:00:00:00:82 dev t1''')
for which in ('t0', 't1'):
    conf6(which, disable_ipv6=1)
    conf4(which, rp_filter=1)
conf4('all', rp_filter=0)
sysctl(ipv4__ip_forward=1)
start(1)
log = Log()


def one(title, src='10.0.0.9', dst='10.0.0.1', **rest):
    t0.ip4(udp(src, dst), src=src, dst=dst, **rest)
    now(title)
    log.show('martian|IPv4|ll header|header:')


for all_, own in ((0, 0), (1, 0), (0, 1)):
    conf4('all', log_martians=all_)
    conf4(log_martians=own)
    # ten lines in five seconds are all that is logged
    time.sleep(5.2)
    one(f'log_martians {all_} {own}: from another network', '10.0.1.9')
    one('from a loopback address', '127.0.0.1')
    one('from ourselves', '10.0.0.1')
    one('from a group', '224.0.0.1')
time.sleep(5.2)
one('from all', '255.255.255.255')
one('from zero', '0.0.0.0')
one('from a class of the future', '240.0.0.1')
one('to a loopback address', dst='127.0.0.1')
time.sleep(5.2)
one('to zero', dst='0.0.0.0')
one('to a class of the future', dst='240.0.0.1')
one('to all, from another network', '10.0.1.9', '255.255.255.255')
one('to a group, from ourselves', '10.0.0.1', '224.0.0.1')
time.sleep(5.2)
one('from another network, on', '10.0.1.9', '198.51.100.7')
t0.arp(1, sip='10.0.1.9')
now('arp from another network')
log.show('martian|ll header')
t0.arp(1, sip='127.0.0.1')
now('arp from a loopback address')
log.show('martian|ll header')
time.sleep(5.2)
one('a loose route', options=b'\x83\x07\x04\x0a\0\0\x09\0')
conf4('all', accept_source_route=1)
conf4(accept_source_route=1)
one('a loose route, accepted', options=b'\x83\x07\x04\x0a\0\0\x09\0')
conf4(accept_source_route=0)
one('a strict route, not accepted', options=b'\x89\x07\x04\x0a\0\0\x09\0')
sysctl(ipv4__ip_forward=0)
conf4(accept_redirects=1)
inner = ip4(udp('10.0.0.1', '198.51.100.5'), src='10.0.0.1', dst='198.51.100.5')
for title, gateway, src in (('to a gateway that is far', '172.16.0.1', '10.0.0.9'), ('from a stranger', '10.0.0.77', '10.0.0.9'), ('to ourselves', '10.0.0.1', '10.0.0.9')):
    t0.ip4(icmp(5, 1, a4(gateway), inner), 1, src=src)
    now(f'a redirect {title}')
    log.show('edirect|dvised')
time.sleep(5.2)
for bogus in (0, 1):
    sysctl(ipv4__icmp_ignore_bogus_error_responses=bogus)
    broadcast = ip4(udp('10.0.0.1', '10.0.0.255'), src='10.0.0.1', dst='10.0.0.255')
    t0.ip4(icmp(3, 1, data=broadcast), 1)
    now(f'an error about a broadcast {bogus}')
    log.show('ICMP')
sysctl(ipv4__ip_forward=1)
time.sleep(5.2)
# a host that goes on asking the wrong router
conf4(send_redirects=1, shared_media=0)
conf4('all', send_redirects=1)
sh('ip route add 203.0.113.0/24 via 10.0.0.77; ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:99 dev t0')
for turn in range(12):
    t0.ip4(udp('10.0.0.9', '203.0.113.5'), dst='203.0.113.5')
    drain(0.03)
now('not listening')
log.show('host')
# a piece of a packet too long
for at in (0, 8190 - 10, 8190):
    t0.ip4(bytes(80), 17, frag=at | 0x2000 * (at != 8190), ident=9)
now('too long')
log.show('Oversized')
