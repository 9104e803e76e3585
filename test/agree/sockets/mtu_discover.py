"""IP_MTU_DISCOVER and IPV6_MTU_DISCOVER: what is sent, split or refused where the path takes less than the device."""
import errno
import os
import socket
import struct
import time

from common import sh, t

MARKS = 'DONT', 'WANT', 'DO', 'PROBE', 'INTERFACE', 'OMIT'
sh('ip link set lo up; ip link add v0 type veth peer name v1; ip link set v1 arp off; ip link set v0 arp off')
sh('ip link set v0 up; ip link set v1 up; ip addr add 10.0.0.1/24 dev v0; ip -6 addr add 2001:db8::1/64 dev v0 nodad')
sh('ip route add 10.1.0.0/24 via 10.0.0.2 mtu 1300; ip -6 route add 2001:db8:1::/64 via 2001:db8::2 mtu 1300')
sh('ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev v0')
seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
seen.bind(('v1', 0x0800))
seen6 = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
seen6.bind(('v1', 0x86dd))


def packets(six):
    """Length, and whether and how it is split, of each datagram or piece to a host beyond the gateway."""
    time.sleep(.02)
    told = []
    while True:
        try:
            data = (seen6 if six else seen).recv(70000, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return ' '.join(told)
        if six and data[24:38] == socket.inet_pton(socket.AF_INET6, '2001:db8:1::9')[:14]:
            piece = f'@{struct.unpack(">H", data[42:44])[0]}' if data[6] == 44 else ''
            told.append(f'{len(data)}{piece}')
        elif not six and data[16:18] == b'\x0a\1':
            off = struct.unpack('>H', data[6:8])[0]
            told.append(f'{len(data)}{" DF"[1:] if off & 0x4000 else ""}' + (f'@{off & 0x3fff}' if off & 0x3fff else ''))


def send(s, size, *options):
    try:
        return s.sendmsg([bytes(size)], options)
    except OSError as error:
        return errno.errorcode[error.errno]


for family, peer, header, level, option in (
    (socket.AF_INET, '10.1.0.9', 20, socket.IPPROTO_IP, 10),
    (socket.AF_INET6, '2001:db8:1::9', 40, socket.IPPROTO_IPV6, 23),
):
    six = family == socket.AF_INET6
    for kind, protocol, own in (socket.SOCK_DGRAM, 0, 8), (socket.SOCK_RAW, 253, 0):
        for mode, name in enumerate(MARKS):
            s = socket.socket(family, kind, protocol)
            s.setsockopt(level, option, mode)
            s.connect((peer, 9))
            t(f'{family.name} {kind.name} {name} MTU', s.getsockopt, level, 24 if six else 14)
            for whole in 1300, 1301, 1500, 1501, 3000, 66000:
                sent = send(s, whole - header - own)
                print(f'  {whole}: {sent} {packets(six)}', flush=True)
            s.close()
os.system('grep -h "^Ip: [0-9]" /proc/net/snmp | cut -d" " -f18-20; grep -E "^Ip6Frag" /proc/net/snmp6')
