/** net/sched/act_api.c: RTM_NEWACTION, RTM_DELACTION, RTM_GETACTION: actions that are made, shown and deleted by themselves. */
import type { Kernel } from '../../kernel/kernel.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EAGAIN, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_ECHO, NLM_F_MULTI, NLM_F_REPLACE, NLM_F_ROOT } from '../../uapi/linux/netlink.ts'
import { TCA_ACT_INDEX, TCA_ACT_KIND, TCA_ACT_MAX_PRIO } from '../../uapi/linux/pkt_cls.ts'
import { RTM_DELACTION, RTM_GETACTION, RTM_NEWACTION, RTNLGRP_TC, TCA_FCNT } from '../../uapi/linux/rtnetlink.ts'
import { TCA_ROOT_COUNT, TCA_ROOT_EXT_WARN_MSG, TCA_ROOT_TAB, tcamsg } from '../../uapi/linux/rtnetlink_more.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { rtnl_notify, rtnl_register, rtnl_unicast } from '../core/rtnetlink.ts'
import { netlink_net_capable } from '../netlink/af_netlink.ts'
import { nla_parse_nested_deprecated, nla_parse_nested_deprecated_at, nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { type tc_action, tcf_actions_of, tcf_idr_release, tcf_idr_search } from './act.ts'
import { tca_act_list, tca_root_none, tcaa_policy, tcf_action_policy } from './act_policy.ts'
import { tc_lookup_action, tcf_action_dump_1, tcf_action_init } from './cls_exts.ts'

/** Headers of the list's members, up to the first that is missing. */
function members(req: Request, tb: AttrTable): number[] | Errno {
  const list = nla_parse_nested_deprecated(req, tb, TCA_ROOT_TAB, tca_act_list)
  if (isErrno(list)) return list
  const out: number[] = []
  for (let nr = 1; nr <= TCA_ACT_MAX_PRIO && list.atNr(nr) !== 0; nr++) out.push(list.atNr(nr))
  return out
}

export function tc_ctl_action(req: Request): Errno | undefined {
  if (req.type !== RTM_GETACTION && !netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  const tb = nlmsg_parse_deprecated(req, tcamsg.size, tca_root_none)
  if (isErrno(tb)) return tb
  if (!tb.has(TCA_ROOT_TAB)) return req.extack.fail(EINVAL, 'Netlink action attributes missing')
  const list = members(req, tb)
  if (isErrno(list)) return list
  if (req.type === RTM_NEWACTION) return tcf_action_add(req, tb)
  if (req.type === RTM_DELACTION && req.flags & NLM_F_ROOT) return tca_action_flush(req, list)
  if (list.length > 0) return tca_action_gd(req, list)
  tell(req, req.type, [])
  return undefined
}

/** tcf_action_add(): all of the list are made, and told; an empty list too. */
function tcf_action_add(req: Request, tb: AttrTable): Errno | undefined {
  for (let replays = 0; ; replays++) {
    const before = new Set(req.net.kernel.netdev.sched.actions)
    const made = tcf_action_init(req, tb.at(TCA_ROOT_TAB), { bind: false, replace: (req.flags & NLM_F_REPLACE) !== 0, flags: 0 })
    if (made === EAGAIN && replays < TCA_ACT_MAX_PRIO) continue
    if (isErrno(made)) return made
    for (const a of made) {
      const offload = a.ops.offload?.(a)
      if (typeof offload === 'string') req.extack.warn(offload)
    }
    // one that was there is held by the request too
    tell(req, RTM_NEWACTION, made, (a) => (before.has(a) ? -1 : 0))
    return undefined
  }
}
/** RTM_GETACTION and RTM_DELACTION: all of the list must be there. */
function tca_action_gd(req: Request, list: number[]): Errno | undefined {
  const { extack } = req
  const found: tc_action[] = []
  for (const at of list) {
    const tb = nla_parse_nested_deprecated_at(req, at, tcf_action_policy)
    if (isErrno(tb)) return tb
    const index = tb.get(TCA_ACT_INDEX) as number | undefined
    if (index === undefined) return extack.fail(EINVAL, 'Invalid TC action index value')
    const ops = tc_lookup_action(req.net, (tb.get(TCA_ACT_KIND) as string | undefined) ?? '')
    if (ops === undefined) return extack.fail(EINVAL, 'Specified TC action kind not found')
    const a = tcf_idr_search(req.net, ops, index)
    if (a === undefined) return extack.fail(ENOENT, 'TC action with specified index not found')
    found.push(a)
  }
  if (req.type === RTM_DELACTION) {
    for (const a of found) if (a.bindcnt > 0) return EPERM
    tell(req, RTM_DELACTION, found, one)
    for (const a of found) tcf_idr_release(a, false)
    return undefined
  }
  const skb = new MessageBuilder()
  fill(skb, found, req, RTM_GETACTION, 0)
  return rtnl_unicast(req.net, skb, req.portid)
}
/** All of a kind up to the first that a filter holds. */
function tca_action_flush(req: Request, list: number[]): Errno | undefined {
  const { extack } = req
  if (list.length === 0) return extack.fail(EINVAL, 'Invalid netlink attributes while flushing TC action')
  const tb = nla_parse_nested_deprecated_at(req, list[0], tcf_action_policy)
  if (isErrno(tb)) return tb
  const ops = tc_lookup_action(req.net, (tb.get(TCA_ACT_KIND) as string | undefined) ?? '')
  if (ops === undefined) return extack.fail(EINVAL, 'Cannot flush unknown TC action')
  const all = tcf_actions_of(req.net, ops)
  const held = all.findIndex((a) => a.bindcnt > 0)
  if (held === 0) return EPERM
  const free = all.slice(0, held < 0 ? all.length : held)
  for (const a of free) tcf_idr_release(a, false)
  if (held > 0) extack.warn('Unable to flush all TC actions')
  const skb = new MessageBuilder()
  skb.begin(RTM_DELACTION, NLM_F_ROOT, req.seq, req.portid)
  skb.struct(tcamsg, {})
  const nest = skb.nestNoflag(TCA_ROOT_TAB)
  skb.put(TCA_ACT_KIND, ops.kind)
  skb.putBytes(TCA_FCNT.nr, Uint8Array.of(free.length & 255, free.length >> 8, 0, 0))
  skb.nestEnd(nest)
  skb.end()
  rtnl_notify(req.net, skb, req.portid, RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
  return undefined
}
/** tca_get_fill() */
function one(): number {
  return 1
}
function none(): number {
  return 0
}
function fill(
  skb: MessageBuilder,
  actions: readonly tc_action[],
  req: Request,
  type: number,
  flags: number,
  ref: (a: tc_action) => number = none,
): boolean {
  skb.begin(type, flags, req.seq, req.portid)
  skb.struct(tcamsg, {})
  if (req.extack._msg !== undefined) skb.put(TCA_ROOT_EXT_WARN_MSG, req.extack._msg)
  const nest = skb.nestNoflag(TCA_ROOT_TAB)
  for (const [i, a] of actions.entries()) {
    const member = skb.nestNoflag(i + 1)
    tcf_action_dump_1(skb, a, ref(a))
    skb.nestEnd(member)
  }
  skb.nestEnd(nest)
  return skb.end()
}
function tell(req: Request, type: number, actions: readonly tc_action[], ref?: (a: tc_action) => number): void {
  const skb = new MessageBuilder()
  fill(skb, actions, req, type, type === RTM_NEWACTION ? req.flags : 0, ref)
  rtnl_notify(req.net, skb, req.portid, RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
}

/** tc_dump_action(): of one kind, in messages of at most 32. cb.args: those that are done. */
export function tc_dump_action(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const tb = nlmsg_parse_deprecated(cb, tcamsg.size, tcaa_policy)
  if (isErrno(tb)) return tb
  const kind = named_kind(cb, tb)
  if (kind === undefined) cb.net.kernel.printk(KERN_INFO, 'tc_dump_action: action bad kind')
  const ops = kind === undefined ? undefined : tc_lookup_action(cb.net, kind)
  if (ops === undefined) return undefined
  const actions = tcf_actions_of(cb.net, ops).slice(cb.args[0], cb.args[0] + TCA_ACT_MAX_PRIO)
  if (actions.length === 0) return undefined
  skb.begin(RTM_GETACTION, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(tcamsg, {})
  skb.put(TCA_ROOT_COUNT, actions.length)
  const nest = skb.nestNoflag(TCA_ROOT_TAB)
  for (const [i, a] of actions.entries()) {
    const member = skb.nestNoflag(i)
    tcf_action_dump_1(skb, a, 0, true)
    skb.nestEnd(member)
  }
  skb.nestEnd(nest)
  if (!skb.end()) return true
  cb.args[0] += actions.length
  return cb.args[0] < tcf_actions_of(cb.net, ops).length ? true : undefined
}
function named_kind(cb: netlink_callback, tb: AttrTable): string | undefined {
  if (!tb.has(TCA_ROOT_TAB)) return undefined
  const list = nla_parse_nested_deprecated(cb, tb, TCA_ROOT_TAB, tca_act_list)
  if (isErrno(list) || list.atNr(1) === 0) return undefined
  const first = nla_parse_nested_deprecated_at(cb, list.atNr(1), tcf_action_policy)
  return isErrno(first) ? undefined : (first.get(TCA_ACT_KIND) as string | undefined)
}

export function tc_action_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWACTION, { doit: tc_ctl_action })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELACTION, { doit: tc_ctl_action })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETACTION, { doit: tc_ctl_action, dumpit: tc_dump_action })
  return undefined
}
