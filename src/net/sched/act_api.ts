/**
 * net/sched/act_api.c: RTM_NEWACTION, RTM_DELACTION, RTM_GETACTION. No kind of action is built: each is asked for in vain,
 * as on a kernel without its module.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { request_module } from '../../kernel/kmod.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import { NLM_F_ECHO, NLM_F_ROOT } from '../../uapi/linux/netlink.ts'
import { TCA_ACT, TCA_ACT_INDEX, TCA_ACT_KIND, TCA_ACT_LIST, TCA_ACT_MAX_PRIO } from '../../uapi/linux/pkt_cls.ts'
import { RTM_DELACTION, RTM_GETACTION, RTM_NEWACTION, RTNLGRP_TC } from '../../uapi/linux/rtnetlink.ts'
import { TCA_ROOT, TCA_ROOT_TAB, tcamsg } from '../../uapi/linux/rtnetlink_more.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { rtnl_notify, rtnl_register } from '../core/rtnetlink.ts'
import { netlink_net_capable } from '../netlink/af_netlink.ts'
import { nla_parse_nested_deprecated, nla_parse_nested_deprecated_at, nlmsg_parse_deprecated } from '../netlink/attr.ts'
import { NLA_BINARY, NLA_BITFIELD32, NLA_NESTED, NLA_STRING, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'

const IFNAMSIZ = 16
const TC_COOKIE_MAX_SIZE = 16
const TCA_ACT_FLAGS_VALID = 3
const TCA_ACT_HW_STATS_VALID = 3

export const tca_root_none = policy(TCA_ROOT, {}, { name: 'tca_root' })
export const tca_act_list = policy(TCA_ACT_LIST, {}, { name: 'tca_act_list' })
export const tcf_action_policy = policy(
  TCA_ACT,
  {
    TCA_ACT_KIND: NLA_STRING(),
    TCA_ACT_INDEX: NLA_U32,
    TCA_ACT_COOKIE: NLA_BINARY(TC_COOKIE_MAX_SIZE),
    TCA_ACT_OPTIONS: NLA_NESTED(),
    TCA_ACT_FLAGS: NLA_BITFIELD32(TCA_ACT_FLAGS_VALID),
    TCA_ACT_HW_STATS: NLA_BITFIELD32(TCA_ACT_HW_STATS_VALID),
  },
  { name: 'tcf_action_policy' },
)
export const tcaa_policy = policy(TCA_ROOT, { TCA_ROOT_FLAGS: NLA_BITFIELD32(3), TCA_ROOT_TIME_DELTA: NLA_U32 }, { name: 'tcaa_policy' })

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
  if (req.type === RTM_NEWACTION) return tcf_action_add(req, list)
  if (req.type === RTM_DELACTION && req.flags & NLM_F_ROOT) return tca_action_flush(req, list)
  for (const at of list) return get_one(req, at)
  tell(req, req.type)
  return undefined
}

/** An empty list is made, and told. */
function tcf_action_add(req: Request, list: number[]): Errno | undefined {
  const { extack } = req
  for (const at of list) {
    const tb = nla_parse_nested_deprecated_at(req, at, tcf_action_policy)
    if (isErrno(tb)) return tb
    const kind = tb.get(TCA_ACT_KIND)
    if (kind === undefined) return extack.fail(EINVAL, 'TC action kind must be specified')
    if (kind.length >= IFNAMSIZ) return extack.fail(EINVAL, 'TC action name too long')
    request_module(req.net.kernel, `net-act-${kind}`)
    req.net.kernel.unsupported.count('tc', `action ${kind}`)
    return extack.fail(ENOENT, 'Failed to load TC action module')
  }
  tell(req, RTM_NEWACTION)
  return undefined
}
function get_one(req: Request, at: number): Errno {
  const { extack } = req
  const tb = nla_parse_nested_deprecated_at(req, at, tcf_action_policy)
  if (isErrno(tb)) return tb
  if (!tb.has(TCA_ACT_INDEX)) return extack.fail(EINVAL, 'Invalid TC action index value')
  return extack.fail(EINVAL, 'Specified TC action kind not found')
}
function tca_action_flush(req: Request, list: number[]): Errno {
  const { extack } = req
  if (list.length === 0) return extack.fail(EINVAL, 'Invalid netlink attributes while flushing TC action')
  const tb = nla_parse_nested_deprecated_at(req, list[0], tcf_action_policy)
  return isErrno(tb) ? tb : extack.fail(EINVAL, 'Cannot flush unknown TC action')
}
/** The list of those that were made: none. */
function tell(req: Request, type: number): void {
  const skb = new MessageBuilder()
  skb.begin(type, type === RTM_NEWACTION ? req.flags : 0, req.seq, req.portid)
  skb.struct(tcamsg, {})
  skb.nestEnd(skb.nestNoflag(TCA_ROOT_TAB))
  skb.end()
  rtnl_notify(req.net, skb, req.portid, RTNLGRP_TC, (req.flags & NLM_F_ECHO) !== 0)
}

export function tc_dump_action(_skb: MessageBuilder, cb: netlink_callback): Errno | undefined {
  const tb = nlmsg_parse_deprecated(cb, tcamsg.size, tcaa_policy)
  if (isErrno(tb)) return tb
  if (!names_kind(cb, tb)) cb.net.kernel.printk(KERN_INFO, 'tc_dump_action: action bad kind')
  return undefined
}
function names_kind(cb: netlink_callback, tb: AttrTable): boolean {
  if (!tb.has(TCA_ROOT_TAB)) return false
  const list = nla_parse_nested_deprecated(cb, tb, TCA_ROOT_TAB, tca_act_list)
  if (isErrno(list) || list.atNr(1) === 0) return false
  const first = nla_parse_nested_deprecated_at(cb, list.atNr(1), tcf_action_policy)
  return !isErrno(first) && first.has(TCA_ACT_KIND)
}

export function tc_action_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, AF_UNSPEC, RTM_NEWACTION, { doit: tc_ctl_action })
  rtnl_register(kernel, AF_UNSPEC, RTM_DELACTION, { doit: tc_ctl_action })
  rtnl_register(kernel, AF_UNSPEC, RTM_GETACTION, { doit: tc_ctl_action, dumpit: tc_dump_action })
  return undefined
}
