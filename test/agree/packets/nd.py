"""Neighbour discovery: who is answered and believed (RFC 4861, RFC 9131, ip-sysctl)."""
from rig import *

sh('ip link set lo up')
t0, t1 = Tap('t0', 1), Tap('t1', 2)
US, THEM, LL = '2001:db8::1', '2001:db8::9', 'fe80::9'
sh('''ip -6 addr add fe80::1/64 dev t0 nodad
ip -6 addr add fe80::2/64 dev t1 nodad
ip -6 addr add 2001:db8::1/64 dev t0 nodad
ip -6 addr add 2001:db8:1::1/64 dev t1 nodad
ip -6 addr add 2001:db8:f::1/128 dev lo nodad''')
start(1)
neigh6(locktime=0, retrans_time_ms=300)


def node(addr):
    return 'ff02::1:ff' + ':'.join(a6(addr)[13:].hex()[i:i + 4] for i in (0,))[:2] + ':' + a6(addr)[14:].hex()


def solicit(target, src=LL, dst=None, opts=b'\1\1' + t0.peer, code=0, hops=255, mac=None, tap=None):
    dst = dst or node(target)
    (tap or t0).ip6(icmp6(src, dst, 135, code, data=a6(target) + opts), 58, src=src, dst=dst, hops=hops, mac=mac)


def advertise(target, flags, src=None, dst=US, opts=b'\2\1' + t0.peer, mac=None):
    src = src or target
    t0.ip6(icmp6(src, dst, 136, 0, bytes([flags, 0, 0, 0]), a6(target) + opts), 58, src=src, dst=dst, mac=mac)


for target in (US, 'fe80::1', '2001:db8:1::1', '2001:db8:f::1', '2001:db8::77', '::1', 'fe80::2'):
    solicit(target)
    now(f'solicit {target}')
    solicit(target, dst=target)
    now(f'solicit {target}, to itself')
solicit(US, src='::', opts=b'')
now('DAD of ours')
solicit(US, src='::')
now('DAD with an option')
solicit(US, opts=b'')
now('without an option')
solicit(US, opts=b'', dst=US)
now('without an option, to itself')
solicit(US, src=THEM)
now('from a neighbour')
solicit(US, src='2001:db8:9::1')
now('from afar')
solicit(US, src='ff02::1')
now('from a group')
solicit(US, opts=b'\1\2' + t0.peer + bytes(8))
now('an option of 16')
solicit(US, opts=b'\x0e\1abcdef' + b'\1\1' + t0.peer)
now('a nonce')
solicit(US, dst='ff02::1')
now('to all nodes')
show('ip -6 neigh | sort')
sh('ip -6 neigh flush all')


def known_as(state):
    """The neighbour is in that state, and nothing else is known."""
    sh('ip -6 neigh flush all nud all')
    if state == 'incomplete':
        s = socket.socket(10, 2)
        s.bind(('', 4000))
        s.sendto(b'x', (THEM, 9))
        s.close()
    elif state != 'none':
        sh(f'ip -6 neigh replace {THEM} lladdr {t0.peer.hex(":")} dev t0 nud {state}')
    drain(0.005)


# what is believed
for state in ('none', 'incomplete', 'reachable', 'stale', 'delay', 'probe', 'permanent', 'failed', 'noarp'):
    for flags in (0, 0x20, 0x40, 0x60, 0x80, 0xe0):
        for lladdr in ('same', 'other', 'no'):
            known_as(state)
            advertise(THEM, flags, opts={'same': b'\2\1' + t0.peer, 'other': b'\2\1\2\0\0\0\0\x55', 'no': b''}[lladdr])
            now(f'{state}, advertised {flags:x} {lladdr}', frames=False, count=False)
            show('ip -6 neigh show dev t0')
sh('ip -6 neigh flush all nud all')
for state in ('none', 'incomplete', 'reachable', 'stale', 'permanent', 'failed'):
    for src, kind in ((THEM, 'solicit'), (THEM, 'unicast')):
        for other in (0, 1):
            known_as(state)
            solicit(US, src=THEM, dst=US if kind == 'unicast' else None, opts=b'\1\1\2\0\0\0\0\x55' if other else b'\1\1' + t0.peer)
            now(f'{state}, solicited {kind} {other}', frames=False, count=False)
            show('ip -6 neigh show dev t0')
# unsolicited ones
for drop in (0, 1):
    for accept in (0, 1, 2):
        for forward in (0, 1):
            conf6(drop_unsolicited_na=drop, accept_untracked_na=accept, forwarding=forward)
            for target in (THEM, 'fe80::55', '2001:db8:9::9'):
                for dst in ('ff02::1', US):
                    for flags in (0x20, 0x60, 0xa0):
                        sh('ip -6 neigh flush all nud all')
                        advertise(target, flags, dst=dst)
                        now(f'drop_unsolicited {drop} accept_untracked {accept} forward {forward}: {target} to {dst} {flags:x}', frames=False, hide='Out')
                        show('ip -6 neigh show dev t0')
conf6(drop_unsolicited_na=0, accept_untracked_na=0, forwarding=0)
start(1)
advertise(US, 0x20, dst='ff02::1')
now('our own, of another')
advertise(THEM, 0x60, dst='ff02::1')
now('to all, solicited')
advertise('ff02::1', 0x20)
now('of a group')
# proxies
sh('ip -6 neigh add proxy 2001:db8::60 dev t0')
for forward in (0, 1):
    for proxy in (0, 1):
        conf6('all', forwarding=forward, proxy_ndp=proxy)
        start(1)
        neigh6(proxy_delay=0)
        for target in ('2001:db8::60', '2001:db8::61'):
            solicit(target)
            now(f'forward {forward} proxy_ndp {proxy} {target}')
            solicit(target, src='::', opts=b'')
            now(f'forward {forward} proxy_ndp {proxy} {target} DAD')
conf6('all', forwarding=0, proxy_ndp=0)
sh('ip -6 neigh flush all nud all')
