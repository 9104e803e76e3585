/** include/net/ipv6.h ip6_make_flowlabel: the label of a flow that has none (RFC 6438): one for both directions. */
import { getBe16 } from '../../lib/bytes.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import type { sk_buff } from '../core/skbuff.ts'

const LABEL = 0xfffff
function mix(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193) >>> 0
}
/** Addresses in the same order whichever way the packet goes; Linux hashes with a key that it draws by chance. */
function of_addresses(buf: Uint8Array, at: number, length: number): number {
  let a = 0
  let b = 0
  for (let i = 0; i < length; i += 2) {
    a = mix(a, getBe16(buf, at + i))
    b = mix(b, getBe16(buf, at + length + i))
  }
  return mix(mix(0x811c9dc5, Math.min(a, b)), Math.max(a, b))
}
/** Never 0. A packet of IPv6 with a label of its own passes it on; `skb` is still the inner packet. */
export function ip6_flow_label(skb: sk_buff): number {
  const { buf, inner_network_header: at } = skb
  if (skb.protocol === ETH_P_IPV6) {
    const own = ((buf[at + 1] & 0xf) << 16) | getBe16(buf, at + 2)
    return own || of_addresses(buf, at + 8, 16) & LABEL || 1
  }
  return (skb.protocol === ETH_P_IP ? of_addresses(buf, at + 12, 4) : skb.protocol) & LABEL || 1
}
