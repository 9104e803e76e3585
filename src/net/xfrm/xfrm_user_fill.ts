/** net/xfrm/xfrm_user.c: messages of associations and policies, and who is told (km_state_notify(), km_policy_notify()). */
import { MessageBuilder } from '../../lib/message.ts'
import { NETLINK_XFRM } from '../../uapi/linux/netlink.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { net } from '../core/net_namespace.ts'
import { nlmsg_multicast } from '../netlink/netlink_multicast.ts'
import type { xfrm_mgr } from './netns_xfrm.ts'
import { alg_name_bytes } from './xfrm_algo.ts'
import type { xfrm_policy } from './xfrm_policy.ts'
import type { xfrm_alg, xfrm_mark, xfrm_state } from './xfrm_state.ts'

/** Whose message it is. */
export interface xfrm_head {
  readonly portid: number
  readonly seq: number
  readonly flags?: number
}
function begin(skb: MessageBuilder, type: number, { portid, seq, flags = 0 }: xfrm_head): void {
  skb.begin(type, flags, seq, portid)
}

/** copy_to_user_state() */
function usersa_info(x: xfrm_state): Uint8Array {
  const { sel, daddr, spi, proto, saddr, lft, curlft, seq, reqid, family, mode, replay_window, flags } = x
  const id = { daddr, spi, proto }
  return X.xfrm_usersa_info.encode({ sel, id, saddr, lft, curlft, seq, reqid, family, mode, replay_window, flags })
}
/** An algorithm with its key behind the structure of its attribute. */
function alg(layout: typeof X.xfrm_algo | typeof X.xfrm_algo_auth, { name, key_bits, key, icv_bits }: xfrm_alg): Uint8Array {
  const out = new Uint8Array(layout.size + key.length)
  const head = { alg_name: alg_name_bytes(name), alg_key_len: key_bits, alg_trunc_len: icv_bits }
  layout.put(out, 0, head as never)
  out.set(key, layout.size)
  return out
}
function put_mark(skb: MessageBuilder, mark: xfrm_mark): void {
  if (mark.v !== 0 || mark.m !== 0) skb.put(X.XFRMA_MARK, mark)
}
/** What ends the message of an association, in Linux's order. */
function put_ids(skb: MessageBuilder, x: xfrm_state): void {
  if (x.pcpu_num !== undefined) skb.put(X.XFRMA_SA_PCPU, x.pcpu_num)
  if (x.dir !== 0) skb.put(X.XFRMA_SA_DIR, x.dir)
}
function put_replay(skb: MessageBuilder, x: xfrm_state): void {
  if (x.replay_esn !== undefined) skb.putBytes(X.XFRMA_REPLAY_ESN_VAL.nr, x.replay_esn)
  else skb.put(X.XFRMA_REPLAY_VAL, x.replay)
}
/** copy_to_user_state_extra(), without the structure. */
function state_extra(skb: MessageBuilder, x: xfrm_state): void {
  if (x.extra_flags !== 0) skb.put(X.XFRMA_SA_EXTRA_FLAGS, x.extra_flags)
  if (x.coaddr !== undefined) skb.put(X.XFRMA_COADDR, x.coaddr)
  if (x.aead !== undefined) skb.putBytes(X.XFRMA_ALG_AEAD.nr, alg(X.xfrm_algo_auth, x.aead))
  if (x.aalg !== undefined) {
    skb.putBytes(X.XFRMA_ALG_AUTH.nr, alg(X.xfrm_algo, x.aalg))
    skb.putBytes(X.XFRMA_ALG_AUTH_TRUNC.nr, alg(X.xfrm_algo_auth, x.aalg))
  }
  if (x.ealg !== undefined) skb.putBytes(X.XFRMA_ALG_CRYPT.nr, alg(X.xfrm_algo, x.ealg))
  if (x.calg !== undefined) skb.putBytes(X.XFRMA_ALG_COMP.nr, X.xfrm_algo.encode({ alg_name: alg_name_bytes(x.calg) }))
  if (x.encap !== undefined) skb.putBytes(X.XFRMA_ENCAP.nr, x.encap)
  if (x.tfcpad !== 0) skb.put(X.XFRMA_TFCPAD, x.tfcpad)
  put_mark(skb, x.mark)
  if (x.smark.v !== 0 || x.smark.m !== 0) {
    skb.put(X.XFRMA_SET_MARK, x.smark.v)
    skb.put(X.XFRMA_SET_MARK_MASK, x.smark.m)
  }
  put_replay(skb, x)
  if (x.if_id !== 0) skb.put(X.XFRMA_IF_ID, x.if_id)
  if (x.mapping_maxage !== 0) skb.put(X.XFRMA_MTIMER_THRESH, x.mapping_maxage)
  put_ids(skb, x)
  if (x.nat_keepalive_interval !== 0) skb.put(X.XFRMA_NAT_KEEPALIVE_INTERVAL, x.nat_keepalive_interval)
}
/** dump_one_state(); false: it did not fit. */
export function fill_state(skb: MessageBuilder, x: xfrm_state, type: number, head: xfrm_head): boolean {
  begin(skb, type, head)
  put_raw(skb, usersa_info(x))
  state_extra(skb, x)
  return skb.end()
}
function put_raw(skb: MessageBuilder, bytes: Uint8Array): void {
  const at = skb.room(bytes.length)
  if (at >= 0) skb.buf.set(bytes, at)
}

