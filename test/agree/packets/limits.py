"""How often ICMP is said (RFC 1812 4.3.2.8, RFC 4443 2.4), and options of routers that programs hear (RFC 8106, RFC 8781)."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
sh('''ip addr add 10.0.0.1/24 dev t0
ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip route add unreachable 198.18.0.0/24
ip -6 route add unreachable 2001:db8:4::/64''')
for host in range(9, 60):
    sh(f'ip neigh add 10.0.0.{host} lladdr 02:00:00:00:00:81 dev t0; ip -6 neigh add 2001:db8::{host:x} lladdr 02:00:00:00:00:81 dev t0')
sh('ip -6 neigh add fe80::9 lladdr 02:00:00:00:00:81 dev t0')
conf4(rp_filter=0)
conf4('all', rp_filter=0)
start(1)
HOST = [9]


def burst(title, kind=3, count=12, six=False, hosts=1):
    """So many questions at once, of a host that has not asked before; the answers are counted."""
    HOST[0] += 1
    for turn in range(count):
        host = HOST[0] + turn % hosts
        src = f'2001:db8::{host:x}' if six else f'10.0.0.{host}'
        us = '2001:db8::1' if six else '10.0.0.1'
        if six:
            message = {1: (udp(src, us, dport=99), 17), 128: (icmp6(src, us, 128), 58), 4: (b'\x11\0\x9e\4\0\0\0\0' + udp(src, us), 60)}[kind]
            t0.ip6(*message, src=src, dst=us)
        else:
            message = {3: (udp(src, us, dport=99), 17), 8: (icmp(8), 1), 13: (icmp(13, data=bytes(12)), 1), 12: (udp(src, us), 17)}[kind]
            t0.ip4(*message, src=src, dst=us, options=b'\x07\x03\x00\0' if kind == 12 else b'')
    HOST[0] += hosts - 1
    now(title, frames=False)


for limit in (1000, 100000, 0):
    sysctl(ipv4__icmp_ratelimit=limit)
    for kind in (3, 8, 13, 12):
        burst(f'IPv4 ratelimit {limit}: kind {kind}', kind)
sysctl(ipv4__icmp_ratelimit=100000)
burst('IPv4, three hosts', hosts=3, count=30)
for mask in (0x1818, 0, 1, 8):
    sysctl(ipv4__icmp_ratemask=mask)
    for kind in (3, 8, 12):
        burst(f'IPv4 ratemask {mask:x}: kind {kind}', kind)
sysctl(ipv4__icmp_ratemask=0x1818)
for limit in (100000, 0):
    put('ipv6/icmp/ratelimit', limit * 10)
    for kind in (1, 128, 4):
        burst(f'IPv6 ratelimit {limit}: kind {kind}', kind, six=True)
put('ipv6/icmp/ratelimit', 1000000)
burst('IPv6, three hosts', 1, hosts=3, count=30, six=True)
for mask in ('0-1,3-127', '', '128', '0-255', '1', '0-1,3-300', 'x'):
    put('ipv6/icmp/ratemask', mask or '\n')
    show('cat /proc/sys/net/ipv6/icmp/ratemask')
    for kind in (1, 128):
        burst(f'IPv6 ratemask {mask}: kind {kind}', kind, six=True)
# what routers say to programs
nl = socket.socket(16, 3, 0)
nl.bind((0, 0))
nl.setsockopt(270, 1, 20)
nl.setblocking(False)


def heard_options(title):
    drain()
    print(title, '|', flush=True)
    try:
        while True:
            data = nl.recv(65536)
            while data:
                length, kind = struct.unpack('=IH', data[:6])
                body = data[16:length]
                print('   ', kind, body[:2].hex(), body[2:4].hex(), body[8:].hex(), flush=True)
                data = data[(length + 3) & ~3:]
    except BlockingIOError:
        pass


def ra(title, opts, src='fe80::9', hops=255, flags=0):
    t0.ip6(icmp6(src, 'ff02::1', 134, 0, struct.pack('>BBH', 64, flags, 1800), bytes(8) + opts), 58, src=src, dst='ff02::1', hops=hops)
    heard_options(title)


RDNSS = struct.pack('>BBHL', 25, 3, 0, 100) + a6('2001:db8::53')
DNSSL = struct.pack('>BBHL', 31, 3, 0, 100) + b'\7example\3org\0\0\0\0'
PREF64 = struct.pack('>BBH', 38, 2, 1800) + a6('64:ff9b::')[:12]
CAPTIVE = bytes([37, 2]) + b'https://x.org/'
for title, opts in {'RDNSS': RDNSS, 'DNSSL': DNSSL, 'PREF64': PREF64, 'captive portal': CAPTIVE, 'all': RDNSS + DNSSL + PREF64 + CAPTIVE, 'twice': RDNSS + RDNSS, 'among others': b'\1\1' + t0.peer + RDNSS + struct.pack('>BBHL', 5, 1, 0, 1400), 'flags': b'\x1a\1' + bytes(6), 'unknown': b'\x99\1' + bytes(6), 'short RDNSS': RDNSS[:8], 'RDNSS of length 1': b'\x19\1' + bytes(6), 'length 0': b'\x19\0' + bytes(6), 'after length 0': RDNSS + b'\x99\0' + bytes(6)}.items():
    ra(title, opts)
ra('of a stranger', RDNSS, src='2001:db8::9')
ra('of afar', RDNSS, hops=64)
for accept in (0, 2):
    for forwarding in (0, 1):
        conf6(accept_ra=accept, forwarding=forwarding)
        ra(f'accept_ra {accept} forwarding {forwarding}', RDNSS)
conf6(accept_ra=1, forwarding=0)
conf6(accept_ra_pinfo=0, accept_ra_defrtr=0)
ra('no prefixes, no routers', RDNSS)
