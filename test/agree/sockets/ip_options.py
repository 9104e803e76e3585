"""Options of IPv4: as programs set and see them, as they are filled in on the way, echoed, split and refused."""
import socket
import struct

from common import counted, sh, show, t

sh('ip link set lo up;ip addr add 192.0.2.1/24 dev lo')
sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0;sysctl -qw net.ipv4.ip_forward=1')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0;ip route add 203.0.113.0/24 via 198.51.100.9')
RR, TS, LSRR, SSRR, RA = 7, 68, 131, 137, 148


def udp(bind=None):
    s = socket.socket(2, 2)
    s.settimeout(2)
    if bind:
        s.bind(bind)
    return s


def ip(*addresses):
    return b''.join(socket.inet_aton(a) for a in addresses)


def rr(n, pointer=4):
    return bytes([RR, 3 + 4 * n, pointer]) + bytes(4 * n)


a, b = udp(('127.0.0.1', 7001)), udp(('127.0.0.1', 7002))
tried = {
    'none': b'',
    'nops': b'\1\1\1',
    'record route': rr(3),
    'record route, full': rr(2, 12),
    'record route, odd pointer': rr(2, 10),
    'record route, low pointer': rr(2, 3),
    'record route, too short': bytes([RR, 2]),
    'record route twice': rr(1) + rr(1),
    'past the end': bytes([RR, 11, 4, 0]),
    'one byte': bytes([RR]),
    'length 1': bytes([RR, 1, 0, 0]),
    'times': bytes([TS, 12, 5, 0]) + bytes(8),
    'times, low pointer': bytes([TS, 12, 4, 0]) + bytes(8),
    'times and addresses': bytes([TS, 20, 5, 1]) + bytes(16),
    'times and addresses, no room': bytes([TS, 8, 5, 1]) + bytes(4),
    'times of a list': bytes([TS, 20, 5, 3]) + ip('127.0.0.1') + bytes(4) + ip('203.0.113.9') + bytes(4),
    'times of others': bytes([TS, 12, 5, 3]) + ip('203.0.113.9') + bytes(4),
    'times of no kind': bytes([TS, 12, 5, 7]) + bytes(8),
    'times, full': bytes([TS, 8, 9, 0x10]) + bytes(4),
    'times, over and over': bytes([TS, 8, 9, 0xf0]) + bytes(4),
    'loose route': bytes([LSRR, 11, 4]) + ip('192.0.2.1', '127.0.0.1'),
    'strict route': bytes([SSRR, 7, 4]) + ip('192.0.2.1'),
    'route, used up': bytes([LSRR, 7, 8]) + ip('192.0.2.1'),
    'route, too short': bytes([LSRR, 6, 4, 0, 0, 0]),
    'two routes': bytes([LSRR, 7, 4]) + ip('192.0.2.1') + bytes([SSRR, 7, 4]) + ip('192.0.2.1'),
    'router alert': bytes([RA, 4, 0, 0]),
    'router alert, short': bytes([RA, 3, 0]),
    'security': bytes([130, 3, 1]),
    'unknown': bytes([30, 4, 1, 2]),
    'cipso': bytes([134, 6, 0, 0, 0, 1]),
    'end, then more': b'\0\7\7\7',
    'the longest': b'\1' * 40,
    'too long': b'\1' * 41,
}


def hide_times(data):
    """Times as T: their bytes as ff."""
    out = bytearray(data)
    at = 0
    while at < len(out) and out[at] != 0:
        if out[at] == 1:
            at += 1
            continue
        length = out[at + 1]
        if out[at] == TS:
            step = 4 if out[at + 3] & 15 == 0 else 8
            for p in range(4, length, step):
                place = at + p + (step - 4)
                if place + 4 <= at + length and any(out[place:place + 4]):
                    out[place:place + 4] = b'\xff' * 4
        at += max(length, 2)
    return out.hex()


def heard(s):
    data, cmsgs, flags, _ = s.recvmsg(5000, 500)
    return len(data), flags, [(level, kind, hide_times(value)) for level, kind, value in cmsgs]


b.setsockopt(0, 6, 1)
b.setsockopt(0, 7, 1)
for name, options in tried.items():
    t(f'set {name}', a.setsockopt, 0, 4, options)
    t('  get', lambda: a.getsockopt(0, 4, 60).hex())
    t('  get 5', lambda: a.getsockopt(0, 4, 5).hex())
    t('  send', a.sendto, b'x', ('127.0.0.1', 7002))
    b.settimeout(0.2)
    t('  heard', heard, b)
    a.setsockopt(0, 4, b'')
for name, options in tried.items():
    t(f'beside: {name}', a.sendmsg, [b'x'], [(0, 7, options)], 0, ('127.0.0.1', 7002))
    t('  heard', heard, b)
