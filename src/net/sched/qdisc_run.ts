/** net/sched/sch_generic.c __qdisc_run(): from a discipline into the driver, while the driver takes packets. */
import type { Kernel } from '../../kernel/kernel.ts'
import { NET_TX_SOFTIRQ, open_softirq } from '../../kernel/softirq.ts'
import { netif_schedule, netif_tx_queue_stopped } from '../core/dev_queue.ts'
import { dev_hard_start_xmit } from '../core/dev_xmit.ts'
import { NETDEV_TX_BUSY, type net_device } from '../core/netdevice.ts'
import { validate_xmit_skb } from '../core/skb_offload.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { type Qdisc, TCQ_F_CAN_BYPASS } from './qdisc.ts'
import { qdisc_bstats_update } from './sch_fifo.ts'

/** Never inside itself: a driver that sends through its own queue leaves it to the run that goes on. */
export function qdisc_run(q: Qdisc, dev: net_device, queue: number): void {
  if (q.running) return
  q.running = true
  const { net_core } = dev.nd_net.kernel
  let quota = net_core === undefined ? 64 : net_core.dev_weight * net_core.dev_weight_tx_bias
  while (qdisc_restart(q, dev, queue)) {
    if (--quota > 0) continue
    netif_schedule(dev, q)
    break
  }
  q.running = false
}

/**
 * A discipline that holds nothing and allows it is not asked: the packet goes to the driver and counts as one that went
 * through (TCQ_F_CAN_BYPASS). What only queued packets touch, as fq_codel's counters, stays as it is.
 */
export function qdisc_bypass(q: Qdisc, skb: sk_buff, dev: net_device, queue: number): boolean {
  if (!(q.flags & TCQ_F_CAN_BYPASS) || q.qstats.qlen > 0 || q.running) return false
  qdisc_bstats_update(q, skb)
  if (netif_tx_queue_stopped(dev, queue)) {
    requeue(q, skb)
    return true
  }
  q.running = true
  const busy = validate_xmit_skb(skb, dev) && dev_hard_start_xmit(skb, dev) === NETDEV_TX_BUSY
  q.running = false
  if (busy) requeue(q, skb)
  return true
}

/** One packet; false when none is left or the driver is full. */
function qdisc_restart(q: Qdisc, dev: net_device, queue: number): boolean {
  if (netif_tx_queue_stopped(dev, queue)) return false
  const skb = dequeue(q)
  if (skb === undefined) return false
  if (!validate_xmit_skb(skb, dev)) return true
  if (dev_hard_start_xmit(skb, dev) !== NETDEV_TX_BUSY) return true
  requeue(q, skb)
  return false
}
/** What the driver refused comes first. */
function dequeue(q: Qdisc): sk_buff | undefined {
  const skb = q.gso_skb
  if (skb === undefined) return q.ops.dequeue?.(q)
  q.gso_skb = undefined
  q.qstats.qlen--
  q.qstats.backlog -= skb.len
  return skb
}
/** dev_requeue_skb() */
function requeue(q: Qdisc, skb: sk_buff): void {
  q.gso_skb = skb
  q.qstats.requeues++
  q.qstats.qlen++
  q.qstats.backlog += skb.len
}

/** The softirq's function, net_tx_action(). */
export function net_tx_action(kernel: Kernel): void {
  const sd = kernel.netdev.softnet[0]
  sd.completion_queue = []
  const queues = sd.output_queue
  sd.output_queue = []
  for (const q of queues) {
    q.scheduled = false
    const { dev } = q
    if (dev === undefined || !dev.tx_active) continue
    const at = dev.tx_qdiscs.indexOf(q)
    qdisc_run(q, dev, Math.max(0, at))
  }
}
export function net_tx_init(kernel: Kernel): void {
  open_softirq(kernel, NET_TX_SOFTIRQ, net_tx_action)
}
