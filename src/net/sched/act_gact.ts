/** net/sched/act_gact.c: what becomes of the packet, and no more; at random or each n-th time something else. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import {
  type tc_action,
  type tc_action_ops,
  type tc_action_request,
  tc_pkt_len,
  tcf_action_used,
  tcf_idr_get,
  tcf_idr_release,
  tcf_register_action,
} from './act.ts'
import { tcf_action_check_ctrlact, tcf_action_valid } from './act_check.ts'

const MAX_RAND = 3

const gact_policy = policy(
  P.TCA_GACT,
  { TCA_GACT_PARMS: NLA_UNSPEC(P.tc_gact.size), TCA_GACT_PROB: NLA_UNSPEC(P.tc_gact_p.size) },
  { name: 'gact_policy' },
)

export interface gact_priv {
  ptype: number
  pval: number
  paction: number
}

export function tcf_gact_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at(req, options, gact_policy)
  if (isErrno(tb)) return tb
  const parms = tb.payload(P.TCA_GACT_PARMS)
  if (parms === undefined || parms.length < P.tc_gact.size) return EINVAL
  const { index, action } = P.tc_gact.get(parms, 0)
  const prob = tb.payload(P.TCA_GACT_PROB)
  const random = prob === undefined ? undefined : P.tc_gact_p.get(prob, 0)
  if (random !== undefined) {
    if (random.ptype >= MAX_RAND) return EINVAL
    if (!tcf_action_valid(random.paction)) return req.extack.fail(EINVAL, 'invalid fallback control action')
  }
  const { a, created } = tcf_idr_get(request, act_gact_ops, index)
  if (!created) {
    if (request.bind) return a
    tcf_idr_release(a, false)
    if (!request.replace) return EEXIST
  }
  const error = tcf_action_check_ctrlact(request, action)
  if (error !== undefined) {
    if (created) tcf_idr_release(a, request.bind)
    return error
  }
  a.action = action
  const priv: gact_priv = { ptype: P.PGACT_NONE, pval: 0, paction: P.TC_ACT_OK }
  if (random !== undefined) Object.assign(priv, random, { pval: Math.max(1, random.pval) })
  a.priv = priv
  return a
}

function decide(a: tc_action): number {
  const { ptype, pval, paction } = a.priv as gact_priv
  if (ptype === P.PGACT_NETRAND) return a.net.kernel.random.below(pval) === 0 ? paction : a.action
  if (ptype === P.PGACT_DETERM) return a.bstats.packets % pval === 0 ? paction : a.action
  return a.action
}
export function tcf_gact_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  const random = (a.priv as gact_priv).ptype === P.PGACT_NETRAND
  let action = random ? decide(a) : 0
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  if (!random) action = decide(a)
  if (action === P.TC_ACT_SHOT) a.qstats.drops++
  return action
}
export function tcf_gact_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  skb.putBytes(P.TCA_GACT_PARMS.nr, P.tc_gact.encode({ index, action, refcnt, bindcnt }))
  const priv = a.priv as gact_priv
  if (priv.ptype !== P.PGACT_NONE) skb.putBytes(P.TCA_GACT_PROB.nr, P.tc_gact_p.encode(priv))
}
export const act_gact_ops: tc_action_ops = {
  kind: 'gact',
  init: tcf_gact_init,
  act: tcf_gact_act,
  dump: tcf_gact_dump,
  tm: P.TCA_GACT_TM.nr,
}

/** The module act_gact. */
export function gact_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_gact_ops)
  return undefined
}
