"""Pieces of packets and what becomes of them: both families (RFC 791, RFC 815, RFC 5722, RFC 8200 4.5)."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
sh('''ip addr add 10.0.0.1/24 dev t0
ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0''')
conf4('all', rp_filter=0)
conf4(rp_filter=0)
sysctl(ipv4__icmp_ratemask=0, ipv4__icmp_msgs_per_sec=10000, ipv4__icmp_msgs_burst=10000)
put('ipv6/icmp/ratelimit', 0)
LAST_TIME = 30
u = socket.socket(10, 2)
u.bind(('', 7))
u.setblocking(False)
u.setsockopt(0, 13, 1)
u.setsockopt(41, 66, 1)
start(1)
FOUR, SIX = ('10.0.0.9', '10.0.0.1'), ('2001:db8::9', '2001:db8::1')
IDENT = [100]


def held():
    with open('/proc/net/sockstat') as a, open('/proc/net/sockstat6') as b:
        return ' '.join(line.strip() for line in [*a, *b] if line.startswith('FRAG'))


def heard_all():
    said = []
    try:
        while True:
            data, aux, _, sender = u.recvmsg(70000, 500)
            tos = [value.hex() for level, kind, value in aux if (level, kind) in ((0, 1), (41, 67))]
            said.append(f'    heard {len(data)} {zlib.crc32(data):08x} {sender[0]} {tos}')
    except BlockingIOError:
        return said


class Pieces:
    """A datagram of `size`, and its pieces by offset and end."""

    def __init__(self, six, size=64, ident=None, src=None):
        self.six = six
        self.src, self.dst = SIX if six else FOUR
        self.src = src or self.src
        IDENT[0] += 1
        self.ident = IDENT[0] if ident is None else ident
        self.data = udp(self.src, self.dst, bytes(i * 7 & 255 for i in range(size - 8)))
        self.size = size

    def send(self, start, end, more=None, fill=None, df=False, proto=17, tap=None, **rest):
        part = self.data[start:end] if fill is None else bytes([fill]) * (end - start)
        more = end < self.size if more is None else more
        if self.six:
            head = struct.pack('>BBHL', proto, 0, start & ~7 | more, self.ident)
            t0.ip6(head + part, 44, src=self.src, dst=self.dst, **rest)
        else:
            t0.ip4(part, proto, src=self.src, dst=self.dst, frag=start // 8 | more << 13 | df << 14, ident=self.ident, **rest)


def done(title, until=None):
    out = drain(until=until)
    said = heard_all()
    now(title, seen=out)
    print(*said, f'    {held()}', sep='\n', flush=True)


ORDERS = {
    'in order': ((0, 16), (16, 32), (32, 64)), 'last first': ((32, 64), (0, 16), (16, 32)), 'backwards': ((48, 64), (32, 48), (16, 32), (0, 16)), 'middle last': ((0, 16), (48, 64), (16, 48)),
    'twice the first': ((0, 16), (0, 16), (16, 64)), 'twice the middle': ((0, 16), (16, 32), (16, 32), (32, 64)), 'twice the last': ((32, 64), (32, 64), (0, 32)), 'inside another': ((0, 32), (8, 16), (32, 64)), 'around another': ((8, 16), (0, 32), (32, 64)),
    'over the end': ((0, 24), (16, 32), (32, 64)), 'over the start': ((16, 32), (0, 24), (32, 64)), 'over the last': ((32, 64), (24, 40), (0, 32)), 'whole in the end': ((0, 16), (0, 64)), 'two lasts': ((32, 64), (40, 64), (0, 32)), 'inside, at the end': ((0, 32), (24, 32), (32, 64)), 'beyond the last': ((32, 64), (64, 80), (0, 32)),
}
for six in (False, True):
    for title, pieces in ORDERS.items():
        p = Pieces(six)
        for a, b in pieces:
            p.send(a, b)
        done(f'{"IPv6" if six else "IPv4"} {title}')
    name6 = 'IPv6' if six else 'IPv4'
    p = Pieces(six)
    p.send(0, 32)
    p.send(32, 48, more=False)
    p.send(48, 64, more=False)
    done(f'{name6} ends differ')
    p = Pieces(six)
    p.send(32, 48, more=False)
    p.send(32, 64, more=False)
    p.send(0, 32)
    done(f'{name6} ends differ, shorter first')
    p = Pieces(six)
    p.send(32, 64)
    p.send(0, 32, more=False)
    done(f'{name6} an end before what is there')
    p = Pieces(six)
    p.send(0, 15, more=True)
    done(f'{name6} a length that is no multiple of eight')
    p = Pieces(six)
    p.send(0, 0, more=True)
    p.send(16, 16, more=True)
    done(f'{name6} nothing in it')
    p = Pieces(six)
    p.send(16, 16, more=False)
    p.send(0, 16, more=True)
    done(f'{name6} an empty last')
    p = Pieces(six)
    p.send(0, 64, more=False)
    done(f'{name6} all in one')
    p = Pieces(six)
    p.send(0, 64, more=True)
    p.send(64, 64, more=False)
    done(f'{name6} all in one, and an empty last')
    p = Pieces(six, 65528 if six else 65512)
    for at in range(0, p.size, 8192):
        p.send(at, min(at + 8192, p.size))
    done(f'{name6} as long as can be')
    p = Pieces(six)
    p.send(65528, 65536, more=False, fill=1)
    p.send(65528, 65532, more=False, fill=1)
    p.send(65520, 65600, more=False, fill=1)
    p.send(65520, 65600, more=True, fill=1)
    done(f'{name6} too long')
    p, q = Pieces(six), Pieces(six, ident=IDENT[0], src='2001:db8::8' if six else '10.0.0.8')
    p.send(0, 32)
    q.send(32, 64)
    done(f'{name6} two senders, one ident')
    q.send(0, 32)
    p.send(32, 64)
    done(f'{name6} two senders, one ident')
    p = Pieces(six)
    p.send(0, 32)
    p.send(32, 64, proto=16)
    done(f'{name6} another protocol')
    p.send(32, 64)
    done(f'{name6} the rest')
    for codes in ((0, 0), (1, 1), (2, 2), (1, 2), (2, 1), (3, 3), (0, 3), (3, 0), (2, 3), (3, 1), (0, 2), (2, 0), (2, 2, 3)):
        p = Pieces(six, 16 * len(codes))
        for i, code in enumerate(codes):
            kind = dict(tclass=0xb8 | code) if six else dict(tos=0xb8 | code)
            p.send(i * 16, i * 16 + 16, **kind)
        done(f'{name6} ECN {codes}')
    for classes in ((0x10, 0x20), (0x20, 0x10)):
        p = Pieces(six)
        for i, code in enumerate(classes):
            p.send(32 * (1 - i), 32 * (1 - i) + 32, **(dict(tclass=code, flow=i * 0x12345) if six else dict(tos=code)))
        done(f'{name6} classes {classes}')
# a flag that asks for no fragments
for df in ((True, True), (True, False), (False, True)):
    p = Pieces(False)
    p.send(0, 32, df=df[0])
    p.send(32, 64, df=df[1])
    done(f'IPv4 DF {df}')
for first, rest in ((b'\x07\x07\x04\0\0\0\0\0', b''), (b'\x83\x07\x04\x0a\0\0\1\0', b'\x83\x07\x08\x0a\0\0\1\0'), (b'', b'\x94\4\0\0'), (b'\x99\4\0\0', b'')):
    p = Pieces(False)
    p.send(0, 32, options=first)
    p.send(32, 64, options=rest)
    done(f'IPv4 options {first.hex()} {rest.hex()}')


# the headers in front, and behind
def chain(title, *pieces, nexthdr=60, ident=None, **rest):
    IDENT[0] += 1
    for start_, more, body in pieces:
        head = struct.pack('>BBHL', nexthdr, 0, start_ | more, IDENT[0] if ident is None else ident)
        t0.ip6(head + body, 44, src=SIX[0], dst=SIX[1], **rest)
    done(f'IPv6 {title}')


whole = hbh(b'\1\4\0\0\0\0', 17) + udp(*SIX, bytes(40))
chain('options in the first', (0, 1, whole[:24]), (24, 0, whole[24:]))
chain('no upper header in the first', (0, 1, whole[:8]), (8, 0, whole[8:]))
chain('half an upper header in the first', (0, 1, whole[:8] + whole[8:8]), (8, 1, whole[8:16]), (16, 0, whole[16:]))
chain('half an option in the first', (0, 1, bytes([17, 5]) + bytes(6)), (8, 0, bytes(64)))
chain('the last before a first that is short', (8, 0, whole[8:]), (0, 1, whole[:8]))
chain('icmp of 8', (0, 1, b'\x80\0\0\0\0\0\0\0'), (8, 0, bytes(8)), nexthdr=58)
chain('udp of 8', (0, 1, udp(*SIX, bytes(24))[:8]), (8, 0, bytes(24)), nexthdr=17)
chain('tcp of 8', (0, 1, bytes(8)), (8, 0, bytes(24)), nexthdr=6)
chain('tcp of 24', (0, 1, bytes(24)), (24, 0, bytes(24)), nexthdr=6)
chain('no next header', (0, 1, bytes(8)), (8, 0, bytes(8)), nexthdr=59)
chain('an unknown protocol', (0, 1, bytes(8)), (8, 0, bytes(8)), nexthdr=200)
chain('atomic', (0, 0, udp(*SIX, bytes(24))), nexthdr=17)
chain('atomic, too short', (0, 0, udp(*SIX, bytes(24))[:4]), nexthdr=17)
chain('atomic, bad option', (0, 0, hbh(b'\x9e\4\0\0\0\0', 17) + udp(*SIX)), nexthdr=60)
chain('reserved bits', (6, 1, udp(*SIX, bytes(24))[:16]), (22, 0, udp(*SIX, bytes(24))[16:]), nexthdr=17)
chain('in pieces again', (0, 1, struct.pack('>BBHL', 17, 0, 0, 1) + udp(*SIX, bytes(24))), (40, 0, b''), nexthdr=44)
chain('in pieces twice', (0, 0, struct.pack('>BBHL', 17, 0, 0, 1) + udp(*SIX, bytes(24))), nexthdr=44)
t0.ip6(b'\x11\0', 44, src=SIX[0], dst=SIX[1])
done('IPv6 a fragment header cut short')
t0.ip6(b'', 44, src=SIX[0], dst=SIX[1])
done('IPv6 no fragment header')
for start_, more, part in ((0, 1, slice(0, 16)), (16, 0, slice(16, 48))):
    data = udp(*SIX, bytes(40))
    t0.ip6(hbh(b'\1\4\0\0\0\0', 44) + struct.pack('>BBHL', 17, 0, start_ | more, 4000) + data[part], 0, src=SIX[0], dst=SIX[1])
done('IPv6 behind options')
for opt in (b'\1\4\0\0\0\0', b'\5\2\0\0\1\0'):
    first = opt == b'\1\4\0\0\0\0'
    t0.ip6(hbh(opt, 44) + struct.pack('>BBHL', 17, 0, int(first) if first else 16, 4001) + udp(*SIX, bytes(24))[slice(0, 16) if first else slice(16, 32)], 0, src=SIX[0], dst=SIX[1])
done('IPv6 behind other options')
# too late
sysctl(ipv4__ipfrag_time=1)
put('ipv6/ip6frag_time', 1)
for six in (False, True):
    for title, pieces in {'only the first': ((0, 32),), 'only the last': ((32, 64),), 'first and last': ((0, 16), (48, 64)), 'only the middle': ((16, 32),)}.items():
        p = Pieces(six)
        for a, b in pieces:
            p.send(a, b)
        done(f'{"IPv6" if six else "IPv4"} {title}')
        done('a second later', until=1.3)
        p.send(0, 64, more=False)
        done('too late')
p = Pieces(False)
p.dst = '10.0.0.255'
p.send(0, 32)
done('IPv4 to all', until=1.3)
# as much as there may be, and how far apart
sysctl(ipv4__ipfrag_time=30)
put('ipv6/ip6frag_time', 30)
for dist in (64, 2, 0):
    sysctl(ipv4__ipfrag_max_dist=dist)
    p = Pieces(False, src='10.0.0.8')
    p.send(0, 32)
    for i in range(5):
        q = Pieces(False, src='10.0.0.8')
        q.send(0, 32)
        q.send(32, 64)
    done(f'max_dist {dist}: others in between')
    p.send(32, 64)
    done(f'max_dist {dist}: the rest')
for six in (False, True):
    where = 'ipv6/ip6frag' if six else 'ipv4/ipfrag'
    for low, high in ((0, 1), (1, 0)):
        put(f'{where}_low_thresh', low)
        put(f'{where}_high_thresh', high)
        p = Pieces(six)
        p.send(0, 32)
        p.send(32, 64)
        done(f'{"IPv6" if six else "IPv4"} thresholds {low} {high}')
show('grep -H . /proc/sys/net/ipv4/ipfrag_[hlmt]* /proc/sys/net/ipv6/ip6frag_[hlmt]*')
