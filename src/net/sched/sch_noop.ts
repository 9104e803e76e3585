/** net/sched/sch_generic.c: the disciplines of a device that is down, and of one that needs no queue. */
import { noop_enqueue } from './sch_fifo.ts'
import type { Qdisc_ops } from './qdisc.ts'

export const noop_qdisc_ops: Qdisc_ops = { id: 'noop', enqueue: noop_enqueue }
/** No enqueue: the stack hands packets to the driver at once. */
export const noqueue_qdisc_ops: Qdisc_ops = { id: 'noqueue' }
