"""
Packets made at random, by a seed: of IPv4, IPv6 and ARP, right and wrong in every header, option and length; after each what the
host answered, counted and handed to sockets.
"""
import random

import rig
from rig import *

rig.SETTLE = 0.004
# all counters here, and those of the devices beside them
rig.HIDE = re.compile(r'ifIndex|NoECTPkts|^MPTcp')
FIELDS = 'rx_bytes rx_packets rx_errors rx_dropped rx_fifo rx_frame rx_compressed rx_multicast tx_bytes tx_packets tx_errors tx_dropped'.split()
# the host starts anew, so that one packet's traces do not last
ROUND = 100
NEVER = 100_000_000
R = random.Random()
ch = R.choice

SRC4 = ['10.0.0.9'] * 8 + ['10.0.0.8', '10.0.0.1', '127.0.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '10.0.0.255', '10.9.9.9', '240.0.0.1', '10.0.0.77', '169.254.1.1', '0.1.2.3']
DST4 = ['10.0.0.1'] * 10 + ['10.0.0.255', '255.255.255.255', '224.0.0.1', '239.1.2.3', '224.0.0.99', '10.9.9.9', '10.0.0.77', '10.0.0.8', '127.0.0.1', '0.0.0.0', '240.0.0.1', '10.0.0.0', '169.254.7.7']
SRC6 = ['2001:db8::9'] * 8 + ['fe80::9', '::', '::1', '2001:db8::1', 'ff02::1', '2001:db8:5::5', 'fe80::77', '::ffff:10.0.0.9', 'fe80::1', 'fec0::1', '2001:db8::77']
DST6 = ['2001:db8::1'] * 10 + ['fe80::1', 'ff02::1', 'ff02::2', 'ff01::1', 'ff02::1:ff00:1', 'ff05::99', 'ff0e::1', '2001:db8:5::5', '2001:db8::77', '::1', 'ff00::1', 'fe80::9', '::ffff:10.0.0.1', '2001:db8::', 'fc00::1', 'ff02::99']


def some(n):
    return bytes(R.getrandbits(8) for _ in range(n))


def header_sum(head):
    head = head[:10] + b'\0\0' + head[12:]
    return head[:10] + struct.pack('>H', csum(head)) + head[12:]


def l4_sum(src, dst, proto, data, at):
    data = data[:at] + b'\0\0' + data[at + 2:]
    return data[:at] + struct.pack('>H', csum(pseudo(src, dst, proto, len(data)) + data) or 0xffff) + data[at + 2:]


def options4():
    found = b''
    for _ in range(R.randrange(1, 4)):
        n = R.randrange(4)
        hops = b''.join(a4(ch(('10.0.0.8', '10.0.0.9', '10.0.0.1', '10.9.9.9', '127.0.0.1'))) for _ in range(n))
        found += ch((
            lambda: b'\1',
            lambda: b'\0',
            lambda: bytes([7, 3 + 4 * n, ch((4, 4, 4, 8, 3, 5, 4 + 4 * n))]) + bytes(4 * n),
            # a time stamp is none of two runs
            lambda: bytes([68, 4 + 4 * n, ch((4, 5 + 4 * n)), ch((0, 0xf0, 2))]) + bytes(4 * n),
            lambda: bytes([ch((131, 137)), 3 + 4 * n, ch((4, 4, 4, 8, 3, 5, 4 + 4 * n))]) + hops,
            lambda: bytes([148, 4, 0, ch((0, 0, 1))]),
            lambda: bytes([134, ch((6, 10, 14, 5, 3))]) + some(8),
            lambda: bytes([ch([n for n in range(256) if n != 68]), ch((2, 3, 4, 8, 0, 1, 40))]) + some(6),
            lambda: bytes([130, 11]) + bytes(9),
            lambda: bytes([7, ch((0, 1, 2, 3, 39, 255)), R.randrange(256)]),
        ))()
    return (found + bytes(-len(found) % 4))[:40]


def options6():
    found = b''
    for _ in range(R.randrange(4)):
        pad = ch((0, 1, 4, 6))
        found += ch((
            lambda: b'\0',
            lambda: bytes([1, pad]) + bytes(pad),
            lambda: bytes([5, ch((2, 2, 4)), 0, ch((0, 1))]),
            lambda: bytes([0xc2, ch((4, 4, 3))]) + struct.pack('>L', ch((70000, 100, 65536))),
            lambda: bytes([ch((7, 0x31, 0x3e, 0x5e, 0x9e, 0xde)), 2, 0, 0]),
            lambda: bytes([R.choice([n for n in range(256) if n != 0xc9]), ch((0, 2, 255, 30))]),
        ))()
    pad = -(len(found) + 2) % 8
    return found + (b'\0' if pad == 1 else bytes([1, pad - 2]) + bytes(pad - 2) if pad else b'')


def udp_of(src, dst, v6):
    data = some(ch((0, 1, 7, 8, 30, 200)))
    head = struct.pack('>HHHH', ch((9, 0, 7)), ch((7, 7, 7, 9, 0, 53)), 8 + len(data), 0) + data
    if v6 or R.randrange(4):
        head = l4_sum(src, dst, 17, head, 6)
    return 17, ch([lambda: head] * 8 + [
        lambda: head[:4] + struct.pack('>H', ch((0, 7, 8, 9, 65535, len(head) + 1, len(head) - 1))) + head[6:],
        lambda: head[:6] + some(2) + head[8:],
        lambda: head[:6] + b'\0\0' + head[8:],
        lambda: head[:R.randrange(9)],
    ])()


def udplite_of(src, dst, v6):
    data = some(ch((0, 1, 8, 30)))
    head = struct.pack('>HHHH', 9, ch((7, 7, 9)), ch((0, 8, 8 + len(data), 7, 9, 3000)), 0) + data
    return 136, l4_sum(src, dst, 136, head, 6) if R.randrange(4) else head


def tcp_of(src, dst, v6):
    head = struct.pack('>HHLLBBHHH', 9, ch((80, 7)), 1, 2, ch((5, 5, 5, 4, 8, 15)) << 4, ch((2, 16, 18, 4, 1, 0, 20, 41, 17)), 100, 0, 0) + some(ch((0, 0, 12, 20)))
    if R.randrange(6):
        head = l4_sum(src, dst, 6, head, 16)
    return 6, head if R.randrange(8) else head[:R.randrange(21)]


def broken(message):
    """Now and then another checksum, or less of it."""
    if R.randrange(8) == 0:
        message = message[:2] + some(2) + message[4:]
    return message[:R.randrange(len(message))] if R.randrange(12) == 0 else message


def icmp_of(src, dst, v6):
    if v6:
        return icmp6_of(src, dst)
    kind = ch((8, 8, 13, 15, 17, 0, 3, 3, 4, 5, 11, 12, 42, 9, 10, R.randrange(256)))
    rest = ch((some(4), struct.pack('>HH', 0, ch((0, 68, 552, 576, 1300, 1500, 60000)))))
    data = some(ch((0, 1, 8, 56, 60, 12)))
    if kind == 5:
        rest = a4(ch(('10.0.0.8', '10.0.0.9', '10.9.9.9', '10.0.0.1')))
    if kind in (3, 4, 5, 11, 12):
        inner = ch((udp('10.0.0.1', '10.0.0.9'), icmp(8), some(8), some(3)))
        data = ip4(inner, ch((17, 1, 6, 47, 4, 99)), ch(('10.0.0.1', '10.0.0.1', '10.0.0.9')), ch(('10.0.0.9', '10.9.9.9', '10.0.0.1')))
        data = data if R.randrange(6) else data[:R.randrange(len(data))]
    elif kind == 13:
        data = some(ch((11, 3)))
    return 1, broken(icmp(kind, ch((0, 0, 0, 1, 4, 3, 15, R.randrange(256))), rest, data))


def icmp6_of(src, dst):
    # not those that are answered after a while
    kind = ch((128, 128, 1, 2, 3, 4, 129, 135, 136, 137, 133, 139, 140, 160, 148, 151, ch([n for n in range(256) if n not in (130, 131, 132, 134, 143)])))
    rest = ch((bytes(4), some(4), struct.pack('>L', ch((0, 40, 1280, 1300, 1500)))))
    data = some(ch((0, 1, 8, 56, 16, 20)))
    if kind < 128:
        inner = ch((udp('2001:db8::1', '2001:db8::9'), icmp6('2001:db8::1', '2001:db8::9', 128), some(8)))
        data = ip6(inner, ch((17, 58, 6, 0, 44, 99)), ch(('2001:db8::1', '2001:db8::9')), ch(('2001:db8::9', '2001:db8:5::5')))
        data = data if R.randrange(6) else data[:R.randrange(len(data))]
    elif kind in (135, 136):
        if kind == 136:
            rest = bytes([ch((0, 0x20, 0x40, 0x60, 0xe0)), 0, 0, 0])
        option = ch((b'', bytes([ch((1, 2)), 1]) + t0.peer, some(8), bytes([1, 0]) + bytes(6), bytes([14, 1]) + some(6), bytes([1, 2]) + some(14)))
        data = a6(ch(('2001:db8::1', 'fe80::1', '2001:db8::9', 'ff02::1', '2001:db8::77'))) + option
    elif kind == 137:
        data = a6(ch(('fe80::9', 'fe80::8', '2001:db8::9'))) + a6(ch(('2001:db8::9', '2001:db8:5::5'))) + ch((b'', bytes([2, 1]) + t0.peer))
    elif kind == 139:
        data = some(8) + ch((b'', a6('2001:db8::1')))
    return 58, broken(icmp6(src, dst, kind, ch((0, 0, 0, 1, 2, R.randrange(8))), rest, data))


def other(src, dst, v6):
    return ch((99, 50, 51, 103, 89, 108, 132, 33, 255, 61)), some(ch((0, 4, 12, 20, 28)))


def igmp_of(src, dst, v6):
    return 59 if v6 else 2, ch((struct.pack('>BBH4s', 0x16, 0, 0, a4('239.1.2.3')), some(12)))


def payload(src, dst, v6):
    return ch([udp_of] * 5 + [udplite_of, tcp_of, other, igmp_of] + [icmp_of] * 6)(src, dst, v6)


def packet4():
    src, dst = ch(SRC4), ch(DST4)
    proto, data = payload(src, dst, False)
    rest = {'ttl': ch((64, 64, 64, 1, 0, 2, 255)), 'tos': ch((0, 0, 3, 2, 0x28))}
    if R.randrange(4) == 0:
        rest['options'] = options4()
    if R.randrange(4) == 0:
        rest |= {'frag': ch((0x2000, 0x2000, 1, 2, 3, 0x2001, 0x1fff, 0x4000, 0x8000, 0x3fff, 185)), 'ident': ch((1, 2, 3))}
        if rest['frag'] & 0x2000 and R.randrange(3):
            data = data[:len(data) & ~7]
    return 0x800, ip4(data, proto, src, dst, **rest)


def extended(proto, data):
    """With one more header before it."""
    options = options6()
    length = len(options) // 8
    n = R.randrange(3)
    offset, more = ch((0, 0, 0, 1, 2, 185, 8191)), ch((0, 0, 1))
    return ch((
        lambda: (ch((60, 60, 0)), bytes([proto, length if R.randrange(10) else R.randrange(40)]) + options + data),
        lambda: (0, bytes([proto, length]) + options + data),
        lambda: (44, struct.pack('>BBHL', proto, ch((0, 0, 9)), offset << 3 | ch((0, 0, 0, 2)) | more, ch((1, 2, 3))) + (data[:len(data) & ~7] if more and R.randrange(3) else data)),
        lambda: (43, bytes([proto, 2 * n, ch((0, 3, 5)), ch((0, 0, 1, n))]) + bytes(4) + a6(ch(('2001:db8::9', '2001:db8::1'))) * n + data),
        lambda: (43, bytes([proto, 2 * n, 4, ch((0, 0, 1, n)), R.randrange(4), 0, 0, 0]) + a6('2001:db8::1') * n + data),
        lambda: (51, bytes([proto, ch((4, 1, 0))]) + some(22) + data),
        lambda: (ch((59, 59, 135, 139, 140)), data),
    ))()


def packet6():
    src, dst = ch(SRC6), ch(DST6)
    proto, data = payload(src, dst, True)
    for _ in range(ch((0, 0, 0, 1, 1, 2, 3))):
        proto, data = extended(proto, data)
    return 0x86dd, ip6(data, proto, src, dst, ch((255, 255, 255, 64, 1, 0, 2)), ch((0, 0, 3, 0x28)), ch((0, 0, 0x12345)))


def arp():
    kinds = struct.pack('>HHBBH', ch((1, 1, 1, 6, 2)), ch((0x800, 0x800, 0x800, 0x86dd)), ch((6, 6, 6, 8, 0)), ch((4, 4, 4, 16)), ch((1, 1, 2, 2, 3, 8, 0)))
    packet = kinds + ch((t0.peer, some(6), t0.mac, b'\xff' * 6)) + a4(ch(SRC4)) + ch((bytes(6), t0.mac)) + a4(ch(DST4))
    return 0x806, packet if R.randrange(10) else packet[:R.randrange(len(packet))]


def spoilt(kind, data):
    way = R.randrange(12)
    if way == 0 and len(data) > 1:
        return data[:R.randrange(len(data))]
    if way == 1:
        return data + some(ch((1, 4, 30)))
    if way == 2 and len(data) > 8:
        data = bytearray(data)
        for _ in range(ch((1, 1, 2))):
            data[R.randrange(min(len(data), 60))] = ch((0, 255, R.randrange(256)))
        length = (data[0] & 15) * 4
        if kind == 0x800 and R.randrange(3) and 20 <= length <= len(data):
            return header_sum(bytes(data[:length])) + bytes(data[length:])
    return bytes(data)


def frame():
    kind, data = ch((packet4, packet4, packet4, packet6, packet6, packet6, arp))()
    data = spoilt(kind, data)
    dst = t0.mac
    if kind == 0x806:
        dst = ch((b'\xff' * 6, t0.mac))
    if kind == 0x800 and len(data) >= 20:
        if 224 <= data[16] < 240:
            dst = b'\x01\x00\x5e' + bytes([data[17] & 127]) + data[18:20]
        elif data[19] == 255:
            dst = b'\xff' * 6
    if kind == 0x86dd and len(data) >= 40 and data[24] == 255:
        dst = b'\x33\x33' + data[36:40]
    if R.randrange(14) == 0:
        dst = ch((b'\xff' * 6, t0.mac, bytes.fromhex('020000000077'), bytes.fromhex('01005e000001'), bytes.fromhex('333300000001')))
    return t0.eth(kind, data, dst)


def setup(also):
    """Two cables; behind the second is everything else. Nothing happens by a timer."""
    global t0
    for tap in TAPS:
        os.close(tap.fd)
    del TAPS[:]
    t0, t1 = Tap('t0', 1), Tap('t1', 2)
    for tap, n in ((t0, 0), (t1, 1)):
        conf6(tap.name, accept_ra=0)
        conf4(tap.name, send_redirects=0)
        sh(f'ip addr add 10.0.{n}.1/24 brd + dev t{n}; ip addr add 2001:db8:{n}::1/64 dev t{n} nodad; ip addr add fe80::{n + 1}/64 dev t{n} nodad')
        for known in (f'10.0.{n}.9', f'10.0.{n}.8', f'2001:db8:{n}::9', 'fe80::9'):
            sh(f'ip neigh add {known} lladdr {tap.peer.hex(":")} dev t{n}')
    sh('ip route add default via 10.0.1.9; ip -6 route add default via fe80::9 dev t1')
    sh(also)
    for name in (name.split('.')[0] for name in devices() if name.endswith('.rx_bytes')):
        neigh4(name, retrans_time_ms=NEVER, delay_first_probe_time=NEVER // 1000, locktime=0)
        neigh6(name, retrans_time_ms=NEVER, delay_first_probe_time=NEVER // 1000)
    start(0.5)


def devices():
    with open('/proc/net/dev') as file:
        return {f'{name.strip()}.{field}': int(value) for name, values in (line.split(':') for line in file.readlines()[2:]) for field, value in zip(FIELDS, values.split())}


def drop_counters():
    found = counters4to6()
    found.update(devices())
    return found


counters4to6, rig.counters = rig.counters, drop_counters


def received(sockets):
    for n, s in enumerate(sockets):
        for line in heard(s):
            yield f'{line} on {n}'


def run_made(seed, count, also='', **settings):
    """`also`: commands that each round starts with; settings are sysctls."""
    R.seed(seed)
    sh('ip link set lo up')
    sysctl(ipv4__ipfrag_time=NEVER // 1000, ipv6__ip6frag_time=NEVER // 1000, ipv4__icmp_ratelimit=0, ipv6__icmp__ratelimit=0, ipv4__icmp_msgs_per_sec=NEVER, ipv4__icmp_msgs_burst=NEVER)
    sysctl(ipv4__conf__all__rp_filter=0, ipv4__conf__default__rp_filter=0, ipv4__conf__all__send_redirects=0, ipv4__conf__default__send_redirects=0)
    sysctl(ipv4__tcp_invalid_ratelimit=0, ipv4__icmp_echo_ignore_broadcasts=0, ipv4__icmp_echo_enable_probe=1, ipv4__conf__all__accept_source_route=1, ipv4__conf__default__accept_source_route=1)
    sysctl(**settings)
    # bridges of some machines look at what they carry
    for table in ('iptables', 'ip6tables', 'arptables'):
        if os.path.exists('/proc/sys/net/bridge'):
            put(f'bridge/bridge-nf-call-{table}', 0)
    sockets = [socket.socket(10, 2, proto) for proto in (0, 136)] + [socket.socket(family, 3, 99) for family in (2, 10)]
    for s in sockets:
        s.setblocking(False)
        if s.type == 2:
            s.bind(('::', 7))
    for i in range(count):
        if i % ROUND == 0:
            setup(also)
        made = frame()
        t0.send(made)
        seen = sorted(drain(), key=lambda found: (found[0].name, found[1]))
        # a program that asks finds the checksum wrong
        said = list(received(sockets))
        now(f'{i} {zlib.crc32(made):08x}', seen=seen)
        for line in said:
            print(line, flush=True)
