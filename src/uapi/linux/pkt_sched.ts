/** include/uapi/linux/pkt_sched.h, with struct tc_stats: handles, and what the kinds of disciplines are told. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { array, struct } from '../../lib/struct.ts'
import { binary, s32, u8, s16, u16, u32, u64 } from '../../lib/types.ts'

export const TC_H_UNSPEC = 0
export const TC_H_ROOT = 0xffffffff
export const TC_H_INGRESS = 0xfffffff1
export const TC_H_CLSACT = TC_H_INGRESS
export const TC_H_MIN_INGRESS = 0xfff2
export const TC_H_MIN_EGRESS = 0xfff3
export function TC_H_MAJ(h: number): number {
  return (h & 0xffff0000) >>> 0
}
export function TC_H_MIN(h: number): number {
  return h & 0xffff
}
export function TC_H_MAKE(maj: number, min: number): number {
  return ((maj & 0xffff0000) | (min & 0xffff)) >>> 0
}

export const tc_stats = struct('tc_stats', {
  bytes: u64, packets: u32, drops: u32, overlimits: u32, bps: u32, pps: u32, qlen: u32, backlog: u32,
})
export const tc_estimator = struct('tc_estimator', { interval: u8, ewma_log: u8 })

export const TCQ_PRIO_BANDS = 16
export const TCQ_MIN_PRIO_BANDS = 2
export const TC_PRIO_MAX = 15
export const tc_fifo_qopt = struct('tc_fifo_qopt', { limit: u32 })
export const tc_prio_qopt = struct('tc_prio_qopt', { bands: s32, priomap: array(u8, TC_PRIO_MAX + 1) })

export const tc_sizespec = struct('tc_sizespec', {
  cell_log: u8, size_log: u8, cell_align: s16, overhead: s32, linklayer: u32, mpu: u32, mtu: u32, tsize: u32,
})
export const TCA_STAB_BASE = attr(1, tc_sizespec)
export const TCA_STAB_DATA = attr(2, binary)
export const TCA_STAB_SET: AttrSet = attrs('TCA_STAB', { TCA_STAB_BASE, TCA_STAB_DATA })

export const TC_LINKLAYER_UNAWARE = 0
export const TC_LINKLAYER_ETHERNET = 1
export const TC_LINKLAYER_ATM = 2
export const TC_LINKLAYER_MASK = 0x0f
export const TC_RTAB_SIZE = 1024
export const tc_ratespec = struct('tc_ratespec', { cell_log: u8, linklayer: u8, overhead: u16, cell_align: s16, mpu: u16, rate: u32 })
export const tc_tbf_qopt = struct('tc_tbf_qopt', { rate: tc_ratespec, peakrate: tc_ratespec, limit: u32, buffer: u32, mtu: u32 })
export const TCA_TBF_PARMS = attr(1, tc_tbf_qopt)
export const TCA_TBF_RTAB = attr(2, binary)
export const TCA_TBF_PTAB = attr(3, binary)
export const TCA_TBF_RATE64 = attr(4, u64)
export const TCA_TBF_PRATE64 = attr(5, u64)
export const TCA_TBF_BURST = attr(6, u32)
export const TCA_TBF_PBURST = attr(7, u32)
export const TCA_TBF: AttrSet = attrs(
  'TCA_TBF',
  { TCA_TBF_PARMS, TCA_TBF_RTAB, TCA_TBF_PTAB, TCA_TBF_RATE64, TCA_TBF_PRATE64, TCA_TBF_BURST, TCA_TBF_PBURST },
  8,
)

export const TCA_FQ_CODEL_TARGET = attr(1, u32)
export const TCA_FQ_CODEL_LIMIT = attr(2, u32)
export const TCA_FQ_CODEL_INTERVAL = attr(3, u32)
export const TCA_FQ_CODEL_ECN = attr(4, u32)
export const TCA_FQ_CODEL_FLOWS = attr(5, u32)
export const TCA_FQ_CODEL_QUANTUM = attr(6, u32)
export const TCA_FQ_CODEL_CE_THRESHOLD = attr(7, u32)
export const TCA_FQ_CODEL_DROP_BATCH_SIZE = attr(8, u32)
export const TCA_FQ_CODEL_MEMORY_LIMIT = attr(9, u32)
export const TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR = attr(10, u8)
export const TCA_FQ_CODEL_CE_THRESHOLD_MASK = attr(11, u8)
export const TCA_FQ_CODEL: AttrSet = attrs('TCA_FQ_CODEL', {
  TCA_FQ_CODEL_TARGET, TCA_FQ_CODEL_LIMIT, TCA_FQ_CODEL_INTERVAL, TCA_FQ_CODEL_ECN, TCA_FQ_CODEL_FLOWS, TCA_FQ_CODEL_QUANTUM,
  TCA_FQ_CODEL_CE_THRESHOLD, TCA_FQ_CODEL_DROP_BATCH_SIZE, TCA_FQ_CODEL_MEMORY_LIMIT, TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR,
  TCA_FQ_CODEL_CE_THRESHOLD_MASK,
})
export const TCA_FQ_CODEL_XSTATS_QDISC = 0
export const TCA_FQ_CODEL_XSTATS_CLASS = 1
/** struct tc_fq_codel_xstats with its member for a discipline. */
export const tc_fq_codel_qd_stats = struct('tc_fq_codel_qd_stats', {
  type: u32, maxpacket: u32, drop_overlimit: u32, ecn_mark: u32, new_flow_count: u32, new_flows_len: u32, old_flows_len: u32,
  ce_mark: u32, memory_usage: u32, drop_overmemory: u32,
})
/** The same with its member for a class: a flow. */
export const tc_fq_codel_cl_stats = struct('tc_fq_codel_cl_stats', {
  type: u32, deficit: s32, ldelay: u32, count: u32, lastcount: u32, dropping: u32, drop_next: s32,
})

export const TCA_CODEL_TARGET = attr(1, u32)
export const TCA_CODEL_LIMIT = attr(2, u32)
export const TCA_CODEL_INTERVAL = attr(3, u32)
export const TCA_CODEL_ECN = attr(4, u32)
export const TCA_CODEL_CE_THRESHOLD = attr(5, u32)
export const TCA_CODEL: AttrSet = attrs('TCA_CODEL', {
  TCA_CODEL_TARGET, TCA_CODEL_LIMIT, TCA_CODEL_INTERVAL, TCA_CODEL_ECN, TCA_CODEL_CE_THRESHOLD,
})
export const tc_codel_xstats = struct('tc_codel_xstats', {
  maxpacket: u32, count: u32, lastcount: u32, ldelay: u32, drop_next: s32, drop_overlimit: u32, ecn_mark: u32, dropping: u32,
  ce_mark: u32,
})
