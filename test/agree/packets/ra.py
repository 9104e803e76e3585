"""Router advertisements: what a host takes from them (RFC 4861 6.3.4, RFC 4862 5.5.3, RFC 4191, ip-sysctl)."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
sh('ip -6 addr add fe80::1/64 dev t0 nodad')
start(1)
LIFE = [(r'expires \S+', 'expires N'), (r'_lft \d+sec', '_lft N'), (r'proto kernel_ra', '')]


def pio(prefix='2001:db8:1::', plen=64, flags=0xc0, valid=3000, preferred=2000):
    return struct.pack('>BBBBLLL', 3, 4, plen, flags, valid, preferred, 0) + a6(prefix)


def rio(prefix='2001:db8:9::', plen=64, pref=0, life=1000, length=3):
    return struct.pack('>BBBBL', 24, length, plen, pref << 3, life) + a6(prefix)[:(length - 1) * 8]


def advertise(title, opts=b'', src='fe80::9', hops=255, cur=64, flags=0, life=1800, reach=0, retrans=0, code=0, clear=True):
    body = struct.pack('>BBHLL', cur, flags, life, reach, retrans)
    t0.ip6(icmp6(src, 'ff02::1', 134, code, body[:4], body[4:] + opts), 58, src=src, dst='ff02::1', hops=hops)
    drain(0.05)
    now(title, frames=False, hide='Out')
    show('ip -6 route show table main', LIFE)
    show('ip -6 addr show dev t0 scope global | tail -n +2', LIFE)
    show('grep -H . ' + ' '.join(f'/proc/sys/net/ipv6/conf/t0/{f}' for f in ('hop_limit', 'mtu')) + ' /proc/sys/net/ipv6/neigh/t0/base_reachable_time_ms /proc/sys/net/ipv6/neigh/t0/retrans_time_ms')
    show('ip -6 neigh')
    if clear:
        sh('ip -6 route flush proto ra; ip -6 addr flush dev t0 scope global; ip -6 neigh flush all')
        conf6(hop_limit=64, mtu=1500)
        neigh6(base_reachable_time_ms=30000, retrans_time_ms=1000)


sh('ip -6 route del 2001:db8::/64')
advertise('bare')
advertise('link address', b'\1\1' + t0.peer)
advertise('all of it', b'\1\1' + t0.peer + struct.pack('>BBHL', 5, 1, 0, 1400) + pio() + rio(), cur=33, reach=20000, retrans=500)
for accept in (0, 1, 2):
    for forward in (0, 1):
        conf6(accept_ra=accept, forwarding=forward)
        advertise(f'accept_ra {accept} forwarding {forward}', pio())
conf6(accept_ra=1, forwarding=0)
for which, values in dict(accept_ra_defrtr=(0, 1), accept_ra_pinfo=(0, 1), accept_ra_rtr_pref=(0, 1), autoconf=(0, 1), accept_ra_mtu=(0, 1), accept_ra_from_local=(0, 1), ra_defrtr_metric=(1, 77, 1024), accept_ra_min_hop_limit=(0, 30, 40, 1), accept_ra_min_lft=(1000, 2500, 0), accept_ra_rt_info_min_plen=(0, 65), accept_ra_rt_info_max_plen=(48, 64, 128, 0), addr_gen_mode=(0, 1), ra_honor_pio_life=(1, 0)).items():
    for value in values:
        conf6(**{which: value})
        if which == 'accept_ra_rt_info_min_plen':
            conf6(accept_ra_rt_info_max_plen=128)
        advertise(f'{which} {value}', pio() + rio() + struct.pack('>BBHL', 5, 1, 0, 1400), cur=33, flags=8)
        if which == 'accept_ra_from_local':
            advertise(f'{which} {value}, from ours', pio(), src='fe80::1')
conf6(addr_gen_mode=0)
conf6(accept_ra_rt_info_max_plen=64)
for pref in range(4):
    advertise(f'preference {pref}', rio(pref=pref), flags=pref << 3)
for life in (0, 1, 9000, 65535):
    advertise(f'lifetime {life}', life=life)
advertise('first', clear=False)
advertise('then no more', life=0)
advertise('first', pio(), clear=False)
advertise('another one', pio('2001:db8:2::'), src='fe80::8', flags=8, clear=False)
advertise('prefix withdrawn', pio(valid=0, preferred=0), clear=False)
advertise('prefix short', pio(valid=100, preferred=50), clear=False)
advertise('prefix for ever', pio(valid=0xffffffff, preferred=0xffffffff))
for title, opts in {'plen 63': pio(plen=63), 'plen 128': pio(plen=128), 'plen 129': pio(plen=129), 'on link only': pio(flags=0x80), 'autonomous only': pio(flags=0x40), 'neither': pio(flags=0), 'link-local': pio('fe80::'), 'a group': pio('ff00::'), 'preferred > valid': pio(valid=10, preferred=20), 'valid 0': pio(valid=0, preferred=0), 'deprecated': pio(preferred=0), 'managed': pio(flags=0xd0), 'short': pio()[:24], 'mtu 100': struct.pack('>BBHL', 5, 1, 0, 100), 'mtu 1280': struct.pack('>BBHL', 5, 1, 0, 1280), 'mtu 9000': struct.pack('>BBHL', 5, 1, 0, 9000), 'rio plen 0': rio('::', 0, length=1), 'rio of 2': rio(length=2), 'rio of 1': rio(length=1), 'rio plen 65 of 2': rio(plen=65, length=2), 'rio life 0': rio(life=0), 'rio for ever': rio(life=0xffffffff), 'rio reserved': rio(pref=2), 'rdnss': struct.pack('>BBHL', 25, 3, 0, 100) + a6('2001:db8::53'), 'length 0': b'\3\0' + bytes(6), 'unknown': b'\x99\1' + bytes(6)}.items():
    advertise(title, opts)
for hop in (0, 1, 63, 64, 65, 255):
    advertise(f'hop limit {hop}', cur=hop)
for reach in (0, 1, 3600000, 3600001):
    advertise(f'reachable {reach}', reach=reach)
for retrans in (0, 1, 1000, 3600001):
    advertise(f'retrans {retrans}', retrans=retrans)
advertise('from a global address', src='2001:db8::9')
advertise('hops', hops=64)
advertise('code', code=1)
advertise('managed and other', flags=0xc0)
conf6(disable_ipv6=1)
advertise('disabled', pio())
