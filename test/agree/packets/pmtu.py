"""Paths that take smaller packets (RFC 1191, RFC 8201): what is believed, of which sockets, what goes out after, and when it is forgotten."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('ip addr add 10.0.0.1/24 dev t0; ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0; ip route add 10.9.0.0/16 via 10.0.0.9')
sh('ip addr add 10.0.1.1/24 dev t1; ip neigh add 10.0.1.9 lladdr 02:00:00:00:00:82 dev t1')
sh('ip addr add 2001:db8::1/64 dev t0 nodad; ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0 router; ip -6 route add 2001:db8:9::/48 via 2001:db8::9')
sh('ip addr add 2001:db8:1::1/64 dev t1 nodad; ip -6 neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:82 dev t1 router')
put('ipv6/icmp/ratelimit', 0)
put('ipv4/icmp_ratelimit', 0)
start(1)
US4, FAR4 = '10.0.0.1', '10.9.0.5'
US6, FAR6 = '2001:db8::1', '2001:db8:9::5'
# what ip(7) and ipv6(7) name for the two families: level, IP_MTU_DISCOVER, IP_MTU, IP_RECVERR
NAMES = {2: (0, 10, 14, 11), 10: (41, 23, 24, 25)}


def sock(family, kind=2, discover=None, to=None, recverr=1, proto=0, sport=0):
    s = socket.socket(family, kind, proto)
    s.setblocking(False)
    level, discovery, _, errors = NAMES[family]
    if discover is not None:
        s.setsockopt(level, discovery, discover)
    s.setsockopt(level, errors, recverr)
    if family == 10 and kind == 2:
        s.setsockopt(41, 26, 1)
    if sport:
        s.bind(('', sport))
    if to:
        s.connect(to)
    return s


def mtu_of(s):
    level, _, mtu, _ = NAMES[s.family]
    try:
        return s.getsockopt(level, mtu)
    except OSError as error:
        return error.strerror


def errors(s):
    try:
        while True:
            data, aux, flags, sender = s.recvmsg(100, 500, 0x2040)
            print('    error', len(data), hex(flags), sender[:2] if sender else sender, *(f'{level} {kind} {value.hex()}' for level, kind, value in aux), flush=True)
    except OSError as error:
        if error.errno != 11:
            print('    ', error.strerror)
    so_error = s.getsockopt(1, 4)
    if so_error:
        print('    so_error', so_error, flush=True)


def send(title, s, size, to=None):
    try:
        s.sendto(bytes(size), to) if to else s.send(bytes(size))
        said = 'sent'
    except OSError as error:
        said = error.strerror
    print(f'{title}: {size} {said}, mtu {mtu_of(s)}', flush=True)
    for _, frame in drain():
        sizes(frame)
    LAST.update(counters())
    errors(s)


def sizes(frame):
    """A packet's size, and which piece it is."""
    if frame[12:14] == b'\x08\0':
        print(f'    v4 {len(frame) - 14} flags {int.from_bytes(frame[20:22], "big"):#06x} proto {frame[23]} ident {"some" if frame[18:20] != bytes(2) else 0}', flush=True)
    else:
        piece = f' piece {frame[54]} {frame[56:58].hex()}' if frame[20] == 44 else ''
        print(f'    v6 {len(frame) - 14} proto {frame[20]}{piece}', flush=True)


def known(far4=FAR4, far6=FAR6):
    for command in (f'ip route get {far4}', 'ip -s route show cache', f'ip -6 route get {far6}', 'ip -6 -s route show cache'):
        show(command, [(r'expires -?\d+sec', 'expires N'), ('users N', ''), ('used N', ''), ('age N', '')])


def forget():
    sh('ip route flush cache; ip -6 route flush cache')


def quote4(dst=FAR4, src=US4, sport=5000, dport=7, proto=17, payload=None, frag=0x4000):
    return ip4(udp(src, dst, bytes(1000), sport, dport)[:8] if payload is None else payload, proto, src, dst, frag=frag)


def quote6(dst=FAR6, src=US6, sport=5000, dport=7, proto=17, payload=None):
    return ip6(udp(src, dst, bytes(1000), sport, dport)[:8] if payload is None else payload, proto, src, dst)


def needed(mtu, quote=None, code=4, src='10.0.0.9', dst=US4):
    t0.ip4(icmp(3, code, struct.pack('>HH', 0, mtu), quote4() if quote is None else quote), 1, src, dst)


