/** What disciplines do with packets: order, limits, drops, and counters that agree with one another. */
import t from 'tap'
import { NSEC_PER_MSEC } from '../../../src/kernel/time.ts'
import { get32, get64 } from '../../../src/lib/bytes.ts'
import { CODEL_DISABLED_THRESHOLD, codel_dequeue, type codel_params, codel_vars, MS2TIME } from '../../../src/net/sched/codel.ts'
import { INET_ECN_set_ce } from '../../../src/net/sched/inet_ecn.ts'
import type { Qdisc } from '../../../src/net/sched/qdisc.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { nla } from '../core/rtnetlink_client.ts'
import { attribute, packet, prioOptions, TcHost } from './tcHost.ts'

const limit = (n: number) => [nla(R.TCA_OPTIONS, n)]
function root(host: TcHost): Qdisc {
  return host.dev.qdisc as Qdisc
}
const enqueue = (q: Qdisc, size: number, priority = 0, fill = 0) => q.ops.enqueue?.(packet(size, priority, fill), q)
function drain(q: Qdisc): number[] {
  const sizes: number[] = []
  for (let skb = q.ops.dequeue?.(q); skb !== undefined; skb = q.ops.dequeue?.(q)) sizes.push(skb.len)
  return sizes
}

t.test('pfifo counts packets, bfifo bytes; what comes too late is dropped', async (t) => {
  const host = new TcHost()
  host.add('pfifo', { more: limit(2) })
  t.same(
    [10, 20, 30].map((n) => enqueue(root(host), n)),
    [0, 0, 1],
  )
  t.same(root(host).qstats, { qlen: 2, backlog: 30, drops: 1, requeues: 0, overlimits: 0 })
  t.same(drain(root(host)), [10, 20])
  t.same(root(host).bstats, { bytes: 30, packets: 2 })
  host.ask(R.RTM_NEWQDISC, 0x500, { kind: 'bfifo', more: limit(35) })
  t.same(
    [10, 20, 30, 5].map((n) => enqueue(root(host), n)),
    [0, 0, 1, 0],
  )
  t.same(drain(root(host)), [10, 20, 5])
})
t.test('pfifo_head_drop drops the oldest instead', async (t) => {
  const host = new TcHost()
  host.add('pfifo_head_drop', { more: limit(2) })
  t.same(
    [10, 20, 30].map((n) => enqueue(root(host), n)),
    [0, 0, 2],
  )
  t.same(drain(root(host)), [20, 30])
})
t.test('prio and pfifo_fast serve the most urgent first', async (t) => {
  for (const kind of ['prio', 'pfifo_fast']) {
    const host = new TcHost()
    host.add(kind, { handle: 0x10000, more: kind === 'prio' ? [prioOptions()] : [] })
    const q = root(host)
    for (const [size, priority] of [
      [10, 2],
      [20, 0],
      [30, 6],
      [40, 6],
    ])
      enqueue(q, size, priority)
    t.equal(q.qstats.qlen, 4)
    t.same(drain(q), [30, 40, 20, 10], kind)
    t.same([q.qstats.qlen, q.qstats.backlog, q.bstats.packets], [0, 0, 4])
  }
})
t.test('a priority that names a class of prio goes there; fewer bands lose what the others held', async (t) => {
  const host = new TcHost()
  host.add('prio', { handle: 0x10000, more: [prioOptions()] })
  const q = root(host)
  enqueue(q, 10, 6)
  enqueue(q, 20, 0x10003)
  t.same(
    host.dump(R.RTM_GETTCLASS).map((m) => get32(attribute(m, R.TCA_STATS.nr) as Uint8Array, 28)),
    [1, 0, 1],
    'waiting in each class',
  )
  host.ask(R.RTM_NEWQDISC, 0, { kind: 'prio', handle: 0x10000, more: [prioOptions(2, new Array(16).fill(0))] })
  t.same([q.qstats.qlen, q.qstats.backlog, q.qstats.drops], [1, 10, 1])
  t.same(drain(q), [10])
})

