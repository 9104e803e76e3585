/**
 * net/xfrm/xfrm_policy.c: which packets are to be transformed, let through or blocked. Policies are kept, found, told of and
 * expire by the clock; packets are not held to them.
 */
import { mod_timer, NSEC_PER_SEC, timer_delete, timer_list } from '../../kernel/time.ts'
import { EEXIST, type Errno, ESRCH } from '../../uapi/errno.ts'
import * as X from '../../uapi/linux/xfrm.ts'
import type { net } from '../core/net_namespace.ts'
import { netns_xfrm_of } from './netns_xfrm.ts'
import { real_seconds, same_bytes, type xfrm_mark } from './xfrm_state.ts'

/** A warning is repeated that often (XFRM_KM_TIMEOUT). */
const KM_TIMEOUT = 30

export class xfrm_policy {
  readonly net: net
  readonly dir: number
  type = X.XFRM_POLICY_TYPE_MAIN
  index = 0
  priority = 0
  action = 0
  flags = 0
  family = 0
  /** struct xfrm_selector and xfrm_lifetime_cfg. */
  selector: Uint8Array = new Uint8Array(X.xfrm_selector.size)
  lft: Uint8Array = new Uint8Array(X.xfrm_lifetime_cfg.size)
  curlft: Required<ReturnType<typeof X.xfrm_lifetime_cur.get>>
  mark: xfrm_mark = { v: 0, m: 0 }
  if_id = 0
  /** struct xfrm_user_tmpl, one behind the other. */
  tmpl: Uint8Array = new Uint8Array(0)
  dead = false
  readonly timer: timer_list
  constructor(net: net, dir: number) {
    this.net = net
    this.dir = dir
    this.curlft = { bytes: 0, packets: 0, add_time: 0, use_time: 0 }
    this.timer = new timer_list(net.kernel.events, xfrm_policy_timer, this)
  }
}
/** Which policy a request means. */
export interface policy_key {
  dir: number
  type: number
  mark: xfrm_mark
  if_id: number
}
function of_key(xp: xfrm_policy, { dir, type, mark, if_id }: policy_key): boolean {
  return xp.dir === dir && xp.type === type && xp.if_id === if_id && xp.mark.v === mark.v && xp.mark.m === mark.m
}
export function xfrm_policy_bysel(net: net, key: policy_key, sel: Uint8Array): xfrm_policy | undefined {
  return netns_xfrm_of(net).policy_all.find((xp) => of_key(xp, key) && same_bytes(xp.selector, sel))
}
/** A number says its direction in the lowest bits. */
export function xfrm_policy_id2dir(index: number): number {
  return index & 7
}
export function xfrm_policy_byid(net: net, key: policy_key, index: number): xfrm_policy | undefined {
  if (xfrm_policy_id2dir(index) !== key.dir) return undefined
  return netns_xfrm_of(net).policy_all.find((xp) => of_key(xp, key) && xp.index === index)
}
/** xfrm_gen_index(): the one asked for, or the next. */
function gen_index(net: net, dir: number, asked: number): number {
  const all = netns_xfrm_of(net)
  const used = new Set(all.policy_all.map((xp) => xp.index))
  if (asked !== 0 && !used.has(asked)) return asked
  for (;;) {
    const idx = (all.idx_generator | dir) >>> 0 || 8
    all.idx_generator += 8
    if (!used.has(idx)) return idx
  }
}
/** xfrm_policy_insert(): one with the same selector is replaced, unless it is to be new. */
export function xfrm_policy_insert(xp: xfrm_policy, excl: boolean): Errno | undefined {
  const all = netns_xfrm_of(xp.net)
  const old = xfrm_policy_bysel(xp.net, xp, xp.selector)
  if (old !== undefined && excl) return EEXIST
  xp.index = old?.index ?? gen_index(xp.net, xp.dir, xp.index)
  xp.curlft.add_time = real_seconds(xp.net.kernel)
  if (old !== undefined) xfrm_policy_delete(old)
  all.policy_all.unshift(xp)
  arm(xp, 1)
  return undefined
}
export function xfrm_policy_delete(xp: xfrm_policy): void {
  const all = netns_xfrm_of(xp.net)
  xp.dead = true
  timer_delete(xp.timer)
  all.policy_all = all.policy_all.filter((other) => other !== xp)
}
/** xfrm_policy_flush(): ESRCH: there was none. */
export function xfrm_policy_flush(net: net, type: number): Errno | undefined {
  const those = netns_xfrm_of(net).policy_all.filter((xp) => xp.type === type)
  for (const xp of those) xfrm_policy_delete(xp)
  return those.length === 0 ? ESRCH : undefined
}
function arm(xp: xfrm_policy, seconds: number): void {
  mod_timer(xp.timer, xp.net.kernel.now() + seconds * NSEC_PER_SEC)
}
/** The timer's function: a soft limit is told again and again. */
export function xfrm_policy_timer(xp: xfrm_policy): void {
  const now = real_seconds(xp.net.kernel)
  const lft = X.xfrm_lifetime_cfg.get(xp.lft, 0)
  const { add_time, use_time } = xp.curlft
  const left = (limit: number, since: number) => (limit === 0 ? Infinity : limit + since - now)
  const hard = Math.min(left(lft.hard_add_expires_seconds, add_time), left(lft.hard_use_expires_seconds, use_time || add_time))
  const { km } = netns_xfrm_of(xp.net)
  if (hard <= 0) {
    xfrm_policy_delete(xp)
    km?.policy_expired(xp, true, 0)
    return
  }
  let soft = Math.min(left(lft.soft_add_expires_seconds, add_time), left(lft.soft_use_expires_seconds, use_time || add_time))
  const warn = soft <= 0
  if (warn) soft = KM_TIMEOUT
  if (warn) km?.policy_expired(xp, false, 0)
  const next = Math.min(hard, soft)
  if (next !== Infinity) arm(xp, next)
}
