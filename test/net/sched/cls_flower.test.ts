/** Filters of ingress and clsact: what they compare, what becomes of the packets, and what is counted. */
import t from 'tap'
import {
  tc_gact,
  tc_mirred,
  TC_ACT_OK,
  TC_ACT_SHOT,
  TC_ACT_STOLEN,
  TCA_ACT_KIND,
  TCA_ACT_OPTIONS,
  TCA_EGRESS_REDIR,
  TCA_FLOWER_NR,
  TCA_GACT_PARMS,
  TCA_MIRRED_PARMS,
  type flower_name,
} from '../../../src/uapi/linux/pkt_cls.ts'
import { TCA_OPTIONS } from '../../../src/uapi/linux/rtnetlink.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import type { tcf_block } from '../../../src/net/sched/cls_block.ts'
import { Bridged, mac } from '../bridge/bridgeHost.ts'
import { concat, nla } from '../core/rtnetlink_client.ts'

const ETH_P_TEST = 0x88b5
const INGRESS = 0xfffffff2
const EGRESS = 0xfffffff3
const CREATE = 0x600

function host(): Bridged {
  const h = new Bridged()
  for (const n of [1, 2]) {
    h.veth(`p${n}`, `02:00:00:00:01:0${n}`, `q${n}`, `02:00:00:00:02:0${n}`)
    h.up(`p${n}`)
    h.up(`q${n}`)
  }
  const tcm = R.tcmsg.encode({ tcm_ifindex: h.dev('p1').ifindex, tcm_parent: 0xfffffff1, tcm_handle: 0xffff0000 })
  h.client.ack(R.RTM_NEWQDISC, CREATE, concat(tcm, nla(R.TCA_KIND, 'clsact')))
  return h
}
const key = (name: flower_name, ...bytes: number[]) => nla({ nr: TCA_FLOWER_NR(name) } as never, Uint8Array.from(bytes))
const gact = (action: number, index = 0) => nla(TCA_ACT_OPTIONS, nla(TCA_GACT_PARMS, tc_gact.encode({ action, index })))
function action(kind: string, options: Uint8Array): Uint8Array {
  return nla({ nr: TCA_FLOWER_NR('ACT') } as never, nla({ nr: 1 } as never, concat(nla(TCA_ACT_KIND, kind), options)))
}
function filter(h: Bridged, parent: number, pref: number, ...options: Uint8Array[]) {
  const tcm = R.tcmsg.encode({ tcm_ifindex: h.dev('p1').ifindex, tcm_parent: parent, tcm_info: pref * 65536 + 0x0300 })
  return h.client.ack(R.RTM_NEWTFILTER, CREATE, concat(tcm, nla(R.TCA_KIND, 'flower'), nla(TCA_OPTIONS, concat(...options))))
}
function block(h: Bridged, side: number): tcf_block {
  const q = h.dev('p1').ingress_queue as never as { ops: { cl_ops: { tcf_block(q: unknown, cl: number): tcf_block } } }
  return q.ops.cl_ops.tcf_block(q, side & 0xffff)
}
const counted = (h: Bridged, side: number) =>
  block(h, side).chains.flatMap((chain) => chain.filters.flatMap((tp) => tp.filters.map((f) => f.actions.map((a) => a.bstats.packets))))

t.test('the first that fits decides; the rest goes on', async (t) => {
  const h = host()
  const heard = h.hear('p1', ETH_P_TEST)
  t.same(filter(h, INGRESS, 1, key('KEY_ETH_SRC', 2, 0, 0, 0, 2, 1), action('gact', gact(TC_ACT_SHOT))).error, 0)
  t.same(filter(h, INGRESS, 2, key('KEY_ETH_DST', 2, 0, 0, 0, 1, 1), action('gact', gact(TC_ACT_OK))).error, 0)
  h.send('q1', '02:00:00:00:01:01')
  t.equal(heard.lines.length, 0)
  t.same(counted(h, INGRESS), [[1], [0]])
  h.send('q1', '02:00:00:00:01:01', { src: mac('02:00:00:00:02:09').slice() })
  t.equal(heard.lines.length, 1)
  t.same(counted(h, INGRESS), [[1], [1]])
})

t.test('with a mask only its bits count; twice the same is refused', async (t) => {
  const h = host()
  const options = [
    key('KEY_ETH_SRC', 2, 0, 0, 0, 2, 0),
    key('KEY_ETH_SRC_MASK', 255, 255, 255, 255, 255, 0),
    action('gact', gact(TC_ACT_SHOT)),
  ]
  t.equal(filter(h, EGRESS, 1, ...options).error, 0)
  t.equal(filter(h, EGRESS, 1, ...options).error, -17)
  const far = h.hear('q1', ETH_P_TEST)
  h.send('p1', '02:00:00:00:02:01', { src: mac('02:00:00:00:02:77').slice() })
  h.send('p1', '02:00:00:00:02:01')
  t.equal(far.lines.length, 1)
  t.same(counted(h, EGRESS), [[1]])
})

t.test('mirred: what came in by one device leaves by another', async (t) => {
  const h = host()
  const parms = tc_mirred.encode({ action: TC_ACT_STOLEN, eaction: TCA_EGRESS_REDIR, ifindex: h.dev('p2').ifindex })
  t.equal(filter(h, INGRESS, 1, action('mirred', nla(TCA_ACT_OPTIONS, nla(TCA_MIRRED_PARMS, parms)))).error, 0)
  const [here, far] = [h.hear('p1', ETH_P_TEST), h.hear('q2', ETH_P_TEST)]
  h.send('q1', 'ff:ff:ff:ff:ff:ff')
  t.equal(here.lines.length, 0)
  t.equal(far.lines.length, 1)
  t.same([...(far.skbs[0]?.buf.subarray(far.skbs[0].mac_header, far.skbs[0].mac_header + 6) ?? [])], [255, 255, 255, 255, 255, 255])
})

t.test('an action of a number is shared, and lives as long as a filter has it', async (t) => {
  const h = host()
  for (const pref of [1, 2]) filter(h, INGRESS, pref, action('gact', gact(TC_ACT_OK, 5)))
  const [a] = h.kernel.netdev.sched.actions
  t.match(a, { index: 5, refcnt: 2, bindcnt: 2 })
  const del = (pref: number) =>
    h.client.ack(R.RTM_DELTFILTER, 0, R.tcmsg.encode({ tcm_ifindex: h.dev('p1').ifindex, tcm_parent: INGRESS, tcm_info: pref * 65536 }))
  del(1)
  t.match(a, { refcnt: 1, bindcnt: 1 })
  del(2)
  t.same(h.kernel.netdev.sched.actions, [])
  t.same(block(h, INGRESS).chains, [], 'the chain went with its last filter')
})
