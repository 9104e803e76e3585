/**
 * drivers/net/macvlan.c: frames between the devices upon one lower device, and to and from the world below. Who hears a
 * broadcast or multicast (macvlan_multicast_rx), by who sent it:
 *
 *   sender                      | how it gets here         | heard by
 *   the world                   | from below               | private, vepa, bridge, passthru
 *   one in vepa mode            | sent back from below     | vepa and bridge, not the sender
 *   one in bridge mode          | at once, on its way out  | bridge, not the sender
 *                               | sent back from below     | vepa
 *   one in another mode         | sent back from below     | the sender alone
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { delayed_work, schedule_work } from '../../kernel/workqueue.ts'
import {
  ____dev_forward_skb,
  dev_core_stats_rx_dropped_inc,
  dev_forward_skb,
  dev_get_tstats64,
  dev_hold,
  dev_put,
  dev_queue_xmit,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  dev_tstats,
  NET_RX_DROP,
  NET_RX_SUCCESS,
  NET_XMIT_CN,
  NET_XMIT_SUCCESS,
  netif_rx,
} from '../../net/core/dev.ts'
import { type header_ops, type net_device, RX_HANDLER_ANOTHER, RX_HANDLER_CONSUMED, RX_HANDLER_PASS } from '../../net/core/netdevice.ts'
import {
  consume_skb,
  kfree_skb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  type sk_buff,
  skb_clone,
} from '../../net/core/skbuff.ts'
import { eth_header_parse } from '../../net/ethernet/eth.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_PAUSE } from '../../uapi/linux/if_ether.ts'
import {
  MACVLAN_FLAG_NODST,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
} from '../../uapi/linux/if_link_stacked.ts'
import { macvlan_dev_of, macvlan_eth_hash, type macvlan_port, macvlan_port_get } from './macvlan_port.ts'

/** What waits in a port's queue: by whom it was sent, when that is one of the port's own devices. */
export interface macvlan_skb_cb {
  src: net_device | undefined
}

function same_addr(skb: sk_buff, at: number, addr: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (skb.buf[at + i] !== addr[i]) return false
  return true
}
/** macvlan_hash_lookup(): the running device with the address that stands at `at`. */
function hash_lookup(port: macvlan_port, skb: sk_buff, at: number): net_device | undefined {
  for (const dev of port.running) if (same_addr(skb, at, dev.dev_addr)) return dev
  return undefined
}

/**
 * Whether a device's multicast filter lets the destination through; `users`: only an address that more than so many
 * devices above asked for.
 * DIVERGES: Linux keeps 256 bits by a hash that differs from boot to boot, so that it lets a little more through.
 */
function filter_passes(dev: net_device, skb: sk_buff, users: number): boolean {
  if (dev.flags & (IFF_PROMISC | IFF_ALLMULTI) || same_addr(skb, skb.mac_header, dev.broadcast)) return true
  for (const ha of dev.mc) if (ha.synced > users && same_addr(skb, skb.mac_header, ha.addr)) return true
  return false
}
const ANY = -1

function count_rx(dev: net_device, len: number, success: boolean, multicast: boolean): void {
  if (!success) {
    dev_tstats(dev).rx_errors++
    return
  }
  dev_sw_netstats_rx_add(dev, len)
  if (multicast) dev_tstats(dev).multicast++
}
/** rx_errors are shown as drops too. */
export function macvlan_dev_get_stats64(dev: net_device) {
  const stats = dev_get_tstats64(dev)
  return { ...stats, rx_dropped: stats.rx_errors ?? 0 }
}

