/**
 * net/sched/sch_htb.c: a hierarchy of token buckets. Leaves send at their rates; what a class leaves unused its brothers
 * may borrow, up to their ceilings. The classes' modes are in htb_class.ts.
 *
 *   a packet's class, by priority, filters and default | it goes to
 *   the discipline itself, or none that is a leaf      | the direct queue, which is sent first and at no rate
 *   a leaf                                             | the leaf's discipline
 *   a filter says that it is to be dropped             | nowhere, and counts as a drop
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { timer_list } from '../../kernel/time.ts'
import { NSEC_PER_SEC } from '../../kernel/time.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { TC_ACT_QUEUED, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_TRAP } from '../../uapi/linux/pkt_cls.ts'
import { TC_H_MAJ, TC_H_MAKE } from '../../uapi/linux/pkt_sched.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { type gnet_dump, gnet_stats_copy_app, gnet_stats_copy_basic, gnet_stats_copy_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { consume_skb, type sk_buff } from '../core/skbuff.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_FLAG, NLA_U32, NLA_U64, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import { qdisc_class_in_use, type tcf_block, tcf_block_get, tcf_block_put } from './cls_block.ts'
import { tcf_classify } from './cls_run.ts'
import { gen_kill_estimator, gnet_stats_copy_rate_est } from './gen_estimator.ts'
import {
  feed_next,
  htb_activate,
  htb_charge_class,
  HTB_CAN_SEND,
  type htb_class,
  htb_deactivate,
  htb_do_events,
  htb_feeds,
  htb_forget_wait,
  htb_levels,
  htb_lookup_leaf,
} from './htb_class.ts'
import { type Qdisc, type Qdisc_class_ops, type Qdisc_ops, sched_of, TC_H_ROOT, type tc_options } from './qdisc.ts'
import { Qdisc_class_hash } from './qdisc_class_hash.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { child_pkt_len, qdisc_purge_queue, qdisc_replace } from './qdisc_tree.ts'
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns } from './qdisc_watchdog.ts'
import { bstats_update, NET_XMIT_DROP, NET_XMIT_SUCCESS, pfifo_qdisc_ops, qdisc_bstats_update, qdisc_drop } from './sch_fifo.ts'
import { dev_graft_qdisc, qdisc_create_dflt, qdisc_put, qdisc_reset } from './sch_generic.ts'
import { htb_change_class } from './sch_htb_change.ts'
import { PSCHED_NS2TICKS, psched_l2t_ns, psched_ratecfg_getrate } from './sch_rate.ts'
import { qdisc_pkt_len } from './sch_stab.ts'

/** State. */
export interface htb_sched {
  clhash: Qdisc_class_hash<htb_class>
  levels: htb_levels
  rate2quantum: number
  defcls: number
  direct_qlen: number
  direct_queue: sk_buff[]
  direct_pkts: number
  block: tcf_block | undefined
  watchdog: timer_list
}
export function htb_priv(sch: Qdisc): htb_sched {
  return sch.priv as htb_sched
}

export const htb_policy = policy(
  P.TCA_HTB,
  {
    TCA_HTB_PARMS: NLA_UNSPEC(P.tc_htb_opt.size),
    TCA_HTB_INIT: NLA_UNSPEC(P.tc_htb_glob.size),
    TCA_HTB_CTAB: NLA_BINARY(1024),
    TCA_HTB_RTAB: NLA_BINARY(1024),
    TCA_HTB_DIRECT_QLEN: NLA_U32,
    TCA_HTB_RATE64: NLA_U64,
    TCA_HTB_CEIL64: NLA_U64,
    TCA_HTB_OFFLOAD: NLA_FLAG,
  },
  { name: 'htb_policy' },
)

