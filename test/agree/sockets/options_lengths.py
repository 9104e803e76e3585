"""Options of sockets in several states, with values and rooms of every length, also of less than nothing."""
import ctypes
import errno
import os
import socket
import struct

KINDS = {
    'udp': (socket.AF_INET, socket.SOCK_DGRAM, 0),
    'hdrincl': (socket.AF_INET, socket.SOCK_RAW, 255),
    'ping': (socket.AF_INET, socket.SOCK_DGRAM, 1),
    'udp6': (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    'raw6': (socket.AF_INET6, socket.SOCK_RAW, 253),
    'ping6': (socket.AF_INET6, socket.SOCK_DGRAM, 58),
}


def numbers(first, last, *without):
    return [number for number in range(first, last + 1) if number not in without]


# Left out: bounds that are settings of the machine, what depends on its devices or the number of a descriptor, and random numbers
LEVELS = {
    'SOCKET': (socket.SOL_SOCKET, numbers(1, 81, 7, 8, 16, 31, 32, 33, 34, 50, 52, 55, 57, 59, 71)),
    'IP': (socket.IPPROTO_IP, numbers(1, 53)),
    'IPV6': (socket.IPPROTO_IPV6, [*numbers(1, 80, 17, 32), 200, 201]),
    'UDP': (socket.IPPROTO_UDP, numbers(99, 105)),
    'TCP': (socket.IPPROTO_TCP, [1]),
    'none': (77, [1]),
}
ROOMS = 4, 0, 2, 5, 8, 40, -1


def ints(*values):
    return struct.pack(f'<{len(values)}i', *values)


VALUES = [b'', b'\1', b'\2\0', ints(0), ints(1), ints(2), ints(3), ints(64), ints(-1), ints(-2), ints(254), ints(1280), ints(0xfe80)]
VALUES += [ints(0x7fffffff), ints(-0x80000000), ints(1, 1), ints(1, -1), ints(0, 0, 0), ints(-1, -1, -1, -1), bytes(20), bytes(136)]
VALUES += [socket.inet_pton(socket.AF_INET6, address) + ints(1) for address in ('ff02::9', '::1', 'fe80::9')]
libc = ctypes.CDLL(None, use_errno=True)


def failed():
    return errno.errorcode[ctypes.get_errno()]


def get(s, level, option, room):
    value, length = ctypes.create_string_buffer(64), ctypes.c_int(room)
    if libc.getsockopt(s.fileno(), level, option, value, ctypes.byref(length)) < 0:
        return failed()
    return f'{length.value}:{value.raw[:length.value].hex()}'


def set_and_get(s, level, option, value):
    if libc.setsockopt(s.fileno(), level, option, value, len(value)) < 0:
        return failed()
    return f'={get(s, level, option, 40)}'


def made(kind, peer):
    s = socket.socket(*kind)
    if peer:
        s.bind(('', 7007))
        s.connect((peer, 7008))
    return s


def told(kind, peer, level, option):
    with made(kind, peer) as s:
        got = [get(s, level, option, room) for room in ROOMS]
    results = []
    for value in VALUES[3:8] if peer else VALUES:
        with made(kind, peer) as s:
            results.append(set_and_get(s, level, option, value))
    return ' '.join(got + ['|'] + results)


os.system('ip link set lo up; ip link set lo mtu 60000; echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range')
for name, kind in KINDS.items():
    peers = [None, '127.0.0.1' if kind[0] == socket.AF_INET else '::1'] if kind[1:] != (socket.SOCK_DGRAM, 58) else [None]
    for peer in peers + (['::ffff:127.0.0.1'] if name == 'udp6' else []):
        for level_name, (level, options) in LEVELS.items():
            seen = {}
            for option in options:
                if (name, level_name, option) == ('ping', 'IP', 52):
                    continue
                seen.setdefault(told(kind, peer, level, option), []).append(str(option))
            for said, alike in seen.items():
                print(name, peer, level_name, ','.join(alike), said)
