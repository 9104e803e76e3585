"""Options that few set: source filters of IPv6 at once, the socket's own MTU, news of the path's, extensions of errors (RFC 4884)."""
import ctypes
import errno
import os
import select
import socket
import struct

from common import sh, t

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.accept_dad=0 net.ipv6.conf.v0.router_solicitations=0 net.ipv6.conf.v1.disable_ipv6=1 net.ipv6.conf.v0.addr_gen_mode=1')
sh('ip link set lo up;ip link set v0 up;ip link set v1 up;ip addr add 198.51.100.1/24 dev v0;ip -6 addr add 2001:db8::1/64 dev v0 nodad')
sh('ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:02 dev v0;ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:02 dev v0')
libc = ctypes.CDLL(None, use_errno=True)
index = socket.if_nametoindex('v0')
tap = socket.socket(17, 3, 0xdd86)
tap.bind(('v1', 0x86dd))
tap.settimeout(0.05)


def getopt(s, level, option, room, asked=b''):
    value, length = ctypes.create_string_buffer(asked.ljust(600, b'\0'), 600), ctypes.c_int(room)
    if libc.getsockopt(s.fileno(), level, option, value, ctypes.byref(length)) < 0:
        raise OSError(ctypes.get_errno(), '')
    return length.value, value.raw[:min(length.value, room)]


def storage(address, family=socket.AF_INET6):
    return (struct.pack('HHI', family, 0, 0) + socket.inet_pton(socket.AF_INET6, address)).ljust(128, b'\0')


def filters(group, mode, *sources, device=index, count=None, family=socket.AF_INET6):
    head = struct.pack('I4x', device) + storage(group, family) + struct.pack('II', mode, len(sources) if count is None else count)
    return head + b''.join(storage(source) for source in sources)


