/** UDP_SEGMENT over a wire: what one call has sent arrives as the datagrams that it stands for, each whole by itself. */
import t from 'tap'
import { createLab } from '../../../src/index.ts'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
import { put16 } from '../../../src/lib/bytes.ts'
import { buildLab } from '../../../src/lab/topology.ts'
import * as syscalls from '../../../src/syscalls/syscalls.ts'
import { EAGAIN, EINVAL, isErrno } from '../../../src/uapi/errno.ts'
import { SOL_UDP } from '../../../src/uapi/linux/in.ts'
import { AF_INET, SOCK_DGRAM } from '../../../src/uapi/linux/socket.ts'
import { UDP_SEGMENT } from '../../../src/uapi/linux/udp.ts'

const DONTWAIT = 0x40
const name = (last: number) => Uint8Array.of(2, 0, 0, 9, 10, 0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0)

function pair() {
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
  const [from, to] = [open('a'), open('b')]
  syscalls.sys_bind(to.task, to.sock, name(2))
  const send = (length: number, segment: number) => {
    const value = new Uint8Array(4)
    put16(value, 0, segment)
    syscalls.sys_setsockopt(from.task, from.sock, SOL_UDP, UDP_SEGMENT, value)
    const data = Uint8Array.from({ length }, (_, i) => i)
    const sent = syscalls.sys_sendmsg(from.task, from.sock, { name: name(2), data, flags: 0 })
    lab.advance(NSEC_PER_SEC)
    return sent
  }
  const received = () => {
    const lengths: number[] = []
    const bytes: number[] = []
    for (;;) {
      const got = syscalls.sys_recvmsg(to.task, to.sock, { size: 2048, controlSize: 0, flags: DONTWAIT })
      if (isErrno(got)) return got === EAGAIN ? { lengths, bytes } : got
      lengths.push(got.data.length)
      bytes.push(...got.data)
    }
  }
  return { lab, send, received }
}

t.test('segments, the last one shorter', async (t) => {
  const { lab, send, received } = pair()
  t.equal(send(2500, 1000), 2500)
  const bytes = Array.from({ length: 2500 }, (_, i) => i & 0xff)
  t.strictSame(received(), { lengths: [1000, 1000, 500], bytes })
  t.equal(send(1000, 1000), 1000)
  t.strictSame(received(), { lengths: [1000], bytes: bytes.slice(0, 1000) }, 'one is one')
  t.equal(send(3000, 1473), EINVAL, 'longer than the path takes')
  t.equal(send(129, 1), EINVAL, 'more than 128')
  lab.close()
})
