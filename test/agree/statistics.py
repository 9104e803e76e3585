"""Every way to ask for a device's counters, and what each says: {device: {counter: {way: number}}}."""
import json
import os
import re
import subprocess
import sys

FIELDS = ('rx_bytes', 'rx_packets', 'rx_errors', 'rx_dropped', 'rx_fifo_errors', 'rx_frame', 'rx_compressed', 'multicast', 'tx_bytes', 'tx_packets', 'tx_errors', 'tx_dropped', 'tx_fifo_errors', 'collisions', 'tx_carrier', 'tx_compressed')
SHORT = {'over_errors': 'rx_over_errors'}
found = {}


def put(way, device, counter, value):
    found.setdefault(device, {}).setdefault(counter, {})[way] = int(value)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout


def stats64(way, device, stats):
    for side in ('rx', 'tx'):
        for name, value in stats[side].items():
            if name != 'carrier_changes':
                put(way, device, name if name in ('multicast', 'collisions') else f'{side}_{name}', value)


for link in json.loads(run('ip', '-j', '-s', '-s', 'link')):
    stats64('RTM_GETLINK', link['ifname'], link['stats64'])
for link in json.loads(run('ip', '-j', '-s', '-s', 'stats', 'show', 'group', 'link')):
    stats64('RTM_GETSTATS', link['ifname'], link['stats64'])
with open('/proc/net/dev') as file:
    for line in list(file)[2:]:
        device, numbers = line.split(':')
        for counter, value in zip(FIELDS, numbers.split()):
            # sums of several are told under names of their own
            if counter not in ('rx_dropped', 'rx_frame', 'tx_carrier', 'rx_fifo_errors'):
                put('/proc/net/dev', device.strip(), counter, value)
for device in os.listdir('/sys/class/net'):
    folder = f'/sys/class/net/{device}/statistics'
    if not os.path.isdir(folder):
        continue
    for counter in os.listdir(folder):
        with open(f'{folder}/{counter}') as file:
            put('/sys/class/net', device, counter, file.read())
    said = run('ifconfig', device)
    for side in ('RX', 'TX'):
        packets, amount = re.search(rf'{side} packets (\d+)  bytes (\d+)', said).groups()
        put('SIOCGIFCONF', device, f'{side.lower()}_packets', packets)
        put('SIOCGIFCONF', device, f'{side.lower()}_bytes', amount)
for name, value in re.findall(r'^ +(\w+): (\d+)$', run('ethtool', '-S', sys.argv[1]), re.M):
    if name in found[sys.argv[1]]:
        put('ethtool -S', sys.argv[1], name, value)
for qdisc in json.loads(run('tc', '-s', '-j', 'qdisc', 'show', 'dev', sys.argv[1])):
    if qdisc.get('root'):
        put('the discipline', sys.argv[1], 'tx_packets', qdisc['packets'])
        put('the discipline', sys.argv[1], 'lost in the queue', qdisc['drops'])
print(json.dumps(found))
