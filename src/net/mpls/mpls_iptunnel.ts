/** net/mpls/mpls_iptunnel.c: labels that a route puts on packets. */
import type { Kernel } from '../../kernel/kernel.ts'
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, getBe32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { LWTUNNEL_ENCAP_MPLS, MPLS_IPTUNNEL, MPLS_IPTUNNEL_DST, MPLS_IPTUNNEL_TTL } from '../../uapi/linux/lwtunnel.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request, type lwtunnel_state } from '../core/lwtunnel.ts'
import { kfree_skb, LL_RESERVED_SPACE, type sk_buff, skb_cow, skb_orphan } from '../core/skbuff.ts'
import { ip_ttl, put_addr4 } from '../ipv4/ip_hdr.ts'
import { rtable } from '../ipv4/route.ts'
import { rt6_nexthop } from '../ipv6/ip6_output.ts'
import { ip6_hop_limit } from '../ipv6/ipv6_hdr.ts'
import type { rt6_info } from '../ipv6/route.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_U8, NLA_U32, policy } from '../netlink/policy.ts'
import { nla_get_labels } from './mpls_label.ts'
import { mpls_output_possible, mpls_push_labels, mpls_stats_inc_outucastpkts, neigh_xmit } from './mpls_forward.ts'
import { MAX_NEW_LABELS, mpls_dev_get, netns_mpls_of } from './mpls_private.ts'

export const mpls_iptunnel_policy = policy(
  MPLS_IPTUNNEL,
  { MPLS_IPTUNNEL_DST: NLA_U32, MPLS_IPTUNNEL_TTL: NLA_U8 },
  { name: 'mpls_iptunnel_policy' },
)
export function mpls_build_state(req: lwtunnel_request, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  const { extack } = req
  const tb = nla_parse_nested_deprecated_at(req, at, mpls_iptunnel_policy)
  if (isErrno(tb)) return tb
  const stack = tb.payload(MPLS_IPTUNNEL_DST)
  if (stack === undefined) return extack.fail(EINVAL, 'MPLS_IPTUNNEL_DST attribute is missing')
  const labels = nla_get_labels(req.buf, tb.at(MPLS_IPTUNNEL_DST), MAX_NEW_LABELS, extack)
  if (isErrno(labels)) return labels
  if (labels.length === 0) return EINVAL
  out.putBytes(MPLS_IPTUNNEL_DST.nr, stack)
  const ttl = tb.get(MPLS_IPTUNNEL_TTL)
  if (ttl !== undefined) out.put(MPLS_IPTUNNEL_TTL, ttl)
  return undefined
}
/** The labels and, where the encapsulation names one, the TTL that they get (0: the packet's own). */
function read_state({ encap }: lwtunnel_state): { labels: number[]; ttl: number | undefined } {
  const labels: number[] = []
  let ttl: number | undefined
  eachAttr(encap, 0, encap.length, (nr, o) => {
    const end = o + get16(encap, o)
    if (nr === MPLS_IPTUNNEL_TTL.nr) ttl = encap[o + NLA_HDRLEN]
    else for (let at = o + NLA_HDRLEN; at + 4 <= end; at += 4) labels.push(getBe32(encap, at) >>> 12)
  })
  return { labels, ttl }
}
export function mpls_headroom(state: lwtunnel_state): number {
  return 4 * read_state(state).labels.length
}
/** mpls_xmit(): the labels before the packet, and out to the route's next hop. */
export function mpls_xmit(skb: sk_buff, state: lwtunnel_state): number | Errno {
  const { dst } = skb
  const out = (dst as rtable | rt6_info).dev
  const { labels, ttl: asked } = read_state(state)
  const v4 = dst instanceof rtable
  skb_orphan(skb)
  if (!mpls_output_possible(out) || skb.len > out.mtu - 4 * labels.length) {
    const mdev = mpls_dev_get(out)
    if (mdev !== undefined) mdev.stats.tx_errors++
    kfree_skb(skb)
    return EINVAL
  }
  const own = v4 ? ip_ttl(skb) : ip6_hop_limit(skb)
  const mpls = netns_mpls_of(out.nd_net)
  const ttl = asked === undefined ? (mpls.ip_ttl_propagate !== 0 ? own : mpls.default_ttl) : asked || own
  const nexthop = v4 ? undefined : rt6_nexthop(dst, new Uint8Array(16))
  skb_cow(skb, LL_RESERVED_SPACE(out) + 4 * labels.length)
  skb.inner_protocol = skb.protocol
  skb.inner_network_header = skb.network_header
  mpls_push_labels(skb, labels, ttl, true)
  skb.dev = out
  skb.protocol = ETH_P_MPLS_UC
  mpls_stats_inc_outucastpkts(out, skb)
  if (!v4) return neigh_xmit(AF_INET6, out, nexthop as Uint8Array, skb)
  return dst.rt_gw6 === undefined ? neigh_xmit(AF_INET, out, put_addr4(dst.rt_gw4), skb) : neigh_xmit(AF_INET6, out, dst.rt_gw6, skb)
}
export const mpls_iptun_ops: lwtunnel_encap_ops = {
  name: 'mpls_iptun_ops',
  build_state: mpls_build_state,
  headroom: mpls_headroom,
  xmit: mpls_xmit,
}
export function mpls_iptunnel_init(kernel: Kernel): Errno | undefined {
  lwtunnel_encap_add_ops(kernel, mpls_iptun_ops, LWTUNNEL_ENCAP_MPLS)
  return undefined
}
