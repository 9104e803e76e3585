"""A socket of IPv6 that becomes one of IPv4 (IPV6_ADDRFORM), and addresses that it shares with other hosts (anycast)."""
import socket
import struct

from common import sh, show, t

IPV6_ADDRFORM, IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST = 1, 27, 28
sh('ip link set lo up; ip link add v0 type veth peer name v1; ip link set v1 up; ip link set v0 up')
sh('ip addr add 2001:db8::1/64 dev v0 nodad')
sh('ip link add w0 type veth peer name w1')
D = socket.if_nametoindex('v0')


def form(s, family=socket.AF_INET):
    s.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, family)
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN)


four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
four.bind(('127.0.0.1', 5000))
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
t('unconnected', form, s)
s.connect(('::1', 9))
t('connected to IPv6', form, s)
s.close()
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 5001))
s.connect(('::ffff:127.0.0.1', 5000))
t('before', s.getsockopt, socket.IPPROTO_IPV6, IPV6_ADDRFORM)
t('to IPv6', form, s, socket.AF_INET6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, 'ff02::77') + struct.pack('i', D))
show('grep -c ff020000000000000000000000000077 /proc/net/igmp6')
t('to IPv4', form, s)
show('grep -c ff020000000000000000000000000077 /proc/net/igmp6; cat /proc/net/udp | wc -l; cat /proc/net/udp6 | wc -l')
four4 = socket.socket(fileno=s.detach())
t('family', lambda: four4.family)
t('name', four4.getsockname)
t('peer', four4.getpeername)
t('option of IPv6', four4.getsockopt, socket.IPPROTO_IPV6, IPV6_ADDRFORM)
t('again', form, four4)
t('send', four4.send, b'to four')
data, sender = four.recvfrom(99)
print(data, sender)
four.sendto(b'back', sender)
t('receive', four4.recvfrom, 99)
t('send elsewhere', four4.sendto, b'x', ('127.0.0.1', 5000))
four4.close()


def anycast(option, address, ifindex):
    s6.setsockopt(socket.IPPROTO_IPV6, option, socket.inet_pton(socket.AF_INET6, address) + struct.pack('i', ifindex))


def listed():
    show("awk '{print $2, $3, $4}' /proc/net/anycast6 | sort; ip -6 route show table local type anycast; ip -6 maddr show dev v0 | grep -c ff02::1:ff")


for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    s6 = socket.socket(socket.AF_INET6, kind)
    listed()
    t('own', anycast, IPV6_JOIN_ANYCAST, '2001:db8::1', D)
    t('group', anycast, IPV6_JOIN_ANYCAST, 'ff02::9', D)
    t('off link', anycast, IPV6_JOIN_ANYCAST, '2001:db8:1::9', D)
    t('no device', anycast, IPV6_JOIN_ANYCAST, '2001:db8::9', 99)
    t('device that is down', anycast, IPV6_JOIN_ANYCAST, '2001:db8::9', socket.if_nametoindex('w0'))
    t('leave', anycast, IPV6_LEAVE_ANYCAST, '2001:db8::9', D)
    t('join', anycast, IPV6_JOIN_ANYCAST, '2001:db8::9', D)
    t('join twice', anycast, IPV6_JOIN_ANYCAST, '2001:db8::9', 0)
    t('by route', anycast, IPV6_JOIN_ANYCAST, '2001:db8::a', 0)
    t('no route', anycast, IPV6_JOIN_ANYCAST, '2001:db8:1::9', 0)
    listed()
    other = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    t('bind', other.bind, ('2001:db8::9', 0))
    other.settimeout(1)
    t('send', other.sendto, b'any', ('2001:db8::9', 7))
    t('answer', other.recv, 1)
    other.close()
    t('leave one', anycast, IPV6_LEAVE_ANYCAST, '2001:db8::9', 0)
    t('leave two', anycast, IPV6_LEAVE_ANYCAST, '2001:db8::9', 0)
    t('leave none', anycast, IPV6_LEAVE_ANYCAST, '2001:db8::9', 0)
    listed()
    s6.close()
    listed()
sh('sysctl -qw net.ipv6.conf.all.forwarding=1')
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s6:
    t('a router, off link', anycast, IPV6_JOIN_ANYCAST, '2001:db8:1::9', D)
    t('a router, no route', anycast, IPV6_JOIN_ANYCAST, '2001:db8:2::9', 0)
    listed()
    sh('ip link del v0')
    t('gone', anycast, IPV6_LEAVE_ANYCAST, '2001:db8:1::9', 0)
