/**
 * net/sched/sch_fq_codel.c, RFC 8290: Debian's default discipline. Flows take turns, new ones first; each is held short by
 * CoDel. DIVERGES: which flow a packet falls into is another hash.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_sched.ts'
import { TCA_OPTIONS } from '../../uapi/linux/rtnetlink.ts'
import { type gnet_dump, gnet_stats_copy_app, gnet_stats_copy_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { type tcf_block, tcf_block_get, tcf_block_put } from './cls_block.ts'
import { CODEL_DISABLED_THRESHOLD, codel_time_to_us, MS2TIME, us_to_codel_time } from './codel.ts'
import { fq_codel_data, priv } from './fq_codel_flows.ts'
import { fq_codel_dequeue, fq_codel_drop, fq_codel_enqueue, fq_codel_reset } from './fq_codel_queue.ts'
import { type Qdisc, type Qdisc_class_ops, type Qdisc_ops, TCQ_F_CAN_BYPASS, type tc_options } from './qdisc.ts'
import { register_qdisc } from './qdisc_kinds.ts'
import { qdisc_tree_reduce_backlog } from './qdisc_tree.ts'
import { psched_mtu } from './sch_fifo.ts'

const FQ_CODEL_QUANTUM_MAX = 1 << 20

export const fq_codel_policy = policy(
  P.TCA_FQ_CODEL,
  {
    TCA_FQ_CODEL_TARGET: NLA_U32,
    TCA_FQ_CODEL_LIMIT: NLA_U32,
    TCA_FQ_CODEL_INTERVAL: NLA_U32,
    TCA_FQ_CODEL_ECN: NLA_U32,
    TCA_FQ_CODEL_FLOWS: NLA_U32,
    TCA_FQ_CODEL_QUANTUM: NLA_U32,
    TCA_FQ_CODEL_CE_THRESHOLD: NLA_U32,
    TCA_FQ_CODEL_DROP_BATCH_SIZE: NLA_U32,
    TCA_FQ_CODEL_MEMORY_LIMIT: NLA_U32,
    TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR: NLA_U8,
    TCA_FQ_CODEL_CE_THRESHOLD_MASK: NLA_U8,
  },
  { name: 'fq_codel_policy' },
)

/** Flows are counted once, at the beginning. Errors of the attributes themselves have no text (Linux parses without). */
export function fq_codel_change(sch: Qdisc, opt: tc_options, extack: netlink_ext_ack): Errno | undefined {
  const data = priv(sch)
  const tb = nla_parse_nested_deprecated_at({ ...opt.req, extack: new netlink_ext_ack() }, opt.at, fq_codel_policy)
  if (isErrno(tb)) return tb
  const flows = tb.get(P.TCA_FQ_CODEL_FLOWS)
  if (flows !== undefined) {
    if (data.ready || flows === 0 || flows > 65536) return EINVAL
    data.flows_cnt = flows
  }
  const quantum = tb.get(P.TCA_FQ_CODEL_QUANTUM)
  if (quantum !== undefined) {
    if (quantum > FQ_CODEL_QUANTUM_MAX) return extack.fail(EINVAL, 'Invalid quantum')
    data.quantum = Math.max(256, quantum)
  }
  const time = (attr: typeof P.TCA_FQ_CODEL_TARGET, old: number) => {
    const us = tb.get(attr)
    return us === undefined ? old : us_to_codel_time(us)
  }
  const { cparams } = data
  cparams.target = time(P.TCA_FQ_CODEL_TARGET, cparams.target)
  cparams.ce_threshold = time(P.TCA_FQ_CODEL_CE_THRESHOLD, cparams.ce_threshold)
  cparams.interval = time(P.TCA_FQ_CODEL_INTERVAL, cparams.interval)
  cparams.ce_threshold_selector = tb.get(P.TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR) ?? cparams.ce_threshold_selector
  cparams.ce_threshold_mask = tb.get(P.TCA_FQ_CODEL_CE_THRESHOLD_MASK) ?? cparams.ce_threshold_mask
  cparams.ecn = (tb.get(P.TCA_FQ_CODEL_ECN) ?? Number(cparams.ecn)) !== 0
  sch.limit = tb.get(P.TCA_FQ_CODEL_LIMIT) ?? sch.limit
  data.drop_batch_size = Math.max(1, tb.get(P.TCA_FQ_CODEL_DROP_BATCH_SIZE) ?? data.drop_batch_size)
  data.memory_limit = Math.min(2 ** 31, tb.get(P.TCA_FQ_CODEL_MEMORY_LIMIT) ?? data.memory_limit)
  shrink(sch)
  return undefined
}
/** A lower limit holds at once. */
function shrink(sch: Qdisc): void {
  const { qlen, backlog } = sch.qstats
  while (sch.qstats.qlen > sch.limit || (priv(sch).memory_usage > priv(sch).memory_limit && sch.qstats.qlen > 0)) fq_codel_drop(sch, 1)
  qdisc_tree_reduce_backlog(sch, qlen - sch.qstats.qlen, backlog - sch.qstats.backlog)
}

