"""What poll(), select() and epoll tell of sockets that hear something, hear of errors or are shut down."""
import select
import socket
import struct
import time

from common import sh, t

NAMES = [(select.EPOLLIN, 'IN'), (select.EPOLLPRI, 'PRI'), (select.EPOLLOUT, 'OUT'), (select.EPOLLERR, 'ERR'), (select.EPOLLHUP, 'HUP')]
NAMES += [(0x40, 'RDNORM'), (0x80, 'RDBAND'), (0x100, 'WRNORM'), (0x200, 'WRBAND'), (0x2000, 'RDHUP')]
ALL = sum(bit for bit, _ in NAMES)
sh('ip link set lo up')


def names(mask):
    return '|'.join(name for bit, name in NAMES if mask & bit) or '0'


def show(what, s, asked=ALL):
    """poll() with all and with nothing asked; what epoll made now and before says, but of errors and ends; select()."""
    masks = []
    for events in asked, 0, select.POLLIN:
        p = select.poll()
        p.register(s, events)
        masks.append(dict(p.poll(0)).get(s.fileno(), 0))
    print(what, *[names(mask) for mask in masks], end=' ')
    if not masks[1] and asked == ALL:
        with select.epoll() as e:
            e.register(s, ALL)
            now = e.poll(0)
        print('epoll', *[names(dict(found).get(s.fileno(), 0)) for found in (now, watched[s.fileno()].poll(0))], end=' ')
        print('select', *[len(found) for found in select.select([s], [s], [s], 0)], end='')
    print(flush=True)


watched = {}


def made(*kind):
    s = socket.socket(*kind)
    watched[s.fileno()] = select.epoll()
    watched[s.fileno()].register(s, ALL)
    return s


for family, home in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
    for how in range(3):
        s = made(family, socket.SOCK_DGRAM)
        t('unconnected', s.shutdown, how)
        show('shut down', s)
        s.close()
    s = made(family, socket.SOCK_DGRAM)
    show('fresh', s)
    s.connect((home, 9))
    show('connected', s)
    t('send', s.send, b'x')
    time.sleep(.05)
    show('refused', s)
    t('error', s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
    show('error taken', s)
    s.setsockopt(socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6, 11 if family == socket.AF_INET else 25, 1)
    t('send', s.send, b'x')
    time.sleep(.05)
    show('in the queue of errors', s)
    t('receive', s.recv, 9)
    show('error taken', s)
    s.setsockopt(socket.SOL_SOCKET, 45, 1)
    show('with SO_SELECT_ERR_QUEUE', s)
    t('error', lambda: s.recvmsg(99, 99, socket.MSG_ERRQUEUE)[2])
    show('queue read', s)
    for how in range(3):
        s = made(family, socket.SOCK_DGRAM)
        s.bind((home, 0))
        s.connect(s.getsockname())
        s.send(b'to itself')
        show('readable', s)
        t('shutdown', s.shutdown, how)
        show('shut down', s)
        t('receive', s.recv, 99, socket.MSG_DONTWAIT)
        show('read', s)
        t('receive', s.recv, 99, socket.MSG_DONTWAIT)
        t('send', s.send, b'again')
        show('sent', s)
        t('shutdown', s.shutdown, 2 - how)
        show('shut down again', s)
        s.close()
    s = made(family, socket.SOCK_STREAM)
    show('stream', s)
    s.bind((home, 0))
    show('bound', s)
    s.listen()
    show('listening', s, select.POLLIN)
    t('shutdown', s.shutdown, socket.SHUT_WR)
    show('shut down to write', s, select.POLLIN)
    t('shutdown', s.shutdown, socket.SHUT_RD)
    show('shut down to read', s)
    t('accept', s.accept)
    s.close()
raw = made(socket.AF_INET, socket.SOCK_RAW, 253)
show('raw', raw)
t('shutdown', raw.shutdown, socket.SHUT_RDWR)
show('shut down', raw)
packet = made(socket.AF_PACKET, socket.SOCK_RAW, 0)
show('packet', packet)
t('shutdown', packet.shutdown, socket.SHUT_RDWR)
packet.bind(('lo', 3))
sh('ip link set lo down')
show('device is down', packet)
t('receive', packet.recv, 9)
show('error taken', packet)
netlink = made(socket.AF_NETLINK, socket.SOCK_RAW, 0)
show('netlink', netlink)
t('shutdown', netlink.shutdown, socket.SHUT_RDWR)
netlink.send(struct.pack('<IHHIIBBHiII', 32, 18, 0x301, 1, 0, 0, 0, 0, 0, 0, 0))
show('dump', netlink)
