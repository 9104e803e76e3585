"""Tunnels over a cable: what a packet looks like outside, and which device gets what comes back."""
import cables
from cables import *

t0 = Tap('t0', 1)
sh('''ip addr add 10.0.0.1/24 dev t0; ip addr add 2001:db8::1/64 dev t0
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0; ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:81 dev t0
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:88 dev t0''')
conf4('all', rp_filter=0)
conf4('t0', rp_filter=0)
sysctl(ipv6__auto_flowlabels=0, ipv4__icmp_ratemask=0, ipv6__icmp__ratelimit=0)
for where in ('ipv4/conf/default/igmpv3_unsolicited_report_interval', 'ipv6/conf/default/mldv2_unsolicited_report_interval'):
    put(where, 20)
STATION = mac('0200000000aa')
V4, V6 = 'local 10.0.0.1 remote 10.0.0.9', 'local 2001:db8::1 remote 2001:db8::9'
KINDS = [
    ('vxlan', f'id 42 {V4} dstport 4789 udpcsum'), ('vxlan', f'id 42 {V4} dstport 4789 tos 4 ttl 9 df set noudpcsum srcport 5000 5001'), ('vxlan', f'id 42 {V6} dstport 4789'), ('vxlan', f'id 42 {V6} dstport 4789 udp6zerocsumtx udp6zerocsumrx'),
    ('vxlan', f'id 42 {V4} dstport 4790 gpe'), ('vxlan', f'id 42 {V4} dstport 4789 gbp'), ('vxlan', f'id 42 {V4} dstport 4789 nolearning tos inherit ttl inherit'),
    ('geneve', 'id 42 remote 10.0.0.9'), ('geneve', 'id 42 remote 10.0.0.9 ttl 7 tos 8 df set noudpcsum'), ('geneve', 'id 42 remote 2001:db8::9'), ('geneve', 'id 42 remote 10.0.0.9 innerprotoinherit'),
    ('gre', V4), ('gre', f'{V4} key 7 csum seq ttl 9 tos 4'), ('gre', f'{V4} ikey 7 okey 8 nopmtudisc'), ('gretap', V4), ('gretap', f'{V4} key 7 iseq oseq'), ('gretap', f'{V4} nopmtudisc ignore-df'),
    ('erspan', f'{V4} key 7 erspan_ver 1 erspan 123'), ('erspan', f'{V4} key 7 erspan_ver 2 erspan_dir egress erspan_hwid 5'), ('erspan', f'{V4} key 7 erspan_ver 0'),
    ('ipip', V4), ('ipip', f'{V4} mode any ttl 9'), ('sit', V4), ('sit', f'{V4} mode any'),
    ('ip6tnl', V6), ('ip6tnl', f'{V6} mode any encaplimit none hoplimit 9 tclass 0x20'), ('ip6tnl', f'{V6} mode ipip6'), ('ip6gre', V6), ('ip6gre', f'{V6} key 7 csum seq encaplimit none'), ('ip6gretap', V6), ('ip6gretap', f'{V6} okey 8 ikey 7'), ('ip6erspan', f'{V6} key 7 erspan_ver 1 erspan 3'), ('vti', f'{V4} key 7'),
    ('bareudp', 'dstport 6635 ethertype mpls_uc'),
]


INNER4 = re.compile(rb'(\x45\x28..)..(....)..(\xc0\xa8\x07)', re.S)
INNER6 = re.compile(rb'(\xfd\x00{14}\x01\xfd\x00{14}\x02\xfd\x00..)....', re.S)


