"""Every option of sockets, of every kind: what it is, and what becomes of it when values of several lengths are set."""
import ctypes
import errno
import os
import socket

KINDS = {
    'udp': (socket.AF_INET, socket.SOCK_DGRAM, 0),
    'udplite': (socket.AF_INET, socket.SOCK_DGRAM, 136),
    'tcp': (socket.AF_INET, socket.SOCK_STREAM, 0),
    'raw': (socket.AF_INET, socket.SOCK_RAW, 253),
    'icmp': (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    'udp6': (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    'tcp6': (socket.AF_INET6, socket.SOCK_STREAM, 0),
    'raw6': (socket.AF_INET6, socket.SOCK_RAW, 253),
    'icmp6': (socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
    'packet': (socket.AF_PACKET, socket.SOCK_RAW, 0),
    'netlink': (socket.AF_NETLINK, socket.SOCK_RAW, 0),
}


def numbers(last, *without):
    return [number for number in range(last + 1) if number not in without]


# Left out: bounds that are settings of the machine (buffers), what differs with the kernel's version (credentials of
# PF_INET's sockets, SO_TXREHASH), what needs programs of BPF or device memory, and what is not built
LEVELS = {
    'SOCKET': (socket.SOL_SOCKET, numbers(79, 7, 8, 16, 18, 31, 32, 33, 34, 50, 52, 55, 57, 59, 60, 71, 74, 76)),
    'IP': (socket.IPPROTO_IP, numbers(51, 4, 16, 17, 41, 48)),
    'IPV6': (socket.IPPROTO_IPV6, numbers(79, 1, 6, 24, 27, 28, 32, 34, 35, 48, 54, 55, 57, 59, 64, 65, 68, 69)),
    'UDP': (socket.IPPROTO_UDP, [0, 1, 10, 11, 100, 101, 102, 103, 104, 105]),
    'UDPLITE': (136, [1, 10, 11]),
    'TCP': (socket.IPPROTO_TCP, [*numbers(18, 11, 13, 14), 23, 27, 30, 34, 36, 38]),
    'PACKET': (263, numbers(25, 13)),
    'RAW': (255, numbers(3)),
    'ICMPV6': (socket.IPPROTO_ICMPV6, numbers(2)),
    'none': (77, [1]),
}
libc = ctypes.CDLL(None, use_errno=True)


def failed():
    return errno.errorcode[ctypes.get_errno()]


def get(s, level, option, room=4):
    value, length = ctypes.create_string_buffer(64), ctypes.c_int(room)
    if libc.getsockopt(s.fileno(), level, option, value, ctypes.byref(length)) < 0:
        return failed()
    return f'{length.value}:{value.raw[:min(length.value, room)].hex()}'


def set_and_get(kind, level, option, value):
    with socket.socket(*kind) as s:
        if libc.setsockopt(s.fileno(), level, option, value, len(value)) < 0:
            return failed()
        return f'={get(s, level, option)}'


VALUES = b'\1\0\0\0', b'\0\0\0\0', b'\xff\xff\xff\xff', b'\2', b'', b'\x2c\1\0\0'
os.system('ip link set lo up')
for name, kind in KINDS.items():
    for level_name, (level, options) in LEVELS.items():
        seen = {}
        for option in options:
            with socket.socket(*kind) as s:
                got = [get(s, level, option, room) for room in (4, 1, 0, 40)]
            told = ' '.join(got + ['|'] + [set_and_get(kind, level, option, value) for value in VALUES])
            seen.setdefault(told, []).append(str(option))
        # those that answer alike are told together
        for told, alike in seen.items():
            print(name, level_name, ','.join(alike), told)
