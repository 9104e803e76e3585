/**
 * include/net/sch_generic.h struct tcf_proto: the filters of one kind, priority and protocol in a chain; and pkt_cls.h: what
 * filters of all kinds have, their actions first.
 */
import type { MessageBuilder } from '../../lib/message.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { EINVAL, type Errno, EOPNOTSUPP } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import type { tc_action } from './act.ts'
import { tcf_idr_release } from './act.ts'
import type { tcf_chain } from './cls_block.ts'
import type { sched_state } from './qdisc.ts'

/** One filter; kinds add what they compare. */
export class tcf_filter {
  handle: number
  classid = 0
  /** TCA_CLS_FLAGS_* */
  flags = 0
  actions: tc_action[] = []
  constructor(handle: number) {
    this.handle = handle
  }
}

/** A request for a filter: its attributes, and what is already there. */
export interface tcf_change {
  readonly req: Request
  readonly tca: AttrTable
  readonly handle: number
  readonly old: tcf_filter | undefined
}
/** An exported constant of each kind. */
export interface tcf_proto_ops {
  readonly kind: string
  /** TC_ACT_*, TC_ACT_UNSPEC when no filter fits. */
  readonly classify: (skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result) => number
  /** The filter, new or changed, which stands in tp.filters; EAGAIN: a module was loaded, all is to be looked at again. */
  readonly change: (tp: tcf_proto, change: tcf_change) => tcf_filter | Errno
  /** What the change's own notification shows; absent: the filter. */
  readonly hides_new?: boolean
  readonly dump: (skb: MessageBuilder, tp: tcf_proto, f: tcf_filter) => void
  /** What comes before the first filter, and goes after the last (u32's tables). */
  readonly init?: (tp: tcf_proto) => Errno | undefined
  readonly destroy?: (tp: tcf_proto) => void
  /** Where handles and filters are not simply those of tp.filters. */
  readonly get?: (tp: tcf_proto, handle: number) => tcf_filter | undefined
  readonly delete?: (tp: tcf_proto, f: tcf_filter, extack: netlink_ext_ack) => Errno | undefined
  readonly walk?: (tp: tcf_proto) => readonly tcf_filter[]
  /** Nothing is left that a user has made. */
  readonly is_empty?: (tp: tcf_proto) => boolean
  /** It needs a discipline: a block that several share has none. */
  readonly needs_qdisc?: true
}

/** struct tcf_result: the class that a filter has chosen. */
export interface tcf_result {
  classid: number
}

export class tcf_proto {
  readonly chain: tcf_chain
  readonly ops: tcf_proto_ops
  /** In the upper half, as tcm_info has it. */
  readonly prio: number
  /** ETH_P_* in host order. */
  readonly protocol: number
  filters: tcf_filter[] = []
  /** The kind's own. */
  priv: unknown = undefined
  constructor(chain: tcf_chain, ops: tcf_proto_ops, prio: number, protocol: number) {
    this.chain = chain
    this.ops = ops
    this.prio = prio
    this.protocol = protocol
  }
}

export function register_tcf_proto_ops(sched: sched_state, ops: tcf_proto_ops): void {
  if (!sched.tcf_proto_base.includes(ops)) sched.tcf_proto_base.push(ops)
}
export function tcf_get(tp: tcf_proto, handle: number): tcf_filter | undefined {
  if (tp.ops.get !== undefined) return tp.ops.get(tp, handle)
  return handle === 0 ? undefined : tp.filters.find((f) => f.handle === handle)
}
export function tcf_walk(tp: tcf_proto): readonly tcf_filter[] {
  return tp.ops.walk?.(tp) ?? tp.filters
}
export function tcf_proto_is_empty(tp: tcf_proto): boolean {
  return tp.ops.is_empty?.(tp) ?? tp.filters.length === 0
}
export function tcf_delete(tp: tcf_proto, f: tcf_filter, extack: netlink_ext_ack): Errno | undefined {
  if (tp.ops.delete !== undefined) return tp.ops.delete(tp, f, extack)
  tp.filters.splice(tp.filters.indexOf(f), 1)
  tcf_filter_release(f)
  return undefined
}
/** tcf_exts_destroy() */
export function tcf_filter_release(f: tcf_filter): void {
  for (const a of f.actions.splice(0)) tcf_idr_release(a, true)
}
/** A changed filter takes the place of the one that it was; a new one comes before the others. */
export function tcf_filter_place(tp: tcf_proto, f: tcf_filter, old: tcf_filter | undefined): tcf_filter {
  if (old === undefined) {
    tp.filters.unshift(f)
  } else {
    tp.filters[tp.filters.indexOf(old)] = f
    tcf_filter_release(old)
  }
  return f
}
/** tc_flags_valid(), and no device here can take filters over. */
export function tcf_flags(value: number | undefined): number | Errno {
  const flags = value ?? 0
  if (flags & ~(P.TCA_CLS_FLAGS_SKIP_HW | P.TCA_CLS_FLAGS_SKIP_SW | 0x10)) return EINVAL
  if ((flags & 3) === 3) return EINVAL
  return flags & P.TCA_CLS_FLAGS_SKIP_SW ? EOPNOTSUPP : flags | P.TCA_CLS_FLAGS_NOT_IN_HW
}
/** The next free handle from 1 on. */
export function tcf_next_handle(tp: tcf_proto): number {
  const used = new Set(tp.filters.map((f) => f.handle))
  let free = 1
  while (used.has(free)) free++
  return free
}
