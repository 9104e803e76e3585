"""Sockets in the hands of programs: copies, children, threads, passing, readiness, signals, time-outs, several messages in a call."""
import array
import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from common import sh, t

sh('ip link set lo up')
libc = ctypes.CDLL(None, use_errno=True)
HERE = '127.0.0.1'


def pair(kind=socket.SOCK_DGRAM, family=2, address=HERE):
    a, b = socket.socket(family, kind), socket.socket(family, kind)
    b.bind((address, 0))
    a.connect(b.getsockname())
    b.settimeout(2)
    return a, b


def now(s, flags=0):
    s.setblocking(False)
    try:
        return s.recv(100, flags)
    except OSError as error:
        return errno.errorcode[error.errno]
    finally:
        s.settimeout(2)


print('copies')
a, b = pair()
c = b.dup()
a.send(b'one')
print(c.recv(10), now(b))
d = socket.socket(fileno=os.dup2(b.fileno(), 200))
a.send(b'two')
d.settimeout(2)
print(d.recv(10), now(b))
b.close()
c.close()
a.send(b'three')
print(d.recv(10))
d.close()
print('children')
a, b = pair()
pid = os.fork()
if pid == 0:
    print('child', b.recv(10), flush=True)
    a.send(b'from the child')
    os._exit(0)
a.send(b'to the child')
os.waitpid(pid, 0)
print(b.recv(20))
os.set_inheritable(b.fileno(), True)
a.send(b'by exec')
subprocess.run([sys.executable, '-c', f'import socket; s = socket.socket(fileno={b.fileno()}); s.settimeout(2); print("exec", s.recv(20), s.type, s.family)'], close_fds=False)
print('passing')
left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a, b = pair()
pid = os.fork()
if pid == 0:
    a.close()
    number = b.fileno()
    b.close()
    _, control, _, _ = right.recvmsg(10, 100)
    got = socket.socket(fileno=array.array('i', control[0][2])[0])
    got.settimeout(2)
    print('got', got.recv(20), got.getsockname()[0], flush=True)
    os._exit(0)
left.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [b.fileno()]))])
b.close()
a.send(b'passed')
os.waitpid(pid, 0)
print('threads')
a, b = pair()
seen = []
threads = [threading.Thread(target=lambda: seen.append(b.recv(10))) for _ in range(4)]
for thread in threads:
    thread.start()
for i in range(4):
    a.send(b'%d' % i)
for thread in threads:
    thread.join()
print(sorted(seen))
print('readiness')
a, b = pair()
poll = select.poll()
poll.register(b, select.POLLIN | select.POLLOUT | select.POLLPRI | select.POLLRDHUP)
print(poll.poll(0)[0][1], select.select([b], [b], [b], 0)[0] == [])
a.send(b'x')
print(poll.poll(1000)[0][1], select.select([b], [b], [b], 0)[0] == [b], select.select([b], [b], [b], 0)[2] == [])
epoll = select.epoll()
epoll.register(b, select.EPOLLIN | select.EPOLLET)
print([mask for _, mask in epoll.poll(1)], epoll.poll(0))
a.send(b'y')
print([mask for _, mask in epoll.poll(1)])
print(now(b), now(b), now(b), epoll.poll(0))
a.send(b'z')
print([mask for _, mask in epoll.poll(1)], now(b))
epoll.modify(b, select.EPOLLIN | select.EPOLLONESHOT)
a.send(b'1')
print([mask for _, mask in epoll.poll(1)], epoll.poll(0), now(b))
t('shutdown', b.shutdown, socket.SHUT_RD)
b.connect(a.getsockname())
t('shutdown', b.shutdown, socket.SHUT_RD)
print(poll.poll(0)[0][1], now(b))
t('shutdown', b.shutdown, socket.SHUT_WR)
t('send', b.send, b'x')
print('errors')
a, b = pair()
b.close()
poll = select.poll()
poll.register(a, select.POLLIN)
for _ in range(100):
    a.send(b'x')
    if poll.poll(50):
        break
print([mask for _, mask in poll.poll(1000)], [len(x) for x in select.select([a], [], [a], 0)])
print(a.getsockopt(1, 4), poll.poll(0), a.getsockopt(1, 4))
print('time-outs')
a, b = pair()
for value in (struct.pack('qq', 0, 50000), struct.pack('qq', 0, 1000000), struct.pack('qq', -1, 0), struct.pack('qq', 0, -1), struct.pack('qq', 0, 1), b'\0' * 8):
    s = socket.socket(2, 2)
    t(f'set {value.hex()}', s.setsockopt, 1, 20, value)
    print(s.getsockopt(1, 20, 16).hex())