t.test('fq_codel: flows take turns, and the fattest loses when there is no room', async (t) => {
  const host = new TcHost()
  host.add('fq_codel', { more: [nla(R.TCA_OPTIONS, nla(2, 8), nla(6, 300), nla(8, 2))] })
  const q = root(host)
  for (let i = 0; i < 4; i++) enqueue(q, 300, 0, 1)
  for (let i = 0; i < 4; i++) enqueue(q, 301, 0, 2)
  const order = drain(q)
  t.same(order.slice(0, 2).sort(), [300, 301], 'each flow once, before the first has its second turn')
  t.equal(order.length, 8)
  for (let i = 0; i < 8; i++) enqueue(q, 300, 0, 1)
  t.equal(enqueue(q, 100, 0, 2), 0, 'the thin flow is not told')
  t.same([q.qstats.qlen, q.qstats.drops], [7, 2], 'a batch of two is gone')
})
t.test('a flow keeps its order, whatever else differs between its packets; what goes back is of the same', async (t) => {
  const host = new TcHost()
  host.add('fq_codel')
  const q = root(host)
  for (let i = 0; i < 20; i++) {
    const skb = packet(100 + i, 0, 1)
    skb.buf[skb.data + 5] = i // the identification of an IPv4 packet
    skb.buf.fill(i, skb.data + 24, skb.tail)
    if (i & 1) skb.buf.set([2, 2, 2, 2], skb.data + 12)
    else skb.buf.set([2, 2, 2, 2], skb.data + 16)
    q.ops.enqueue?.(skb, q)
  }
  t.same(
    drain(q),
    Array.from({ length: 20 }, (_, i) => 100 + i),
  )
})
t.test('counters in a message: once in a nest, once as programs of old read them', async (t) => {
  const host = new TcHost()
  host.add('fq_codel')
  enqueue(root(host), 100, 0, 1)
  drain(root(host))
  const [message] = host.dump()
  t.equal(get64(attribute(message, R.TCA_STATS.nr) as Uint8Array, 0), 100)
  const xstats = attribute(message, R.TCA_XSTATS.nr) as Uint8Array
  t.same([get32(xstats, 4), get32(xstats, 16)], [100, 1], 'the biggest packet, and one new flow')
})
t.test('an estimator (TCA_RATE) averages by the clock', async (t) => {
  const host = new TcHost()
  host.add('pfifo', { more: [nla(R.TCA_RATE, new Uint8Array([0, 1]))] })
  const rate = () => {
    const stats2 = attribute(host.dump()[0], R.TCA_STATS2.nr) as Uint8Array
    return get32(stats2, 20 + 4)
  }
  t.equal(rate(), 0)
  for (let i = 0; i < 10; i++) enqueue(root(host), 1000)
  drain(root(host))
  host.after(1001)
  t.equal(rate(), 5000, '10,000 bytes in a second, at a weight of one half')
  host.after(1000)
  t.equal(rate(), 2500)
  t.equal(
    host.ask(R.RTM_NEWQDISC, 0x500, { kind: 'bfifo', more: [nla(R.TCA_RATE, new Uint8Array([9, 1]))] }),
    'Failed to generate new estimator',
  )
})
t.test('a size table says how long a packet counts', async (t) => {
  const host = new TcHost()
  const spec = new Uint8Array(24)
  spec[0] = 6
  spec[20] = 2
  const stab = nla(R.TCA_STAB, nla(1, spec), nla(2, new Uint8Array([64, 0, 128, 0])))
  t.equal(host.add('pfifo', { more: [stab] }), '')
  enqueue(root(host), 10)
  enqueue(root(host), 100)
  t.equal(root(host).qstats.backlog, 64 + 128)
  t.equal(host.add('pfifo', { handle: 0x90000, more: [nla(R.TCA_STAB, nla(1, spec))] }), 'NLM_F_REPLACE needed to override')
})

