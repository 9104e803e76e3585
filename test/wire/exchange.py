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


for line in PINGS.strip().splitlines():
    subprocess.run(['ping', '-W', '5', *line.split()], stdout=subprocess.DEVNULL, check=True)
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
