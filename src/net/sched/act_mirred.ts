/**
 * net/sched/act_mirred.c: the packet, or a copy, leaves by another device, or comes in by it.
 *
 *   hook      | wanted  | the packet's `data` goes to | and it
 *   ingress   | egress  | the link header             | is sent by the device
 *   ingress   | ingress | stays on the network header | is received once more, by the device
 *   egress    | egress  | stays on the link header    | is sent by the device
 *   egress    | ingress | the network header          | is received by the device, from its backlog
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_NOTICE } from '../../kernel/printk.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EEXIST, EINVAL, ENODEV, type Errno, EOPNOTSUPP, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import { netif_receive_skb, netif_rx } from '../core/dev_receive.ts'
import { __dev_get_by_index, net_ratelimit } from '../core/dev_state.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { netif_carrier_ok } from '../core/link_watch.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_clone, skb_dst_drop, skb_pull, skb_push } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
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
import { tcf_action_check_ctrlact } from './act_check.ts'

/** Deeper than that a packet goes round in circles. */
const MIRRED_NEST_LIMIT = 4

const mirred_policy = policy(
  P.TCA_MIRRED,
  { TCA_MIRRED_PARMS: NLA_UNSPEC(P.tc_mirred.size), TCA_MIRRED_BLOCKID: NLA_U32 },
  { name: 'mirred_policy' },
)

export interface mirred_priv {
  eaction: number
  ifindex: number
}
function is_redirect(eaction: number): boolean {
  return eaction === P.TCA_EGRESS_REDIR || eaction === P.TCA_INGRESS_REDIR
}
function wants_ingress(eaction: number): boolean {
  return eaction === P.TCA_INGRESS_REDIR || eaction === P.TCA_INGRESS_MIRROR
}

export function tcf_mirred_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  const { extack } = req
  if (options === 0) return extack.fail(EINVAL, 'Mirred requires attributes to be passed')
  const tb = nla_parse_nested_deprecated_at(req, options, mirred_policy)
  if (isErrno(tb)) return tb
  const parms = tb.payload(P.TCA_MIRRED_PARMS)
  if (parms === undefined || parms.length < P.tc_mirred.size) return extack.fail(EINVAL, 'Missing required mirred parameters')
  const { index, action, eaction, ifindex } = P.tc_mirred.get(parms, 0)
  if (tb.has(P.TCA_MIRRED_BLOCKID)) {
    req.net.kernel.unsupported.count('tc', 'mirred to a block')
    return EOPNOTSUPP
  }
  const { a, created } = tcf_idr_get(request, act_mirred_ops, index)
  if (!created && request.bind) return a
  const error = check(request, eaction, ifindex, created) ?? tcf_action_check_ctrlact(request, action)
  if (error !== undefined || !created) tcf_idr_release(a, request.bind)
  if (error !== undefined) return error
  if (!created && !request.replace) return EEXIST
  a.action = action
  a.priv = { eaction, ifindex: ifindex === 0 ? (a.priv as mirred_priv).ifindex : ifindex } satisfies mirred_priv
  return a
}
function check({ req }: tc_action_request, eaction: number, ifindex: number, created: boolean): Errno | undefined {
  if (eaction < P.TCA_EGRESS_REDIR || eaction > P.TCA_INGRESS_MIRROR) return req.extack.fail(EINVAL, 'Unknown mirred option')
  if (ifindex === 0) return created ? req.extack.fail(EINVAL, 'Must specify device or block') : undefined
  return __dev_get_by_index(req.net, ifindex) === undefined ? ENODEV : undefined
}

export function tcf_mirred_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  const sd = a.net.kernel.netdev.softnet[0]
  if (sd.mirred_nest_level >= MIRRED_NEST_LIMIT) return P.TC_ACT_SHOT
  sd.mirred_nest_level++
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  const { eaction, ifindex } = a.priv as mirred_priv
  const dev = __dev_get_by_index(a.net, ifindex)
  const sent = dev !== undefined && to_dev(skb, a, dev, eaction, at_ingress)
  sd.mirred_nest_level--
  if (sent) return is_redirect(eaction) && at_ingress && a.action === P.TC_ACT_STOLEN ? P.TC_ACT_CONSUMED : a.action
  a.qstats.overlimits++
  return is_redirect(eaction) ? P.TC_ACT_SHOT : a.action
}
/** tcf_mirred_to_dev(): the packet itself where the hook can do without it, else a copy. */
function to_dev(skb: sk_buff, a: tc_action, dev: net_device, eaction: number, at_ingress: boolean): boolean {
  const { kernel } = a.net
  if ((dev.flags & IFF_UP) === 0 || !netif_carrier_ok(dev)) {
    if (net_ratelimit(kernel)) kernel.printk(KERN_NOTICE, `tc mirred to Houston: device ${dev.name} is down`)
    return false
  }
  const itself = at_ingress && is_redirect(eaction) && a.action === P.TC_ACT_STOLEN
  const out = itself ? skb : skb_clone(skb)
  const inwards = wants_ingress(eaction)
  if (inwards && !at_ingress) skb_dst_drop(out)
  const expects_network = inwards || dev.type !== ARPHRD_ETHER
  const at_network = out.data === out.network_header
  if (expects_network && !at_network) skb_pull(out, out.network_header - out.data)
  else if (!expects_network && at_network) skb_push(out, at_ingress ? out.mac_len : 0)
  out.skb_iif = skb.dev?.ifindex ?? 0
  out.dev = dev
  if (is_redirect(eaction)) {
    out.redirected = true
    out.from_ingress = at_ingress
  }
  if (!inwards) dev_queue_xmit(out)
  else if (at_ingress) netif_receive_skb(out)
  else netif_rx(out)
  return true
}
export function tcf_mirred_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const { eaction, ifindex } = a.priv as mirred_priv
  const present = __dev_get_by_index(a.net, ifindex) === undefined ? 0 : ifindex
  skb.putBytes(P.TCA_MIRRED_PARMS.nr, P.tc_mirred.encode({ index, action, refcnt, bindcnt, eaction, ifindex: present }))
}
export const act_mirred_ops: tc_action_ops = {
  kind: 'mirred',
  init: tcf_mirred_init,
  act: tcf_mirred_act,
  dump: tcf_mirred_dump,
  tm: P.TCA_MIRRED_TM.nr,
}

/** The module act_mirred. */
export function mirred_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_mirred_ops)
  return undefined
}
