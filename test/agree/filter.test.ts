/** A filter that a program attaches is read from the program's own memory and drops what it says. */
import t from 'tap'
import { createHost } from '../../src/index.ts'

const program = `
import ctypes, socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.bind((0, 0))
def attach(verdict):
    code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, verdict))
    s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HxxxxxxP', 1, ctypes.addressof(code)))
def links():
    s.send(struct.pack('=IHHIIB3x', 20, 18, 0x301, 1, 0, 0))
    try:
        return len(s.recv(65536, socket.MSG_DONTWAIT)) > 0
    except BlockingIOError:
        return False
attach(0)
print('all dropped:', links())
s.setsockopt(socket.SOL_SOCKET, 27, b'\\0\\0\\0\\0')
print('none dropped:', links())
try:
    s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HxxxxxxP', 1, 8))
except OSError as error:
    print('bad pointer:', error.errno)
`

t.test('SO_ATTACH_FILTER', async (t) => {
  const { stdout, stderr } = await createHost().run('python3', ['-c', program])
  t.equal(stderr, '')
  t.equal(stdout, 'all dropped: False\nnone dropped: True\nbad pointer: 14\n')
})