b.settimeout(None)
b.setsockopt(1, 20, struct.pack('qq', 0, 50000))
began = time.monotonic()
t('waited', b.recv, 10)
print(time.monotonic() - began > 0.04)
print('signals')
signal.signal(signal.SIGALRM, lambda *_: print('alarm', flush=True))
signal.siginterrupt(signal.SIGALRM, True)
b.setsockopt(1, 20, struct.pack('qq', 0, 0))


class Stop(Exception):
    pass


def stop(*_):
    raise Stop


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    b.recv(10)
except Stop:
    print('interrupted')
a.send(b'after')
print(b.recv(10))
got = []
signal.signal(signal.SIGIO, lambda *_: got.append('io'))
fcntl.fcntl(b, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(b, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
a.send(b'x')
for _ in range(100):
    if got:
        break
    time.sleep(0.01)
print(got[:1], fcntl.fcntl(b, fcntl.F_GETOWN) == os.getpid())
print('non-blocking')
a, b = pair()
fcntl.ioctl(b, 0x5421, struct.pack('i', 1))
t('FIONBIO', b.recv, 10)
fcntl.ioctl(b, 0x5421, struct.pack('i', 0))
t('MSG_DONTWAIT', b.recv, 10, socket.MSG_DONTWAIT)
a.send(b'12345')
print(struct.unpack('i', fcntl.ioctl(b, 0x541b, b'\0' * 4)), struct.unpack('i', fcntl.ioctl(a, 0x5411, b'\0' * 4)))
print(b.recv(2, socket.MSG_PEEK), b.recv(2, socket.MSG_PEEK | socket.MSG_TRUNC)[:2], b.recv(2, socket.MSG_TRUNC | socket.MSG_WAITALL)[:2])
t('MSG_OOB', b.recv, 10, socket.MSG_OOB | socket.MSG_DONTWAIT)
t('MSG_OOB', a.send, b'x', socket.MSG_OOB)
t('MSG_NOSIGNAL, MSG_EOR', a.send, b'eor', socket.MSG_NOSIGNAL | 0x80)
print(b.recv(10))
t('MSG_CONFIRM', a.send, b'c', 0x800)
t('MSG_PROBE', a.send, b'p', 0x10)
t('MSG_DONTROUTE', a.send, b'd', 4)
print(b.recv(10), b.recv(10), now(b))
print('several')


class iovec(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]


class msghdr(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint32), ('iov', ctypes.POINTER(iovec)), ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int)]


class mmsghdr(ctypes.Structure):
    _fields_ = [('hdr', msghdr), ('len', ctypes.c_uint)]


def several(count, sizes, texts=None):
    vector, keep = (mmsghdr * count)(), []
    for i in range(count):
        buffer = ctypes.create_string_buffer(texts[i] if texts else b'', sizes[i] + 1)
        iov = iovec(ctypes.cast(buffer, ctypes.c_void_p), len(texts[i]) if texts else sizes[i])
        keep.append((buffer, iov))
        vector[i].hdr.iov = ctypes.pointer(iov)
        vector[i].hdr.iovlen = 1
    return vector, keep


def sendmmsg(s, vector, count, flags=0):
    sent = libc.sendmmsg(s.fileno(), vector, count, flags)
    return sent if sent >= 0 else errno.errorcode[ctypes.get_errno()], [m.len for m in vector]


def recvmmsg(s, vector, keep, count, flags=0, seconds=None):
    timeout = None if seconds is None else ctypes.byref((ctypes.c_long * 2)(int(seconds), int(seconds % 1 * 1e9)))
    taken = libc.recvmmsg(s.fileno(), vector, count, flags, timeout)
    return taken if taken >= 0 else errno.errorcode[ctypes.get_errno()], [(m.len, k[0].value, m.hdr.flags) for m, k in zip(vector, keep)]


