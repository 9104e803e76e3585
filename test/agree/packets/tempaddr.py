"""Temporary addresses: when there are any, how long they live, and what comes after them (RFC 8981, ip-sysctl)."""
from rig import *

sh('ip link set lo up')
log = Log()
t0 = Tap('t0', 1)
sh('ip -6 addr add fe80::1/64 dev t0 nodad')
start(1)
conf6(addr_gen_mode=0, max_desync_factor=0)
SUFFIX = re.compile(r'(2001:db8:\d::)[0-9a-f:]+/64')


def near(seconds):
    """Lifetimes in steps of ten seconds: some have passed."""
    return '~' + str((int(seconds) + 9) // 10 * 10) if int(seconds) < 100000000 else seconds


def addresses():
    said = run('ip -6 addr show dev t0 scope global')
    lines = [' '.join(line.split()) for line in said.splitlines()[1:]]
    for address, life in zip(lines[::2], lines[1::2]):
        # the identifier of a temporary address is chance
        address = re.sub(r'(inet6 2001:db8:\d+):\S+/', r'\1:RANDOM/', address) if 'temporary' in address else address
        life = re.sub(r'(\d+)sec', lambda m: near(m[1]), life)
        print('   ', address, life, flush=True)


def ra(prefix='2001:db8:1::', flags=0xc0, valid=7200, preferred=3600):
    pio = struct.pack('>BBBBLLL', 3, 4, 64, flags, valid, preferred, 0) + a6(prefix)
    t0.ip6(icmp6('fe80::9', 'ff02::1', 134, 0, struct.pack('>BBH', 64, 0, 1800), bytes(8) + pio), 58, src='fe80::9', dst='ff02::1')


def step(title, *prefixes, wait=0.1, **options):
    for prefix in prefixes or ('2001:db8:1::',):
        ra(prefix, **options)
    drain(until=wait)
    print(f'{title} |', flush=True)
    addresses()
    log.show('tempaddr')


def clean():
    sh('ip -6 addr flush dev t0 scope global; ip -6 route flush proto ra')
    drain()


for use in (-1, 0, 1, 2):
    conf6(use_tempaddr=use)
    step(f'use_tempaddr {use}')
    step('again')
    step('another prefix', '2001:db8:2::')
    clean()
conf6(use_tempaddr=2)
for valid, preferred in ((100, 50), (30, 20), (7, 5), (4, 3), (100, 0), (0xffffffff, 0xffffffff), (0, 0)):
    step(f'prefix {valid} {preferred}', valid=valid, preferred=preferred)
    clean()
for setting, values in dict(temp_valid_lft=(500, 100, 604800), temp_prefered_lft=(300, 50, 5, 86400), regen_min_advance=(100, 0, 2), regen_max_retry=(0, 1, 3)).items():
    for value in values:
        conf6(**{setting: value})
        conf6(use_tempaddr=2)
        step(f'{setting} {value}')
        show('cat /proc/sys/net/ipv6/conf/t0/use_tempaddr')
        clean()
# later advertisements
step('first', valid=1000, preferred=500)
step('longer', valid=3000, preferred=2000)
step('shorter', valid=8000, preferred=100)
step('deprecated', valid=8000, preferred=0)
step('preferred again', valid=8000, preferred=600)
clean()
# of another's making
sh('ip -6 addr add 2001:db8:5::5/64 dev t0 mngtmpaddr nodad')
step('by hand', '2001:db8:1::')
sh('ip -6 addr change 2001:db8:5::5/64 dev t0 mngtmpaddr valid_lft 900 preferred_lft 400')
step('changed')
sh('ip -6 addr change 2001:db8:5::5/64 dev t0 valid_lft 900 preferred_lft 400')
step('no more')
sh('ip -6 addr del 2001:db8:5::5/64 dev t0')
step('gone')
clean()
sh('ip -6 addr add 2001:db8:5::5/80 dev t0 mngtmpaddr nodad')
# its public address goes
step('a pair')
with open('/proc/net/if_inet6') as file:
    public = next(socket.inet_ntop(10, bytes.fromhex(line.split()[0])) for line in file if line.startswith('20010db80001') and not int(line.split()[4], 16) & 1)
sh(f'ip -6 addr del {public}/64 dev t0')
print('public one gone')
addresses()
step('advertised again')
sh('ip link set t0 down')
print('down')
addresses()
sh('ip link set t0 up')
drain(until=0.3)
step('up')
clean()
# a successor before the end: three seconds, one before
conf6(temp_prefered_lft=6, temp_valid_lft=12, regen_min_advance=2, regen_max_retry=1, dad_transmits=0)
step('short lives', wait=0.5)
drain(until=5.2)
print('five seconds later')
addresses()