/** Buckets by address, in a bucket the one that came up last. */
function in_hash_order(devs: readonly net_device[]): readonly net_device[] {
  if (devs.length < 2) return devs
  return devs
    .map((dev) => ({ dev, bucket: macvlan_eth_hash(dev.dev_addr) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map((entry) => entry.dev)
}
/** To a device from a neighbour (`local`: the link header is still in front), or from below. */
function broadcast_one(skb: sk_buff, dev: net_device, local: boolean): number {
  if (local) return ____dev_forward_skb(dev, skb) ? netif_rx(skb) : NET_RX_DROP
  skb.dev = dev
  skb.pkt_type = same_addr(skb, skb.mac_header, dev.broadcast) ? PACKET_BROADCAST : PACKET_MULTICAST
  return netif_rx(skb)
}
function broadcast(skb: sk_buff, port: macvlan_port, src: net_device | undefined, modes: number): void {
  if (skb.protocol === ETH_P_PAUSE) return
  const local = modes === MACVLAN_MODE_BRIDGE
  for (const dev of in_hash_order(port.running)) {
    if (dev === src || !(macvlan_dev_of(dev).mode & modes) || !filter_passes(dev, skb, ANY)) continue
    const ret = broadcast_one(skb_clone(skb), dev, local)
    count_rx(dev, skb.len + ETH_HLEN, ret === NET_RX_SUCCESS, true)
  }
}
function multicast_rx(skb: sk_buff, port: macvlan_port, src: net_device | undefined): void {
  if (src === undefined) {
    broadcast(skb, port, undefined, MACVLAN_MODE_PRIVATE | MACVLAN_MODE_VEPA | MACVLAN_MODE_PASSTHRU | MACVLAN_MODE_BRIDGE)
  } else if (macvlan_dev_of(src).mode === MACVLAN_MODE_VEPA) {
    broadcast(skb, port, src, MACVLAN_MODE_VEPA | MACVLAN_MODE_BRIDGE)
  } else {
    broadcast(skb, port, src, MACVLAN_MODE_VEPA)
  }
}

/** macvlan_broadcast_enqueue(): what many want is copied by a work, not while the packet is being received. */
function broadcast_enqueue(skb: sk_buff, port: macvlan_port, src: net_device | undefined): void {
  if (port.bc_queue.length >= port.bc_queue_len_used) {
    dev_core_stats_rx_dropped_inc(skb.dev as net_device)
    return
  }
  const copy = skb_clone(skb)
  const cb: macvlan_skb_cb = { src }
  copy.cb = cb
  if (src !== undefined) dev_hold(src)
  port.bc_queue.push(copy)
  port.bc_work ??= new delayed_work(kernel_of(port).events, macvlan_process_broadcast, port)
  schedule_work(port.bc_work)
}
function kernel_of(port: macvlan_port): Kernel {
  return port.dev.nd_net.kernel
}
/** The work's function. */
export function macvlan_process_broadcast(port: macvlan_port): void {
  for (const skb of port.bc_queue.splice(0)) {
    const { src } = skb.cb as macvlan_skb_cb
    multicast_rx(skb, port, src)
    if (src !== undefined) dev_put(src)
    consume_skb(skb)
  }
}
/** The port goes: nothing waits any more. */
export function macvlan_port_purge(port: macvlan_port): void {
  for (const skb of port.bc_queue.splice(0)) {
    const { src } = skb.cb as macvlan_skb_cb
    if (src !== undefined) dev_put(src)
    kfree_skb(skb)
  }
}

/** macvlan_forward_source(): to the devices that take this sender's packets; true when nobody else may have them. */
function forward_source(skb: sk_buff, port: macvlan_port): boolean {
  let consume = false
  for (const { addr, dev } of port.sources) {
    if (!same_addr(skb, skb.mac_header + ETH_ALEN, addr)) continue
    if (macvlan_dev_of(dev).flags & MACVLAN_FLAG_NODST) consume = true
    if (!(dev.flags & IFF_UP)) continue
    const copy = skb_clone(skb)
    copy.dev = dev
    if (same_addr(skb, skb.mac_header, dev.dev_addr)) copy.pkt_type = PACKET_HOST
    const len = copy.len + ETH_HLEN
    count_rx(dev, len, netif_rx(copy) === NET_RX_SUCCESS, false)
  }
  return consume
}

/** The lower device's rx_handler. */
export function macvlan_handle_frame(skb: sk_buff, lower: net_device): number {
  // what dev_loopback_xmit() gave has no link header
  if (skb.pkt_type === PACKET_LOOPBACK) return RX_HANDLER_PASS
  const port = macvlan_port_get(lower)
  if (port.sources.length > 0 && forward_source(skb, port)) {
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  return skb.buf[skb.mac_header] & 1 ? handle_multicast(skb, port, lower) : handle_unicast(skb, port)
}
function handle_multicast(skb: sk_buff, port: macvlan_port, lower: net_device): number {
  const src = hash_lookup(port, skb, skb.mac_header + ETH_ALEN)
  const mode = src === undefined ? undefined : macvlan_dev_of(src).mode
  if (src !== undefined && mode !== MACVLAN_MODE_VEPA && mode !== MACVLAN_MODE_BRIDGE) {
    // its bytes are not counted
    count_rx(src, 0, broadcast_one(skb, src, false) === NET_RX_SUCCESS, false)
    return RX_HANDLER_CONSUMED
  }
  if (port.bc_cutoff >= 0 && filter_passes(lower, skb, port.bc_cutoff)) broadcast_enqueue(skb, port, src)
  else if (filter_passes(lower, skb, 0)) multicast_rx(skb, port, src)
  return RX_HANDLER_PASS
}
function handle_unicast(skb: sk_buff, port: macvlan_port): number {
  const dev = port.passthru ? [...port.vlans][0] : hash_lookup(port, skb, skb.mac_header)
  if (dev === undefined || macvlan_dev_of(dev).mode === MACVLAN_MODE_SOURCE) return RX_HANDLER_PASS
  if (!(dev.flags & IFF_UP)) {
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  skb.dev = dev
  skb.pkt_type = PACKET_HOST
  count_rx(dev, skb.len + ETH_HLEN, true, false)
  return RX_HANDLER_ANOTHER
}

/** Devices in bridge mode reach one another without the world below. */
function queue_xmit(skb: sk_buff, dev: net_device): number {
  const { mode, port, lowerdev } = macvlan_dev_of(dev)
  if (mode === MACVLAN_MODE_BRIDGE) {
    if (skb.buf[skb.data] & 1) {
      skb.mac_header = skb.data
      broadcast(skb, port, dev, MACVLAN_MODE_BRIDGE)
    } else {
      const dest = hash_lookup(port, skb, skb.data)
      if (dest !== undefined && macvlan_dev_of(dest).mode === MACVLAN_MODE_BRIDGE) {
        // by way of the lower device, whose taps see it
        dev_forward_skb(lowerdev, skb)
        return NET_XMIT_SUCCESS
      }
    }
  }
  skb.dev = lowerdev
  return dev_queue_xmit(skb)
}
export function macvlan_start_xmit(skb: sk_buff, dev: net_device): number {
  const len = skb.len
  const ret = queue_xmit(skb, dev)
  if (ret === NET_XMIT_SUCCESS || ret === NET_XMIT_CN) dev_sw_netstats_tx_add(dev, 1, len)
  else dev_tstats(dev).tx_dropped++
  return ret
}

/** The lower device's header with this one's address. */
export function macvlan_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  const { lowerdev } = macvlan_dev_of(dev)
  return lowerdev.header_ops?.create?.(skb, lowerdev, type, daddr, saddr ?? dev.dev_addr, len) ?? 0
}
export const macvlan_hard_header_ops: header_ops = {
  name: 'macvlan_hard_header_ops',
  create: macvlan_hard_header,
  parse: eth_header_parse,
}
