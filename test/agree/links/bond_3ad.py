"""Two bonds that speak LACP over two cables, and a program that does."""
from cables import *

for i in (0, 1):
    sh(f'ip link add a{i} address 02:00:00:00:0a:0{i} type veth peer name b{i} address 02:00:00:00:0b:0{i}')
sh('''ip netns add far
ip link add ba address 02:00:00:00:00:4a type bond mode 802.3ad miimon 20 lacp_rate fast ad_actor_sys_prio 100 ad_user_port_key 5
ip link set b0 netns far; ip link set b1 netns far
ip -n far link add bb address 02:00:00:00:00:4b type bond mode 802.3ad miimon 20 lacp_rate fast xmit_hash_policy layer3+4''')
silent('ba', 'a0', 'a1')
sh('ip netns exec far sysctl -qw net.ipv6.conf.all.disable_ipv6=1')
for i in (0, 1):
    sh(f'ip link set a{i} master ba; ip -n far link set b{i} master bb')
sh('ip link set ba up; ip -n far link set bb up')
HIDDEN = re.compile(r'Permanent|Kernel Driver|Queue|Ethernet Channel')


def status(title):
    print(title)
    for where, bond in (('', 'ba'), ('ip netns exec far ', 'bb')):
        for line in run(f'{where}cat /proc/net/bonding/{bond}').splitlines():
            if line.strip() and not HIDDEN.search(line):
                print('   ', bond, line.strip())
    print('   ', 'carrier', run('cat /sys/class/net/ba/carrier').strip())


time.sleep(4)
status('spoken')
sh('ip addr add 10.0.0.1/24 dev ba; ip -n far addr add 10.0.0.2/24 dev bb')
said = run('ping -c 3 -i 0.2 10.0.0.2')
print(re.search(r'\d+ packets transmitted, \d+ received', said)[0])
sh('ip link set a0 down')
time.sleep(2)
status('a0 is down')
print(re.search(r'\d+ packets transmitted, \d+ received', run('ping -c 3 -i 0.2 10.0.0.2'))[0])
sh('ip link set a0 up')
time.sleep(4)
status('a0 is up')
sh('ip link set ba type bond ad_select bandwidth; ip link set ba type bond lacp_active off')
time.sleep(2)
status('ba is passive')
sh('ip link del ba; ip netns del far')
# the program is the partner
t0, t1 = Tap('t0', 1, up=False), Tap('t1', 2, up=False)
sh('ip link add bond0 address 02:00:00:00:00:40 type bond mode 802.3ad miimon 20 lacp_rate fast')
silent('bond0', 't0', 't1')
sh('ip link set t0 master bond0; ip link set t1 master bond0; ip link set bond0 up')
LAST_SAID = {}


def lacpdus(seconds):
    for tap, frame in drain(until=seconds):
        if frame[12:14] == b'\x88\x09' and LAST_SAID.get(tap.name) != frame:
            LAST_SAID[tap.name] = frame
            print(f'    {tap.name}: {frame.hex()}')


lacpdus(2.5)
STATE = 0x3f


def answer(tap, number, key=9, system='0200000000ff'):
    theirs = LAST_SAID[tap.name][18:33]
    mine = struct.pack('>H', 65535) + mac(system) + struct.pack('>HHHB', key, 255, number, STATE)
    body = b'\1\1' + b'\1\x14' + mine + bytes(3) + b'\2\x14' + theirs + bytes(3) + b'\3\x10' + struct.pack('>H', 0) + bytes(12) + b'\0\0' + bytes(50)
    tap.send(mac('0180c2000002') + tap.peer + b'\x88\x09' + body)


def own(title):
    print(title)
    with open('/proc/net/bonding/bond0') as file:
        for line in file:
            if line.strip() and not HIDDEN.search(line):
                print('   ', line.strip())


for turn in range(6):
    answer(t0, 1)
    answer(t1, 2)
    lacpdus(0.7)
own('the program answers')
with packet('bond0') as s:
    for n in range(4):
        s.send(bytes([2, 0, 0, 0, 3, n]) + mac('020000000040') + b'\x88\xb5' + b'data' * 12)
print('frames', *(f'{tap.name} {frame[:6].hex()}' for tap, frame in drain() if frame[12:14] == b'\x88\xb5'))
for turn in range(5):
    answer(t0, 1)
    answer(t1, 2, system='0200000000fe')
    lacpdus(0.7)
own('two partners')
lacpdus(4.5)
own('none answers')
