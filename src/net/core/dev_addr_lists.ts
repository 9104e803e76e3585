/**
 * net/core/dev_addr_lists.c: the addresses that a device listens to beside its own. An entry lives as long as somebody
 * asked for it (refcount); uppers copy their lists down with the sync functions.
 */

import { equalBytes, putBe32 } from '../../lib/bytes.ts'
import { EEXIST, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { ask_netdevice_notifiers } from './dev_notifier.ts'
import { dev_set_rx_mode } from './dev_rx_mode.ts'
import {
  MAX_ADDR_LEN,
  NETDEV_HW_ADDR_T_MULTICAST,
  NETDEV_HW_ADDR_T_UNICAST,
  NETDEV_PRE_CHANGEADDR,
  type net_device,
  type netdev_hw_addr,
} from './netdevice.ts'

type hw_addr_list = 'uc' | 'mc'
const list_type = { uc: NETDEV_HW_ADDR_T_UNICAST, mc: NETDEV_HW_ADDR_T_MULTICAST }

function find(dev: net_device, list: hw_addr_list, addr: Uint8Array): netdev_hw_addr | undefined {
  const wanted = addr.subarray(0, dev.addr_len)
  return dev[list].find((ha) => equalBytes(ha.addr.subarray(0, dev.addr_len), wanted))
}

interface add_options {
  /** Asked for by a program or driver for good: one count however often asked. */
  global?: boolean
  /** Counted once a lower device. */
  sync?: boolean
  /** To how many devices the upper one has given the address already. */
  sync_count?: number
  /** EEXIST when there. */
  exclusive?: boolean
}

/** __hw_addr_add_ex(): new entries at the end. */
function hw_addr_add(
  dev: net_device,
  list: hw_addr_list,
  addr: Uint8Array,
  { global = false, sync = false, sync_count = 0, exclusive = false }: add_options,
): Errno | undefined {
  const found = find(dev, list, addr)
  if (found === undefined) {
    const entry = {
      addr: padded(addr, dev.addr_len),
      refcount: 1,
      global_use: global,
      type: list_type[list],
      synced: sync ? 1 : 0,
      sync_cnt: 0,
    }
    dev[list] = [...dev[list], entry]
    return undefined
  }
  if (exclusive) return EEXIST
  if (global) {
    if (found.global_use) return undefined
    found.global_use = true
  }
  if (sync) {
    if (found.synced > 0 && sync_count > 0) return EEXIST
    found.synced++
  }
  found.refcount++
  return undefined
}

/** __hw_addr_del_ex() */
function hw_addr_del(
  dev: net_device,
  list: hw_addr_list,
  addr: Uint8Array,
  { global = false, sync = false }: add_options,
): Errno | undefined {
  const found = find(dev, list, addr)
  if (found === undefined) return ENOENT
  if ((global && !found.global_use) || (sync && found.synced === 0)) return ENOENT
  if (global) found.global_use = false
  if (sync) found.synced--
  if (--found.refcount > 0) return undefined
  dev[list] = dev[list].filter((ha) => ha !== found)
  return undefined
}

function padded(addr: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(MAX_ADDR_LEN)
  out.set(addr.subarray(0, length))
  return out
}
function and_update(dev: net_device, error: Errno | undefined): Errno | undefined {
  if (!isErrno(error)) dev_set_rx_mode(dev)
  return error
}

export function dev_uc_add(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_add(dev, 'uc', addr, {}))
}
/** EEXIST when the address is there (bridge fdb add … self). */
export function dev_uc_add_excl(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_add(dev, 'uc', addr, { global: true, exclusive: true }))
}
export function dev_uc_del(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_del(dev, 'uc', addr, {}))
}
export function dev_mc_add(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_add(dev, 'mc', addr, {}))
}
export function dev_mc_add_excl(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_add(dev, 'mc', addr, { global: true, exclusive: true }))
}
/** SIOCADDMULTI, ip maddress add: kept until taken away. */
export function dev_mc_add_global(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_add(dev, 'mc', addr, { global: true }))
}
export function dev_mc_del(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_del(dev, 'mc', addr, {}))
}
export function dev_mc_del_global(dev: net_device, addr: Uint8Array): Errno | undefined {
  return and_update(dev, hw_addr_del(dev, 'mc', addr, { global: true }))
}

