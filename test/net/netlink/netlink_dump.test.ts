/** net/netlink/af_netlink.c netlink_dump: answers of many parts. */
import t from 'tap'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { put32 } from '../../../src/lib/bytes.ts'
import type { MessageBuilder } from '../../../src/lib/message.ts'
import {
  NETLINK_MAX_RECVMSG_LEN,
  NLMSG_GOODSIZE,
  netlink_dump_start,
  netlink_kernel_create,
  netlink_rcv_skb,
  type netlink_sock,
  nl_dump_check_consistent,
} from '../../../src/net/netlink/af_netlink.ts'
import { sys_poll, sys_received, sys_recvmsg } from '../../../src/syscalls/syscalls.ts'
import type { netlink_callback, Request } from '../../../src/net/netlink/types.ts'
import { EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, ENODEV, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { NETLINK_EXT_ACK, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_MULTI, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { MSG_PEEK, MSG_TRUNC, SO_RCVBUFFORCE } from '../../../src/uapi/linux/socket.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { NetlinkClient, nlmsg } from '../../lib/netlinkClient.ts'

/** Dumps `total` messages of `size` bytes, each with its number; what else happens is in `world`. */
interface World {
  total: number
  size: number
  generation: number
  /** DONE follows in the same part as the last message (newer dumps) or in one of its own. */
  packs: boolean
  fails: Errno | undefined
  done: number
}
const world: World = { total: 0, size: 100, generation: 1, packs: true, fails: undefined, done: 0 }
function reset(w: Partial<World>): void {
  Object.assign(world, { total: 0, size: 100, generation: 1, packs: true, fails: undefined, done: 0 }, w)
}

function dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  cb.gen_seq = world.generation
  for (; cb.args[0] < world.total; cb.args[0]++) {
    const flags = NLM_F_MULTI | nl_dump_check_consistent(cb)
    skb.begin(40, flags, cb.seq, cb.portid)
    const at = skb.room(world.size - 16)
    if (at >= 0) put32(skb.buf, at, cb.args[0])
    if (!skb.end()) return skb.length > 0 ? true : EMSGSIZE
  }
  if (world.fails !== undefined) return cb.extack.fail(world.fails, 'broke')
  return world.packs || skb.length === 0 ? undefined : true
}
function handle(req: Request): Errno | undefined {
  const start = (cb: netlink_callback) => (cb.buf.length > 20 ? cb.extack.fail(EINVAL, 'too much') : undefined)
  return netlink_dump_start(req, dump, { start, done: () => void world.done++, min_dump_alloc: req.type === 41 ? 9000 : 0 })
}
function input(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, handle)
}
function boot(w: Partial<World>): { kernel: Kernel; a: NetlinkClient } {
  reset(w)
  const kernel = bootNet()
  netlink_kernel_create(kernel.init_net, 31, { name: 'test', input })
  return { kernel, a: new NetlinkClient(taskOf(kernel, 10), 31) }
}
const request = nlmsg(20, NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP, 9)
const types = (d: { type: number }[]) => d.map((m) => m.type)

t.test('a small dump: one datagram, or two where NLMSG_DONE comes by itself; no ACK', async (t) => {
  const { a } = boot({ total: 2 })
  a.send(request)
  const one = a.drain().datagrams
  t.strictSame(one.map(types), [[40, 40, 3]])
  t.match(one[0][2], { error: 0, flags: NLM_F_MULTI, seq: 9, pid: 10 })
  reset({ total: 2, packs: false })
  a.send(request)
  t.strictSame(a.drain().datagrams.map(types), [[40, 40], [3]])
  reset({ total: 0 })
  a.send(request)
  t.strictSame(a.drain().datagrams.map(types), [[3]])
})

t.test('parts: 3776 bytes before the first receive, then what the largest receive offered, at most 32448', async (t) => {
  const sizes = (offered: number) => {
    const { a } = boot({ total: 2000 })
    a.send(request)
    const lengths: number[] = []
    for (;;) {
      const got = a.receive(offered)
      if (isErrno(got)) return lengths
      lengths.push(got.data.length)
    }
  }
  t.equal(NLMSG_GOODSIZE, 3776)
  t.equal(NETLINK_MAX_RECVMSG_LEN, 32448)
  t.strictSame(sizes(65536).slice(0, 3), [3700, 32400, 32400])
  t.strictSame(sizes(8192).slice(0, 3), [3700, 8100, 8100])
  t.strictSame(sizes(4000).slice(0, 3), [3700, 4000, 4000])
  t.equal(
    sizes(65536).reduce((sum, n) => sum + n, 0),
    200020,
  )
})

t.test('peeking with no room makes the next part, at the small size', async (t) => {
  const { a } = boot({ total: 100 })
  a.send(request)
  t.match(a.receive(0, MSG_PEEK | MSG_TRUNC), { result: 3700 })
  t.match(a.receive(32768), { result: 3700 })
  t.match(a.receive(32768), { result: 3700 }, 'made while peeking')
  t.match(a.receive(32768), { result: 2620 }, 'the rest, with NLMSG_DONE')
  t.equal(a.receive(), EAGAIN)
})

t.test('min_dump_alloc: room for one big message', async (t) => {
  const { a } = boot({ total: 3, size: 8000 })
  a.send(nlmsg(41, NLM_F_REQUEST | NLM_F_DUMP, 9))
  t.strictSame(a.drain(9000).datagrams.map(types), [[40], [40], [40, 3]])
  reset({ total: 3, size: 8000 })
  const { a: b } = boot({ total: 3, size: 8000 })
  b.send(request)
  t.strictSame(
    b.drain(100).datagrams.map((d) => [d[0].type, d[0].error]),
    [[3, -90]],
    'EMSGSIZE without it',
  )
})

