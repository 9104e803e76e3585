/** include/linux/netdevice.h: transmit queues that a driver stops when it can take no more, and wakes again. */
import { NET_TX_SOFTIRQ, raise_softirq } from '../../kernel/softirq.ts'
import { netdev_watchdog_up } from '../sched/dev_watchdog.ts'
import type { Qdisc } from '../sched/qdisc.ts'
import { netif_device_present, netif_running } from './link_watch.ts'
import { LINK_STATE_PRESENT, type net_device } from './netdevice.ts'

export function netif_tx_queue_stopped(dev: net_device, queue: number): boolean {
  return dev.tx_stopped?.has(queue) === true
}
export function netif_stop_subqueue(dev: net_device, queue: number): void {
  dev.tx_stopped ??= new Set()
  dev.tx_stopped.add(queue)
}
/** What waited in the queue goes on by the NET_TX softirq. */
export function netif_wake_subqueue(dev: net_device, queue: number): void {
  if (dev.tx_stopped?.delete(queue) && dev.tx_active) netif_schedule(dev, dev.tx_qdiscs[queue])
}
/** netif_start_queue(): as netif_wake_queue(), with nothing to go on with. */
export function netif_start_queue(dev: net_device): void {
  dev.tx_stopped = undefined
}
export function netif_stop_queue(dev: net_device): void {
  netif_stop_subqueue(dev, 0)
}
export function netif_wake_queue(dev: net_device): void {
  netif_wake_subqueue(dev, 0)
}
export function netif_queue_stopped(dev: net_device): boolean {
  return netif_tx_queue_stopped(dev, 0)
}
export function netif_tx_stop_all_queues(dev: net_device): void {
  for (let i = 0; i < dev.num_tx_queues; i++) netif_stop_subqueue(dev, i)
}
export function netif_tx_wake_all_queues(dev: net_device): void {
  for (let i = 0; i < dev.num_tx_queues; i++) netif_wake_subqueue(dev, i)
}
/** netif_device_detach(): the hardware sleeps or fails; the device is there, but nothing reaches it. */
export function netif_device_detach(dev: net_device): void {
  if (netif_device_present(dev) && netif_running(dev)) netif_tx_stop_all_queues(dev)
  dev.state &= ~LINK_STATE_PRESENT
}
export function netif_device_attach(dev: net_device): void {
  const was = netif_device_present(dev)
  dev.state |= LINK_STATE_PRESENT
  if (was || !netif_running(dev)) return
  netif_tx_wake_all_queues(dev)
  netdev_watchdog_up(dev)
}

/** __netif_schedule(): the discipline is run by the NET_TX softirq. */
export function netif_schedule(dev: net_device, q: Qdisc): void {
  if (q.scheduled || q.ops.enqueue === undefined) return
  q.scheduled = true
  const { kernel } = dev.nd_net
  kernel.netdev.softnet[0].output_queue.push(q)
  raise_softirq(kernel, NET_TX_SOFTIRQ)
}
