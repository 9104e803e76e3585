"""UDP, both families: what is sent and heard, beside what, in which order, and what went wrong."""
import fcntl
import select
import socket
import struct

from common import sh, show, t

sh('ip link set lo up;ip addr add 192.0.2.1/24 dev lo;ip -6 addr add 2001:db8::1/64 dev lo nodad')
sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v1.accept_dad=0;ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0')
A4, A6 = socket.AF_INET, socket.AF_INET6
DONTWAIT, PEEK, TRUNC, ERRQUEUE, MORE, OOB = 0x40, 2, 0x20, 0x2000, 0x8000, 1


def udp(family=A4, bind=None, proto=0, **options):
    s = socket.socket(family, socket.SOCK_DGRAM, proto)
    s.settimeout(1)
    s.setsockopt(1, 2, 1)
    if bind:
        s.bind(bind)
    return s


a, b = udp(bind=('127.0.0.1', 7001)), udp(bind=('127.0.0.1', 7002))
to = ('127.0.0.1', 7002)
t('no peer', a.send, b'x')
t('sendto', a.sendto, b'hello', to)
t('peek', b.recvfrom, 3, PEEK)
t('cut', b.recvmsg, 3)
t('empty', a.sendto, b'', to)
t('inq', fcntl.ioctl, b, 0x541B, bytes(4))
t('readable', lambda: len(select.select([b], [], [], 0)[0]))
t('empty', b.recvfrom, 10)
t('nothing', b.recv, 10, DONTWAIT)
t('trunc', lambda: (a.sendto(b'0123456789', to), b.recv(4, TRUNC)))
t('trunc peek', lambda: (a.sendto(b'0123456789', to), b.recvmsg(4, 0, TRUNC | PEEK), b.recv(20)))
t('port 0', a.sendto, b'x', ('127.0.0.1', 0))
t('too long', a.sendto, bytes(65508), to)
t('the longest', a.sendto, bytes(65507), to)
t('the longest', lambda: len(b.recv(70000)))
t('out of band', a.sendto, b'x', OOB, to)
t('no way', a.sendto, b'x', ('203.0.113.9', 9))
u = udp()
t('no way', u.sendto, b'x', ('203.0.113.9', 9))
t('broadcast', u.sendto, b'x', ('198.51.100.255', 9))
t('writev', a.sendmsg, [b'ab', b'cd'], [], 0, to)
t('whole', b.recv, 10)
t('corked', lambda: (a.sendto(b'one', MORE, to), a.sendto(b'two', MORE, to), a.sendto(b'three', to), b.recv(100)))
a.setsockopt(17, 1, 1)
t('cork', lambda: (a.sendto(b'four', to), a.sendto(b'five', to)))
t('nothing yet', b.recv, 10, DONTWAIT)
a.setsockopt(17, 1, 0)
t('uncorked', b.recv, 100)
for option in (1, 10, 11, 100, 101, 102, 103, 104, 105):
    t(f'get {option}', a.getsockopt, 17, option, 8)
    t(f'set {option}', a.setsockopt, 17, option, 1 if option not in (1, 100) else 0)
    t(f'set {option}', a.setsockopt, 17, option, b'1')
a.setsockopt(17, 103, 4)
t('segments', lambda: (a.sendto(b'0123456789', to), b.recv(100), b.recv(100), b.recv(100)))
a.setsockopt(17, 103, 0)
t('segments of one call', lambda: (a.sendmsg([b'012345'], [(17, 103, struct.pack('H', 5))], 0, to), b.recv(100), b.recv(100)))
b.settimeout(None)
t('shut', b.shutdown, 0)
t('end', b.recv, 10)
b.close()

# what comes beside
b = udp(bind=('0.0.0.0', 7002))
for option in (8, 12, 13, 20):
    b.setsockopt(0, option, 1)
show('sysctl -qw net.ipv4.ip_default_ttl=77')


def beside(s, size=100):
    data, cmsgs, flags, name = s.recvmsg(size, 500)
    shown = []
    for level, kind, value in cmsgs:
        if (level, kind) in ((0, 8), (41, 50)):
            # not which index, but whether there is one
            value = value[4:] if level == 0 else value[:16]
        shown.append((level, kind, value))
    return data, shown, flags, name


