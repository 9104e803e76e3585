"""What packets/rig.py has, with devices upon the cables: who got what is told by each device's own counters."""
import os
import sys

sys.path.append(f'{os.path.dirname(os.path.abspath(__file__))}/../packets')
import rig
from rig import *

FIELDS = ('rxb', 'rx', 'rxerr', 'rxdrop', 'rxfifo', 'rxframe', 'rxzip', 'mc', 'txb', 'tx', 'txerr', 'txdrop', 'txfifo', 'coll', 'txcar', 'txzip')
# fallback tunnels are nobody's
run('sysctl -qw net.core.fb_tunnels_only_for_init_net=2')
run('ip link set lo up')


def show(command, hide=()):
    """Without the devices' indexes: another machine has other devices before."""
    rig.show(command, hide=(*hide, (r'(?m)^\d+: ', ''), (r'@if\d+', '@if')))


def devices():
    """/proc/net/dev: device to its counters, by name."""
    found = {}
    with open('/proc/net/dev') as file:
        for line in list(file)[2:]:
            device, numbers = line.split(':')
            found[device.strip()] = dict(zip(FIELDS, map(int, numbers.split())))
    return found


BEFORE = {}


def step(title, until=None, only='', frames=True, bytes_too=True):
    """What came out of the cables, and what each device counted, since the last step."""
    seen = drain(until=until)
    print(f'{title}', flush=True)
    at = devices()
    for device in sorted(at):
        if not re.match(only, device):
            continue
        was = BEFORE.get(device, {})
        changed = [f'{key}+{value - was.get(key, 0)}' for key, value in at[device].items() if value != was.get(key, 0) and (bytes_too or key[-1] != 'b')]
        if changed:
            print(f'    {device}', *changed, flush=True)
    BEFORE.clear()
    BEFORE.update(at)
    if frames:
        for tap, frame in seen:
            print(f'    {tap.name}: {text(frame)}', flush=True)
    return seen


def quiet():
    """Nothing of what was before is told."""
    drain()
    BEFORE.clear()
    BEFORE.update(devices())


def silent(*names):
    """Devices that say nothing of themselves."""
    for device in names:
        conf6(device, disable_ipv6=1)


def packet(device, kind=3):
    """A packet socket on a device: what it sends goes down, what comes up is seen."""
    s = socket.socket(17, 3, socket.htons(kind))
    s.bind((device, kind))
    s.setblocking(False)
    return s


def heard_by(**sockets):
    """What packet sockets saw: a line for each frame."""
    for device, s in sockets.items():
        try:
            while True:
                frame, (_, kind, pkttype, _, _) = s.recvfrom(70000)
                print(f'    {device} type {pkttype} {kind:04x}: {text(frame) if len(frame) > 13 else frame.hex()}', flush=True)
        except OSError as error:
            if error.errno != 11:
                print(f'    {device} ! {error.strerror}', flush=True)


def say(device, s, frame):
    """A frame down a packet socket."""
    try:
        s.send(frame)
    except OSError as error:
        print(f'    {device} ! {error.strerror}', flush=True)


def mac(text_):
    return bytes.fromhex(text_.replace(':', ''))


def tag(vid, inner=b'\x88\xb5', prio=0, tpid=0x8100):
    """What stands between the addresses and the type of a tagged frame: its own type comes first."""
    return struct.pack('>HH', tpid, prio << 13 | vid) + inner


def carrier(tap, on):
    """TUNSETCARRIER: the far end is plugged in, or out."""
    fcntl.ioctl(tap.fd, 0x400454e2, struct.pack('i', on))
