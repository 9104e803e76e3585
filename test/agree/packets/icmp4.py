"""ICMP: what is answered, how often, from which address."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('ip link add name far index 1000 type bridge')
INDEX = 1000
sh('''ip addr add 10.0.0.1/24 dev t0
ip addr add 10.0.0.2/24 dev t0
ip addr add 10.0.1.1/24 dev t1
ip addr add 192.0.2.1/32 dev lo
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip neigh add 10.0.1.9 lladdr 02:00:00:00:00:82 dev t1
ip route add 198.51.100.0/24 via 10.0.1.9''')
conf4('all', rp_filter=0)
conf4(rp_filter=0)
conf4('t1', rp_filter=0)
sysctl(ipv4__icmp_msgs_per_sec=10000, ipv4__icmp_msgs_burst=10000, ipv4__ip_forward=1)
sysctl(ipv4__icmp_ratemask=0)
for which in ('t0', 't1'):
    conf6(which, disable_ipv6=1)
start(1)


def ping(title, dst='10.0.0.1', src='10.0.0.9', tap=t0, kind=8, code=0, data=b'abcdefgh', rest=b'\0\1\0\2', mac=None, **more):
    tap.ip4(icmp(kind, code, rest, data), 1, src=src, dst=dst, mac=mac, **more)
    return now(title)


for ignore in (0, 1):
    sysctl(ipv4__icmp_echo_ignore_all=ignore)
    ping(f'ignore_all {ignore}')
    ping(f'ignore_all {ignore}, code 3', code=3)
sysctl(ipv4__icmp_echo_ignore_all=0)
for ignore in (0, 1):
    sysctl(ipv4__icmp_echo_ignore_broadcasts=ignore)
    for dst in ('10.0.0.255', '255.255.255.255', '224.0.0.1', '239.255.255.250'):
        ping(f'ignore_broadcasts {ignore} {dst}', dst, mac=None)
        ping(f'ignore_broadcasts {ignore} timestamp {dst}', dst, kind=13, data=bytes(12))
ping('to the other address', '10.0.0.2', tos=0x5c)
ping('to the other network', '10.0.1.1', ttl=3)
ping('to lo', '192.0.2.1')
ping('with options', options=b'\x07\x0b\x04' + bytes(8) + b'\0')
ping('with a loose route', options=b'\x83\x0b\x0c' + a4('10.0.0.77') + a4('10.0.0.78') + b'\0')
ping('with an alert', options=b'\x94\x04\0\0')
ping('from nowhere', src='172.31.0.1')
sysctl(ipv4__ip_default_ttl=33)
ping('ttl 33')
sysctl(ipv4__ip_default_ttl=64)
ping('long', data=bytes(1450))
for size in (1472, 1473, 2000):
    whole = icmp(8, 0, bytes(4), bytes(size))
    t0.ip4(whole[:1200], 1, frag=0x2000, ident=50)
    t0.ip4(whole[1200:], 1, frag=150, ident=50)
    now(f'echo of {size}')
for probe in (0, 1):
    sysctl(ipv4__icmp_echo_enable_probe=probe)
    for title, ext in {
        'name': struct.pack('>HBB', 8, 3, 1) + b't0\0\0', 'name of 16': struct.pack('>HBB', 20, 3, 1) + b'0123456789abcdef', 'no name': struct.pack('>HBB', 8, 3, 1) + b'zz\0\0',
        'index': struct.pack('>HBBL', 8, 3, 2, INDEX), 'wrong index': struct.pack('>HBBL', 8, 3, 2, 99), 'no index': struct.pack('>HBBL', 8, 3, 2, 0), 'index, short': struct.pack('>HBBH', 6, 3, 2, 0),
        'address': struct.pack('>HBBHBB', 12, 3, 3, 1, 4, 0) + a4('10.0.1.1'), 'wrong address': struct.pack('>HBBHBB', 12, 3, 3, 1, 4, 0) + a4('10.9.1.1'),
        'address 6': struct.pack('>HBBHBB', 24, 3, 3, 2, 16, 0) + a6('::1'), 'address of length 3': struct.pack('>HBBHBB', 12, 3, 3, 1, 3, 0) + a4('10.0.1.1'), 'ctype 4': struct.pack('>HBB', 8, 3, 4) + b't0\0\0', 'class 2': struct.pack('>HBB', 8, 2, 1) + b't0\0\0', 'nothing': b'', 'two': (struct.pack('>HBB', 8, 3, 1) + b't0\0\0') * 2,
    }.items():
        head = b'\x20\0'
        s = csum(head + b'\0\0' + ext)
        ping(f'probe {probe} {title}', kind=42, rest=b'\0\1\1\1', data=head + struct.pack('>H', s) + ext)
    ping(f'probe {probe}, not of us', kind=42, rest=b'\0\1\1\0', data=b'\x20\0\0\0' + struct.pack('>HBB', 8, 3, 1) + b't0\0\0')
    ping(f'probe {probe}, no extension', kind=42, rest=b'\0\1\1\1', data=b'')
    ping(f'probe {probe} to all', '10.0.0.255', kind=42, rest=b'\0\1\1\1', data=b'\x20\0\0\0' + struct.pack('>HBB', 8, 3, 1) + b't0\0\0')
    ping(f'probe {probe} code 1', kind=42, code=1, rest=b'\0\1\1\1', data=b'\x20\0\0\0' + struct.pack('>HBB', 8, 3, 1) + b't0\0\0')
sysctl(ipv4__icmp_echo_enable_probe=0)
for kind in (1, 2, 6, 7, 9, 10, 14, 16, 17, 18, 19, 20, 30, 31, 40, 41, 43, 44, 100, 255):
    ping(f'kind {kind}', kind=kind)
# errors of others: what they are counted as, whom they reach
u = socket.socket(2, 2)
u.setsockopt(0, 11, 1)
u.bind(('10.0.0.1', 5000))
u.connect(('10.0.0.9', 6000))
inner = ip4(udp('10.0.0.1', '10.0.0.9', b'hello', 5000, 6000), src='10.0.0.1', dst='10.0.0.9')


def errors():
    try:
        while True:
            data, aux, flags, _ = u.recvmsg(100, 500, 0x2040)
            for _, _, value in aux:
                print('    error', len(data), value.hex(), flush=True)
    except OSError as error:
        if error.errno != 11:
            print('    ', error.strerror)
    print('    so_error', u.getsockopt(1, 4), flush=True)


for kind, codes in ((3, range(17)), (4, (0,)), (5, (0, 1, 2, 3, 4)), (11, (0, 1, 2)), (12, (0, 1, 2))):
    for code in codes:
        ping(f'error {kind}/{code}', kind=kind, code=code, data=inner, rest=bytes([20, 0, 0, 0]) if kind == 12 else bytes(4) if kind != 5 else a4('10.0.0.77'))
        errors()
sh('ip route flush cache')
for bogus in (0, 1):
    sysctl(ipv4__icmp_ignore_bogus_error_responses=bogus)
    ping(f'bogus {bogus}: of a broadcast', kind=3, data=ip4(udp('10.0.0.1', '10.0.0.255'), src='10.0.0.1', dst='10.0.0.255'))
ping('error from a broadcast', kind=3, code=1, data=inner, src='10.0.0.255')
ping('error of a piece', kind=3, code=1, data=ip4(udp('10.0.0.1', '10.0.0.9'), src='10.0.0.1', dst='10.0.0.9', frag=5))
ping('error with extensions', kind=3, code=3, rest=b'\0\x20\0\0', data=inner + bytes(128 - len(inner)) + b'\x20\0\xdf\xff\0\x08\1\1\0\1\x11\0')
errors()
# source of our errors
sh('ip addr add 10.0.0.5/32 dev t0')
for inbound in (0, 1):
    sysctl(ipv4__icmp_errors_use_inbound_ifaddr=inbound)
    for dst in ('10.0.0.1', '10.0.0.2', '10.0.1.1', '192.0.2.1', '10.0.0.5'):
        t0.ip4(udp('10.0.0.9', dst, dport=99), dst=dst)
        now(f'inbound_ifaddr {inbound} {dst}')
    t0.ip4(udp('10.0.0.9', '198.51.100.7'), dst='198.51.100.7', ttl=1)
    now(f'inbound_ifaddr {inbound} ttl')
    t0.ip4(udp('198.51.100.7', '10.0.1.77'), src='198.51.100.7', dst='10.0.1.77', ttl=1)
    now(f'inbound_ifaddr {inbound} ttl, back another way')
# what no error is sent for
for title, args in {
    'to all': dict(dst='10.0.0.255'), 'to a group': dict(dst='224.0.0.1'), 'a later piece': dict(frag=9), 'in a frame to all': dict(mac=b'\xff' * 6), 'unknown protocol': dict(proto=200), 'of an error': dict(proto=1, payload=icmp(3, 0, data=bytes(28))),
    'of an echo': dict(proto=1, dst='198.51.100.7', ttl=1, payload=icmp(8)), 'of an answer': dict(proto=1, dst='198.51.100.7', ttl=1, payload=icmp(0)), 'of an error forwarded': dict(proto=1, dst='198.51.100.7', ttl=1, payload=icmp(3, data=bytes(28))), 'of no code': dict(proto=1, dst='198.51.100.7', ttl=1, payload=b''), 'of kind 200': dict(proto=1, dst='198.51.100.7', ttl=1, payload=icmp(200)),
    'long': dict(payload=udp('10.0.0.9', '10.0.0.1', bytes(1000), dport=99)), 'with options': dict(payload=udp('10.0.0.9', '10.0.0.1', dport=99), options=b'\x07\x07\x04\0\0\0\0\0'), 'tos': dict(payload=udp('10.0.0.9', '10.0.0.1', dport=99), tos=0xfd),
}.items():
    args.setdefault('payload', udp('10.0.0.9', args.get('dst', '10.0.0.1'), dport=99))
    t0.ip4(args.pop('payload'), **args)
    now(f'error for: {title}')
