/** The rows of the tables in sch_htb.ts and htb_class.ts, by the clock. */
import t from 'tap'
import { get32 } from '../../../src/lib/bytes.ts'
import type { Qdisc } from '../../../src/net/sched/qdisc.ts'
import { tc_htb_glob, tc_htb_opt, tc_htb_xstats } from '../../../src/uapi/linux/pkt_sched_kinds.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { nla } from '../core/rtnetlink_client.ts'
import { ADD, attribute, packet, ROOT, TcHost } from './tcHost.ts'

const spec = (rate: number) => ({ cell_log: 3, linklayer: 1, overhead: 0, cell_align: -1, mpu: 0, rate })
/** Rates in bytes a second; the buckets hold 1000 bytes at them. */
function klass(rate: number, ceil = rate, prio = 0): Uint8Array {
  const ticks = (r: number) => Math.floor((1000 * 1e9) / r / 64)
  const parms = { rate: spec(rate), ceil: spec(ceil), buffer: ticks(rate), cbuffer: ticks(ceil), quantum: 1000, prio, level: 0 }
  return nla(R.TCA_OPTIONS, nla(1, tc_htb_opt.encode(parms)))
}
function htb(defcls: number): { host: TcHost; q: Qdisc } {
  const host = new TcHost()
  const glob = tc_htb_glob.encode({ version: 3, rate2quantum: 10, defcls })
  t.equal(host.add('htb', { handle: 0x10000, more: [nla(R.TCA_OPTIONS, nla(2, glob))] }), '')
  return { host, q: host.dev.qdisc as Qdisc }
}
function add(host: TcHost, handle: number, parent: number, options: Uint8Array): string {
  return host.ask(R.RTM_NEWTCLASS, ADD, { kind: 'htb', handle, parent, more: [options] })
}
function send(q: Qdisc, size: number, priority: number): number | undefined {
  const skb = packet(size)
  skb.priority = priority
  return q.ops.enqueue?.(skb, q)
}
const classes = (host: TcHost) => host.dump(R.RTM_GETTCLASS).map((m) => [get32(m.bytes, 24), get32(m.bytes, 28)])

t.test('what has no class goes first and at no rate', async (t) => {
  const { host, q } = htb(0)
  t.equal(add(host, 0x10001, 0x10000, klass(1000)), '')
  for (const size of [900, 901, 902]) send(q, size, 0)
  t.same([q.ops.dequeue?.(q)?.len, q.ops.dequeue?.(q)?.len, q.ops.dequeue?.(q)?.len], [900, 901, 902])
  t.equal(tc_htb_glob.get(attribute(host.dump()[0], R.TCA_OPTIONS.nr) as Uint8Array, 4).direct_pkts, 3)
})
t.test('a leaf sends what its bucket holds, then at its rate', async (t) => {
  const { host, q } = htb(1)
  add(host, 0x10001, 0x10000, klass(1000))
  for (let i = 0; i < 3; i++) send(q, 1000, 0)
  t.ok(q.ops.dequeue?.(q))
  t.ok(q.ops.dequeue?.(q), 'a bucket that is just empty lets one more go')
  t.equal(q.ops.dequeue?.(q), undefined)
  host.after(1001)
  t.equal(q.bstats.packets, 3)
})
t.test('a class borrows what its brother leaves, up to its ceiling', async (t) => {
  const { host, q } = htb(0)
  add(host, 0x10001, 0x10000, klass(10000))
  add(host, 0x10010, 0x10001, klass(1000, 10000))
  add(host, 0x10020, 0x10001, klass(1000, 1000))
  for (let i = 0; i < 12; i++) for (const cl of [0x10010, 0x10020]) send(q, 1000, cl)
  while (q.ops.dequeue?.(q) !== undefined);
  host.after(1000)
  const stats = host
    .dump(R.RTM_GETTCLASS)
    .map((m) => [get32(m.bytes, 24), tc_htb_xstats.get(attribute(m, R.TCA_XSTATS.nr) as Uint8Array, 0)])
  const of = (cl: number) => (stats.find(([handle]) => handle === cl) as [number, { borrows: number }])[1]
  t.ok(of(0x10010).borrows > 5, 'nine thousand bytes more than its own rate')
  t.equal(of(0x10020).borrows, 0)
})
t.test('an inner class has no queue; the last child gone, it has one again', async (t) => {
  const { host } = htb(0)
  add(host, 0x10001, 0x10000, klass(1000))
  add(host, 0x10010, 0x10001, klass(1000))
  t.same(classes(host).sort(), [
    [0x10001, ROOT],
    [0x10010, 0x10001],
  ])
  t.equal(host.ask(R.RTM_DELTCLASS, 0, { handle: 0x10001, parent: 0 }), 'HTB class in use')
  t.equal(host.add('pfifo', { parent: 0x10001, handle: 0x50000 }), '-22')
  t.equal(host.ask(R.RTM_DELTCLASS, 0, { handle: 0x10010, parent: 0 }), '')
  t.equal(host.add('pfifo', { parent: 0x10001, handle: 0x50000 }), '')
  t.equal(host.ask(R.RTM_DELTCLASS, 0, { handle: 0x10001, parent: 0 }), '')
  t.same(classes(host), [])
})
t.test('what requests get wrong', async (t) => {
  const { host } = htb(0)
  t.equal(add(host, 0x20001, 0x10000, klass(1000)), '-22', 'of another discipline')
  t.equal(add(host, 0x10001, 0x10000, nla(R.TCA_OPTIONS)), '-22')
  t.equal(add(host, 0x10001, 0x10000, klass(1000)), '')
  t.equal(add(host, 0x10001, 0x10000, klass(1000)), '-17')
  t.equal(host.ask(R.RTM_DELTCLASS, 0, { handle: 0x10007, parent: 0 }), '-2')
})
