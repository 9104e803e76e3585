"""Extension headers of IPv6, well formed and not: to this host, and through it (RFC 8200 4, RFC 2675, RFC 2711, RFC 5570)."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add fe80::2/64 dev t1 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip -6 addr add 2001:db8:1::1/64 dev t1 nodad
ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:82 dev t1
ip -6 route add 2001:db8:2::/64 via 2001:db8:1::9''')
put('ipv6/icmp/ratelimit', 0)
conf6('all', forwarding=1)
u = socket.socket(10, 2)
u.bind(('', 7))
u.setblocking(False)
for option in (49, 51, 53, 54, 55, 56, 58, 59, 60):
    try:
        u.setsockopt(41, option, 1)
    except OSError:
        pass
start(1)
THEM, US, ON = '2001:db8::9', '2001:db8::1', '2001:db8:2::5'


def got():
    said = []
    try:
        while True:
            data, aux, _, sender = u.recvmsg(70000, 2000)
            kinds = [f'{kind}:{value.hex()}' for level, kind, value in aux if level == 41 and kind in (54, 57, 59, 55, 58, 60, 53)]
            said.append(f'    heard {len(data)} {sender[0]} {" ".join(kinds)}')
    except BlockingIOError:
        return said


def one(title, head, proto, dst=US, body=None, src=THEM, **rest):
    t0.ip6(head + (udp(src, dst) if body is None else body), proto, src=src, dst=dst, **rest)
    out = drain()
    said = got()
    now(f'{title} > {dst}', seen=out)
    if said:
        print(*said, sep='\n', flush=True)


def ext(nexthdr, data, length=None):
    """An extension header with that behind its first two bytes."""
    data += bytes(-(len(data) + 2) % 8)
    return bytes([nexthdr, (len(data) + 2) // 8 - 1 if length is None else length]) + data


HOP, DST, RT, FRAG, UDP = 0, 60, 43, 44, 17
PLACES = ((HOP, US), (HOP, ON), (DST, US), (DST, ON), (HOP, 'ff02::1'), (DST, 'ff02::1'))
for title, options in {
    'Pad1': bytes(6), 'Pad1 of two': bytes(6) + b'\1\0', 'PadN 0': b'\1\0\0\0\0\0', 'PadN 4': b'\1\4\0\0\0\0', 'PadN with something': b'\1\4\0\0\0\1', 'PadN too long': b'\1\5\0\0\0\0', 'PadN of 8': b'\1\6' + bytes(6) + bytes(6),
    'PadN of 9 in all': b'\1\7' + bytes(7) + b'\1\3\0\0\0', '7 Pad1': bytes(7) + b'\1\5' + bytes(5), 'pads of 8': b'\1\2\0\0\1\2\0\0' + b'\1\4\0\0\0\0', 'unknown, skip': b'\x1e\4abcd', 'unknown, drop': b'\x5e\4abcd', 'unknown, tell': b'\x9e\4abcd', 'unknown, tell if not a group': b'\xde\4abcd', 'unknown, mutable': b'\x3e\4abcd', 'unknown too long': b'\x1e\x05abcd', 'no length': bytes(5) + b'\x1e',
    'router alert 0': b'\5\2\0\0\1\0', 'router alert 5': b'\5\2\0\5\1\0', 'router alert of 3': b'\5\3\0\0\0\0', 'router alert, unaligned': b'\0\5\2\0\0\0', 'jumbo 0': b'\xc2\4\0\0\0\0', 'jumbo 65535': b'\xc2\4\0\0\xff\xff', 'jumbo 65536': b'\xc2\4\0\1\0\0', 'jumbo, unaligned': b'\0\0\xc2\4\0\1\0\0\0\0\0\0\0\0', 'jumbo of 5': b'\xc2\5\0\1\0\0\0\0\0\0\0\0\0\0',
    'calipso': b'\7\x08\0\0\0\1\0\0\x12\x34\1\2\0\0', 'calipso bad': b'\7\x08\0\0\0\1\x09\0\x12\x34\1\2\0\0', 'tunnel limit': b'\4\1\0\1\1\0', 'tunnel limit 3': b'\4\1\3\1\1\0', 'ioam': b'\x31\x0e\0\0\0\1\x08\0\x80\0\0\0' + bytes(8), 'two unknown': b'\x1e\0\x1e\0\x1e\0', 'nothing known': b'\x1e\0' * 11,
}.items():
    for place, dst in PLACES:
        if title == 'ioam' and place == HOP:
            continue
        one(f'{title} in {place}', ext(UDP, options), place, dst)
for title, head in {'cut short': b'\x11', 'of one byte more': b'\x11\0\1', 'longer than the packet': b'\x11\5\1\4\0\0\0\0', 'nothing behind': b'\x11\0\1\4\0\0\0\0', 'unknown behind': b'\xc8\0\1\4\0\0\0\0', 'no next': b'\x3b\0\1\4\0\0\0\0', 'itself behind': b'\0\0\1\4\0\0\0\0\x11\0\1\4\0\0\0\0'}.items():
    for place, dst in PLACES[:4]:
        one(f'{title} {place}', head, place, dst, body=b'')
# their order
pad = b'\1\4\0\0\0\0'
H, D = lambda n: ext(n, pad), lambda n: ext(n, pad)
R = lambda n, kind=0, left=0, more=b'': bytes([n, (len(more) + 8) // 8 - 1, kind, left, 0, 0, 0, 0]) + more
F = lambda n: struct.pack('>BBHL', n, 0, 0, 9)
for title, head, first in (
    ('H D', H(DST) + D(UDP), HOP), ('D H', D(HOP) + H(UDP), DST), ('H H', H(HOP) + H(UDP), HOP), ('D D', D(DST) + D(UDP), DST), ('D D D D D D D D', b''.join(D(DST) for _ in range(7)) + D(UDP), DST),
    ('H D R D', H(DST) + D(RT) + R(DST) + D(UDP), HOP), ('R', R(UDP), RT), ('R R', R(RT) + R(UDP), RT), ('F', F(UDP), FRAG), ('D F', D(FRAG) + F(UDP), DST), ('F D', F(DST) + D(UDP), FRAG), ('F H', F(HOP) + H(UDP), FRAG), ('R H', R(HOP) + H(UDP), RT),
    ('F R', F(RT) + R(UDP), FRAG), ('D R', D(RT) + R(UDP), DST), ('none', b'', 59), ('D none', D(59), DST), ('unknown', b'', 253), ('D unknown', D(253), DST), ('ipv6', b'', 41), ('ipv4', b'', 4), ('AH', b'\x11\4\0\0' + bytes(20), 51), ('ESP', bytes(8), 50), ('HIP', b'\x11\4' + bytes(38), 139), ('shim6', b'\x11\0' + bytes(6), 140), ('mobility', b'\x3b\0\5\0' + bytes(4), 135), ('icmp of 4', b'\1\0', 1),
):
    for dst in (US, ON):
        one(f'order {title}', head, first, dst)
# routing headers; type 2 and home addresses are not in every Linux
for kind in (0, 1, 3, 4, 5, 255):
    for left in (0, 1, 2):
        for accept in (-1, 0, 1):
            conf6(accept_source_route=accept)
            conf6('all', accept_source_route=accept)
            more = a6('2001:db8:2::5')
            one(f'routing {kind} left {left} accept {accept}', R(UDP, kind, left, more), RT)
conf6(accept_source_route=0)
conf6('all', accept_source_route=0)
for length in (0, 1, 3):
    one(f'routing 1 length {length}', bytes([17, length, 1, 1]) + bytes(4 + length * 8), RT)
one('routing, longer than the packet', bytes([17, 20, 0, 0]) + bytes(4), RT)
one('routing, to a group', R(UDP, 0, 0), RT, 'ff02::1')
one('routing, cut short', b'\x11\0\0', RT, body=b'')
for what, values in dict(max_hbh_opts_number=(8, 0, 1, -1, -8), max_dst_opts_number=(8, 0, 1, -1, -8), max_hbh_length=(0x7fffffff, 8, 16), max_dst_opts_length=(0x7fffffff, 8, 16)).items():
    for value in values:
        put(f'ipv6/{what}', value)
        for options in (b'\x1e\4abcd', b'\x1e\0\x1e\0\x1e\0', b'\1\4\0\0\0\0', b'\x1e\x0cabcdefghijkl'):
            one(f'{what} {value}: {options.hex()}', ext(UDP, options), HOP if 'hbh' in what else DST)
    put(f'ipv6/{what}', values[0])
# the packet's own header
for title, frame in {'no payload': ip6(b'', 17), 'payload longer than the frame': ip6(bytes(8), 17)[:4] + b'\0\x20' + ip6(bytes(8), 17)[6:], 'payload shorter than the frame': ip6(udp(THEM, US) + bytes(20), 17)[:4] + b'\0\x09' + ip6(udp(THEM, US) + bytes(20), 17)[6:], 'version 4': b'\x45' + ip6(udp(THEM, US))[1:], 'cut short': ip6(b'')[:39], 'payload 0 and options': ip6(ext(UDP, b'\1\4\0\0\0\0') + udp(THEM, US), 0)[:4] + b'\0\0' + ip6(ext(UDP, b'\1\4\0\0\0\0') + udp(THEM, US), 0)[6:]}.items():
    t0.send(t0.eth(0x86dd, frame))
    now(title)