t('kinds of fragments', a.sendmsg, [bytes(3000)], [(0, 7, rr(2) + bytes([RA, 4, 0, 0]))], 0, ('127.0.0.1', 7002))
t('heard', heard, b)

# what goes out, through another device
tap = socket.socket(17, 3, 0x300)
tap.bind(('v1', 3))
tap.settimeout(1)


def frames(n=1):
    found = []
    while len(found) < n:
        frame = tap.recv(5000)
        if frame[12:14] == b'\x08\0':
            hlen = (frame[14] & 15) * 4
            found.append((len(frame), frame[20:22].hex(), frame[23], socket.inet_ntoa(frame[30:34]), hide_times(frame[34:14 + hlen]), frame[14 + hlen:][:4].hex()))
    return found


def csum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


to = ('203.0.113.5', 7002)
a = udp(('198.51.100.1', 7001))
for name in ('record route', 'times and addresses', 'loose route', 'strict route', 'times of a list'):
    a.setsockopt(0, 4, tried[name] if 'route' not in name or name == 'record route' else bytes([LSRR if name[0] == 'l' else SSRR, 7, 4]) + ip('198.51.100.9'))
    t(f'out: {name}', a.sendto, b'x', to)
    t('  frame', frames)
a.setsockopt(0, 4, bytes([SSRR, 7, 4]) + ip('203.0.113.9'))
t('strict, not on the link', a.sendto, b'x', to)
a.setsockopt(0, 10, 0)
a.setsockopt(0, 4, rr(2) + bytes([RA, 4, 0, 0]))
t('split', a.sendto, bytes(4000), to)
t('  frames', frames, 3)
a.setsockopt(0, 10, 2)
t('too long by the options', a.sendto, bytes(1460), to)
raw = socket.socket(2, 3, 255)
raw.setsockopt(0, 4, rr(1))
t('own header and options', raw.sendto, bytes(40), to)


def packet(src, dst, options, proto=1, payload=None, ttl=9):
    payload = payload or struct.pack('>BBHHH', 8, 0, 0xf7ff - 1, 1, 0)
    if proto == 1:
        payload = b'\x08\0' + struct.pack('>H', csum(b'\x08\0\0\0' + payload[4:])) + payload[4:]
    options += bytes(-len(options) % 4)
    header = struct.pack('>BBHHHBBH4s4s', 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), 7, 0, ttl, proto, 0, ip(src), ip(dst)) + options
    return header[:10] + struct.pack('>H', csum(header)) + header[12:] + payload


def came(options, src='198.51.100.9', dst='198.51.100.1', **rest):
    frame = bytes.fromhex('020000000001020000000002') + b'\x08\0' + packet(src, dst, options, **rest)
    tap.send(frame)
    found = []
    try:
        while True:
            found += frames()
    except TimeoutError:
        return found


tap.settimeout(0.1)
sh('sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.v0.send_redirects=0')
sh('sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000')
bad = {
    'route of one': bytes([LSRR, 7, 4]) + ip('203.0.113.7'),
    'route to us': bytes([LSRR, 11, 4]) + ip('192.0.2.1', '203.0.113.7'),
    'strict route of one': bytes([SSRR, 7, 4]) + ip('198.51.100.9'),
    'strict route, not on the link': bytes([SSRR, 7, 4]) + ip('203.0.113.7'),
    'route passed': bytes([LSRR, 15, 12]) + ip('203.0.113.1', '203.0.113.2', '203.0.113.3'),
    'route used up': bytes([LSRR, 15, 16]) + ip('203.0.113.1', '203.0.113.2', '203.0.113.3'),
    'route from the sender': bytes([LSRR, 11, 12]) + ip('198.51.100.9', '203.0.113.2'),
    'route, odd': bytes([LSRR, 8, 4]) + ip('203.0.113.1') + b'\1',
}
for allowed in (0, 1):
    sh(f'sysctl -qw net.ipv4.conf.all.accept_source_route={allowed} net.ipv4.conf.v0.accept_source_route={allowed}')
    for name, options in ({**tried, **bad} if allowed else bad).items():
        if len(options) <= 40:
            t(f'came in: {name}', came, options)
for name, options in {**tried, **bad}.items():
    if len(options) <= 40 and name != 'the longest':
        t(f'passed on: {name}', came, options, '198.51.100.77', '203.0.113.99')
t('passed on, its end is near', lambda: came(rr(3), '198.51.100.77', '203.0.113.99', ttl=1))
t('to nobody', lambda: came(rr(3), proto=17, payload=struct.pack('>4H', 9, 9, 8, 0)))
counted('Ip', 'InHdrErrors ForwDatagrams InDelivers FragCreates')
counted('Icmp', 'OutParmProbs OutDestUnreachs OutTimeExcds OutEchoReps')
