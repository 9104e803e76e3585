"""Groups of sockets whose members are full (PACKET_FANOUT_ROLLOVER): who gets the next frame, and what is counted."""
import mmap
import select
import socket
import struct

from common import sh

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('sysctl -qw net.ipv6.conf.v0.disable_ipv6=1 net.ipv6.conf.v1.disable_ipv6=1')
sh('ip link set v0 up;ip link set v1 up')
PACKET, RX_RING, STATISTICS, VERSION, FANOUT, ROLLOVER_STATS = 263, 5, 6, 10, 18, 21
LB, ROLLOVER, FLAG = 1, 3, 0x1000
sender = socket.socket(17, 3, 0)
sender.bind(('v0', 0))


def member(group, type_flags, version=None, blocks=2):
    s = socket.socket(17, 3, 0)
    memory = None
    if version is not None:
        s.setsockopt(PACKET, VERSION, version)
        more = struct.pack('3I', 100000, 0, 0) if version == 2 else b''
        s.setsockopt(PACKET, RX_RING, struct.pack('4I', 4096, blocks, 1024 if version < 2 else 4096, blocks * (4 if version < 2 else 1)) + more)
        memory = mmap.mmap(s.fileno(), 4096 * blocks)
    s.bind(('v1', 0x1234))
    s.setsockopt(PACKET, FANOUT, group | type_flags << 16)
    return s, memory


def send(count, last=0):
    for _ in range(count):
        sender.send(bytes.fromhex('020000000002020000000001') + b'\x12\x34' + bytes(700) + bytes([last]))


def stats(members):
    for s, _ in members:
        told = [struct.unpack('II', s.getsockopt(PACKET, STATISTICS, 8))]
        try:
            told.append(struct.unpack('QQQ', s.getsockopt(PACKET, ROLLOVER_STATS, 24)))
        except OSError as error:
            told.append(error.strerror)
        print('   ', *told)


for group, (name, type_flags, version) in enumerate((
    ('rollover', ROLLOVER, 0),
    ('rollover v2', ROLLOVER, 1),
    ('rollover v3', ROLLOVER, 2),
    ('turns', LB | FLAG, 0),
    ('turns v3', LB | FLAG, 2),
    ('no flag', LB, 1),
)):
    print(name)
    members = [member(group, type_flags, version) for _ in range(3)]
    for count in (1, 3, 5, 20):
        send(count)
        stats(members)
    # the second one reads, first without a call, then with one
    s, memory = members[1]
    if version < 2:
        for at in range(0, 8192, 1024):
            struct.pack_into('I', memory, at, 0)
    else:
        for at in range(0, 8192, 4096):
            struct.pack_into('I', memory, at + 8, 0)
    send(3)
    stats(members)
    poll = select.poll()
    poll.register(s, select.POLLIN)
    poll.poll(0)
    send(3)
    stats(members)
    for s, _ in members:
        s.close()
print('queues')
members = [member(9, ROLLOVER) for _ in range(2)]
for s, _ in members:
    s.setsockopt(1, 8, 8000)
for count in (1, 4, 10):
    send(count)
    stats(members)