t('beside', lambda: (a.sendto(b'x', ('192.0.2.1', 7002)), beside(b)))
a.setsockopt(0, 2, 5)
a.setsockopt(0, 1, 0x10)
t('beside', lambda: (a.sendto(b'x', to), beside(b)))
t('asked', lambda: (a.sendmsg([b'x'], [(0, 2, struct.pack('i', 9)), (0, 1, struct.pack('i', 0x20))], 0, to), beside(b)))
t('from', lambda: (u.sendmsg([b'x'], [(0, 8, struct.pack('i4s4s', 0, socket.inet_aton('192.0.2.1'), b''))], 0, to), beside(b)[3][0]))
t('bad ttl', a.sendmsg, [b'x'], [(0, 2, struct.pack('i', 0))], 0, to)
t('bad kind', a.sendmsg, [b'x'], [(0, 99, struct.pack('i', 0))], 0, to)
t('bad level', a.sendmsg, [b'x'], [(1, 99, struct.pack('i', 0))], 0, to)
t('cut control', lambda: (a.sendto(b'x', to), b.recv(9), a.sendto(b'y', to), b.recvmsg(10, 20)[2]))
for option in (29, 35):
    s = udp(bind=('127.0.0.1', 0))
    s.setsockopt(1, option, 1)
    a.sendto(b'x', s.getsockname())
    t(f'time {option}', lambda: [(c[0], c[1], len(c[2])) for c in s.recvmsg(10, 200)[1]])

# errors that come back
c = udp(bind=('127.0.0.1', 7003))
t('refused', c.sendto, b'x', ('127.0.0.1', 9))
t('not told', c.recv, 10, DONTWAIT)
c.connect(('127.0.0.1', 9))
t('refused', c.send, b'x')
t('told', c.recv, 10)
t('once', c.recv, 10, DONTWAIT)
t('refused', c.send, b'x')
t('told', c.send, b'x')
t('refused', lambda: c.getsockopt(1, 4))
e = udp(bind=('127.0.0.1', 7004))
e.setsockopt(0, 11, 1)
e.setsockopt(0, 12, 1)
t('no error', e.recvmsg, 10, 100, ERRQUEUE)
t('refused', e.sendto, b'payload', ('127.0.0.1', 9))
p = select.poll()
p.register(e, 0)
t('told', e.recv, 10)
t('queued', e.recvmsg, 10, 200, ERRQUEUE)
t('once', e.recvmsg, 10, 200, ERRQUEUE | DONTWAIT)
e = udp()
e.connect(('198.51.100.9', 9))
e.setsockopt(0, 10, 2)
e.setsockopt(0, 11, 1)
t('mtu', e.getsockopt, 0, 14)
t('too long for the way', e.send, bytes(1473))
t('told', lambda: [(x[0], x[1], x[2][:16]) for x in e.recvmsg(10, 200, ERRQUEUE)[1]])
t('fits', e.send, bytes(1472))
e.setsockopt(0, 10, 0)
t('in pieces', e.send, bytes(1473))
u = udp()
t('mtu of nowhere', u.getsockopt, 0, 14)

# IPv6
x, y = udp(A6, ('::1', 7001)), udp(A6, ('::', 7002))
to6 = ('::1', 7002)
for option in (49, 51, 66, 74):
    y.setsockopt(41, option, 1)
