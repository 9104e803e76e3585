/** net/sched/act_connmark.c: a packet gets its connection's mark. Connections are not tracked here, so none has one. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const connmark_policy = policy(T.TCA_CONNMARK, { TCA_CONNMARK_PARMS: NLA_UNSPEC(T.tc_connmark.size) }, { name: 'connmark_policy' })

export function tcf_connmark_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, connmark_policy)
  if (isErrno(tb)) return tb
  const bytes = tb.payload(T.TCA_CONNMARK_PARMS)
  if (bytes === undefined) return EINVAL
  const { index, action, zone } = T.tc_connmark.get(bytes, 0)
  const taken = tcf_action_take(request, act_connmark_ops, index, action)
  if (isErrno(taken)) return taken
  if (!taken.bound) taken.a.priv = zone
  return taken.a
}
export function tcf_connmark_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  return a.action
}
export function tcf_connmark_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  skb.putBytes(T.TCA_CONNMARK_PARMS.nr, T.tc_connmark.encode({ index, action, refcnt, bindcnt, zone: a.priv as number }))
}
export function tcf_connmark_offload(): boolean {
  return false
}
export const act_connmark_ops: tc_action_ops = {
  kind: 'connmark',
  init: tcf_connmark_init,
  act: tcf_connmark_act,
  dump: tcf_connmark_dump,
  offload: tcf_connmark_offload,
  tm: T.TCA_CONNMARK_TM.nr,
}

/** The module act_connmark. */
export function connmark_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_connmark_ops)
  return undefined
}
