/** net/8021q/vlan_core.c: the VLAN devices of one device, by protocol and id, and the ids that its filter lets through. */
import type { garp_applicant } from '../802/garp.ts'
import type { mrp_applicant } from '../802/mrp.ts'
import { ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_8021AD, ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import { netif_device_present } from '../core/link_watch.ts'
import * as F from '../core/netdev_features_bits.ts'
import type { net_device } from '../core/netdevice.ts'

/** One id that somebody wants to hear, with the number of those. */
export interface vlan_vid_info {
  proto: number
  vid: number
  refcount: number
}

/** struct vlan_info with its vlan_group. */
export class vlan_info {
  readonly real_dev: net_device
  /** By protocol and id; see vlan_devices() for the order. */
  devices = new Map<number, net_device>()
  /** By protocol and id, in the order in which they were first asked for. */
  vid_list = new Map<number, vlan_vid_info>()
  /** Who declares the VLANs upon the device to its neighbours (dev.garp_port, dev.mrp_port): from the first to the last. */
  gvrp: garp_applicant | undefined = undefined
  mvrp: mrp_applicant | undefined = undefined
  constructor(real_dev: net_device) {
    this.real_dev = real_dev
  }
}

/** 802.1Q's ids come before 802.1ad's. */
function key(proto: number, vid: number): number {
  return (proto === ETH_P_8021AD ? 4096 : 0) + vid
}
export function vlan_find_dev(real_dev: net_device, proto: number, vid: number): net_device | undefined {
  return real_dev.vlan_info?.devices.get(key(proto, vid))
}
export function vlan_group_set_device(info: vlan_info, proto: number, vid: number, dev: net_device | undefined): void {
  if (dev === undefined) info.devices.delete(key(proto, vid))
  else info.devices.set(key(proto, vid), dev)
}
/** vlan_group_for_each_dev(): by protocol, then by id, whatever the order in which they were made. */
export function vlan_devices(info: vlan_info): net_device[] {
  return [...info.devices].sort((a, b) => a[0] - b[0]).map(([, dev]) => dev)
}
export function vlan_uses_dev(dev: net_device): boolean {
  return dev.vlan_info !== undefined && dev.vlan_info.devices.size > 0
}

function vlan_hw_filter_capable(dev: net_device, proto: number): boolean {
  if (proto === ETH_P_8021Q) return (dev.features & F.NETIF_F_HW_VLAN_CTAG_FILTER) !== 0n
  return proto === ETH_P_8021AD && (dev.features & F.NETIF_F_HW_VLAN_STAG_FILTER) !== 0n
}
function tell_filter(dev: net_device, proto: number, vid: number): Errno | undefined {
  if (!vlan_hw_filter_capable(dev, proto)) return undefined
  return netif_device_present(dev) ? dev.netdev_ops.ndo_vlan_rx_add_vid?.(dev, proto, vid) : ENODEV
}

/** Counted: the filter is told of the first who asks. */
export function vlan_vid_add(dev: net_device, proto: number, vid: number): Errno | undefined {
  const info = dev.vlan_info ?? new vlan_info(dev)
  const known = info.vid_list.get(key(proto, vid))
  if (known === undefined) {
    const error = tell_filter(dev, proto, vid)
    if (isErrno(error)) return error
    info.vid_list.set(key(proto, vid), { proto, vid, refcount: 1 })
  } else {
    known.refcount++
  }
  dev.vlan_info = info
  return undefined
}
export function vlan_vid_del(dev: net_device, proto: number, vid: number): void {
  const info = dev.vlan_info
  const known = info?.vid_list.get(key(proto, vid))
  if (info === undefined || known === undefined || --known.refcount > 0) return
  if (vlan_hw_filter_capable(dev, proto) && netif_device_present(dev)) dev.netdev_ops.ndo_vlan_rx_kill_vid?.(dev, proto, vid)
  info.vid_list.delete(key(proto, vid))
  if (info.vid_list.size === 0) dev.vlan_info = undefined
}

/** vlan_vids_add_by_dev(): a device that comes below `by_dev` lets through what that one lets through. */
export function vlan_vids_add_by_dev(dev: net_device, by_dev: net_device): Errno | undefined {
  const added: vlan_vid_info[] = []
  for (const info of by_dev.vlan_info?.vid_list.values() ?? []) {
    if (!vlan_hw_filter_capable(by_dev, info.proto)) continue
    const error = vlan_vid_add(dev, info.proto, info.vid)
    if (isErrno(error)) {
      for (const undo of added) vlan_vid_del(dev, undo.proto, undo.vid)
      return error
    }
    added.push(info)
  }
  return undefined
}
export function vlan_vids_del_by_dev(dev: net_device, by_dev: net_device): void {
  for (const { proto, vid } of [...(by_dev.vlan_info?.vid_list.values() ?? [])]) {
    if (vlan_hw_filter_capable(by_dev, proto)) vlan_vid_del(dev, proto, vid)
  }
}
