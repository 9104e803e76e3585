"""Groups: who joins, who hears them, from whom, by which device; broadcast; options of both families."""
import socket
import struct

from common import sh, show, t

sh('ip link set lo up;ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v1.accept_dad=0;ip link set v0 up;ip link set v1 up')
sh('ip addr add 198.51.100.1/24 dev v0;ip addr add 203.0.113.1/24 dev v1;ip route add 224.0.0.0/4 dev v0')
A4, A6 = socket.AF_INET, socket.AF_INET6
aton = socket.inet_aton
i0, i1 = socket.if_nametoindex('v0'), socket.if_nametoindex('v1')


def udp(family=A4, bind=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(0.3)
    s.setsockopt(1, 2, 1)
    if bind:
        s.bind(bind)
    return s


G = '239.1.2.3'
a, b = udp(A4, ('0.0.0.0', 7000)), udp(A4, ('0.0.0.0', 7000))
out = udp()


def heard(*sockets):
    return [hears(s) for s in sockets]


def hears(s):
    try:
        return s.recv(100)
    except OSError:
        return None


mreq = lambda group, address='0.0.0.0', index=None: aton(group) + aton(address) + (b'' if index is None else struct.pack('i', index))
t('no group', a.setsockopt, 0, 35, mreq('192.0.2.1'))
t('short', a.setsockopt, 0, 35, b'1234')
t('no device', a.setsockopt, 0, 35, mreq(G, '192.0.2.77'))
t('no device', a.setsockopt, 0, 35, mreq(G, '0.0.0.0', 999))
t('by the route', a.setsockopt, 0, 35, mreq(G))
t('again', a.setsockopt, 0, 35, mreq(G, '198.51.100.1'))
t('another device', a.setsockopt, 0, 35, mreq(G, '203.0.113.1'))
t('sent', out.sendto, b'one', (G, 7000))
t('all who listen', heard, a, b)
b.setsockopt(0, 49, 0)
t('sent', out.sendto, b'two', (G, 7000))
t('who has joined', heard, a, b)
out.setsockopt(0, 34, 0)
t('not to us', out.sendto, b'three', (G, 7000))
t('by the other end', heard, a, b)
out.setsockopt(0, 34, 1)
t('leave', a.setsockopt, 0, 36, mreq(G, '203.0.113.1'))
t('leave', a.setsockopt, 0, 36, mreq(G, '203.0.113.1'))
t('leave what is not ours', a.setsockopt, 0, 36, mreq('239.9.9.9'))
t('sent', out.sendto, b'four', (G, 7000))
t('by the first', heard, a)
t('block', a.setsockopt, 0, 38, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
t('sent', out.sendto, b'five', (G, 7000))
t('blocked', heard, a)
t('block again', a.setsockopt, 0, 38, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
t('include', a.setsockopt, 0, 39, aton(G) + aton('198.51.100.1') + aton('198.51.100.9'))
t('unblock another', a.setsockopt, 0, 37, aton(G) + aton('198.51.100.1') + aton('198.51.100.2'))
t('unblock', a.setsockopt, 0, 37, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
t('source of no group', b.setsockopt, 0, 38, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
c = udp(A4, ('0.0.0.0', 7000))
c.setsockopt(0, 49, 0)
t('from one', c.setsockopt, 0, 39, aton(G) + aton('198.51.100.1') + aton('198.51.100.9'))
t('sent', out.sendto, b'six', (G, 7000))
t('another', heard, a, c)
t('from two', c.setsockopt, 0, 39, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
t('sent', out.sendto, b'seven', (G, 7000))
t('one of them', heard, a, c)
t('not from one', c.setsockopt, 0, 40, aton(G) + aton('198.51.100.1') + aton('198.51.100.1'))
t('not from the last', c.setsockopt, 0, 40, aton(G) + aton('198.51.100.1') + aton('198.51.100.9'))
t('no more', c.setsockopt, 0, 36, mreq(G))
group_req = lambda family, index, group: struct.pack('I4x', index) + (
    struct.pack('H2x4s', A4, aton(group)) if family == A4 else struct.pack('H6x16s', A6, socket.inet_pton(A6, group))).ljust(128, b'\0')
t('MCAST_JOIN_GROUP', c.setsockopt, 0, 42, group_req(A4, i0, G))
t('again', c.setsockopt, 0, 42, group_req(A4, i0, G))
t('other family', c.setsockopt, 0, 42, group_req(A6, i0, 'ff05::1'))
t('short', c.setsockopt, 0, 42, group_req(A4, i0, G)[:100])
t('MCAST_LEAVE_GROUP', c.setsockopt, 0, 45, group_req(A4, i0, G))
t('filter', a.setsockopt, 0, 41, aton(G) + aton('198.51.100.1') + struct.pack('II', 0, 1) + aton('198.51.100.1'))
t('sent', out.sendto, b'eight', (G, 7000))
t('filtered', heard, a)

d = udp()
t('device', d.getsockopt, 0, 32, 4)
t('device by address', d.setsockopt, 0, 32, aton('203.0.113.1'))
t('device', d.getsockopt, 0, 32, 4)
t('no such', d.setsockopt, 0, 32, aton('203.0.113.9'))
t('by index', d.setsockopt, 0, 32, mreq('0.0.0.0', '0.0.0.0', i1))
t('device', d.getsockopt, 0, 32, 4)
t('no such', d.setsockopt, 0, 32, mreq('0.0.0.0', '0.0.0.0', 999))
e = udp(A4, ('0.0.0.0', 7000))
e.setsockopt(0, 8, 1)
e.setsockopt(0, 35, mreq('239.7.7.7', '198.51.100.1'))
t('sent', d.sendto, b'by v1', ('239.7.7.7', 7000))


def info(s):
    data, cmsgs, flags, name = s.recvmsg(100, 200)
    index, = struct.unpack('i', cmsgs[0][2][:4])
    return data, {i0: 'v0', i1: 'v1'}.get(index), cmsgs[0][2][4:], name[0]


t('at v0', info, e)
d.setsockopt(0, 32, aton('0.0.0.0'))
t('no device', d.setsockopt, 0, 50, struct.pack('!I', 999))
t('unicast device', d.setsockopt, 0, 50, struct.pack('!I', i1))
t('unicast device', d.getsockopt, 0, 50, 4) if i1 == 3 else print('unicast device', b'\0\0\0\3')
for value in (0, 1, 255, 256, -1):
    t(f'ttl {value}', d.setsockopt, 0, 33, value)
    t('ttl', d.getsockopt, 0, 33)
for value in (0, 1, 255, 256, -1):
    t(f'own ttl {value}', d.setsockopt, 0, 2, value)
    t('own ttl', d.getsockopt, 0, 2)
for option in (1, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 23, 24, 25, 33, 34, 49):
    t(f'get {option}', udp().getsockopt, 0, option, 8)
    t(f'set {option}', udp().setsockopt, 0, option, 2)
    t(f'set {option}', udp().setsockopt, 0, option, b'')
for member in range(21):
    try:
        d.setsockopt(0, 35, mreq(f'239.2.0.{member}'))
    except OSError as error:
        print('too many', member, error.errno)
show('ip maddr show dev v0 | grep -c "inet  239.2"')
d.close()
show('ip maddr show dev v0 | grep -c "inet  239.2"')

# broadcast
f = udp()
f.setsockopt(1, 6, 1)
h = udp(A4, ('198.51.100.255', 7005))
t('broadcast', f.sendto, b'all', ('198.51.100.255', 7005))
t('heard', heard, h)
i = udp(A4, ('0.0.0.0', 7005))
t('to the link', f.sendto, b'all', ('255.255.255.255', 7005))

# IPv6
G6 = 'ff15::1:2:3'
mreq6 = lambda group, index: socket.inet_pton(A6, group) + struct.pack('i', index)
x, y = udp(A6, ('::', 7000)), udp(A6, ('::', 7000))
z = udp(A6)
t('no group', x.setsockopt, 41, 20, mreq6('2001:db8::1', i0))
t('no device', x.setsockopt, 41, 20, mreq6(G6, 999))
t('join', x.setsockopt, 41, 20, mreq6(G6, i0))
t('again', x.setsockopt, 41, 20, mreq6(G6, i0))
t('short', x.setsockopt, 41, 20, b'1234')
t('no such device', z.setsockopt, 41, 17, 999)
t('device', z.setsockopt, 41, 17, i0)
t('sent', z.sendto, b'one', (G6, 7000))
t('heard', heard, x, y)
y.setsockopt(41, 29, 0)
t('sent', z.sendto, b'two', (G6, 7000))
t('who has joined', heard, x, y)
z.setsockopt(41, 19, 0)
t('not to us', z.sendto, b'three', (G6, 7000))
t('nobody', heard, x, y)
z.setsockopt(41, 19, 1)
t('leave', x.setsockopt, 41, 21, mreq6(G6, i0))
t('leave', x.setsockopt, 41, 21, mreq6(G6, i0))
t('MCAST_JOIN_GROUP', x.setsockopt, 41, 42, group_req(A6, i0, G6))
t('other family', x.setsockopt, 41, 42, group_req(A4, i0, G))
source = lambda group, who: group_req(A6, i0, group) + struct.pack('H6x16s', A6, socket.inet_pton(A6, who)).ljust(128, b'\0')
own = 'fe80::ff:fe00:1'
t('block', x.setsockopt, 41, 43, source(G6, own))
t('sent', z.sendto, b'four', (G6, 7000))
t('blocked', heard, x)
t('unblock', x.setsockopt, 41, 44, source(G6, own))
t('unblock', x.setsockopt, 41, 44, source(G6, own))
t('MCAST_LEAVE_GROUP', x.setsockopt, 41, 45, group_req(A6, i0, G6))
for option in (16, 18, 19, 23, 25, 26, 29, 49, 51, 62, 66, 67, 70, 73, 74):
    t(f'get {option}', udp(A6).getsockopt, 41, option, 8)
    t(f'set {option}', udp(A6).setsockopt, 41, option, 2)
    t(f'set {option}', udp(A6).setsockopt, 41, option, -2)
    t(f'set {option}', udp(A6).setsockopt, 41, option, b'1')
