/** What a datagram costs from a socket of one host to a socket of another, in process. `node dist/test/bench/sockets.js`. */
import { createLab } from '../../src/index.ts'
import { NSEC_PER_SEC } from '../../src/kernel/time.ts'
import { buildLab } from '../../src/lab/topology.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { AF_INET, SOCK_DGRAM } from '../../src/uapi/linux/socket.ts'

const BURST = 32
const BURSTS = 1000
export const name = (last: number, port: number) => Uint8Array.of(2, 0, port >> 8, port, 10, 0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0)

/** Two hosts on a wire, with a socket of datagrams each. */
export function pair() {
  const lab = createLab({ seed: 1 })
  buildLab(lab, {
    hosts: {
      a: { ipv6: false, devices: [{ name: 'eth0', addresses: ['10.0.0.1/24'] }] },
      b: { ipv6: false, devices: [{ name: 'eth0', addresses: ['10.0.0.2/24'] }] },
    },
    wires: [{ ends: ['a/eth0', 'b/eth0'] }],
  })
  lab.advance(5 * NSEC_PER_SEC)
  const open = (host: string) => {
    const task = lab.host(host).task()
    const sock = syscalls.sys_socket(task, AF_INET, SOCK_DGRAM, 0)
    if (isErrno(sock)) throw new Error(String(sock))
    return { task, sock }
  }
  return { lab, from: open('a'), to: open('b') }
}
/** ns a datagram, the least of `rounds`. */
export function datagrams(rounds = 4): number {
  const { lab, from, to } = pair()
  const refused = syscalls.sys_bind(to.task, to.sock, name(2, 9)) ?? syscalls.sys_connect(from.task, from.sock, name(2, 9))
  if (isErrno(refused)) throw new Error(String(refused))
  const data = new Uint8Array(18)
  const round = () => {
    for (let n = 0; n < BURST; n++) syscalls.sys_sendmsg(from.task, from.sock, { data, flags: 0 })
    lab.advance(10_000)
    for (let n = 0; n < BURST; n++) {
      const got = syscalls.sys_recvmsg(to.task, to.sock, { size: 2048, controlSize: 0, flags: 0 })
      if (isErrno(got)) throw new Error(String(got))
    }
  }
  // the neighbour is asked for
  syscalls.sys_sendmsg(from.task, from.sock, { data, flags: 0 })
  lab.advance(NSEC_PER_SEC)
  let best = Number.POSITIVE_INFINITY
  for (let r = 0; r < rounds; r++) {
    const begin = process.hrtime.bigint()
    for (let i = 0; i < BURSTS; i++) round()
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / BURST / BURSTS)
  }
  lab.close()
  return best
}

if (process.argv[1] === import.meta.filename) console.log(`datagram: ${datagrams().toFixed(0)} ns`)
