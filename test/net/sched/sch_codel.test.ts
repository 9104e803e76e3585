/** One queue under CoDel on a device; the rows of CoDel's table are in queues.test.ts. */
import t from 'tap'
import { get32 } from '../../../src/lib/bytes.ts'
import type { Qdisc } from '../../../src/net/sched/qdisc.ts'
import { tc_codel_xstats } from '../../../src/uapi/linux/pkt_sched.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { nla } from '../core/rtnetlink_client.ts'
import { attribute, packet, TcHost } from './tcHost.ts'

t.test('what waits too long for too long is dropped, and counted in the message', async (t) => {
  const host = new TcHost()
  t.equal(host.add('codel', { more: [nla(R.TCA_OPTIONS, nla(2, 20))] }), '')
  const q = host.dev.qdisc as Qdisc
  const sent = Array.from({ length: 21 }, () => q.ops.enqueue?.(packet(1400), q))
  t.same(sent.slice(-2), [0, 1], 'one beyond the limit')
  const next = () => q.ops.dequeue?.(q)?.len
  host.after(10)
  t.equal(next(), 1400)
  host.after(120)
  t.equal(next(), 1400, 'the one behind it')
  t.same([q.qstats.drops, q.qstats.qlen, q.qstats.backlog], [2, 17, 17 * 1400])
  const xstats = tc_codel_xstats.get(attribute(host.dump()[0], R.TCA_XSTATS.nr) as Uint8Array, 0)
  t.match(xstats, { maxpacket: 1400, count: 1, drop_overlimit: 1, dropping: 1, ldelay: 130000, drop_next: 99999 })
})
t.test('a lower limit holds at once; parameters are shown as they were rounded', async (t) => {
  const host = new TcHost()
  host.add('codel')
  const q = host.dev.qdisc as Qdisc
  for (let i = 0; i < 5; i++) q.ops.enqueue?.(packet(100), q)
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { kind: 'codel', more: [nla(R.TCA_OPTIONS, nla(1, 7000), nla(2, 3), nla(4, 1), nla(5, 1000))] }), '')
  t.same([q.qstats.qlen, q.qstats.drops], [3, 2])
  const options = attribute(host.dump()[0], R.TCA_OPTIONS.nr) as Uint8Array
  t.same(
    [4, 12, 20, 28, 36].map((o) => get32(options, o)),
    [6999, 3, 99999, 1, 999],
  )
})
