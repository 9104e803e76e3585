/** net/sched/sch_api.c tc_fill_qdisc(), tc_fill_tclass(): messages of disciplines and classes, and who is told. */
import { MessageBuilder } from '../../lib/message.ts'
import {
  TCA_HW_OFFLOAD,
  TCA_EGRESS_BLOCK,
  TCA_EXT_WARN_MSG,
  TCA_INGRESS_BLOCK,
  TCA_KIND,
  TCA_STATS,
  TCA_STATS2,
  TCA_XSTATS,
} from '../../uapi/linux/rtnetlink.ts'
import { NLM_F_ECHO, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_DELQDISC, RTM_NEWQDISC, RTNLGRP_TC, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { gnet_dump, gnet_stats_copy_basic, gnet_stats_copy_queue, gnet_stats_finish_copy } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { Request } from '../netlink/types.ts'
import { gnet_stats_copy_rate_est } from './gen_estimator.ts'
import { type Qdisc, TCQ_F_BUILTIN, TCQ_F_INVISIBLE } from './qdisc.ts'
import { qdisc_dump_stab } from './sch_stab.ts'

/** Whose message it is: an answer, a part of a dump, or what everybody is told. */
export interface message_head {
  portid: number
  seq: number
  flags: number
}

/** False: it did not fit. `clid` is the place that was asked for. */
export function tc_fill_qdisc(skb: MessageBuilder, q: Qdisc, clid: number, head: message_head, type: number): boolean {
  skb.begin(type, head.flags, head.seq, head.portid)
  const { ifindex } = q.dev as net_device
  skb.struct(tcmsg, { tcm_ifindex: ifindex, tcm_parent: clid, tcm_handle: q.handle, tcm_info: q.refcnt })
  skb.put(TCA_KIND, q.ops.id)
  const ingress = q.ops.ingress_block?.get(q) ?? 0
  const egress = q.ops.egress_block?.get(q) ?? 0
  if (ingress !== 0) skb.put(TCA_INGRESS_BLOCK, ingress)
  if (egress !== 0) skb.put(TCA_EGRESS_BLOCK, egress)
  q.ops.dump?.(q, skb)
  skb.put(TCA_HW_OFFLOAD, 0)
  if (q.stab !== undefined) qdisc_dump_stab(skb, q.stab)
  const d = new gnet_dump(skb, TCA_STATS2, TCA_STATS, TCA_XSTATS)
  q.ops.dump_stats?.(q, d)
  gnet_stats_copy_basic(d, q.bstats)
  gnet_stats_copy_rate_est(d, q)
  gnet_stats_copy_queue(d, q.qstats)
  gnet_stats_finish_copy(d)
  return skb.end()
}

export function tc_fill_tclass(skb: MessageBuilder, q: Qdisc, cl: number, head: message_head, type: number, warning?: string): boolean {
  skb.begin(type, head.flags, head.seq, head.portid)
  const { cl_ops } = q.ops
  const { parent = q.handle, handle = q.handle, info = 0 } = cl_ops?.dump?.(q, cl) ?? {}
  skb.struct(tcmsg, { tcm_ifindex: (q.dev as net_device).ifindex, tcm_parent: parent, tcm_handle: handle, tcm_info: info })
  skb.put(TCA_KIND, q.ops.id)
  cl_ops?.dump_options?.(q, cl, skb)
  const d = new gnet_dump(skb, TCA_STATS2, TCA_STATS, TCA_XSTATS)
  cl_ops?.dump_stats?.(q, cl, d)
  gnet_stats_finish_copy(d)
  if (warning !== undefined) skb.put(TCA_EXT_WARN_MSG, warning)
  return skb.end()
}

/** noop is never shown; what nobody asked for (the default children of classes) only when `invisible` is wanted. */
export function tc_qdisc_dump_ignore(q: Qdisc, invisible: boolean): boolean {
  return (q.flags & TCQ_F_BUILTIN) !== 0 || ((q.flags & TCQ_F_INVISIBLE) !== 0 && !invisible)
}

/** rtnetlink_send(): the group, and with NLM_F_ECHO who asked. */
export function tc_send(req: Request, skb: MessageBuilder): void {
  if (skb.length > 0) rtnl_notify(req.net, skb, req.portid, RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
}
/** qdisc_notify(): both in one datagram, the old one first. */
export function qdisc_notify(req: Request, clid: number, old: Qdisc | undefined, fresh: Qdisc | undefined): void {
  const skb = new MessageBuilder()
  const head = { portid: req.portid, seq: req.seq, flags: 0 }
  if (old !== undefined && !tc_qdisc_dump_ignore(old, false)) tc_fill_qdisc(skb, old, clid, head, RTM_DELQDISC)
  if (fresh !== undefined && !tc_qdisc_dump_ignore(fresh, false)) {
    tc_fill_qdisc(skb, fresh, clid, { ...head, flags: old === undefined ? 0 : NLM_F_REPLACE }, RTM_NEWQDISC)
  }
  tc_send(req, skb)
}
/** tclass_notify() */
export function tclass_notify(req: Request, q: Qdisc, cl: number, type: number): void {
  const skb = new MessageBuilder()
  tc_fill_tclass(skb, q, cl, { portid: req.portid, seq: req.seq, flags: 0 }, type, req.extack._msg)
  tc_send(req, skb)
}
