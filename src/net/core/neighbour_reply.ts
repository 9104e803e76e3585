/**
 * net/bridge/br_arp_nd_proxy.c, drivers/net/vxlan/vxlan_core.c: answers for a neighbour that the host knows, in its place
 * (RFC 826; RFC 4861 section 7.2.4), for those who ask behind a bridge or a tunnel.
 */
import { ARPOP_REPLY } from '../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_ARP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { csum_ipv6_magic, csum_partial } from './checksum.ts'
import type { net_device } from './netdevice.ts'
import { alloc_skb, CHECKSUM_UNNECESSARY, LL_RESERVED_SPACE, type sk_buff, skb_copy, skb_put, skb_reserve } from './skbuff.ts'

const IPPROTO_ICMPV6 = 58
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136
const ND_OPT_SOURCE_LL_ADDR = 1
const ND_OPT_TARGET_LL_ADDR = 2
export const NA_SOLICITED = 0x40
export const NA_OVERRIDE = 0x20
export const NA_ROUTER = 0x80
/** Header and address of a neighbour message; an address option of Ethernet. */
export const ND_MSG = 24
const ND_OPTION = 8

/** The answer to an ARP request of Ethernet: `ha` has what it asks for. At skb.data is its frame. */
export function arp_proxy_reply(request: sk_buff, ha: Uint8Array): sk_buff {
  const reply = skb_copy(request)
  const { buf, data: eth } = reply
  const at = eth + ETH_HLEN
  const asker = buf.slice(at + 8, at + 18)
  reply.protocol = ETH_P_ARP
  buf[at + 7] = ARPOP_REPLY
  buf.set(ha, at + 8)
  buf.set(buf.slice(at + 24, at + 28), at + 14)
  buf.set(asker, at + 18)
  buf.set(asker.subarray(0, 6), eth)
  buf.set(ha, eth + 6)
  return reply
}

/** Where the asker is: its source link-address option, or the frame's source; undefined: options that are none. */
export function nd_proxy_asker(skb: sk_buff): Uint8Array | undefined {
  const { buf, network_header: ip, tail } = skb
  for (let at = ip + 40 + ND_MSG; at + 1 < tail; at += buf[at + 1] * 8) {
    const length = buf[at + 1] * 8
    if (length === 0 || at + length > tail) return undefined
    if (buf[at] === ND_OPT_SOURCE_LL_ADDR) return buf.slice(at + 2, at + 8)
  }
  return buf.slice(skb.mac_header + 6, skb.mac_header + 12)
}

/** What an advertisement says: whose address it is and where that is; and to whom, by both layers' addresses. */
export interface nd_proxy_target {
  readonly target: Uint8Array
  readonly ha: Uint8Array
  readonly eth_to: Uint8Array
  readonly to: Uint8Array
}
/** An advertisement as a frame of `dev`; `flags`: NA_*. */
export function nd_proxy_reply(request: sk_buff, dev: net_device, { target, ha, eth_to, to }: nd_proxy_target, flags: number): sk_buff {
  const length = ND_MSG + ND_OPTION
  const reply = alloc_skb(LL_RESERVED_SPACE(dev) + 40 + length)
  skb_reserve(reply, LL_RESERVED_SPACE(dev) - ETH_HLEN)
  reply.dev = dev
  reply.protocol = ETH_P_IPV6
  const eth = skb_put(reply, ETH_HLEN)
  reply.buf.set(eth_to, eth)
  reply.buf.set(ha, eth + 6)
  reply.buf.set([ETH_P_IPV6 >> 8, ETH_P_IPV6 & 255], eth + 12)
  const ip = skb_put(reply, 40)
  reply.network_header = ip
  reply.buf.set([0x60 | (request.buf[request.network_header] & 15), 0, 0, 0, 0, length, IPPROTO_ICMPV6, 255], ip)
  reply.buf.set(target, ip + 8)
  reply.buf.set(to, ip + 24)
  const na = skb_put(reply, length)
  const { buf } = reply
  reply.transport_header = na
  buf[na] = NDISC_NEIGHBOUR_ADVERTISEMENT
  buf[na + 4] = flags
  buf.set(target, na + 8)
  buf.set([ND_OPT_TARGET_LL_ADDR, 1], na + ND_MSG)
  buf.set(ha, na + ND_MSG + 2)
  const sum = csum_ipv6_magic(target, to, length, IPPROTO_ICMPV6, csum_partial(buf, na, length))
  buf.set([sum >> 8, sum & 255], na + 2)
  reply.ip_summed = CHECKSUM_UNNECESSARY
  return reply
}
