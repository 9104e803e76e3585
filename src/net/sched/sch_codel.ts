/** net/sched/sch_codel.c: one queue under CoDel. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { SKB_DROP_REASON_QDISC_DROP } from '../core/dropreason.ts'
import { type gnet_dump, gnet_stats_copy_app } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb_reason, type sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_U32, policy } from '../netlink/policy.ts'
import {
  CODEL_DISABLED_THRESHOLD,
  codel_dequeue as codel_next,
  type codel_params,
  codel_time_to_us,
  codel_vars,
  MS2TIME,
  us_to_codel_time,
} from './codel.ts'
import { type Qdisc, type Qdisc_ops, TCQ_F_CAN_BYPASS, type tc_options } from './qdisc.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_tree_reduce_backlog } from './qdisc_tree.ts'
import { fifo_reset, NET_XMIT_SUCCESS, psched_mtu, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

const DEFAULT_CODEL_LIMIT = 1000

/** State; a packet's arrival (ns) stands at its place in the queue. */
export class codel_sched_data {
  params: codel_params
  vars = new codel_vars()
  arrivals: number[] = []
  maxpacket = 0
  drop_overlimit = 0
  ecn_mark = 0
  ce_mark = 0
  constructor(mtu: number) {
    this.params = {
      target: MS2TIME(5),
      interval: MS2TIME(100),
      ce_threshold: CODEL_DISABLED_THRESHOLD,
      ce_threshold_selector: 0,
      ce_threshold_mask: 0,
      mtu,
      ecn: false,
    }
  }
}
function priv(sch: Qdisc): codel_sched_data {
  return sch.priv as codel_sched_data
}
function now_of(sch: Qdisc): number {
  return (sch.dev as net_device).nd_net.kernel.now()
}

export const codel_policy = policy(
  P.TCA_CODEL,
  {
    TCA_CODEL_TARGET: NLA_U32,
    TCA_CODEL_LIMIT: NLA_U32,
    TCA_CODEL_INTERVAL: NLA_U32,
    TCA_CODEL_ECN: NLA_U32,
    TCA_CODEL_CE_THRESHOLD: NLA_U32,
  },
  { name: 'codel_policy' },
)

/** Packets beyond a lower limit go at once. */
export function codel_change(sch: Qdisc, opt: tc_options): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at({ ...opt.req, extack: new netlink_ext_ack() }, opt.at, codel_policy)
  if (isErrno(tb)) return tb
  const { params } = priv(sch)
  const time = (attr: typeof P.TCA_CODEL_TARGET, old: number) => {
    const us = tb.get(attr)
    return us === undefined ? old : us_to_codel_time(us)
  }
  params.target = time(P.TCA_CODEL_TARGET, params.target)
  params.ce_threshold = time(P.TCA_CODEL_CE_THRESHOLD, params.ce_threshold)
  params.interval = time(P.TCA_CODEL_INTERVAL, params.interval)
  sch.limit = tb.get(P.TCA_CODEL_LIMIT) ?? sch.limit
  params.ecn = (tb.get(P.TCA_CODEL_ECN) ?? Number(params.ecn)) !== 0
  const { qlen, backlog } = sch.qstats
  while (sch.qstats.qlen > sch.limit) drop(sch, (take(sch) as { skb: sk_buff }).skb)
  qdisc_tree_reduce_backlog(sch, qlen - sch.qstats.qlen, backlog - sch.qstats.backlog)
  return undefined
}
export function codel_init(sch: Qdisc, opt: tc_options | undefined): Errno | undefined {
  sch.limit = DEFAULT_CODEL_LIMIT
  sch.priv = new codel_sched_data(psched_mtu(sch))
  const error = opt === undefined ? undefined : codel_change(sch, opt)
  if (isErrno(error)) return error
  if (sch.limit >= 1) sch.flags |= TCQ_F_CAN_BYPASS
  return undefined
}
export function codel_reset(sch: Qdisc): void {
  fifo_reset(sch)
  priv(sch).arrivals = []
  priv(sch).vars = new codel_vars()
}

