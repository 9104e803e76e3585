/** net/ipv4/ip_tunnel_core.c: the attributes that ipip and sit share, and encapsulation inside UDP (fou, gue). */
import type { AttrTable } from '../../lib/attrs.ts'
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as U from '../../uapi/linux/if_tunnel.ts'
import { IP_DF, ip_tunnel_encap, type ip_tunnel_parm_kern } from './ip_tunnel_state.ts'

/** An IPv4 address out of an attribute. */
export function nla_get_in_addr(payload: Uint8Array | undefined): number {
  return payload === undefined ? 0 : getBe32(payload, 0)
}
export function nla_put_in_addr(skb: MessageBuilder, nr: number, addr: number): void {
  const o = skb.reserve(nr, 4)
  if (o < 0) return
  skb.buf[o] = addr >>> 24
  skb.buf[o + 1] = addr >>> 16
  skb.buf[o + 2] = addr >>> 8
  skb.buf[o + 3] = addr
}

export function ip_tunnel_netlink_parms(data: AttrTable, p: ip_tunnel_parm_kern): void {
  p.link = data.get(U.IFLA_IPTUN_LINK) ?? 0
  p.saddr = nla_get_in_addr(data.payload(U.IFLA_IPTUN_LOCAL))
  p.daddr = nla_get_in_addr(data.payload(U.IFLA_IPTUN_REMOTE))
  const ttl = data.get(U.IFLA_IPTUN_TTL)
  if (ttl !== undefined) {
    p.ttl = ttl
    if (ttl !== 0) p.frag_off = IP_DF
  }
  p.tos = data.get(U.IFLA_IPTUN_TOS) ?? p.tos
  if (data.get(U.IFLA_IPTUN_PMTUDISC) !== 0) p.frag_off = IP_DF
  const flags = data.payload(U.IFLA_IPTUN_FLAGS)
  if (flags !== undefined) p.i_flags = getBe16(flags, 0)
  p.protocol = data.get(U.IFLA_IPTUN_PROTO) ?? p.protocol
}

/** ip_tunnel_netlink_encap_parms(): undefined when none of its attributes is there. The numbers differ between iptun and gre. */
export function ip_tunnel_netlink_encap_parms(data: AttrTable | undefined, gre = false): ip_tunnel_encap | undefined {
  const [type, flags, sport, dport] = gre
    ? [U.IFLA_GRE_ENCAP_TYPE, U.IFLA_GRE_ENCAP_FLAGS, U.IFLA_GRE_ENCAP_SPORT, U.IFLA_GRE_ENCAP_DPORT]
    : [U.IFLA_IPTUN_ENCAP_TYPE, U.IFLA_IPTUN_ENCAP_FLAGS, U.IFLA_IPTUN_ENCAP_SPORT, U.IFLA_IPTUN_ENCAP_DPORT]
  if (data === undefined || ![type, flags, sport, dport].some((a) => data.has(a))) return undefined
  const encap = new ip_tunnel_encap()
  encap.type = data.get(type) ?? 0
  encap.flags = data.get(flags) ?? 0
  encap.sport = data.get(sport) ?? 0
  encap.dport = data.get(dport) ?? 0
  return encap
}

/** What tunnels over IPv4 and IPv6 have in common here. */
export interface encapsulating {
  encap: ip_tunnel_encap
  encap_hlen: number
  tun_hlen: number
  hlen: number
}
/** ip_tunnel_encap_setup(): fou and gue are a module that nothing has loaded, and tunnels do not load it. */
export function ip_tunnel_encap_setup(t: encapsulating, encap: ip_tunnel_encap): Errno | undefined {
  t.encap = new ip_tunnel_encap()
  if (encap.type !== U.TUNNEL_ENCAP_NONE) return EINVAL
  t.encap = encap
  t.encap_hlen = 0
  t.hlen = t.encap_hlen + t.tun_hlen
  return undefined
}
/** The attributes of a request applied to a tunnel, if there are any. */
export function encap_from_request(t: encapsulating, data: AttrTable | undefined, gre = false): Errno | undefined {
  const encap = ip_tunnel_netlink_encap_parms(data, gre)
  const error = encap === undefined ? undefined : ip_tunnel_encap_setup(t, encap)
  return isErrno(error) ? error : undefined
}

/** In the order in which each kind writes them: type, source port, destination port, flags. */
export function put_iptun_encap(skb: MessageBuilder, encap: ip_tunnel_encap): void {
  skb.put(U.IFLA_IPTUN_ENCAP_TYPE, encap.type)
  skb.put(U.IFLA_IPTUN_ENCAP_SPORT, encap.sport)
  skb.put(U.IFLA_IPTUN_ENCAP_DPORT, encap.dport)
  skb.put(U.IFLA_IPTUN_ENCAP_FLAGS, encap.flags)
}
export function put_gre_encap(skb: MessageBuilder, encap: ip_tunnel_encap): void {
  skb.put(U.IFLA_GRE_ENCAP_TYPE, encap.type)
  skb.put(U.IFLA_GRE_ENCAP_SPORT, encap.sport)
  skb.put(U.IFLA_GRE_ENCAP_DPORT, encap.dport)
  skb.put(U.IFLA_GRE_ENCAP_FLAGS, encap.flags)
}
