/**
 * net/core/link_watch.c: operational state follows carrier, dormant and testing bits with a delay, so that a flapping
 * link does not flood listeners: one run a second, except where a link comes up or hangs from another device.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { delayed_work, mod_delayed_work, queue_delayed_work } from '../../kernel/workqueue.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import {
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
} from '../../uapi/linux/if_link.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { dev_activate, dev_deactivate, qdisc_tx_changing } from '../sched/sch_generic.ts'
import { call_netdevice_notifiers } from './dev_notifier.ts'
import { __dev_get_by_index, dev_get_iflink, dev_hold, dev_put, netdev_state_of } from './dev_state.ts'
import {
  IFF_BONDING,
  LINK_STATE_DORMANT,
  LINK_STATE_LINKWATCH_PENDING,
  LINK_STATE_NOCARRIER,
  LINK_STATE_PRESENT,
  LINK_STATE_START,
  LINK_STATE_TESTING,
  NETDEV_CHANGE,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  type net_device,
} from './netdevice.ts'
import { rtmsg_ifinfo } from './rtnetlink_notify.ts'

const MAX_DO_DEV_PER_LOOP = 100

export class linkwatch_state {
  /** jiffies before which only urgent events are handled. */
  nextevent = 0
  urgent = false
  /** Devices with an event, oldest first. */
  events = new Set<net_device>()
  readonly work: delayed_work
  constructor(kernel: Kernel) {
    this.work = new delayed_work(kernel.events, linkwatch_event, kernel)
  }
}
function state_of(kernel: Kernel): linkwatch_state {
  const state = netdev_state_of(kernel)
  state.linkwatch ??= new linkwatch_state(kernel)
  return state.linkwatch
}

export function netif_running(dev: net_device): boolean {
  return (dev.state & LINK_STATE_START) !== 0
}
export function netif_device_present(dev: net_device): boolean {
  return (dev.state & LINK_STATE_PRESENT) !== 0
}
export function netif_carrier_ok(dev: net_device): boolean {
  return (dev.state & LINK_STATE_NOCARRIER) === 0
}
export function netif_dormant(dev: net_device): boolean {
  return (dev.state & LINK_STATE_DORMANT) !== 0
}
export function netif_testing(dev: net_device): boolean {
  return (dev.state & LINK_STATE_TESTING) !== 0
}
/** netif_oper_up(): packets may pass; a device that nobody watched counts as up. */
export function netif_oper_up(dev: net_device): boolean {
  return dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN
}

/** net/sched/sch_generic.c netif_carrier_on(): before registration only the bit changes. */
export function netif_carrier_on(dev: net_device): void {
  if (netif_carrier_ok(dev)) return
  dev.state &= ~LINK_STATE_NOCARRIER
  if (dev.reg_state === NETREG_UNINITIALIZED) return
  dev.carrier_up_count++
  linkwatch_fire_event(dev)
}
export function netif_carrier_off(dev: net_device): void {
  if (!netif_carrier_ok(dev)) return
  dev.state |= LINK_STATE_NOCARRIER
  if (dev.reg_state === NETREG_UNINITIALIZED) return
  dev.carrier_down_count++
  linkwatch_fire_event(dev)
}
/** netif_carrier_event(): a loss and return that the driver learned of together. */
export function netif_carrier_event(dev: net_device): void {
  if (dev.reg_state === NETREG_UNINITIALIZED) return
  dev.carrier_up_count++
  dev.carrier_down_count++
  linkwatch_fire_event(dev)
}
function set_state_bit(dev: net_device, bit: number, on: boolean): void {
  const before = dev.state
  if (on) dev.state |= bit
  else dev.state &= ~bit
  if (dev.state !== before) linkwatch_fire_event(dev)
}
export function netif_dormant_on(dev: net_device): void {
  set_state_bit(dev, LINK_STATE_DORMANT, true)
}
export function netif_dormant_off(dev: net_device): void {
  set_state_bit(dev, LINK_STATE_DORMANT, false)
}
export function netif_testing_on(dev: net_device): void {
  set_state_bit(dev, LINK_STATE_TESTING, true)
}
export function netif_testing_off(dev: net_device): void {
  set_state_bit(dev, LINK_STATE_TESTING, false)
}

/** default_operstate(): without carrier, the device below may be the one to blame. */
function default_operstate(dev: net_device): number {
  if (netif_testing(dev)) return IF_OPER_TESTING
  if (netif_carrier_ok(dev)) return netif_dormant(dev) ? IF_OPER_DORMANT : IF_OPER_UP
  const iflink = dev_get_iflink(dev)
  if (dev.reg_state > NETREG_REGISTERED || iflink === dev.ifindex) return IF_OPER_DOWN
  const lower = __dev_get_by_index(dev.nd_net, iflink)
  return lower === undefined || netif_carrier_ok(lower) ? IF_OPER_DOWN : IF_OPER_LOWERLAYERDOWN
}

/**
 * rfc2863_policy(). By state bits, and for "up" by link mode (IFLA_LINKMODE):
 *
 *   testing  carrier  dormant  below       mode     | operstate
 *   yes      any      any      any         any      | TESTING
 *   no       no       any      has carrier any      | DOWN
 *   no       no       any      no carrier  any      | LOWERLAYERDOWN
 *   no       yes      yes      any         any      | DORMANT
 *   no       yes      no       any         default  | UP
 *   no       yes      no       any         dormant  | DORMANT (a supplicant says when it is up)
 *   no       yes      no       any         testing  | TESTING
 */
