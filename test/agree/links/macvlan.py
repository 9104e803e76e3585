"""MAC VLANs upon a cable: who hears whom, in each mode."""
from cables import *

t0 = Tap('t0', 1)
silent('t0')
sh('ip link add low0 address 02:00:00:00:00:50 type dummy')
ALL, GROUP = b'\xff' * 6, mac('01005e000001')
M = [mac(f'0200000000a{i}') for i in range(4)]


def said(device, dst, src, title):
    with packet(device) as s:
        say(device, s, dst + src + b'\x88\xb5' + b'data' * 12)
        step(f'{title}: {device} to {dst.hex()}')


def make(modes, more=''):
    for i in range(4):
        run(f'ip link del m{i}')
    for i, mode in enumerate(modes):
        sh(f'ip link add link t0 name m{i} address {M[i].hex(":")} type macvlan mode {mode}')
        silent(f'm{i}')
        sh(f'ip link set m{i} up')
    quiet()


def everyone(title, count):
    sockets = {f'm{i}': packet(f'm{i}') for i in range(count)}
    sockets['t0'] = packet('t0')
    for dst in (M[0], M[1], ALL, GROUP, t0.mac, mac('020000000099')):
        t0.send(dst + t0.peer + b'\x88\xb5' + b'data' * 12)
        step(f'{title}: from the cable to {dst.hex()}')
        heard_by(**sockets)
    # as a switch that sends back what a VEPA said
    for i in range(count):
        for dst in (M[(i + 1) % count], ALL, M[i]):
            t0.send(dst + M[i] + b'\x88\xb5' + b'back' * 12)
            step(f'{title}: sent back, from m{i} to {dst.hex()}')
            heard_by(**sockets)
    for i in range(count):
        for dst in (M[(i + 1) % count], ALL, GROUP, t0.mac, mac('020000000099'), M[i]):
            said(f'm{i}', dst, M[i], title)
            heard_by(**sockets)
    said('t0', ALL, t0.mac, title)
    said('t0', M[0], t0.mac, title)
    heard_by(**sockets)
    for s in sockets.values():
        s.close()


for mode in ('private', 'vepa', 'bridge'):
    make([mode] * 3)
    everyone(mode, 3)
    show('ip -s link show m0')
make(['private', 'vepa', 'bridge', 'bridge'])
everyone('mixed', 4)
for i in range(4):
    run(f'ip link del m{i}')
sh(f'ip link add link t0 name m0 type macvlan mode passthru')
silent('m0')
sh('ip link set m0 up')
show('ip -br link show m0')
show('ip -d link show t0')
everyone('passthru', 1)
sh('ip link del m0')
sh(f'ip link add link t0 name m0 address {M[0].hex(":")} type macvlan mode source macaddr add {t0.peer.hex(":")}')
sh(f'ip link add link t0 name m1 address {M[1].hex(":")} type macvlan mode source')
sh(f'ip link add link t0 name m2 address {M[2].hex(":")} type macvlan mode bridge')
silent('m0', 'm1', 'm2')
sh('ip link set m0 up; ip link set m1 up; ip link set m2 up')
everyone('source', 3)
sh(f'ip link set m1 type macvlan macaddr set 02:00:00:00:00:77 {t0.peer.hex(":")}')
everyone('source, both', 3)
sh(f'ip link set m0 type macvlan macaddr flush')
everyone('source, the second', 3)
show('ip -d link show m1')
sh('ip link set m2 promisc on')
everyone('promiscuous', 3)
make(['bridge', 'bridge'])
for changed in ('ip link set m1 down', 'ip link set m1 up', 'ip link set t0 down', 'ip link set t0 up', 'ip link set m0 address 02:00:00:00:00:a5', 'ip link set m0 allmulticast on', 'ip link set m0 type macvlan mode private', 'ip link set t0 mtu 1400'):
    sh(changed)
    everyone(changed, 2)
    show('ip link show m0')
