/** net/sched/sch_api.c qdisc_watchdog: a discipline that waits for a time is run again by its device's queue. */
import { mod_timer, timer_delete, timer_list } from '../../kernel/time.ts'
import { netif_schedule } from '../core/dev_queue.ts'
import type { net_device } from '../core/netdevice.ts'
import type { Qdisc } from './qdisc.ts'

export function qdisc_watchdog_init(sch: Qdisc): timer_list {
  return new timer_list((sch.dev as net_device).nd_net.kernel.events, qdisc_watchdog, sch)
}
/** The timer's function: the root is what the driver is fed from. */
export function qdisc_watchdog(sch: Qdisc): void {
  const dev = sch.dev as net_device
  const root = dev.tx_qdiscs[sch.queue]
  if (dev.tx_active && root !== undefined) netif_schedule(dev, root)
}
export function qdisc_watchdog_schedule_ns(timer: timer_list, expires: number): void {
  mod_timer(timer, expires)
}
export function qdisc_watchdog_cancel(timer: timer_list): void {
  timer_delete(timer)
}
