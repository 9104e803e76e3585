"""TCP without connections: binding, listening, waiting; and how ports answer segments that mean no connection of theirs."""
import select
import signal
import socket
import struct

from common import sh, show, t

signal.signal(signal.SIGPIPE, signal.SIG_IGN)
sh('ip link set lo up;ip addr add 192.0.2.1/32 dev lo;ip -6 addr add 2001:db8::1/128 dev lo nodad')
A4, A6 = socket.AF_INET, socket.AF_INET6


def tcp(family=A4, *options):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setblocking(False)
    for option in options:
        s.setsockopt(*option)
    return s


def say(*what):
    print(*what, flush=True)


def accepts(s):
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def readable(s):
    poll = select.poll()
    poll.register(s, select.POLLIN | select.POLLPRI | select.POLLRDHUP)
    return poll.poll(0) != []


REUSE = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
SHARE = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
ONLY6 = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)

s = tcp()
say('names', s.getsockname())
t('peer', s.getpeername)
t('send', s.send, b'x')
t('recv', s.recv, 1)
t('accept', s.accept)
t('shutdown', s.shutdown, 2)
t('bind', s.bind, ('192.0.2.1', 7000))
t('bind again', s.bind, ('192.0.2.1', 7001))
t('bind elsewhere', tcp().bind, ('192.0.2.2', 7001))
say('accepts', accepts(s))
t('listen', s.listen, 5)
t('listen again', s.listen, 7)
say('accepts', accepts(s), readable(s))
t('accept', s.accept)
t('send', s.send, b'x')
t('recv', s.recv, 1)
t('peer', s.getpeername)
t('connect a listener', s.connect, ('192.0.2.1', 7009))
show('ss -Htnl')
t('taken', tcp().bind, ('192.0.2.1', 7000))
t('all taken', tcp().bind, ('0.0.0.0', 7000))
t('taken, reuse', tcp(A4, REUSE).bind, ('192.0.2.1', 7000))
t('shutdown for sending', s.shutdown, 1)
say('accepts', accepts(s))
t('shutdown for receiving', s.shutdown, 0)
say('accepts', accepts(s), s.getsockname())
t('listen once more', s.listen, 1)
s.close()

for name, option, port in ('reuse', REUSE, 7002), ('share', SHARE, 7003):
    a, b = tcp(A4, option), tcp(A4, option)
    t(f'{name} a', a.bind, ('', port))
    t(f'{name} b', b.bind, ('', port))
    t(f'{name} a listens', a.listen)
    t(f'{name} b listens', b.listen)
unbound = tcp()
t('listen unbound', unbound.listen)
say('has a port', unbound.getsockname()[1] > 1023)
unbound.close()
both = tcp(A6)
t('both', both.bind, ('::', 7004))
t('both listen', both.listen, 9)
t('four beside both', tcp().bind, ('0.0.0.0', 7004))
only = tcp(A6, ONLY6)
t('six only', only.bind, ('::', 7005))
t('six only listens', only.listen, 4096)
four = tcp()
t('four beside six only', four.bind, ('0.0.0.0', 7005))
t('four listens', four.listen, 100000)
t('mapped', tcp(A6).bind, ('::ffff:192.0.2.1', 7006))
t('group', tcp().bind, ('224.0.0.1', 7007))
t('group six', tcp(A6).bind, ('ff02::1', 7007))
t('broadcast', tcp().bind, ('255.255.255.255', 7008))
show('ss -Htnl | sort')
show('netstat -tln | tail -n +3 | sort')
show("awk '/^TCP:/{print $3}' /proc/net/sockstat")


def csum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF ^ total


FIN, SYN, RST, ACK = 1, 2, 4, 16


def segment(family, address, flags, port, data=b'', damage=0, hlen=20):
    ends = socket.inet_pton(family, address) * 2
    head = struct.pack('!HHIIBBHHH', 9000, port, 1000, 2000, hlen << 2, flags, 100, 0, 0)
    length = len(head + data)
    pseudo = struct.pack('!II', length, 6) if family == A6 else struct.pack('!BBH', 0, 6, length)
    return head[:16] + struct.pack('!H', csum(ends + pseudo + head + data) ^ damage) + head[18:] + data


def answers(raw, family):
    try:
        while True:
            packet = raw.recv(200)
            at = 0 if family == A6 else 20
            if len(packet) < at + 20:
                continue
            source, dest, seq, ack, hlen, flags, window, _, urgent = struct.unpack('!HHIIBBHHH', packet[at : at + 20])
            if source != 9000:
                yield source, dest, seq, ack, hlen, hex(flags), window, urgent, packet[4:at].hex()[:12]
    except OSError:
        pass


for family, address, listener in (A4, '192.0.2.1', 7003), (A6, '2001:db8::1', 7004):
    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.settimeout(0.1)
    raw.bind((address, 0))

    def send(name, *args, cut=None, **more):
        raw.sendto(segment(family, address, *args, **more)[:cut], (address, 0))
        say(address, name, list(answers(raw, family)) if cut is None else '')

    send('SYN', SYN, 8000)
    send('ACK', ACK, 8000)
    send('RST', RST, 8000)
    send('RST ACK', RST | ACK, 8000)
    send('FIN', FIN, 8000, b'abc')
    send('nothing', 0, 8000, b'abc')
    send('SYN FIN', SYN | FIN, 8000, b'abcde')
    send('wrong sum', SYN, 8000, damage=1)
    send('short', SYN, 8000, cut=12)
    send('long header', SYN, 8000, hlen=36)
    send('short header', SYN, 8000, hlen=12)
    send('ACK to a listener', ACK, listener)
    send('RST to a listener', RST, listener)
    send('SYN ACK to a listener', SYN | ACK, listener)
    send('FIN to a listener', FIN, listener)
    send('SYN FIN to a listener', SYN | FIN, listener)
show("awk '/^Tcp:/{print $11,$12,$14,$15,$16}' /proc/net/snmp")
