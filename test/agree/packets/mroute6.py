"""Multicast routing of IPv6 as a daemon sets it up (mroute6.h): what is forwarded, what is asked, the register device of PIM both ways."""
from mrt import *
from rig import *

sh('ip link set lo up')
t0, t1, t2 = Tap('t0', 1), Tap('t1', 2), Tap('t2', 3)
for n, t in enumerate((t0, t1, t2)):
    sh(f'ip addr add 2001:db8:{n}::1/64 dev t{n} nodad; ip -6 neigh add 2001:db8:{n}::9 lladdr 02:00:00:00:00:8{n + 1} dev t{n}')
put('ipv6/conf/all/forwarding', 1)
start(3)
daemon = Daemon(10, 58, 41)
s, call = daemon.socket, daemon.call
GROUP = 'ff1e::1'


def mif(n, device, flags=0):
    return struct.pack('@HBBHxxI', n, flags, 1, socket.if_nametoindex(device) if device else 0, 0)


def mfc(origin, group, parent, *mifs):
    bits = sum(1 << n for n in mifs)
    address = lambda a: struct.pack('@HHI16sI', 10, 0, 0, a6(a), 0)
    return address(origin) + address(group) + struct.pack('@Hxx', parent) + bits.to_bytes(32, 'little')


def told():
    for data in daemon.upcalls():
        if data[0] == 0:
            # only behind WHOLEPKT is a packet; behind the others is room that nobody has written to
            print('    upcall', data[1], data[2:8].hex(), data[8:40].hex(), data[40:].hex() if data[1] == 3 else len(data), flush=True)


def data(title, tap=t0, src='2001:db8:0::9', dst=GROUP, hops=9):
    tap.ip6(udp(src, dst), src=src, dst=dst, hops=hops)
    now(title, hide='Octets')
    told()


def tables():
    show('cat /proc/net/ip6_mr_vif', [(r' +', ' ')])
    show('cat /proc/net/ip6_mr_cache', [(r' +', ' ')])
    show('ip -6 -s mroute show table all', [(r'[Aa]ge +\S+', 'age N'), (r'Iif: unresolved.*', 'Iif: unresolved')])


call('a mif first', ADD_IF, mif(0, 't0'))
call('short', INIT, b'\1\0')
call('init', INIT, struct.pack('@i', 1))
call('again', INIT, struct.pack('@i', 1))
call('pim', PIM, struct.pack('@i', 1))
for n in range(3):
    call(f'mif {n}', ADD_IF, mif(n, f't{n}'))
call('mif again', ADD_IF, mif(0, 't0'))
call('mif 32', ADD_IF, mif(32, 't0'))
call('flags 2', ADD_IF, mif(4, 't0', 2))
call('no device', ADD_IF, struct.pack('@HBBHxxI', 5, 0, 1, 999, 0))
call('register', ADD_IF, mif(3, None, 1))
call('register again', ADD_IF, mif(4, None, 1))
show('ip -d link show pim6reg', [(r'^\d+', 'N'), (r'link/pimreg6?.*', 'link'), ('gso_.*', '')])
now('set up', count=False, frames=False)
tables()
data('not known')
data('another')
call('mfc', ADD_MFC, mfc('2001:db8::9', GROUP, 0, 1, 2))
now('resolved', hide='Octets')
data('known')
data('hops 1', hops=1)
data('wrong mif', t1)
tables()
call('mfc register', ADD_MFC, mfc('2001:db8::9', GROUP, 0, 1, 3))
data('to the register')
data('link-local group', dst='ff02::1234')
data('no global scope', dst='ff11::1')
INNER = ip6(udp('2001:db8:0::77', GROUP), 17, '2001:db8:0::77', GROUP, hops=7)
call('mfc of the register', ADD_MFC, mfc('2001:db8::77', GROUP, 3, 1))


def register(title, first=0x21, flags=0, inner=INNER, bad=0):
    message = struct.pack('>BBHI', first, 0, 0, flags) + inner
    check = csum(pseudo('2001:db8:2::9', '2001:db8:2::1', 103, 8) + message[:8])
    message = message[:2] + struct.pack('>H', check ^ bad) + message[4:]
    t2.ip6(message, 103, '2001:db8:2::9', '2001:db8:2::1')
    now(title, hide='Octets')
    told()


register('register')
register('null register', flags=0x40000000)
register('bad sum', bad=1)
register('version 1', first=0x11)
register('hello', first=0x20)
register('no packet', inner=INNER[:20])
register('one address', inner=ip6(udp('2001:db8::77', '2001:db8::1'), 17, '2001:db8::77', '2001:db8::1'))
tables()
call('delete', DEL_MFC, mfc('2001:db8::9', GROUP, 0))
call('delete again', DEL_MFC, mfc('2001:db8::9', GROUP, 0))
call('flush', FLUSH, struct.pack('@i', 15))
tables()
call('done', DONE, b'')
call('done again', DONE, b'')
