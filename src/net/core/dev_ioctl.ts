/** net/core/dev_ioctl.c: the SIOC* requests that concern a device by its name. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { request_module } from '../../kernel/kmod.ts'
import { capable, type task_struct } from '../../kernel/task.ts'
import { get16, get32, getS32, getString, put16, put32, putString } from '../../lib/bytes.ts'
import type { UserMemory } from '../../syscalls/types.ts'
import { EFAULT, EINVAL, ENODEV, ENOTTY, EOPNOTSUPP, EPERM, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFNAMSIZ, ifconf, ifmap } from '../../uapi/linux/if.ts'
import {
  SIOCADDMULTI,
  SIOCBONDCHANGEACTIVE,
  SIOCBONDENSLAVE,
  SIOCBONDINFOQUERY,
  SIOCBONDRELEASE,
  SIOCBONDSETHWADDR,
  SIOCBONDSLAVEINFOQUERY,
  SIOCBRADDIF,
  SIOCBRDELIF,
  SIOCDELMULTI,
  SIOCDEVPRIVATE,
  SIOCETHTOOL,
  SIOCGHWTSTAMP,
  SIOCGIFFLAGS,
  SIOCGIFHWADDR,
  SIOCGIFINDEX,
  SIOCGIFMAP,
  SIOCGIFMETRIC,
  SIOCGIFMTU,
  SIOCGIFNAME,
  SIOCGIFSLAVE,
  SIOCGIFTXQLEN,
  SIOCGMIIPHY,
  SIOCGMIIREG,
  SIOCSHWTSTAMP,
  SIOCSIFFLAGS,
  SIOCSIFHWADDR,
  SIOCSIFHWBROADCAST,
  SIOCSIFMAP,
  SIOCSIFMETRIC,
  SIOCSIFMTU,
  SIOCSIFNAME,
  SIOCSIFSLAVE,
  SIOCSIFTXQLEN,
  SIOCSMIIREG,
  SIOCWANDEV,
} from '../../uapi/linux/sockios.ts'
import { dev_ethtool } from '../ethtool/ioctl.ts'
import {
  __dev_get_by_name,
  call_netdevice_notifiers,
  dev_change_flags,
  dev_change_name,
  dev_change_tx_queue_len,
  dev_get_flags,
  dev_set_mac_address,
  dev_set_mtu,
  rtnl_unlock,
} from './dev.ts'
import { dev_broadcast_set, dev_mc_add_global, dev_mc_del_global } from './dev_addr_lists.ts'
import type { net } from './net_namespace.ts'
import { LINK_STATE_PRESENT, MAX_ADDR_LEN, NETDEV_CHANGEADDR, type net_device } from './netdevice.ts'

/** sizeof(struct ifreq); the union begins at IFR_UNION. */
export const IFREQ_SIZE = 40
export const IFR_UNION = IFNAMSIZ
/** sa_data of a struct sockaddr. */
const SA_DATA = IFR_UNION + 2
const SA_DATA_SIZE = 14

/** Asked by anybody, answered at once, changes nothing. */
const reads = new Set([SIOCGIFFLAGS, SIOCGIFMETRIC, SIOCGIFMTU, SIOCGIFSLAVE, SIOCGIFMAP, SIOCGIFINDEX, SIOCGIFTXQLEN])
/** Need CAP_NET_ADMIN and answer through the ifreq. */
const privileged_answering = new Set([SIOCGMIIPHY, SIOCGMIIREG, SIOCSIFNAME])
/** Need CAP_NET_ADMIN; the ifreq is not written back. */
const privileged = new Set([
  SIOCSIFMAP,
  SIOCSIFTXQLEN,
  SIOCSIFFLAGS,
  SIOCSIFMETRIC,
  SIOCSIFMTU,
  SIOCSIFHWADDR,
  SIOCSIFSLAVE,
  SIOCADDMULTI,
  SIOCDELMULTI,
  SIOCSIFHWBROADCAST,
  SIOCSMIIREG,
  SIOCBONDENSLAVE,
  SIOCBONDRELEASE,
  SIOCBONDSETHWADDR,
  SIOCBONDCHANGEACTIVE,
  SIOCBRADDIF,
  SIOCBRDELIF,
  SIOCSHWTSTAMP,
])
const bond_queries = new Set([SIOCBONDSLAVEINFOQUERY, SIOCBONDINFOQUERY])

