/** net/sched/sch_fq_codel.c: the way of a packet: into its flow, and out when the flow has its turn. */
import type { net_device } from '../core/netdevice.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { reciprocal_scale, skb_get_hash_perturb } from '../core/flow_keys.ts'
import { kfree_skb_reason, type sk_buff, skb_end_offset } from '../core/skbuff.ts'
import { codel_dequeue } from './codel.ts'
import { fq_codel_flow, type fq_codel_packet, priv } from './fq_codel_flows.ts'
import type { Qdisc } from './qdisc.ts'
import { qdisc_tree_reduce_backlog } from './qdisc_tree.ts'
import { NET_XMIT_CN, NET_XMIT_SUCCESS, qdisc_bstats_update } from './sch_fifo.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

function flow_of(sch: Qdisc, skb: sk_buff): number {
  const data = priv(sch)
  return reciprocal_scale(skb_get_hash_perturb(skb, data.perturbation), data.flows_cnt)
}
function now_of(sch: Qdisc): number {
  return (sch.dev as net_device).nd_net.kernel.now()
}

export function fq_codel_enqueue(skb: sk_buff, sch: Qdisc): number {
  const data = priv(sch)
  const index = flow_of(sch, skb)
  let flow = data.flows.get(index)
  if (flow === undefined) data.flows.set(index, (flow = new fq_codel_flow()))
  const len = qdisc_pkt_len(skb, sch)
  flow.packets.push({ skb, arrival: now_of(sch) })
  flow.backlog += len
  sch.qstats.backlog += len
  data.memory_usage += skb_end_offset(skb)
  data.maxpacket = Math.max(data.maxpacket, len)
  if (!data.new_flows.includes(index) && !data.old_flows.includes(index)) {
    data.new_flows.push(index)
    data.new_flow_count++
    flow.deficit = data.quantum
  }
  const crowded = data.memory_usage > data.memory_limit
  if (++sch.qstats.qlen <= sch.limit && !crowded) return NET_XMIT_SUCCESS
  return over_limit(sch, index, crowded)
}
/** The fattest flow loses a batch; only a sender of that flow is told. */
function over_limit(sch: Qdisc, index: number, crowded: boolean): number {
  const data = priv(sch)
  const { qlen, backlog } = sch.qstats
  const loser = fq_codel_drop(sch, data.drop_batch_size)
  const lost = qlen - sch.qstats.qlen
  data.drop_overlimit += lost
  if (crowded) data.drop_overmemory += lost
  // parents have not counted this packet yet: of those that are gone, one is not to be taken from them
  qdisc_tree_reduce_backlog(sch, lost, backlog - sch.qstats.backlog)
  return loser === index ? NET_XMIT_CN : NET_XMIT_SUCCESS
}

/** Up to `most` packets, or half of what waits in it, from the front of the flow with the most bytes; its index. */
export function fq_codel_drop(sch: Qdisc, most: number): number {
  const data = priv(sch)
  let fattest = -1
  for (const [index, flow] of data.flows) if (fattest < 0 || flow.backlog > (data.flows.get(fattest)?.backlog ?? 0)) fattest = index
  const flow = data.flows.get(fattest)
  if (flow === undefined) return -1
  const enough = flow.backlog >> 1
  let bytes = 0
  for (let n = 0; n < most && flow.packets.length > 0; n++) {
    const { skb } = take(sch, flow) as fq_codel_packet
    bytes += qdisc_pkt_len(skb, sch)
    forget(sch, flow, skb)
    if (bytes >= enough) break
  }
  return fattest
}
function take(sch: Qdisc, flow: fq_codel_flow): fq_codel_packet | undefined {
  const head = flow.packets.shift()
  if (head === undefined) return undefined
  const len = qdisc_pkt_len(head.skb, sch)
  flow.backlog -= len
  sch.qstats.backlog -= len
  sch.qstats.qlen--
  priv(sch).memory_usage -= skb_end_offset(head.skb)
  return head
}
function forget(sch: Qdisc, flow: fq_codel_flow, skb: sk_buff): void {
  flow.dropped++
  sch.qstats.drops++
  kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
}

/** Flows whose turn it is are looked at until one gives a packet. */
export function fq_codel_dequeue(sch: Qdisc): sk_buff | undefined {
  const data = priv(sch)
  for (;;) {
    const list = data.new_flows.length > 0 ? data.new_flows : data.old_flows
    if (list.length === 0) return undefined
    const index = list[0]
    const flow = data.flows.get(index) as fq_codel_flow
    if (flow.deficit <= 0) {
      flow.deficit += data.quantum
      data.old_flows.push(list.shift() as number)
      continue
    }
    const skb = dequeue_from(sch, flow)
    if (skb !== undefined) {
      qdisc_bstats_update(sch, skb)
      flow.deficit -= qdisc_pkt_len(skb, sch)
      return skb
    }
    list.shift()
    // an empty new flow waits one round among the old ones, so that it cannot come back as new at once
    if (list === data.new_flows && data.old_flows.length > 0) data.old_flows.push(index)
  }
}
function dequeue_from(sch: Qdisc, flow: fq_codel_flow): sk_buff | undefined {
  let dropped = 0
  let bytes = 0
  const skb = codel_dequeue({
    vars: flow.cvars,
    params: priv(sch).cparams,
    now: now_of(sch),
    take: () => take(sch, flow),
    drop: (victim) => {
      dropped++
      bytes += qdisc_pkt_len(victim, sch)
      forget(sch, flow, victim)
    },
    marked: (over_threshold) => {
      if (over_threshold) priv(sch).ce_mark++
      else priv(sch).ecn_mark++
    },
    backlog: () => sch.qstats.backlog,
  })
  if (dropped > 0) qdisc_tree_reduce_backlog(sch, dropped, bytes)
  return skb
}

export function fq_codel_reset(sch: Qdisc): void {
  const data = priv(sch)
  if (data === undefined) return
  data.flows = new Map()
  data.new_flows = []
  data.old_flows = []
  data.memory_usage = 0
}
