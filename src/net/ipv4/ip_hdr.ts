/** include/uapi/linux/ip.h struct iphdr: the header, in a packet's buffer at skb.network_header. Addresses are in host order. */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import type { net_device } from '../core/netdevice.ts'
import { alloc_skb, type sk_buff, skb_push, skb_reserve } from '../core/skbuff.ts'
import { NAPI_FRAG_SIZE, napi_alloc_frag, napi_build_skb } from '../core/skbuff_cache.ts'
import type { ip_options } from './ip_options.ts'

export const IP_HLEN = 20
/** With the longest options. */
export const IP_MAX_HLEN = 60
export const IP_DF = 0x4000
export const IP_MF = 0x2000
export const IP_OFFSET = 0x1fff
/** Room for the headers of links, and of tunnels upon links. */
const LL_MAX_HEADER = 128

export interface ip_fields {
  saddr: number
  daddr: number
  protocol: number
  ttl: number
  tos?: number
  id?: number
  /** IP_DF, IP_MF and the offset. */
  frag_off?: number
  options?: Uint8Array
}
/** An empty packet with room for `payload` bytes, an IPv4 header before them and a link's before that. */
export function ip_alloc_skb(payload: number): sk_buff {
  const skb = alloc_skb(LL_MAX_HEADER + IP_MAX_HLEN + payload)
  skb_reserve(skb, LL_MAX_HEADER + IP_MAX_HLEN)
  return skb
}
/** The same with a buffer of the CPU's cache; all of the payload is to be written. */
export function ip_alloc_cached_skb(dev: net_device, payload: number): sk_buff {
  const room = LL_MAX_HEADER + IP_MAX_HLEN
  if (room + payload > NAPI_FRAG_SIZE) return ip_alloc_skb(payload)
  return napi_build_skb(dev, napi_alloc_frag(dev.nd_net.kernel), room, room, room + payload)
}
/** Puts the header before what is there. */
export function ip_push_hdr(skb: sk_buff, h: ip_fields): void {
  const hlen = IP_HLEN + (h.options?.length ?? 0)
  const at = skb_push(skb, hlen)
  const b = skb.buf
  b[at] = 0x40 | (hlen >> 2)
  b[at + 1] = h.tos ?? 0
  putBe16(b, at + 2, skb.len)
  putBe16(b, at + 4, h.id ?? 0)
  putBe16(b, at + 6, h.frag_off ?? 0)
  b[at + 8] = h.ttl
  b[at + 9] = h.protocol
  putBe32(b, at + 12, h.saddr)
  putBe32(b, at + 16, h.daddr)
  if (h.options !== undefined) b.set(h.options, at + IP_HLEN)
  skb.network_header = at
  skb.protocol = ETH_P_IP
  ip_send_check(skb)
}
/** The header's checksum anew. */
export function ip_send_check(skb: sk_buff): void {
  const at = skb.network_header
  putBe16(skb.buf, at + 10, 0)
  putBe16(skb.buf, at + 10, ip_compute_csum(skb.buf, at, ip_hdrlen(skb)))
}

/** struct inet_skb_parm: what the layer notes of a packet (skb.cb). */
export interface inet_skb_parm {
  /** Index of the device that it came in on, where that was a VRF's port and the packet is the VRF's now. */
  iif: number
  /** Its options, where it has any. */
  opt?: ip_options
  /** It came in pieces, of which the longest was so long. */
  frag_max_size?: number
  /** Where it came in, as its socket is told (ipv4_pktinfo_prepare). */
  ipi_ifindex?: number
  ipi_spec_dst?: number
}
/** IPCB(skb)->opt: options of a packet that has come in. */
export function skb_ip_options(skb: sk_buff): ip_options | undefined {
  return (skb.cb as inet_skb_parm | undefined)?.opt
}
/** inet_sdif(): the port of a packet of a VRF; 0: it came in by no port. */
export function inet_sdif(skb: sk_buff): number {
  return (skb.cb as inet_skb_parm | undefined)?.iif ?? 0
}
/** An address in the order of the network. */
export function put_addr4(addr: number): Uint8Array {
  const bytes = new Uint8Array(4)
  putBe32(bytes, 0, addr)
  return bytes
}
/** What stands behind the fixed header: a view. */
export function ip_hdr_options(skb: sk_buff): Uint8Array {
  return skb.buf.subarray(skb.network_header + IP_HLEN, skb.network_header + ip_hdrlen(skb))
}
export function ip_hdrlen(skb: sk_buff): number {
  return (skb.buf[skb.network_header] & 0x0f) << 2
}
export function ip_version(skb: sk_buff): number {
  return skb.buf[skb.network_header] >> 4
}
export function ip_tos(skb: sk_buff): number {
  return skb.buf[skb.network_header + 1]
}
export function ip_tot_len(skb: sk_buff): number {
  return getBe16(skb.buf, skb.network_header + 2)
}
export function ip_frag_off(skb: sk_buff): number {
  return getBe16(skb.buf, skb.network_header + 6)
}
export function ip_ttl(skb: sk_buff): number {
  return skb.buf[skb.network_header + 8]
}
export function ip_protocol(skb: sk_buff): number {
  return skb.buf[skb.network_header + 9]
}
export function ip_saddr(skb: sk_buff): number {
  return getBe32(skb.buf, skb.network_header + 12)
}
export function ip_daddr(skb: sk_buff): number {
  return getBe32(skb.buf, skb.network_header + 16)
}