def plain(data):
    """An IP packet without what is chance in it and what follows from that: idents, ports, and sums, which are to be good."""
    said = ''
    if data[0] >> 4 == 4:
        at, proto = (data[0] & 15) * 4, data[9]
        ends = data[12:20]
        first = data[6] & 0x1f == 0 and data[7] == 0
    else:
        at, proto = 40, data[6]
        ends = data[8:40]
        first = True
        if proto == 60:
            at, proto = 48, data[40]
    head, rest = data[:at], data[at:]
    if proto == 44:
        rest = rest[:4] + bytes(4) + rest[8:]
    if proto == 17 and first and len(rest) >= 8:
        sums = rest[6:8] != b'\0\0'
        length = struct.pack('>L', len(rest)) if at >= 40 else struct.pack('>H', len(rest))
        good = sums and csum(ends + (length + b'\0\0\0\x11' if at >= 40 else b'\0\x11' + length) + rest) == 0
        port = rest[:2] if 5000 <= int.from_bytes(rest[:2], 'big') < 5002 or rest[:2] == rest[2:4] else b'\xee\xee'
        rest = port + rest[2:6] + b'\0\0' + rest[8:]
        said = f' udp sum {"good" if good else "there" if sums else "none"}'
    if proto == 47 and first and rest[0] & 0x80:
        said = f' gre sum {"good" if csum(rest) == 0 else "there"}'
        rest = rest[:4] + b'\0\0' + rest[6:]
    if (proto, rest[:1]) in ((1, b'\3'), (58, b'\1')):
        said = f' of {len(rest) - 8}'
        rest = rest[:2] + b'\0\0' + rest[4:8]
    rest = INNER6.sub(rb'\1\0\0\0\0', INNER4.sub(rb'\1\0\0\2\0\0\3', rest))
    return head + rest, said


def text(frame):
    if len(frame) >= 20 and int.from_bytes(frame[2:4], 'big') == len(frame) and frame[0] >> 4 == 4:
        frame = bytes(12) + b'\x08\0' + frame
    elif len(frame) >= 40 and int.from_bytes(frame[4:6], 'big') + 40 == len(frame) and frame[0] >> 4 == 6:
        frame = bytes(12) + b'\x86\xdd' + frame
    elif len(frame) == int.from_bytes(frame[2:4], 'big'):
        return f'not IP {len(frame)}'
    data = frame[14:]
    if frame[12:14] == b'\x88\xbe' or frame[12:14] not in (b'\x08\x00', b'\x86\xdd') or len(data) < 20:
        return rig.text(frame)
    data, said = plain(data)
    return rig.text(frame[:14] + data) + said


cables.text = text


def turned(packet_):
    """A packet with source and destination changed about."""
    if packet_[0] >> 4 == 4:
        size = (packet_[0] & 15) * 4
        head = packet_[:10] + b'\0\0' + packet_[16:20] + packet_[12:16] + packet_[20:size]
        return head[:10] + struct.pack('>H', csum(head)) + head[12:] + packet_[size:]
    return packet_[:8] + packet_[24:40] + packet_[8:24] + packet_[40:]


def back(frames, title, change=lambda data: data):
    """What went out comes in from the far end."""
    for tap, frame in frames:
        if frame[12:14] not in (b'\x08\x00', b'\x86\xdd'):
            continue
        data = turned(frame[14:])
        tap.send(tap.mac + tap.peer + frame[12:14] + change(data))
        with_socket(title)


def with_socket(title):
    step(title, only='tun|t0')
    heard_by(tun=S)


