"""Writes every frame that passes a device to a file, a line of hex each: sniff.py DEVICE FILE."""
import socket
import sys

ETH_P_ALL = 3
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
tap.bind((sys.argv[1], ETH_P_ALL))
with open(sys.argv[2], 'w') as out:
    while True:
        try:
            print(tap.recv(65535).hex(), file=out, flush=True)
        except OSError:
            # the device was down
            continue
