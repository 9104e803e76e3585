"""Multicast routing as a daemon sets it up (RFC 4601; mroute.h): what is forwarded, what is asked, the register device of PIM."""
from mrt import *
from rig import *

sh('ip link set lo up')
t0, t1, t2 = Tap('t0', 1), Tap('t1', 2), Tap('t2', 3)
for n, t in enumerate((t0, t1, t2)):
    conf6(t.name, disable_ipv6=1)
    sh(f'ip addr add 10.0.{n}.1/24 dev t{n}; ip neigh add 10.0.{n}.9 lladdr 02:00:00:00:00:8{n + 1} dev t{n}')
put('ipv4/ip_forward', 1)
conf4('all', rp_filter=0)
for n in range(3):
    conf4(f't{n}', rp_filter=0)
sh('ip route add 10.9.0.0/24 via 10.0.0.9; ip route add 10.8.0.0/24 via 10.0.2.9')
start(1)
daemon = Daemon(2, 2, 0)
s, call = daemon.socket, daemon.call
A = '239.1.1.1'


def vif(n, address, flags=0, threshold=1, remote='0.0.0.0', rate=0):
    return struct.pack('@HBBI4s4s', n, flags, threshold, rate, a4(address) if '.' in address else struct.pack('@I', int(address)), a4(remote))


def mfc(origin, group, parent, *ttls):
    return struct.pack('@4s4sH32sIIIi', a4(origin), a4(group), parent, bytes(ttls) + bytes(32 - len(ttls)), 0, 0, 0, 0)


def told():
    for data in daemon.upcalls():
        if data[9] == 0:
            print('    upcall', data[8], data[10:12].hex(), socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20]), data[20:].hex()[16:160], flush=True)


def data(title, tap=t0, src='10.9.0.5', dst=A, ttl=9, **rest):
    tap.ip4(udp(src, dst), src=src, dst=dst, ttl=ttl, **rest)
    now(title, hide='IpExt.*Octets')
    told()


def tables():
    show('cat /proc/net/ip_mr_vif', [(r' +', ' '), (r'(?m) \S+ 00000000$', '')])
    show('cat /proc/net/ip_mr_cache', [(r' +', ' ')])
    show('ip -s mroute show table all', [(r'[Aa]ge +\S+', 'age N'), (r'Iif: unresolved.*', 'Iif: unresolved')])


call('a vif first', ADD_IF, vif(0, '10.0.0.1'))
call('short', INIT, b'\1\0')
call('init', INIT, struct.pack('@i', 1))
call('init again', INIT, struct.pack('@i', 1))
call('vif 0', ADD_IF, vif(0, '10.0.0.1'))
call('vif 1 by index', ADD_IF, vif(1, str(socket.if_nametoindex('t1')), 8))
call('vif 2', ADD_IF, vif(2, '10.0.2.1', threshold=5))
call('vif 2 again', ADD_IF, vif(2, '10.0.2.1'))
call('vif 32', ADD_IF, vif(32, '10.0.2.1'))
call('vif of nobody', ADD_IF, vif(3, '10.99.0.1'))
call('flags 0x10', ADD_IF, vif(3, '10.0.2.1', 16))
tables()
data('nobody knows')
data('nobody knows, again')
tables()
call('route', ADD_MFC, mfc('10.9.0.5', A, 0, 0, 1, 5))
now('what waited')
tables()
data('on')
data('ttl 5', ttl=5)
data('ttl 4', ttl=4)
data('ttl 1', ttl=1)
data('by another way', t1)
call('assert', ASSERT, struct.pack('@i', 1))
data('by another way, assert', t1)
time.sleep(3.2)
data('by another way, assert', t1)
data('by an output, assert', t2)
sh('ip link set t1 mtu 1300')
t0.ip4(udp('10.9.0.5', A, bytes(1400)), src='10.9.0.5', dst=A, ttl=9)
now('long')
t0.ip4(udp('10.9.0.5', A, bytes(1400)), src='10.9.0.5', dst=A, ttl=9, frag=0x4000)
now("long, don't fragment")
sh('ip link set t1 mtu 1500')
data('link-local group', dst='224.0.0.5')
data('source of a link', src='169.254.1.1')
call('any source', ADD_MFC, mfc('0.0.0.0', '239.2.2.2', 0, 1, 1))
data('any source', dst='239.2.2.2')
call('proxy', ADD_PROXY, mfc('0.0.0.0', '239.3.3.3', 1, 1, 1, 1))
data('proxy', dst='239.3.3.3')
call('default', ADD_PROXY, mfc('0.0.0.0', '0.0.0.0', 2, 1, 1, 1))
data('default', t2, src='10.8.0.5', dst='239.9.9.9')
call('remove', DEL_MFC, mfc('10.9.0.5', A, 0))
call('remove again', DEL_MFC, mfc('10.9.0.5', A, 0))
call('remove default', DEL_PROXY, mfc('0.0.0.0', '0.0.0.0', 2, 1, 1, 1))
tables()
u = socket.socket(2, 2)
u.setsockopt(0, 32, a4('10.0.0.1'))
u.setsockopt(0, 33, 9)
u.bind(('10.0.0.1', 4000))
call('ours', ADD_MFC, mfc('10.0.0.1', A, 0, 0, 1, 1))
u.sendto(b'x', (A, 9))
now('ours')
told()
# PIM's register device
call('register vif without PIM', ADD_IF, vif(4, '0.0.0.0', 4))
call('PIM', PIM, struct.pack('@i', 1))
call('register vif', ADD_IF, vif(4, '0.0.0.0', 4))
call('register vif again', ADD_IF, vif(5, '0.0.0.0', 4))
show('ip -d link show pimreg', [(r'^\d+: ', ''), (r'qdisc \S+', '')])
call('to be registered', ADD_MFC, mfc('10.9.0.7', '239.4.4.4', 0, 0, 0, 0, 0, 1))
data('registered', src='10.9.0.7', dst='239.4.4.4')
inner = ip4(udp('10.9.0.8', '239.5.5.5'), src='10.9.0.8', dst='239.5.5.5')


def register(title, payload=inner, flags=0, kind=0x21, bad=0, version=None):
    head = bytes([kind if version is None else version, 0, 0, 0]) + struct.pack('>L', flags)
    checksum = csum(head) ^ bad
    t0.ip4(head[:2] + struct.pack('>H', checksum) + head[4:] + payload, 103, src='10.9.0.6', dst='10.0.0.1')
    now(title, hide='IpExt.*Octets')
    told()


call('from the register device', ADD_MFC, mfc('10.9.0.8', '239.5.5.5', 4, 0, 1, 1))
register('register')
register('a register without data', flags=0x40000000)
register('a bad sum', bad=1)
register('a hello', kind=0x20)
register('of one host', ip4(udp('10.9.0.8', '10.0.1.9'), src='10.9.0.8', dst='10.0.1.9'))
register('cut', inner[:10])
show('ip -s link show pimreg | tail -n 4', [(r' +', ' ')])
tables()
call('vif 1 goes', DEL_IF, vif(1, '0.0.0.0'))
call('vif 1 goes again', DEL_IF, vif(1, '0.0.0.0'))
sh('ip link del t9')
sh('ip link set t2 down')
tables()
call('flush', FLUSH, struct.pack('@i', 15))
tables()
call('done', DONE, b'')
tables()
show('ip link show pimreg')