for number, (kind, options) in enumerate(KINDS):
    title = f'{kind} {options}'
    print(title)
    said = run(f'ip link add tun0 type {kind} {options}')
    if said:
        print('    !', said.strip())
        continue
    if 'tap' in kind or kind in ('vxlan', 'geneve', 'erspan', 'ip6erspan'):
        run('ip link set tun0 address 02:00:00:00:00:a1')
    run('sysctl -qw net.ipv6.conf.tun0.accept_dad=0 net.ipv6.conf.tun0.addr_gen_mode=1 net.ipv6.conf.tun0.router_solicitations=0 net.ipv4.conf.tun0.rp_filter=0')
    sh('ip link set tun0 up; ip addr add 192.168.7.1/24 dev tun0; ip addr add fd00::1/64 dev tun0')
    show('ip link show tun0', hide=((r'permaddr [0-9a-f:]+', ''),))
    drain(until=0.4)
    S = packet('tun0')
    run('ip neigh add 192.168.7.2 lladdr 02:00:00:00:00:aa dev tun0; ip neigh add fd00::2 lladdr 02:00:00:00:00:aa dev tun0')
    quiet()
    heard_by(tun=S)
    for df in (0, 2):
        for family, dst, size in ((2, '192.168.7.2', 10), (10, 'fd00::2', 10), (2, '192.168.7.2', 1430), (10, 'fd00::2', 1500)):
            with socket.socket(family, 3, 253) as u:
                if family == 2:
                    u.setsockopt(0, 10, df)
                    u.setsockopt(0, 1, 0x28)
                else:
                    u.setsockopt(41, 67, 0x28)
                try:
                    u.sendto(bytes(size), (dst, 0))
                except OSError as error:
                    print('    !', error.strerror)
            seen = step(f'{title}: {size} to {dst}, discover {df}', only='tun|t0')
            heard_by(tun=S)
            if size == 10:
                back(seen, f'{title}: back')
                back(seen, f'{title}: cut short', lambda data: data[:-12])
                back(seen, f'{title}: odd', lambda data: data[:24] + bytes([data[24] ^ 0x40]) + data[25:])
                back(seen, f'{title}: with CE', lambda data: data if data[0] >> 4 == 6 else (lambda h: h[:10] + struct.pack('>H', csum(h)) + h[12:])(data[:1] + b'\3' + data[2:10] + b'\0\0' + data[12:20]) + data[20:])
    if kind == 'vxlan':
        for line in sorted(run('bridge fdb show dev tun0').splitlines()):
            print('   ', line.strip())
        sh('bridge fdb add 02:00:00:00:00:bb dev tun0 dst 10.0.0.8 vni 77; bridge fdb append 00:00:00:00:00:00 dev tun0 dst 10.0.0.8' if '10.0' in options else 'bridge fdb show dev lo')
        for dst in (mac('0200000000bb'), b'\xff' * 6, STATION):
            S.send(dst + mac('0200000000a1') + b'\x88\xb5' + b'data' * 12)
            with_socket(f'{title}: to {dst.hex()}')
    outer = ip4(icmp(3, 4, struct.pack('>HH', 0, 1300), ip4(bytes(8), {'gre': 47, 'ipip': 4, 'sit': 41}.get(kind, 47), src='10.0.0.1', dst='10.0.0.9')), 1)
    if kind in ('gre', 'ipip', 'sit'):
        t0.send(t0.mac + t0.peer + b'\x08\x00' + outer)
        with_socket(f'{title}: too big, says a router')
        show('ip route get 192.168.7.2')
    S.close()
    show('ip -s link show tun0', hide=((r'permaddr [0-9a-f:]+', ''),))
    run('ip link del tun0')
    drain()
# a bridge whose VLANs are VXLAN's networks
sh('''ip link add br0 address 02:00:00:00:00:40 type bridge vlan_filtering 1 mcast_snooping 0 vlan_default_pvid 0
ip link add vx type vxlan external dstport 4789
ip link set vx address 02:00:00:00:00:41
ip link add p0 address 02:00:00:00:00:42 type veth peer name p1''')
silent('br0', 'vx', 'p0', 'p1')
sh('''ip link set vx master br0; ip link set p0 master br0; ip link set vx up; ip link set br0 up; ip link set p0 up; ip link set p1 up
bridge link set dev vx vlan_tunnel on
bridge vlan add dev p0 vid 10-12
bridge vlan add dev vx vid 10-12
bridge vlan add dev vx vid 10 tunnel_info id 1010
bridge vlan add dev vx vid 11-12 tunnel_info id 1011-1012
bridge fdb add 00:00:00:00:00:00 dev vx dst 10.0.0.9 src_vni 1010
bridge fdb add 00:00:00:00:00:00 dev vx dst 10.0.0.8 src_vni 1011
bridge fdb add 02:00:00:00:00:bb dev vx dst 10.0.0.9 src_vni 1012''')
S = packet('p1')
quiet()
for vid in (0, 10, 11, 12, 13):
    for dst in (b'\xff' * 6, mac('0200000000bb')):
        S.send(dst + STATION + (tag(vid) if vid else b'\x88\xb5') + b'data' * 12)
        seen = step(f'VLAN {vid} to {dst.hex()}')
        for tap, frame in seen:
            data = turned(frame[14:])
            tap.send(tap.mac + tap.peer + frame[12:14] + data[:36] + b'\xff' * 6 + mac('0200000000cc') + data[48:])
            step(f'VLAN {vid}: back')
            heard_by(p1=S)
for line in sorted(run('bridge fdb show br br0').splitlines()):
    if '33:33' not in line and '01:00:5e' not in line and 'permanent' not in line:
        print('   ', line.strip())
show('bridge vlan tunnelshow')
sh('ip link del vx; ip link add vx type vxlan external vnifilter dstport 4789; bridge vni add dev vx vni 5 group 239.0.0.5; bridge vni add dev vx vni 6 remote 10.0.0.9; ip link set vx up')
drain(until=0.1)
show('bridge -s vni show dev vx')
