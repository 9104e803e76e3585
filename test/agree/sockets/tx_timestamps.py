"""When packets went out (SO_TIMESTAMPING), told by the queue of errors: of each kind of socket, by option and by control message."""
import errno
import select
import socket
import struct

from common import sh, t

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v0.router_solicitations=0 net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v0.addr_gen_mode=1')
sh('ip link set lo up;ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0;ip -6 addr add 2001:db8::1/64 dev v0 nodad')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0;ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:02 dev v0')
with open('/proc/sys/net/ipv4/ping_group_range', 'w') as file:
    file.write('0 2147483647')
TX_SW, RX_SW, SW, OPT_ID, SCHED, CMSG, TSONLY, STATS = 2, 8, 16, 128, 256, 1024, 2048, 4096
TIMESTAMPING = 37
NAMES = {(1, 37): 'TIMESTAMPING', (1, 65): 'TIMESTAMPING_NEW', (1, 29): 'TIMESTAMP', (0, 11): 'RECVERR', (41, 25): 'RECVERR6', (263, 16): 'TX_TIMESTAMP', (0, 8): 'PKTINFO', (41, 50): 'PKTINFO6', (0, 2): 'TTL'}


def told(s):
    while True:
        try:
            data, control, flags, name = s.recvmsg(3000, 400, socket.MSG_ERRQUEUE)
        except OSError as error:
            print('   ', errno.errorcode[error.errno])
            return
        # not checksums, which a device may be left to make
        print('   ', len(data), data[:14].hex(), data[-5:].hex(), hex(flags), name or 'no name')
        for level, kind, value in control:
            if (level, kind) in ((1, 37), (1, 65), (1, 29)):
                words = struct.unpack(f'{len(value) // 8}q', value)
                value = ' '.join('time' if word else '0' for word in words[::2])
            else:
                value = (value[4:] if kind == 8 else value[:16] if kind == 50 else value).hex()
            print('     ', NAMES.get((level, kind), (level, kind)), value)


def one(name, kind, to, data, flags, cmsg=0, options=()):
    with socket.socket(*kind) as s:
        for option in options:
            s.setsockopt(*option)
        if kind[0] == socket.AF_PACKET:
            s.bind(('v0', 0))
        t(f'{name} {flags:#x} {cmsg:#x}', s.setsockopt, socket.SOL_SOCKET, TIMESTAMPING, flags)
        control = [(socket.SOL_SOCKET, TIMESTAMPING, struct.pack('I', cmsg))] if cmsg else []
        poll = select.poll()
        poll.register(s, select.POLLIN)
        for _ in range(2):
            t('  sent', s.sendmsg, [data], control, 0, *([to] if to else []))
        print('  poll', [mask for _, mask in poll.poll(0)])
        t('  error', s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
        told(s)


FRAME = bytes.fromhex('020000000002020000000001') + b'\x12\x34' + bytes(range(50))
KINDS = (
    ('udp', (2, 2), ('198.51.100.9', 9), b'hello'),
    ('udp lo', (2, 2), ('127.0.0.1', 9), b'hello'),
    ('udp6', (10, 2), ('2001:db8::9', 9), b'hello'),
    ('udp6 to ipv4', (10, 2), ('::ffff:198.51.100.9', 9), b'hello'),
    ('raw', (2, 3, 253), ('198.51.100.9', 0), b'rawdata'),
    ('hdrincl', (2, 3, 255), ('198.51.100.9', 0), bytes.fromhex('4500001c0001400040fd0000') + bytes(4) + bytes.fromhex('c6336409') + b'rawdata.'),
    ('raw6', (10, 3, 253), ('2001:db8::9', 0), b'rawdata'),
    ('ping', (2, 2, 1), ('198.51.100.9', 0), b'\x08\0\0\0\0\0\0\1abcdefgh'),
    ('ping6', (10, 2, 58), ('2001:db8::9', 0), b'\x80\0\0\0\0\0\0\1abcdefgh'),
    ('packet', (17, 3, 0), None, FRAME),
)
for name, kind, to, data in KINDS:
    one(name, kind, to, data, TX_SW | SW)
    one(name, kind, to, data, SCHED | TX_SW | SW | OPT_ID)
    one(name, kind, to, data, TX_SW | SW | TSONLY | OPT_ID)
    one(name, kind, to, data, TX_SW)
    one(name, kind, to, data, SW | OPT_ID, cmsg=TX_SW)
    one(name, kind, to, data, SW | TX_SW, cmsg=SCHED)
    one(name, kind, to, data, SW, cmsg=RX_SW)
    if kind[0] == 17:
        continue
    info = (41, 49, 1) if kind[0] == 10 else (0, 8, 1)
    one(name, kind, to, data, TX_SW | SW | CMSG, options=(info,))
    one(name, kind, to, data, TX_SW | SW, options=(info, (41, 51, 1) if kind[0] == 10 else (0, 12, 1)))
    one(name, kind, to, data, TX_SW | SW | CMSG | TSONLY, options=(info,))
one('udp stats', (2, 2), ('198.51.100.9', 9), b'hello', TX_SW | SW | STATS)
one('udp stats', (2, 2), ('198.51.100.9', 9), b'hello', TX_SW | SW | STATS | TSONLY)
one('of many bytes', (2, 2), ('198.51.100.9', 9), bytes(4000), TX_SW | SW | OPT_ID)
one('of many bytes', (10, 2), ('2001:db8::9', 9), bytes(4000), TX_SW | SW | OPT_ID)
one('timestamp too', (2, 2), ('198.51.100.9', 9), b'hello', TX_SW | SW, options=((1, 29, 1),))
s = socket.socket(2, 2)
for flags in (-1, OPT_ID | 1 << 16, 1 << 16, STATS, STATS | TSONLY, 0):
    t(f'set {flags:#x}', s.setsockopt, 1, TIMESTAMPING, flags)
    print(s.getsockopt(1, TIMESTAMPING, 8).hex(), s.getsockopt(1, 65, 8).hex())
s.setsockopt(1, 65, TX_SW | SW)
print(s.getsockopt(1, TIMESTAMPING, 8).hex(), s.getsockopt(1, 65, 8).hex())
s.sendto(b'hello', ('198.51.100.9', 9))
told(s)
# numbers begin anew, and errors between
s.setsockopt(1, TIMESTAMPING, TX_SW | SW | OPT_ID | TSONLY)
s.setsockopt(0, 11, 1)
s.setsockopt(0, 10, 2)
s.sendto(b'hello', ('198.51.100.9', 9))
t('too long', s.sendto, bytes(2000), ('198.51.100.9', 9))
s.sendto(b'hello', ('198.51.100.9', 9))
s.setsockopt(1, TIMESTAMPING, TX_SW | SW | TSONLY)
s.setsockopt(1, TIMESTAMPING, TX_SW | SW | OPT_ID | TSONLY)
s.sendto(b'hello', ('198.51.100.9', 9))
told(s)
with socket.socket(2, 2) as small:
    small.setsockopt(1, TIMESTAMPING, TX_SW | SW | OPT_ID)
    t('dontwait', small.recvmsg, 10, 10, socket.MSG_DONTWAIT | socket.MSG_ERRQUEUE)
    small.sendto(b'hello', ('198.51.100.9', 9))
    data, control, flags, _ = small.recvmsg(10, 20, socket.MSG_ERRQUEUE)
    print(data.hex(), len(control), hex(flags))