export function rfc2863_policy(dev: net_device): void {
  let operstate = default_operstate(dev)
  if (operstate === dev.operstate) return
  if (operstate === IF_OPER_UP && dev.link_mode === IF_LINK_MODE_TESTING) operstate = IF_OPER_TESTING
  if (operstate === IF_OPER_UP && dev.link_mode === IF_LINK_MODE_DORMANT) operstate = IF_OPER_DORMANT
  dev.operstate = operstate
}

/** A new device without carrier (or dormant, testing) starts in that state; another one as UNKNOWN. */
export function linkwatch_init_dev(dev: net_device): void {
  if (!netif_carrier_ok(dev) || netif_dormant(dev) || netif_testing(dev)) rfc2863_policy(dev)
}

function linkwatch_urgent_event(dev: net_device): boolean {
  if (!netif_running(dev)) return false
  if (dev.ifindex !== dev_get_iflink(dev)) return true
  if (dev.priv_flags & IFF_BONDING) return true
  return netif_carrier_ok(dev) && qdisc_tx_changing(dev)
}

export function linkwatch_fire_event(dev: net_device): void {
  const lw = state_of(dev.nd_net.kernel)
  const urgent = linkwatch_urgent_event(dev)
  if (!(dev.state & LINK_STATE_LINKWATCH_PENDING)) {
    dev.state |= LINK_STATE_LINKWATCH_PENDING
    lw.events.add(dev)
    dev_hold(dev)
  } else if (!urgent) {
    return
  }
  linkwatch_schedule_work(dev.nd_net.kernel, lw, urgent)
}

function linkwatch_schedule_work(kernel: Kernel, lw: linkwatch_state, urgent: boolean): void {
  if (lw.urgent) return
  if (urgent) {
    lw.urgent = true
    mod_delayed_work(lw.work, 0)
    return
  }
  const delay = lw.nextevent - kernel.jiffies()
  const late = delay < 0 || delay > HZ
  queue_delayed_work(lw.work, late ? 0 : Math.max(0, lw.nextevent * NSEC_PER_JIFFY - kernel.now()))
}

/** The work's function. */
export function linkwatch_event(kernel: Kernel): void {
  __linkwatch_run_queue(kernel, state_of(kernel).nextevent > kernel.jiffies())
}
/** Handles what is pending, whatever the rate. */
export function linkwatch_run_queue(kernel: Kernel): void {
  __linkwatch_run_queue(kernel, false)
}

function __linkwatch_run_queue(kernel: Kernel, urgent_only: boolean): void {
  const lw = state_of(kernel)
  if (!urgent_only) lw.nextevent = kernel.jiffies() + HZ
  lw.urgent = false
  let budget = urgent_only ? 2 * MAX_DO_DEV_PER_LOOP : MAX_DO_DEV_PER_LOOP
  const batch = lw.events
  lw.events = new Set()
  for (const dev of batch) {
    if (budget === 0) break
    batch.delete(dev)
    if (!netif_device_present(dev) || (urgent_only && !linkwatch_urgent_event(dev))) {
      lw.events.add(dev)
      continue
    }
    linkwatch_do_dev(dev)
    budget--
  }
  // those that are left come first
  for (const dev of lw.events) batch.add(dev)
  lw.events = batch
  if (lw.events.size > 0) linkwatch_schedule_work(kernel, lw, false)
}

function linkwatch_do_dev(dev: net_device): void {
  // cleared first: what changes from here on is a new event
  dev.state &= ~LINK_STATE_LINKWATCH_PENDING
  rfc2863_policy(dev)
  if (dev.flags & IFF_UP) {
    if (netif_carrier_ok(dev)) dev_activate(dev)
    else dev_deactivate(dev)
    netdev_state_change(dev)
  }
  dev_put(dev)
}

/** linkwatch_sync_dev(): a reader of the state, or the end of the device, does not wait for the delay. */
export function linkwatch_sync_dev(dev: net_device): void {
  const lw = state_of(dev.nd_net.kernel)
  if (lw.events.delete(dev)) linkwatch_do_dev(dev)
}

/** net/core/dev.c netdev_state_change(): tells listeners of a running device's state. */
export function netdev_state_change(dev: net_device): void {
  if (!(dev.flags & IFF_UP)) return
  call_netdevice_notifiers(NETDEV_CHANGE, dev, { flags_changed: 0 })
  rtmsg_ifinfo(RTM_NEWLINK, dev, 0)
}

/** net/core/rtnetlink.c netdev_set_operstate() */
export function netdev_set_operstate(dev: net_device, operstate: number): void {
  if (dev.operstate === operstate) return
  dev.operstate = operstate
  netdev_state_change(dev)
}
/**
 * net/core/rtnetlink.c set_operstate(): what user space may ask for (IFLA_OPERSTATE). All else is ignored.
 *
 *   asked    from                       if                       | becomes
 *   UP       DORMANT, TESTING, UNKNOWN  not dormant, not testing | UP
 *   TESTING  UP, UNKNOWN                                         | TESTING
 *   DORMANT  UP, UNKNOWN                                         | DORMANT
 */
export function set_operstate(dev: net_device, transition: number): void {
  const now = dev.operstate
  if (transition === IF_OPER_UP) {
    const from = now === IF_OPER_DORMANT || now === IF_OPER_TESTING || now === IF_OPER_UNKNOWN
    if (from && !netif_dormant(dev) && !netif_testing(dev)) netdev_set_operstate(dev, IF_OPER_UP)
  } else if ((transition === IF_OPER_TESTING || transition === IF_OPER_DORMANT) && netif_oper_up(dev)) {
    netdev_set_operstate(dev, transition)
  }
}
