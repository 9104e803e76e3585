/**
 * net/sched/sch_generic.c dev_watchdog(): a driver that has stopped a queue and takes nothing for too long is told so. Runs
 * for devices with a ndo_tx_timeout, from when they may send until they may not.
 */
import { mod_timer, NSEC_PER_MSEC, NSEC_PER_SEC, timer_delete, timer_list } from '../../kernel/time.ts'
import { netdev_crit } from '../core/dev_printk.ts'
import { netif_device_present, netif_running } from '../core/link_watch.ts'
import { LINK_STATE_NOCARRIER, type net_device } from '../core/netdevice.ts'

const DEFAULT_TIMEO = 5 * NSEC_PER_SEC

/** netdev_watchdog_up() */
export function netdev_watchdog_up(dev: net_device): void {
  if (dev.netdev_ops.ndo_tx_timeout === undefined) return
  if (dev.watchdog_timeo === 0) dev.watchdog_timeo = DEFAULT_TIMEO
  const { kernel } = dev.nd_net
  dev.trans_start = kernel.now()
  if (dev.watchdog_timer === undefined) {
    dev.watchdog_timer = new timer_list(kernel.events, dev_watchdog, dev)
    dev.watchdog_timer.periodic = true
  }
  mod_timer(dev.watchdog_timer, kernel.now() + dev.watchdog_timeo)
}
export function netdev_watchdog_down(dev: net_device): void {
  if (dev.watchdog_timer !== undefined) timer_delete(dev.watchdog_timer)
}
/** The timer's function. */
export function dev_watchdog(dev: net_device, timer: timer_list): void {
  if (!dev.tx_active || !netif_device_present(dev) || !netif_running(dev) || dev.state & LINK_STATE_NOCARRIER) return
  const now = dev.nd_net.kernel.now()
  let next = now + dev.watchdog_timeo
  const [stopped] = dev.tx_stopped ?? []
  if (stopped !== undefined && now >= dev.trans_start + dev.watchdog_timeo) timed_out(dev, stopped, now)
  else if (stopped !== undefined) next = dev.trans_start + dev.watchdog_timeo
  mod_timer(timer, next)
}
function timed_out(dev: net_device, queue: number, now: number): void {
  dev.trans_timeout++
  const ms = Math.floor((now - dev.trans_start) / NSEC_PER_MSEC)
  netdev_crit(dev, `NETDEV WATCHDOG: CPU: 0: transmit queue ${queue} timed out ${ms} ms`)
  dev.netdev_ops.ndo_tx_timeout?.(dev, queue)
}
