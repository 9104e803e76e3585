"""Duplicate address detection: what it says, what it hears, what becomes of an address (RFC 4862 5.4, RFC 4429, RFC 7527, RFC 7217)."""
from rig import *

sh('ip link set lo up')
log = Log()
LIFE = [(r'_lft \d+sec', '_lft N')]
start(0.5)
nonce = re.compile(r'0e01[0-9a-f]{12}')
events = socket.socket(16, 3, 0)
events.bind((0, 0x100))
events.setblocking(False)


def told():
    """RTM_NEWADDR and DELADDR: address, flags."""
    try:
        while True:
            data = events.recv(65536)
            while data:
                length, kind = struct.unpack('=IH', data[:6])
                at, address, flags = 24, '', 0
                while at + 4 <= length:
                    size, which = struct.unpack('=HH', data[at:at + 4])
                    if which == 1:
                        address = socket.inet_ntop(10, data[at + 4:at + 20])
                    if which == 8:
                        flags = struct.unpack('=I', data[at + 4:at + 8])[0]
                    at += (size + 3) & ~3
                print(f'    told {"new" if kind == 20 else "gone"} {address} {flags:x}', flush=True)
                data = data[(length + 3) & ~3:]
    except BlockingIOError:
        pass


def seen(title, until=0.1):
    """Frames of neighbour discovery; a nonce is only that."""
    out = [(tap, frame) for tap, frame in drain(until=until) if frame[12:14] == b'\x86\xdd' and frame[20] == 58]
    now(title, count=True, frames=False, hide='Out|MLD|Type143|Mcast')
    for tap, frame in out:
        said = nonce.sub('nonce', frame[54:].hex())
        print(f'    {socket.inet_ntop(10, frame[22:38])}>{socket.inet_ntop(10, frame[38:54])} {frame[54]} {said if "nonce" not in said else said[:4] + "...." + said[8:]}', flush=True)
    told()
    log.show()
    return [frame for _, frame in out]


def addresses():
    show('ip -6 addr show dev t0 | tail -n +2', LIFE)


def solicit(target, src='::', opts=b'', mac=None):
    dst = 'ff02::1:ff%02x:%02x%02x' % tuple(a6(target)[13:])
    t0.ip6(icmp6(src, dst, 135, 0, data=a6(target) + opts), 58, src=src, dst=dst)


def advertise(target, flags=0x20, dst='ff02::1', opts=b''):
    t0.ip6(icmp6(target, dst, 136, 0, bytes([flags, 0, 0, 0]), a6(target) + opts), 58, src=target, dst=dst)


t0 = Tap('t0', 1, up=False)
conf6(accept_dad=1, dad_transmits=1)
neigh6(retrans_time_ms=300)
put('ipv6/conf/t0/router_solicitation_delay', 0)
sh('ip link set t0 up')
seen('up', 0.5)
A = '2001:db8::a'


def again(title, address=A, flags='', **options):
    sh(f'ip -6 addr del {address}/64 dev t0 2>/dev/null; ip -6 addr add {address}/64 dev t0 {flags}')
    return seen(title, **options)


def forget(address=A):
    sh(f'ip -6 addr del {address}/64 dev t0')
    drain(0.02)
    told()


# how often
for transmits in (0, 1, 2, 3):
    conf6(dad_transmits=transmits)
    again(f'dad_transmits {transmits}', until=1.6 if transmits < 3 else 2)
    addresses()
    forget()
conf6(dad_transmits=1)
for accept, all_ in ((0, 0), (0, 1), (1, 0), (2, 0), (0, 2)):
    conf6(accept_dad=accept)
    conf6('all', accept_dad=all_)
    again(f'accept_dad {accept}, all {all_}', until=1.5)
    addresses()
    forget()
conf6(accept_dad=1)
conf6('all', accept_dad=0)
# who objects
neigh6(retrans_time_ms=1000)
for enhanced, all_ in ((1, 1), (0, 0), (1, 0), (0, 1)):
    conf6(enhanced_dad=enhanced)
    conf6('all', enhanced_dad=all_)
    out = again(f'enhanced {enhanced} all {all_}', until=0.3)
    solicit(A)
    seen('another one asks')
    addresses()
    forget()
    out = again('again', until=0.3)
    if out:
        t0.send(out[-1])
        seen('our own comes back')
        addresses()
    seen('and then', 2.2)
    forget()
conf6(enhanced_dad=1)
conf6('all', enhanced_dad=1)
for title, act in {
    'another nonce': lambda: solicit(A, opts=b'\x0e\1abcdef'),
    'an advertisement': lambda: advertise(A),
    'an advertisement with an address': lambda: advertise(A, opts=b'\2\1' + t0.peer),
    'a solicited advertisement': lambda: advertise(A, 0x60, dst='ff02::1'),
    'an advertisement of another': lambda: advertise('2001:db8::b'),
    'a neighbour solicits': lambda: solicit(A, src='2001:db8::9', opts=b'\1\1' + t0.peer),
    'two ask': lambda: (solicit(A), solicit(A)),
}.items():
    again('added', until=0.02)
    act()
    seen(title)
    addresses()
    seen('later', 2.2)
    addresses()
    forget()
# flags
for flags in ('nodad', 'optimistic', 'noprefixroute', 'home', 'mngtmpaddr'):
    sh(f'ip -6 addr add {A}/64 dev t0 {flags}')
    seen(flags, 2.2)
    addresses()
    forget()
