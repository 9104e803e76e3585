/** net/ipv4/gre_demux.c, include/net/gre.h: the header of GRE (RFC 2784, 2890): flags, protocol, then checksum, key, number. */
import { getBe16, getBe32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_P_ERSPAN, ETH_P_ERSPAN2 } from '../../uapi/linux/if_ether.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import { type sk_buff, skb_push } from '../core/skbuff.ts'
import { gre_calc_hlen, gre_known_flags } from './gre_common.ts'
import type { tnl_ptk_info } from './ip_tunnel_rcv.ts'

const ETH_P_WCCP = 0x883e
/** Of the session in a header of erspan. */
const SESSION_ID = 0x3ff

/** gre_parse_header(): at skb.data; undefined: none that we understand, or its checksum is wrong. `fallback`: what WCCP carries. */
export function gre_parse_header(skb: sk_buff, fallback: number): tnl_ptk_info | undefined {
  const { buf, data } = skb
  if (skb.len < 4) return undefined
  const raw = getBe16(buf, data)
  if (raw & (U.GRE_VERSION | U.GRE_ROUTING)) return undefined
  const flags = gre_known_flags(raw)
  let hdr_len = gre_calc_hlen(flags)
  if (skb.len < hdr_len) return undefined
  let proto = getBe16(buf, data + 2)
  let at = data + 4
  if (flags & U.GRE_CSUM) {
    if (ip_compute_csum(buf, data, skb.len) !== 0) return undefined
    at += 4
  }
  let key = 0
  if (flags & U.GRE_KEY) {
    key = getBe32(buf, at)
    at += 4
  }
  const seq = flags & U.GRE_SEQ ? getBe32(buf, at) : 0
  if (raw === 0 && proto === ETH_P_WCCP) {
    proto = fallback
    // its second version has a header of its own
    if ((buf[data + hdr_len] & 0xf0) !== 0x40) hdr_len += 4
  }
  if ((proto === ETH_P_ERSPAN || proto === ETH_P_ERSPAN2) && skb.len >= hdr_len + 4) key = getBe16(buf, data + hdr_len + 2) & SESSION_ID
  return { flags, proto, key, seq, hdr_len }
}
/** gre_build_header(): before what is there. */
export function gre_build_header(skb: sk_buff, flags: number, proto: number, key: number, seq: number): void {
  const at = skb_push(skb, gre_calc_hlen(flags))
  const { buf } = skb
  const known = gre_known_flags(flags)
  putBe16(buf, at, known)
  putBe16(buf, at + 2, proto)
  let o = at + 4
  if (flags & U.GRE_CSUM) {
    putBe32(buf, o, 0)
    o += 4
  }
  if (flags & U.GRE_KEY) {
    putBe32(buf, o, key)
    o += 4
  }
  if (flags & U.GRE_SEQ) putBe32(buf, o, seq)
  if (flags & U.GRE_CSUM) putBe16(buf, at + 4, ip_compute_csum(buf, at, skb.tail - at))
}
