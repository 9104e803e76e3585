/** What a capture shows of packets: their bytes as they would be on a wire, the type of their first header, why they were dropped. */
import { putBe16 } from '../lib/bytes.ts'
import { csum_fold, csum_partial } from '../net/core/checksum.ts'
import * as dropreason from '../net/core/dropreason.ts'
import type { net_device } from '../net/core/netdevice.ts'
import { CHECKSUM_PARTIAL, PACKET_KERNEL, PACKET_USER, type sk_buff } from '../net/core/skbuff.ts'
import { ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_NETLINK } from '../uapi/linux/if_arp.ts'
import { ETH_ALEN, ETH_P_IP, ETH_P_IPV6 } from '../uapi/linux/if_ether.ts'

/** tcpdump's registry of link types. */
export const LINKTYPE_ETHERNET = 1
export const LINKTYPE_RAW = 101
export const LINKTYPE_NETLINK = 253

const VLAN_HLEN = 4

/** The device's packets begin with an Ethernet header. */
const has_ethernet_header = (dev: net_device) => dev.type === ARPHRD_ETHER || dev.type === ARPHRD_LOOPBACK

export function capture_link_type(dev: net_device): number {
  return has_ethernet_header(dev) ? LINKTYPE_ETHERNET : LINKTYPE_RAW
}

/** A packet on its way out or in; undefined when its device has a header that no link type stands for. */
export function captured_packet(skb: sk_buff, dev: net_device, outgoing: boolean): Uint8Array | undefined {
  if (!has_ethernet_header(dev)) return captured_network_packet(skb)
  const from = outgoing ? skb.data : skb.mac_header
  return from < 0 ? undefined : with_tag(skb, bytes_from(skb, from))
}
/** From the network header on; undefined when that is neither IPv4 nor IPv6. */
export function captured_network_packet(skb: sk_buff): Uint8Array | undefined {
  const known = skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6
  return known && skb.network_header >= 0 ? bytes_from(skb, skb.network_header) : undefined
}

/** A copy, with the checksum that the device would fill in. */
function bytes_from(skb: sk_buff, from: number): Uint8Array {
  const bytes = skb.buf.slice(from, skb.tail)
  const start = skb.csum_start - from
  if (skb.ip_summed !== CHECKSUM_PARTIAL || start < 0) return bytes
  const sum = csum_fold(csum_partial(bytes, start, bytes.length - start)) || 0xffff
  bytes[start + skb.csum_offset] = sum >> 8
  bytes[start + skb.csum_offset + 1] = sum
  return bytes
}
/** A tag that goes beside the bytes is put back between them. */
function with_tag(skb: sk_buff, bytes: Uint8Array): Uint8Array {
  if (!skb.vlan_present) return bytes
  const out = new Uint8Array(bytes.length + VLAN_HLEN)
  out.set(bytes.subarray(0, 2 * ETH_ALEN))
  out.set([skb.vlan_proto >> 8, skb.vlan_proto & 0xff, skb.vlan_tci >> 8, skb.vlan_tci & 0xff], 2 * ETH_ALEN)
  out.set(bytes.subarray(2 * ETH_ALEN), 2 * ETH_ALEN + VLAN_HLEN)
  return out
}

const PREFIX = 'SKB_DROP_REASON_'
const reasons: ReadonlyMap<number, string> = new Map(
  Object.entries(dropreason).flatMap(([name, value]) =>
    typeof value === 'number' && name.startsWith(PREFIX) ? [[value, name.slice(PREFIX.length)]] : [],
  ),
)
/** Linux's word without its prefix (`NO_SOCKET`); undefined when the packet was used up, not dropped. */
export function drop_reason_name(reason: number): string | undefined {
  return reasons.get(reason)
}

/** LINKTYPE_NETLINK: a header of 16 bytes (as of AF_PACKET's cooked mode) before the messages. */
export function netlink_packet(protocol: number, data: Uint8Array, to_kernel: boolean): Uint8Array {
  const out = new Uint8Array(16 + data.length)
  putBe16(out, 0, to_kernel ? PACKET_KERNEL : PACKET_USER)
  putBe16(out, 2, ARPHRD_NETLINK)
  putBe16(out, 14, protocol)
  out.set(data, 16)
  return out
}