def too_big(mtu, quote=None, code=0, src='2001:db8::9', dst=US6):
    t0.ip6(icmp6(src, dst, 2, code, struct.pack('>L', mtu), quote6() if quote is None else quote), 58, src, dst)


# what an error says, to a socket that is connected
u4 = sock(2, to=(FAR4, 7), sport=5000, discover=2)
u6 = sock(10, to=(FAR6, 7), sport=5000, discover=2)
for mtu in (1400, 1300, 1450, 1300, 1500, 1501, 65535, 600, 552, 551, 100, 68, 67, 0):
    needed(mtu)
    now(f'needed {mtu}')
    errors(u4)
    print('   ', mtu_of(u4), flush=True)
    send('after', u4, 1350)
    send('after', u4, 500)
    show(f'ip route get {FAR4}')
forget()
needed(0)
now('needed 0 first')
errors(u4)
known()
for mtu in (1400, 1300, 1450, 1500, 1501, 0x10000, 0xffffffff, 1280, 1279, 68, 0):
    too_big(mtu)
    now(f'too big {mtu}')
    errors(u6)
    print('   ', mtu_of(u6), flush=True)
    send('after', u6, 1350)
    send('after', u6, 1200)
    show(f'ip -6 route get {FAR6}')
known()
forget()
# what an error quotes
for title, quote in {
    'of another port': quote4(sport=5001), 'to another port': quote4(dport=8), 'from another host': quote4(src='10.0.1.1'), 'from nobody': quote4(src='10.7.7.7'), 'to another host': quote4(dst='10.9.0.6'), 'tcp': quote4(proto=6), 'unknown protocol': quote4(proto=200),
    'raw icmp': quote4(proto=1, payload=icmp(8)), 'a later piece': quote4(frag=9), 'no transport': quote4()[:20], '4 bytes of it': quote4()[:24], 'half a header': quote4()[:12], 'nothing': b'', 'a group': quote4(dst='239.1.1.1'), 'all': quote4(dst='10.0.0.255'), 'a neighbour': quote4(dst='10.0.0.77'), 'no way': quote4(dst='203.0.113.1'), 'ourselves': quote4(dst=US4), 'code 5': None,
}.items():
    if quote is None:
        needed(1300, code=5)
    else:
        needed(1300, quote)
    now(f'needed, {title}')
    errors(u4)
    known()
    forget()
for title, quote in {
    'of another port': quote6(sport=5001), 'to another port': quote6(dport=8), 'from another host': quote6(src='2001:db8:1::1'), 'from nobody': quote6(src='2001:db8:77::1'), 'to another host': quote6(dst='2001:db8:9::6'), 'tcp': quote6(proto=6), 'unknown protocol': quote6(proto=200),
    'echo': quote6(proto=58, payload=icmp6(US6, FAR6, 128)), 'no transport': quote6()[:40], '4 bytes of it': quote6()[:44], 'half a header': quote6()[:12], 'nothing': b'', 'a group': quote6(dst='ff02::1'), 'a neighbour': quote6(dst='2001:db8::77'), 'no way': quote6(dst='2001:db8:77::1'), 'ourselves': quote6(dst=US6), 'code 5': None,
}.items():
    if quote is None:
        too_big(1300, code=5)
    else:
        too_big(1300, quote)
    now(f'too big, {title}')
    errors(u6)
    known()
    forget()
u4.close()
u6.close()
# IP_MTU_DISCOVER
for family, far, tell in ((2, FAR4, lambda: needed(1300)), (10, FAR6, lambda: too_big(1300))):
    for discover in range(6):
        for connected in (1, 0):
            title = f'v{4 if family == 2 else 6} discover {discover} {"connected" if connected else "unconnected"}'
            s = sock(family, discover=discover, to=(far, 7) if connected else None, sport=5000)
            to = None if connected else (far, 7)
            send(title, s, 1400, to)
            send(title, s, 1600, to)
            tell()
            now(title + ' told')
            errors(s)
            show(f'ip route get {far}')
            for size in (1272, 1273, 1400, 1472, 1473, 1600):
                send(title, s, size, to)
            s.close()
            forget()
    for discover in range(6):
        title = f'v{4 if family == 2 else 6} discover {discover} of a path known before'
        s = sock(family, to=(far, 7), sport=5000)
        send(title, s, 10)
        tell()
        now(title)
        errors(s)
        s.close()
        s = sock(family, discover=discover, to=(far, 7), sport=5000)
        for size in (1200, 1400, 1600):
            send(title, s, size)
        s.close()
        forget()
    for discover in (-1, 6):
        try:
            sock(family, discover=discover)
        except OSError as error:
            print('discover', discover, error.strerror, flush=True)