t.test('all arrives once, in order, under a full account', async (t) => {
  const { a } = boot({ total: 3000 })
  a.send(request)
  const seen: number[] = []
  const { datagrams, error } = a.drain()
  for (const d of datagrams) for (const m of d) if (m.type === 40) seen.push(m.body[0] | (m.body[1] << 8))
  t.strictSame(
    seen,
    Array.from({ length: 3000 }, (_, i) => i),
  )
  t.equal(error, EAGAIN)
  t.equal(a.sock.sk?.sk_rmem_alloc, 0)
  t.equal(world.done, 1)
})

t.test('a part that does not fit the account: ENOBUFS, and the dump goes on', async (t) => {
  const { a } = boot({ total: 1000 })
  a.setSocket(SO_RCVBUFFORCE, 20000)
  a.send(request)
  const results: (number | string)[] = []
  for (let i = 0; i < 4; i++) {
    const got = a.receive(i === 0 ? 100 : 65536, i === 0 ? MSG_PEEK : 0)
    results.push(isErrno(got) ? got.name : got.data.length)
  }
  t.strictSame(results, [100, 3700, 3700, 32400])
  const tight = boot({ total: 1000 })
  tight.a.setSocket(SO_RCVBUFFORCE, 0)
  tight.a.send(request)
  t.match(tight.a.receive(8), { result: 8 }, 'one part always fits an empty account')
})

t.test('NLM_F_DUMP_INTR: the first message after a change, then no more', async (t) => {
  const { a } = boot({ total: 60 })
  a.send(request)
  world.generation = 2
  const flags = a
    .drain(4000)
    .datagrams.flat()
    .map((m) => m.flags & NLM_F_DUMP_INTR)
  t.equal(flags.filter((f) => f !== 0).length, 1)
  t.equal(flags[37], NLM_F_DUMP_INTR, 'the first of the second part')
  reset({ total: 37, packs: false })
  a.send(request)
  world.generation = 2
  const last = a.drain(4000).datagrams.flat()
  t.match(last.at(-1), { type: 3, flags: NLM_F_MULTI | NLM_F_DUMP_INTR }, 'which may be NLMSG_DONE')
})

t.test('an error ends the dump in NLMSG_DONE, with its text', async (t) => {
  const { a } = boot({ total: 1, fails: ENODEV })
  a.send(request)
  t.match(
    a.drain().datagrams[0].map((m) => [m.type, m.error, m.flags]),
    [
      [40, undefined, 2],
      [3, -19, 2],
    ],
  )
  a.set(NETLINK_EXT_ACK, 1)
  a.send(request)
  t.match(a.drain().datagrams[0][1], { type: 3, error: -19, text: 'broke', flags: NLM_F_MULTI | 0x200 })
  t.equal(world.done, 2)
})

t.test('start refuses: an ordinary error, nothing to finish', async (t) => {
  const { a } = boot({ total: 1 })
  a.set(NETLINK_EXT_ACK, 1)
  t.match(a.ask(20, NLM_F_REQUEST | NLM_F_DUMP, new Uint8Array(8)), { type: 2, error: -22, text: 'too much' })
  t.equal(world.done, 0)
  a.send(request)
  t.strictSame(a.drain().datagrams.map(types), [[40, 3]], 'the next dump is free to start')
})

t.test('a second dump while one is under way: EBUSY, behind the first part', async (t) => {
  const { a } = boot({ total: 100 })
  a.send(request)
  a.send(request)
  const all = a.drain(8192).datagrams.flat()
  t.equal(all.filter((m) => m.type === 40).length, 100)
  t.match(all[37], { type: 2, error: -16 })
  a.send(request)
  t.equal(a.drain(65536).datagrams.flat().length, 101)
})

t.test('closing ends a dump', async (t) => {
  const { a } = boot({ total: 100 })
  a.send(request)
  t.equal(world.done, 0)
  a.close()
  t.equal(world.done, 1)
})

t.test('other requests are answered between the parts', async (t) => {
  const { a } = boot({ total: 100 })
  a.send(request)
  a.send(nlmsg(2, NLM_F_REQUEST | NLM_F_ACK, 33))
  const all = a.drain(8192).datagrams
  t.strictSame(
    all.map((d) => d[0].type),
    [40, 2, 40],
  )
})

t.test('a receiver that comes back: the next part is made then, at the latest when it is asked for', async (t) => {
  const { a } = boot({ total: 100 })
  const receive = () => {
    const message = sys_recvmsg(a.task, a.sock, { size: 4096, controlSize: 0, flags: 0, comesBack: true })
    return isErrno(message) ? message : message.data.length
  }
  a.send(request)
  t.ok(Number(receive()) > 3000)
  world.generation = 2 // seen by parts made from now on
  t.equal(sys_poll(a.sock) & 1, 1, 'POLLIN: it is on its way')
  sys_received(a.sock)
  world.generation = 3
  t.ok(Number(receive()) > 3000)
  const rest = a.drain(4096).datagrams.flat()
  t.ok(
    rest.some((m) => (m.flags & NLM_F_DUMP_INTR) !== 0),
    'made without sys_received()',
  )
  t.equal(rest.at(-1)?.type, 3)
  sys_received(a.sock)
  t.equal(receive(), EAGAIN)
})

t.test('the account is full of other things when the dump wants to start', async (t) => {
  const { a } = boot({ total: 5 })
  a.setSocket(SO_RCVBUFFORCE, 0)
  a.send(nlmsg(2, NLM_F_REQUEST | NLM_F_ACK, 1))
  a.send(nlmsg(2, NLM_F_REQUEST | NLM_F_ACK, 2))
  a.send(request)
  t.equal(a.receive(), ENOBUFS, 'the refusal itself did not fit either')
})