export function fq_codel_init(sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack): Errno | undefined {
  const mtu = psched_mtu(sch)
  const data = new fq_codel_data(mtu, { target: MS2TIME(5), interval: MS2TIME(100), mtu })
  sch.limit = 10 * 1024
  sch.priv = data
  if (opt !== undefined) {
    const error = fq_codel_change(sch, opt, extack)
    if (isErrno(error)) return error
  }
  data.block = tcf_block_get(sch)
  data.perturbation = (sch.dev as net_device).nd_net.kernel.random.u32()
  data.ready = true
  if (sch.limit >= 1) sch.flags |= TCQ_F_CAN_BYPASS
  return undefined
}
export function fq_codel_destroy(sch: Qdisc): void {
  const data = sch.priv as fq_codel_data | undefined
  tcf_block_put(data?.block)
}

export function fq_codel_dump(sch: Qdisc, skb: MessageBuilder): void {
  const { cparams, quantum, drop_batch_size, memory_limit, flows_cnt } = priv(sch)
  const nest = skb.nestNoflag(TCA_OPTIONS)
  skb.put(P.TCA_FQ_CODEL_TARGET, codel_time_to_us(cparams.target))
  skb.put(P.TCA_FQ_CODEL_LIMIT, sch.limit)
  skb.put(P.TCA_FQ_CODEL_INTERVAL, codel_time_to_us(cparams.interval))
  skb.put(P.TCA_FQ_CODEL_ECN, Number(cparams.ecn))
  skb.put(P.TCA_FQ_CODEL_QUANTUM, quantum)
  skb.put(P.TCA_FQ_CODEL_DROP_BATCH_SIZE, drop_batch_size)
  skb.put(P.TCA_FQ_CODEL_MEMORY_LIMIT, memory_limit)
  skb.put(P.TCA_FQ_CODEL_FLOWS, flows_cnt)
  if (cparams.ce_threshold !== CODEL_DISABLED_THRESHOLD) {
    skb.put(P.TCA_FQ_CODEL_CE_THRESHOLD, codel_time_to_us(cparams.ce_threshold))
    skb.put(P.TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR, cparams.ce_threshold_selector)
    skb.put(P.TCA_FQ_CODEL_CE_THRESHOLD_MASK, cparams.ce_threshold_mask)
  }
  skb.nestEnd(nest)
}
export function fq_codel_dump_stats(sch: Qdisc, d: gnet_dump): void {
  const data = priv(sch)
  gnet_stats_copy_app(
    d,
    P.tc_fq_codel_qd_stats.encode({
      type: P.TCA_FQ_CODEL_XSTATS_QDISC,
      maxpacket: data.maxpacket,
      drop_overlimit: data.drop_overlimit,
      ecn_mark: data.ecn_mark,
      ce_mark: data.ce_mark,
      new_flow_count: data.new_flow_count,
      new_flows_len: data.new_flows.length,
      old_flows_len: data.old_flows.length,
      memory_usage: data.memory_usage,
      drop_overmemory: data.drop_overmemory,
    }),
  )
}

export function fq_codel_leaf(): undefined {
  return undefined
}
/** Flows are shown as classes and cannot be named. */
export function fq_codel_find(): number {
  return 0
}
/** Flows that have something waiting, or have had their turn just now. */
export function fq_codel_walk(sch: Qdisc): number[] {
  const { new_flows, old_flows } = priv(sch)
  return [...new_flows, ...old_flows].map((index) => index + 1).sort((a, b) => a - b)
}
export function fq_codel_dump_class(sch: Qdisc, cl: number) {
  return { handle: (sch.handle | P.TC_H_MIN(cl)) >>> 0, info: 0 }
}
export function fq_codel_dump_class_stats(sch: Qdisc, cl: number, d: gnet_dump): void {
  const flow = priv(sch).flows.get(cl - 1)
  if (flow === undefined) return
  const { cvars } = flow
  gnet_stats_copy_queue(d, { qlen: flow.packets.length, backlog: flow.backlog, drops: flow.dropped, requeues: 0, overlimits: 0 })
  gnet_stats_copy_app(
    d,
    P.tc_fq_codel_cl_stats.encode({
      type: P.TCA_FQ_CODEL_XSTATS_CLASS,
      deficit: flow.deficit,
      ldelay: Math.floor(cvars.ldelay / 1000),
      count: cvars.count,
      lastcount: cvars.lastcount,
      dropping: Number(cvars.dropping),
    }),
  )
}
export function fq_codel_tcf_block(sch: Qdisc, cl: number): tcf_block | undefined {
  return cl === 0 ? priv(sch).block : undefined
}

export const fq_codel_class_ops: Qdisc_class_ops = {
  leaf: fq_codel_leaf,
  find: fq_codel_find,
  walk: fq_codel_walk,
  dump: fq_codel_dump_class,
  dump_stats: fq_codel_dump_class_stats,
  tcf_block: fq_codel_tcf_block,
}
export const fq_codel_qdisc_ops: Qdisc_ops = {
  id: 'fq_codel',
  cl_ops: fq_codel_class_ops,
  init: fq_codel_init,
  change: fq_codel_change,
  enqueue: fq_codel_enqueue,
  dequeue: fq_codel_dequeue,
  reset: fq_codel_reset,
  destroy: fq_codel_destroy,
  dump: fq_codel_dump,
  dump_stats: fq_codel_dump_stats,
}

export function fq_codel_module_init(kernel: Kernel): Errno | undefined {
  return register_qdisc(kernel, fq_codel_qdisc_ops)
}
