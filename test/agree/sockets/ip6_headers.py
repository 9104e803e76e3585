"""Headers of options and routes, and flow labels: as programs set, send and hear them (RFC 3542, RFC 6437)."""
import socket
import struct

from common import sh, show, t

sh('ip link set lo up;ip -6 addr add 2001:db8::1/64 dev lo nodad')
sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v0.router_solicitations=0 net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v0.addr_gen_mode=1')
sh('ip link set v0 up;ip link set v1 up;ip -6 addr add 2001:db8:1::1/64 dev v0 nodad')
sh('ip -6 neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:02 dev v0;ip -6 route add 2001:db8:2::/64 via 2001:db8:1::9')
SOL, A6 = 41, socket.AF_INET6
HOP, RTDST, RT, DST = 54, 55, 57, 59
FLOWINFO, FLOWINFO_SEND, AUTO, MGR = 11, 33, 70, 32


def udp(*bind, kind=2, proto=0):
    s = socket.socket(A6, kind, proto)
    s.settimeout(0.3)
    if bind:
        s.bind(bind)
    return s


def opts(data=b'\1\4\0\0\0\0', nexthdr=0):
    return bytes([nexthdr, (len(data) + 2) // 8 - 1]) + data


def addr(text):
    return socket.inet_pton(A6, text)


def route(kind=2, n=1, left=1, *addresses):
    return bytes([0, n * 2, kind, left, 0, 0, 0, 0]) + b''.join(addr(a) for a in addresses or ['2001:db8:1::9'])


a, b = udp('::1', 7001), udp('::', 7002)
to = ('::1', 7002)
tried = {
    'options': opts(), 'options that are long': opts(b'\1\4\0\0\0\0' + b'\x1e\6' + bytes(6)), 'cut': opts()[:4], 'one byte': b'\0',
    'longer than they say': opts() + bytes(8), 'shorter than they say': b'\0\3' + bytes(6), 'nothing': b'', 'odd': opts() + b'\0',
    'too long': bytes([0, 255]) + bytes(2046),
    'route 0': route(0), 'route 2 of two': route(2, 2, 2, '::1', '::1'), 'route 2, used up': route(2, 1, 0), 'route 4': route(4),
    'route 3': route(3), 'route, cut': route()[:8],
}
for option in (HOP, RTDST, RT, DST):
    t(f'get {option}', a.getsockopt, SOL, option, 100)
    for name, value in tried.items():
        t(f'set {option} {name}', a.setsockopt, SOL, option, value)
        t('  get', lambda: a.getsockopt(SOL, option, 100).hex())
    t(f'get 5 of {option}', lambda: a.getsockopt(SOL, option, 5).hex())
    a.setsockopt(SOL, option, b'')
for option in (FLOWINFO, FLOWINFO_SEND, AUTO, 53, 56, 58, 3, 4, 5, 77):
    t(f'get {option}', b.getsockopt, SOL, option)
    t(f'set {option}', b.setsockopt, SOL, option, 1)
    t(f'get {option}', b.getsockopt, SOL, option)
b.setsockopt(SOL, FLOWINFO, 0)


def heard(s=b):
    data, cmsgs, flags, name = s.recvmsg(70000, 3000)
    return len(data), flags, [(level, kind, value.hex()) for level, kind, value in cmsgs]


def sticky(**headers):
    s = udp('::1', 0)
    s.setsockopt(SOL, AUTO, 0)
    for option, value in headers.items():
        s.setsockopt(SOL, {'hop': HOP, 'rtdst': RTDST, 'rt': RT, 'dst': DST}[option], value)
    return s


for name, headers in {
    'none': {}, 'hop': {'hop': opts()}, 'dst': {'dst': opts()}, 'hop and dst': {'hop': opts(), 'dst': opts(b'\x1e\4\0\0\0\0')}, 'rtdst': {'rtdst': opts()},
    'all but a route': {'hop': opts(), 'rtdst': opts(), 'dst': opts()},
}.items():
    s = sticky(**headers)
    t(f'sticky {name}', s.sendto, b'x', to)
    t('  heard', heard)
s = sticky()
for name, cmsgs in {
    'hop': [(SOL, HOP, opts())], 'hop twice': [(SOL, HOP, opts()), (SOL, HOP, opts())], 'dst twice': [(SOL, DST, opts()), (SOL, DST, opts(b'\x1e\4\0\0\0\0'))],
    'old': [(SOL, 3, opts()), (SOL, 4, opts())], 'old dst twice': [(SOL, 4, opts()), (SOL, 4, opts())], 'cut': [(SOL, HOP, opts()[:4])], 'empty': [(SOL, DST, b'')],
    'route 0': [(SOL, RT, route(0))], 'route 4': [(SOL, RT, route(4))], 'route cut': [(SOL, RT, route()[:16])], 'route 2 used up': [(SOL, RT, route(2, 1, 0))],
    'flow': [(SOL, FLOWINFO, struct.pack('>L', 0x0ab12345))], 'flow cut': [(SOL, FLOWINFO, b'\0')], 'hops': [(SOL, 52, struct.pack('i', 7)), (SOL, 8, struct.pack('i', 9))],
    'class': [(SOL, 67, struct.pack('i', 0x28))], 'unknown': [(SOL, 99, b'abcd')],
}.items():
    b.setsockopt(SOL, FLOWINFO, 1 if name in ('flow', 'class') else 0)
    t(f'beside: {name}', s.sendmsg, [b'x'], cmsgs, 0, to)
    t('  heard', heard)
b.setsockopt(SOL, FLOWINFO, 1)
t('in pieces', sticky(hop=opts(), dst=opts()).sendto, bytes(66000), to)
s = sticky(hop=opts(), dst=opts())
t('longest', s.sendto, bytes(65507), to)
t('long', s.sendto, bytes(65400), to)
t('  heard', heard)

# on the wire
tap = socket.socket(17, 3, 0x300)
tap.bind(('v1', 3))
tap.settimeout(0.3)


def frames():
    found = []
    try:
        while True:
            frame = tap.recv(70000)
            if frame[12:14] == b'\x86\xdd' and frame[20] != 58:
                at, kind, headers = 54, frame[20], []
                while kind in (0, 43, 60, 44):
                    size = 8 if kind == 44 else 8 * (frame[at + 1] + 1)
                    headers.append(frame[at:at + (4 if kind == 44 else size)].hex())
                    kind, at = frame[at], at + size
                found.append((len(frame), frame[14:18].hex(), frame[20], socket.inet_ntop(A6, frame[38:54]), headers, frame[at:at + 4].hex()))
    except TimeoutError:
        return found


def wire(name, s, data, to=('2001:db8:2::5', 7), *cmsgs):
    t(f'wire: {name}', s.sendmsg, [data], cmsgs, 0, to)
    t('  frames', frames)


plain = udp('2001:db8:1::1', 7003)
plain.setsockopt(SOL, AUTO, 0)
wire('plain', plain, b'x')
for name, option, value in (('hop', HOP, opts()), ('dst', DST, opts(b'\x1e\4\1\2\3\4')), ('rtdst without a route', RTDST, opts())):
    plain.setsockopt(SOL, option, value)
    wire(f'and {name}', plain, b'x')
wire('in pieces', plain, bytes(3000))
t('route 4', plain.setsockopt, SOL, RT, bytes([0, 4, 4, 1, 1, 0, 0, 0]) + addr('::') + addr('2001:db8:1::9'))
wire('and segments', plain, b'x')
for option in (HOP, DST, RTDST, RT):
    plain.setsockopt(SOL, option, b'')
plain.setsockopt(SOL, 23, 2)
plain.setsockopt(SOL, HOP, opts())
wire('too long by eight', plain, bytes(1500 - 40 - 8 - 7))
wire('just fits', plain, bytes(1500 - 40 - 8 - 8))
plain.setsockopt(SOL, 23, 1)
plain.setsockopt(SOL, HOP, b'')
wire('a label that is not sent', plain, b'x', ('2001:db8:2::5', 7, 0x12345))
plain.setsockopt(SOL, FLOWINFO_SEND, 1)
wire('a label', plain, b'x', ('2001:db8:2::5', 7, 0x12345))
t('connect with a label', plain.connect, ('2001:db8:2::5', 7, 0x23456))
t('send', plain.send, b'x')
t('  frames', frames)
raw = udp(kind=3, proto=253)
raw.setsockopt(SOL, AUTO, 0)
raw.setsockopt(SOL, DST, opts())
wire('raw', raw, b'abcd', ('2001:db8:2::5', 0))
sh('sysctl -qw net.ipv6.auto_flowlabels=0')
t('labels by default', udp().getsockopt, SOL, AUTO)
plain = udp('2001:db8:1::1', 7004)
wire('no labels', plain, b'x')


# leases
def req(label, dst='2001:db8:2::5', action=0, share=255, flags=1, expires=0, linger=0):
    return addr(dst) + struct.pack('>L', label) + struct.pack('=BBHHHI', action, share, flags, expires, linger, 0)


def told(data):
    return struct.unpack('>L', data[16:20]) + struct.unpack('=BBHHHI', data[20:32])


one, two = udp('2001:db8:1::1', 7005), udp('2001:db8:1::1', 7006)
show('cat /proc/net/ip6_flowlabel')
for name, s, value in (
    ('nothing', one, b''), ('cut', one, req(1)[:31]), ('action 9', one, req(1, action=9)), ('not made', one, req(1, flags=0)), ('made', one, req(1)),
    ('again', one, req(1)), ('again, alone', one, req(1, flags=3)), ('by another', two, req(1)), ('by another, for itself', two, req(1, share=1)),
    ('too high', one, req(0x100000)), ('for all', one, req(2, dst='::')), ('for IPv4', one, req(2, dst='::ffff:1.2.3.4')), ('shared oddly', one, req(2, share=7)),
    ('shared by none', one, req(2, share=0)), ('long', one, req(3, linger=200, expires=200)), ('reflected', one, req(0, flags=4)),
    ('given back', one, req(1, action=1)), ('given back', one, req(1, action=1)), ('given back', one, req(1, action=1)), ('renewed', one, req(3, action=2, linger=60)), ('renewed by another', two, req(3, action=2)),
    ('renewed as root', two, req(3, action=2, share=0)), ('unknown renewed', two, req(9, action=2, share=0)), ('its own', one, req(4, share=1)), ('its own, by another', two, req(4, share=1)),
    ('of a process', one, req(5, share=2)), ('of a process, by another socket', two, req(5, share=2)), ('of a user', one, req(6, share=3)), ('of a user, by another socket', two, req(6, share=3)),
    ('with options', one, req(7) + struct.pack('QII', 24, SOL, HOP) + opts()), ('with options behind', one, req(8) + struct.pack('QII', 24, SOL, DST) + opts()),
):
    t(f'lease: {name}', s.setsockopt, SOL, MGR, value)
t('leases', lambda: show('sed "s/^\\(..... 2\\) [0-9]*  */\\1 PID /" /proc/net/ip6_flowlabel | sort'))
two.setsockopt(SOL, FLOWINFO_SEND, 1)
one.setsockopt(SOL, FLOWINFO_SEND, 1)
wire('leased', one, b'x', ('2001:db8:2::5', 7, 4))
wire('leased by another', two, b'x', ('2001:db8:2::5', 7, 4))
wire('with its options', one, b'x', ('2001:db8:2::5', 7, 7))
wire('beside', two, b'x', ('2001:db8:2::5', 7), (SOL, FLOWINFO, struct.pack('>L', 4)))
t('connect', two.connect, ('2001:db8:2::5', 7, 4))
t('connect', one.connect, ('2001:db8:2::5', 7, 5))


def asked(s, value):
    # the request lies where the answer goes
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(value, len(value))
    size = ctypes.c_int(len(value))
    if libc.getsockopt(s.fileno(), SOL, MGR, buffer, ctypes.byref(size)) < 0:
        raise OSError(ctypes.get_errno(), 'getsockopt')
    return size.value, told(buffer.raw)


t('what is sent', asked, one, req(0))
t('by another', asked, two, req(0))
t('of the peer', asked, one, req(0, flags=8))
t('cut', asked, one, req(0)[:20])
t('other action', asked, one, req(0, action=1))


def drawn():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    value = req(0)
    buffer = ctypes.create_string_buffer(value, len(value))
    result = libc.setsockopt(two.fileno(), SOL, MGR, buffer, len(value))
    return result, 0 < struct.unpack('>L', buffer.raw[16:20])[0] < 0x100000


t('drawn', drawn)
