/** net/netlink/af_netlink.c netlink_rcv_skb, netlink_ack: which messages of a datagram are handled, and what is answered. */
import t from 'tap'
import { CAP_FULL_SET, CAP_NET_ADMIN } from '../../../src/kernel/capability.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { netlink_capable, netlink_kernel_create, netlink_rcv_skb, type netlink_sock } from '../../../src/net/netlink/af_netlink.ts'
import { NLA_U8 } from '../../../src/net/netlink/policy.ts'
import type { Request } from '../../../src/net/netlink/types.ts'
import { EAGAIN, ECONNREFUSED, EINTR, EINVAL, ENODEV, EPERM, type Errno } from '../../../src/uapi/errno.ts'
import { NETLINK_CAP_ACK, NETLINK_EXT_ACK, NLM_F_ACK, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { bootNet, taskOf } from '../../lib/bootNet.ts'
import { concat, hex, NetlinkClient, nlmsg, u32 } from '../../lib/netlinkClient.ts'

/** Handled by what its type asks for. */
const PLAIN = 20
const FAILS = 21
const TELLS = 22
const STARTS = 23
const WARNS = 24
const ADMIN = 25
const MISSES = 26

function handle(req: Request): Errno | undefined {
  const { extack } = req
  switch (req.type) {
    case FAILS:
      return ENODEV
    case TELLS:
      extack.policy = NLA_U8
      extack.cookie = Uint8Array.from([1, 2, 3])
      return extack.fail(EINVAL, 'wrong', 20)
    case STARTS:
      return EINTR
    case WARNS:
      extack.warn('careful')
      extack.bad_attr = 16
      return undefined
    case ADMIN:
      return netlink_capable(req, req.task, CAP_NET_ADMIN) ? undefined : EPERM
    case MISSES:
      return extack.missing(EINVAL, 5, 16)
    default:
      return undefined
  }
}
function input(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, handle)
}
const PROTOCOL = 31
function boot(): { kernel: Kernel; a: NetlinkClient } {
  const kernel = bootNet()
  netlink_kernel_create(kernel.init_net, PROTOCOL, { name: 'test', input })
  const a = new NetlinkClient(taskOf(kernel, 10), PROTOCOL)
  return { kernel, a }
}
const WANT = NLM_F_REQUEST | NLM_F_ACK
const body = Uint8Array.from([1, 2, 3, 4, 5])

t.test('which messages are answered', async (t) => {
  const { a } = boot()
  const answers = (data: Uint8Array) => {
    a.send(data)
    return a.drain().datagrams.map((d) => d[0].error)
  }
  t.strictSame(answers(nlmsg(PLAIN, NLM_F_REQUEST, 1)), [], 'success without NLM_F_ACK')
  t.strictSame(answers(nlmsg(PLAIN, WANT, 1)), [0])
  t.strictSame(answers(nlmsg(FAILS, NLM_F_REQUEST, 1)), [-19], 'an error always')
  t.strictSame(answers(nlmsg(FAILS, NLM_F_ACK, 1)), [0], 'no request: not handled, but acknowledged')
  t.strictSame(answers(nlmsg(FAILS, 0, 1)), [])
  t.strictSame(answers(nlmsg(2, WANT, 1)), [0], 'a control message')
  t.strictSame(answers(nlmsg(STARTS, WANT, 1)), [], 'EINTR: a dump began')
})

t.test('many messages, alignment, trailing bytes, wrong lengths', async (t) => {
  const { a } = boot()
  const answers = (...parts: Uint8Array[]) => {
    t.equal(a.send(concat(...parts)), concat(...parts).length, 'the datagram is taken whatever is in it')
    return a.drain().datagrams.map((d) => [d[0].seq, d[0].error])
  }
  const pad = new Uint8Array(3)
  t.strictSame(answers(nlmsg(PLAIN, WANT, 1, body), pad, nlmsg(FAILS, WANT, 2), nlmsg(PLAIN, WANT, 3)), [
    [1, 0],
    [2, -19],
    [3, 0],
  ])
  t.strictSame(answers(nlmsg(PLAIN, WANT, 1), body), [[1, 0]], 'fewer bytes than a header are left alone')
  t.strictSame(answers(nlmsg(PLAIN, WANT, 1, body)), [[1, 0]], 'the last one needs no padding')
  t.strictSame(
    answers(nlmsg(PLAIN, WANT, 1), nlmsg(PLAIN, WANT, 2, body, 15), nlmsg(PLAIN, WANT, 3)),
    [[1, 0]],
    'too short a length ends it',
  )
  t.strictSame(answers(nlmsg(PLAIN, WANT, 1), nlmsg(PLAIN, WANT, 2, body, 22)), [[1, 0]], 'a length beyond the datagram ends it')
  t.strictSame(answers(new Uint8Array(15)), [])
})

