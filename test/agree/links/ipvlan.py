"""IP VLANs upon a cable: who hears whom, in each mode."""
from cables import *

t0 = Tap('t0', 1)
silent('t0')
sh('ip addr add 10.0.0.50/24 dev t0')
conf4('all', rp_filter=0)
conf4('t0', rp_filter=0)
ALL = b'\xff' * 6
sh('ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0')
neigh4(mcast_solicit=1, retrans_time_ms=50)
sh('ip netns add n1; ip netns add n2; ip -n n1 link set lo up; ip -n n2 link set lo up')
# what they say of themselves is said at once
QUIET = 'net.ipv4.conf.default.igmpv3_unsolicited_report_interval=50 net.ipv6.conf.default.mldv2_unsolicited_report_interval=50'
for n in (1, 2):
    run(f'ip netns exec n{n} sysctl -qw {QUIET}')


def ns(name_, device):
    """Counters of a device of another namespace."""
    for line in run(f'ip netns exec {name_} cat /proc/net/dev').splitlines():
        if line.strip().startswith(device + ':'):
            numbers = dict(zip(FIELDS, map(int, line.split(':')[1].split())))
            return ' '.join(f'{key} {value}' for key, value in numbers.items() if value)


def told(title, until=None):
    step(title, until)
    print('    n1', ns('n1', 'i1'), '| n2', ns('n2', 'i2'), flush=True)


for mode, flags in (('l2', ('private', 'vepa')), ('l3', ('bridge',))):
    for flag in flags:
        title = f'{mode} {flag}'
        for n in (1, 2):
            sh(f'ip link add link t0 name i{n} type ipvlan mode {mode} {flag}; ip link set i{n} netns n{n}')
            run(f'ip netns exec n{n} sysctl -qw net.ipv6.conf.i{n}.accept_dad=0 net.ipv6.conf.i{n}.addr_gen_mode=1 net.ipv6.conf.i{n}.router_solicitations=0 net.ipv4.neigh.i{n}.mcast_solicit=1 net.ipv4.neigh.i{n}.retrans_time_ms=50 net.ipv4.neigh.i{n}.delay_first_probe_time=600 net.ipv6.neigh.i{n}.mcast_solicit=1')
            sh(f'ip -n n{n} link set i{n} up; ip -n n{n} addr add 10.0.0.{n}/24 dev i{n}; ip -n n{n} addr add 2001:db8::{n}/64 dev i{n}; ip -n n{n} route add 10.9.0.0/24 dev i{n}')
            for address in ('10.0.0.9', '2001:db8::9'):
                run(f'ip -n n{n} neigh add {address} lladdr 02:00:00:00:00:81 dev i{n}')
        drain(until=0.5)
        quiet()
        show('ip -n n1 -d link show i1', hide=((r'link-netnsid \d+', ''),))
        for dst in ('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.50', '10.0.0.255', '224.0.0.1'):
            t0.ip4(icmp(8, data=b'ping'), 1, dst=dst)
            told(f'{title}: echo request to {dst}')
        for dst in ('2001:db8::1', '2001:db8::2', '2001:db8::3'):
            t0.ip6(udp('2001:db8::9', dst), dst=dst)
            told(f'{title}: to {dst}')
        for target in ('10.0.0.1', '10.0.0.2', '10.0.0.50', '10.0.0.77'):
            t0.arp(tip=target, dst=ALL)
            told(f'{title}: ARP for {target}')
        t0.send(ALL + t0.peer + b'\x88\xb5' + b'data' * 12)
        told(f'{title}: a broadcast')
        for dst in ('10.0.0.9', '10.0.0.2', '10.0.0.50', '10.9.0.1', '10.0.0.255', '239.1.1.1'):
            said = run(f'ip netns exec n1 python3 -c "import socket; s = socket.socket(2, 2); s.setsockopt(1, 6, 1); s.bind((\'\', 99)); s.sendto(b\'x\', (\'{dst}\', 7))"')
            told(f'{title}: n1 sends to {dst} {said.strip().splitlines()[-1:]}', 0.25)
        for n in (1, 2):
            sh(f'ip -n n{n} link del i{n}')
sh('ip netns del n1; ip netns del n2')
