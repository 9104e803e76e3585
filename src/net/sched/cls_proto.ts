/** net/sched/cls_api.c: which filters stand in a chain, in what order, and the message that shows one. */
import { ntohs } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, ENOSPC } from '../../uapi/errno.ts'
import { NLM_F_ECHO } from '../../uapi/linux/netlink.ts'
import { TC_H_MAJ } from '../../uapi/linux/pkt_sched.ts'
import { RTNLGRP_TC, TCA_CHAIN, TCA_KIND, TCA_OPTIONS, tcmsg } from '../../uapi/linux/rtnetlink.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { Request } from '../netlink/types.ts'
import type { tcf_filter, tcf_proto } from './cls.ts'
import { tcf_exts_dump_stats } from './cls_exts.ts'
import { TCM_IFINDEX_MAGIC_BLOCK, type tcf_block, type tcf_chain, tcf_proto_destroy } from './cls_block.ts'
import type { Qdisc } from './qdisc.ts'

const AUTO_PRIO = 0xc0000000
const PRIO_ALLOCATE = 0x80000000

/** Where a request's filter is: its block, chain, and discipline unless the block was named. */
export interface filter_place {
  readonly block: tcf_block
  readonly index: number
  readonly q: Qdisc | undefined
  readonly parent: number
}

/** tcf_chain_tp_find(): of a priority there is one protocol only. `protocol` in network order, 0: whichever. */
export function tcf_chain_tp_find(chain: tcf_chain, prio: number, protocol: number): tcf_proto | Errno | undefined {
  const tp = prio === 0 ? undefined : chain.filters.find((other) => other.prio === prio)
  if (tp === undefined) return chain.filters.some((other) => prio === 0 && other.prio === PRIO_ALLOCATE) ? ENOSPC : undefined
  return protocol !== 0 && ntohs(protocol) !== tp.protocol ? EINVAL : tp
}
/** tcf_auto_prio(): below the least of those that were given out so. */
export function tcf_auto_prio(chain: tcf_chain): number {
  const next = chain.filters.find((tp) => tp.prio >= PRIO_ALLOCATE)
  return TC_H_MAJ(next === undefined ? AUTO_PRIO : next.prio - 1)
}
export function tcf_chain_tp_insert(chain: tcf_chain, tp: tcf_proto): void {
  const at = chain.filters.findIndex((other) => other.prio >= tp.prio)
  chain.filters.splice(at < 0 ? chain.filters.length : at, 0, tp)
}
export function tcf_chain_tp_remove(tp: tcf_proto): void {
  tp.chain.filters = tp.chain.filters.filter((other) => other !== tp)
  tcf_proto_destroy(tp)
}

/** tcf_fill_node(); without `f` the kind, priority and protocol alone. */
export function tcf_fill_node(
  skb: MessageBuilder,
  tp: tcf_proto,
  { block, q, parent }: filter_place,
  f: tcf_filter | undefined,
  head: { portid: number; seq: number; flags: number },
  type: number,
): boolean {
  skb.begin(type, head.flags, head.seq, head.portid)
  const place =
    q === undefined
      ? { tcm_ifindex: TCM_IFINDEX_MAGIC_BLOCK, tcm_parent: block.index }
      : { tcm_ifindex: q.dev?.ifindex, tcm_parent: parent }
  skb.struct(tcmsg, { ...place, tcm_info: (tp.prio | ntohs(tp.protocol)) >>> 0, tcm_handle: f?.handle ?? 0 })
  skb.put(TCA_KIND, tp.ops.kind)
  skb.put(TCA_CHAIN, tp.chain.index)
  if (f !== undefined) {
    const options = skb.nestNoflag(TCA_OPTIONS)
    tp.ops.dump(skb, tp, f)
    skb.nestEnd(options)
    tcf_exts_dump_stats(skb, f.actions)
  }
  return skb.end()
}
export function tfilter_notify(req: Request, tp: tcf_proto, place: filter_place, f: tcf_filter | undefined, type: number): void {
  const skb = new MessageBuilder()
  tcf_fill_node(skb, tp, place, f, { portid: req.portid, seq: req.seq, flags: req.flags }, type)
  rtnl_notify(req.net, skb, req.portid, RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
}
