/**
 * net/sched/sch_fq_codel.c: Debian's default discipline.
 * DIVERGES: one flow and no CoDel dropping yet; it is a fifo with fq_codel's limit and parameters.
 */
import type { Errno } from '../../uapi/errno.ts'
import type { Qdisc, Qdisc_ops } from './qdisc.ts'
import { fifo_dequeue, fifo_enqueue, fifo_reset } from './sch_fifo.ts'

export interface fq_codel_sched_data {
  flows_cnt: number
  quantum: number
  target_us: number
  interval_us: number
  memory_limit: number
  drop_batch_size: number
  ecn: boolean
}

export function fq_codel_init(sch: Qdisc): Errno | undefined {
  const mtu = sch.dev === undefined ? 1514 : sch.dev.mtu + sch.dev.hard_header_len
  sch.limit = 10240
  const data: fq_codel_sched_data = {
    flows_cnt: 1024,
    quantum: mtu,
    target_us: 5000,
    interval_us: 100000,
    memory_limit: 32 << 20,
    drop_batch_size: 64,
    ecn: true,
  }
  sch.priv = data
  return undefined
}

export const fq_codel_qdisc_ops: Qdisc_ops = {
  id: 'fq_codel',
  init: fq_codel_init,
  enqueue: fifo_enqueue,
  dequeue: fifo_dequeue,
  reset: fifo_reset,
}
