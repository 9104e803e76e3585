"""Frames that are wrong at every layer, and pieces of packets: what each is counted as, and what is answered."""
import socket
import struct
import time

from common import sh

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v0.router_solicitations=0 net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v0.addr_gen_mode=1')
sh('ip link set lo up;ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0;ip -6 addr add 2001:db8::1/64 dev v0 nodad')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0;ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:02 dev v0')
sh('ip neigh add fe80::9 lladdr 02:00:00:00:00:02 dev v0')
sh('sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000 net.ipv6.icmp.ratelimit=0')
US, THEM = '198.51.100.1', '198.51.100.9'
US6, THEM6 = '2001:db8::1', '2001:db8::9'
udp = socket.socket(2, 2)
udp.bind(('', 7))
udp6 = socket.socket(10, 2)
udp6.bind(('2001:db8::1', 7))
tap = socket.socket(17, 3, 0x300)
tap.bind(('v1', 3))


def csum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def counters():
    found = {}
    for name in ('snmp', 'netstat'):
        with open(f'/proc/net/{name}') as file:
            lines = [line.split() for line in file]
        for keys, values in zip(lines[::2], lines[1::2]):
            for key, value in zip(keys[1:], values[1:]):
                found[keys[0][:-1] + key] = int(value)
    for name in ('snmp6', 'dev_snmp6/v0'):
        with open(f'/proc/net/{name}') as file:
            for line in file:
                key, value = line.split()
                found[('v0:' if '/' in name else '') + key] = int(value)
    return found


HIDE = ('Octets', 'TcpExt', 'MPTcpExt', 'OutTransmits', 'v0:ifIndex', 'IpExtInNoECTPkts')


def settled():
    before = counters()
    while True:
        tap.settimeout(0.03)
        try:
            tap.recv(5000)
        except TimeoutError:
            after = counters()
            if after == before:
                return after
            before = after


def answer(frame):
    kind = frame[12:14].hex()
    if kind == '0800':
        at = 14 + (frame[14] & 15) * 4
        what = f'ip {frame[23]}'
        if frame[23] == 1:
            what = f'icmp {frame[at]}/{frame[at + 1]} {frame[at + 4:at + 8].hex()} {len(frame)}'
        return what
    if kind == '86dd':
        at = 54
        return f'icmp6 {frame[at]}/{frame[at + 1]} {frame[at + 4:at + 8].hex()} {len(frame)}' if frame[20] == 58 else f'ip6 {frame[20]}'
    if kind == '0806':
        return f'arp {frame[21]} {frame[28:42].hex()}'
    return kind


# reports of groups are over
time.sleep(2.5)
last = settled()


def send(name, *frames):
    global last
    for frame in frames:
        tap.send(frame)
    seen = []
    tap.settimeout(0.03)
    try:
        while True:
            seen.append(answer(tap.recv(70000)))
    except TimeoutError:
        pass
    now = counters()
    changed = [f'{key}+{now[key] - last.get(key, 0)}' for key in now if now[key] != last.get(key, 0) and not any(h in key for h in HIDE)]
    last = now
    for s in (udp, udp6):
        s.setblocking(False)
        try:
            while True:
                seen.append(f'heard {len(s.recv(70000))}')
        except BlockingIOError:
            pass
    print(name, '|', *changed, '|', *seen, flush=True)


def eth(kind, data, dst='020000000001'):
    return bytes.fromhex(dst + '020000000002') + struct.pack('>H', kind) + data


