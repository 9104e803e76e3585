/** net/sched/sch_generic.c pfifo_fast: three queues; the first that holds a packet is served. */
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { TC_PRIO_MAX, tc_prio_qopt } from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { type Qdisc, type Qdisc_ops, TCQ_F_CAN_BYPASS } from './qdisc.ts'
import { NET_XMIT_SUCCESS, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

const PFIFO_FAST_BANDS = 3
/** Band by a packet's priority: TOS of RFC 1349 as Linux maps it. */
export const sch_default_prio2band: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]

/** Each band holds as many as the device's queue length says. */
export function pfifo_fast_init(sch: Qdisc): Errno | undefined {
  if (sch.dev === undefined || sch.dev.tx_queue_len === 0) return EINVAL
  sch.limit = sch.dev.tx_queue_len
  sch.priv = Array.from({ length: PFIFO_FAST_BANDS }, (): sk_buff[] => [])
  return undefined
}
export function pfifo_fast_enqueue(skb: sk_buff, sch: Qdisc): number {
  const band = (sch.priv as sk_buff[][])[sch_default_prio2band[skb.priority & TC_PRIO_MAX]]
  if (band.length >= sch.limit) return qdisc_drop(sch)
  band.push(skb)
  sch.qstats.qlen++
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  return NET_XMIT_SUCCESS
}
export function pfifo_fast_dequeue(sch: Qdisc): sk_buff | undefined {
  const skb = (sch.priv as sk_buff[][]).find((band) => band.length > 0)?.shift()
  if (skb === undefined) return undefined
  sch.qstats.qlen--
  sch.qstats.backlog -= qdisc_pkt_len(skb, sch)
  qdisc_bstats_update(sch, skb)
  return skb
}
export function pfifo_fast_reset(sch: Qdisc): void {
  for (const band of sch.priv as sk_buff[][]) band.length = 0
  sch.qstats.qlen = 0
  sch.qstats.backlog = 0
}
export function pfifo_fast_dump(_sch: Qdisc, skb: MessageBuilder): void {
  skb.putBytes(TCA_OPTIONS.nr, tc_prio_qopt.encode({ bands: PFIFO_FAST_BANDS, priomap: [...sch_default_prio2band] }))
}
/** What no longer fits in a band stays out: its newest packets go. */
export function pfifo_fast_change_tx_queue_len(sch: Qdisc, new_len: number): Errno | undefined {
  sch.limit = new_len
  for (const band of sch.priv as sk_buff[][]) {
    while (band.length > new_len) {
      const skb = band.pop() as sk_buff
      sch.qstats.qlen--
      sch.qstats.backlog -= qdisc_pkt_len(skb, sch)
      sch.qstats.drops++
    }
  }
  return undefined
}

export const pfifo_fast_ops: Qdisc_ops = {
  id: 'pfifo_fast',
  static_flags: TCQ_F_CAN_BYPASS,
  init: pfifo_fast_init,
  enqueue: pfifo_fast_enqueue,
  dequeue: pfifo_fast_dequeue,
  reset: pfifo_fast_reset,
  dump: pfifo_fast_dump,
  change_tx_queue_len: pfifo_fast_change_tx_queue_len,
}
