"""A host whose cables end in this program: frames go in and out of TAP devices, and what the host counts stands beside them."""
import fcntl
import os
import re
import select
import socket
import struct
import subprocess
import time
import zlib

SETTLE = 0.02
HIDE = re.compile(r'^(TcpExt|MPTcpExt)|Octets|OutTransmits|ifIndex|NoECTPkts')


def run(command):
    return subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def sh(commands):
    """Commands, one a line or parted by `;`: what they say is a line of the output."""
    for command in re.split('[;\n]', commands):
        if command.strip():
            said = run(command.strip())
            if said:
                print(command.strip(), '!', said.strip(), flush=True)


def sysctl(**settings):
    """sysctl(ipv4__conf__all__rp_filter=1)"""
    for name, value in settings.items():
        put(name.replace('__', '/'), value)


def put(path, value):
    try:
        with open(f'/proc/sys/net/{path}', 'w') as file:
            file.write(str(value))
    except OSError as error:
        print(path, value, '!', error.strerror, flush=True)


def conf4(device='t0', **settings):
    for name, value in settings.items():
        put(f'ipv4/conf/{device}/{name}', value)


def conf6(device='t0', **settings):
    for name, value in settings.items():
        put(f'ipv6/conf/{device}/{name}', value)


def neigh4(device='t0', **settings):
    for name, value in settings.items():
        put(f'ipv4/neigh/{device}/{name}', value)


def neigh6(device='t0', **settings):
    for name, value in settings.items():
        put(f'ipv6/neigh/{device}/{name}', value)


AGES = [(re.compile(r'(expires|age|used|probes|uid|users|ref|cache|hoplimit 255 expires) \d[\d/.]*(sec|msec)?'), r'\1 N'), (re.compile(r'(valid|preferred)_lft \d+sec'), r'\1_lft N'), (re.compile(r'qlen \d+'), '')]


def show(command, hide=()):
    """What a command says, without the times in it."""
    said = run(command)
    for pattern, by in AGES:
        said = pattern.sub(by, said)
    for pattern, by in hide:
        said = re.sub(pattern, by, said)
    print(f'$ {command}', flush=True)
    for line in said.splitlines():
        print('   ', ' '.join(line.split()), flush=True)


def counters():
    found = {}
    for name in ('snmp', 'netstat'):
        with open(f'/proc/net/{name}') as file:
            lines = [line.split() for line in file]
        for keys, values in zip(lines[::2], lines[1::2]):
            for key, value in zip(keys[1:], values[1:]):
                found[keys[0][:-1] + key] = int(value)
    if os.path.exists('/proc/net/snmp6'):
        with open('/proc/net/snmp6') as file:
            for line in file:
                key, value = line.split()
                found[key] = int(value)
    return {key: value for key, value in found.items() if not HIDE.search(key)}


class Tap:
    """A device of the host, and the far end of its cable."""

    def __init__(self, name, number, kind=2, up=True, quiet=True):
        self.name = name
        self.mac = bytes([2, 0, 0, 0, 0, number])
        self.peer = bytes([2, 0, 0, 0, 0, 0x80 + number])
        self.fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, 0x400454ca, struct.pack('16sH22x', name.encode(), 0x1000 | kind))
        if kind == 2:
            run(f'ip link set {name} address {self.mac.hex(":")}')
        if quiet:
            conf6(name, accept_dad=0, router_solicitations=0, addr_gen_mode=1)
        if up:
            run(f'ip link set {name} up')
        TAPS.append(self)

    def send(self, frame):
        try:
            os.write(self.fd, frame)
        except OSError as error:
            print(self.name, '!', error.strerror)

    def eth(self, kind, data, dst=None, src=None):
        return (dst or self.mac) + (src or self.peer) + struct.pack('>H', kind) + data

    def ip4(self, payload=b'', proto=17, src='10.0.0.9', dst='10.0.0.1', mac=None, **rest):
        self.send(self.eth(0x800, ip4(payload, proto, src, dst, **rest), group_mac(dst) if mac is None else mac))

    def ip6(self, payload=b'', proto=17, src='2001:db8::9', dst='2001:db8::1', mac=None, **rest):
        self.send(self.eth(0x86dd, ip6(payload, proto, src, dst, **rest), group_mac(dst) if mac is None else mac))

    def arp(self, op=1, sip='10.0.0.9', tip='10.0.0.1', sha=None, tha=bytes(6), dst=b'\xff' * 6, src=None):
        sha = self.peer if sha is None else sha
        packet = struct.pack('>HHBBH', 1, 0x800, 6, 4, op) + sha + a4(sip) + tha + a4(tip)
        self.send(self.eth(0x806, packet, dst or self.mac, src))