export function is_private_ioctl(cmd: number): boolean {
  return cmd >= SIOCDEVPRIVATE && cmd <= SIOCDEVPRIVATE + 15
}

/** Whether dev_ioctl()'s success writes the ifreq back (Linux: need_copyout). */
export function dev_ioctl_needs_copyout(cmd: number): boolean {
  return !privileged.has(cmd) && !bond_queries.has(cmd)
}

/**
 * `ifr`: the struct ifreq, read and answered in place. A label's part from the colon on is not looked at, and is back
 * in the answer: `eth0:1` asks for eth0.
 */
export function dev_ioctl(net: net, task: task_struct, cmd: number, ifr: Uint8Array, memory: UserMemory): number | Errno | undefined {
  if (cmd === SIOCGIFNAME) return dev_ifname(net, ifr)
  ifr[IFNAMSIZ - 1] = 0
  const colon = cut_label(ifr)
  const result = dispatch(net, task, cmd, ifr, memory)
  if (colon >= 0 && !is_private_ioctl(cmd) && cmd !== SIOCWANDEV && cmd !== SIOCGHWTSTAMP) ifr[colon] = 0x3a
  return result
}

/** A name that no device has may be a module's: `ip tunnel add` asks for gre0 before there is any tunnel. */
function dev_load(net: net, task: task_struct, ifr: Uint8Array): void {
  if (ifr_device(net, ifr) !== undefined || !capable(task, CAP_NET_ADMIN)) return
  if (request_module(net.kernel, `netdev-${getString(ifr, 0, IFNAMSIZ)}`)) rtnl_unlock(net.kernel)
}

function dispatch(net: net, task: task_struct, cmd: number, ifr: Uint8Array, memory: UserMemory): number | Errno | undefined {
  dev_load(net, task, ifr)
  if (cmd === SIOCGIFHWADDR) return dev_get_mac_address(net, ifr)
  if (reads.has(cmd)) return dev_ifsioc_locked(net, ifr, cmd)
  if (cmd === SIOCETHTOOL) return ethtool(net, task, ifr, memory)
  if (privileged_answering.has(cmd) || privileged.has(cmd)) {
    if (!capable(task, CAP_NET_ADMIN)) return EPERM
  } else if (!bond_queries.has(cmd) && cmd !== SIOCWANDEV && cmd !== SIOCGHWTSTAMP && !is_private_ioctl(cmd)) {
    return ENOTTY
  }
  const result = dev_ifsioc(net, task, ifr, cmd, memory)
  rtnl_unlock(net.kernel)
  return result
}

function ethtool(net: net, task: task_struct, ifr: Uint8Array, memory: UserMemory): number | Errno | undefined {
  const result = dev_ethtool(ifr_device(net, ifr), task, ifr_pointer(ifr), memory)
  rtnl_unlock(net.kernel)
  return result
}

/** Takes the name's part from ':' on away; its place or -1. */
function cut_label(ifr: Uint8Array): number {
  for (let i = 0; i < IFNAMSIZ && ifr[i] !== 0; i++) {
    if (ifr[i] !== 0x3a) continue
    ifr[i] = 0
    return i
  }
  return -1
}

export function ifr_device(net: net, ifr: Uint8Array): net_device | undefined {
  return __dev_get_by_name(net, getString(ifr, 0, IFNAMSIZ))
}

/** Measured: behind the name's NUL the program's bytes stay. */
function dev_ifname(net: net, ifr: Uint8Array): Errno | undefined {
  ifr[IFNAMSIZ - 1] = 0
  const dev = net.dev_index_head.get(getS32(ifr, IFR_UNION))
  if (dev === undefined) return ENODEV
  ifr[putString(ifr, 0, dev.name)] = 0
  return undefined
}

/** net/core/dev.c dev_get_mac_address(): bytes behind the address stay; without addresses all 14 are zero. */
function dev_get_mac_address(net: net, ifr: Uint8Array): Errno | undefined {
  const dev = ifr_device(net, ifr)
  if (dev === undefined) return ENODEV
  if (dev.addr_len === 0) ifr.fill(0, SA_DATA, SA_DATA + SA_DATA_SIZE)
  else ifr.set(dev.dev_addr.subarray(0, Math.min(SA_DATA_SIZE, dev.addr_len)), SA_DATA)
  put16(ifr, IFR_UNION, dev.type)
  return undefined
}