function take(sch: Qdisc): { skb: sk_buff; arrival: number } | undefined {
  const skb = sch.q.shift()
  if (skb === undefined) return undefined
  sch.qstats.qlen--
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  return { skb, arrival: priv(sch).arrivals.shift() ?? 0 }
}
function drop(sch: Qdisc, skb: sk_buff): void {
  sch.qstats.drops++
  kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP)
}
export function codel_enqueue(skb: sk_buff, sch: Qdisc): number {
  const data = priv(sch)
  if (sch.qstats.qlen >= sch.limit) {
    data.drop_overlimit++
    return qdisc_drop(sch)
  }
  sch.q.push(skb)
  data.arrivals.push(now_of(sch))
  sch.qstats.qlen++
  sch.qstats.backlog += qdisc_pkt_len(skb, sch)
  return NET_XMIT_SUCCESS
}
export function codel_dequeue(sch: Qdisc): sk_buff | undefined {
  const data = priv(sch)
  const lost = { packets: 0, bytes: 0 }
  const skb = codel_next({
    vars: data.vars,
    params: data.params,
    now: now_of(sch),
    take: () => {
      const head = take(sch)
      if (head !== undefined) data.maxpacket = Math.max(data.maxpacket, qdisc_pkt_len(head.skb, sch))
      return head
    },
    drop: (victim) => {
      lost.packets++
      lost.bytes += qdisc_pkt_len(victim, sch)
      drop(sch, victim)
    },
    marked: (over_threshold) => {
      if (over_threshold) data.ce_mark++
      else data.ecn_mark++
    },
    backlog: () => sch.qstats.backlog,
  })
  if (lost.packets > 0) qdisc_tree_reduce_backlog(sch, lost.packets, lost.bytes)
  if (skb !== undefined) qdisc_bstats_update(sch, skb)
  return skb
}

export function codel_dump(sch: Qdisc, skb: MessageBuilder): void {
  const { params } = priv(sch)
  const nest = skb.nestNoflag(TCA_OPTIONS)
  skb.put(P.TCA_CODEL_TARGET, codel_time_to_us(params.target))
  skb.put(P.TCA_CODEL_LIMIT, sch.limit)
  skb.put(P.TCA_CODEL_INTERVAL, codel_time_to_us(params.interval))
  skb.put(P.TCA_CODEL_ECN, Number(params.ecn))
  if (params.ce_threshold !== CODEL_DISABLED_THRESHOLD) skb.put(P.TCA_CODEL_CE_THRESHOLD, codel_time_to_us(params.ce_threshold))
  skb.nestEnd(nest)
}
/** The time of the next drop is relative, and only told while packets are dropped. */
export function codel_dump_stats(sch: Qdisc, d: gnet_dump): void {
  const { vars, maxpacket, drop_overlimit, ecn_mark, ce_mark } = priv(sch)
  const { count, lastcount, dropping } = vars
  const xstats = {
    maxpacket,
    count,
    lastcount,
    ldelay: Math.floor(vars.ldelay / 1000),
    drop_next: dropping ? Math.trunc((vars.drop_next - now_of(sch)) / 1000) : 0,
    drop_overlimit,
    ecn_mark,
    dropping: Number(dropping),
    ce_mark,
  }
  gnet_stats_copy_app(d, P.tc_codel_xstats.encode(xstats))
}

export const codel_qdisc_ops: Qdisc_ops = {
  id: 'codel',
  init: codel_init,
  change: codel_change,
  enqueue: codel_enqueue,
  dequeue: codel_dequeue,
  reset: codel_reset,
  dump: codel_dump,
  dump_stats: codel_dump_stats,
}
/** The module sch_codel. */
export function codel_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, codel_qdisc_ops)
}
