"""A bridge that filters VLANs: what goes out where, and with which tag."""
from cables import *

taps = [Tap(f't{i}', i + 1, up=False) for i in range(4)]
t0, t1, t2, t3 = taps
silent(*(t.name for t in taps))
sh('ip link add br0 address 02:00:00:00:00:40 type bridge mcast_snooping 0 vlan_filtering 1 vlan_stats_enabled 1 vlan_stats_per_port 1')
silent('br0')
for t in taps:
    sh(f'ip link set {t.name} master br0; ip link set {t.name} up')
sh('''ip link set br0 up
bridge vlan add dev t0 vid 10
bridge vlan add dev t0 vid 20 pvid untagged
bridge vlan add dev t1 vid 10 untagged
bridge vlan add dev t1 vid 20
bridge vlan add dev t2 vid 10 pvid
bridge vlan del dev t2 vid 1
bridge vlan add dev t3 vid 2-30
bridge vlan add dev br0 vid 10 self
bridge vlan add dev br0 vid 20 pvid untagged self
ip link add link br0 name v10 type vlan id 10
ip link add link br0 name v20 type vlan id 20''')
silent('v10', 'v20')
sh('ip link set v10 up; ip link set v20 up')
ALL = b'\xff' * 6
BR = mac('02:00:00:00:00:40')
KINDS = {'untagged': b'\x88\xb5', 'priority 3': tag(0, prio=3), '1': tag(1), '5': tag(5), '10': tag(10, prio=5), '20': tag(20), '40': tag(40), '4095': tag(4095), '10 ad': tag(10, tpid=0x88a8), '10 in ad 20': tag(20, tag(10), tpid=0x88a8), '20 in 10': tag(10, tag(20)), 'short': b'\x81\x00\x00'}
quiet()


def everything(title):
    for kind, between in KINDS.items():
        for sender in taps:
            for dst in (ALL, BR):
                sender.send(dst + sender.peer + between + b'data' * (12 if kind != 'short' else 0))
                step(f'{title}: {kind} from {sender.name} to {name(dst)}', bytes_too=False)
    for line in sorted(run('bridge fdb show br br0').splitlines()):
        if '33:33' not in line and '01:00:5e' not in line:
            print('   ', line.strip())


everything('filtering')
show('bridge -s vlan show')
sh('ip link set br0 type bridge vlan_protocol 802.1ad')
everything('802.1ad')
sh('ip link set br0 type bridge vlan_protocol 802.1Q; ip link set br0 type bridge fdb_flush')
sh('ip link set br0 type bridge vlan_default_pvid 7')
show('bridge vlan show')
everything('default pvid 7')
sh('ip link set br0 type bridge vlan_default_pvid 0')
show('bridge vlan show')
for state in ('blocking', 'learning', 'disabled', 'forwarding'):
    sh(f'bridge vlan set dev t1 vid 10 state {state}')
    for sender in (t0, t1):
        sender.send(ALL + sender.peer + tag(10) + b'data' * 12)
        step(f'VLAN 10 of t1 {state}: from {sender.name}')
sh('bridge vlan set dev br0 vid 10 state blocking self')
t0.send(ALL + t0.peer + tag(10) + b'data' * 12)
step('VLAN 10 of the bridge blocking')
sh('bridge vlan set dev br0 vid 10 state forwarding self')
for device in ('v10', 'v20', 'br0'):
    s = packet(device)
    s.send(ALL + BR + b'\x88\xb5' + b'up' * 24)
    step(f'sent by {device}')
    heard_by(**{device: s})
    t1.send(BR + t1.peer + tag(10) + b'down' * 12)
    t0.send(BR + t0.peer + tag(20) + b'down' * 12)
    step('and heard')
    heard_by(**{device: s})
    s.close()
sh('ip link set br0 type bridge vlan_filtering 0')
everything('not filtering')
show('bridge -s vlan show')
