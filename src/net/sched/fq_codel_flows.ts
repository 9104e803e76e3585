/** net/sched/sch_fq_codel.c struct fq_codel_sched_data: parameters, counters and flows. */
import type { sk_buff } from '../core/skbuff.ts'
import type { tcf_block } from './cls_block.ts'
import { CODEL_DISABLED_THRESHOLD, type codel_params, codel_vars } from './codel.ts'
import type { Qdisc } from './qdisc.ts'

/** A packet that waits, with when it came (ns). */
export interface fq_codel_packet {
  skb: sk_buff
  arrival: number
}
export class fq_codel_flow {
  packets: fq_codel_packet[] = []
  backlog = 0
  deficit = 0
  dropped = 0
  cvars = new codel_vars()
}

export class fq_codel_data {
  flows_cnt = 1024
  quantum: number
  drop_batch_size = 64
  memory_limit = 32 << 20
  cparams: codel_params
  perturbation = 0
  /** Flows exist: their number no longer changes. */
  ready = false
  block: tcf_block | undefined = undefined
  /** By index, made with their first packet. */
  flows = new Map<number, fq_codel_flow>()
  /** Indexes, in the order of their turns. */
  new_flows: number[] = []
  old_flows: number[] = []
  memory_usage = 0
  maxpacket = 0
  new_flow_count = 0
  drop_overlimit = 0
  ecn_mark = 0
  ce_mark = 0
  drop_overmemory = 0
  constructor(quantum: number, times: Pick<codel_params, 'target' | 'interval' | 'mtu'>) {
    this.quantum = quantum
    this.cparams = { ...times, ce_threshold: CODEL_DISABLED_THRESHOLD, ce_threshold_selector: 0, ce_threshold_mask: 0, ecn: true }
  }
}
export function priv(sch: Qdisc): fq_codel_data {
  return sch.priv as fq_codel_data
}
