/**
 * net/core/dev.c netdev_run_todo(), netdev_wait_allrefs_any(): the end of unregistered devices, when rtnl is released.
 * Linux's caller sleeps until the references are gone; here a timer looks at the same intervals and the caller goes on.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_EMERG } from '../../kernel/printk.ts'
import { HZ, mod_timer, NSEC_PER_MSEC, timer_list } from '../../kernel/time.ts'
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { netdev_finish } from './dev_register.ts'
import { netdev_state_of, netdev_wait } from './dev_state.ts'
import { linkwatch_run_queue, linkwatch_sync_dev } from './link_watch.ts'
import { LINK_STATE_LINKWATCH_PENDING, NETDEV_UNREGISTER, NETREG_UNREGISTERED, NETREG_UNREGISTERING, type net_device } from './netdevice.ts'

const WAIT_REFS_MAX_MSECS = 250

/** net/core/rtnetlink.c rtnl_unlock(): ends a request. */
export function rtnl_unlock(kernel: Kernel): void {
  netdev_run_todo(kernel)
}

export function netdev_run_todo(kernel: Kernel): void {
  const state = netdev_state_of(kernel)
  if (state.net_todo_list.length === 0) return
  const list = state.net_todo_list.splice(0).filter((dev) => dev.reg_state === NETREG_UNREGISTERING)
  for (const dev of list) {
    dev.reg_state = NETREG_UNREGISTERED
    linkwatch_sync_dev(dev)
  }
  const wait = new netdev_wait(kernel, list)
  if (finish_unreferenced(wait)) return
  state.waits.push(wait)
  wait.timer = new timer_list(kernel.events, netdev_wait_allrefs_any, wait)
  sleep(wait)
}

/** Ends the devices that nobody holds; true when none is left. */
function finish_unreferenced(wait: netdev_wait): boolean {
  const free = wait.list.filter((dev) => dev.refcnt <= 0)
  wait.list = wait.list.filter((dev) => dev.refcnt > 0)
  for (const dev of free) netdev_finish(dev)
  return wait.list.length === 0
}
function sleep(wait: netdev_wait): void {
  mod_timer(wait.timer as timer_list, wait.kernel.now() + wait.wait_ms * NSEC_PER_MSEC)
  wait.wait_ms = Math.min(wait.wait_ms * 2, WAIT_REFS_MAX_MSECS)
}

/** netdev_refcnt_read(): one reference is the allocation's own. */
function netdev_refcnt_read(dev: net_device): number {
  return dev.refcnt + 1
}

/** The timer's function: one round of Linux's loop after msleep(). */
export function netdev_wait_allrefs_any(wait: netdev_wait): void {
  const { kernel } = wait
  const state = netdev_state_of(kernel)
  if (finish_unreferenced(wait)) {
    state.waits = state.waits.filter((other) => other !== wait)
    return
  }
  warn(wait, state.netdev_unregister_timeout_secs)
  if (kernel.jiffies() > wait.rebroadcast_time + HZ) rebroadcast(wait)
  sleep(wait)
}
function warn(wait: netdev_wait, timeout_secs: number): void {
  const { kernel } = wait
  if (kernel.jiffies() <= wait.warning_time + timeout_secs * HZ) return
  for (const dev of wait.list) {
    kernel.printk(KERN_EMERG, `unregister_netdevice: waiting for ${dev.name} to become free. Usage count = ${netdev_refcnt_read(dev)}`)
  }
  wait.warning_time = kernel.jiffies()
}
/** Whoever missed it lets go now. */
function rebroadcast(wait: netdev_wait): void {
  for (const dev of wait.list) call_netdevice_notifiers(NETDEV_UNREGISTER, dev)
  if (wait.list.some((dev) => dev.state & LINK_STATE_LINKWATCH_PENDING)) linkwatch_run_queue(wait.kernel)
  wait.rebroadcast_time = wait.kernel.jiffies()
}
