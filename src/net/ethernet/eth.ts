/** net/ethernet/eth.c: what all Ethernet-like devices share. */

import { getBe16, putBe16 } from '../../lib/bytes.ts'
import type { RandomStream } from '../../lib/random.ts'
import { EADDRNOTAVAIL, EBUSY, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST, IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ETH_ALEN, ETH_DATA_LEN, ETH_HLEN, ETH_MIN_MTU, ETH_P_802_2, ETH_P_802_3, ETH_P_802_3_MIN } from '../../uapi/linux/if_ether.ts'
import { __dev_addr_set } from '../core/dev_addr_lists.ts'
import { alloc_netdev, type alloc_netdev_options } from '../core/dev_alloc.ts'
import { netif_running } from '../core/link_watch.ts'
import type { net } from '../core/net_namespace.ts'
import {
  MAX_ADDR_LEN,
  DEFAULT_TX_QUEUE_LEN,
  type header_ops,
  IFF_LIVE_ADDR_CHANGE,
  IFF_TX_SKB_SHARING,
  NET_ADDR_RANDOM,
  NET_NAME_ENUM,
  type net_device,
  type net_device_ops,
} from '../core/netdevice.ts'
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type sk_buff, skb_pull, skb_push } from '../core/skbuff.ts'

export const eth_broadcast = new Uint8Array(MAX_ADDR_LEN).fill(0xff, 0, ETH_ALEN)

export function is_zero_ether_addr(a: Uint8Array): boolean {
  return (a[0] | a[1] | a[2] | a[3] | a[4] | a[5]) === 0
}
export function is_multicast_ether_addr(a: Uint8Array): boolean {
  return (a[0] & 1) !== 0
}
/** 01:80:c2:00:00:00 to 0f: for the next bridge only. */
export function is_link_local_ether_addr(a: Uint8Array): boolean {
  return a[0] === 1 && a[1] === 0x80 && a[2] === 0xc2 && a[3] === 0 && a[4] === 0 && (a[5] & 0xf0) === 0
}
export function is_broadcast_ether_addr(a: Uint8Array): boolean {
  return (a[0] & a[1] & a[2] & a[3] & a[4] & a[5]) === 0xff
}
/** An address that a station can have. */
export function is_valid_ether_addr(a: Uint8Array): boolean {
  return !is_multicast_ether_addr(a) && !is_zero_ether_addr(a)
}
export function ether_addr_equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (a[i] !== b[i]) return false
  return true
}

/** eth_random_addr(): locally administered, unicast. */
export function eth_random_addr(random: RandomStream): Uint8Array {
  const addr = random.bytes(ETH_ALEN)
  addr[0] = (addr[0] & 0xfe) | 0x02
  return addr
}
export function eth_hw_addr_set(dev: net_device, addr: Uint8Array): void {
  __dev_addr_set(dev, addr, ETH_ALEN)
}
export function eth_hw_addr_random(dev: net_device): void {
  dev.addr_assign_type = NET_ADDR_RANDOM
  eth_hw_addr_set(dev, eth_random_addr(dev.nd_net.kernel.random))
}

/** eth_header(): the length of the header when the destination is known, or the device needs none; its negative when not. */
export function eth_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  const at = skb_push(skb, ETH_HLEN)
  const { buf } = skb
  putBe16(buf, at + 12, type === ETH_P_802_3 || type === ETH_P_802_2 ? len : type)
  put_address(buf, at + ETH_ALEN, saddr ?? dev.dev_addr)
  if (daddr === undefined) {
    buf.fill(0, at, at + ETH_ALEN)
    return dev.flags & (IFF_LOOPBACK | IFF_NOARP) ? ETH_HLEN : -ETH_HLEN
  }
  put_address(buf, at, daddr)
  return ETH_HLEN
}
/** Six bytes: a view for them would cost more than they do. */
function put_address(buf: Uint8Array, at: number, addr: Uint8Array): void {
  for (let i = 0; i < ETH_ALEN; i++) buf[at + i] = addr[i]
}
/** eth_header_parse(): the sender. */
export function eth_header_parse(skb: sk_buff): Uint8Array | undefined {
  return skb.mac_header < 0 ? undefined : skb.buf.slice(skb.mac_header + ETH_ALEN, skb.mac_header + 2 * ETH_ALEN)
}
export const eth_header_ops: header_ops = { name: 'eth_header_ops', create: eth_header, parse: eth_header_parse, cache: true }

/** eth_type_trans(): takes the header off, says for whom the packet is; its protocol, host order. */
export function eth_type_trans(skb: sk_buff, dev: net_device): number {
  skb.dev = dev
  skb.mac_header = skb.data
  skb.pkt_type = packet_type_of(skb.buf, skb.data, dev)
  const type = getBe16(skb.buf, skb.data + 12)
  skb_pull(skb, ETH_HLEN)
  if (type >= ETH_P_802_3_MIN) return type
  // Novell's raw 802.3 has no 802.2 header but a checksum of 0xffff
  return skb.len >= 2 && getBe16(skb.buf, skb.data) === 0xffff ? ETH_P_802_3 : ETH_P_802_2
}
function packet_type_of(buf: Uint8Array, at: number, dev: net_device): number {
  if (has_address(buf, at, dev.dev_addr)) return PACKET_HOST
  if ((buf[at] & 1) === 0) return PACKET_OTHERHOST
  return has_address(buf, at, dev.broadcast) ? PACKET_BROADCAST : PACKET_MULTICAST
}
function has_address(buf: Uint8Array, at: number, addr: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (buf[at + i] !== addr[i]) return false
  return true
}

/** eth_prepare_mac_addr_change(): a running device only when it says that it can (IFF_LIVE_ADDR_CHANGE). */
export function eth_prepare_mac_addr_change(dev: net_device, addr: Uint8Array): Errno | undefined {
  if (!(dev.priv_flags & IFF_LIVE_ADDR_CHANGE) && netif_running(dev)) return EBUSY
  return is_valid_ether_addr(addr) ? undefined : EADDRNOTAVAIL
}
export function eth_mac_addr(dev: net_device, addr: Uint8Array): Errno | undefined {
  const error = eth_prepare_mac_addr_change(dev, addr)
  if (isErrno(error)) return error
  eth_hw_addr_set(dev, addr)
  return undefined
}
export function eth_validate_addr(dev: net_device): Errno | undefined {
  return is_valid_ether_addr(dev.dev_addr) ? undefined : EADDRNOTAVAIL
}

/** ether_setup(): the defaults of an Ethernet device. */
export function ether_setup(dev: net_device): void {
  dev.header_ops = eth_header_ops
  dev.type = ARPHRD_ETHER
  dev.hard_header_len = ETH_HLEN
  dev.min_header_len = ETH_HLEN
  dev.mtu = ETH_DATA_LEN
  dev.min_mtu = ETH_MIN_MTU
  dev.max_mtu = ETH_DATA_LEN
  dev.addr_len = ETH_ALEN
  dev.tx_queue_len = DEFAULT_TX_QUEUE_LEN
  dev.flags = IFF_BROADCAST | IFF_MULTICAST
  dev.priv_flags |= IFF_TX_SKB_SHARING
  dev.broadcast = eth_broadcast
}
/** alloc_etherdev_mqs(): "eth%d". */
export function alloc_etherdev(net: net, ops: net_device_ops, options: alloc_netdev_options = {}): net_device {
  return alloc_netdev(net, 'eth%d', ops, ether_setup, { name_assign_type: NET_NAME_ENUM, ...options })
}
