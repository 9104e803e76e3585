"""Frames sent from memory that is shared (PACKET_TX_RING), of each version: states, offsets, lengths, errors, and both rings."""
import errno
import mmap
import select
import socket
import struct

from common import sh, t

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.disable_ipv6=1 net.ipv6.conf.v1.disable_ipv6=1')
sh('ip link set v0 up;ip link set v1 up')
PACKET, RX_RING, VERSION, RESERVE, TX_RING, LOSS, HAS_OFF = 263, 5, 10, 12, 13, 14, 19
BLOCK, BLOCKS, FRAME, FRAMES = 8192, 2, 2048, 8
HDRLEN = (32, 32, 48)
FIELDS = ((8, 16, 18), (4, 12, 14), (16, 24, 26))
STATUS = (0, 0, 20)
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)
tap.bind(('v1', 3))
tap.settimeout(0.05)


def heard():
    frames = []
    while True:
        try:
            frame = tap.recv(3000)
            frames.append(f'{len(frame)}:{frame[12:16].hex()}:{frame[-1]:02x}')
        except TimeoutError:
            return ' '.join(frames) or 'nothing'


def request(version, block=BLOCK, blocks=BLOCKS, frame=FRAME, frames=FRAMES, more=(0, 0, 0)):
    return struct.pack('4I', block, blocks, frame, frames) + (struct.pack('3I', *more) if version == 2 else b'')


class Ring:
    def __init__(self, version, kind=socket.SOCK_RAW, options=(), both=False, bound=True):
        self.version = version
        self.s = socket.socket(socket.AF_PACKET, kind, 0)
        self.s.setsockopt(PACKET, VERSION, version)
        for option in options:
            self.s.setsockopt(PACKET, option, 1)
        if both:
            self.s.setsockopt(PACKET, RX_RING, request(version))
        self.s.setsockopt(PACKET, TX_RING, request(version))
        if bound:
            self.s.bind(('v0', 0))
        whole = BLOCK * BLOCKS
        self.memory = mmap.mmap(self.s.fileno(), whole * (2 if both else 1), mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        self.start = whole if both else 0

    def put(self, index, data, status=1, length=None, offset=None, at=None, next_offset=0):
        here = self.start + index * FRAME
        len_at, mac_at, net_at = FIELDS[self.version]
        if self.version == 2:
            struct.pack_into('I', self.memory, here, next_offset)
        struct.pack_into('I', self.memory, here + len_at, len(data) if length is None else length)
        if offset is not None:
            struct.pack_into('HH', self.memory, here + min(mac_at, net_at), offset, offset)
        self.memory[here + (at or HDRLEN[self.version]):here + (at or HDRLEN[self.version]) + len(data)] = data
        struct.pack_into('I', self.memory, here + STATUS[self.version], status)

    def states(self):
        return [struct.unpack_from('I', self.memory, self.start + i * FRAME + STATUS[self.version])[0] for i in range(FRAMES)]


def frame(n, last=0x77):
    return bytes.fromhex('020000000002020000000001') + b'\x12\x34' + bytes(n - 15) + bytes([last])


for version in range(3):
    print('version', version)
    ring = Ring(version)
    poll = select.poll()
    poll.register(ring.s, select.POLLIN | select.POLLOUT)
    print(poll.poll(0)[0][1], ring.states())
    t('nothing', ring.s.send, b'')
    for i in range(3):
        ring.put(i, frame(60 + i, i))
    t('three', ring.s.send, b'')
    print(heard(), ring.states())
    for i in (3, 5):
        ring.put(i, frame(70 + i, i))
    t('with a gap', ring.s.send, b'data that nobody reads')
    print(heard(), ring.states())
    ring.put(4, frame(80, 4))
    t('dontwait', ring.s.send, b'', socket.MSG_DONTWAIT)
    print(heard(), ring.states())
    for i in (6, 7, 0):
        ring.put(i, frame(90 + i, i))
    t('around', ring.s.send, b'')
    print(heard(), ring.states())
    ring.put(1, frame(100), status=0x20000001)
    t('another status', ring.s.send, b'')
    ring.put(1, frame(1600))
    t('too long', ring.s.send, b'')
    print(heard(), ring.states())
    ring.put(1, frame(60), length=0xffffffff)
    t('length below 0', ring.s.send, b'')
    print(ring.states())
    ring.put(1, frame(15)[:10])
    t('too short', ring.s.send, b'')
    print(ring.states())
    ring.put(1, frame(60), next_offset=64)
    t('next offset', ring.s.send, b'')
    print(heard(), ring.states())
    t('to another device', ring.s.sendto, b'', ('lo', 0x800))
    t('again a ring', ring.s.setsockopt, PACKET, TX_RING, request(version))
    t('no ring', ring.s.setsockopt, PACKET, TX_RING, request(version, 0, 0, 0, 0))
    t('a version', ring.s.setsockopt, PACKET, VERSION, 1)
    ring = Ring(version, bound=False)
    t('not bound', ring.s.send, b'')
    ring.put(0, frame(60))
    t('with a name', ring.s.sendto, b'', ('v0', 0x1234))
    print(heard(), ring.states())
    ring = Ring(version, options=(LOSS,))
    ring.put(0, frame(1700))
    ring.put(1, frame(61))
    t('loss', ring.s.send, b'')
    print(heard(), ring.states())
    ring = Ring(version, options=(HAS_OFF,))
    for offset in (0, HDRLEN[version] - 1, HDRLEN[version], HDRLEN[version] + 100, FRAME - 60, FRAME - 59):
        ring = Ring(version, options=(HAS_OFF,))
        ring.put(0, frame(60)[:min(60, FRAME - offset)], length=60, offset=offset, at=offset or 1)
        t(f'offset {offset}', ring.s.send, b'')
        print(heard(), ring.states())
    ring = Ring(version, socket.SOCK_DGRAM)
    ring.put(0, bytes(50))
    t('dgram', ring.s.sendto, b'', ('v0', 0x1234, 0, 0, b'\2\0\0\0\0\2'))
    print(heard(), ring.states())
    ring = Ring(version, both=True)
    ring.put(0, frame(64))
    t('both', ring.s.send, b'')
    print(heard(), ring.states())
    ring.put(1, frame(65))
    sh('ip link set v0 down')
    t('down', ring.s.send, b'')
    print(ring.states())
    sh('ip link set v0 up')
for version in range(3):
    for name, req in (
        ('short', request(version)[:12]),
        ('block', request(version, block=1000)),
        ('no block', request(version, block=0)),
        ('frame', request(version, frame=40)),
        ('not aligned', request(version, frame=2047)),
        ('wrong count', request(version, frames=7)),
        ('no frames', request(version, blocks=0)),
        ('retire', request(version, more=(1, 0, 0))),
        ('priv', request(version, more=(0, 8, 0))),
        ('feature', request(version, more=(0, 0, 1))),
    ):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.setsockopt(PACKET, VERSION, version)
        t(f'{version} {name}', s.setsockopt, PACKET, TX_RING, req)
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(PACKET, TX_RING, request(0))
for length, offset in ((BLOCK, 0), (BLOCK * BLOCKS, 4096), (BLOCK * BLOCKS * 2, 0), (BLOCK * BLOCKS, 0)):
    try:
        mmap.mmap(s.fileno(), length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)
        print(length, offset, 'ok')
    except OSError as error:
        print(length, offset, errno.errorcode[error.errno])