TAPS = []


def group_mac(dst):
    if ':' in dst:
        return b'\x33\x33' + a6(dst)[12:] if a6(dst)[0] == 255 else None
    if 224 <= a4(dst)[0] < 240:
        return b'\x01\x00\x5e' + bytes([a4(dst)[1] & 127]) + a4(dst)[2:]
    return None


def a4(text):
    return socket.inet_aton(text)


def a6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def csum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip4(payload=b'', proto=17, src='10.0.0.9', dst='10.0.0.1', frag=0, ident=7, ttl=64, tos=0, options=b''):
    head = struct.pack('>BBHHHBBH4s4s', 0x45 + len(options) // 4, tos, 20 + len(options) + len(payload), ident, frag, ttl, proto, 0, a4(src), a4(dst)) + options
    return head[:10] + struct.pack('>H', csum(head)) + head[12:] + payload


def ip6(payload=b'', proto=17, src='2001:db8::9', dst='2001:db8::1', hops=255, tclass=0, flow=0):
    return struct.pack('>LHBB', 6 << 28 | tclass << 20 | flow, len(payload), proto, hops) + a6(src) + a6(dst) + payload


def pseudo(src, dst, proto, length):
    if ':' in src:
        return a6(src) + a6(dst) + struct.pack('>LL', length, proto)
    return a4(src) + a4(dst) + struct.pack('>HH', proto, length)


def udp(src, dst, data=b'x', sport=9, dport=7):
    head = struct.pack('>HHHH', sport, dport, 8 + len(data), 0) + data
    return head[:6] + struct.pack('>H', csum(pseudo(src, dst, 17, len(head)) + head) or 0xffff) + head[8:]


def icmp(kind, code=0, rest=bytes(4), data=b''):
    message = struct.pack('>BBH', kind, code, 0) + rest + data
    return message[:2] + struct.pack('>H', csum(message)) + message[4:]


def icmp6(src, dst, kind, code=0, rest=bytes(4), data=b''):
    message = struct.pack('>BBH', kind, code, 0) + rest + data
    return message[:2] + struct.pack('>H', csum(pseudo(src, dst, 58, len(message)) + message)) + message[4:]


def hbh(options, nexthdr):
    return bytes([nexthdr, (len(options) + 2) // 8 - 1]) + options


def name(mac):
    for tap in TAPS:
        if mac == tap.mac:
            return tap.name
        if mac == tap.peer:
            return f'peer{tap.name[-1]}'
    return {b'\xff' * 6: 'all'}.get(mac, mac.hex())


def cut(data, limit=160):
    """Bytes to read; of many only the first, with a sum of all."""
    return data.hex() if len(data) <= limit else f'{data[:limit].hex()}… {len(data)} {zlib.crc32(data):08x}'


def bytes4(packet):
    """An IPv4 packet without what is chance: its ident, and so its checksum."""
    length = (packet[0] & 15) * 4
    good = '' if csum(packet[:length]) == 0 else ' BAD SUM'
    return packet[:4] + (b'\xff\xff' if packet[4:6] != b'\0\0' else b'\0\0') + packet[6:10] + b'\0\0' + packet[12:], good


def text(frame):
    """A frame in a line: who to whom, and its bytes."""
    where = f'{name(frame[6:12])}>{name(frame[:6])}'
    kind = frame[12:14].hex()
    data = frame[14:]
    if kind == '0806' and len(data) >= 28:
        return f'{where} arp {data[7]} {name(data[8:14])} {socket.inet_ntoa(data[14:18])} {name(data[18:24])} {socket.inet_ntoa(data[24:28])}'
    if kind == '0800':
        data, good = bytes4(data)
        if data[9] == 1 and data[20] == 14:
            data = data[:20] + b'\x0e\0\0\0' + data[24:28] + bytes(12)
        return f'{where} ip {socket.inet_ntoa(data[12:16])}>{socket.inet_ntoa(data[16:20])} {cut(data)}{good}'
    if kind == '86dd':
        label = int.from_bytes(data[:4], 'big') & 0xfffff
        if label not in (0, 0x54321, 0x12345):
            data = bytes([data[0], data[1] & 0xf0 | 15, 0xff, 0xff]) + data[4:]
        return f'{where} ip6 {socket.inet_ntop(10, data[8:24])}>{socket.inet_ntop(10, data[24:40])} {cut(data[:8])} {cut(data[40:])}'
    return f'{where} {kind} {cut(data)}'


def drain(settle=SETTLE, until=None):
    """What comes out of all the cables until it is still; or for so many seconds."""
    seen = []
    end = time.monotonic() + (until or 0)
    # whoever serves this read has taken in what was sent before
    counters()
    while True:
        left = max(end - time.monotonic(), 0) if until else settle
        ready, _, _ = select.select([tap.fd for tap in TAPS], [], [], left)
        if not ready:
            return seen
        for tap in TAPS:
            while tap.fd in ready:
                try:
                    seen.append((tap, os.read(tap.fd, 70000)))
                except BlockingIOError:
                    break


LAST = {}


def heard(s):
    """What waits in a socket that does not block, a line for each datagram."""
    said = []
    try:
        while True:
            data, sender = s.recvfrom(70000)
            said.append(f'    heard {len(data)} {sender[:2]}')
    except BlockingIOError:
        return said


def now(title, until=None, count=True, frames=True, seen=(), hide='$^'):
    """What came out and was counted since the last time."""
    seen = [*seen, *drain(until=until)]
    at = counters()
    changed = [f'{key}+{at[key] - LAST.get(key, 0)}' for key in at if at[key] != LAST.get(key, 0) and not re.search(hide, key)]
    LAST.update(at)
    print(f'{title} |', *(changed if count else []), flush=True)
    if frames:
        for tap, frame in seen:
            print(f'    {tap.name}: {text(frame)}', flush=True)
    return [frame for _, frame in seen]


# what a machine has of its own
put('ipv4/ip_forward', 0)
put('ipv4/conf/all/accept_redirects', 1)
put('ipv6/icmp/ratelimit', 1000)
# reports of groups are over soon
put('ipv4/conf/default/igmpv3_unsolicited_report_interval', 50)
put('ipv6/conf/default/mldv2_unsolicited_report_interval', 50)


def start(seconds=0.0):
    """Silence before the first step."""
    drain(until=seconds or None)
    drain()
    LAST.update(counters())


class Log:
    """What the kernel logs from now on."""

    def __init__(self):
        self.fd = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
        self.lines()

    def lines(self):
        said = []
        try:
            while True:
                level, _, line = os.read(self.fd, 8192).decode().partition(';')
                said.append(f'<{int(level.split(",")[0]) & 7}>{line.splitlines()[0]}')
        except BlockingIOError:
            return said

    def show(self, about=r'IPv[46]'):
        for line in self.lines():
            if re.search(about, line):
                print(f'    {line}', flush=True)
