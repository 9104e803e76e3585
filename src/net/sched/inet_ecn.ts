/** include/net/inet_ecn.h INET_ECN_set_ce(), RFC 3168: a packet that can bear it is marked instead of dropped. */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { csum_replace2 } from '../core/checksum.ts'
import { type sk_buff, skb_cow } from '../core/skbuff.ts'

const CE = 3

/** TOS or traffic class; undefined for what is neither IPv4 nor IPv6. */
export function skb_get_dsfield(skb: sk_buff): number | undefined {
  const at = skb.network_header
  if (at < 0 || at + 20 > skb.tail) return undefined
  if (skb.protocol === ETH_P_IP) return skb.buf[at + 1]
  return skb.protocol === ETH_P_IPV6 ? (getBe16(skb.buf, at) >> 4) & 0xff : undefined
}
/** False where the sender does not understand marks (Not-ECT): then it has to be dropped. */
export function INET_ECN_set_ce(skb: sk_buff): boolean {
  const field = skb_get_dsfield(skb)
  if (field === undefined || (field & CE) === 0) return false
  if ((field & CE) === CE) return true
  skb_cow(skb, 0)
  const at = skb.network_header
  if (skb.protocol === ETH_P_IPV6) {
    putBe16(skb.buf, at, getBe16(skb.buf, at) | (CE << 4))
    return true
  }
  const before = getBe16(skb.buf, at)
  skb.buf[at + 1] = field | CE
  csum_replace2(skb.buf, at + 10, before, getBe16(skb.buf, at))
  return true
}
