"""UDP, both families: which addresses and ports can be had, names, connecting and disconnecting, who hears."""
import socket
import struct

from common import sh, show, t

sh('ip link set lo up;ip addr add 192.0.2.1/24 dev lo;ip -6 addr add 2001:db8::1/64 dev lo nodad')
sh('ip link add d0 type veth peer name d1;ip link set d0 up;ip link set d1 up;ip addr add 198.51.100.1/24 dev d0')
A4, A6 = socket.AF_INET, socket.AF_INET6


def udp(family=A4, *options, proto=0):
    s = socket.socket(family, socket.SOCK_DGRAM, proto)
    s.settimeout(0.5)
    for option in options:
        s.setsockopt(*option)
    return s


REUSE = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
REUSEPORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
DUAL = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)

# one socket at an address, then another
addresses = [(A4, '0.0.0.0'), (A4, '127.0.0.1'), (A4, '192.0.2.1'), (A6, '::'), (A6, '::1'), (A6, '2001:db8::1'), (A6, '::ffff:127.0.0.1'), (A6, '::ffff:0.0.0.0')]
for first in addresses:
    for second in addresses:
        for options in ((), (REUSE,), (REUSEPORT,)):
            one, two = udp(first[0], *options), udp(second[0], *options)
            try:
                one.bind((first[1], 5000))
            except OSError as error:
                print('cannot', first[1], error.errno)
                continue
            t(f'{first[1]} then {second[1]} {len(options) and options[0][1]}', two.bind, (second[1], 5000))
            one.close()
            two.close()
for options in ((V6ONLY,), (DUAL,)):
    for second in addresses[:4]:
        one, two = udp(A6, *options), udp(second[0])
        one.bind(('::', 5000))
        t(f'v6only {options[0][2]} then {second[1]}', two.bind, (second[1], 5000))
        one.close()
        two.close()

s = udp()
t('unbound', s.getsockname)
t('unconnected', s.getpeername)
t('foreign', s.bind, ('203.0.113.9', 1))
t('group', s.bind, ('224.0.0.9', 5001))
t('name', s.getsockname)
t('again', s.bind, ('0.0.0.0', 5002))
s = udp()
s.setsockopt(0, 15, 1)
t('freebind', s.bind, ('203.0.113.9', 5003))
s = udp()
t('broadcast', s.bind, ('255.255.255.255', 5004))
s = udp()
t('broadcast of a net', s.bind, ('192.0.2.255', 5004))
six = udp(A6)
t('unbound', six.getsockname)
t('foreign', six.bind, ('2001:db8::99', 1))
t('link-local without a device', six.bind, ('fe80::1', 1))
t('no such device', six.bind, ('fe80::1', 1, 0, 999))
t('group of a link', six.bind, ('ff02::1', 1))
six.setsockopt(41, 78, 1)
t('freebind', six.bind, ('2001:db8::99', 5005))
t('name', six.getsockname)
six = udp(A6, V6ONLY)
t('mapped and v6only', six.bind, ('::ffff:127.0.0.1', 5006))
six.bind(('::', 5007))
t('v6only late', six.setsockopt, *DUAL)

s = udp()
t('connect', s.connect, ('127.0.0.1', 9))
t('names', lambda: (s.getsockname()[0], s.getpeername()))
t('connect elsewhere', s.connect, ('198.51.100.7', 9))
t('names', lambda: (s.getsockname()[0], s.getpeername()))
t('no way', s.connect, ('203.0.113.7', 9))
t('broadcast', s.connect, ('198.51.100.255', 9))
t('port 0', s.connect, ('127.0.0.1', 0))
t('no peer', s.getpeername)
libc_disconnect = struct.pack('H14x', 0)


def disconnect(s):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(s.fileno(), libc_disconnect, 16) != 0:
        raise OSError(ctypes.get_errno(), '')