def ip4(payload=b'', proto=17, src=THEM, dst=US, ihl=None, version=4, length=None, frag=0, ident=7, ttl=9, tos=0, options=b'', bad=0):
    head = struct.pack('>BBHHHBBH4s4s', version << 4 | (ihl or 5 + len(options) // 4), tos, length if length is not None else 20 + len(options) + len(payload),
                       ident, frag, ttl, proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return eth(0x800, head[:10] + struct.pack('>H', csum(head) ^ bad) + head[12:] + payload)


def pseudo(src, dst, proto, length):
    if ':' in src:
        return socket.inet_pton(10, src) + socket.inet_pton(10, dst) + struct.pack('>LL', length, proto)
    return socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack('>HH', proto, length)


def dgram(data=b'x', src=THEM, dst=US, sport=9, dport=7, length=None, bad=0, proto=17, cover=None):
    length = 8 + len(data) if length is None else length
    head = struct.pack('>HHHH', sport, dport, length, 0)
    sum_ = csum(pseudo(src, dst, proto, 8 + len(data)) + (head + data)[:cover]) or 0xffff
    return struct.pack('>HHHH', sport, dport, length, sum_ ^ bad) + data


def icmp(kind, code=0, rest=bytes(4), data=b'', bad=0):
    message = struct.pack('>BBH', kind, code, 0) + rest + data
    return message[:2] + struct.pack('>H', csum(message) ^ bad) + message[4:]


def icmp6(kind, code=0, rest=bytes(4), data=b'', bad=0, src=THEM6, dst=US6):
    message = struct.pack('>BBH', kind, code, 0) + rest + data
    return message[:2] + struct.pack('>H', csum(pseudo(src, dst, 58, len(message)) + message) ^ bad) + message[4:]


def ip6(payload=b'', nexthdr=17, src=THEM6, dst=US6, version=6, length=None, hops=255, tclass=0, mac=None):
    head = struct.pack('>LHBB', version << 28 | tclass << 20, length if length is not None else len(payload), nexthdr, hops)
    return eth(0x86dd, head + socket.inet_pton(10, src) + socket.inet_pton(10, dst) + payload, mac or '020000000001')


# Ethernet, ARP
send('unknown type', eth(0x1234, bytes(50)))
send('LLC', eth(40, b'\xaa\xaa\x03' + bytes(50)))
send('for another', ip4(dgram()).replace(bytes.fromhex('020000000001'), bytes.fromhex('020000000077'), 1))
arp = struct.pack('>HHBBH', 1, 0x800, 6, 4, 1) + bytes.fromhex('020000000002') + socket.inet_aton(THEM) + bytes(6) + socket.inet_aton(US)
send('arp', eth(0x806, arp))
send('arp, cut', eth(0x806, arp[:20]))
send('arp of another kind', eth(0x806, b'\0\x99' + arp[2:]))
send('arp, other lengths', eth(0x806, arp[:4] + b'\4\6' + arp[6:]))
send('arp of no operation', eth(0x806, arp[:7] + b'\x09' + arp[8:]))
send('arp from a group', eth(0x806, arp[:14] + socket.inet_aton('224.0.0.1') + arp[18:]))
send('arp for a group', eth(0x806, arp[:24] + socket.inet_aton('224.0.0.1')))
send('arp for loopback', eth(0x806, arp[:24] + socket.inet_aton('127.0.0.1')))
# IPv4
send('udp', ip4(dgram()))
send('nothing', eth(0x800, b''))
send('half a header', ip4(dgram())[:24])
send('version 5', ip4(dgram(), version=5))
send('ihl 4', ip4(dgram(), ihl=4))
send('ihl too long', ip4(b'', ihl=15))
send('bad checksum', ip4(dgram(), bad=1))
send('total length too long', ip4(dgram(), length=60))
send('total length too short', ip4(dgram(), length=19))
send('total length cuts', ip4(dgram(b'1234567890'), length=30))
send('padding', ip4(dgram()) + bytes(20))
send('ttl 0', ip4(dgram(), ttl=0))
send('from 0.0.0.0', ip4(dgram(src='0.0.0.0'), src='0.0.0.0'))
send('from a group', ip4(dgram(src='224.1.1.1'), src='224.1.1.1'))
send('from all', ip4(dgram(src='255.255.255.255'), src='255.255.255.255'))
send('from loopback', ip4(dgram(src='127.0.0.1'), src='127.0.0.1'))
send('from us', ip4(dgram(src=US), src=US))
send('to loopback', ip4(dgram(dst='127.0.0.1'), dst='127.0.0.1'))
send('to 0.0.0.0', ip4(dgram(dst='0.0.0.0'), dst='0.0.0.0'))
send('to 240.0.0.1', ip4(dgram(dst='240.0.0.1'), dst='240.0.0.1'))
send('to nobody', ip4(dgram(dst='203.0.113.9'), dst='203.0.113.9'))
send('to a group', ip4(dgram(dst='239.1.1.1'), dst='239.1.1.1'))
send('to all', ip4(dgram(dst='255.255.255.255'), dst='255.255.255.255'))
send('to the network', ip4(dgram(dst='198.51.100.255'), dst='198.51.100.255'))
send('unknown protocol', ip4(b'abcd', proto=253))
send('protocol 0', ip4(b'abcd', proto=0))
# UDP
send('udp, bad checksum', ip4(dgram(bad=1)))
send('udp, no checksum', ip4(struct.pack('>HHHH', 9, 7, 9, 0) + b'x'))
send('udp, too short', ip4(dgram()[:7]))
send('udp, length 7', ip4(dgram(length=7)))
send('udp, length too long', ip4(dgram(length=100)))
send('udp, length cuts', ip4(dgram(b'12345', length=10)))
send('udp to port 9', ip4(dgram(dport=9)))
send('udp to port 0', ip4(dgram(dport=0)))
send('udp from port 0', ip4(dgram(sport=0)))
send('udp, bad checksum, to port 9', ip4(dgram(dport=9, bad=1)))
send('udplite', ip4(dgram(proto=136), proto=136))
send('udplite, cover 4', ip4(dgram(proto=136, length=4), proto=136))
send('udplite, no checksum', ip4(struct.pack('>HHHH', 9, 7, 8, 0) + b'x', proto=136))
# ICMP
send('echo', ip4(icmp(8), 1))
send('echo, bad checksum', ip4(icmp(8, bad=1), 1))
send('echo, short', ip4(icmp(8)[:6], 1))
send('echo to all', ip4(icmp(8), 1, dst='198.51.100.255'))
send('timestamp', ip4(icmp(13, data=bytes(12)), 1))
send('timestamp, short', ip4(icmp(13, data=bytes(8)), 1))
send('information request', ip4(icmp(15), 1))
send('address mask', ip4(icmp(17, data=bytes(4)), 1))
send('icmp 19', ip4(icmp(19), 1))
send('icmp 42', ip4(icmp(42), 1))
send('icmp 255', ip4(icmp(255), 1))
send('quench', ip4(icmp(4, data=bytes(28)), 1))
send('unreachable, nothing in it', ip4(icmp(3, 3), 1))
inner = ip4(dgram(src=US, dst=THEM, sport=7, dport=9), src=US, dst=THEM)[14:]
send('unreachable', ip4(icmp(3, 3, data=inner), 1))
send('unreachable, short', ip4(icmp(3, 3, data=inner[:24]), 1))
send('unreachable, code 99', ip4(icmp(3, 99, data=inner), 1))
send('unreachable, of another', ip4(icmp(3, 3, data=ip4(dgram(sport=1), src=US, dst=THEM)[14:]), 1))
send('unreachable, of all', ip4(icmp(3, 3, data=ip4(dgram(), src=US, dst='198.51.100.255')[14:]), 1))
send('too big, 0', ip4(icmp(3, 4, data=inner), 1))
send('too big, 10', ip4(icmp(3, 4, b'\0\0\0\x0a', data=inner), 1))
send('redirect, short', ip4(icmp(5, 1, data=inner[:10]), 1))
send('parameter problem', ip4(icmp(12, data=inner), 1))
send('time exceeded', ip4(icmp(11, data=inner), 1))
# IGMP
send('igmp, bad checksum', ip4(icmp(0x11, bad=1), 2, dst='224.0.0.1', ttl=1, options=b'\x94\4\0\0'))
send('igmp, short', ip4(icmp(0x11)[:4], 2, dst='224.0.0.1', ttl=1))
send('igmp, unknown', ip4(icmp(0x99), 2, dst='224.0.0.1', ttl=1))
# pieces
whole = dgram(bytes(range(200)) * 2)
MF = 0x2000


def pieces(*cuts, ident=100, **rest):
    return [ip4(whole[a:b], frag=(MF if b < len(whole) else 0) | a // 8, ident=ident, **rest) for a, b in cuts]


send('pieces', *pieces((0, 200), (200, 408)))
send('pieces, backwards', *pieces((200, 408), (0, 200), ident=101))
send('pieces, twice', *pieces((0, 200), (0, 200), (200, 408), (200, 408), ident=102))
send('pieces, within another', *pieces((0, 200), (8, 100), (200, 408), ident=103))
send('pieces that overlap', *pieces((0, 208), (200, 408), ident=104))
send('... the rest', *pieces((0, 200), ident=104))
send('pieces, a hole', *pieces((0, 200), (208, 408), ident=105))
send('pieces of an odd length', ip4(whole[:205], frag=MF, ident=106), ip4(whole[200:], frag=25, ident=106))
send('two last pieces', *pieces((200, 408), ident=107), ip4(whole[200:400], frag=25, ident=107))
send('beyond the last', *pieces((200, 408), ident=108), ip4(bytes(80), frag=MF | 60, ident=108))
send('an empty piece', ip4(b'', frag=MF, ident=109))
send('an empty last piece', ip4(b'', frag=25, ident=110))
send('too long', ip4(bytes(80), frag=0x1fff, ident=111))
send('too long, all of it', *[ip4(bytes(1400), frag=MF | n * 175, ident=112) for n in range(46)], ip4(bytes(1400), frag=46 * 175, ident=112))
send('marks: 1 and 1', *pieces((0, 200), ident=113, tos=1), *pieces((200, 408), ident=113, tos=1))
send('marks: 0 and 1', *pieces((0, 200), ident=114, tos=0), *pieces((200, 408), ident=114, tos=1))
send('marks: 2 and 3', *pieces((0, 200), ident=115, tos=2), *pieces((200, 408), ident=115, tos=3))
send('marks: 0 and 3', *pieces((0, 200), ident=116, tos=0), *pieces((200, 408), ident=116, tos=3))
send('runs', *pieces((200, 304), (304, 408), (0, 104), (104, 200), ident=117))
send('over two runs', *pieces((0, 104), (200, 304), (104, 200), (96, 208), ident=118))
send('many others between', *pieces((0, 200), ident=119), *[ip4(bytes(8), frag=MF, ident=1000 + n) for n in range(80)], *pieces((200, 408), ident=119))
sh('sysctl -qw net.ipv4.ipfrag_low_thresh=0 net.ipv4.ipfrag_high_thresh=0')
send('no memory', *pieces((0, 200), ident=120))
# IPv6
D6 = dict(src=THEM6, dst=US6)
send('udp6', ip6(dgram(**D6)))
send('udp6, no checksum', ip6(struct.pack('>HHHH', 9, 7, 9, 0) + b'x'))
send('udp6, bad checksum', ip6(dgram(bad=1, **D6)))
send('udp6, short', ip6(dgram(**D6)[:7]))
send('udp6 to port 9', ip6(dgram(dport=9, **D6)))
send('udp6 to port 0', ip6(dgram(dport=0, **D6)))
send('version 4', ip6(dgram(**D6), version=4))
send('half a header', ip6(dgram(**D6))[:40])
send('length too long', ip6(dgram(**D6), length=100))
send('length cuts', ip6(dgram(b'12345', **D6), length=10))
send('length 0', ip6(dgram(**D6), length=0))
for name, src in (('loopback', '::1'), ('a group', 'ff02::1'), ('nobody', '::'), ('mapped', '::ffff:1.2.3.4')):
    send(f'from {name}', ip6(dgram(src=src, dst=US6), src=src))
for name, dst in (('loopback', '::1'), ('interface-local', 'ff01::1'), ('scope 0', 'ff00::1'), ('nobody', '::'), ('another', '2001:db8:9::1'), ('all nodes', 'ff02::1')):
    send(f'to {name}', ip6(dgram(src=THEM6, dst=dst), dst=dst))
send('unknown protocol', ip6(b'abcd', 253))
send('no next header', ip6(b'abcd', 59))


def hbh(options, nexthdr=17):
    return bytes([nexthdr, (len(options) + 2) // 8 - 1]) + options


send('hop options', ip6(hbh(b'\1\4\0\0\0\0') + dgram(**D6), 0))
send('hop options, cut', ip6(b'\x11\x09', 0))
send('hop options, too long', ip6(b'\x11\x09' + bytes(14), 0))
send('hop options, past the end', ip6(hbh(b'\1\x09\0\0\0\0') + dgram(**D6), 0))
for kind in (0x1e, 0x5e, 0x9e, 0xde):
    send(f'hop option {kind:x}', ip6(hbh(bytes([kind, 4, 0, 0, 0, 0])) + dgram(**D6), 0))
    send(f'destination option {kind:x}', ip6(hbh(bytes([kind, 4, 0, 0, 0, 0])) + dgram(**D6), 60))
    send(f'destination option {kind:x} to all', ip6(hbh(bytes([kind, 4, 0, 0, 0, 0])) + dgram(src=THEM6, dst='ff02::1'), 60, dst='ff02::1', mac='333300000001'))
send('padding that is not 0', ip6(hbh(b'\1\4\0\1\0\0') + dgram(**D6), 0))
send('much padding', ip6(hbh(b'\1\x0c' + bytes(12)) + dgram(**D6), 0))
send('jumbo', ip6(hbh(b'\xc2\4\0\0\0\x09') + dgram(**D6), 0))
send('router alert', ip6(hbh(b'\5\2\0\0\0\0') + dgram(**D6), 0))
send('router alert, odd', ip6(hbh(b'\5\3\0\0\0\0') + dgram(**D6), 0))
send('hop options second', ip6(hbh(b'\1\4\0\0\0\0', 0) + hbh(b'\1\4\0\0\0\0') + dgram(**D6), 60))
send('routing, used up', ip6(b'\x11\2\0\0\0\0\0\0' + bytes(16) + dgram(**D6), 43))
send('routing 0', ip6(b'\x11\2\0\1\0\0\0\0' + bytes(16) + dgram(**D6), 43))
send('routing 2', ip6(b'\x11\2\2\1\0\0\0\0' + bytes(16) + dgram(**D6), 43))
send('routing 4', ip6(b'\x11\2\4\1\0\0\0\0' + bytes(16) + dgram(**D6), 43))
send('routing 253', ip6(b'\x11\2\xfd\1\0\0\0\0' + bytes(16) + dgram(**D6), 43))
send('routing, cut', ip6(b'\x11\x20\0\0\0\0\0\0', 43))
send('destination options, cut', ip6(b'\x11\x20\0\0\0\0\0\0', 60))
send('echo6', ip6(icmp6(128), 58))
send('echo6, bad checksum', ip6(icmp6(128, bad=1), 58))
send('echo6, short', ip6(icmp6(128)[:6], 58))
send('echo6 to all', ip6(icmp6(128, dst='ff02::1'), 58, dst='ff02::1', mac='333300000001'))
send('icmp6 99', ip6(icmp6(99), 58))
send('icmp6 199', ip6(icmp6(199), 58))
inner = ip6(dgram(src=US6, dst=THEM6, sport=7, dport=9), src=US6, dst=THEM6)[14:]
send('unreachable', ip6(icmp6(1, 4, data=inner), 58))
send('unreachable, short', ip6(icmp6(1, 4, data=inner[:30]), 58))
send('too big', ip6(icmp6(2, 0, b'\0\0\5\0', inner), 58))
send('too big, short', ip6(icmp6(2, 0, b'\0\0\5\0'), 58))
send('parameter problem', ip6(icmp6(4, data=inner), 58))
LL = dict(src='fe80::9', dst='ff02::1')
for kind, name in ((133, 'router solicitation'), (134, 'router advertisement'), (135, 'solicitation'), (136, 'advertisement'), (137, 'redirect')):
    body = {133: b'', 134: bytes(8), 135: socket.inet_pton(10, US6), 136: socket.inet_pton(10, THEM6), 137: socket.inet_pton(10, THEM6) * 2}[kind]
    send(name, ip6(icmp6(kind, data=body, **LL), 58, mac='333300000001', **LL))
    send(f'{name}, hops', ip6(icmp6(kind, data=body, **LL), 58, mac='333300000001', hops=64, **LL))
    send(f'{name}, code', ip6(icmp6(kind, 1, data=body, **LL), 58, mac='333300000001', **LL))
    send(f'{name}, short', ip6(icmp6(kind, data=body[:-4] if body else b'', **LL)[:7], 58, mac='333300000001', **LL))
    send(f'{name}, option of length 0', ip6(icmp6(kind, data=body + b'\1\0' + bytes(6), **LL), 58, mac='333300000001', **LL))
    send(f'{name}, option too long', ip6(icmp6(kind, data=body + b'\1\x09' + bytes(6), **LL), 58, mac='333300000001', **LL))
send('solicitation for a group', ip6(icmp6(135, data=socket.inet_pton(10, 'ff02::1'), **LL), 58, mac='333300000001', **LL))
send('solicitation from nobody to us', ip6(icmp6(135, data=socket.inet_pton(10, US6), src='::', dst=US6), 58, src='::'))
send('mld query, short', ip6(icmp6(130, **LL), 58, mac='333300000001', hops=1, **LL))
send('mld query, global source', ip6(icmp6(130, data=bytes(16), src=THEM6, dst='ff02::1'), 58, mac='333300000001', hops=1, dst='ff02::1'))
send('mld query, hops', ip6(hbh(b'\5\2\0\0\1\0', 58) + icmp6(130, data=bytes(16), **LL), 0, mac='333300000001', hops=3, **LL))
whole = dgram(bytes(range(200)) * 2, **D6)


def pieces6(*cuts, ident=100, **rest):
    return [ip6(struct.pack('>BBHL', 17, 0, a | (b < len(whole)), ident) + whole[a:b], 44, **rest) for a, b in cuts]


send('pieces', *pieces6((0, 200), (200, 408)))
send('pieces, backwards', *pieces6((200, 408), (0, 200), ident=101))
send('pieces, twice', *pieces6((0, 200), (0, 200), (200, 408), (200, 408), ident=102))
send('pieces that overlap', *pieces6((0, 208), (200, 408), ident=104))
send('pieces of an odd length', ip6(struct.pack('>BBHL', 17, 0, 1, 106) + whole[:205], 44))
send('two last pieces', *pieces6((200, 408), ident=107), ip6(struct.pack('>BBHL', 17, 0, 200, 107) + whole[200:400], 44))
send('an empty piece', ip6(struct.pack('>BBHL', 17, 0, 201, 109), 44))
send('one piece', ip6(struct.pack('>BBHL', 17, 0, 0, 110) + dgram(**D6), 44))
send('too long', ip6(struct.pack('>BBHL', 17, 0, 0xfff9, 111) + bytes(80), 44))
send('first without a header', ip6(struct.pack('>BBHL', 17, 0, 1, 112), 44))
send('first with half a header', ip6(struct.pack('>BBHL', 17, 0, 1, 113) + b'abcd', 44), ip6(struct.pack('>BBHL', 58, 0, 1, 113) + b'abcd', 44))
send('pieces of pieces', ip6(struct.pack('>BBHL', 44, 0, 0, 114) + struct.pack('>BBHL', 17, 0, 0, 115) + dgram(**D6), 44))
send('header cut', ip6(b'\x11\0\0\1', 44))
send('marks: 0 and 3', *pieces6((0, 200), ident=116), *pieces6((200, 408), ident=116, tclass=3))
send('marks: 2 and 3', *pieces6((0, 200), ident=117, tclass=2), *pieces6((200, 408), ident=117, tclass=3))
