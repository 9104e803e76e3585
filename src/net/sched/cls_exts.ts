/** net/sched/cls_api.c tcf_exts_*(), act_api.c: the actions of a filter, as requests name them and dumps show them. */
import { request_module } from '../../kernel/kmod.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EAGAIN, EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { TCA_STATS_BASIC_HW, gnet_stats_basic } from '../../uapi/linux/gen_stats.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import { tc_stats } from '../../uapi/linux/pkt_sched.ts'
import { TCA_STATS } from '../../uapi/linux/rtnetlink.ts'
import { gnet_dump, gnet_stats_copy_basic, gnet_stats_copy_queue, gnet_stats_finish_copy } from '../core/gen_stats.ts'
import type { ParseContext } from '../netlink/attr.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { sched_state_of, type tc_action, type tc_action_ops, tcf_idr_release, tcf_tm } from './act.ts'
import { gnet_stats_copy_rate_est } from './gen_estimator.ts'
import { tca_act_list, tcf_action_policy } from './act_policy.ts'

const IFNAMSIZ = 16
/** By the packet or at times. */
const TCA_ACT_HW_STATS_ANY = 3

export type action_context = ParseContext & { net: net; extack: netlink_ext_ack }
export interface action_flags {
  /** For a filter. */
  readonly bind: boolean
  readonly replace: boolean
  /** TCA_ACT_FLAGS_* */
  readonly flags: number
}

/** tc_action_load_ops(): EAGAIN when its module has just come. */
export function tc_action_load_ops(req: action_context, tb: AttrTable): tc_action_ops | Errno {
  const kind = tb.get(P.TCA_ACT_KIND) as string | undefined
  if (kind === undefined) return req.extack.fail(EINVAL, 'TC action kind must be specified')
  if (kind.length >= IFNAMSIZ) return req.extack.fail(EINVAL, 'TC action name too long')
  return tc_load_action(req, kind)
}
function tc_load_action(req: action_context, kind: string): tc_action_ops | Errno {
  const known = tc_lookup_action(req.net, kind)
  if (known !== undefined) return known
  request_module(req.net.kernel, `net-act-${kind}`)
  if (tc_lookup_action(req.net, kind) !== undefined) return EAGAIN
  req.net.kernel.unsupported.count('tc', `action ${kind}`)
  return req.extack.fail(ENOENT, 'Failed to load TC action module')
}
export function tc_lookup_action(net: net, kind: string): tc_action_ops | undefined {
  return sched_state_of(net).act_base.find((ops) => ops.kind === kind)
}

/** tcf_action_init(): the members of the list that begins at `at`; those made before one is refused go again. */
export function tcf_action_init(req: action_context, at: number, how: action_flags): tc_action[] | Errno {
  const list = nla_parse_nested_deprecated_at(req, at, tca_act_list)
  if (isErrno(list)) return list
  const tables: { tb: AttrTable; ops: tc_action_ops }[] = []
  for (let nr = 1; nr <= P.TCA_ACT_MAX_PRIO && list.atNr(nr) !== 0; nr++) {
    const tb = nla_parse_nested_deprecated_at(req, list.atNr(nr), tcf_action_policy)
    if (isErrno(tb)) return tb
    const ops = tc_action_load_ops(req, tb)
    if (isErrno(ops)) return ops
    tables.push({ tb, ops })
  }
  const made: tc_action[] = []
  for (const { tb, ops } of tables) {
    const a = ops.init({ req, options: tb.at(P.TCA_ACT_OPTIONS), ...how })
    if (isErrno(a)) {
      for (const before of made) tcf_idr_release(before, how.bind)
      return a
    }
    const cookie = tb.payload(P.TCA_ACT_COOKIE)
    if (cookie !== undefined) a.cookie = cookie.slice()
    made.push(a)
  }
  return made
}
/** tcf_exts_validate(): what a filter shall do. `police`: the attribute that older programs limit its rate by. */
export function tcf_exts_validate(
  req: action_context,
  tb: AttrTable,
  attr: Attr<any>,
  cls_flags: number,
  police?: Attr<any>,
): tc_action[] | Errno {
  const flags = cls_flags & P.TCA_CLS_FLAGS_SKIP_HW ? P.TCA_ACT_FLAGS_SKIP_HW : 0
  if (police !== undefined && tb.has(police)) return old_police(req, tb.at(police), flags)
  if (!tb.has(attr)) return []
  return tcf_action_init(req, tb.at(attr), { bind: true, replace: false, flags })
}

