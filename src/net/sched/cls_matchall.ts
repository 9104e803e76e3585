/** net/sched/cls_matchall.c: one filter that every packet fits. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import { tcf_action_exec } from './act.ts'
import {
  register_tcf_proto_ops,
  type tcf_change,
  tcf_filter,
  tcf_flags,
  type tcf_proto,
  type tcf_proto_ops,
  type tcf_result,
} from './cls.ts'
import { tcf_exts_dump, tcf_exts_hw_stats_update, tcf_exts_validate } from './cls_exts.ts'

const mall_policy = policy(P.TCA_MATCHALL, { TCA_MATCHALL_CLASSID: NLA_U32, TCA_MATCHALL_FLAGS: NLA_U32 }, { name: 'mall_policy' })

export class cls_mall_head extends tcf_filter {
  /** Packets that it has seen. */
  rhit = 0
}

export function mall_classify(skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result): number {
  const head = tp.filters[0] as cls_mall_head | undefined
  if (head === undefined) return P.TC_ACT_UNSPEC
  head.rhit++
  res.classid = head.classid
  return tcf_action_exec(skb, head.actions, at_ingress)
}
export function mall_change(tp: tcf_proto, { req, tca, handle }: tcf_change): cls_mall_head | Errno {
  if (!tca.has(TCA_OPTIONS)) return EINVAL
  if (tp.filters.length > 0) return EEXIST
  const tb = nla_parse_nested_deprecated(req, tca, TCA_OPTIONS, mall_policy)
  if (isErrno(tb)) return tb
  const flags = tcf_flags(tb.get(P.TCA_MATCHALL_FLAGS))
  if (isErrno(flags)) return flags
  const actions = tcf_exts_validate(req, tb, P.TCA_MATCHALL_ACT, flags)
  if (isErrno(actions)) return actions
  const head = new cls_mall_head(handle === 0 ? 1 : handle)
  head.flags = flags
  head.actions = actions
  head.classid = tb.get(P.TCA_MATCHALL_CLASSID) ?? 0
  tp.filters.push(head)
  return head
}
export function mall_dump(skb: MessageBuilder, _tp: tcf_proto, f: tcf_filter): void {
  if (f.classid !== 0) skb.put(P.TCA_MATCHALL_CLASSID, f.classid)
  if (f.flags !== 0) skb.put(P.TCA_MATCHALL_FLAGS, f.flags)
  skb.putBytes(P.TCA_MATCHALL_PCNT.nr, P.tc_matchall_pcnt.encode({ rhit: (f as cls_mall_head).rhit }))
  tcf_exts_hw_stats_update(f.flags, f.actions)
  tcf_exts_dump(skb, P.TCA_MATCHALL_ACT, f.actions)
}
export const cls_mall_ops: tcf_proto_ops = {
  kind: 'matchall',
  classify: mall_classify,
  change: mall_change,
  dump: mall_dump,
  hides_new: true,
}

/** The module cls_matchall. */
export function cls_mall_init(kernel: Kernel): Errno | undefined {
  register_tcf_proto_ops(kernel.netdev.sched, cls_mall_ops)
  return undefined
}