# a failed one is tried again
again('added', until=0.02)
advertise(A)
seen('failed')
sh(f'ip -6 addr change {A}/64 dev t0')
seen('changed', 2.2)
addresses()
sh('ip link set t0 down')
seen('down')
sh('ip link set t0 up')
seen('up', 2.2)
addresses()
forget()
again('added', until=0.02)
advertise(A)
seen('failed')
conf6(keep_addr_on_down=1)
sh('ip link set t0 down')
addresses()
sh('ip link set t0 up')
seen('kept', 2.2)
addresses()
conf6(keep_addr_on_down=0)
forget()
# optimistic
for optimistic, use in ((1, 0), (1, 1), (0, 1)):
    conf6(optimistic_dad=optimistic, use_optimistic=use)
    again(f'optimistic {optimistic} use {use}', flags='optimistic', until=0.3)
    addresses()
    solicit(A, src='2001:db8::9', opts=b'\1\1' + t0.peer)
    seen('a neighbour solicits')
    solicit(A, opts=b'\x0e\1abcdef')
    seen('another one asks')
    addresses()
    forget()
    again('again', flags='optimistic', until=2.5)
    addresses()
    forget()
conf6('all', forwarding=1)
conf6(optimistic_dad=1, use_optimistic=1, forwarding=1)
again('optimistic router', flags='optimistic', until=0.3)
seen('later', 2)
addresses()
forget()
conf6('all', forwarding=0)
conf6(optimistic_dad=0, use_optimistic=0, forwarding=0)
# told of
for notify in (0, 1):
    conf6(ndisc_notify=notify)
    again(f'ndisc_notify {notify}', until=2.5)
    sh('ip link set t0 address 02:00:00:00:00:55')
    seen('another address', 0.3)
    sh(f'ip link set t0 address {t0.mac.hex(":")}')
    seen('and back', 0.3)
    sh('ip link set t0 down; ip link set t0 up')
    seen('down and up', 1.3)
    forget()
conf6(ndisc_notify=0)


# link-local addresses: their making, and what a duplicate does
def ra(prefix='2001:db8:1::', flags=0xc0, valid=3000, preferred=2000):
    pio = struct.pack('>BBBBLLL', 3, 4, 64, flags, valid, preferred, 0) + a6(prefix)
    t0.ip6(icmp6('fe80::9', 'ff02::1', 134, 0, struct.pack('>BBH', 64, 0, 1800), bytes(8) + pio), 58, src='fe80::9', dst='ff02::1')


for accept, optimistic in ((1, 0), (1, 1), (2, 0)):
    conf6(optimistic_dad=optimistic)
    sh('ip link set t0 down; ip -6 addr flush dev t0')
    conf6(accept_dad=accept, addr_gen_mode=0)
    sh('ip link set t0 up')
    seen(f'link-local, accept_dad {accept} optimistic {optimistic}', 0.4)
    addresses()
    advertise('fe80::ff:fe00:1')
    seen('has another owner', 0.2)
    addresses()
    show('cat /proc/sys/net/ipv6/conf/t0/disable_ipv6')
    ra()
    seen('advertised', 0.5)
    addresses()
    sh(f'ip -6 addr add {A}/64 dev t0')
    seen('another address', 0.3)
    addresses()
    sh('ip link set t0 down; ip link set t0 up')
    seen('down and up', 2.5)
    addresses()
    conf6(disable_ipv6=0, optimistic_dad=0)
conf6(accept_dad=1)
SECRET = '2001:db8:1:2:3:4:5:6'
sh('ip link set t0 down; ip -6 addr flush dev t0')
for mode in (2, 3):
    if mode == 2:
        conf6(stable_secret=SECRET)
    conf6(addr_gen_mode=mode)
    show('cat /proc/sys/net/ipv6/conf/t0/addr_gen_mode /proc/sys/net/ipv6/conf/t0/stable_secret')
    if mode == 3:
        continue
    for retries in (3, 1):
        put('ipv6/idgen_retries', retries)
        put('ipv6/idgen_delay', 1)
        sh('ip link set t0 up')
        seen('stable address', 0.5)
        addresses()
        for turn in range(4):
            with open('/proc/net/if_inet6') as file:
                tentative = [line.split()[0] for line in file if ' t0' in line and int(line.split()[4], 16) & 0x40 and not int(line.split()[4], 16) & 8]
            if not tentative:
                break
            advertise(socket.inet_ntop(10, bytes.fromhex(tentative[0])))
            seen(f'taken, {turn}', 1.4)
            addresses()
        sh('ip link set t0 down; ip -6 addr flush dev t0')
    put('ipv6/idgen_retries', 3)
    sh('ip link set t0 up')
    seen('stable address', 2.5)
    ra()
    seen('advertised', 2.5)
    addresses()
    ra('2001:db8:2::')
    seen('advertised', 0.3)
    with open('/proc/net/if_inet6') as file:
        tentative = [line.split()[0] for line in file if ' t0' in line and int(line.split()[4], 16) & 0x40]
    for address in tentative:
        advertise(socket.inet_ntop(10, bytes.fromhex(address)))
    seen('taken', 3)
    addresses()
    sh('ip link set t0 address 02:00:00:00:00:55')
    sh('ip link set t0 down; ip link set t0 up')
    seen('of another hardware address', 2.5)
    addresses()
