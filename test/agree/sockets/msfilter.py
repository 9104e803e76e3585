"""Source filters of groups, all at once: IP_MSFILTER and MCAST_MSFILTER (RFC 3678), set and asked."""
import ctypes
import socket
import struct

from common import sh, t

IP_MSFILTER, MCAST_MSFILTER = 41, 48
EXCLUDE, INCLUDE = 0, 1
sh('ip link set lo up;ip link add d0 type veth peer name d1;ip link set d0 up;ip link set d1 up;ip addr add 192.0.2.1/24 dev d0')
index = socket.if_nametoindex('d0')
libc = ctypes.CDLL(None, use_errno=True)


def packed(address):
    return socket.inet_aton(address)


def storage(address, family=socket.AF_INET):
    return (struct.pack('HH', family, 0) + packed(address)).ljust(128, b'\0')


def old(group, mode, *sources, device='192.0.2.1', count=None):
    head = packed(group) + packed(device) + struct.pack('II', mode, len(sources) if count is None else count)
    return head + b''.join(map(packed, sources))


def new(group, mode, *sources, device=index, count=None, family=socket.AF_INET):
    head = struct.pack('I4x', device) + storage(group, family) + struct.pack('II', mode, len(sources) if count is None else count)
    return head + b''.join(map(storage, sources))


def get(s, option, asked, room):
    value, length = ctypes.create_string_buffer(asked.ljust(600, b'\0'), 600), ctypes.c_int(room)
    if libc.getsockopt(s.fileno(), 0, option, value, ctypes.byref(length)) < 0:
        raise OSError(ctypes.get_errno(), '')
    at = 8 if option == IP_MSFILTER else 136
    size, first = (4, at + 8) if option == IP_MSFILTER else (128, at + 12)
    mode, count = struct.unpack_from('II', value.raw, at)
    told = (length.value - at - 8) // size
    return length.value, mode, count, [socket.inet_ntoa(value.raw[first + i * size:][:4]) for i in range(told)]


def ask(name, s, group='224.1.1.1', room=3):
    t(f'{name}: old', get, s, IP_MSFILTER, old(group, 9, count=room), 400)
    t(f'{name}: new', get, s, MCAST_MSFILTER, new(group, 9, count=room), 600)


s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
put = s.setsockopt
ask('not joined', s)
t('set, not joined', put, 0, IP_MSFILTER, old('224.1.1.1', EXCLUDE, '10.0.0.1'))
t('set, not joined', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE, '10.0.0.1'))
t('join', put, 0, socket.IP_ADD_MEMBERSHIP, packed('224.1.1.1') + packed('192.0.2.1'))
ask('joined', s)
t('old', put, 0, IP_MSFILTER, old('224.1.1.1', EXCLUDE, '10.0.0.1', '10.0.0.2'))
ask('two', s)
ask('two, room for one', s, room=1)
ask('two, no room', s, room=0)
t('new', put, 0, MCAST_MSFILTER, new('224.1.1.1', INCLUDE, '10.0.0.3'))
ask('one', s)
t('new, none', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE))
ask('none', s)
t('too many', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE, *['10.0.0.1'] * 11))
t('fewer than said', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE, '10.0.0.1', count=2))
t('short', put, 0, MCAST_MSFILTER, b'\0' * 143)
t('other family', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE, family=socket.AF_INET6))
t('no group', put, 0, MCAST_MSFILTER, new('10.1.1.1', EXCLUDE))
t('no mode', put, 0, MCAST_MSFILTER, new('224.1.1.1', 2))
t('no device', put, 0, MCAST_MSFILTER, new('224.1.1.1', EXCLUDE, device=99))
ask('no group', s, '10.1.1.1')
t('short', get, s, IP_MSFILTER, b'', 15)
t('short', get, s, MCAST_MSFILTER, b'', 143)
t('include nobody', put, 0, MCAST_MSFILTER, new('224.1.1.1', INCLUDE))
ask('left', s)
