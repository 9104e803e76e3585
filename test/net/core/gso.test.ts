/** UDP_SEGMENT over a wire: what one call has sent arrives as the datagrams that it stands for, each whole by itself. */
import t from 'tap'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
import { put16 } from '../../../src/lib/bytes.ts'
import * as syscalls from '../../../src/syscalls/syscalls.ts'
import { EAGAIN, EINVAL, isErrno } from '../../../src/uapi/errno.ts'
import { SOL_UDP } from '../../../src/uapi/linux/in.ts'
import { UDP_SEGMENT } from '../../../src/uapi/linux/udp.ts'
import { name, pair } from '../../bench/sockets.ts'

const DONTWAIT = 0x40

function sockets() {
  const { lab, from, to } = pair()
  syscalls.sys_bind(to.task, to.sock, name(2, 9))
  const send = (length: number, segment: number) => {
    const value = new Uint8Array(4)
    put16(value, 0, segment)
    syscalls.sys_setsockopt(from.task, from.sock, SOL_UDP, UDP_SEGMENT, value)
    const data = Uint8Array.from({ length }, (_, i) => i)
    const sent = syscalls.sys_sendmsg(from.task, from.sock, { name: name(2, 9), data, flags: 0 })
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
  const { lab, send, received } = sockets()
  t.equal(send(2500, 1000), 2500)
  const bytes = Array.from({ length: 2500 }, (_, i) => i & 0xff)
  t.strictSame(received(), { lengths: [1000, 1000, 500], bytes })
  t.equal(send(1000, 1000), 1000)
  t.strictSame(received(), { lengths: [1000], bytes: bytes.slice(0, 1000) }, 'one is one')
  t.equal(send(3000, 1473), EINVAL, 'longer than the path takes')
  t.equal(send(129, 1), EINVAL, 'more than 128')
  lab.close()
})
