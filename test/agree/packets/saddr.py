"""Which of a host's addresses speaks: IPv6's rules one by one (RFC 6724 5), and IPv4's."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
I0, I1 = socket.if_nametoindex('t0'), socket.if_nametoindex('t1')
start(1)
TMP, PUBLIC, PUBTMP, COA, HOME, CGA, NONCGA = 1, 2, 256, 4, 1024, 8, 2048


def flush():
    sh('ip -6 addr flush dev t0; ip -6 addr flush dev t1; ip -6 addr flush dev lo scope global; ip -6 route flush table main')


def addrs(*specs):
    """'ADDRESS/LEN DEVICE [options]': what a host has, and nothing else."""
    flush()
    for spec in specs:
        address, device, *options = spec.split()
        sh(f'ip -6 addr add {address} dev {device} {"" if "dad" in options else "nodad"} {" ".join(o for o in options if o != "dad")}')


def src(dst, device=None, prefs=None):
    """The address with which a datagram to it would leave."""
    s = socket.socket(10, 2)
    try:
        if prefs is not None:
            s.setsockopt(41, 72, prefs)
        if device is not None:
            s.setsockopt(1, 25, device.encode() + b'\0')
        s.connect((dst, 9))
        return s.getsockname()[0]
    except OSError as error:
        return error.strerror
    finally:
        s.close()


def ask(title, *dsts, device=None, prefs=None):
    for dst in dsts:
        print(f'{title}: {dst}', device or '', '' if prefs is None else prefs, '>', src(dst, device, prefs), flush=True)


def default(device='t0'):
    sh(f'ip -6 route replace default dev {device}')


# rule 1: the destination itself
addrs('2001:db8::1/64 t0', '2001:db8::2/64 t0', '2001:db8:1::1/64 t1', '2001:db8:f::1/128 lo')
ask('itself', '2001:db8::1', '2001:db8::2', '2001:db8:1::1', '2001:db8:f::1', '::1')
# rule 2: scope
addrs('fe80::1/64 t0', '2001:db8::1/64 t0', 'fd00::1/64 t0', 'fec0::1/64 t0')
default()
ask('scope', '2001:db8::9', 'fe80::9%t0', 'fec0::9', 'fd00::9', '2002::9', 'ff02::9%t0', 'ff05::9', 'ff0e::9', 'ff01::9', 'ff08::9', device='t0')
addrs('fe80::1/64 t0')
default()
ask('only link-local', '2001:db8::9', 'fec0::9', 'ff0e::9', device='t0')
addrs('2001:db8::1/64 t0')
default()
ask('only global', 'fe80::9%t0', 'ff02::9%t0', 'fec0::9', device='t0')
addrs('2001:db8:1::1/64 t1')
default()
ask('only of another device', '2001:db8::9', 'fec0::9', 'ff05::9', 'ff0e::9')
sh('ip -6 route add fe80::/64 dev t0')
ask('only of another device', 'fe80::9%t0', 'ff02::9%t0')
addrs()
default()
ask('none', '2001:db8::9')
ask('none', 'ff0e::9', device='t0')
# rule 3: deprecated
addrs('2001:db8::1/64 t0 valid_lft 1000 preferred_lft 0', '2001:db8:8::2/64 t0')
default()
ask('deprecated', '2001:db8::9', '2001:db8:8::9', '2001:db8::1')
addrs('2001:db8::1/64 t0 valid_lft 1000 preferred_lft 0', 'fd00::2/64 t0')
default()
ask('deprecated, and another label', '2001:db8::9')
addrs('2001:db8::1/64 t0 valid_lft 1000 preferred_lft 0')
default()
ask('only deprecated', '2001:db8::9')
# rule 4 (home addresses) is not in every Linux
# rule 5: the device
addrs('2001:db8::1/64 t0', '2001:db8:1::1/64 t1')
default()
ask('device', '2001:db8::9', '2001:db8:1::9', '2001:db8:5::9')
ask('device', '2001:db8:1::9', '2001:db8:5::9', device='t0')
sh('ip -6 route replace default dev t1 metric 5')
ask('device', '2001:db8:5::9')
for only in (0, 1):
    addrs('fe80::1/64 t0', '2001:db8:1::1/64 t1')
    default()
    conf6(use_oif_addrs_only=only)
    ask(f'use_oif_addrs_only {only}', '2001:db8:5::9')
    conf6('all', use_oif_addrs_only=only)
    conf6(use_oif_addrs_only=0)
    ask(f'use_oif_addrs_only all {only}', '2001:db8:5::9')
    conf6('all', use_oif_addrs_only=0)
# rule 6: labels
addrs('2001:db8::1/64 t0', 'fd00::1/64 t0', '2002:a00::1/64 t0', '2001::1/64 t0', '2001:10::1/64 t0', '3ffe::1/64 t0', '2001:20::1/64 t0')
default()
for dst in ('2001:db8:5::9', 'fd01::9', '2002:b00::9', '2001:0:5::9', '2001:10:5::9', '2001:1f:5::9', '2001:20:5::9', '2001:2f:5::9', '3ffe:5::9', 'fc00::9', 'fec0::9', '64:ff9b::9', '2003::9', '::5.6.7.8'):
    ask('label', dst)
show('ip addrlabel list')
sh('ip addrlabel add prefix 2001:db8:5::/48 label 99')
ask('own label, nobody else', '2001:db8:5::9')
sh('ip addrlabel add prefix fd00::/64 label 99')
ask('own label', '2001:db8:5::9', '2001:db8:6::9')
sh('ip addrlabel del prefix 2001:db8:5::/48; ip addrlabel del prefix fd00::/64')
sh('ip addrlabel add prefix 2001:db8:5::/48 label 99 dev t1; ip addrlabel add prefix fd00::/64 label 99 dev t1')
ask('label of another device', '2001:db8:5::9')
sh('ip addrlabel del prefix 2001:db8:5::/48 dev t1; ip addrlabel del prefix fd00::/64 dev t1')
# rule 7: temporary or public
addrs('2001:db8::1/64 t0', '2001:db8::2/64 t0')
default()
show("ip addrlabel flush; ip addrlabel list")
for use in (-1, 0, 1, 2):
    conf6(use_tempaddr=use)
    for prefs in (None, TMP, PUBLIC, PUBTMP, TMP | PUBLIC):
        ask(f'public only, use_tempaddr {use}', '2001:db8::9', prefs=prefs)
conf6(use_tempaddr=0)
# rule 8: as long as possible, within the prefix
addrs('2001:db8::1/64 t0', '2001:db8:0:1::1/64 t0', '2001:db8:8000::1/64 t0', '2001:db8::ff:1/128 t0')
default()
ask('longest', '2001:db8:0:1::9', '2001:db8:0:2::9', '2001:db8:8001::9', '2001:db8::9', '2001:db8::ff:9', '2001:db8::ff:2', '4000::1')
addrs('2001:db8::ff:1/64 t0', '2001:db8::1:1/64 t0', '2001:db8::1:2/128 t0')
default()
ask('within the prefix', '2001:db8::1:9', '2001:db8::ff:9', '2001:db8::1:3')
# the last one added, or the first
addrs('2001:db8::1/64 t0', '2001:db8::2/64 t0', '2001:db8::3/64 t0')
ask('equal', '2001:db8::9')
addrs('2001:db8::3/64 t0', '2001:db8::2/64 t0', '2001:db8::1/64 t0')
ask('equal', '2001:db8::9')
# tentative, optimistic
conf6(accept_dad=1, dad_transmits=1)
neigh6(retrans_time_ms=60000)
for optimistic, use in ((0, 0), (1, 0), (1, 1)):
    conf6(optimistic_dad=optimistic, use_optimistic=use)
    addrs('2001:db8::1/64 t0 dad optimistic')
    default()
    show('ip -6 addr show dev t0 | grep inet6')
    ask(f'tentative only, optimistic {optimistic} {use}', '2001:db8::9')
    addrs('2001:db8::1/64 t0 dad optimistic', '2001:db8:8::1/64 t0')
    default()
    ask(f'tentative, optimistic {optimistic} {use}', '2001:db8::9', '2001:db8:8::9')
    show('ip -6 addr show dev t0 | grep inet6')
conf6(optimistic_dad=0, use_optimistic=0, accept_dad=0)
# a route's own choice
addrs('2001:db8::1/64 t0', '2001:db8:8::1/64 t0', '2001:db8:1::1/64 t1')
sh('ip -6 route add 2001:db8:5::/64 dev t0 src 2001:db8:8::1; ip -6 route add 2001:db8:6::/64 dev t0 src 2001:db8:1::1')
ask('src of a route', '2001:db8:5::9', '2001:db8:6::9')
sh('ip -6 rule add to 2001:db8:7::/64 table 77; ip -6 route add 2001:db8:7::/64 dev t0 src 2001:db8:8::1 table 77')
ask('src of a route by rule', '2001:db8:7::9')
sh('ip -6 rule del to 2001:db8:7::/64 table 77')
# routes for some sources only
addrs('2001:db8::1/64 t0', '2001:db8:8::1/64 t0', '2001:db8:1::1/64 t1')
sh('ip -6 route add default from 2001:db8:1::/48 dev t1; ip -6 route add 2001:db8:5::/64 from 2001:db8::/48 dev t0')
ask('source routes', '2001:db8:5::9', '2001:db8:6::9')
ask('source routes', '2001:db8:5::9', '2001:db8:6::9', device='t0')
ask('source routes', '2001:db8:5::9', '2001:db8:6::9', device='t1')
now('source routes', frames=False, hide='Icmp6Out|OutMcast|OutRequests')
for dst in ('2001:db8:5::9', '2001:db8:6::9'):
    for source in ('2001:db8::1', '2001:db8:8::1', '2001:db8:1::1'):
        show(f'ip -6 route get {dst} from {source}')
addrs()
sh('ip link set lo down; ip link set lo up')
ask('nothing', '2001:db8::9', 'ff05::9', 'fe80::9%t0', '::1')
now('nothing', frames=False, hide='Icmp6Out|OutMcast|OutRequests')
sh('ip link set lo down')
ask('nothing, lo down', '2001:db8::9', 'ff05::9', '::1')
now('nothing, lo down', frames=False, hide='Icmp6Out|OutMcast|OutRequests')
sh('ip link set lo up')
for prefs in (0, TMP, PUBLIC, PUBTMP, COA, HOME, CGA, NONCGA, COA | HOME, TMP | PUBLIC, CGA | NONCGA, 0x4000, TMP | COA, PUBLIC | HOME | NONCGA):
    s = socket.socket(10, 2)
    try:
        s.setsockopt(41, 72, prefs)
        print(f'preferences {prefs:x}:', hex(s.getsockopt(41, 72)))
    except OSError as error:
        print(f'preferences {prefs:x}!', error.strerror)
    s.close()
flush()


# IPv4: primary addresses, scopes, and the device's
def src4(title, *dsts, device=None):
    for dst in dsts:
        s = socket.socket(2, 2)
        try:
            if device is not None:
                s.setsockopt(1, 25, device.encode() + b'\0')
            s.setsockopt(1, 6, 1)
            s.connect((dst, 9))
            said = s.getsockname()[0]
        except OSError as error:
            said = error.strerror
        s.close()
        print(f'{title}: {dst}', device or '', '>', said, flush=True)


def addrs4(*specs):
    sh('ip -4 addr flush dev t0; ip -4 addr flush dev t1; ip -4 addr flush dev lo')
    for spec in specs:
        address, device, *options = spec.split()
        sh(f'ip addr add {address} dev {device} {" ".join(options)}')


ALL = ('10.0.0.9', '10.0.1.9', '10.0.2.9', '192.0.2.9', '224.0.0.9', '255.255.255.255', '10.0.0.255', '127.0.0.5')
addrs4('127.0.0.1/8 lo', '10.0.0.1/24 t0', '10.0.0.2/24 t0', '10.0.2.1/24 t0', '10.0.1.1/24 t1')
sh('ip route add default via 10.0.0.9; ip route add 224.0.0.0/4 dev t1')
src4('plain', *ALL)
src4('by device', *ALL, device='t0')
src4('by device', *ALL, device='t1')
addrs4('10.0.0.1/24 t0 scope link', '10.0.2.1/24 t0 scope host', '10.0.1.1/24 t1')
sh('ip route add default via 10.0.0.9 dev t0; ip route add 192.0.2.0/24 dev t0 scope link')
src4('scopes', *ALL)
addrs4('10.0.1.1/24 t1', '198.51.100.1/32 lo')
sh('ip route add default dev t0; ip route add 192.0.2.0/24 dev t0 scope link; ip route add 10.0.2.0/24 dev t0 scope host')
src4('unnumbered', *ALL)
src4('unnumbered', *ALL, device='t0')
addrs4('198.51.100.1/32 lo')
sh('ip route add default dev t0')
src4('of lo', *ALL)
addrs4('127.0.0.1/8 lo')
sh('ip route add default dev t0; ip route add 10.0.2.0/24 dev t0 src 127.0.0.1')
src4('none', *ALL)
addrs4('10.0.0.1/24 t0', '10.0.0.2/24 t0')
sh('ip route add 192.0.2.0/24 via 10.0.0.9 src 10.0.0.2; ip route add 10.0.2.0/24 via 10.0.0.9')
src4('src of a route', *ALL)
sh('ip addr del 10.0.0.1/24 dev t0')
src4('first gone', *ALL)
for promote in (0, 1):
    addrs4('10.0.0.1/24 t0', '10.0.0.2/24 t0')
    conf4(promote_secondaries=promote)
    sh('ip addr del 10.0.0.1/24 dev t0')
    src4('promoted', '10.0.0.9')
addrs4('10.0.0.1/32 t0 peer 10.0.0.9/32', '10.0.1.1/24 t1')
src4('peer', '10.0.0.9', '10.0.0.1')