export function htb_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  if (opt === undefined) return EINVAL
  const dev = sch.dev as net_device
  const q: htb_sched = {
    clhash: new Qdisc_class_hash(),
    levels: new htb_levels(),
    rate2quantum: 1,
    defcls: 0,
    direct_qlen: dev.tx_queue_len,
    direct_queue: [],
    direct_pkts: 0,
    block: tcf_block_get(sch),
    watchdog: qdisc_watchdog_init(sch),
  }
  sch.priv = q
  const tb = nla_parse_nested_deprecated_at({ ...opt.req, extack: new netlink_ext_ack() }, opt.at, htb_policy)
  if (isErrno(tb)) return tb
  const gopt = tb.get(P.TCA_HTB_INIT) as ReturnType<typeof P.tc_htb_glob.get> | undefined
  if (gopt === undefined || gopt.version !== P.HTB_VER >> 16) return EINVAL
  if (tb.has(P.TCA_HTB_OFFLOAD)) {
    if (sch.parent !== TC_H_ROOT) return extack.fail(EOPNOTSUPP, 'HTB must be the root qdisc to use offload')
    return extack.fail(EOPNOTSUPP, 'hw-tc-offload ethtool feature flag must be on')
  }
  q.direct_qlen = tb.get(P.TCA_HTB_DIRECT_QLEN) ?? q.direct_qlen
  q.rate2quantum = Math.max(1, gopt.rate2quantum | 0)
  q.defcls = gopt.defcls
  return undefined
}
/** All transmit queues get it, after everybody has been told. */
export function htb_attach(sch: Qdisc): void {
  const dev = sch.dev as net_device
  for (let i = 0; i < dev.num_tx_queues; i++) {
    const old = dev_graft_qdisc(dev, i, sch)
    sch.refcnt++
    qdisc_put(old)
  }
}
export function htb_destroy(sch: Qdisc): void {
  const q = sch.priv as htb_sched | undefined
  if (q === undefined) return
  qdisc_watchdog_cancel(q.watchdog)
  tcf_block_put(q.block)
  for (const cl of q.clhash.all()) destroy_class(cl)
}
function destroy_class(cl: htb_class): void {
  if (cl.level === 0) qdisc_put(cl.leaf)
  gen_kill_estimator(cl)
  tcf_block_put(cl.block)
}
export function htb_reset(sch: Qdisc): void {
  const q = htb_priv(sch)
  for (const cl of q.clhash.all()) {
    if (cl.level > 0) cl.feeds = htb_feeds()
    else qdisc_reset(cl.leaf)
    cl.prio_activity = 0
    cl.cmode = HTB_CAN_SEND
    cl.waiting = false
  }
  qdisc_watchdog_cancel(q.watchdog)
  q.direct_queue = []
  q.levels.rows = new htb_levels().rows
  q.levels.wait_pq = new htb_levels().wait_pq
}
export function htb_dump(sch: Qdisc, skb: MessageBuilder): void {
  const { levels, rate2quantum, defcls, direct_pkts, direct_qlen } = htb_priv(sch)
  sch.qstats.overlimits = levels.overlimits
  const nest = skb.nestNoflag(TCA_OPTIONS)
  skb.putBytes(P.TCA_HTB_INIT.nr, P.tc_htb_glob.encode({ version: P.HTB_VER, rate2quantum, defcls, direct_pkts }))
  skb.put(P.TCA_HTB_DIRECT_QLEN, direct_qlen)
  skb.nestEnd(nest)
}

type verdict = htb_class | 'direct' | 'drop' | 'stolen'
/** htb_classify(): an inner class has filters of its own, which choose among what is below it. */
function classify(skb: sk_buff, sch: Qdisc): verdict {
  const q = htb_priv(sch)
  if (skb.priority === sch.handle) return 'direct'
  let cl = q.clhash.find(skb.priority)
  if (cl?.level === 0) return cl
  for (let hops = 0; hops <= P.TC_HTB_MAXDEPTH; hops++) {
    const block: tcf_block | undefined = cl === undefined ? q.block : cl.block
    const res = { classid: 0 }
    const ret = block === undefined ? -1 : tcf_classify(skb, block, false, res)
    if (ret < 0) return default_class(sch)
    if (ret === TC_ACT_QUEUED || ret === TC_ACT_STOLEN || ret === TC_ACT_TRAP) return 'stolen'
    if (ret === TC_ACT_SHOT) return 'drop'
    if (res.classid === sch.handle) return 'direct'
    cl = q.clhash.find(res.classid)
    if (cl === undefined) return default_class(sch)
    if (cl.level === 0) return cl
  }
  return 'drop'
}
function default_class(sch: Qdisc): verdict {
  const cl = htb_priv(sch).clhash.find(TC_H_MAKE(TC_H_MAJ(sch.handle), htb_priv(sch).defcls))
  return cl === undefined || cl.level > 0 ? 'direct' : cl
}

export function htb_enqueue(skb: sk_buff, sch: Qdisc): number {
  const q = htb_priv(sch)
  const len = qdisc_pkt_len(skb, sch)
  const cl = classify(skb, sch)
  if (cl === 'stolen') {
    consume_skb(skb)
    return NET_XMIT_SUCCESS
  }
  if (cl === 'drop') return qdisc_drop(sch)
  if (cl === 'direct') {
    if (q.direct_queue.length >= q.direct_qlen) return qdisc_drop(sch)
    q.direct_queue.push(skb)
    q.direct_pkts++
  } else {
    const ret = cl.leaf.ops.enqueue?.(skb, cl.leaf) ?? NET_XMIT_DROP
    if (ret !== NET_XMIT_SUCCESS) {
      sch.qstats.drops++
      cl.drops++
      return ret
    }
    htb_activate(q.levels, cl)
  }
  sch.qstats.backlog += len
  sch.qstats.qlen++
  return NET_XMIT_SUCCESS
}

