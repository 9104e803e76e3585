/**
 * net/sched/act_vlan.c: tags and Ethernet headers are put on and taken off.
 *
 *   asked for       | the packet
 *   pop, push       | loses its outermost tag; gets one more
 *   modify          | its outermost tag gets another number (and priority, where one is given)
 *   pop_eth         | loses its Ethernet header, if it has no tag
 *   push_eth        | gets an Ethernet header, if it has none
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { AttrTable } from '../../lib/attrs.ts'
import { putBe16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EPROTONOSUPPORT, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import { TC_ACT_SHOT } from '../../uapi/linux/pkt_cls.ts'
import * as T from '../../uapi/linux/tc_act.ts'
import {
  __vlan_hwaccel_put_tag,
  eth_type_vlan,
  skb_vlan_pop,
  skb_vlan_push,
  VLAN_PRIO_MASK,
  VLAN_PRIO_SHIFT,
  VLAN_VID_MASK,
} from '../core/skb_vlan.ts'
import { type sk_buff, skb_cow, skb_pull, skb_push, skb_reset_mac_header, skb_reset_mac_len } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_U8, NLA_U16, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { type tc_action, type tc_action_ops, type tc_action_request, tc_pkt_len, tcf_action_used, tcf_register_action } from './act.ts'
import { tcf_action_take } from './act_take.ts'

const vlan_policy = policy(
  T.TCA_VLAN,
  {
    TCA_VLAN_PARMS: NLA_UNSPEC(T.tc_vlan.size),
    TCA_VLAN_PUSH_VLAN_ID: NLA_U16,
    TCA_VLAN_PUSH_VLAN_PROTOCOL: NLA_U16,
    TCA_VLAN_PUSH_VLAN_PRIORITY: NLA_U8,
    TCA_VLAN_PUSH_ETH_DST: NLA_BINARY(ETH_ALEN),
    TCA_VLAN_PUSH_ETH_SRC: NLA_BINARY(ETH_ALEN),
  },
  { name: 'vlan_policy' },
)
/** State. */
export interface vlan_priv {
  v_action: number
  vid: number
  proto: number
  prio: number | undefined
  dst: Uint8Array | undefined
  src: Uint8Array | undefined
}

function check(tb: AttrTable, v_action: number): Errno | undefined {
  switch (v_action) {
    case T.TCA_VLAN_ACT_POP:
    case T.TCA_VLAN_ACT_POP_ETH:
      return undefined
    case T.TCA_VLAN_ACT_PUSH:
    case T.TCA_VLAN_ACT_MODIFY: {
      const vid = tb.get(T.TCA_VLAN_PUSH_VLAN_ID)
      if (vid === undefined) return EINVAL
      if (vid >= VLAN_VID_MASK) return ERANGE
      return eth_type_vlan(tb.get(T.TCA_VLAN_PUSH_VLAN_PROTOCOL) ?? ETH_P_8021Q) ? undefined : EPROTONOSUPPORT
    }
    case T.TCA_VLAN_ACT_PUSH_ETH:
      return tb.has(T.TCA_VLAN_PUSH_ETH_DST) && tb.has(T.TCA_VLAN_PUSH_ETH_SRC) ? undefined : EINVAL
  }
  return EINVAL
}
export function tcf_vlan_init(request: tc_action_request): tc_action | Errno {
  const { req, options } = request
  if (options === 0) return EINVAL
  const tb = nla_parse_nested_deprecated_at({ ...req, extack: new netlink_ext_ack() }, options, vlan_policy)
  if (isErrno(tb)) return tb
  const bytes = tb.payload(T.TCA_VLAN_PARMS)
  if (bytes === undefined) return EINVAL
  const { index, action, v_action } = T.tc_vlan.get(bytes, 0)
  const taken = tcf_action_take(request, act_vlan_ops, index, action, () => check(tb, v_action))
  if (isErrno(taken)) return taken
  if (taken.bound) return taken.a
  taken.a.priv = {
    v_action,
    vid: tb.get(T.TCA_VLAN_PUSH_VLAN_ID) ?? 0,
    proto: tb.get(T.TCA_VLAN_PUSH_VLAN_PROTOCOL) ?? ETH_P_8021Q,
    prio: tb.get(T.TCA_VLAN_PUSH_VLAN_PRIORITY) ?? (v_action === T.TCA_VLAN_ACT_PUSH ? 0 : undefined),
    dst: tb.get(T.TCA_VLAN_PUSH_ETH_DST),
    src: tb.get(T.TCA_VLAN_PUSH_ETH_SRC),
  } satisfies vlan_priv
  return taken.a
}

