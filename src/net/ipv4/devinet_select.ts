/** net/ipv4/devinet.c inet_select_addr, inet_confirm_addr: which of our addresses speaks. */
import { IPV4_DEVCONF_ROUTE_LOCALNET } from '../../uapi/linux/ip.ts'
import { RT_SCOPE_HOST, RT_SCOPE_LINK } from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { ifa_is_secondary, type in_device, type in_ifaddr, inet_ifa_match } from './in_device.ts'

/** Addresses of the host's own scope may leave a device that routes 127/8 (route_localnet). */
function localnet_scope(in_dev: in_device): number {
  const on = in_dev.cnf.get(IPV4_DEVCONF_ROUTE_LOCALNET) || in_dev.dev.nd_net.ipv4.devconf_all.get(IPV4_DEVCONF_ROUTE_LOCALNET)
  return on ? RT_SCOPE_LINK : RT_SCOPE_HOST
}

/** in_dev_select_addr(): for other devices than the one asked for. */
function in_dev_select_addr(in_dev: in_device, scope: number): number {
  const fits = (ifa: in_ifaddr) => !ifa_is_secondary(ifa) && ifa.ifa_scope !== RT_SCOPE_LINK && ifa.ifa_scope <= scope
  return in_dev.ifa_list.find(fits)?.ifa_local ?? 0
}

/**
 * The device's first primary address of the scope in the subnet of `dst` (0: any), else its first primary of the scope,
 * else one of another device of its L3 domain, in the order of the device list: loopback is first. 0: none.
 */
export function inet_select_addr(dev: net_device, dst: number, scope: number): number {
  const in_dev = dev.ip_ptr
  if (in_dev !== undefined) {
    const most = localnet_scope(in_dev)
    const fitting = in_dev.ifa_list.filter((ifa) => !ifa_is_secondary(ifa) && Math.min(ifa.ifa_scope, most) <= scope)
    const near = dst === 0 ? fitting[0] : (fitting.find((ifa) => inet_ifa_match(dst, ifa)) ?? fitting[0])
    if (near !== undefined) return near.ifa_local
  }
  // a VRF's device stands for lo among its ports
  const { nd_net: net } = dev
  const master = l3mdev_master_ifindex(dev)
  const first = net.dev_index_head.get(master)
  for (const other of first === undefined ? net.dev_base_head : [first, ...net.dev_base_head]) {
    if (other.ip_ptr === undefined || l3mdev_master_ifindex(other) !== master) continue
    const addr = in_dev_select_addr(other.ip_ptr, scope)
    if (addr !== 0) return addr
  }
  return 0
}

/** An address of the device that is `local` (0: any) and shares a subnet with `dst` (0: any); 0: none. */
function confirm_addr_indev(in_dev: in_device, dst: number, local: number, scope: number): number {
  const most = localnet_scope(in_dev)
  let addr = 0
  let same = false
  for (const ifa of in_dev.ifa_list) {
    const min_scope = Math.min(ifa.ifa_scope, most)
    if (addr === 0 && (local === ifa.ifa_local || local === 0) && min_scope <= scope) {
      addr = ifa.ifa_local
      if (same) break
    }
    if (same) continue
    same = (local === 0 || inet_ifa_match(local, ifa)) && (dst === 0 || inet_ifa_match(dst, ifa))
    if (!same || addr === 0) continue
    if (local !== 0 || dst === 0 || inet_ifa_match(addr, ifa)) break
    if (min_scope <= scope) {
      addr = ifa.ifa_local
      break
    }
    // the address chosen is of another subnet: a wider one may hold both
    same = false
  }
  return same ? addr : 0
}
/** The same for one device, or for all of the namespace. */
export function inet_confirm_addr(net: net, in_dev: in_device | undefined, dst: number, local: number, scope: number): number {
  if (in_dev !== undefined) return confirm_addr_indev(in_dev, dst, local, scope)
  for (const dev of net.dev_base_head) {
    const addr = dev.ip_ptr === undefined ? 0 : confirm_addr_indev(dev.ip_ptr, dst, local, scope)
    if (addr !== 0) return addr
  }
  return 0
}

/** Whether the device has a subnet with `a` and, unless 0, `b`. */
export function inet_addr_onlink(in_dev: in_device, a: number, b: number): boolean {
  return in_dev.ifa_list.some((ifa) => inet_ifa_match(a, ifa) && (b === 0 || inet_ifa_match(b, ifa)))
}
