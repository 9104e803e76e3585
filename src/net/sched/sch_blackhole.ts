/** net/sched/sch_blackhole.c: takes every packet, as if it had been sent, and drops it. */
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import type { Qdisc, Qdisc_ops } from './qdisc.ts'
import { NET_XMIT_SUCCESS } from './sch_fifo.ts'

export function blackhole_enqueue(skb: sk_buff, sch: Qdisc): number {
  sch.qstats.drops++
  kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
  return NET_XMIT_SUCCESS
}
export function blackhole_dequeue(): undefined {
  return undefined
}
export const blackhole_qdisc_ops: Qdisc_ops = { id: 'blackhole', enqueue: blackhole_enqueue, dequeue: blackhole_dequeue }
