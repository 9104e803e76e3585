"""IGMP as a host speaks it: joins, leaves, queries of all versions (RFC 2236, RFC 3376)."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
conf6(disable_ipv6=1)
sh('ip addr add 10.0.0.1/24 dev t0')
start(1)
A, S1, S2 = '239.1.2.3', '10.9.0.1', '10.9.0.2'
conf4(igmpv3_unsolicited_report_interval=100, igmpv2_unsolicited_report_interval=100)
QUIET = 0.6


def state():
    show('ip maddr show dev t0 | tail -n +2')
    show("tail -n +2 /proc/net/mcfilter | sed 's/^ *[0-9]*//'")


def query(title, group='0.0.0.0', kind=0x11, code=1, more=b'', dst=None, options=b'\x94\4\0\0', src='10.0.0.9', ttl=1, wait=0.35):
    t0.ip4(icmp(kind, code, a4(group), more), 2, src=src, dst=dst or ('224.0.0.1' if group == '0.0.0.0' else group), ttl=ttl, options=options)
    now(title, until=wait)


def member(option, *addresses):
    return option, b''.join(a4(x) for x in addresses)


def join(s, group=A):
    s.setsockopt(0, 35, a4(group) + a4('10.0.0.1'))


def leave(s, group=A):
    s.setsockopt(0, 36, a4(group) + a4('10.0.0.1'))


V3 = struct.pack('>BBH', 2, 20, 0)
for version in (0, 3, 2, 1):
    conf4(force_igmp_version=version)
    s = socket.socket(2, 2)
    join(s)
    now(f'version {version}: join', until=QUIET)
    query('v3, all', more=V3)
    query('v3, the group', A, more=V3)
    query('v3, a source', A, more=struct.pack('>BBH', 2, 20, 1) + a4(S1))
    query('v3, suppressed', A, more=struct.pack('>BBH', 10, 20, 0))
    leave(s)
    now('leave', until=QUIET)
    s.close()
conf4(force_igmp_version=0)
for reports in (0, 1):
    put('ipv4/igmp_link_local_mcast_reports', reports)
    s = socket.socket(2, 2)
    join(s, '224.0.0.9')
    now(f'link-local group, reports {reports}', until=QUIET)
    query('asked', more=V3)
    leave(s, '224.0.0.9')
    now('left', until=QUIET)
    s.close()
for qrv in (1, 3):
    put('ipv4/igmp_qrv', qrv)
    s = socket.socket(2, 2)
    join(s)
    now(f'robustness {qrv}: join', until=QUIET)
    leave(s)
    now('leave', until=QUIET)
    s.close()
put('ipv4/igmp_qrv', 2)
# sources
s = socket.socket(2, 2)
s.setsockopt(0, 39, a4(A) + a4('10.0.0.1') + a4(S1))
now('one source', until=QUIET)
state()
s.setsockopt(0, 39, a4(A) + a4('10.0.0.1') + a4(S2))
now('another', until=QUIET)
query('all', more=V3)
query('the group', A, more=V3)
query('a source', A, more=struct.pack('>BBH', 2, 20, 1) + a4(S1))
query('a source that is not listened to', A, more=struct.pack('>BBH', 2, 20, 1) + a4('10.9.0.9'))
s.setsockopt(0, 40, a4(A) + a4('10.0.0.1') + a4(S1))
now('one less', until=QUIET)
r = socket.socket(2, 2)
join(r)
now('all of them', until=QUIET)
state()
r.setsockopt(0, 38, a4(A) + a4('10.0.0.1') + a4(S2))
now('but one', until=QUIET)
state()
query('all', more=V3)
r.close()
now('closed', until=QUIET)
s.close()
now('closed', until=QUIET)
state()
