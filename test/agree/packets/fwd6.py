"""IPv6: a router, and who may send what to whom."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
sh('''ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add fe80::2/64 dev t1 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip -6 addr add 2001:db8:1::1/64 dev t1 nodad
ip -6 addr add 2001:db8:f::1/128 dev lo nodad
ip -6 neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add 2001:db8::8 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add fe80::9 lladdr 02:00:00:00:00:81 dev t0
ip -6 neigh add fe80::9 lladdr 02:00:00:00:00:82 dev t1
ip -6 neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:82 dev t1
ip -6 route add 2001:db8:2::/64 via 2001:db8:1::9
ip -6 route add 2001:db8:3::/64 via fe80::9 dev t0
ip -6 route add unreachable 2001:db8:4::/64
ip -6 route add prohibit 2001:db8:5::/64
ip -6 route add blackhole 2001:db8:6::/64
ip -6 route add throw 2001:db8:7::/64''')
put('ipv6/icmp/ratelimit', 0)
neigh6(mcast_solicit=1)
neigh6('t1', mcast_solicit=1)
u = socket.socket(10, 2)
u.bind(('', 7))
u.setblocking(False)
start(1)


def one(title, tap, src, dst, mac=None, data=b'x', head=b'', proto=17, **rest):
    tap.ip6(head + udp(src, dst, data), proto, src=src, dst=dst, mac=mac, **rest)
    out = drain()
    said = heard(u)
    now(title, seen=out)
    for line in said:
        print(line)


THEM = '2001:db8::9'
SOURCES = (THEM, 'fe80::9', '2001:db8:1::9', '2001:db8:f::1', '2001:db8::1', '2001:db8::', '::', '::1', 'ff02::1', '::ffff:1.2.3.4', '2001:db8:4::1', 'fec0::1', 'fd00::1')
DESTINATIONS = ('2001:db8::1', '2001:db8:1::1', '2001:db8:f::1', '::1', '::', 'fe80::1', 'ff02::1', 'ff02::2', 'ff01::1', 'ff05::2', 'ff02::99', 'ff0e::1', '2001:db8::', '2001:db8:2::5', '2001:db8:3::5', '2001:db8:4::5', '2001:db8:5::5', '2001:db8:6::5', '2001:db8:7::5', '2001:db8:99::5', '2001:db8:1::9', '2001:db8::8')
for forward in (0, 1):
    conf6('all', forwarding=forward)
    start(1)
    for src in SOURCES:
        one(f'forward {forward} from {src}', t0, src, '2001:db8::1')
        one(f'forward {forward} from {src} on', t0, src, '2001:db8:2::5')
    for dst in DESTINATIONS:
        one(f'forward {forward} to {dst}', t0, THEM, dst)
for hops in (2, 1, 0):
    for dst in ('2001:db8:2::5', '2001:db8::1', '2001:db8:3::5'):
        one(f'hops {hops} to {dst}', t0, THEM, dst, hops=hops)
sh('ip link set t1 mtu 1300')
for size in (1252, 1253, 1400):
    one(f'too big {size}', t0, THEM, '2001:db8:2::5', data=bytes(size))
one('too big, a piece', t0, THEM, '2001:db8:2::5', data=bytes(1300), head=struct.pack('>BBHL', 17, 0, 1, 7), proto=44)
one('too big, a later piece', t0, THEM, '2001:db8:2::5', data=bytes(1300), head=struct.pack('>BBHL', 17, 0, 801, 7), proto=44)
sh('ip link set t1 mtu 1500')
for kind in (0x1e, 0x5e, 0x9e, 0xde):
    for proto in (0, 60):
        for dst in ('2001:db8:2::5', '2001:db8::1'):
            one(f'option {kind:x} in {proto} to {dst}', t0, THEM, dst, head=hbh(bytes([kind, 4, 0, 0, 0, 0]), 17), proto=proto)
one('alert on', t0, THEM, '2001:db8:2::5', head=hbh(b'\5\2\0\0\1\0', 17), proto=0)
one('jumbo on', t0, THEM, '2001:db8:2::5', head=hbh(b'\xc2\4\0\1\0\1', 17), proto=0)
one('routing on', t0, THEM, '2001:db8:2::5', head=b'\x11\2\4\1\0\0\0\0' + bytes(16), proto=43)
one('ioam on', t0, THEM, '2001:db8:2::5', head=hbh(b'\x31\x0c\0\0\0\0\xf0\0\0\0' + bytes(4), 17), proto=0)
one('calipso on', t0, THEM, '2001:db8:2::5', head=hbh(b'\7\x08\0\0\0\1\0\0\x12\x34\1\0\1\0', 17), proto=0)
for mac, title in ((b'\x33\x33\0\0\0\1', 'group'), (b'\xff' * 6, 'all'), (bytes.fromhex('020000000077'), 'other')):
    for drop in (0, 1):
        conf6(drop_unicast_in_l2_multicast=drop)
        for dst in ('2001:db8::1', '2001:db8:2::5'):
            one(f'in a frame to {title}: {dst} drop {drop}', t0, THEM, dst, mac=mac)
conf6(drop_unicast_in_l2_multicast=0)
# errors: what for, from whom
for title, args in {'a port': dict(dst='2001:db8::1', payload=udp(THEM, '2001:db8::1', dport=99)), 'a port of lo': dict(dst='2001:db8:f::1', payload=udp(THEM, '2001:db8:f::1', dport=99)), 'a port, long': dict(dst='2001:db8::1', payload=udp(THEM, '2001:db8::1', bytes(1400), dport=99)), 'a port, class': dict(dst='2001:db8::1', tclass=0xb9, flow=0x12345, payload=udp(THEM, '2001:db8::1', dport=99)), 'a group': dict(dst='ff02::1', payload=udp(THEM, 'ff02::1', dport=99)), 'a protocol': dict(dst='2001:db8::1', proto=200, payload=b'abcd'), 'a protocol of a group': dict(dst='ff02::1', proto=200, payload=b'abcd'), 'an error': dict(dst='2001:db8:99::1', proto=58, payload=icmp6(THEM, '2001:db8:99::1', 1, data=bytes(48))), 'an unknown error': dict(dst='2001:db8:99::1', proto=58, payload=icmp6(THEM, '2001:db8:99::1', 100, data=bytes(48))), 'a redirect': dict(dst='2001:db8:99::1', proto=58, payload=icmp6(THEM, '2001:db8:99::1', 137, data=bytes(48))), 'an echo': dict(dst='2001:db8:99::1', proto=58, payload=icmp6(THEM, '2001:db8:99::1', 128)), 'no icmp at all': dict(dst='2001:db8:99::1', proto=58, payload=b''), 'a later piece': dict(dst='2001:db8:99::1', proto=44, payload=struct.pack('>BBHL', 58, 0, 8, 7) + bytes(8))}.items():
    t0.ip6(args.pop('payload'), **args)
    now(f'error for {title}')
for inbound in ('2001:db8:f::2', '2001:db8::3'):
    sh(f'ip -6 addr add {inbound}/128 dev lo nodad')
    t0.ip6(udp('2001:db8:2::7', '2001:db8:99::1'), src='2001:db8:2::7', dst='2001:db8:99::1')
    now('error back another way')
# anycast
for echo in (0, 1):
    put('ipv6/anycast_src_echo_reply', echo)
    for ignore in (0, 1):
        put('ipv6/icmp/echo_ignore_anycast', ignore)
        t0.ip6(icmp6(THEM, '2001:db8::', 128), 58, dst='2001:db8::')
        now(f'echo of an anycast address {echo} {ignore}')
for as_unicast in (0, 1):
    put('ipv6/icmp/error_anycast_as_unicast', as_unicast)
    t0.ip6(icmp6('2001:db8:1::', '2001:db8::1', 200), 200, src='2001:db8:1::', dst='2001:db8::1')
    now(f'error to an anycast address {as_unicast}')
    one(f'error to an anycast address, on {as_unicast}', t0, '2001:db8:1::', '2001:db8:99::1')
for which in ('all', 'multicast'):
    for ignore in (0, 1):
        put(f'ipv6/icmp/echo_ignore_{which}', ignore)
        for dst in ('2001:db8::1', 'ff02::1'):
            t0.ip6(icmp6(THEM, dst, 128, 3), 58, dst=dst)
            now(f'echo_ignore_{which} {ignore} {dst}')
    put(f'ipv6/icmp/echo_ignore_{which}', 0)
for reflect in (0, 1, 2, 4, 7):
    put('ipv6/flowlabel_reflect', reflect)
    t0.ip6(icmp6(THEM, '2001:db8::1', 128), 58, flow=0x54321, tclass=0x88)
    now(f'flowlabel_reflect {reflect}, echo')
    t0.ip6(udp(THEM, '2001:db8::1', dport=99), flow=0x54321)
    now(f'flowlabel_reflect {reflect}, port')
put('ipv4/icmp_echo_enable_probe', 1)
t0.ip6(icmp6(THEM, '2001:db8::1', 160, 0, b'\0\1\1\1', b'\x20\0\0\0' + struct.pack('>HBB', 8, 3, 1) + b't0\0\0'), 58)
now('probe')
