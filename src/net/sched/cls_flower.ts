/**
 * net/sched/cls_flower.c: filters that compare what a packet says of itself. Filters with the same mask are looked up by
 * key, so only one of each key can be; masks are tried in the order in which they came.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { get32 } from '../../lib/bytes.ts'
import { type flow_key, type flow_keys, skb_flow_dissect } from '../core/flow_dissector.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import { tcf_action_exec } from './act.ts'
import {
  register_tcf_proto_ops,
  type tcf_change,
  tcf_filter,
  tcf_filter_release,
  tcf_flags,
  tcf_next_handle,
  type tcf_proto,
  type tcf_proto_ops,
  type tcf_result,
} from './cls.ts'
import { tcf_exts_dump, tcf_exts_hw_stats_update, tcf_exts_validate } from './cls_exts.ts'
import { fl_dump_key, fl_set_key, type flower_key, value_of } from './flower_key.ts'

const fl_policy = policy(P.TCA_FLOWER, { TCA_FLOWER_CLASSID: NLA_U32, TCA_FLOWER_FLAGS: NLA_U32 }, { name: 'fl_policy' })
const nr = P.TCA_FLOWER_NR

export class cls_fl_filter extends tcf_filter {
  key: flower_key = new Map()
}

/** The keys that the mask has, and its bits: filters of one mask are of one text. */
function mask_text(key: flower_key): string {
  return [...key]
    .map(([name, { mask }]) => `${name}=${mask}`)
    .sort()
    .join(';')
}
function masked_text(key: flower_key): string {
  return [...key]
    .map(([name, { key, mask }]) => `${name}=${key.map((byte, i) => byte & mask[i])}`)
    .sort()
    .join(';')
}
function fits(key: flower_key, keys: flow_keys): boolean {
  for (const [name, { key: wanted, mask }] of key) if (!field_fits(keys[name as flow_key], wanted, mask)) return false
  return true
}
function field_fits(found: Uint8Array | undefined, wanted: Uint8Array, mask: Uint8Array): boolean {
  for (let i = 0; i < mask.length; i++) if ((((found?.[i] ?? 0) ^ wanted[i]) & mask[i]) !== 0) return false
  return true
}

/** fl_classify(): filters stand in the order of their masks. */
export function fl_classify(skb: sk_buff, tp: tcf_proto, at_ingress: boolean, res: tcf_result): number {
  if (tp.filters.length === 0) return P.TC_ACT_UNSPEC
  const keys = skb_flow_dissect(skb, at_ingress)
  const found = (tp.filters as cls_fl_filter[]).find((f) => fits(f.key, keys))
  if (found === undefined) return P.TC_ACT_UNSPEC
  res.classid = found.classid
  return tcf_action_exec(skb, found.actions, at_ingress)
}

export function fl_change(tp: tcf_proto, { req, tca, handle, old }: tcf_change): cls_fl_filter | Errno {
  if (!tca.has(TCA_OPTIONS)) return EINVAL
  const tb = nla_parse_nested_deprecated(req, tca, TCA_OPTIONS, fl_policy)
  if (isErrno(tb)) return tb
  const value = value_of(tb, 'FLAGS')
  const flags = tcf_flags(value === undefined ? 0 : get32(value, 0))
  if (flags === EINVAL) return EINVAL
  const fresh = new cls_fl_filter(handle === 0 ? tcf_next_handle(tp) : handle)
  const actions = tcf_exts_validate(req, tb, P.TCA_FLOWER.byNr[nr('ACT')] as never, isErrno(flags) ? 0 : flags)
  if (isErrno(actions)) return actions
  fresh.actions = actions
  const error = fill(tp, fresh, tb, req, old) ?? (isErrno(flags) ? flags : undefined)
  if (error !== undefined) {
    tcf_filter_release(fresh)
    return error
  }
  fresh.flags = flags as number
  insert(tp, fresh, old as cls_fl_filter | undefined)
  return fresh
}
function fill(
  tp: tcf_proto,
  fresh: cls_fl_filter,
  tb: Parameters<typeof fl_set_key>[1],
  req: tcf_change['req'],
  old: tcf_filter | undefined,
): Errno | undefined {
  const classid = value_of(tb, 'CLASSID')
  fresh.classid = classid === undefined ? 0 : get32(classid, 0)
  const key = fl_set_key(req, tb)
  if (isErrno(key)) return key
  fresh.key = key
  const [mask, masked] = [mask_text(key), masked_text(key)]
  const same = (tp.filters as cls_fl_filter[]).some((f) => f !== old && mask_text(f.key) === mask && masked_text(f.key) === masked)
  return same ? EEXIST : undefined
}
/** Behind the last one of its mask; a changed one's mask may be another. */
function insert(tp: tcf_proto, fresh: cls_fl_filter, old: cls_fl_filter | undefined): void {
  const filters = tp.filters as cls_fl_filter[]
  const mask = mask_text(fresh.key)
  if (old !== undefined && mask_text(old.key) === mask) {
    filters[filters.indexOf(old)] = fresh
    tcf_filter_release(old)
    return
  }
  const last = filters.findLastIndex((f) => f !== old && mask_text(f.key) === mask)
  filters.splice(last < 0 ? filters.length : last + 1, 0, fresh)
  if (old === undefined) return
  filters.splice(filters.indexOf(old), 1)
  tcf_filter_release(old)
}

export function fl_dump(skb: MessageBuilder, tp: tcf_proto, f: tcf_filter): void {
  if (f.classid !== 0) skb.put({ nr: nr('CLASSID'), type: P.TCA_MATCHALL_CLASSID.type } as typeof P.TCA_MATCHALL_CLASSID, f.classid)
  fl_dump_key(skb, tp.chain.block.net, (f as cls_fl_filter).key)
  if (f.flags !== 0) skb.put({ nr: nr('FLAGS'), type: P.TCA_MATCHALL_FLAGS.type } as typeof P.TCA_MATCHALL_FLAGS, f.flags)
  skb.putBytes(nr('IN_HW_COUNT'), new Uint8Array(4))
  tcf_exts_hw_stats_update(f.flags, f.actions)
  tcf_exts_dump(skb, P.TCA_FLOWER.byNr[nr('ACT')] as never, f.actions)
}
export const cls_fl_ops: tcf_proto_ops = { kind: 'flower', classify: fl_classify, change: fl_change, dump: fl_dump }

/** The module cls_flower. */
export function cls_fl_init(kernel: Kernel): Errno | undefined {
  register_tcf_proto_ops(kernel.netdev.sched, cls_fl_ops)
  return undefined
}
