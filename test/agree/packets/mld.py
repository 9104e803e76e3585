"""MLD as a host speaks it: joins, leaves, queries of both versions (RFC 2710, RFC 3810)."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
sh('ip -6 addr add fe80::1/64 dev t0 nodad')
conf6(mldv1_unsolicited_report_interval=100, mldv2_unsolicited_report_interval=100)
start(1)
A, S1, S2 = 'ff05::1:2:3', '2001:db8:9::1', '2001:db8:9::2'
INDEX = socket.if_nametoindex('t0')
QUIET = 0.6
put('ipv6/conf/all/force_mld_version', 0)


def state():
    show('ip -6 maddr show dev t0 | tail -n +2')
    show("tail -n +2 /proc/net/mcfilter6 | tr -s ' ' | cut -d' ' -f3-6")


def query(title, group='::', delay=1, more=b'', src='fe80::9', hops=1, head=b'\5\2\0\0\1\0', wait=0.35, code=0):
    dst = 'ff02::1' if group == '::' else group
    t0.ip6(hbh(head, 58) + icmp6(src, dst, 130, code, struct.pack('>HH', delay, 0), a6(group) + more), 0, src=src, dst=dst, hops=hops)
    now(title, until=wait)


def join(s, group=A):
    s.setsockopt(41, 20, a6(group) + struct.pack('@I', INDEX))


def leave(s, group=A):
    s.setsockopt(41, 21, a6(group) + struct.pack('@I', INDEX))


def sockaddr(addr):
    return struct.pack('@HHL', 10, 0, 0)[:8] + a6(addr) + bytes(4) + bytes(100)


def source(s, option, src, group=A):
    s.setsockopt(41, option, struct.pack('@I4x', INDEX) + sockaddr(group) + sockaddr(src))


V2 = struct.pack('>BBH', 2, 20, 0)
for version in (0, 2, 1):
    conf6(force_mld_version=version)
    s = socket.socket(10, 2)
    join(s)
    now(f'version {version}: join', until=QUIET)
    query('v2, all', more=V2)
    query('v2, the group', A, more=V2)
    query('v2, a source', A, more=struct.pack('>BBH', 2, 20, 1) + a6(S1))
    query('v2, suppressed', A, more=struct.pack('>BBH', 10, 20, 0))
    leave(s)
    now('leave', until=QUIET)
    s.close()
conf6(force_mld_version=0)
for title, args in {'hops': dict(hops=2), 'a global source': dict(src='2001:db8::9'), 'no source': dict(src='::'), 'no alert': dict(head=b'\1\4\0\0\0\0'), 'another alert': dict(head=b'\5\2\0\1\1\0'), 'a group that nobody joined': dict(group='ff05::99'), 'all nodes': dict(group='ff02::1')}.items():
    query(f'query: {title}', more=V2, **args)
# sources
s = socket.socket(10, 2)
source(s, 46, S1)
now('one source', until=QUIET)
state()
source(s, 46, S2)
now('another', until=QUIET)
query('all', more=V2)
query('the group', A, more=V2)
query('a source', A, more=struct.pack('>BBH', 2, 20, 1) + a6(S1))
query('a source that is not listened to', A, more=struct.pack('>BBH', 2, 20, 1) + a6('2001:db8:9::9'))
source(s, 47, S1)
now('one less', until=QUIET)
r = socket.socket(10, 2)
join(r)
now('all of them', until=QUIET)
state()
source(r, 43, S2)
now('but one', until=QUIET)
state()
query('all', more=V2)
r.close()
now('closed', until=QUIET)
s.close()
now('closed', until=QUIET)
state()
