"""Redirects of IPv6 and path MTUs: which are believed (RFC 4861 8.3, RFC 8201), and for how long."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
sh('''ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip -6 neigh add fe80::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add fe80::8 lladdr 02:00:00:00:00:82 dev t0
ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 route add default via fe80::9 dev t0''')
US, FAR = '2001:db8::1', '2001:db8:9::5'
start(1)
inners = {
    'udp of a socket': ip6(udp(US, FAR, sport=5000, dport=6000), src=US, dst=FAR),
    'udp of nobody': ip6(udp(US, FAR, sport=5001, dport=6000), src=US, dst=FAR),
    'an echo': ip6(icmp6(US, FAR, 128), 58, src=US, dst=FAR),
    'another protocol': ip6(bytes(8), 200, src=US, dst=FAR),
    'tcp': ip6(struct.pack('>HHLLBBHHH', 5000, 80, 1, 0, 0x50, 2, 100, 0, 0), 6, src=US, dst=FAR),
    'cut': ip6(b'', src=US, dst=FAR)[:30],
    'none': None,
}


def redirect(title, inner=None, src='fe80::9', dst=US, target='fe80::8', dest=FAR, ll=b'\2\1\2\0\0\0\0\x82', hops=255, code=0):
    shown = b''
    if inner is not None:
        inner += bytes(-len(inner) % 8)
        shown = bytes([4, 1 + len(inner) // 8]) + bytes(6) + inner
    t0.ip6(icmp6(src, dst, 137, code, data=a6(target) + a6(dest) + ll + shown), 58, src=src, dst=dst, hops=hops)
    now(title)
    show(f'ip -6 route get {dest}')
    show('ip -6 neigh | sort')
    sh('ip -6 route flush cache')
    sh('ip -6 neigh flush nud stale')


u = socket.socket(10, 2)
u.bind((US, 5000))
u.connect((FAR, 6000))
for which, inner in inners.items():
    redirect(which, inner)
echo = inners['an echo']
redirect('from another router', echo, src='fe80::8')
redirect('from a global address', echo, src='2001:db8::9')
redirect('hops', echo, hops=64)
redirect('code', echo, code=1)
redirect('on link', echo, target=FAR)
redirect('to a global gateway', echo, target='2001:db8::8')
redirect('for a group', echo, dest='ff02::5', target='ff02::5')
redirect('without a link address', echo, ll=b'')
redirect('without a link address or a packet', None, ll=b'')
redirect('a wrong link address', echo, ll=b'\2\2' + bytes(14))
redirect('an option of length 0', echo, ll=b'\2\0' + bytes(6))
for accept, forward in ((0, 0), (1, 1), (1, 0)):
    conf6(accept_redirects=accept, forwarding=forward)
    start(1)
    redirect(f'accept_redirects {accept} forwarding {forward}', echo)
conf6(accept_redirects=1, forwarding=0)


def too_big(title, mtu, inner=echo, src='2001:db8::9', dst=US):
    t0.ip6(icmp6(src, dst, 2, 0, struct.pack('>L', mtu), inner), 58, src=src, dst=dst)
    now(title)
    show(f'ip -6 route get {FAR}', [(r'expires \S+', 'expires N')])
    show('ip -6 route show cache', [(r'expires \S+', 'expires N')])


for which, inner in inners.items():
    if inner is not None:
        too_big(f'too big: {which}', 1400, inner)
        sh('ip -6 route flush cache')
for mtu in (1400, 1300, 1350, 1280, 1279, 100, 0, 1500, 9000):
    too_big(f'mtu {mtu}', mtu)
put('ipv6/route/mtu_expires', 1)
sh('ip -6 route flush cache')
too_big('expires', 1300)
time.sleep(2.5)
show(f'ip -6 route get {FAR}')
sh('ip -6 route flush cache')
put('ipv6/route/mtu_expires', 600)
sh('ip -6 route replace default via fe80::9 dev t0 mtu lock 1450')
too_big('locked', 1300)
