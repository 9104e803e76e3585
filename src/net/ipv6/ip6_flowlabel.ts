/** include/net/ipv6.h ip6_make_flowlabel: labels of flows that have none (RFC 6438): one for both directions. */
import { getBe16 } from '../../lib/bytes.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { IPV6_FLOWLABEL_STATELESS_FLAG } from '../../uapi/linux/in6.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { flowi6 } from './ip6_fib_lookup.ts'

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
/**
 * ip6_make_flowlabel() of what a tunnel sends: 0 only where net.ipv6.auto_flowlabels says so. A packet of IPv6 with a label
 * of its own passes it on; `skb` is still the inner packet.
 */
export function ip6_flow_label(net: net, skb: sk_buff): number {
  if (net.ipv6.sysctl.auto_flowlabels === AUTO_OFF) return 0
  const { buf, inner_network_header: at } = skb
  if (skb.protocol === ETH_P_IPV6) {
    const own = ((buf[at + 1] & 0xf) << 16) | getBe16(buf, at + 2)
    return own || of_addresses(buf, at + 8, 16) & LABEL || 1
  }
  return (skb.protocol === ETH_P_IP ? of_addresses(buf, at + 12, 4) : skb.protocol) & LABEL || 1
}

/** IP6_AUTO_FLOW_LABEL_*: never, unless a socket says no, if it says yes, always. */
const AUTO_OFF = 0
const AUTO_OPTOUT = 1
const AUTO_FORCED = 3
/** ip6_default_np_autolabel(): what holds for sockets that have not said anything. */
export function ip6_default_np_autolabel(net: net): boolean {
  const { auto_flowlabels } = net.ipv6.sysctl
  return auto_flowlabels === AUTO_OPTOUT || auto_flowlabels === AUTO_FORCED
}
/** ip6_make_flowlabel(): the label of a packet of ours: its own, or (net.ipv6.auto_flowlabels) one that is the flow's. */
export function ip6_make_flowlabel(net: net, fl6: flowi6, flowlabel: number, autolabel: boolean): number {
  const { auto_flowlabels, flowlabel_state_ranges } = net.ipv6.sysctl
  if (flowlabel !== 0 || auto_flowlabels === AUTO_OFF || (!autolabel && auto_flowlabels !== AUTO_FORCED)) return flowlabel
  const both = new Uint8Array(32)
  both.set(fl6.saddr)
  both.set(fl6.daddr, 16)
  const hash = mix(mix(mix(of_addresses(both, 0, 16), fl6.flowi6_proto), fl6.fl6_sport ^ fl6.fl6_dport), 0)
  return ((hash >>> 12) & LABEL) | (flowlabel_state_ranges !== 0 ? IPV6_FLOWLABEL_STATELESS_FLAG : 0)
}