t.test('the bytes of an ACK and of an error', async (t) => {
  const { a } = boot()
  const raw = (data: Uint8Array) => {
    a.send(data)
    const got = a.receive()
    return 'data' in got ? hex(got.data) : String(got)
  }
  // biome-ignore format: one TLV a line
  t.equal(raw(nlmsg(PLAIN, WANT, 7, body)), [
    '24000000', '0200', '0001', '07000000', '0a000000', // 36 bytes, NLMSG_ERROR, NLM_F_CAPPED
    '00000000', '15000000', '1400', '0500', '07000000', '00000000', // error 0, the request's header
  ].join(''))
  // biome-ignore format: one TLV a line
  t.equal(raw(nlmsg(FAILS, WANT, 7, body)), [
    '2c000000', '0200', '0000', '07000000', '0a000000',
    'edffffff', '15000000', '1500', '0500', '07000000', '00000000', '0102030405', '000000', // the whole request, padded
  ].join(''))
  a.set(NETLINK_CAP_ACK, 1)
  // biome-ignore format: one TLV a line
  t.equal(raw(nlmsg(FAILS, WANT, 7, body)), [
    '24000000', '0200', '0001', '07000000', '0a000000', 'edffffff', '15000000', '1500', '0500', '07000000', '00000000',
  ].join(''))
})

t.test("extack: only when asked for, in Linux's order", async (t) => {
  const { a } = boot()
  t.match(a.ask(TELLS, WANT, body), { error: -22, flags: 0, text: undefined })
  a.set(NETLINK_EXT_ACK, 1)
  a.set(NETLINK_CAP_ACK, 1)
  a.send(nlmsg(TELLS, WANT, 1, body))
  const got = a.receive()
  // biome-ignore format: one TLV a line
  t.equal('data' in got && hex(got.data.subarray(36)), [
    '0a000100', '77726f6e6700', '0000', // NLMSGERR_ATTR_MSG
    '07000300', '010203', '00', // COOKIE
    '08000200', '14000000', // OFFS
    '24000480', '0c000400', '0000000000000000', '0c000500', 'ff00000000000000', '08000100', '02000000', // POLICY
  ].join(''))
  t.match(a.ask(WARNS, WANT), { error: 0, flags: 0x300, text: 'careful', offset: undefined }, 'success has a text but no offset')
  const missing = a.ask(MISSES, WANT)
  t.strictSame(
    [...missing.tlvs],
    [
      [5, u32(5)],
      [6, u32(16)],
    ],
  )
  t.match(a.ask(PLAIN, WANT), { flags: 0x100, tlvs: new Map() })
})

t.test('netlink_capable: the sender, and the opener unless the message is addressed', async (t) => {
  const { kernel, a } = boot()
  t.equal(a.ask(ADMIN, WANT).error, 0)
  const user = taskOf(kernel, 11, { capabilities: 0n, uid: 1 })
  const b = new NetlinkClient(user, PROTOCOL)
  t.equal(b.ask(ADMIN, WANT).error, -1)
  taskOf(kernel, 11, { capabilities: CAP_FULL_SET })
  b.send(nlmsg(ADMIN, WANT, 1), null)
  t.equal(b.drain().datagrams[0][0].error, -1, 'opened without the capability')
  t.equal(b.ask(ADMIN, WANT).error, 0, 'sent to an address')
  taskOf(kernel, 10, { capabilities: 0n })
  t.equal(a.ask(ADMIN, WANT).error, -1, 'the sender lost it')
})

t.test('a protocol whose kernel does not listen', async (t) => {
  const { kernel } = boot()
  netlink_kernel_create(kernel.init_net, 30, { name: 'mute' })
  const b = new NetlinkClient(taskOf(kernel, 10), 30)
  t.equal(b.send(nlmsg(PLAIN, WANT, 1)), ECONNREFUSED)
  t.equal(b.receive(), EAGAIN)
})

t.test('a seeded storm of datagrams: an answer or none, and the account comes back to zero', async (t) => {
  const { kernel, a } = boot()
  a.set(NETLINK_EXT_ACK, 1)
  const { random } = kernel
  for (let i = 0; i < 20000; i++) {
    const data = random.bytes(1 + random.below(120))
    for (let at = 0; at + 8 <= data.length; at += random.below(40) + 1) {
      if (random.below(2)) data.set([random.below(60), 0, 0, 0, 16 + random.below(12), 0, random.below(8), 0], at)
    }
    a.send(data)
    a.drain()
  }
  t.equal(a.sock.sk?.sk_rmem_alloc, 0)
  t.equal(kernel.nla_pool.top, 0)
})
