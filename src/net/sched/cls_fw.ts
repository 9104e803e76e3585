/**
 * net/sched/cls_fw.c: by the packet's mark: a filter's handle is the mark that it wants. Without any filter the mark is
 * itself the number of a class.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_OK, TC_ACT_UNSPEC } from '../../uapi/linux/pkt_cls.ts'
import * as U from '../../uapi/linux/pkt_cls_kinds.ts'
import { TC_H_MAJ } from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { __dev_get_by_index, __dev_get_by_name } from '../core/dev_state.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_STRING, NLA_U32, policy } from '../netlink/policy.ts'
import { tcf_action_exec } from './act.ts'
import {
  register_tcf_proto_ops,
  type tcf_change,
  tcf_filter,
  tcf_filter_place,
  tcf_filter_release,
  type tcf_proto,
  type tcf_proto_ops,
  type tcf_result,
} from './cls.ts'
import { tcf_exts_dump, tcf_exts_validate } from './cls_exts.ts'

const IFNAMSIZ = 16
const ALL = 0xffffffff
const fw_policy = policy(
  U.TCA_FW,
  { TCA_FW_CLASSID: NLA_U32, TCA_FW_INDEV: NLA_STRING(IFNAMSIZ), TCA_FW_MASK: NLA_U32 },
  { name: 'fw_policy' },
)

export class fw_filter extends tcf_filter {
  ifindex = 0
}
/** All filters of a kind look at the same bits; undefined: there has been no filter yet. */
function mask_of(tp: tcf_proto): number | undefined {
  return tp.priv as number | undefined
}

export function fw_classify(skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result): number {
  const mask = mask_of(tp)
  if (mask === undefined) return by_mark(skb, tp, res)
  const id = (skb.mark & mask) >>> 0
  for (const f of tp.filters as fw_filter[]) {
    if (f.handle !== id || (f.ifindex !== 0 && f.ifindex !== skb.skb_iif)) continue
    res.classid = f.classid
    const ret = tcf_action_exec(skb, f.actions, at_ingress)
    if (ret >= 0) return ret
  }
  return TC_ACT_UNSPEC
}
function by_mark(skb: sk_buff, tp: tcf_proto, res: tcf_result): number {
  const { q } = tp.chain.block
  const major = TC_H_MAJ(skb.mark)
  if (q === undefined || skb.mark === 0 || (major !== 0 && major !== q.handle)) return TC_ACT_UNSPEC
  res.classid = skb.mark
  return TC_ACT_OK
}

export function fw_change(tp: tcf_proto, { req, tca, handle, old }: tcf_change): tcf_filter | Errno {
  const { extack } = req
  if (!tca.has(TCA_OPTIONS)) {
    if (handle !== 0) return EINVAL
    if (tp.chain.block.q === undefined) return extack.fail(EINVAL, 'Must specify mark when attaching fw filter to block')
    return new fw_filter(0)
  }
  const tb = nla_parse_nested_deprecated({ ...req, extack: new netlink_ext_ack() }, tca, TCA_OPTIONS, fw_policy)
  if (isErrno(tb)) return tb
  if (old === undefined && handle === 0) return EINVAL
  const asked = tb.get(U.TCA_FW_MASK)
  if (mask_of(tp) === undefined) tp.priv = asked ?? ALL
  const f = new fw_filter(handle)
  const actions = tcf_exts_validate(req, tb, U.TCA_FW_ACT, 0, U.TCA_FW_POLICE)
  if (isErrno(actions)) return actions
  f.actions = actions
  const indev = tb.get(U.TCA_FW_INDEV)
  const dev = indev === undefined ? undefined : __dev_get_by_name(req.net, indev)
  const unknown = indev !== undefined && dev === undefined
  if (unknown || (asked ?? ALL) !== mask_of(tp)) {
    tcf_filter_release(f)
    return unknown ? extack.fail(EINVAL, 'Network device not found', tb.at(U.TCA_FW_INDEV)) : EINVAL
  }
  f.ifindex = dev?.ifindex ?? (old as fw_filter | undefined)?.ifindex ?? 0
  f.classid = tb.get(U.TCA_FW_CLASSID) ?? 0
  return tcf_filter_place(tp, f, old)
}
const HTSIZE = 256
/** By their hash, the newest first. */
export function fw_walk(tp: tcf_proto): tcf_filter[] {
  const hash = (id: number) => (id ^ (id >>> 8) ^ (id >>> 16) ^ (id >>> 24)) & (HTSIZE - 1)
  return [...tp.filters].sort((a, b) => hash(a.handle) - hash(b.handle))
}
export function fw_dump(skb: MessageBuilder, tp: tcf_proto, f: tcf_filter): void {
  const { ifindex } = f as fw_filter
  if (f.classid !== 0) skb.put(U.TCA_FW_CLASSID, f.classid)
  const indev = ifindex === 0 ? undefined : __dev_get_by_index(tp.chain.block.net, ifindex)
  if (indev !== undefined) skb.put(U.TCA_FW_INDEV, indev.name)
  const mask = mask_of(tp) ?? ALL
  if (mask !== ALL) skb.put(U.TCA_FW_MASK, mask)
  tcf_exts_dump(skb, U.TCA_FW_ACT, f.actions, U.TCA_FW_POLICE)
}
export const cls_fw_ops: tcf_proto_ops = { kind: 'fw', classify: fw_classify, change: fw_change, walk: fw_walk, dump: fw_dump }

/** The module cls_fw. */
export function init_fw(kernel: Kernel): Errno | undefined {
  register_tcf_proto_ops(kernel.netdev.sched, cls_fw_ops)
  return undefined
}
