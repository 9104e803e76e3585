"""A send from a ring (PACKET_TX_RING) waits until all of it is gone, unless it may not."""
import mmap
import socket
import struct
import time

from common import sh

sh('ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02')
sh('ip link set v0 up;ip link set v1 up;tc qdisc add dev v0 root tbf rate 8kbit burst 2000 latency 10s')
s = socket.socket(17, 3, 0)
s.setsockopt(263, 13, struct.pack('4I', 8192, 2, 2048, 8))
s.bind(('v0', 0))
m = mmap.mmap(s.fileno(), 16384)


def put(i):
    struct.pack_into('I', m, i * 2048 + 8, 1000)
    m[i * 2048 + 32:i * 2048 + 46] = bytes.fromhex('0200000000020200000000011234')
    struct.pack_into('I', m, i * 2048, 1)


for i in range(3):
    put(i)
began = time.monotonic()
print('sent', s.send(b''), [struct.unpack_from('I', m, i * 2048)[0] for i in range(3)], time.monotonic() - began > 0.5)
for i in range(3, 5):
    put(i)
print('dontwait', s.send(b'', socket.MSG_DONTWAIT), [struct.unpack_from('I', m, i * 2048)[0] for i in range(3, 5)])
s.setblocking(False)
put(5)
print('nonblock', s.send(b''), [struct.unpack_from('I', m, i * 2048)[0] for i in range(3, 6)])
