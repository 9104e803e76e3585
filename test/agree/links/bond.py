"""A bond of two cables: which of them carries what, in each mode, and what is said when one is cut."""
from cables import *

def make(mode, options=''):
    for t in TAPS:
        os.close(t.fd)
    TAPS.clear()
    for device in ('bond0',):
        run(f'ip link del {device}')
    t0, t1 = Tap('t0', 1, up=False), Tap('t1', 2, up=False)
    sh(f'ip link add bond0 address 02:00:00:00:00:40 type bond mode {mode} miimon 20 {options}')
    silent('bond0', 't0', 't1')
    sh('ip link set t0 master bond0; ip link set t1 master bond0; ip link set bond0 up; ip addr add 10.0.0.1/24 dev bond0')
    for n in range(2, 10):
        sh(f'ip neigh add 10.0.0.{n} lladdr 02:00:00:00:02:0{n} dev bond0')
    drain(until=0.3)
    quiet()
    return t0, t1


def send(dst, port=7, sport=99, data=b'x'):
    with socket.socket(2, 2) as u:
        u.bind(('', sport))
        try:
            u.sendto(data, (dst, port))
        except OSError as error:
            print(dst, '!', error.strerror)


def many(title):
    """Which cable takes which packet."""
    for n in range(2, 8):
        for port in (7, 8):
            send(f'10.0.0.{n}', port)
    with packet('bond0') as s:
        for n in range(4):
            say('bond0', s, bytes([2, 0, 0, 0, 3, n]) + mac('020000000040') + b'\x88\xb5' + b'data' * 12)
        say('bond0', s, b'\xff' * 6 + mac('020000000040') + b'\x88\xb5' + b'data' * 12)
        say('bond0', s, b'\xff' * 6 + mac('020000000040') + b'\x08\x06' + struct.pack('>HHBBH', 1, 0x800, 6, 4, 1) + mac('020000000040') + a4('10.0.0.1') + bytes(6) + a4('10.0.0.77'))
    step(title)


def heard_from(t0, t1, title):
    for tap in (t0, t1):
        for dst in (mac('020000000040'), b'\xff' * 6, mac('01005e000001'), mac('020000000099')):
            tap.send(dst + tap.peer + b'\x88\xb5' + b'data' * 12)
            step(f'{title}: to {dst.hex()} through {tap.name}')


HIDDEN = re.compile(r'Permanent|Kernel Driver|Queue|Speed|Duplex')


def status(title):
    print(title)
    with open('/proc/net/bonding/bond0') as file:
        for line in file:
            if line.strip() and not HIDDEN.search(line):
                print('   ', line.strip())


for mode, options in [('balance-rr', ''), ('balance-rr', 'packets_per_slave 3'), ('active-backup', ''), ('active-backup', 'fail_over_mac active'), ('active-backup', 'fail_over_mac follow'), ('active-backup', 'primary_reselect always num_grat_arp 2'), ('broadcast', ''), ('balance-tlb', 'tlb_dynamic_lb 0 lp_interval 600'), ('balance-tlb', 'lp_interval 600'), ('balance-alb', 'lp_interval 600')] + [('balance-xor', f'xmit_hash_policy {policy}') for policy in ('layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac')]:
    title = f'{mode} {options}'
    t0, t1 = make(mode, options)
    if 'reselect' in options:
        sh('ip link set bond0 type bond primary t0')
    many(title)
    heard_from(t0, t1, title)
    status(title)
    carrier(t0, 0)
    step(f'{title}: t0 is cut', until=0.4)
    many(f'{title}: on t1')
    heard_from(t0, t1, f'{title}: on t1')
    status(f'{title}: on t1')
    show('ip -br link show')
    carrier(t0, 1)
    step(f'{title}: t0 is back', until=0.4)
    many(f'{title}: on both')
    carrier(t1, 0)
    step(f'{title}: t1 is cut', until=0.4)
    many(f'{title}: on t0')
    carrier(t0, 0)
    step(f'{title}: both are cut', until=0.3)
    many(f'{title}: on none')
    status(f'{title}: on none')
    # whether the monitor or the work for carriers comes first is chance, and so what is said of it
    carrier(t0, 1)
    drain(until=0.1)
    carrier(t1, 1)
    drain(until=0.4)
    quiet()
    if mode == 'active-backup':
        sh('ip link set bond0 type bond active_slave t1')
        drain(until=0.3)
        quiet()
        many(f'{title}: on t1, chosen')
        show('ip -br link show')
        sh('ip link set t1 nomaster')
        step(f'{title}: t1 is free', until=0.3)
        show('ip -br link show')