t('beside', lambda: (x.sendto(b'hello', to6), beside(y)))
x.setsockopt(41, 16, 7)
x.setsockopt(41, 67, 0x20)
t('beside', lambda: (x.sendto(b'hello', to6), beside(y)))
t('asked', lambda: (x.sendmsg([b'x'], [(41, 52, struct.pack('i', 9)), (41, 67, struct.pack('i', 0x40))], 0, to6), beside(y)))
z = udp(A6)
t('from', lambda: (z.sendmsg([b'x'], [(41, 50, socket.inet_pton(A6, '2001:db8::1') + bytes(4))], 0, to6), beside(y)[3][0]))
t('from another', z.sendmsg, [b'x'], [(41, 50, socket.inet_pton(A6, '2001:db8::9') + bytes(4))], 0, to6)
t('bad hop limit', z.sendmsg, [b'x'], [(41, 52, struct.pack('i', 256))], 0, to6)
t('bad kind', z.sendmsg, [b'x'], [(41, 199, struct.pack('i', 256))], 0, to6)
t('mapped', lambda: (a.sendto(b'four', ('192.0.2.1', 7002)), b.recv(10)))
b.close()
t('mapped', lambda: (a.sendto(b'four', ('192.0.2.1', 7002)), beside(y)))
f = udp(bind=('127.0.0.1', 7009))
t('to mapped', lambda: (z.sendto(b'x', ('::ffff:127.0.0.1', 7009)), f.recvfrom(10)[0]))
t('any', lambda: (x.sendto(b'x', ('::', 7002)), y.recv(10)))
t('link-local', z.sendto, b'x', ('fe80::9', 9))
t('no way', z.sendto, b'x', ('2001:db8:9::1', 9))
t('port 0', z.sendto, b'x', ('::1', 0))
t('too long', z.sendto, bytes(65528), to6)
t('the longest', lambda: (z.sendto(bytes(65527), to6), len(y.recv(70000))))
t('corked', lambda: (z.sendto(b'one', MORE, to6), z.sendto(b'two', to6), y.recv(100)))
n = udp(A6, ('::1', 7003))
n.connect(('::1', 9))
t('refused', n.send, b'x')
t('told', n.recv, 10)
n.setsockopt(41, 25, 1)
t('refused', n.send, b'payload')
t('told', n.recv, 10)
t('queued', n.recvmsg, 10, 200, ERRQUEUE)
t('mtu', n.getsockopt, 41, 24)
t('no peer', udp(A6).send, b'x')
only = udp(A6)
only.setsockopt(41, 26, 1)
t('mapped of v6only', only.sendto, b'x', ('::ffff:127.0.0.1', 9))
t('unsummed', only.setsockopt, 17, 101, 1)
t('unsummed', lambda: (only.sendto(b'x', to6), y.recv(10, DONTWAIT)))
t('taken', lambda: (y.setsockopt(17, 102, 1), only.sendto(b'x', to6), y.recv(10)))

# UDP-Lite
l, m = udp(bind=('127.0.0.1', 7001), proto=136), udp(bind=('127.0.0.1', 7002), proto=136)
for s in (l, m):
    for option in (10, 11):
        t('coverage', s.getsockopt, 136, option)
t('coverage', l.setsockopt, 136, 10, 3)
t('coverage', l.getsockopt, 136, 10)
t('sent', lambda: (l.sendto(b'lite', to), m.recv(10)))
t('wants more', m.setsockopt, 136, 11, 12)
t('sent', lambda: (l.sendto(b'lite', to), m.recv(10, DONTWAIT)))
t('other', lambda: (l.setsockopt(136, 10, 0), l.sendto(b'lite', to), m.recv(10)))

# room, and who counts
r = udp(bind=('127.0.0.1', 7010))
r.setsockopt(1, 8, 2304)
for n in range(50):
    a.sendto(bytes(100), ('127.0.0.1', 7010))
got = 0
try:
    while True:
        r.recv(200, DONTWAIT)
        got += 1
except OSError:
    pass
t('some', lambda: 0 < got < 50)
r.setsockopt(1, 40, 1)
a.sendto(b'x', ('127.0.0.1', 7010))
t('lost', lambda: [(v[0], v[1], struct.unpack('I', v[2])[0] + got) for v in r.recvmsg(10, 100)[1]])
k = udp(bind=('127.0.0.1', 7011))
k.setsockopt(1, 42, 0)
t('peek', lambda: (a.sendto(b'abcdef', k.getsockname()), k.recv(2, PEEK), k.recv(2, PEEK), k.getsockopt(1, 42), k.recv(1), k.getsockopt(1, 42)))
w = udp(bind=('127.0.0.1', 7012))
w.settimeout(0.05)
t('waits', w.recv, 10)
t('time of none', fcntl.ioctl, w, 0x8906, bytes(16))
show('sed -n "/^UdpLite:/p" /proc/net/snmp | tail -1')
show('grep -E "^Udp6(In|No|Out)|UdpLite6" /proc/net/snmp6 | tr "\\t" " "')
show('cut -c1-90 /proc/net/udp | sort | grep -E ":1B(59|5B|5C|61|62|63|64) " | cut -c8-90')
show('cut -c1-110 /proc/net/udp6 | sort | cut -c8-110 | grep -c :1B5')
show('ss -uan | grep -E ":70(01|03|04|09|10|11|12) " | sort | tr -s " "')
