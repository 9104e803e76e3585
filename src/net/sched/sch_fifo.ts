/**
 * net/sched/sch_fifo.c: a queue with a limit in packets (pfifo), in bytes (bfifo), or one that makes room for the newest
 * (pfifo_head_drop).
 */
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { tc_fifo_qopt } from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import type { gnet_basic } from '../core/gen_stats.ts'
import { kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import { type Qdisc, type Qdisc_ops, TCQ_F_CAN_BYPASS, type tc_options } from './qdisc.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

export const NET_XMIT_SUCCESS = 0
export const NET_XMIT_DROP = 1
export const NET_XMIT_CN = 2

export function noop_enqueue(): number {
  return NET_XMIT_CN
}

/** qdisc_enqueue_tail() */
export function qdisc_enqueue_tail(skb: sk_buff, sch: Qdisc): number {
  sch.q.push(skb)
  sch.qstats.qlen++
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  return NET_XMIT_SUCCESS
}
/** qdisc_drop(): the caller frees what NET_XMIT_DROP was said of. */
export function qdisc_drop(sch: Qdisc): number {
  sch.qstats.drops++
  return NET_XMIT_DROP
}
/** Of a class, say. */
export function bstats_update(bstats: gnet_basic, skb: sk_buff, sch: Qdisc): void {
  bstats.bytes += qdisc_pkt_len(skb, sch)
  bstats.packets += skb.gso_segs > 0 ? skb.gso_segs : 1
}
export function qdisc_bstats_update(sch: Qdisc, skb: sk_buff): void {
  bstats_update(sch.bstats, skb, sch)
}
function take_head(sch: Qdisc): sk_buff | undefined {
  const skb = sch.q.shift()
  if (skb === undefined) return undefined
  sch.qstats.qlen--
  sch.qstats.backlog -= qdisc_pkt_len(skb, sch)
  return skb
}

/** pfifo */
export function fifo_enqueue(skb: sk_buff, sch: Qdisc): number {
  return sch.qstats.qlen < sch.limit ? qdisc_enqueue_tail(skb, sch) : qdisc_drop(sch)
}
export function bfifo_enqueue(skb: sk_buff, sch: Qdisc): number {
  return sch.qstats.backlog + qdisc_pkt_len(skb, sch) <= sch.limit ? qdisc_enqueue_tail(skb, sch) : qdisc_drop(sch)
}
/** The oldest goes; the newest is in, and the sender is told of congestion. */
export function pfifo_tail_enqueue(skb: sk_buff, sch: Qdisc): number {
  if (sch.qstats.qlen < sch.limit) return qdisc_enqueue_tail(skb, sch)
  if (sch.limit === 0) return qdisc_drop(sch)
  const oldest = take_head(sch)
  if (oldest !== undefined) kfree_skb_reason(oldest, SKB_DROP_REASON_QDISC_DROP)
  sch.qstats.drops++
  qdisc_enqueue_tail(skb, sch)
  return NET_XMIT_CN
}
export function fifo_dequeue(sch: Qdisc): sk_buff | undefined {
  const skb = take_head(sch)
  if (skb !== undefined) qdisc_bstats_update(sch, skb)
  return skb
}
export function fifo_reset(sch: Qdisc): void {
  sch.q = []
  sch.qstats.qlen = 0
  sch.qstats.backlog = 0
}

/** What a full frame of the device takes (psched_mtu). */
export function psched_mtu(sch: Qdisc): number {
  return sch.dev === undefined ? 0 : sch.dev.mtu + sch.dev.hard_header_len
}

/** Without options the limit is the device's queue length, in packets or full frames. */
export function fifo_init(sch: Qdisc, opt: tc_options | undefined): Errno | undefined {
  const bytes = sch.ops.id === 'bfifo'
  if (opt === undefined) {
    sch.limit = (sch.dev?.tx_queue_len ?? 0) * (bytes ? psched_mtu(sch) : 1)
  } else {
    if (get16(opt.req.buf, opt.at) - NLA_HDRLEN < tc_fifo_qopt.size) return EINVAL
    sch.limit = get32(opt.req.buf, opt.at + NLA_HDRLEN)
  }
  const bypass = sch.ops.id !== 'pfifo_head_drop' && sch.limit >= (bytes ? psched_mtu(sch) : 1)
  sch.flags = bypass ? sch.flags | TCQ_F_CAN_BYPASS : sch.flags & ~TCQ_F_CAN_BYPASS
  return undefined
}
export function fifo_dump(sch: Qdisc, skb: MessageBuilder): void {
  skb.putBytes(TCA_OPTIONS.nr, tc_fifo_qopt.encode({ limit: sch.limit }))
}

const common = { init: fifo_init, change: fifo_init, dequeue: fifo_dequeue, reset: fifo_reset, dump: fifo_dump }
export const pfifo_qdisc_ops: Qdisc_ops = { id: 'pfifo', enqueue: fifo_enqueue, ...common }
export const bfifo_qdisc_ops: Qdisc_ops = { id: 'bfifo', enqueue: bfifo_enqueue, ...common }
export const pfifo_head_drop_qdisc_ops: Qdisc_ops = { id: 'pfifo_head_drop', enqueue: pfifo_tail_enqueue, ...common }
