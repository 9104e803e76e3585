"""What the programs of this folder share: each call on a line, with its result or the name of its error."""
import errno
import os
import subprocess


def t(name, call, *args):
    try:
        print(name, call(*args), flush=True)
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, str(error)), flush=True)


def sh(commands):
    for command in commands.split(';'):
        subprocess.run(command.split(), check=True)


def show(command):
    print(subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True).stdout, end='', flush=True)


def counted(protocol, names):
    """Counters of /proc/net/snmp."""
    with open('/proc/net/snmp') as file:
        keys, values = [line.split()[1:] for line in file if line.startswith(f'{protocol}: ')]
    found = dict(zip(keys, values))
    print(protocol, *[f'{name}={found[name]}' for name in names.split()], flush=True)
