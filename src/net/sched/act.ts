/**
 * include/net/act_api.h: actions, which filters have done to packets: of a kind, each with a number of its own in its
 * namespace, so that several filters can share one.
 */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { NSEC_PER_SEC, USER_HZ } from '../../kernel/time.ts'
import * as P from '../../uapi/linux/pkt_cls.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { gnet_basic, gnet_queue } from '../core/gen_stats.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { ParseContext } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { gen_kill_estimator, type net_rate_estimator } from './gen_estimator.ts'
import type { sched_state } from './qdisc.ts'

/** A request for an action: where its TCA_ACT_OPTIONS begin in req.buf, 0: it has none. */
export interface tc_action_request {
  readonly req: ParseContext & { net: net; extack: netlink_ext_ack }
  readonly options: number
  /** By a filter, which will hold it. */
  readonly bind: boolean
  /** NLM_F_REPLACE: what is there may be changed. */
  readonly replace: boolean
  readonly flags: number
  /** TCA_RATE of the filter. */
  readonly est?: AttrTable
}
/** An exported constant of each kind. */
export interface tc_action_ops {
  readonly kind: string
  readonly init: (request: tc_action_request) => tc_action | Errno
  /** TC_ACT_*; the packet stands as the hook has it. */
  readonly act: (skb: sk_buff, a: tc_action, at_ingress: boolean) => number
  /** What TCA_ACT_OPTIONS holds, but the times. */
  readonly dump: (skb: MessageBuilder, a: tc_action, refcnt: number) => void
  /** Whether hardware could do it; a text: not quite. Absent: it could. */
  readonly offload?: (a: tc_action) => boolean | string
  /** Number of the attribute with the times. */
  readonly tm: number
}

export class tc_action {
  readonly ops: tc_action_ops
  readonly net: net
  readonly index: number
  refcnt = 1
  bindcnt = 0
  /** TC_ACT_*, with a number of a chain or of actions to leave out. */
  action = 0
  /** TCA_ACT_FLAGS_* as dumps show them. */
  flags = 0
  cookie: Uint8Array | undefined = undefined
  /** TCA_OLD_COMPAT: a filter's TCA_*_POLICE. */
  compat = false
  /** A list has asked the hardware for its counters. */
  used_hw_stats = false
  rate_est: net_rate_estimator | undefined = undefined
  bstats: gnet_basic = { bytes: 0, packets: 0 }
  qstats: gnet_queue = { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 }
  /** Lab time, ns; firstuse 0: never. */
  install: number
  lastuse: number
  firstuse = 0
  /** The kind's own. */
  priv: unknown = undefined
  constructor(ops: tc_action_ops, net: net, index: number) {
    this.ops = ops
    this.net = net
    this.index = index
    this.install = this.lastuse = net.kernel.now()
  }
}

export function sched_state_of(net: net): sched_state {
  return net.kernel.netdev.sched
}
export function tcf_register_action(sched: sched_state, ops: tc_action_ops): void {
  if (!sched.act_base.includes(ops)) sched.act_base.push(ops)
}
export function tcf_idr_search(net: net, ops: tc_action_ops, index: number): tc_action | undefined {
  return sched_state_of(net).actions.find((a) => a.ops === ops && a.net === net && a.index === index)
}
/** Of a kind in a namespace, by number. */
export function tcf_actions_of(net: net, ops: tc_action_ops): tc_action[] {
  return sched_state_of(net)
    .actions.filter((a) => a.ops === ops && a.net === net)
    .sort((a, b) => a.index - b.index)
}
/** tcf_idr_check_alloc() and tcf_idr_create(): the action of that number, which is taken once more; or a new one. */
export function tcf_idr_get(request: tc_action_request, ops: tc_action_ops, index: number): { a: tc_action; created: boolean } {
  const { net } = request.req
  const found = index === 0 ? undefined : tcf_idr_search(net, ops, index)
  if (found !== undefined) {
    found.refcnt++
    if (request.bind) found.bindcnt++
    return { a: found, created: false }
  }
  const used = new Set(tcf_actions_of(net, ops).map((a) => a.index))
  let free = 1
  while (used.has(free)) free++
  const a = new tc_action(ops, net, index === 0 ? free : index)
  a.bindcnt = request.bind ? 1 : 0
  a.flags = request.flags
  sched_state_of(net).actions.push(a)
  return { a, created: true }
}
/** tcf_idr_release() */
export function tcf_idr_release(a: tc_action, bind: boolean): void {
  if (bind) a.bindcnt--
  if (--a.refcnt > 0) return
  gen_kill_estimator(a)
  const sched = sched_state_of(a.net)
  sched.actions = sched.actions.filter((other) => other !== a)
}

/** tcf_action_update_bstats(), tcf_lastuse_update() */
export function tcf_action_used(a: tc_action, skb: sk_buff, len: number): void {
  const now = a.net.kernel.now()
  a.lastuse = now
  if (a.firstuse === 0) a.firstuse = now
  a.bstats.bytes += len
  a.bstats.packets += skb.gso_segs > 1 ? skb.gso_segs : 1
}
/** qdisc_pkt_len(): with the link header also on the way in. */
export function tc_pkt_len(skb: sk_buff, at_ingress: boolean): number {
  return at_ingress ? skb.len + skb.mac_len : skb.len
}

const ext = (action: number) => action & ~P.TC_ACT_EXT_VAL_MASK
/** tcf_exts_exec(), tcf_action_exec(): one after the other, while they say so. */
export function tcf_action_exec(skb: sk_buff, actions: readonly tc_action[], at_ingress: boolean): number {
  let ret = P.TC_ACT_OK
  let jumps = P.TCA_ACT_MAX_PRIO
  for (let i = 0; i < actions.length; i++) {
    let repeats = 32
    do ret = actions[i].ops.act(skb, actions[i], at_ingress)
    while (ret === P.TC_ACT_REPEAT && --repeats > 0)
    if (ret === P.TC_ACT_REPEAT) return P.TC_ACT_OK
    if (ret > 0 && ext(ret) === P.TC_ACT_JUMP) {
      // that many are left out, counted from the first one on
      const skip = ret & P.TC_ACT_EXT_VAL_MASK
      if (skip === 0 || skip > actions.length || --jumps <= 0) return P.TC_ACT_OK
      i = skip - 1
      continue
    }
    if (ret !== P.TC_ACT_PIPE) return ret
  }
  return ret
}

/** tcf_tm_dump() */
export function tcf_tm(a: tc_action): Uint8Array {
  const now = a.net.kernel.now()
  const ago = (then: number) => Math.floor(((now - then) * USER_HZ) / NSEC_PER_SEC)
  return P.tcf_t.encode({
    install: ago(a.install),
    lastuse: ago(a.lastuse),
    firstuse: a.firstuse === 0 ? 0 : ago(a.firstuse),
    expires: 0,
  })
}
