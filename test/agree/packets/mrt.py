"""Multicast routing by a daemon's socket, of either family (mroute.h, mroute6.h)."""
import socket

INIT, DONE, ADD_IF, DEL_IF, ADD_MFC, DEL_MFC, VERSION, ASSERT, PIM, TABLE, ADD_PROXY, DEL_PROXY, FLUSH = range(200, 213)


class Daemon:
    def __init__(self, family, protocol, level):
        self.socket = socket.socket(family, 3, protocol)
        self.socket.setblocking(False)
        self.level = level

    def call(self, title, option, value):
        try:
            self.socket.setsockopt(self.level, option, value)
            print(title, 'ok', flush=True)
        except OSError as error:
            print(title, error.strerror, flush=True)

    def upcalls(self):
        """What lies in the socket."""
        while True:
            try:
                yield self.socket.recv(70000)
            except BlockingIOError:
                return