s = udp()
s.connect(('192.0.2.1', 9))
t('disconnect', disconnect, s)
t('name', s.getsockname)
s = udp()
s.bind(('127.0.0.1', 5008))
s.connect(('127.0.0.1', 9))
t('disconnect', disconnect, s)
t('name', s.getsockname)
t('no peer', s.getpeername)
six = udp(A6)
t('connect mapped', six.connect, ('::ffff:192.0.2.1', 9))
t('names', lambda: (six.getsockname()[0], six.getpeername()[:2]))
six = udp(A6)
t('connect any', six.connect, ('::', 9))
t('names', lambda: (six.getsockname()[0], six.getpeername()[:2]))
six = udp(A6)
t('link-local', six.connect, ('fe80::1', 9))
six = udp(A6, V6ONLY)
t('mapped and v6only', six.connect, ('::ffff:192.0.2.1', 9))
t('no way', six.connect, ('2001:db8:9::1', 9))
t('listen', s.listen, 1)
t('accept', s.accept)
for how in (0, 1, 2, 3):
    t(f'shutdown {how}', udp().shutdown, how)
t('stream of UDP', socket.socket, A4, socket.SOCK_STREAM, 17)
t('UDP-Lite', lambda: udp(proto=136).proto)
t('no such protocol', socket.socket, A4, socket.SOCK_DGRAM, 99)


# who hears: the closest match; of equal ones the last
def heard(sockets, to, source=None, family=A4, tries=1):
    sender = source or udp(family)
    for n in range(tries):
        sender.sendto(b'%d' % n, to)
    result = []
    for name, s in sockets.items():
        s.setblocking(False)
        while True:
            try:
                s.recv(10)
                result.append(name)
            except OSError:
                break
    return result


sockets = {'any': udp(A4, REUSE), 'addr': udp(A4, REUSE), 'dev': udp(A4, REUSE, (1, 25, b'lo'))}
sockets['any'].bind(('0.0.0.0', 6000))
sockets['addr'].bind(('127.0.0.1', 6000))
sockets['dev'].bind(('0.0.0.0', 6000))
t('address', heard, sockets, ('127.0.0.1', 6000))
t('device', heard, sockets, ('192.0.2.1', 6000))
peer = udp()
peer.bind(('127.0.0.1', 6001))
sockets['peer'] = udp(A4, REUSE)
sockets['peer'].bind(('127.0.0.1', 6000))
sockets['peer'].connect(('127.0.0.1', 6001))
t('peer', heard, sockets, ('127.0.0.1', 6000), peer)
t('stranger', heard, sockets, ('127.0.0.1', 6000))
sockets = {'one': udp(A4, REUSE), 'two': udp(A4, REUSE)}
for s in sockets.values():
    s.bind(('0.0.0.0', 6002))
t('the last', heard, sockets, ('127.0.0.1', 6002))
t('broadcast', heard, sockets, ('127.255.255.255', 6002), udp(A4, (1, 6, 1)))
sockets = {'one': udp(A4, REUSEPORT), 'two': udp(A4, REUSEPORT)}
for s in sockets.values():
    s.bind(('0.0.0.0', 6003))
t('shared', lambda: len(heard(sockets, ('127.0.0.1', 6003), None, A4, 20)))
sockets = {'six': udp(A6, REUSE), 'four': udp(A4, REUSE)}
sockets['four'].bind(('0.0.0.0', 6004))
sockets['six'].bind(('::', 6004))
t('IPv4 of both', heard, sockets, ('127.0.0.1', 6004))
t('IPv6 of both', heard, sockets, ('::1', 6004), None, A6)
sockets['four'].close()
del sockets['four']
t('IPv4 at IPv6', heard, sockets, ('127.0.0.1', 6004))
low = udp()
low.bind(('127.0.0.1', 40))
show('sysctl -qw net.ipv4.ip_local_port_range="50000 50001"')
first, second, third = udp(), udp(), udp()
t('of a range', lambda: (first.bind(('', 0)), second.bind(('', 0)), first.getsockname()[1] + second.getsockname()[1]))
t('used up', third.bind, ('', 0))
t('used up', third.sendto, b'x', ('127.0.0.1', 9))
