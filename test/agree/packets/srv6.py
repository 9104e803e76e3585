"""IPv6's headers on the way: segments that are followed (RFC 8754), and the limits of options."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add fe80::2/64 dev t1 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip -6 addr add 2001:db8::2/64 dev t0 nodad
ip -6 addr add 2001:db8::3/64 dev t0 nodad
ip -6 addr add 2001:db8:1::1/64 dev t1 nodad
ip addr add 10.0.0.1/24 dev t0
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:82 dev t1
ip -6 route add 2001:db8:2::/64 via 2001:db8:1::9''')
put('ipv6/icmp/ratelimit', 0)
u = socket.socket(10, 2)
u.bind(('', 7))
u.setblocking(False)
THEM = '2001:db8::9'
start(1)
conf6('all', forwarding=1)
start(1)


def srh(nexthdr, left, *segments, flags=0, first=None, kind=4, more=b'', hdrlen=None):
    body = b''.join(a6(s) for s in segments) + more
    return bytes([nexthdr, len(body) // 8 if hdrlen is None else hdrlen, kind, left, len(segments) - 1 if first is None else first, flags, 0, 0]) + body


def one(title, head, payload=None, dst='2001:db8::1', hops=64):
    payload = udp(THEM, dst) if payload is None else payload
    t0.ip6(head + payload, 43, dst=dst, hops=hops)
    out = drain()
    try:
        while True:
            data, sender = u.recvfrom(70000)
            print('    heard', len(data), sender[:2])
    except BlockingIOError:
        pass
    now(title, seen=out)


FAR = '2001:db8:2::5'
for everywhere in (0, 1):
    for here in (0, 1):
        conf6('all', seg6_enabled=everywhere)
        conf6(seg6_enabled=here)
        one(f'seg6_enabled {everywhere} {here}', srh(17, 1, FAR, '2001:db8::1'))
for kind in (0, 3, 4, 5):
    for left in (0, 1, 2, 3):
        one(f'kind {kind} left {left}', srh(17, left, FAR, '2001:db8::1', kind=kind))
one('ours twice', srh(17, 2, '2001:db8::3', '2001:db8::2', '2001:db8::1'), udp(THEM, '2001:db8::3'))
one('ours, then on', srh(17, 2, FAR, '2001:db8::2', '2001:db8::1'))
one('hops 1', srh(17, 1, FAR, '2001:db8::1'), hops=1)
one('ours, hops 1', srh(17, 1, '2001:db8::2', '2001:db8::1'), hops=1)
one('ours twice, hops 2', srh(17, 2, '2001:db8::3', '2001:db8::2', '2001:db8::1'), udp(THEM, '2001:db8::3'), hops=2)
one('to nowhere', srh(17, 1, '2001:db8:99::1', '2001:db8::1'))
one('to a group', srh(17, 1, 'ff0e::1', '2001:db8::1'))
one('too many left', srh(17, 9, FAR, '2001:db8::1'))
one('cut', srh(17, 1, FAR, '2001:db8::1', hdrlen=40))
one('no segments', srh(17, 0, first=0))
one('no segments, one left', srh(17, 1, first=0))
inner6 = ip6(udp(THEM, '2001:db8::2'), dst='2001:db8::2')
inner4 = ip4(udp('10.0.0.9', '10.0.0.1'))
one('a packet inside', srh(41, 0, '2001:db8::1'), inner6)
one('a packet inside, left', srh(41, 1, '2001:db8::2', '2001:db8::1'), inner6)
one('a packet inside, on', srh(41, 0, '2001:db8::1'), ip6(udp(THEM, FAR), dst=FAR))
one('IPv4 inside', srh(4, 0, '2001:db8::1'), inner4)
one('an echo', srh(58, 0, '2001:db8::1'), icmp6(THEM, '2001:db8::1', 128))
one('an echo, one left', srh(58, 1, '2001:db8::2', '2001:db8::1'), icmp6(THEM, '2001:db8::2', 128))
one('an error back', srh(17, 1, '2001:db8::2', '2001:db8::1'), udp(THEM, '2001:db8::2', dport=99))
HMAC = b'\x05\x26\0\0\0\0\0\1' + bytes(32)
for required in (-1, 0, 1):
    conf6(seg6_require_hmac=required)
    one(f'hmac {required}, none', srh(17, 1, FAR, '2001:db8::1'))
    one(f'hmac {required}, of an unknown key', srh(17, 1, FAR, '2001:db8::1', flags=8, more=HMAC))
    one(f'hmac {required}, not said', srh(17, 1, FAR, '2001:db8::1', more=HMAC))
conf6(seg6_require_hmac=0)


def options(title, proto, options, dst=None):
    t0.ip6(hbh(options, 17) + udp(THEM, '2001:db8::1'), proto)
    out = drain()
    try:
        u.recvfrom(70000)
        print('    heard')
    except BlockingIOError:
        pass
    now(title, seen=out)


for proto, which in ((0, 'hbh'), (60, 'dst_opts')):
    for number in (8, 2, 0, -2, -8):
        put(f'ipv6/max_{which}_number' if proto else 'ipv6/max_hbh_opts_number', number)
        for n in (1, 2, 3):
            options(f'{which} {number}: {n} options', proto, b'\x1e\0' * n + b'\0' * (6 - 2 * n))
        options(f'{which} {number}: padding', proto, b'\1\4\0\0\0\0')
    put('ipv6/max_dst_opts_number', 8)
    put('ipv6/max_hbh_opts_number', 8)
    for length in (8, 16, 0):
        put('ipv6/max_dst_opts_length' if proto else 'ipv6/max_hbh_length', length)
        for n in (0, 1):
            options(f'{which} of at most {length}: {n}', proto, b'\x1e\4\0\0\0\0' + b'\x1e\6\0\0\0\0\0\0' * n)
    put('ipv6/max_dst_opts_length', 0x7fffffff)
    put('ipv6/max_hbh_length', 0x7fffffff)
    for kind in (5, 7, 0x31, 0xc2, 0x63, 0x8a, 0x8b, 0xee, 0x04, 0x6d, 0x26):
        for data in (b'\0\0', b'\0\0\0\0', bytes(8), bytes(16)):
            options(f'{which}: {kind:x} of {len(data)}', proto, bytes([kind, len(data)]) + data + b'\0' * (-(len(data) + 4) % 8))
    for n in range(1, 5):
        options(f'{which}: ioam behind {n}', proto, b'\0' * n + b'\x31\2\0\0' + b'\0' * (-(n + 6) % 8))