a, b = pair()
vector, keep = several(3, [10] * 3, [b'one', b'two', b'three'])
print(sendmmsg(a, vector, 3))
vector, keep = several(4, [10, 2, 10, 10])
print(recvmmsg(b, vector, keep, 4, socket.MSG_DONTWAIT))
print(recvmmsg(b, vector, keep, 4, socket.MSG_DONTWAIT))
b.settimeout(None)
vector, keep = several(3, [10] * 3, [b'one', b'', b'three'])
print(sendmmsg(a, vector, 2), sendmmsg(a, vector, 0))
vector, keep = several(4, [10] * 4)
print(recvmmsg(b, vector, keep, 4, 0x10000))
vector, keep = several(2, [10] * 2, [b'x', b'y'])
vector[1].hdr.iov = None
vector[1].hdr.iovlen = 1
print(sendmmsg(a, vector, 2))
print(now(b), now(b))
vector, keep = several(2, [10] * 2, [b'x' * 10, b'y'])
vector[0].hdr.iovlen = 2000
print(sendmmsg(a, vector, 2))
print(recvmmsg(b, *several(2, [10] * 2), 2, 0, -1))
b.setblocking(True)
began = time.monotonic()
b.setblocking(False)
a.send(b'first')
b.setblocking(True)
threading.Timer(0.2, a.send, [b'late']).start()
vector, keep = several(3, [10] * 3)
print(recvmmsg(b, vector, keep, 3, 0, 0.1), time.monotonic() - began > 0.1)
b.setblocking(False)
print('bad pointers')
for name, call in (
    ('send', lambda: libc.send(a.fileno(), ctypes.c_void_p(8), 10, 0)),
    ('sendto', lambda: libc.sendto(a.fileno(), b'x', 1, 0, ctypes.c_void_p(8), 16)),
    ('sendto name', lambda: libc.sendto(a.fileno(), b'x', 1, 0, b'\2\0' + bytes(200), 200)),
    ('sendto -1', lambda: libc.sendto(a.fileno(), b'x', 1, 0, b'\2\0' + bytes(200), -1)),
    ('recvfrom', lambda: libc.recvfrom(b.fileno(), ctypes.c_void_p(8), 10, 0, None, None)),
    ('sendmsg', lambda: libc.sendmsg(a.fileno(), ctypes.c_void_p(8), 0)),
    ('recvmsg', lambda: libc.recvmsg(b.fileno(), ctypes.c_void_p(8), 0x40)),
    ('bind', lambda: libc.bind(a.fileno(), ctypes.c_void_p(8), 16)),
    ('bind -1', lambda: libc.bind(a.fileno(), b'\2\0' + bytes(20), -1)),
    ('connect', lambda: libc.connect(a.fileno(), ctypes.c_void_p(8), 16)),
    ('connect long', lambda: libc.connect(a.fileno(), b'\2\0' + bytes(200), 200)),
    ('getsockname', lambda: libc.getsockname(a.fileno(), ctypes.c_void_p(8), ctypes.byref(ctypes.c_int(16)))),
    ('getsockname length', lambda: libc.getsockname(a.fileno(), ctypes.create_string_buffer(20), ctypes.c_void_p(8))),
    ('getsockname -1', lambda: libc.getsockname(a.fileno(), ctypes.create_string_buffer(20), ctypes.byref(ctypes.c_int(-1)))),
    ('getsockopt', lambda: libc.getsockopt(a.fileno(), 1, 7, ctypes.c_void_p(8), ctypes.byref(ctypes.c_int(4)))),
    ('getsockopt length', lambda: libc.getsockopt(a.fileno(), 1, 7, ctypes.create_string_buffer(20), ctypes.c_void_p(8))),
    ('getsockopt -1', lambda: libc.getsockopt(a.fileno(), 1, 7, ctypes.create_string_buffer(20), ctypes.byref(ctypes.c_int(-1)))),
    ('setsockopt', lambda: libc.setsockopt(a.fileno(), 1, 7, ctypes.c_void_p(8), 4)),
    ('setsockopt -1', lambda: libc.setsockopt(a.fileno(), 1, 7, bytes(4), -1)),
    ('listen', lambda: libc.listen(a.fileno(), 1)),
    ('accept', lambda: libc.accept(a.fileno(), None, None)),
    ('socketpair', lambda: libc.socketpair(2, 2, 0, (ctypes.c_int * 2)())),
    ('socket type', lambda: libc.socket(2, 9, 0)),
    ('socket flags', lambda: libc.socket(2, 2 | 0x100, 0)),
    ('socket protocol', lambda: libc.socket(2, 2, 300)),
    ('socket protocol', lambda: libc.socket(2, 2, 6)),
    ('socket seqpacket', lambda: libc.socket(2, 5, 0)),
    ('shutdown', lambda: libc.shutdown(a.fileno(), 7)),
    ('ioctl', lambda: libc.ioctl(a.fileno(), 0x541b, ctypes.c_void_p(8))),
    ('ioctl unknown', lambda: libc.ioctl(a.fileno(), 0x1234, ctypes.c_void_p(8))),
):
    ctypes.set_errno(0)
    result = call()
    print(name, result if result < 0 else 'ok', errno.errorcode.get(ctypes.get_errno()))
