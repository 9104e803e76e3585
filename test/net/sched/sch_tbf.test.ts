/** The rows of the table in sch_tbf.ts, by the clock. */
import t from 'tap'
import { get32 } from '../../../src/lib/bytes.ts'
import type { Qdisc } from '../../../src/net/sched/qdisc.ts'
import { detect_linklayer, psched_l2t_ns, psched_ratecfg_precompute } from '../../../src/net/sched/sch_rate.ts'
import { TC_LINKLAYER_ATM, tc_tbf_qopt } from '../../../src/uapi/linux/pkt_sched.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { nla } from '../core/rtnetlink_client.ts'
import { attribute, packet, TcHost } from './tcHost.ts'

const spec = (rate: number) => ({ cell_log: 3, linklayer: 1, overhead: 0, cell_align: -1, mpu: 0, rate })
/** 1000 bytes a second; the bucket holds `burst` bytes. */
function options(burst: number, peak = 0, mtu = 0): Uint8Array {
  const parms = tc_tbf_qopt.encode({ rate: spec(1000), peakrate: spec(peak), limit: 5000, buffer: 0, mtu: 0 })
  return nla(R.TCA_OPTIONS, nla(1, parms), nla(6, burst), ...(peak === 0 ? [] : [nla(7, mtu)]))
}
function tbf(more: Uint8Array): { host: TcHost; q: Qdisc } {
  const host = new TcHost()
  t.equal(host.add('tbf', { handle: 0x10000, more: [more] }), '')
  return { host, q: host.dev.qdisc as Qdisc }
}

t.test('longer than the bucket: dropped as it comes', async (t) => {
  const { q } = tbf(options(1500))
  t.equal(q.ops.enqueue?.(packet(1501), q), 1)
  t.equal(q.ops.enqueue?.(packet(1500), q), 0)
  t.same([q.qstats.drops, q.qstats.qlen], [1, 1])
})
t.test('sent while there are tokens; then it waits for the time that lacks', async (t) => {
  const { host, q } = tbf(options(1500))
  for (const size of [1000, 1000]) q.ops.enqueue?.(packet(size), q)
  t.equal(q.ops.dequeue?.(q)?.len, 1000)
  t.equal(q.ops.dequeue?.(q), undefined, '500 of 1000 are there')
  t.equal(q.qstats.overlimits, 1)
  t.equal((host.kernel.events.nextAt() as number) > host.kernel.now(), true)
  host.after(501)
  t.same([q.qstats.qlen, q.bstats.packets], [0, 2], 'half a second later the device was fed')
})
t.test('a peak rate holds back what the bucket would let go', async (t) => {
  const { host, q } = tbf(options(3000, 2000, 1000))
  for (const size of [1000, 1000]) q.ops.enqueue?.(packet(size), q)
  t.equal(q.ops.dequeue?.(q)?.len, 1000)
  t.equal(q.ops.dequeue?.(q), undefined)
  host.after(501)
  t.equal(q.bstats.packets, 2)
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { kind: 'tbf', handle: 0x10000, more: [options(3000, 900, 1000)] }), '-22', 'a peak below the rate')
})
t.test('what waits does so in a bfifo of the limit, or in what somebody puts there', async (t) => {
  const { host, q } = tbf(options(1500))
  const classes = () => host.dump(R.RTM_GETTCLASS).map((m) => [get32(m.bytes, 24), get32(m.bytes, 32)])
  t.same(classes(), [[0x10001, 0]])
  t.same(host.shown(), ['qdisc tbf 1: parent root info 2'], 'the bfifo is not shown')
  t.equal(host.add('pfifo', { parent: 0x10001, handle: 0x20000 }), '')
  t.same(classes(), [[0x10001, 0x20000]])
  q.ops.enqueue?.(packet(100), q)
  t.equal(q.ops.dequeue?.(q)?.len, 100)
})
t.test('a message shows rates without the table, and the bucket in ticks of 64 ns', async (t) => {
  const { host } = tbf(options(1500))
  const shown = tc_tbf_qopt.get(attribute(host.dump()[0], R.TCA_OPTIONS.nr) as Uint8Array, 4)
  t.match(shown, { rate: { rate: 1000, cell_log: 0, linklayer: 1 }, limit: 5000, buffer: 1.5e9 / 64, mtu: 0 })
  t.equal(host.ask(R.RTM_NEWQDISC, 0, { kind: 'tbf', handle: 0x10000, more: [nla(R.TCA_OPTIONS)] }), '-22')
})
t.test('ATM sends cells of 53 bytes for 48; old programs say so by their table', async (t) => {
  const r = psched_ratecfg_precompute({ ...spec(53), linklayer: TC_LINKLAYER_ATM }, 0)
  t.equal(Math.round(psched_l2t_ns(r, 49) / 1e9), 2)
  const rtab = new Uint8Array(1024).fill(7)
  t.equal(detect_linklayer({ ...spec(1000), linklayer: 0 }, rtab), TC_LINKLAYER_ATM)
})