function userpolicy_info(xp: xfrm_policy): Uint8Array {
  const { selector, lft, curlft, priority, index, dir, action, flags, family } = xp
  const sel = selector.slice()
  X.xfrm_selector.field.family.put(sel, 0, family)
  return X.xfrm_userpolicy_info.encode({ sel, lft, curlft, priority, index, dir, action, flags })
}
function policy_extra(skb: MessageBuilder, xp: xfrm_policy): void {
  if (xp.tmpl.length > 0) skb.putBytes(X.XFRMA_TMPL.nr, xp.tmpl)
  skb.put(X.XFRMA_POLICY_TYPE, { type: xp.type })
  put_mark(skb, xp.mark)
  if (xp.if_id !== 0) skb.put(X.XFRMA_IF_ID, xp.if_id)
}
/** dump_one_policy() */
export function fill_policy(skb: MessageBuilder, xp: xfrm_policy, type: number, head: xfrm_head): boolean {
  begin(skb, type, head)
  put_raw(skb, userpolicy_info(xp))
  policy_extra(skb, xp)
  return skb.end()
}
/** build_aevent() */
export function fill_aevent(skb: MessageBuilder, x: xfrm_state, flags: number, head: xfrm_head): void {
  begin(skb, X.XFRM_MSG_NEWAE, head)
  const { daddr, spi, family, proto, saddr, reqid } = x
  skb.struct(X.xfrm_aevent_id, { sa_id: { daddr, spi, family, proto }, saddr, flags, reqid })
  put_replay(skb, x)
  skb.put(X.XFRMA_LTIME_VAL, x.curlft)
  if (flags & X.XFRM_AE_RTHR) skb.put(X.XFRMA_REPLAY_THRESH, x.replay_maxdiff)
  if (flags & X.XFRM_AE_ETHR) skb.put(X.XFRMA_ETIMER_THRESH, x.replay_maxage)
  put_mark(skb, x.mark)
  if (x.if_id !== 0) skb.put(X.XFRMA_IF_ID, x.if_id)
  put_ids(skb, x)
  skb.end()
}