# without IP_RECVERR
put('ipv4/ping_group_range', '0 1000')
for family, far, tell in ((2, FAR4, lambda: needed(1300)), (10, FAR6, lambda: too_big(1300))):
    for discover in (0, 1, 2, 3):
        s = sock(family, discover=discover, to=(far, 7), sport=5000, recverr=0)
        tell()
        now(f'no recverr, discover {discover}')
        errors(s)
        send('after', s, 1400)
        s.close()
        forget()
for discover in range(6):
    s = sock(10, 3, discover=discover, to=(FAR6, 0), proto=200, recverr=0)
    too_big(1300, quote6(proto=200))
    now(f'raw 6 no recverr, discover {discover}')
    errors(s)
    s.close()
    forget()
    for family, far in ((2, FAR4), (10, FAR6)):
        for recverr in (0, 1):
            s = sock(family, discover=discover, to=(far, 0), proto=1 if family == 2 else 58, recverr=recverr, sport=99)
            if family == 2:
                needed(1300, quote4(proto=1, payload=icmp(8, rest=b'\0\x63\0\1')))
            else:
                too_big(1300, quote6(proto=58, payload=icmp6(US6, FAR6, 128, rest=b'\0\x63\0\1')))
            now(f'echo, recverr {recverr}, discover {discover}')
            errors(s)
            show(f'ip route get {far}')
            s.close()
            forget()
# raw sockets, and those who write the header
for discover in range(6):
    s = sock(2, 3, discover=discover, to=(FAR4, 0), proto=200)
    needed(1300, quote4(proto=200))
    now(f'raw, discover {discover}')
    errors(s)
    for size in (1280, 1281, 1480, 1481):
        send('raw', s, size)
    s.setsockopt(0, 3, 1)
    for size in (1300, 1400, 1501):
        try:
            s.send(ip4(bytes(size - 20), 200, US4, FAR4))
        except OSError as error:
            print('hdrincl', size, error.strerror, flush=True)
        for _, frame in drain():
            sizes(frame)
        errors(s)
    s.close()
    forget()
    s = sock(10, 3, discover=discover, to=(FAR6, 0), proto=200)
    too_big(1300, quote6(proto=200))
    now(f'raw 6, discover {discover}')
    errors(s)
    for size in (1260, 1261, 1460, 1461):
        send('raw 6', s, size)
    s.close()
    forget()
# IPV6_PATHMTU, IPV6_RECVPATHMTU, IPV6_DONTFRAG, IPV6_MTU, IPV6_USE_MIN_MTU
s = sock(10, sport=5000, recverr=0)


def pathmtu(s):
    try:
        print('    pathmtu', s.getsockopt(41, 61, 32).hex(), flush=True)
    except OSError as error:
        print('    pathmtu', error.strerror, flush=True)


pathmtu(s)
s.connect((FAR6, 7))
pathmtu(s)
s.setsockopt(41, 60, 1)
too_big(1300)
now('recvpathmtu')
pathmtu(s)


def queue(s, flags=0x40):
    try:
        while True:
            data, aux, got, sender = s.recvmsg(100, 500, flags)
            print('    got', len(data), hex(got), sender[:2] if sender else sender, *(f'{level} {kind} {value.hex()}' for level, kind, value in aux), flush=True)
    except OSError as error:
        print('    ', error.strerror, flush=True)


queue(s)
send('no dontfrag', s, 1400)
s.setsockopt(41, 62, 1)
send('dontfrag', s, 1400)
queue(s)
send('dontfrag', s, 1200)
s.setsockopt(41, 62, 0)
for mtu in (1280, 1290, 1279, 0, 1400, 70000):
    try:
        s.setsockopt(41, 24, mtu)
    except OSError as error:
        print('IPV6_MTU', mtu, error.strerror, flush=True)
    send(f'IPV6_MTU {mtu}', s, 1400)
for value in (-1, 0, 1, 2):
    try:
        s.setsockopt(41, 63, value)
    except OSError as error:
        print('USE_MIN_MTU', value, error.strerror, flush=True)
    send(f'USE_MIN_MTU {value}', s, 1290)