function dev_ifsioc_locked(net: net, ifr: Uint8Array, cmd: number): Errno | undefined {
  const dev = ifr_device(net, ifr)
  if (dev === undefined) return ENODEV
  switch (cmd) {
    case SIOCGIFFLAGS:
      put16(ifr, IFR_UNION, dev_get_flags(dev))
      return undefined
    case SIOCGIFMETRIC:
      put32(ifr, IFR_UNION, 0)
      return undefined
    case SIOCGIFMTU:
      put32(ifr, IFR_UNION, dev.mtu)
      return undefined
    case SIOCGIFMAP:
      dev_getifmap(dev, ifr)
      return undefined
    case SIOCGIFINDEX:
      put32(ifr, IFR_UNION, dev.ifindex)
      return undefined
    case SIOCGIFTXQLEN:
      put32(ifr, IFR_UNION, dev.tx_queue_len)
      return undefined
    default:
      return EINVAL
  }
}

/** Field by field: the struct's tail padding keeps the program's bytes. */
function dev_getifmap(dev: net_device, ifr: Uint8Array): void {
  const { mem_start, mem_end, base_addr, irq, dma, port } = ifmap.field
  mem_start.put(ifr, IFR_UNION, dev.mem_start)
  mem_end.put(ifr, IFR_UNION, dev.mem_end)
  base_addr.put(ifr, IFR_UNION, dev.base_addr)
  irq.put(ifr, IFR_UNION, dev.irq)
  dma.put(ifr, IFR_UNION, dev.dma)
  port.put(ifr, IFR_UNION, dev.if_port)
}

function dev_ifsioc(net: net, task: task_struct, ifr: Uint8Array, cmd: number, memory: UserMemory): number | Errno | undefined {
  const dev = ifr_device(net, ifr)
  if (dev === undefined) return ENODEV
  if (is_private_ioctl(cmd)) return when_present(dev, dev.netdev_ops.ndo_siocdevprivate?.bind(undefined, dev, ifr, memory, cmd, task))
  switch (cmd) {
    case SIOCSIFFLAGS:
      return dev_change_flags(dev, ((get16(ifr, IFR_UNION) << 16) >> 16) >>> 0, undefined)
    case SIOCSIFMTU:
      return dev_set_mtu(dev, getS32(ifr, IFR_UNION), undefined)
    case SIOCSIFHWADDR:
      return set_hw_address(dev, ifr)
    case SIOCSIFHWBROADCAST:
      return set_hw_broadcast(dev, ifr)
    case SIOCADDMULTI:
    case SIOCDELMULTI:
      return change_multicast(dev, ifr, cmd)
    case SIOCSIFTXQLEN:
      return getS32(ifr, IFR_UNION) < 0 ? EINVAL : dev_change_tx_queue_len(dev, getS32(ifr, IFR_UNION))
    case SIOCSIFNAME:
      ifr[IFR_UNION + IFNAMSIZ - 1] = 0
      return dev_change_name(dev, getString(ifr, IFR_UNION, IFR_UNION + IFNAMSIZ))
    case SIOCSHWTSTAMP:
    case SIOCGHWTSTAMP:
      return dev_hwtstamp(dev, ifr, cmd, memory)
    case SIOCGMIIPHY:
    case SIOCGMIIREG:
    case SIOCSMIIREG:
      return when_present(dev, dev.netdev_ops.ndo_eth_ioctl?.bind(undefined, dev, ifr, cmd))
    case SIOCBONDENSLAVE:
    case SIOCBONDRELEASE:
    case SIOCBONDSETHWADDR:
    case SIOCBONDSLAVEINFOQUERY:
    case SIOCBONDINFOQUERY:
    case SIOCBONDCHANGEACTIVE:
      return when_present(dev, dev.netdev_ops.ndo_siocbond?.bind(undefined, dev, ifr, memory, cmd, task))
    case SIOCSIFSLAVE:
      return EINVAL
    // SIOCSIFMETRIC and SIOCSIFMAP, and what bridges and WAN devices bring when they are built
    default:
      return EOPNOTSUPP
  }
}

