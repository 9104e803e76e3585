/** drivers/net/bonding/bond_main.c bond_work_init_all(): what a bond does by the clock. */
import { cancel_delayed_work, delayed_work } from '../../../kernel/workqueue.ts'
import { timer_pending } from '../../../kernel/time.ts'
import { bond_3ad_state_machine_handler, bond_slave_arr_handler } from './bond_3ad.ts'
import { bond_alb_monitor } from './bond_alb.ts'
import { bond_arp_monitor } from './bond_arp_monitor.ts'
import { bond_resend_igmp } from './bond_event.ts'
import { bond_mii_monitor } from './bond_monitor.ts'
import type { bonding } from './bonding.ts'

export function bond_work_init_all(bond: bonding): void {
  const { events } = bond.dev.nd_net.kernel
  bond.mcast_work = new delayed_work(events, bond_resend_igmp, bond)
  bond.alb_work = new delayed_work(events, bond_alb_monitor, bond)
  bond.mii_work = new delayed_work(events, bond_mii_monitor, bond)
  bond.arp_work = new delayed_work(events, bond_arp_monitor, bond)
  bond.ad_work = new delayed_work(events, bond_3ad_state_machine_handler, bond)
  bond.slave_arr_work = new delayed_work(events, bond_slave_arr_handler, bond)
}
function works(bond: bonding): delayed_work[] {
  const all = [bond.mii_work, bond.arp_work, bond.alb_work, bond.ad_work, bond.mcast_work, bond.slave_arr_work]
  return all.filter((work) => work !== undefined)
}
export function bond_work_cancel_all(bond: bonding): void {
  for (const work of works(bond)) cancel_delayed_work(work)
}
/**
 * Measured: bond_open() sleeps while it makes the array of slaves, or its caller while it tells of the change; what was
 * queued runs then, and finds rtnl held.
 */
export function bond_run_works(bond: bonding): void {
  bond.rtnl_is_held = true
  for (const work of [bond.alb_work, bond.mii_work, bond.arp_work, bond.ad_work]) {
    if (work === undefined || !timer_pending(work.timer) || work.timer.expires > work.timer.queue.now) continue
    cancel_delayed_work(work)
    work.func(bond)
  }
  bond.rtnl_is_held = false
}
