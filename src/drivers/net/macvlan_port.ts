/** drivers/net/macvlan.c: what the devices upon one lower device share: who is up with which address, and whose packets are wanted. */
import { cancel_delayed_work, type delayed_work } from '../../kernel/workqueue.ts'
import { hash_64 } from '../../lib/hash.ts'
import { dev_set_mac_address, netdev_rx_handler_register, netdev_rx_handler_unregister } from '../../net/core/dev.ts'
import { IFF_MACVLAN_PORT, type net_device, netdev_priv } from '../../net/core/netdevice.ts'
import type { sk_buff } from '../../net/core/skbuff.ts'
import { ether_addr_equal } from '../../net/ethernet/eth.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_ALEN } from '../../uapi/linux/if_ether.ts'
import { MACVLAN_MODE_VEPA } from '../../uapi/linux/if_link_stacked.ts'
import { macvlan_handle_frame, macvlan_port_purge } from './macvlan_xmit.ts'

export const MACVLAN_DEFAULT_BC_QUEUE_LEN = 1000
const MACVLAN_HASH_BITS = 8

/** struct macvlan_dev: the private area of macvlan and macvtap. */
export class macvlan_dev {
  lowerdev!: net_device
  port!: macvlan_port
  mode = MACVLAN_MODE_VEPA
  /** MACVLAN_FLAG_* */
  flags = 0
  macaddr_count = 0
  /** Of a macvtap: its character device. */
  minor = 0
  bc_queue_len_req = MACVLAN_DEFAULT_BC_QUEUE_LEN
}
export function macvlan_dev_of(dev: net_device): macvlan_dev {
  return netdev_priv<macvlan_dev>(dev)
}

/** A sender whose packets a device in source mode takes. */
export interface macvlan_source_entry {
  addr: Uint8Array
  dev: net_device
}

export class macvlan_port {
  readonly dev: net_device
  /** Devices in the order in which they were made. */
  readonly vlans = new Set<net_device>()
  /** Those that are up, found by their address. */
  running: net_device[] = []
  /** Newest first. */
  sources: macvlan_source_entry[] = []
  passthru = false
  /** Set while the device in passthru mode changes the lower device's address itself. */
  addr_change = false
  count = 0
  bc_queue_len_used = 0
  /** How many asked for which length of the queue. */
  private readonly bc_queue_len_reqs = new Map<number, number>()
  bc_cutoff = 1
  /** Broadcasts that the work below copies to those who want them. */
  bc_queue: sk_buff[] = []
  bc_work: delayed_work | undefined = undefined
  /** The lower device's own address, to put back after passthru. */
  perm_addr: Uint8Array
  constructor(dev: net_device) {
    this.dev = dev
    this.perm_addr = dev.dev_addr.slice(0, ETH_ALEN)
  }
  /** One more, or one less (`by` -1), asks for a queue of the length; it has the longest asked for. */
  count_bc_queue_len(length: number, by: number): void {
    const count = (this.bc_queue_len_reqs.get(length) ?? 0) + by
    if (count === 0) this.bc_queue_len_reqs.delete(length)
    else this.bc_queue_len_reqs.set(length, count)
    this.bc_queue_len_used = Math.max(0, ...this.bc_queue_len_reqs.keys())
  }
}

export function netif_is_macvlan_port(dev: net_device): boolean {
  return (dev.priv_flags & IFF_MACVLAN_PORT) !== 0
}
export function macvlan_port_get(dev: net_device): macvlan_port {
  return dev.rx_handler_data as macvlan_port
}

export function macvlan_port_create(dev: net_device): Errno | undefined {
  if (dev.type !== ARPHRD_ETHER || dev.flags & IFF_LOOPBACK) return EINVAL
  const error = netdev_rx_handler_register(dev, macvlan_handle_frame, new macvlan_port(dev))
  if (isErrno(error)) return error
  dev.priv_flags |= IFF_MACVLAN_PORT
  return undefined
}
/** An address that passthru changed is put back. */
export function macvlan_port_destroy(dev: net_device): void {
  const port = macvlan_port_get(dev)
  dev.priv_flags &= ~IFF_MACVLAN_PORT
  if (port.bc_work !== undefined) cancel_delayed_work(port.bc_work)
  macvlan_port_purge(port)
  netdev_rx_handler_unregister(dev)
  if (port.passthru && !ether_addr_equal(port.dev.dev_addr, port.perm_addr)) dev_set_mac_address(port.dev, port.perm_addr)
}

function hash_lookup(port: macvlan_port, addr: Uint8Array): boolean {
  return port.running.some((dev) => ether_addr_equal(dev.dev_addr, addr))
}
/** Whether the lower device or another running one has the address. */
export function macvlan_addr_busy(port: macvlan_port, addr: Uint8Array): boolean {
  if (!port.passthru && !port.addr_change && ether_addr_equal(port.dev.dev_addr, addr)) return true
  return hash_lookup(port, addr)
}

/** macvlan_eth_hash(): the bucket, which decides about the order of IFLA_MACVLAN_MACADDR_DATA. */
export function macvlan_eth_hash(addr: Uint8Array): number {
  let value = 0n
  for (let i = ETH_ALEN - 1; i >= 0; i--) value = (value << 8n) | BigInt(addr[i])
  return hash_64(value << 16n, MACVLAN_HASH_BITS)
}
function source_lookup(dev: net_device, addr: Uint8Array): macvlan_source_entry | undefined {
  return macvlan_dev_of(dev).port.sources.find((s) => s.dev === dev && ether_addr_equal(s.addr, addr))
}
export function macvlan_hash_add_source(dev: net_device, addr: Uint8Array): void {
  if (source_lookup(dev, addr) !== undefined) return
  const vlan = macvlan_dev_of(dev)
  vlan.port.sources.unshift({ addr: addr.slice(0, ETH_ALEN), dev })
  vlan.macaddr_count++
}
export function macvlan_hash_del_source(dev: net_device, addr: Uint8Array): void {
  const found = source_lookup(dev, addr)
  if (found === undefined) return
  const vlan = macvlan_dev_of(dev)
  vlan.port.sources = vlan.port.sources.filter((s) => s !== found)
  vlan.macaddr_count--
}
export function macvlan_flush_sources(dev: net_device): void {
  const vlan = macvlan_dev_of(dev)
  vlan.port.sources = vlan.port.sources.filter((s) => s.dev !== dev)
  vlan.macaddr_count = 0
}
/** By bucket, in a bucket newest first. */
export function macvlan_sources(dev: net_device): Uint8Array[] {
  const own = macvlan_dev_of(dev).port.sources.filter((s) => s.dev === dev)
  return own
    .map((s) => ({ addr: s.addr, bucket: macvlan_eth_hash(s.addr) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map((s) => s.addr)
}
