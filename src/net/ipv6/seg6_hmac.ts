/** net/ipv6/seg6_hmac.c: signatures of segment routing headers (RFC 8754 2.1.2). */
import { createHmac } from 'node:crypto'
import { getBe32 } from '../../lib/bytes.ts'
import { DEVCONF_SEG6_REQUIRE_HMAC } from '../../uapi/linux/ipv6.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { SEG6_HMAC_ALGO_SHA1, type seg6_hmac_info } from './seg6.ts'

/** Of the header's flags: it is signed. */
const SR6_FLAG1_HMAC = 1 << 3
const SR6_TLV_HMAC = 5
/** Of the option: all of it, what its length says, and where key and signature stand. */
const TLV_LEN = 40
const TLV_SAYS = 38
const KEY_AT = 4
const HMAC_AT = 8
const SEG6_HMAC_FIELD_LEN = 32

/** seg6_get_tlv_hmac(): where the signature's option is, behind the segments; undefined: there is none. */
function tlv_hmac(buf: Uint8Array, at: number): number | undefined {
  if (buf[at + 1] < (buf[at + 4] + 1) * 2 + TLV_LEN / 8 || !(buf[at + 5] & SR6_FLAG1_HMAC)) return undefined
  const tlv = at + (buf[at + 1] + 1) * 8 - TLV_LEN
  return buf[tlv] === SR6_TLV_HMAC && buf[tlv + 1] === TLV_SAYS ? tlv : undefined
}
/** seg6_hmac_compute(): of the source, the header's fixed part and the segments; a short one ends in zeros. */
function compute(info: seg6_hmac_info, skb: sk_buff, at: number, tlv: number): Uint8Array {
  const { buf } = skb
  const hmac = createHmac(info.alg_id === SEG6_HMAC_ALGO_SHA1 ? 'sha1' : 'sha256', info.secret)
  hmac.update(buf.subarray(skb.network_header + 8, skb.network_header + 24))
  hmac.update(buf.subarray(at + 4, at + 6))
  hmac.update(buf.subarray(tlv + KEY_AT, tlv + HMAC_AT))
  hmac.update(buf.subarray(at + 8, at + 8 + (buf[at + 4] + 1) * 16))
  const field = new Uint8Array(SEG6_HMAC_FIELD_LEN)
  field.set(hmac.digest())
  return field
}
/** seg6_require_hmac: below 0 none is looked at, at 0 one that is there, above 0 there is to be one. */
export function seg6_hmac_validate_skb(skb: sk_buff): boolean {
  const { ip6_ptr: idev, nd_net: net } = skb.dev as net_device
  const required = idev?.cnf.get(DEVCONF_SEG6_REQUIRE_HMAC) ?? 0
  if (required < 0) return true
  const at = skb.transport_header
  const tlv = tlv_hmac(skb.buf, at)
  if (tlv === undefined) return required === 0
  const info = net.ipv6.seg6_hmac_infos.get(getBe32(skb.buf, tlv + KEY_AT))
  if (info === undefined) return false
  const expected = compute(info, skb, at, tlv)
  return expected.every((byte, i) => byte === skb.buf[tlv + HMAC_AT + i])
}
