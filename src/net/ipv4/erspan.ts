/**
 * include/net/erspan.h: the header between GRE and a mirrored frame: version, VLAN, class, flags, session; then an index
 * (version 1), or time, group tag and hardware id (version 2).
 */
import { getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { ETH_HLEN, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { type sk_buff, skb_push } from '../core/skbuff.ts'
import { erspan_hdr_len } from './gre_common.ts'

const ETH_ZLEN = 60
const ETH_FRAME_LEN = 1514
/** ERSPAN version 2's bad, short or oversized; version 1's VLAN tag inside the frame. */
const BSO_SHORT = 1
const BSO_OVERSIZED = 2
const ENCAP_INFRAME = 3

export interface erspan_parm {
  erspan_ver: number
  index: number
  dir: number
  hwid: number
}
/** Cut to what the device may send. True: it was, or its own header says that it is longer. */
export function erspan_truncate(skb: sk_buff, most: number): boolean {
  let cut = false
  if (skb.len > most) {
    skb.tail = skb.data + most
    cut = true
  }
  const at = skb.network_header
  if (skb.protocol === ETH_P_IP && getBe16(skb.buf, at + 2) > skb.tail - at) return true
  return cut || (skb.protocol === ETH_P_IPV6 && getBe16(skb.buf, at + 4) > skb.tail - at - 40)
}
/** erspan_build_header(), erspan_build_header_v2(). `v4`: the network header is read as one of IPv4, whatever it is. */
export function erspan_build_header(skb: sk_buff, id: number, p: erspan_parm, truncate: boolean, v4: boolean, now: number): void {
  const { buf, data, len } = skb
  const nh = skb.network_header >= data ? skb.network_header : data + ETH_HLEN
  const tos = v4 ? buf[nh + 1] : ((buf[nh] & 0xf) << 4) | (buf[nh + 1] >> 4)
  const tagged = getBe16(buf, data + 12) === ETH_P_8021Q
  const vlan = tagged ? getBe16(buf, data + 14) & 0xfff : 0
  const v1 = p.erspan_ver === 1
  const bso = len < ETH_ZLEN ? BSO_SHORT : len > ETH_FRAME_LEN ? BSO_OVERSIZED : 0
  const en = v1 ? (tagged ? ENCAP_INFRAME : 0) : bso
  const at = skb_push(skb, erspan_hdr_len(p.erspan_ver))
  putBe16(buf, at, (p.erspan_ver << 12) | vlan)
  putBe16(buf, at + 2, ((tos >> 5) << 13) | (en << 11) | (truncate ? 1 << 10 : 0) | (id & 0x3ff))
  if (v1) {
    putBe32(buf, at + 4, p.index)
    return
  }
  // hundreds of microseconds
  putBe32(buf, at + 4, Math.floor(now / 100_000) % 0x100000000)
  putBe16(buf, at + 8, 0)
  putBe16(buf, at + 10, 0x8000 | ((p.hwid & 0x3f) << 4) | (p.dir << 3))
}
