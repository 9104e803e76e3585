// npm start: what netdouble is for, in a minute: real programs configure a host that does not exist.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { home, prepare } from './prepare.mjs'

const commands = [
  'ip addr add 192.0.2.1/24 dev eth0',
  'ip link set eth0 up',
  'ip addr show eth0',
  'ip link add dummy0 type dummy',
  'ifconfig dummy0 198.51.100.7 netmask 255.255.255.0 up',
  'ifconfig',
  'ip -brief addr',
  'ip route',
  'ip link add dummy0 type dummy',
  'ip addr del 192.0.2.1/24 dev eth0',
  'ip -4 addr',
]

prepare()
const bin = join(home, 'bin/netdouble')
console.log('A fresh simulated host, and the real ip and ifconfig of this machine working on it, without root:\n')
const script = commands.map((command) => `echo '$ ${command}'\n${command} 2>&1\necho`).join('\n')
const { status, signal } = spawnSync(bin, ['run', '--', 'sh', '-c', `PATH=$PATH:/usr/sbin:/sbin\n${script}`], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
if (status !== 0) {
  console.error(`netdouble: the demonstration ended with ${signal ?? `exit code ${status}`}`)
  process.exit(1)
}
console.log(`Your turn:
  bin/netdouble run -- bash                                  a shell on a fresh host
  bin/netdouble serve --http 127.0.0.1:7070 &                a server …
  bin/netdouble run --connect -- ip monitor all              … and programs on its host`)
