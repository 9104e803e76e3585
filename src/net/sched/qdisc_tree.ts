/** net/sched/sch_api.c qdisc_tree_reduce_backlog(): what a discipline loses, all above it lose too. */
import { TC_H_MAJ } from '../../uapi/linux/pkt_sched.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { type Qdisc, TC_H_ROOT, TCQ_F_NOPARENT } from './qdisc.ts'
import { qdisc_lookup } from './qdisc_hash.ts'
import { qdisc_reset } from './sch_generic.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

export function qdisc_tree_reduce_backlog(sch: Qdisc, packets: number, bytes: number): void {
  for (let at: Qdisc | undefined = sch; at !== undefined; ) {
    const { parent: classid, flags }: Qdisc = at
    const empty = at.qstats.qlen === 0
    if (classid === 0 || classid === TC_H_ROOT || flags & TCQ_F_NOPARENT) return
    at = qdisc_lookup(at.dev as net_device, TC_H_MAJ(classid))
    if (at === undefined) return
    const { cl_ops } = at.ops
    if (empty && cl_ops?.qlen_notify !== undefined) cl_ops.qlen_notify(at, cl_ops.find(at, classid))
    at.qstats.qlen -= packets
    at.qstats.backlog -= bytes
    at.qstats.drops += Math.max(packets, 0)
  }
}
/** The whole queue goes, and its parents are told. */
export function qdisc_purge_queue(sch: Qdisc): void {
  const { qlen, backlog } = sch.qstats
  qdisc_reset(sch)
  qdisc_tree_reduce_backlog(sch, qlen, backlog)
}
/** A child has been taken out of its place below `_parent`. */
export function qdisc_replace(_parent: Qdisc, old: Qdisc): void {
  qdisc_purge_queue(old)
}
/** Never below what is left, whatever a new size table says of a packet that waits. */
export function child_pkt_len(skb: sk_buff, sch: Qdisc): number {
  return Math.min(qdisc_pkt_len(skb, sch), sch.qstats.backlog)
}