export function htb_dequeue(sch: Qdisc): sk_buff | undefined {
  const q = htb_priv(sch)
  const skb = q.direct_queue.shift() ?? (sch.qstats.qlen > 0 ? dequeue_classes(sch, q) : undefined)
  if (skb === undefined) return undefined
  qdisc_bstats_update(sch, skb)
  sch.qstats.backlog -= child_pkt_len(skb, sch)
  sch.qstats.qlen--
  return skb
}
/** Lower levels first, and on each the highest priority; else when the next class gets tokens back. */
function dequeue_classes(sch: Qdisc, { levels, watchdog }: htb_sched): sk_buff | undefined {
  levels.now = (sch.dev as net_device).nd_net.kernel.now()
  let next = levels.now + 5 * NSEC_PER_SEC
  for (let level = 0; level < P.TC_HTB_MAXDEPTH; level++) {
    next = Math.min(next, htb_do_events(levels, level) ?? next)
    for (let prio = 0; prio < P.TC_HTB_NUMPRIO; prio++) {
      const skb = dequeue_tree(sch, levels, prio, level)
      if (skb !== undefined) return skb
    }
  }
  qdisc_watchdog_schedule_ns(watchdog, next)
  return undefined
}
/** htb_dequeue_tree(): each leaf sends a quantum before the turn passes on. */
function dequeue_tree(sch: Qdisc, q: htb_levels, prio: number, level: number): sk_buff | undefined {
  const row = q.rows[level][prio]
  for (let left = row.row.length === 0 ? 0 : 65536; left > 0; left--) {
    const cl = htb_lookup_leaf(row, prio)
    if (cl === undefined) return undefined
    if (cl.leaf.qstats.qlen === 0) {
      htb_deactivate(q, cl)
      continue
    }
    const turn = level > 0 && cl.parent !== undefined ? cl.parent.feeds[prio] : q.rows[0][prio]
    const skb = cl.leaf.ops.dequeue?.(cl.leaf)
    if (skb === undefined) {
      // a leaf that holds its packets back: nothing can be said of when
      feed_next(turn)
      if (htb_lookup_leaf(row, prio) === cl) return undefined
      continue
    }
    bstats_update(cl.bstats, skb, sch)
    const len = qdisc_pkt_len(skb, sch)
    cl.deficit[level] -= len
    if (cl.deficit[level] < 0) {
      cl.deficit[level] += cl.quantum
      feed_next(turn)
    }
    if (cl.leaf.qstats.qlen === 0) htb_deactivate(q, cl)
    htb_charge_class(
      q,
      cl,
      level,
      (r) => psched_l2t_ns(r, len),
      (above) => bstats_update(above.bstats, skb, sch),
    )
    return skb
  }
  return undefined
}

function class_of(sch: Qdisc, cl: number): htb_class {
  return htb_priv(sch).clhash.find(cl) as htb_class
}
export function htb_find(sch: Qdisc, classid: number): number {
  return htb_priv(sch).clhash.find(classid)?.classid ?? 0
}
export function htb_leaf(sch: Qdisc, cl: number): Qdisc | undefined {
  const { level, leaf } = class_of(sch, cl)
  return level === 0 ? leaf : undefined
}
export function htb_graft(sch: Qdisc, cl: number, new_q: Qdisc | undefined, extack: netlink_ext_ack): Qdisc | Errno {
  const c = class_of(sch, cl)
  if (c.level > 0) return EINVAL
  const fresh = new_q ?? qdisc_create_dflt(sch.dev as net_device, pfifo_qdisc_ops, cl, sch.queue, extack)
  if (fresh === undefined) return ENOMEM
  const old = c.leaf
  c.leaf = fresh
  qdisc_replace(sch, old)
  return old
}
export function htb_qlen_notify(sch: Qdisc, cl: number): void {
  htb_deactivate(htb_priv(sch).levels, class_of(sch, cl))
}
export function htb_walk(sch: Qdisc): number[] {
  return htb_priv(sch)
    .clhash.all()
    .map((cl) => cl.classid)
}
/** A parent that loses its last child is a leaf again. */
export function htb_delete(sch: Qdisc, clid: number, extack: netlink_ext_ack): Errno | undefined {
  const q = htb_priv(sch)
  const cl = class_of(sch, clid)
  const blocks = [q.block, ...q.clhash.all().map((other) => other.block)]
  if (cl.children > 0 || qdisc_class_in_use(blocks, clid)) return extack.fail(EBUSY, 'HTB class in use')
  if (cl.level === 0) qdisc_purge_queue(cl.leaf)
  q.clhash.remove(cl)
  htb_deactivate(q.levels, cl)
  htb_forget_wait(q.levels, cl)
  const { parent } = cl
  if (parent !== undefined && --parent.children === 0 && cl.level === 0) parent_to_leaf(sch, parent)
  destroy_class(cl)
  return undefined
}
function parent_to_leaf(sch: Qdisc, parent: htb_class): void {
  const dev = sch.dev as net_device
  htb_forget_wait(htb_priv(sch).levels, parent)
  parent.level = 0
  parent.feeds = htb_feeds()
  parent.leaf = qdisc_create_dflt(dev, pfifo_qdisc_ops, parent.classid, sch.queue) ?? sched_of(dev).noop_qdisc
  parent.tokens = parent.buffer
  parent.ctokens = parent.cbuffer
  parent.t_c = dev.nd_net.kernel.now()
  parent.cmode = HTB_CAN_SEND
}

