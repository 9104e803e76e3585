"""Sockets of frames: names, frames both ways, options, memberships, groups, a device that goes."""
import fcntl
import socket
import struct

from common import sh, show, t

P = socket.AF_PACKET
SOL = 263
sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.all.disable_ipv6=1;ip link set v0 up;ip link set v1 up;ip link set lo up')
i1 = socket.if_nametoindex('v1')
frame = bytes.fromhex('02000000000202000000000188b5') + b'hello world'

raw = socket.socket(P, socket.SOCK_RAW, socket.htons(3))
t('name of none', raw.getsockname)
raw.bind(('v0', 0x88B5))
t('name', raw.getsockname)
dgram = socket.socket(P, socket.SOCK_DGRAM, socket.htons(0x88B5))
dgram.bind(('v1', 0x88B5))
t('name', dgram.getsockname)
for s in (raw, dgram):
    s.settimeout(1)
t('send', raw.send, frame)
t('recv', dgram.recvfrom, 100)
t('sendto', dgram.sendto, b'xyz', ('v1', 0x88B5, 0, 0, b'\xff' * 6))
t('recv', raw.recvfrom, 100)
t('too short', raw.send, b'abc')
t('too long', raw.send, b'a' * 1519)
t('too long without a tag', raw.send, b'\2' * 1515)
t('with a tag', raw.send, bytes(12) + b'\x81\x00' + b'\2' * 1504)

idle = socket.socket(P, socket.SOCK_RAW, 0)
t('no device', idle.send, frame)
t('peer', idle.getpeername)
t('connect', idle.connect, ('v0', 3))
t('listen', idle.listen, 1)
t('accept', idle.accept)
t('shutdown', idle.shutdown, 2)
t('no such device', idle.bind, ('nodev', 3))
t('stream', socket.socket, P, socket.SOCK_STREAM, 0)
for option in range(30):
    if option == 13:  # PACKET_TX_RING
        continue
    t(f'get {option}', idle.getsockopt, SOL, option, 64)
    for size in (1, 4, 8, 16):
        t(f'set {option} of {size}', idle.setsockopt, SOL, option, struct.pack('I', 1)[:size].ljust(size, b'\0'))
for option in (2, 3, 4, 6, 7, 8, 12, 18, 20, 30, 36, 39, 40, 42, 44, 49):
    t(f'socket option {option}', idle.getsockopt, 1, option, 64)
t('other level', idle.getsockopt, 0, 1, 4)
t('other level', idle.setsockopt, 0, 1, 1)

both = socket.socket(P, socket.SOCK_RAW, 0)
both.settimeout(1)
t('auxdata', both.setsockopt, SOL, 8, 1)
both.bind(('v1', 3))
t('send', raw.send, frame)
t('recvmsg', both.recvmsg, 10, 200, socket.MSG_TRUNC)
t('statistics', both.getsockopt, SOL, 6, 64)
t('statistics', both.getsockopt, SOL, 6, 64)
t('flags', both.recv, 10, socket.MSG_WAITALL)


def mreq(index, kind, length=0, address=b''):
    return struct.pack('iHH8s', index, kind, length, address)


group = bytes.fromhex('01005e000009')
t('promiscuous', both.setsockopt, SOL, 1, mreq(i1, 1))
show('cat /sys/class/net/v1/flags')
show('cut -d " " -f 2- /proc/net/packet | sed "s/^ *//" | tail -n +2 | cut -c1-18')
show('grep packet_rcv /proc/net/ptype')
t('again', both.setsockopt, SOL, 1, mreq(i1, 1))
t('drop', both.setsockopt, SOL, 2, mreq(i1, 1))
show('ip -d link show v1 | grep -o "promiscuity [0-9]*"')
t('drop', both.setsockopt, SOL, 2, mreq(i1, 1))
t('drop what is not there', both.setsockopt, SOL, 2, mreq(i1, 1))
show('ip -d link show v1 | grep -o "promiscuity [0-9]*"')
t('multicast', both.setsockopt, SOL, 1, mreq(i1, 0, 6, group))
t('allmulti', both.setsockopt, SOL, 1, mreq(i1, 2))
t('short address', both.setsockopt, SOL, 1, mreq(i1, 0, 5, group))
t('long address', both.setsockopt, SOL, 1, mreq(i1, 0, 8, group))
t('no such device', both.setsockopt, SOL, 1, mreq(999, 1))
show('ip maddr show dev v1 | grep link; ip -d link show v1 | grep -o "allmulti [0-9]*"')
t('inq', fcntl.ioctl, both, 0x541B, bytes(4))
t('outq', fcntl.ioctl, both, 0x5411, bytes(4))
t('send', raw.send, frame)
t('inq', fcntl.ioctl, both, 0x541B, bytes(4))
t('time', lambda: len(fcntl.ioctl(both, 0x8906, bytes(16))))
t('time of nothing', lambda: len(fcntl.ioctl(idle, 0x8906, bytes(16))))
t('ignore outgoing', both.setsockopt, SOL, 23, 1)
t('own', dgram.sendto, b'own', ('v1', 0x88B5, 0, 0, b'\2' * 6))
t('first', both.recv, 100)
both.settimeout(0)
t('nothing of it', both.recv, 100)

sh('ip link set v1 down')
t('down', both.recv, 100)
t('empty', both.recv, 100)
t('down', dgram.recv, 1)
t('send by what is down', both.send, frame)
late = socket.socket(P, socket.SOCK_RAW, 0)
t('bind to what is down', late.bind, ('v1', 3))
t('error', late.recv, 100)
sh('ip link set v1 up')
t('send', raw.send, frame)
t('hears again', both.recv, 100)
sh('ip link del v0')
t('send by what is gone', both.send, frame)
t('name', lambda: both.getsockname()[1:])

one, two, three = (socket.socket(P, kind, socket.htons(proto)) for kind, proto in ((3, 0), (3, 3), (2, 3)))
t('group without a protocol', one.setsockopt, SOL, 18, 7)
t('group', two.setsockopt, SOL, 18, 7 | 1 << 16)
t('group again', two.setsockopt, SOL, 18, 7 | 1 << 16)
t('other kind', three.setsockopt, SOL, 18, 7 | 2 << 16)
t('joins', three.setsockopt, SOL, 18, 7 | 1 << 16)
t('no such kind', one.setsockopt, SOL, 18, 7 | 9 << 16)
t('value', lambda: hex(three.getsockopt(SOL, 18)))
t('bind of a member', three.bind, ('lo', 3))
for s in (two, three):
    s.setblocking(False)
udp = socket.socket(P, socket.SOCK_RAW, 0)
for n in range(4):
    udp.sendto(bytes(12) + b'\x88\xb5' + bytes([n]) * 50, ('lo', 0x88B5))


def count(s):
    n = 0
    while True:
        try:
            s.recv(100)
            n += 1
        except BlockingIOError:
            return n


t('shared', lambda: (count(two), count(three)))
old = socket.socket(2, 10, socket.htons(3))
t('SOCK_PACKET', lambda: (old.family, old.type))
