/** net/sched/sch_generic.c: the disciplines of a device that is down, and of one that needs no queue. */
import type { Qdisc_ops } from './qdisc.ts'
import { fifo_dequeue, fifo_enqueue, fifo_reset, noop_enqueue } from './sch_fifo.ts'

export const noop_qdisc_ops: Qdisc_ops = { id: 'noop', enqueue: noop_enqueue }
/** No enqueue: the stack hands packets to the driver at once. */
export const noqueue_qdisc_ops: Qdisc_ops = { id: 'noqueue' }
/** DIVERGES: one band instead of three; packets have no priority yet. */
export const pfifo_fast_ops: Qdisc_ops = { id: 'pfifo_fast', enqueue: fifo_enqueue, dequeue: fifo_dequeue, reset: fifo_reset }