export function htb_dump_class(sch: Qdisc, clid: number) {
  const cl = class_of(sch, clid)
  return { parent: cl.parent?.classid ?? TC_H_ROOT, handle: clid, info: cl.level === 0 ? cl.leaf.handle : 0 }
}
export function htb_dump_class_options(sch: Qdisc, clid: number, skb: MessageBuilder): void {
  const cl = class_of(sch, clid)
  const { quantum, prio, level } = cl
  const [rate, ceil] = [cl.rate, cl.ceil].map((r) => ({ ...no_spec, ...psched_ratecfg_getrate(r) }))
  const [buffer, cbuffer] = [PSCHED_NS2TICKS(cl.buffer), PSCHED_NS2TICKS(cl.cbuffer)]
  const nest = skb.nestNoflag(TCA_OPTIONS)
  skb.putBytes(P.TCA_HTB_PARMS.nr, P.tc_htb_opt.encode({ rate, buffer, ceil, cbuffer, quantum, prio, level }))
  if (cl.rate.rate_bytes_ps >= 2 ** 32) skb.put(P.TCA_HTB_RATE64, cl.rate.rate_bytes_ps)
  if (cl.ceil.rate_bytes_ps >= 2 ** 32) skb.put(P.TCA_HTB_CEIL64, cl.ceil.rate_bytes_ps)
  skb.nestEnd(nest)
}
const no_spec = { cell_log: 0, linklayer: 0, overhead: 0, cell_align: 0, mpu: 0, rate: 0 }
const clamp = (ticks: number) => Math.max(-0x80000000, Math.min(0x7fffffff, ticks))
export function htb_dump_class_stats(sch: Qdisc, clid: number, d: gnet_dump): void {
  const cl = class_of(sch, clid)
  const { qlen, backlog } = cl.level === 0 ? cl.leaf.qstats : { qlen: 0, backlog: 0 }
  gnet_stats_copy_basic(d, cl.bstats)
  gnet_stats_copy_rate_est(d, cl)
  gnet_stats_copy_queue(d, { qlen, backlog, drops: cl.drops, requeues: 0, overlimits: cl.overlimits })
  const [tokens, ctokens] = [clamp(PSCHED_NS2TICKS(cl.tokens)), clamp(PSCHED_NS2TICKS(cl.ctokens))]
  gnet_stats_copy_app(d, P.tc_htb_xstats.encode({ lends: cl.lends, borrows: cl.borrows, tokens, ctokens }))
}
/** Filters hang on the discipline, and on inner classes. */
export function htb_tcf_block(sch: Qdisc, cl: number): tcf_block | undefined {
  return cl === 0 ? htb_priv(sch).block : class_of(sch, cl).block
}

export const htb_class_ops: Qdisc_class_ops = {
  graft: htb_graft,
  leaf: htb_leaf,
  find: htb_find,
  change: htb_change_class,
  delete: htb_delete,
  qlen_notify: htb_qlen_notify,
  walk: htb_walk,
  dump: htb_dump_class,
  dump_options: htb_dump_class_options,
  dump_stats: htb_dump_class_stats,
  tcf_block: htb_tcf_block,
}
export const htb_qdisc_ops: Qdisc_ops = {
  id: 'htb',
  cl_ops: htb_class_ops,
  init: htb_init,
  attach: htb_attach,
  enqueue: htb_enqueue,
  dequeue: htb_dequeue,
  reset: htb_reset,
  destroy: htb_destroy,
  dump: htb_dump,
}
/** The module sch_htb. */
export function htb_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, htb_qdisc_ops)
}