def told(s, group='ff15::1', count=3, device=index, family=socket.AF_INET6):
    length, value = getopt(s, 41, 48, 600, filters(group, 9, count=count, device=device, family=family))
    mode, there = struct.unpack_from('II', value, 136)
    sources = [socket.inet_ntop(socket.AF_INET6, value[144 + i * 128 + 8:][:16]) for i in range((length - 144) // 128)]
    return length, mode, there, sources


EXCLUDE, INCLUDE = 0, 1
with socket.socket(10, 2) as s:
    put = s.setsockopt
    t('not joined', told, s)
    t('set, not joined', put, 41, 48, filters('ff15::1', EXCLUDE, '2001:db8::5'))
    t('join', put, 41, 20, socket.inet_pton(10, 'ff15::1') + struct.pack('I', index))
    t('joined', told, s)
    for name, request in (
        ('two', filters('ff15::1', EXCLUDE, '2001:db8::5', '2001:db8::6')),
        ('one', filters('ff15::1', INCLUDE, '2001:db8::7')),
        ('none', filters('ff15::1', EXCLUDE)),
        ('too many', filters('ff15::1', EXCLUDE, *['2001:db8::5'] * 65)),
        ('fewer than said', filters('ff15::1', EXCLUDE, '2001:db8::5', count=2)),
        ('short', bytes(143)),
        ('other family', filters('ff15::1', EXCLUDE, family=2)),
        ('no group', filters('2001:db8::1', EXCLUDE)),
        ('no mode', filters('ff15::1', 2)),
        ('no device', filters('ff15::1', EXCLUDE, device=99)),
        ('device 0', filters('ff15::1', EXCLUDE, device=0)),
    ):
        t(name, put, 41, 48, request)
        t('  told', told, s)
    t('two', put, 41, 48, filters('ff15::1', EXCLUDE, '2001:db8::5', '2001:db8::6'))
    t('room for one', told, s, 'ff15::1', 1)
    t('no group', told, s, '2001:db8::1')
    t('another', told, s, 'ff15::2')
    t('device 0', told, s, 'ff15::1', 3, 0)
    t('family', told, s, 'ff15::1', 3, index, 2)
    t('short', getopt, s, 41, 48, 143)
    t('include nobody', put, 41, 48, filters('ff15::1', INCLUDE))
    t('left', told, s)
for kind in ((10, 2, 0), (10, 2, 136), (10, 3, 253), (10, 3, 58), (10, 1, 0)):
    with socket.socket(*kind) as s:
        for option in (1, 6, 24):
            t(f'{kind} get {option}', getopt, s, 41, option, 4)
            for value in (b'\2\0\0\0', b'\0\0\0\0', b'\n\0\0\0', b'\xff\4\0\0', b'\0\5\0\0', b'\2', b''):
                t(f'  {value.hex()}', s.setsockopt, 41, option, value)
with socket.socket(10, 2) as s:
    s.connect(('2001:db8::9', 9))
    t('form', s.getsockopt, 41, 1)
    t('to ipv4', s.setsockopt, 41, 1, 2)
    s.connect(('::ffff:198.51.100.9', 9))
    t('form', s.getsockopt, 41, 1)


def fragments():
    sizes = []
    while True:
        try:
            frame = tap.recv(3000)
        except TimeoutError:
            return sizes
        if frame[20] in (17, 44):
            sizes.append((frame[20], len(frame)))


# the socket's own MTU
with socket.socket(10, 2) as s:
    for mtu in (1280, 1400, 9000, 0):
        t(f'mtu {mtu}', s.setsockopt, 41, 24, mtu)
        for length in (1232, 1233, 1352, 1452, 1453, 3000):
            t(f'  {length}', s.sendto, bytes(length), ('2001:db8::9', 9))
            print('   ', fragments())
# news of the path
for kind, to in (((10, 2, 0), ('2001:db8::9', 9)), ((10, 3, 253), ('2001:db8::9', 0))):
    with socket.socket(*kind) as s:
        s.setsockopt(41, 62, 1)
        t('too long', s.sendto, bytes(2000), to)
        t('not asked', s.recvmsg, 100, 100, socket.MSG_DONTWAIT)
        s.setsockopt(41, 60, 1)
        t('too long', s.sendto, bytes(2000), to)
        poll = select.poll()
        poll.register(s, select.POLLIN)
        print([mask for _, mask in poll.poll(0)])

        def news(peek=0):
            data, control, flags, name = s.recvmsg(100, 100, socket.MSG_DONTWAIT | peek)
            return data, [(level, type, value[:28].hex()[:48], value[28:].hex()) for level, type, value in control], flags, name[:3]

        t('news', news)
        t('no more', news)
        t('too long', s.sendto, bytes(2000), to)
        t('too long', s.sendto, bytes(3000), to)
        t('peeked', news, socket.MSG_PEEK)
        t('gone', news)


def csum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def error(kind, code, words, inner, ext):
    """An ICMP error from the neighbour about `inner`, filled to the length that `words` says, with extensions."""
    body = inner.ljust(words * 4, b'\0') + ext
    icmp = struct.pack('>BBHBBH', kind, code, 0, 0, words, 0) + body
    icmp = icmp[:2] + struct.pack('>H', csum(icmp)) + icmp[4:]
    head = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0, socket.inet_aton('198.51.100.9'), socket.inet_aton('198.51.100.1'))
    head = head[:10] + struct.pack('>H', csum(head)) + head[12:]
    return bytes.fromhex('0200000000010200000000020800') + head + icmp


def extension(objects, version=2, sum_it=True, wrong=0):
    ext = struct.pack('>BBH', version << 4, 0, 0) + objects
    return ext[:2] + struct.pack('>H', (csum(ext) + wrong) & 0xffff if sum_it else 0) + ext[4:]


OBJECT = struct.pack('>HBB', 8, 1, 1) + b'MPLS'
out = socket.socket(17, 3, 0)
out.bind(('v1', 0x800))
with socket.socket(2, 2) as s:
    s.bind(('198.51.100.1', 7777))
    s.setsockopt(0, 11, 1)
    s.settimeout(1)
    inner = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 28, 1, 0, 64, 17, 0, socket.inet_aton('198.51.100.1'), socket.inet_aton('198.51.100.9'))
    inner += struct.pack('>HHHH', 7777, 9, 8, 0)
    for asked in (0, 1):
        t(f'asked {asked}', s.setsockopt, 0, 26, asked)
        for name, frame in (
            ('none', error(3, 3, 0, inner, b'')),
            ('too short', error(3, 3, 31, inner, extension(OBJECT))),
            ('good', error(3, 3, 32, inner, extension(OBJECT))),
            ('two', error(11, 0, 33, inner, extension(OBJECT * 2))),
            ('parameter', error(12, 0, 32, inner, extension(OBJECT))),
            ('no sum', error(3, 1, 32, inner, extension(OBJECT, sum_it=False))),
            ('wrong sum', error(3, 1, 32, inner, extension(OBJECT, wrong=1))),
            ('version', error(3, 1, 32, inner, extension(OBJECT, version=1))),
            ('object too long', error(3, 1, 32, inner, extension(struct.pack('>HBB', 9, 1, 1) + b'MPLS'))),
            ('object too short', error(3, 1, 32, inner, extension(struct.pack('>HBB', 3, 1, 1) + b'MPLS'))),
            ('half a header', error(3, 1, 32, inner, extension(OBJECT + b'xx'))),
            ('nothing behind', error(3, 1, 32, inner, b'')),
            ('cut', error(3, 1, 32, inner, b'\x20\0\0')),
        ):
            out.send(frame)
            poll = select.poll()
            poll.register(s, 0)
            poll.poll(1000)
            try:
                data, control, flags, address = s.recvmsg(400, 400, socket.MSG_ERRQUEUE)
                print(name, len(data), control[0][2].hex())
            except OSError as failure:
                print(name, errno.errorcode[failure.errno])
with socket.socket(2, 2) as s:
    t('checksum', s.setsockopt, 0, 23, 1)
    s.bind(('127.0.0.1', 0))
    s.sendto(b'sum', s.getsockname())
    print(s.recvmsg(10, 100)[:3])
with socket.socket(2, 2) as s:
    for option in (57, 71):
        for room in (0, 4, 7, 8, 9):
            t(f'cookie {option} {room}', lambda: getopt(s, 1, option, room)[0])
for kind in ((2, 2, 0), (10, 2, 0), (2, 2, 136), (2, 3, 253), (17, 3, 0), (16, 3, 0)):
    with socket.socket(*kind) as s:
        for value in (1, 0, 2, -1):
            t(f'{kind} zerocopy {value}', s.setsockopt, 1, 60, value)
            t('  is', s.getsockopt, 1, 60)
# what waits for more pieces: the two bounds bound each other
for family in ('ipv4/ipfrag', 'ipv6/ip6frag'):
    for name, value in (('high', 100), ('low', 5000000), ('low', 100), ('high', 100), ('high', 99), ('low', 101), ('low', -1), ('high', 200)):
        with open(f'/proc/sys/net/{family}_{name}_thresh', 'r+') as file:
            t(f'{family} {name} {value}', os.write, file.fileno(), str(value).encode())
        with open(f'/proc/sys/net/{family}_{name}_thresh') as file:
            print(file.read().strip())