function modify(skb: sk_buff, p: vlan_priv): void {
  if (!skb.vlan_present && !eth_type_vlan(skb.protocol)) return
  if (!skb.vlan_present) {
    // out of the bytes to the side
    const tci = (skb.buf[skb.data + 2 * ETH_ALEN + 2] << 8) | skb.buf[skb.data + 2 * ETH_ALEN + 3]
    skb_vlan_pop(skb)
    __vlan_hwaccel_put_tag(skb, p.proto, tci)
  }
  let tci = (skb.vlan_tci & ~VLAN_VID_MASK) | p.vid
  if (p.prio !== undefined) tci = (tci & ~VLAN_PRIO_MASK) | (p.prio << VLAN_PRIO_SHIFT)
  __vlan_hwaccel_put_tag(skb, p.proto, tci)
}
/** False: the packet is dropped. */
function push_eth(skb: sk_buff, { dst, src }: vlan_priv): boolean {
  if (skb.vlan_present || dst === undefined || src === undefined) return false
  skb_cow(skb, ETH_HLEN)
  const at = skb_push(skb, ETH_HLEN)
  skb_reset_mac_header(skb)
  skb_reset_mac_len(skb)
  skb.buf.set(dst, at)
  skb.buf.set(src, at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, skb.protocol)
  return true
}
function apply(skb: sk_buff, a: tc_action): boolean {
  const p = a.priv as vlan_priv
  switch (p.v_action) {
    case T.TCA_VLAN_ACT_POP:
      skb_vlan_pop(skb)
      return true
    case T.TCA_VLAN_ACT_PUSH:
      skb_vlan_push(skb, p.proto, p.vid | ((p.prio ?? 0) << VLAN_PRIO_SHIFT))
      return true
    case T.TCA_VLAN_ACT_MODIFY:
      modify(skb, p)
      return true
    case T.TCA_VLAN_ACT_POP_ETH:
      if (skb.vlan_present) return false
      skb_pull(skb, ETH_HLEN)
      skb_reset_mac_header(skb)
      skb.mac_len = 0
      return true
  }
  return push_eth(skb, p)
}
export function tcf_vlan_act(skb: sk_buff, a: tc_action, at_ingress: boolean): number {
  tcf_action_used(a, skb, tc_pkt_len(skb, at_ingress))
  // all of it is done with `data` on the link header
  const header = at_ingress ? skb.mac_len : 0
  if (header > 0) skb_push(skb, header)
  const done = apply(skb, a)
  if (header > 0 && done) skb_pull(skb, skb.mac_len)
  if (done) return a.action
  a.qstats.drops++
  return TC_ACT_SHOT
}
export function tcf_vlan_dump(skb: MessageBuilder, a: tc_action, refcnt: number): void {
  const { index, action, bindcnt } = a
  const { v_action, vid, proto, prio, dst, src } = a.priv as vlan_priv
  skb.putBytes(T.TCA_VLAN_PARMS.nr, T.tc_vlan.encode({ index, action, refcnt, bindcnt, v_action }))
  if (v_action === T.TCA_VLAN_ACT_PUSH || v_action === T.TCA_VLAN_ACT_MODIFY) {
    skb.put(T.TCA_VLAN_PUSH_VLAN_ID, vid)
    skb.put(T.TCA_VLAN_PUSH_VLAN_PROTOCOL, proto)
    if (prio !== undefined) skb.put(T.TCA_VLAN_PUSH_VLAN_PRIORITY, prio)
  }
  if (v_action === T.TCA_VLAN_ACT_PUSH_ETH && dst !== undefined && src !== undefined) {
    skb.put(T.TCA_VLAN_PUSH_ETH_DST, dst)
    skb.put(T.TCA_VLAN_PUSH_ETH_SRC, src)
  }
}
export const act_vlan_ops: tc_action_ops = {
  kind: 'vlan',
  init: tcf_vlan_init,
  act: tcf_vlan_act,
  dump: tcf_vlan_dump,
  tm: T.TCA_VLAN_TM.nr,
}

/** The module act_vlan. */
export function vlan_init_module(kernel: Kernel): Errno | undefined {
  tcf_register_action(kernel.netdev.sched, act_vlan_ops)
  return undefined
}
