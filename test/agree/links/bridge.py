"""A bridge and four stations: who hears whom."""
from cables import *

taps = [Tap(f't{i}', i + 1, up=False) for i in range(4)]
t0, t1, t2, t3 = taps
silent(*(t.name for t in taps))
sh('ip link add br0 address 02:00:00:00:00:40 type bridge mcast_snooping 0')
silent('br0')
for t in taps:
    sh(f'ip link set {t.name} master br0; ip link set {t.name} up')
sh('ip link set br0 up')
BR = mac('02:00:00:00:00:40')
ALL = b'\xff' * 6
GROUP = mac('01:00:5e:01:01:01')


def frame(tap, dst, src=None, kind=0x88b5, data=b'data' * 12):
    tap.send(dst + (src or tap.peer) + struct.pack('>H', kind) + data)


def fdb(title=''):
    print(title)
    for line in sorted(run('bridge fdb show br br0').splitlines()):
        if '33:33' not in line and '01:00:5e' not in line:
            print('   ', line.strip())


quiet()
step('ready', only='t|br')
for t in taps:
    frame(t, t0.peer)
    step(f'{t.name} to the first, unknown or known')
fdb('learned')
for t in taps:
    frame(t, t1.peer)
    step(f'{t.name} to the second')
frame(t0, ALL)
step('broadcast')
frame(t0, GROUP)
step('multicast')
frame(t0, BR)
step('to the bridge')
frame(t0, t2.mac)
step('to the address of a port')
frame(t0, t0.peer)
step('to itself')
frame(t1, t2.peer, src=t0.peer)
step('the first has moved to the second port')
fdb()
frame(t0, t0.peer, src=t0.peer)
step('to itself by itself')
frame(t0, t3.peer, src=BR)
step('with the address of the bridge')
frame(t0, t3.peer, src=mac('010000000001'))
step('with the address of a group')
frame(t0, t3.peer, src=bytes(6))
step('with no address')
fdb()
for last in range(16):
    frame(t0, mac(f'0180c20000{last:02x}'))
    step(f'01:80:c2:00:00:{last:02x}')
sh('ip link set br0 type bridge group_fwd_mask 0xfff8')
for last in range(16):
    frame(t0, mac(f'0180c20000{last:02x}'))
    step(f'group_fwd_mask 0xfff8 01:80:c2:00:00:{last:02x}')
sh('ip link set br0 type bridge group_fwd_mask 0')
sh('bridge link set dev t0 hwmode vepa')
sh('ip link set t0 type bridge_slave group_fwd_mask 0x4008')
for last in (3, 14, 4):
    frame(t0, mac(f'0180c20000{last:02x}'))
    step(f'group_fwd_mask of a port 01:80:c2:00:00:{last:02x}')
sh('ip link set t0 type bridge_slave group_fwd_mask 0')
for flag in ('hairpin', 'learning', 'flood', 'mcast_flood', 'bcast_flood', 'isolated', 'locked', 'neigh_suppress', 'guard', 'root_block'):
    default = 'on' if flag in ('learning', 'flood', 'mcast_flood', 'bcast_flood') else 'off'
    turned = 'off' if default == 'on' else 'on'
    sh('ip link set br0 type bridge fdb_flush')
    for port in ('t0', 't1'):
        sh(f'bridge link set dev {port} {flag} {turned}')
    for sender, title in ((t0, 'that has it'), (t2, 'that has not')):
        for dst, name_ in ((mac('0200000000aa'), 'unknown'), (ALL, 'all'), (GROUP, 'group'), (sender.peer, 'itself'), (t1.peer, 'the second'), (BR, 'the bridge')):
            frame(sender, dst)
            step(f'{flag} {turned}: from one {title} to {name_}')
    frame(t1, t0.peer)
    step(f'{flag} {turned}: from the second to the first')
    fdb()
    for port in ('t0', 't1'):
        sh(f'bridge link set dev {port} {flag} {default}')
# entries that are set
sh('''ip link set br0 type bridge fdb_flush
bridge fdb add 02:00:00:00:00:aa dev t3 master static
bridge fdb add 02:00:00:00:00:bb dev t3 master
bridge fdb add 02:00:00:00:00:cc dev br0 self
bridge fdb add 02:00:00:00:00:dd dev t2 master dynamic
bridge fdb add 02:00:00:00:00:ee dev t2 master static sticky''')
for last in 'abcde':
    frame(t0, mac(f'0200000000{last * 2}'))
    step(f'to the entry {last}')
    frame(t1, t0.peer, src=mac(f'0200000000{last * 2}'))
    step(f'from the entry {last}, elsewhere')
fdb()
sh('bridge link set dev t1 locked on mab on')
for src in (t1.peer, mac('0200000000aa'), mac('0200000000f1')):
    frame(t1, t2.peer, src=src)
    step(f'locked, with mab: from {src.hex()}')
fdb()
sh('bridge link set dev t1 locked off mab off')
# states
sh('ip link set br0 type bridge fdb_flush')
for state in (0, 1, 2, 3, 4):
    sh(f'bridge link set dev t0 state {state}')
    for sender, dst in ((t0, ALL), (t1, ALL), (t1, t0.peer), (t0, BR)):
        frame(sender, dst)
        step(f'state {state}: {sender.name} to {name(dst)}')
    fdb()
sh('bridge link set dev t0 state 3')
for changed in ('ip link set br0 promisc on', 'ip link set br0 promisc off', 'ip link set t2 down', 'ip link set t2 up', 'ip link set t3 nomaster', 'ip link set br0 type bridge ageing_time 0', 'ip link set br0 down'):
    sh(changed)
    frame(t0, t1.peer)
    frame(t1, t0.peer)
    frame(t0, t1.peer)
    frame(t2, ALL)
    step(changed)
    fdb()
