"""Sending without copies (MSG_ZEROCOPY): that the bytes are free again is told by the queue of errors, of several calls at once."""
import errno
import select
import socket
import struct

from common import sh, t

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v0.router_solicitations=0 net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v0.addr_gen_mode=1')
sh('ip link set lo up;ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0;ip -6 addr add 2001:db8::1/64 dev v0 nodad')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0;ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:02 dev v0')
ZEROCOPY, MSG_ZEROCOPY, MSG_MORE, ERRQUEUE = 60, 0x4000000, 0x8000, 0x2000


def told(s):
    while True:
        try:
            data, control, flags, name = s.recvmsg(100, 200, ERRQUEUE)
        except OSError as error:
            print('   ', errno.errorcode[error.errno])
            return
        print('   ', data, hex(flags), name and name[0], [(level, kind, value.hex()) for level, kind, value in control])


for family, to in ((2, ('198.51.100.9', 9)), (2, ('127.0.0.1', 9)), (10, ('2001:db8::9', 9)), (10, ('::1', 9)), (10, ('::ffff:198.51.100.9', 9))):
    print(family, to)
    sink = socket.socket(family, 2)
    if to[0] in ('127.0.0.1', '::1'):
        sink.bind((to[0], 0))
        to = sink.getsockname()[:2]
    with socket.socket(family, 2) as s:
        t('not asked', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        told(s)
        s.setsockopt(1, ZEROCOPY, 1)
        t('without', s.sendto, b'x' * 100, to)
        told(s)
        t('with', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        poll = select.poll()
        poll.register(s, select.POLLIN)
        print([mask for _, mask in poll.poll(1000)], s.getsockopt(1, 4))
        told(s)
        t('nothing', s.sendto, b'', MSG_ZEROCOPY, to)
        told(s)
        for _ in range(3):
            t('three', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        told(s)
        t('more', s.sendto, b'x' * 100, MSG_ZEROCOPY | MSG_MORE, to)
        told(s)
        t('the rest', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        told(s)
        t('fragments', s.sendto, b'x' * 4000, MSG_ZEROCOPY, to)
        told(s)
        s.setsockopt(41 if family == 10 else 0, 25 if family == 10 else 11, 1)
        t('one', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        t('too long', s.sendto, b'x' * 70000, MSG_ZEROCOPY, to)
        t('another', s.sendto, b'x' * 100, MSG_ZEROCOPY, to)
        told(s)
