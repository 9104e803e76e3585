/** net/core/filter.c convert_bpf_extensions: what a classic program can ask of a packet beside its bytes (SKF_AD_*). */
import { ETH_P_IP, ETH_P_IPV6 } from '../uapi/linux/if_ether.ts'
import { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../uapi/linux/in.ts'
import { IPPROTO_ICMPV6 } from '../uapi/linux/in6.ts'
import type { net_device } from './core/netdevice.ts'
import type { sk_buff } from './core/skbuff.ts'

/** include/uapi/linux/filter.h, counted from SKF_AD_OFF */
export const SKF_AD = {
  PROTOCOL: 0,
  PKTTYPE: 4,
  IFINDEX: 8,
  NLATTR: 12,
  NLATTR_NEST: 16,
  MARK: 20,
  QUEUE: 24,
  HATYPE: 28,
  RXHASH: 32,
  CPU: 36,
  ALU_XOR_X: 40,
  VLAN_TAG: 44,
  VLAN_TAG_PRESENT: 48,
  PAY_OFFSET: 52,
  RANDOM: 56,
  VLAN_TPID: 60,
} as const
export const SKF_AD_MAX = 64

/** Undefined: what is asked for is not there (no device), which ends the program with 0. */
export function skb_ancillary(skb: sk_buff, what: number): number | undefined {
  const dev = skb.dev as net_device | undefined
  switch (what) {
    case SKF_AD.PKTTYPE:
      return skb.pkt_type
    case SKF_AD.IFINDEX:
      return dev?.ifindex
    case SKF_AD.MARK:
      return skb.mark
    case SKF_AD.QUEUE:
      return skb.queue_mapping
    case SKF_AD.HATYPE:
      return dev?.type
    case SKF_AD.RXHASH:
      return skb.hash
    case SKF_AD.VLAN_TAG:
      return skb.vlan_tci
    case SKF_AD.VLAN_TAG_PRESENT:
      return skb.vlan_present ? 1 : 0
    case SKF_AD.VLAN_TPID:
      return skb.vlan_proto
    case SKF_AD.PAY_OFFSET:
      return skb_get_poff(skb)
    case SKF_AD.RANDOM:
      return dev?.nd_net.kernel.random.u32() ?? 0
    default:
      return 0
  }
}

/** skb_get_poff(): where the payload begins, behind network and transport headers; 0: not known. */
function skb_get_poff(skb: sk_buff): number {
  const at = skb.network_header
  const { buf } = skb
  let transport = at
  let protocol = -1
  if (skb.protocol === ETH_P_IP && at + 20 <= skb.tail) {
    transport += (buf[at] & 15) << 2
    protocol = ((buf[at + 6] << 8) | buf[at + 7]) & 0x1fff ? -1 : buf[at + 9]
  } else if (skb.protocol === ETH_P_IPV6 && at + 40 <= skb.tail) {
    transport += 40
    protocol = buf[at + 6]
  } else return 0
  return Math.min(transport + transport_length(skb, transport, protocol), skb.tail) - skb.data
}
function transport_length(skb: sk_buff, at: number, protocol: number): number {
  switch (protocol) {
    case IPPROTO_TCP:
      return at + 13 <= skb.tail ? Math.max(20, (skb.buf[at + 12] & 0xf0) >> 2) : 0
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case 1:
    case IPPROTO_ICMPV6:
      return 8
    default:
      return 0
  }
}