function tell(net: net, skb: MessageBuilder, group: number): void {
  nlmsg_multicast(net, NETLINK_XFRM, skb, 0, group)
}
/** xfrm_notify_sa(): one that is gone is told with its name in front. */
export function notify_state(x: xfrm_state, type: number, head: xfrm_head): void {
  const skb = new MessageBuilder()
  if (type === X.XFRM_MSG_DELSA) {
    begin(skb, type, head)
    const { daddr, spi, family, proto } = x
    skb.struct(X.xfrm_usersa_id, { daddr, spi, family, proto })
    skb.putBytes(X.XFRMA_SA.nr, usersa_info(x))
    state_extra(skb, x)
    skb.end()
  } else {
    fill_state(skb, x, type, head)
  }
  tell(x.net, skb, X.XFRMNLGRP_SA)
}
export function notify_state_flush(net: net, proto: number, head: xfrm_head): void {
  const skb = new MessageBuilder()
  begin(skb, X.XFRM_MSG_FLUSHSA, head)
  put_raw(skb, Uint8Array.of(proto))
  skb.end()
  tell(net, skb, X.XFRMNLGRP_SA)
}
export function notify_aevent(x: xfrm_state, flags: number, head: xfrm_head): void {
  const skb = new MessageBuilder()
  fill_aevent(skb, x, flags, head)
  tell(x.net, skb, X.XFRMNLGRP_AEVENTS)
}
/** xfrm_notify_policy(); `byid`: it was deleted by its number. */
export function notify_policy(xp: xfrm_policy, type: number, head: xfrm_head, byid = false): void {
  const skb = new MessageBuilder()
  if (type === X.XFRM_MSG_DELPOLICY) {
    begin(skb, type, head)
    const { selector: sel, index, dir } = xp
    skb.struct(X.xfrm_userpolicy_id, byid ? { index, dir } : { sel, dir })
    skb.putBytes(X.XFRMA_POLICY.nr, userpolicy_info(xp))
    policy_extra(skb, xp)
    skb.end()
  } else {
    fill_policy(skb, xp, type, head)
  }
  tell(xp.net, skb, X.XFRMNLGRP_POLICY)
}
export function notify_policy_flush(net: net, type: number, head: xfrm_head): void {
  const skb = new MessageBuilder()
  begin(skb, X.XFRM_MSG_FLUSHPOLICY, head)
  skb.put(X.XFRMA_POLICY_TYPE, { type })
  skb.end()
  tell(net, skb, X.XFRMNLGRP_POLICY)
}
/** build_expire() */
export function xfrm_exp_state_notify(x: xfrm_state, hard: boolean, portid: number): void {
  const skb = new MessageBuilder()
  begin(skb, X.XFRM_MSG_EXPIRE, { portid, seq: 0 })
  const bytes = new Uint8Array(X.xfrm_user_expire.size)
  bytes.set(usersa_info(x))
  X.xfrm_user_expire.field.hard.put(bytes, 0, hard ? 1 : 0)
  put_raw(skb, bytes)
  put_mark(skb, x.mark)
  if (x.if_id !== 0) skb.put(X.XFRMA_IF_ID, x.if_id)
  put_ids(skb, x)
  skb.end()
  tell(x.net, skb, X.XFRMNLGRP_EXPIRE)
}
/** build_polexpire() */
export function xfrm_exp_policy_notify(xp: xfrm_policy, hard: boolean, portid: number): void {
  const skb = new MessageBuilder()
  begin(skb, X.XFRM_MSG_POLEXPIRE, { portid, seq: 0 })
  const bytes = new Uint8Array(X.xfrm_user_polexpire.size)
  bytes.set(userpolicy_info(xp))
  X.xfrm_user_polexpire.field.hard.put(bytes, 0, hard ? 1 : 0)
  put_raw(skb, bytes)
  policy_extra(skb, xp)
  skb.end()
  tell(xp.net, skb, X.XFRMNLGRP_EXPIRE)
}
export const xfrm_user_mgr: xfrm_mgr = { state_expired: xfrm_exp_state_notify, policy_expired: xfrm_exp_policy_notify }

/** xfrm_notify_userpolicy() */
export function fill_default(skb: MessageBuilder, policy_default: readonly number[], head: xfrm_head): void {
  begin(skb, X.XFRM_MSG_GETDEFAULT, head)
  const [in_, out, fwd] = policy_default
  put_raw(skb, Uint8Array.of(in_, fwd, out))
  skb.end()
}
export function notify_default(net: net, policy_default: readonly number[]): void {
  const skb = new MessageBuilder()
  fill_default(skb, policy_default, { portid: 0, seq: 0 })
  tell(net, skb, X.XFRMNLGRP_POLICY)
}
