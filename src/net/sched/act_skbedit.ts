/** net/sched/act_skbedit.c: what goes with a packet and is not in it: priority, mark, transmit queue, type. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import { PACKET_OTHERHOST, type sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const skbedit_policy = policy(
  T.TCA_SKBEDIT,
  {
    TCA_SKBEDIT_PARMS: NLA_UNSPEC(T.tc_skbedit.size),
    TCA_SKBEDIT_PRIORITY: NLA_UNSPEC(4),
    TCA_SKBEDIT_QUEUE_MAPPING: NLA_UNSPEC(2),
    TCA_SKBEDIT_MARK: NLA_UNSPEC(4),
    TCA_SKBEDIT_PTYPE: NLA_UNSPEC(2),
    TCA_SKBEDIT_MASK: NLA_UNSPEC(4),
    TCA_SKBEDIT_FLAGS: NLA_UNSPEC(8),
    TCA_SKBEDIT_QUEUE_MAPPING_MAX: NLA_UNSPEC(2),
  },
  { name: 'skbedit_policy' },
)
/** State: what was asked for. */
export interface skbedit_priv {
  priority: number | undefined
  queue_mapping: number | undefined
  queue_mapping_max: number | undefined
  mark: number | undefined
  mask: number | undefined
  ptype: number | undefined
  flags: number
}

function wanted({ req }: tc_action_request, tb: AttrTable): skbedit_priv | Errno {
  const { extack } = req
  const ptype = tb.get(T.TCA_SKBEDIT_PTYPE)
  if (ptype !== undefined && ptype > PACKET_OTHERHOST) return EINVAL
  const flags = (tb.get(T.TCA_SKBEDIT_FLAGS) ?? 0) & (T.SKBEDIT_F_INHERITDSFIELD | T.SKBEDIT_F_TXQ_SKBHASH)
  const first = tb.get(T.TCA_SKBEDIT_QUEUE_MAPPING)
  const last = tb.get(T.TCA_SKBEDIT_QUEUE_MAPPING_MAX)
  if (flags & T.SKBEDIT_F_TXQ_SKBHASH) {
    if (first === undefined || last === undefined) {
      return extack.fail(EINVAL, 'act_skbedit: Missing required range of queue_mapping.')
    }
    if (last < first) return extack.fail(EINVAL, 'act_skbedit: The range of queue_mapping is invalid, max < min.')
    if (last - first + 1 > 0xffff) return extack.fail(EINVAL, 'act_skbedit: The range of queue_mapping is invalid.')
  }
  return {
    priority: tb.get(T.TCA_SKBEDIT_PRIORITY),
    queue_mapping: first,
    queue_mapping_max: flags & T.SKBEDIT_F_TXQ_SKBHASH ? last : undefined,
    mark: tb.get(T.TCA_SKBEDIT_MARK),
    mask: tb.get(T.TCA_SKBEDIT_MASK),
    ptype,
    flags,
  }
}
export function tcf_skbedit_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, skbedit_policy)
  if (isErrno(tb)) return tb
  const bytes = tb.payload(T.TCA_SKBEDIT_PARMS)
  if (bytes === undefined) return EINVAL
  const asked = wanted(request, tb)
  if (isErrno(asked)) return asked
  const { flags, priority, queue_mapping, mark, mask, ptype } = asked
  const nothing = flags === 0 && [priority, queue_mapping, mark, mask, ptype].every((value) => value === undefined)
  const { index, action } = T.tc_skbedit.get(bytes, 0)
  const taken = tcf_action_take(request, act_skbedit_ops, index, action, () => (nothing ? EINVAL : undefined))
  if (isErrno(taken)) return taken
  if (!taken.bound) taken.a.priv = asked
  return taken.a
}

export function tcf_skbedit_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  const p = a.priv as skbedit_priv
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  if (p.priority !== undefined) skb.priority = p.priority
  if (p.flags & T.SKBEDIT_F_INHERITDSFIELD) inherit_dsfield(skb)
  if (p.queue_mapping !== undefined && (skb.dev?.num_tx_queues ?? 1) > p.queue_mapping) skb.queue_mapping = queue_of(skb, p)
  if (p.mark !== undefined) {
    const mask = p.mask ?? 0xffffffff
    skb.mark = ((skb.mark & ~mask) | (p.mark & mask)) >>> 0
  }
  if (p.ptype !== undefined) skb.pkt_type = p.ptype
  return a.action
}
function queue_of(skb: sk_buff, { queue_mapping = 0, queue_mapping_max }: skbedit_priv): number {
  if (queue_mapping_max === undefined) return queue_mapping
  return queue_mapping + (skb.hash % (queue_mapping_max - queue_mapping + 1))
}
function inherit_dsfield(skb: sk_buff): void {
  const at = skb.network_header
  if (skb.protocol === ETH_P_IP) skb.priority = skb.buf[at + 1] >> 2
  else if (skb.protocol === ETH_P_IPV6) skb.priority = ((skb.buf[at] & 15) << 2) | (skb.buf[at + 1] >> 6)
}
export function tcf_skbedit_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const p = a.priv as skbedit_priv
  skb.putBytes(T.TCA_SKBEDIT_PARMS.nr, T.tc_skbedit.encode({ index, action, refcnt, bindcnt }))
  if (p.priority !== undefined) skb.put(T.TCA_SKBEDIT_PRIORITY, p.priority)
  if (p.queue_mapping !== undefined) skb.put(T.TCA_SKBEDIT_QUEUE_MAPPING, p.queue_mapping)
  if (p.mark !== undefined) skb.put(T.TCA_SKBEDIT_MARK, p.mark)
  if (p.ptype !== undefined) skb.put(T.TCA_SKBEDIT_PTYPE, p.ptype)
  if (p.mask !== undefined) skb.put(T.TCA_SKBEDIT_MASK, p.mask)
  if (p.queue_mapping_max !== undefined) skb.put(T.TCA_SKBEDIT_QUEUE_MAPPING_MAX, p.queue_mapping_max)
  if (p.flags !== 0) skb.put(T.TCA_SKBEDIT_FLAGS, p.flags)
}
/** One of mark, type and priority, and nothing else. */
export function tcf_skbedit_offload(a: tc_action): boolean {
  const { priority, mark, ptype, mask, queue_mapping, flags } = a.priv as skbedit_priv
  const others = mask !== undefined || queue_mapping !== undefined || flags !== 0
  return !others && [priority, mark, ptype].filter((value) => value !== undefined).length === 1
}
export const act_skbedit_ops: tc_action_ops = {
  kind: 'skbedit',
  init: tcf_skbedit_init,
  act: tcf_skbedit_act,
  dump: tcf_skbedit_dump,
  offload: tcf_skbedit_offload,
  tm: T.TCA_SKBEDIT_TM.nr,
}

/** The module act_skbedit. */
export function skbedit_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_skbedit_ops)
  return undefined
}