/** One queue under CoDel whose packets all came at time 0; `at` ms. */
function codel(packets: number) {
  const vars = new codel_vars()
  const params: codel_params = {
    target: MS2TIME(5),
    interval: MS2TIME(100),
    ce_threshold: CODEL_DISABLED_THRESHOLD,
    ce_threshold_selector: 0,
    ce_threshold_mask: 0,
    mtu: 100,
    ecn: false,
  }
  const queue = Array.from({ length: packets }, () => packet(100))
  let dropped = 0
  const at = (ms: number) => {
    const skb = codel_dequeue({
      vars,
      params,
      now: ms * NSEC_PER_MSEC,
      take: () => {
        const skb = queue.shift()
        return skb === undefined ? undefined : { skb, arrival: 0 }
      },
      drop: () => {
        dropped++
      },
      marked: () => {},
      backlog: () => queue.length * 100,
    })
    return { got: skb !== undefined, dropped, dropping: vars.dropping }
  }
  return at
}
t.test('CoDel: a short wait, a long one, an interval of it, and back', async (t) => {
  const at = codel(9)
  t.same(at(4), { got: true, dropped: 0, dropping: false }, 'less than target')
  t.same(at(6), { got: true, dropped: 0, dropping: false }, 'target, not yet interval')
  t.same(at(120), { got: true, dropped: 1, dropping: true }, 'interval: one goes')
  t.same(at(150), { got: true, dropped: 1, dropping: true }, 'the next is not due')
  t.same(at(230), { got: true, dropped: 2, dropping: true }, 'now it is')
  t.same(at(231), { got: true, dropped: 2, dropping: false }, 'the last full frame is let go')
})

/** An IPv4 packet with this TOS; its header's checksum is right. */
function ipv4(tos: number) {
  const skb = packet(40)
  skb.buf.set([0x45, tos, 0, 40, 0, 0, 0, 0, 64, 17, 0x7a, 0xc1 - tos, 0, 0, 0, 0, 0, 0, 0, 0], skb.data)
  skb.protocol = 0x800
  skb.network_header = skb.data
  return skb
}
function checksum(header: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += (header[i] << 8) | header[i + 1]
  return (sum & 0xffff) + (sum >>> 16)
}
t.test('a mark (RFC 3168): what can bear it is marked once, with the checksum right; what cannot is refused', async (t) => {
  for (const [tos, marked] of [
    [2, true],
    [1, true],
    [3, true],
    [0, false],
  ] as const) {
    const skb = ipv4(tos)
    const before = checksum(skb.buf.subarray(skb.data))
    t.equal(INET_ECN_set_ce(skb), marked, `ECN ${tos}`)
    t.equal(skb.buf[skb.data + 1] & 3, marked ? 3 : 0)
    t.equal(checksum(skb.buf.subarray(skb.data)), before)
  }
  const ipv6 = packet(40)
  ipv6.buf[ipv6.data] = 0x60
  ipv6.buf[ipv6.data + 1] = 0x20
  ipv6.protocol = 0x86dd
  ipv6.network_header = ipv6.data
  t.equal(INET_ECN_set_ce(ipv6), true)
  t.equal(ipv6.buf[ipv6.data + 1], 0x30)
  t.equal(INET_ECN_set_ce(packet(40)), false, 'neither')
})
t.test('fq_codel marks where it would drop, and counts it', async (t) => {
  const host = new TcHost()
  host.add('fq_codel', { more: [nla(R.TCA_OPTIONS, nla(7, 1000))] })
  const q = root(host)
  const skb = ipv4(2)
  q.ops.enqueue?.(skb, q)
  host.after(2)
  t.equal(q.ops.dequeue?.(q), skb, 'longer than the threshold of 1 ms')
  t.equal(skb.buf[skb.data + 1], 3)
  t.equal(get32(attribute(host.dump()[0], R.TCA_XSTATS.nr) as Uint8Array, 28), 1, 'ce_mark')
})
