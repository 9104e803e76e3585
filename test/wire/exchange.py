"""What host a does in the recording; exchange.test.ts does the same on a simulated one."""
import socket
import struct
import subprocess
import time

PINGS = """
-c 1 10.0.0.2
-c 1 -s 2000 10.0.0.2
-c 1 -t 7 -Q 0x20 -M do -s 100 10.0.0.2
-c 1 2001:db8::2
-c 1 -s 3000 2001:db8::2
-c 1 -t 9 -Q 0x20 fe80::ff:fe00:b%eth0
-c 1 -R 10.0.0.2
-c 1 -b -t 3 10.0.0.255
-c 1 -I eth0 224.0.0.1
-c 1 -6 -F 0x12345 2001:db8::2
-c 1 -6 -I eth0 ff02::1
"""
IP_ADD_SOURCE_MEMBERSHIP = 39


def udp(family, to):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind(('', 4000))
        s.sendto(bytes(10), (to, 5000))


def member(family, level, option, request):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.setsockopt(level, option, request)
        time.sleep(2.5)
    time.sleep(2.5)


def sysctl(name, value):
    with open(f'/proc/sys/net/{name}', 'w') as file:
        file.write(value)


for line in PINGS.strip().splitlines():
    # nobody answers to a broadcast, nor the first group's members
    subprocess.run(['ping', '-W', '2', *line.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
# nobody has that port: ICMP errors come back
udp(socket.AF_INET, '10.0.0.2')
udp(socket.AF_INET6, '2001:db8::2')
local = socket.inet_aton('10.0.0.1')
any_source = socket.inet_aton('239.1.2.3') + local
one_source = socket.inet_aton('232.1.2.3') + local + socket.inet_aton('10.0.0.9')
group6 = socket.inet_pton(socket.AF_INET6, 'ff05::1234') + struct.pack('@I', socket.if_nametoindex('eth0'))
member(socket.AF_INET, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, any_source)
member(socket.AF_INET, socket.IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, one_source)
member(socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group6)
# as hosts did before
for version in ('2', '1'):
    sysctl('ipv4/conf/eth0/force_igmp_version', version)
    member(socket.AF_INET, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, any_source)
sysctl('ipv6/conf/eth0/force_mld_version', '1')
member(socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group6)
# the other is asked whether it is still there, and a name of ours is told
for command in ('neigh change 10.0.0.2 dev eth0 nud probe', 'neigh change 2001:db8::2 dev eth0 nud probe'):
    subprocess.run(['ip', *command.split()], check=True)
    time.sleep(0.5)
