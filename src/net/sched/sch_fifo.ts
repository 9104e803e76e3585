/** net/sched/sch_fifo.c: a queue with a limit in packets. */
import type { sk_buff } from '../core/skbuff.ts'
import type { Qdisc } from './qdisc.ts'

export const NET_XMIT_SUCCESS = 0
export const NET_XMIT_DROP = 1
export const NET_XMIT_CN = 2

export function noop_enqueue(): number {
  return NET_XMIT_CN
}
export function fifo_enqueue(skb: sk_buff, sch: Qdisc): number {
  if (sch.q.length >= sch.limit) {
    sch.qstats.drops++
    return NET_XMIT_DROP
  }
  sch.q.push(skb)
  sch.qstats.qlen++
  sch.qstats.backlog += skb.len
  return NET_XMIT_SUCCESS
}
export function fifo_dequeue(sch: Qdisc): sk_buff | undefined {
  const skb = sch.q.shift()
  if (skb === undefined) return undefined
  sch.qstats.qlen--
  sch.qstats.backlog -= skb.len
  sch.bstats.bytes += skb.len
  sch.bstats.packets++
  return skb
}
export function fifo_reset(sch: Qdisc): void {
  sch.q = []
  sch.qstats.qlen = 0
  sch.qstats.backlog = 0
}
