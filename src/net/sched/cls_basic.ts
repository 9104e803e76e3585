/** net/sched/cls_basic.c: filters whose packets are told by extended matches; one without any takes every packet. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOENT, ENOSPC, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_UNSPEC } from '../../uapi/linux/pkt_cls.ts'
import * as U from '../../uapi/linux/pkt_cls_kinds.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_MIN_LEN, NLA_NESTED, NLA_U32, policy } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import { tcf_action_exec } from './act.ts'
import {
  register_tcf_proto_ops,
  tcf_next_handle,
  type tcf_change,
  tcf_filter,
  tcf_filter_place,
  tcf_filter_release,
  type tcf_proto,
  type tcf_proto_ops,
  type tcf_result,
} from './cls.ts'
import { tcf_exts_dump, tcf_exts_validate } from './cls_exts.ts'

const INT_MAX = 0x7fffffff
const basic_policy = policy(U.TCA_BASIC, { TCA_BASIC_CLASSID: NLA_U32, TCA_BASIC_EMATCHES: NLA_NESTED() }, { name: 'basic_policy' })
const em_policy = policy(
  U.TCA_EMATCH_TREE,
  { TCA_EMATCH_TREE_HDR: NLA_MIN_LEN(4), TCA_EMATCH_TREE_LIST: NLA_NESTED() },
  { name: 'em_policy' },
)

export class basic_filter extends tcf_filter {
  /** The header of its tree of matches: how many there are, and the number of the program that made it. */
  progid = 0
  /** Packets that it was asked about, and those that it fits. */
  rcnt = 0
  rhit = 0
}

export function basic_classify(skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result): number {
  for (const f of tp.filters as basic_filter[]) {
    f.rcnt++
    f.rhit++
    res.classid = f.classid
    const ret = tcf_action_exec(skb, f.actions, at_ingress)
    if (ret >= 0) return ret
  }
  return TC_ACT_UNSPEC
}

/** tcf_em_tree_validate(): the number of the tree's program. Kinds of matches are modules, of which there is none here. */
function em_tree(req: Request, tb: AttrTable): number | Errno {
  if (!tb.has(U.TCA_BASIC_EMATCHES)) return 0
  const tree = nla_parse_nested_deprecated({ ...req, extack: new netlink_ext_ack() }, tb, U.TCA_BASIC_EMATCHES, em_policy)
  if (isErrno(tree)) return tree
  const hdr = tree.get(U.TCA_EMATCH_TREE_HDR)
  const list = tree.payload(U.TCA_EMATCH_TREE_LIST)
  if (hdr === undefined || list === undefined) return EINVAL
  if (hdr.nmatches === 0) return list.length < NLA_HDRLEN ? (hdr.progid ?? 0) : EINVAL
  req.net.kernel.unsupported.count('cls_basic', 'matches')
  return ENOENT
}
/** The handle asked for, or the next free one. */
function basic_handle(tp: tcf_proto, handle: number): number | Errno {
  if (handle === 0) return tcf_next_handle(tp)
  return handle > INT_MAX ? ENOSPC : handle
}
export function basic_change(tp: tcf_proto, { req, tca, handle: asked, old }: tcf_change): tcf_filter | Errno {
  if (!tca.has(TCA_OPTIONS)) return EINVAL
  const tb = nla_parse_nested_deprecated({ ...req, extack: new netlink_ext_ack() }, tca, TCA_OPTIONS, basic_policy)
  if (isErrno(tb)) return tb
  const handle = old === undefined ? basic_handle(tp, asked) : old.handle
  if (isErrno(handle)) return handle
  const actions = tcf_exts_validate(req, tb, U.TCA_BASIC_ACT, 0, U.TCA_BASIC_POLICE)
  if (isErrno(actions)) return actions
  const f = new basic_filter(handle)
  f.actions = actions
  const progid = em_tree(req, tb)
  if (isErrno(progid)) {
    tcf_filter_release(f)
    return progid
  }
  f.progid = progid
  f.classid = tb.get(U.TCA_BASIC_CLASSID) ?? 0
  return tcf_filter_place(tp, f, old)
}
export function basic_dump(skb: MessageBuilder, _tp: tcf_proto, filter: tcf_filter): void {
  const { classid, rcnt, rhit, progid, actions } = filter as basic_filter
  if (classid !== 0) skb.put(U.TCA_BASIC_CLASSID, classid)
  skb.putBytes(U.TCA_BASIC_PCNT.nr, U.tc_basic_pcnt.encode({ rcnt, rhit }))
  tcf_exts_dump(skb, U.TCA_BASIC_ACT, actions, U.TCA_BASIC_POLICE)
  const tree = skb.nestNoflag(U.TCA_BASIC_EMATCHES)
  skb.putBytes(U.TCA_EMATCH_TREE_HDR.nr, U.tcf_ematch_tree_hdr.encode({ nmatches: 0, progid }))
  skb.nestEnd(skb.nestNoflag(U.TCA_EMATCH_TREE_LIST))
  skb.nestEnd(tree)
}
export const cls_basic_ops: tcf_proto_ops = { kind: 'basic', classify: basic_classify, change: basic_change, dump: basic_dump }

/** The module cls_basic. */
export function init_basic(kernel: Kernel): Errno | undefined {
  register_tcf_proto_ops(kernel.netdev.sched, cls_basic_ops)
  return undefined
}
