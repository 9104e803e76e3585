/** net/ipv4/igmp.c ip_mc_check_igmp, net/ipv6/mcast_snoop.c ipv6_mc_check_mld: whether a frame is a message of IGMP or MLD. */
import { getBe16 } from '../../lib/bytes.ts'
import { csum_ipv6_magic, csum_partial, ip_compute_csum } from '../core/checksum.ts'
import type { sk_buff } from '../core/skbuff.ts'

/** No such message: data, or something else for a group. */
export const NO_MESSAGE = 'none'
/** It looks like one and is malformed. */
export const BAD_MESSAGE = 'bad'
/** Offset and length of the message. */
export interface mc_message {
  at: number
  len: number
}
type verdict = mc_message | typeof NO_MESSAGE | typeof BAD_MESSAGE

const igmp_min: Record<number, number> = { 0x11: 8, 0x12: 8, 0x16: 8, 0x17: 8, 0x22: 8 }

export function ip_mc_check_igmp(skb: sk_buff): verdict {
  const { buf, tail } = skb
  const ip = skb.network_header
  if (tail - ip < 20 || buf[ip] >> 4 !== 4) return BAD_MESSAGE
  const hlen = (buf[ip] & 15) * 4
  const total = getBe16(buf, ip + 2)
  if (hlen < 20 || total < hlen || tail - ip < total || ip_compute_csum(buf, ip, hlen) !== 0) return BAD_MESSAGE
  if (buf[ip + 9] !== 2) return NO_MESSAGE
  const at = ip + hlen
  const len = total - hlen
  const need = igmp_min[buf[at]]
  if (len < 8) return BAD_MESSAGE
  if (need === undefined) return NO_MESSAGE
  if (ip_compute_csum(buf, at, len) !== 0) return BAD_MESSAGE
  const all_hosts = buf[ip + 16] === 224 && buf[ip + 17] === 0 && buf[ip + 18] === 0 && buf[ip + 19] === 1
  const general = buf[at] === 0x11 && buf.subarray(at + 4, at + 8).every((byte) => byte === 0)
  if (general && !all_hosts) return BAD_MESSAGE
  if (buf[at] === 0x11 && len !== 8 && len < 12) return BAD_MESSAGE
  skb.transport_header = at
  return { at, len }
}

export function ipv6_mc_check_mld(skb: sk_buff): verdict {
  const { buf, tail } = skb
  const ip = skb.network_header
  if (tail - ip < 40 || buf[ip] >> 4 !== 6) return BAD_MESSAGE
  const end = ip + 40 + getBe16(buf, ip + 4)
  if (tail < end) return BAD_MESSAGE
  if (buf[ip + 6] !== 0) return NO_MESSAGE
  const hop_len = (buf[ip + 41] + 1) * 8
  if (buf[ip + 40] !== 58) return NO_MESSAGE
  const at = ip + 40 + hop_len
  const len = end - at
  if (len < 4) return BAD_MESSAGE
  const type = buf[at]
  const mld = type === 130 || type === 131 || type === 132 || type === 143
  if (!mld) return NO_MESSAGE
  if (csum_ipv6_magic(buf.subarray(ip + 8, ip + 24), buf.subarray(ip + 24, ip + 40), len, 58, csum_partial(buf, at, len)) !== 0) {
    return BAD_MESSAGE
  }
  if (type === 143 ? len < 8 : len < 24) return BAD_MESSAGE
  if (type === 130 && !valid_query(buf, ip, at, len)) return BAD_MESSAGE
  skb.transport_header = at
  return { at, len }
}
/** From a link-local address; a general one goes to all nodes. */
function valid_query(buf: Uint8Array, ip: number, at: number, len: number): boolean {
  if (buf[ip + 8] !== 0xfe || (buf[ip + 9] & 0xc0) !== 0x80 || (len !== 24 && len < 28)) return false
  const general = buf.subarray(at + 8, at + 24).every((byte) => byte === 0)
  return !general || is_all_nodes(buf.subarray(ip + 24, ip + 40))
}
export function is_all_nodes(addr: Uint8Array): boolean {
  return addr[0] === 0xff && addr[1] === 0x02 && addr[15] === 1 && addr.subarray(2, 15).every((byte) => byte === 0)
}
