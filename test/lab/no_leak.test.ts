/** Nothing that a program on a host sends comes to the real network, and nothing of that to the program. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import t from 'tap'
import { programLab, up, without } from './programs.ts'

const SEND = `
import socket, sys
def t(name, call, *args):
    try: print(name, call(*args))
    except OSError as error: print(name, error.strerror)
for address in sys.argv[2:]:
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    t(address + ' udp', socket.socket(family, 2).sendto, b'leak', (address, int(sys.argv[1])))
    s = socket.socket(family, 1)
    s.settimeout(2)
    t(address + ' tcp', s.connect, (address, int(sys.argv[1])))
p = socket.socket(17, 3, socket.htons(3))
print('devices', [name for _, name in socket.if_nameindex()])
`

t.test('a host has no way out, nor to this machine itself', { skip: without('python3', 'ping') }, async (t) => {
  const heard: string[] = []
  const udp = createSocket('udp4', (message) => heard.push(message.toString()))
  await new Promise<void>((resolve) => udp.bind(0, resolve))
  const { port } = udp.address()
  const tcp = createServer(() => heard.push('a connection'))
  await new Promise<void>((resolve) => tcp.listen(port, resolve))
  t.teardown(() => {
    udp.close()
    tcp.close()
  })
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter((a) => a.family === 'IPv4').map((a) => a.address))
  const { run, file } = programLab(t, { hosts: { a: {}, b: {} }, wires: [{ ends: ['a/eth0', 'b/eth0'], delay: 100_000 }] })
  await run('a', up('10.77.0.1/24'))
  const others = own.filter((address) => address !== '127.0.0.1')
  const asked = ['127.0.0.1', '192.0.2.7', '10.77.0.2', ...others]
  const program = file('send.py', SEND)
  const { stdout } = await run('a', `python3 ${program} ${port} ${asked.join(' ')}`)
  t.match(stdout, /^127\.0\.0\.1 udp 4$/m, 'that is the host itself')
  for (const address of ['192.0.2.7', ...others]) {
    t.match(stdout, `${address} udp Network is unreachable\n${address} tcp Network is unreachable\n`)
  }
  t.match(stdout, /^devices \['lo', 'eth0'\]$/m)
  // not by a default route either: that leads as far as there are wires
  await run('b', up('10.77.0.2/24'))
  await run('a', 'ip route add default via 10.77.0.2')
  await run('b', 'sysctl -qw net.ipv4.ip_forward=1')
  t.match((await run('a', `ping -c 1 -W 5 ${others[0] ?? '192.0.2.7'}`)).stdout, /Net(work)? Unreachable/)
  await run('a', `python3 ${program} ${port} ${asked.join(' ')}`)
  t.same(heard, [])
  // the other way round
  await new Promise((resolve) => udp.send('in', port, '127.0.0.1', resolve))
  t.equal((await run('a', 'cat /proc/net/snmp | grep -c "^Udp: "')).stdout, '2\n')
  t.match((await run('a', 'ss -uanH')).stdout, /^$/, 'sockets of this machine are not the host\u2019s')
})
