/**
 * net/ipv4/fib_semantics.c fib_sync_*: routes follow their devices and source addresses.
 *
 *   event              force  flags           what
 *   NETDEV_CHANGE      no     LINKDOWN        carrier lost; not for local addresses
 *   NETDEV_DOWN        no     LINKDOWN DEAD   device down; not for local addresses
 *   NETDEV_DOWN        yes    LINKDOWN DEAD   last address removed
 *   NETDEV_UNREGISTER  yes    LINKDOWN DEAD   device removed
 */
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../../uapi/linux/if.ts'
import { RT_SCOPE_NOWHERE, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../uapi/linux/rtnetlink.ts'
import { dev_get_flags } from '../core/dev.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import { NETDEV_CHANGE, NETDEV_UNREGISTER, type net_device } from '../core/netdevice.ts'
import { fib_rebalance } from './fib_multipath.ts'
import type { fib_nh } from './fib_nh.ts'
import type { fib_dev_nhs, fib_info } from './fib_semantics.ts'
import { __in_dev_get_rtnl } from './in_device.ts'
import { fib_nhc_update_mtu } from './route_exception.ts'

function flag_nh(on: fib_dev_nhs, nh: fib_nh, flags: number): void {
  if (flags & ~nh.fib_nh_flags & RTNH_F_DEAD) on.dead++
  if (flags & ~nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown++
  nh.fib_nh_flags |= flags
}
function unflag_nh(on: fib_dev_nhs, nh: fib_nh, flags: number): void {
  if (flags & nh.fib_nh_flags & RTNH_F_DEAD) on.dead--
  if (flags & nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown--
  nh.fib_nh_flags &= ~flags
}

/** The device's MTU was `orig_mtu`: what is known of destinations behind it follows (fib_sync_mtu). */
export function fib_sync_mtu(dev: net_device, orig_mtu: number): void {
  for (const nh of dev.nd_net.ipv4.fib_info_devhash.get(dev.ifindex)?.nhs ?? []) fib_nhc_update_mtu(nh, dev.mtu, orig_mtu)
}
/** The number of fib_infos that have lost all next hops: with any, the caller flushes. */
export function fib_sync_down_dev(dev: net_device, event: number, force: boolean): number {
  const on = dev.nd_net.ipv4.fib_info_devhash.get(dev.ifindex)
  if (on === undefined) return 0
  const flags = event === NETDEV_CHANGE ? RTNH_F_LINKDOWN : RTNH_F_DEAD | RTNH_F_LINKDOWN
  let lost = 0
  let previous: fib_info | undefined
  for (const { nh_parent: fi } of on.nhs) {
    if (fi === undefined || fi === previous) continue
    previous = fi
    let dead = 0
    for (const nh of fi.fib_nh) {
      if (nh.fib_nh_flags & RTNH_F_DEAD) {
        dead++
      } else if (nh.fib_nh_dev === dev && (force || nh.fib_nh_scope !== RT_SCOPE_NOWHERE)) {
        flag_nh(on, nh, flags)
        dead++
      }
      // a route without one of its devices is none
      if (event === NETDEV_UNREGISTER && nh.fib_nh_dev === dev) {
        dead = fi.fib_nh.length
        break
      }
    }
    if (dead === fi.fib_nh.length) {
      fi.fib_flags |= flags
      lost++
    }
    fib_rebalance(fi)
  }
  return lost
}

/** Wakes what waits for the device: `nh_flags` are those that its coming up takes away. */
export function fib_sync_up(dev: net_device, nh_flags: number): void {
  if (!(dev.flags & IFF_UP)) return
  let clear = nh_flags
  if (clear & RTNH_F_DEAD && dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP)) clear |= RTNH_F_LINKDOWN
  const on = dev.nd_net.ipv4.fib_info_devhash.get(dev.ifindex)
  if (on === undefined || __in_dev_get_rtnl(dev) === undefined) return
  if (!(clear & RTNH_F_DEAD && on.dead > 0) && !(clear & RTNH_F_LINKDOWN && on.linkdown > 0)) return
  let previous: fib_info | undefined
  for (const { nh_parent: fi } of on.nhs) {
    if (fi === undefined || fi === previous) continue
    previous = fi
    let alive = 0
    for (const nh of fi.fib_nh) {
      if (nh.fib_nh_flags & clear) {
        if (nh.fib_nh_dev !== dev) continue
        unflag_nh(on, nh, clear)
      }
      alive++
    }
    if (alive > 0) fi.fib_flags &= ~clear
    fib_rebalance(fi)
  }
}

/** Routes of the main table, or of the VRF that the device is in, whose preferred source is gone; they die with the next flush, which tells of them. */
export function fib_sync_down_addr(dev: net_device, local: number): number {
  const users = dev.nd_net.ipv4.fib_info_laddrhash.get(local)
  if (users === undefined || local === 0) return 0
  const tb_id = l3mdev_fib_table(dev) || RT_TABLE_MAIN
  let dead = 0
  for (const fi of users) {
    if (fi.fib_tb_id !== tb_id) continue
    fi.fib_flags |= RTNH_F_DEAD
    fi.pfsrc_removed = true
    dead++
  }
  return dead
}
