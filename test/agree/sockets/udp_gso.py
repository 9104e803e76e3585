"""UDP_SEGMENT and UDP_GRO: what one call sends is received as one or as several, and counted."""
import errno
import socket
import struct
import time

from common import counted, sh, t

SEGMENT, GRO = 103, 104
sh('ip link set lo up')


def received(s):
    time.sleep(.02)
    told = []
    while True:
        try:
            data, control, flags, _ = s.recvmsg(70000, 200, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return ' '.join(told) or 'nothing'
        told.append('/'.join([str(len(data)), *[f'{level}:{kind}:{value.hex()}' for level, kind, value in control]]))


def send(s, data, *options):
    try:
        return s.sendmsg([data], options)
    except OSError as error:
        return errno.errorcode[error.errno]


def cmsg(size):
    return socket.IPPROTO_UDP, SEGMENT, struct.pack('H', size)


data = bytes(range(256)) * 250
for family, home, level, info in (socket.AF_INET, '127.0.0.1', socket.IPPROTO_IP, 8), (socket.AF_INET6, '::1', socket.IPPROTO_IPV6, 49):
    for gro in 0, 1:
        r = socket.socket(family, socket.SOCK_DGRAM)
        r.bind((home, 0))
        r.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        r.setsockopt(socket.IPPROTO_UDP, GRO, gro)
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.connect(r.getsockname())
        print(family.name, 'UDP_GRO' if gro else 'each')
        for whole, size in (10, 10), (11, 10), (100, 30), (1280, 10), (1281, 10), (60000, 1000), (62000, 60000), (5, 10), (0, 10):
            print(f'  {whole} by {size}: {send(s, data[:whole], cmsg(size))} {received(r)}', flush=True)
        s.setsockopt(socket.IPPROTO_UDP, SEGMENT, 700)
        print('  option', send(s, data[:2000]), received(r))
        print('  another for one call', send(s, data[:2000], cmsg(1500)), received(r))
        print('  none for one call', send(s, data[:2000], cmsg(0)), received(r))
        r.setsockopt(level, info, 1)
        r.setsockopt(level, 12 if family == socket.AF_INET else 51, 1)
        print('  with more to tell', send(s, data[:2000]), received(r))
        s.send(data[:1000], socket.MSG_MORE)
        print('  of two parts', send(s, data[1000:2000]), received(r))
        for protocol, option in (socket.SOL_SOCKET, 11), (socket.IPPROTO_UDP, 101), (socket.IPPROTO_UDP, 102):
            t('  no checksum', s.setsockopt, protocol, option, 1)
            print('  without a checksum', send(s, data[:2000]), received(r))
        counted('Udp', 'InDatagrams NoPorts OutDatagrams')
        counted('Ip', 'InReceives InDelivers OutRequests')
        with open('/proc/net/dev') as file:
            print([line.split()[2] for line in file if line.startswith('    lo:')])
        r.close()
        s.close()