/** __hw_addr_sync(): what `from` gained goes to `to`, what it lost but had given is taken back. */
function hw_addr_sync(to: net_device, from: net_device, list: hw_addr_list): Errno | undefined {
  for (const ha of [...from[list]]) {
    if (ha.sync_cnt === 0) {
      const error = hw_addr_sync_one(to, list, ha)
      if (isErrno(error)) return error
    } else if (ha.refcount === 1) {
      hw_addr_unsync_one(to, from, list, ha)
    }
  }
  return undefined
}
/** __hw_addr_sync_multiple(): of an upper device with several below. Asked for by nobody but those below: it goes. */
function hw_addr_sync_multiple(to: net_device, from: net_device, list: hw_addr_list): Errno | undefined {
  for (const ha of [...from[list]]) {
    if (ha.sync_cnt === ha.refcount) {
      hw_addr_unsync_one(to, from, list, ha)
    } else {
      const error = hw_addr_sync_one(to, list, ha)
      if (isErrno(error)) return error
    }
  }
  return undefined
}
function hw_addr_sync_one(to: net_device, list: hw_addr_list, ha: netdev_hw_addr): Errno | undefined {
  const error = hw_addr_add(to, list, ha.addr, { sync: true, sync_count: ha.sync_cnt })
  if (isErrno(error)) return error === EEXIST ? undefined : error
  ha.sync_cnt++
  ha.refcount++
  return undefined
}
function hw_addr_unsync_one(to: net_device, from: net_device, list: hw_addr_list, ha: netdev_hw_addr): void {
  if (isErrno(hw_addr_del(to, list, ha.addr, { sync: true }))) return
  ha.sync_cnt--
  if (--ha.refcount === 0) from[list] = from[list].filter((other) => other !== ha)
}
function sync(to: net_device, from: net_device, list: hw_addr_list): Errno | undefined {
  if (to.addr_len !== from.addr_len) return undefined
  return and_update(to, hw_addr_sync(to, from, list))
}
function unsync(to: net_device, from: net_device, list: hw_addr_list): void {
  if (to.addr_len !== from.addr_len) return
  for (const ha of [...from[list]]) if (ha.sync_cnt > 0) hw_addr_unsync_one(to, from, list, ha)
  dev_set_rx_mode(to)
}
/** An upper device gives its list to the one below (ndo_set_rx_mode of vlan, macvlan …); `unsync` when it stops. */
export function dev_uc_sync(to: net_device, from: net_device): Errno | undefined {
  return sync(to, from, 'uc')
}
export function dev_uc_unsync(to: net_device, from: net_device): void {
  unsync(to, from, 'uc')
}
export function dev_mc_sync(to: net_device, from: net_device): Errno | undefined {
  return sync(to, from, 'mc')
}
/** The same where several devices lie below one (bond, team). */
export function dev_uc_sync_multiple(to: net_device, from: net_device): Errno | undefined {
  return to.addr_len === from.addr_len ? and_update(to, hw_addr_sync_multiple(to, from, 'uc')) : undefined
}
export function dev_mc_sync_multiple(to: net_device, from: net_device): Errno | undefined {
  return to.addr_len === from.addr_len ? and_update(to, hw_addr_sync_multiple(to, from, 'mc')) : undefined
}
export function dev_mc_unsync(to: net_device, from: net_device): void {
  unsync(to, from, 'mc')
}
export function dev_uc_flush(dev: net_device): void {
  dev.uc = []
}
export function dev_mc_flush(dev: net_device): void {
  dev.mc = []
}

/** dev_addr_set(): writes the own address; tells nobody. */
export function dev_addr_set(dev: net_device, addr: Uint8Array): void {
  __dev_addr_set(dev, addr, dev.addr_len)
}
/** The first `len` bytes of it, one by one: a view of so short an array costs more than the copy. */
export function __dev_addr_set(dev: net_device, addr: Uint8Array, len: number): void {
  for (let i = Math.min(len, addr.length) - 1; i >= 0; i--) dev.dev_addr[i] = addr[i]
}
/** The address of all; what is not given stays as it was. */
export function dev_broadcast_set(dev: net_device, addr: Uint8Array): void {
  dev.broadcast = dev.broadcast.slice()
  dev.broadcast.set(addr)
}
/** Of a tunnel: the other end. */
export function dev_broadcast_set_be32(dev: net_device, addr: number): void {
  dev.broadcast = dev.broadcast.slice()
  putBe32(dev.broadcast, 0, addr)
}
/** dev_pre_changeaddr_notify(): whoever cannot live with the new address refuses. */
export function dev_pre_changeaddr_notify(dev: net_device, addr: Uint8Array, extack?: netlink_ext_ack): Errno | undefined {
  return ask_netdevice_notifiers(NETDEV_PRE_CHANGEADDR, dev, { extack, dev_addr: addr })
}