function netif_device_present(dev: net_device): boolean {
  return (dev.state & LINK_STATE_PRESENT) !== 0
}
/** A driver's operation: EOPNOTSUPP without it, ENODEV while the device is detached. */
function when_present(dev: net_device, operation: (() => number | Errno | undefined) | undefined): number | Errno | undefined {
  if (operation === undefined) return EOPNOTSUPP
  return netif_device_present(dev) ? operation() : ENODEV
}

function set_hw_address(dev: net_device, ifr: Uint8Array): Errno | undefined {
  if (dev.addr_len > SA_DATA_SIZE + 2) return EINVAL
  const family = get16(ifr, IFR_UNION)
  return dev_set_mac_address(dev, ifr.slice(SA_DATA, SA_DATA + dev.addr_len), undefined, family)
}

/** Announced as an address change, without a link message. */
function set_hw_broadcast(dev: net_device, ifr: Uint8Array): Errno | undefined {
  if (get16(ifr, IFR_UNION) !== dev.type) return EINVAL
  dev_broadcast_set(dev, ifr.subarray(SA_DATA, SA_DATA + Math.min(SA_DATA_SIZE, dev.addr_len)))
  call_netdevice_notifiers(NETDEV_CHANGEADDR, dev)
  return undefined
}

function change_multicast(dev: net_device, ifr: Uint8Array, cmd: number): Errno | undefined {
  if (dev.netdev_ops.ndo_set_rx_mode === undefined || get16(ifr, IFR_UNION) !== 0) return EINVAL
  if (!netif_device_present(dev)) return ENODEV
  // an address longer than sa_data reads on in the union, as it does in Linux
  const addr = new Uint8Array(MAX_ADDR_LEN)
  addr.set(ifr.subarray(SA_DATA, Math.min(IFREQ_SIZE, SA_DATA + dev.addr_len)))
  const change = cmd === SIOCADDMULTI ? dev_mc_add_global : dev_mc_del_global
  return change(dev, addr.subarray(0, dev.addr_len))
}

/** dev_set_hwtstamp(), dev_get_hwtstamp(): the configuration must be readable and sound before the driver is asked. */
function dev_hwtstamp(dev: net_device, ifr: Uint8Array, cmd: number, memory: UserMemory): number | Errno | undefined {
  if (cmd === SIOCSHWTSTAMP) {
    const config = memory.read(ifr_pointer(ifr), 12)
    if (isErrno(config)) return EFAULT
    if ((get32(config, 0) & ~1) !== 0) return EINVAL
    if (get32(config, 4) > 3 || get32(config, 8) > 15) return ERANGE
  }
  return when_present(dev, dev.netdev_ops.ndo_eth_ioctl?.bind(undefined, dev, ifr, cmd))
}

/** The user pointer in the ifreq's union. */
export function ifr_pointer(ifr: Uint8Array): number {
  return get32(ifr, IFR_UNION) + get32(ifr, IFR_UNION + 4) * 4294967296
}

/** The addresses of one device as ifreqs, as many as fit in `room` bytes (net/ipv4/devinet.c inet_gifconf). */
export type gifconf_func = (dev: net_device, room: number, size: number) => Uint8Array

/**
 * SIOCGIFCONF: all devices in order. Without a buffer only the length that all would take comes back; IPv4 gives the
 * entries, so its function is a parameter here.
 */
export function dev_ifconf(net: net, gifconf: gifconf_func, arg: number, memory: UserMemory): Errno | undefined {
  const raw = memory.read(arg, ifconf.size)
  if (isErrno(raw)) return EFAULT
  const { ifc_len, ifc_buf } = ifconf.get(raw, 0)
  let total = 0
  for (const dev of net.dev_base_head) {
    const entries = gifconf(dev, ifc_buf === 0 ? Number.MAX_SAFE_INTEGER : ifc_len - total, IFREQ_SIZE)
    if (ifc_buf !== 0 && entries.length > 0 && isErrno(memory.write(ifc_buf + total, entries))) return EFAULT
    total += entries.length
  }
  const length = new Uint8Array(4)
  put32(length, 0, total)
  return isErrno(memory.write(arg, length)) ? EFAULT : undefined
}