function old_police(req: action_context, at: number, flags: number): tc_action[] | Errno {
  const ops = tc_load_action(req, 'police')
  if (isErrno(ops)) return ops
  const a = ops.init({ req, options: at, bind: true, replace: false, flags })
  if (isErrno(a)) return a
  a.compat = true
  return [a]
}

/** tcf_action_dump_1() */
/** `ref`: users that are counted only because of the request itself (negative: not yet). */
export function tcf_action_dump_1(skb: MessageBuilder, a: tc_action, ref = 0, listed = false): void {
  skb.put(P.TCA_ACT_KIND, a.ops.kind)
  const d = new gnet_dump(skb, P.TCA_ACT_STATS)
  gnet_stats_copy_basic(d, a.bstats)
  gnet_stats_copy_rate_est(d, a)
  skb.putBytes(TCA_STATS_BASIC_HW.nr, gnet_stats_basic.encode({}))
  gnet_stats_copy_queue(d, a.qstats)
  gnet_stats_finish_copy(d)
  if (a.cookie !== undefined) skb.putBytes(P.TCA_ACT_COOKIE.nr, a.cookie)
  // a list asks the hardware, of what it could do: there is none
  if (listed && can_offload(a)) a.used_hw_stats = true
  if (a.used_hw_stats) skb.putBytes(P.TCA_ACT_USED_HW_STATS.nr, Uint8Array.of(0, 0, 0, 0, TCA_ACT_HW_STATS_ANY, 0, 0, 0))
  if (a.flags !== 0) skb.putBytes(P.TCA_ACT_FLAGS.nr, Uint8Array.of(a.flags, 0, 0, 0, a.flags, 0, 0, 0))
  skb.put(P.TCA_ACT_IN_HW_COUNT, 0)
  const options = skb.nestNoflag(P.TCA_ACT_OPTIONS)
  a.ops.dump(skb, a, a.refcnt - ref)
  skb.putBytes(a.ops.tm, tcf_tm(a))
  skb.nestEnd(options)
}
/** offload_action_init(): by its kind alone, where only counters are asked for; police is never too much then. */
function can_offload(a: tc_action): boolean {
  const offload = a.ops.offload?.(a) ?? true
  return offload === true || a.ops.kind === 'police'
}
/** tcf_exts_dump() */
export function tcf_exts_dump(skb: MessageBuilder, attr: Attr<any>, actions: readonly tc_action[], police?: Attr<any>): void {
  if (actions.length === 0) return
  const [first] = actions
  if (first.compat && police !== undefined) {
    const nest = skb.nestNoflag(police)
    first.ops.dump(skb, first, first.refcnt)
    skb.putBytes(first.ops.tm, tcf_tm(first))
    skb.nestEnd(nest)
    return
  }
  const nest = skb.nestNoflag(attr)
  for (const [i, a] of actions.entries()) {
    const one = skb.nestNoflag(i + 1)
    tcf_action_dump_1(skb, a)
    skb.nestEnd(one)
  }
  skb.nestEnd(nest)
}
/** tcf_exts_hw_stats_update(): a filter that hardware might have asks it first: it has none, and so it says nothing of counters. */
export function tcf_exts_hw_stats_update(flags: number, actions: readonly tc_action[]): void {
  if (flags & P.TCA_CLS_FLAGS_SKIP_HW) return
  for (const a of actions) a.used_hw_stats = false
}
/** tcf_exts_dump_stats(): of the action that an older program has asked for by TCA_*_POLICE, in the form that it reads. */
export function tcf_exts_dump_stats(skb: MessageBuilder, [first]: readonly tc_action[]): void {
  if (!first?.compat) return
  const { drops, overlimits, qlen, backlog } = first.qstats
  skb.putBytes(TCA_STATS.nr, tc_stats.encode({ ...first.bstats, drops, overlimits, qlen, backlog }))
}