s.close()
forget()
# a route that knows its MTU, locked or not
u4 = sock(2, to=(FAR4, 7), sport=5000)
u6 = sock(10, to=(FAR6, 7), sport=5000)
for mtu in ('1400', 'lock 1400'):
    sh(f'ip route replace 10.9.0.0/16 via 10.0.0.9 mtu {mtu}; ip -6 route replace 2001:db8:9::/48 via 2001:db8::9 mtu {mtu}')
    for size in (1450, 1600):
        send(f'mtu {mtu}', u4, size)
        send(f'mtu {mtu}', u6, size)
    for told in (1450, 1400, 1300):
        needed(told)
        too_big(told)
        now(f'mtu {mtu}, told {told}')
        errors(u4)
        errors(u6)
        known()
    for size in (1200, 1350, 1450):
        send(f'mtu {mtu}', u4, size)
        send(f'mtu {mtu}', u6, size)
    forget()
sh('ip route replace 10.9.0.0/16 via 10.0.0.9; ip -6 route replace 2001:db8:9::/48 via 2001:db8::9')
# the device's MTU changes
needed(1300)
too_big(1300)
now('before the device')
for mtu in (1400, 1290, 1500):
    sh(f'ip link set t0 mtu {mtu}')
    now(f'device {mtu}', frames=False, count=False)
    errors(u4)
    errors(u6)
    print('   ', mtu_of(u6), flush=True)
    known()
sh('ip -6 route replace 2001:db8:9::/48 via 2001:db8::9')
forget()
# settings
for value in (0, 67, 68, 1000, 1400, 70000):
    put('ipv4/route/min_pmtu', value)
    show('cat /proc/sys/net/ipv4/route/min_pmtu')
    needed(600)
    now(f'min_pmtu {value}')
    errors(u4)
    known()
    send(f'min_pmtu {value}', u4, 1200)
    forget()
put('ipv4/route/min_pmtu', 552)
for value in (0, 1, 2, 3):
    put('ipv4/ip_no_pmtu_disc', value)
    s = sock(2, to=(FAR4, 7), sport=5001)
    print('ip_no_pmtu_disc', value, s.getsockopt(0, 10), flush=True)
    needed(1300, quote4(sport=5001))
    now(f'ip_no_pmtu_disc {value}')
    errors(s)
    known()
    send(f'ip_no_pmtu_disc {value}', s, 1350)
    s.close()
    forget()
put('ipv4/ip_no_pmtu_disc', 0)
# it is forgotten
put('ipv4/route/mtu_expires', 1)
put('ipv6/route/mtu_expires', 1)
show('cat /proc/sys/net/ipv4/route/mtu_expires /proc/sys/net/ipv6/route/mtu_expires')
needed(1300)
too_big(1300)
now('for a second')
known()
time.sleep(2.5)
send('forgotten', u4, 1350)
send('forgotten', u6, 1350)
known()
put('ipv4/route/mtu_expires', 600)
put('ipv6/route/mtu_expires', 600)
# a host that forwards
u4.close()
u6.close()
put('ipv4/ip_forward', 1)
put('ipv6/conf/all/forwarding', 1)
now('forwarding', count=False, frames=False)
sh('ip link set t0 mtu 1400')
sh('ip route replace 10.9.0.0/16 via 10.0.0.9; ip -6 route replace 2001:db8:9::/48 via 2001:db8::9')
now('t0 1400', count=False, frames=False)


def forward(title, size, frag=0x4000):
    t1.ip4(udp('10.0.1.9', FAR4, bytes(size - 28)), src='10.0.1.9', dst=FAR4, frag=frag)
    now(f'forward {title} {size} {frag:#x}', hide='Octets')
    t1.ip6(udp('2001:db8:1::9', FAR6, bytes(size - 48)), src='2001:db8:1::9', dst=FAR6)
    now(f'forward 6 {title} {size}', hide='Octets')


for size in (1400, 1401, 1500):
    forward('', size)
    forward('', size, 0)
needed(1300)
too_big(1300)
now('a path is learned')
for usual in (0, 1):
    put('ipv4/ip_forward_use_pmtu', usual)
    forward(f'use_pmtu {usual}', 1350)
    forward(f'use_pmtu {usual}', 1350, 0)
put('ipv4/ip_forward_use_pmtu', 0)
known()
forget()
for mtu in ('1350', 'lock 1350'):
    sh(f'ip route replace 10.9.0.0/16 via 10.0.0.9 mtu {mtu}; ip -6 route replace 2001:db8:9::/48 via 2001:db8::9 mtu {mtu}')
    forward(f'mtu {mtu}', 1380)
    forward(f'mtu {mtu}', 1380, 0)
