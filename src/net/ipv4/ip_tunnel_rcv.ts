/** net/ipv4/ip_tunnel.c ip_tunnel_lookup, ip_tunnel_rcv: whose packet it is, and how it leaves its tunnel. */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { HZ } from '../../kernel/time.ts'
import { ARPHRD_ETHER } from '../../uapi/linux/if_arp.ts'
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_REDIRECT } from '../../uapi/linux/icmp.ts'
import { ETH_HLEN, ETH_P_802_2, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB } from '../../uapi/linux/if_ether.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { GRE_CSUM, GRE_SEQ } from '../../uapi/linux/if_tunnel.ts'
import { ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { DEV_STATS_INC, dev_sw_netstats_rx_add } from '../core/dev_stats.ts'
import type { metadata_dst } from '../core/dst_metadata.ts'
import { INET_ECN_decapsulate } from '../core/inet_ecn.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_pull, skb_scrub_packet } from '../core/skbuff.ts'
import { eth_type_trans } from '../ethernet/eth.ts'
import { ip_daddr, ip_saddr, ip_tos } from './ip_hdr.ts'
import { type ip_tunnel, ip_tunnel_key_match, type ip_tunnel_net, ip_tunnel_priv } from './ip_tunnel_state.ts'
import { ipv4_update_pmtu } from './route_pmtu.ts'
import { ipv4_redirect } from './route_redirect.ts'

const IPTUNNEL_ERR_TIMEO = 30 * HZ

/** struct tnl_ptk_info: what the header between says; `key` undefined: the kind has none (IP_TUNNEL_NO_KEY). */
export interface tnl_ptk_info {
  /** GRE_* */
  flags: number
  /** ETH_P_* of what is inside. */
  proto: number
  key: number | undefined
  seq: number
  hdr_len: number
}

function running({ dev }: ip_tunnel): boolean {
  return (dev.flags & IFF_UP) !== 0
}
/**
 * ip_tunnel_lookup(): `remote` sent it to `local`. Tunnels in this order, those bound to the device before others:
 * both ends are theirs; the remote one; the local one (or the group); only the key; the one for all; the fallback.
 */
export function ip_tunnel_lookup(
  itn: ip_tunnel_net,
  link: number,
  tpi: Pick<tnl_ptk_info, 'flags' | 'key'>,
  remote: number,
  local: number,
): ip_tunnel | undefined {
  const key = tpi.key ?? 0
  const flags = tpi.key === undefined ? 0 : tpi.flags
  const fits = (t: ip_tunnel) => running(t) && ip_tunnel_key_match(t.parms, flags, key)
  const to_group = ipv4_is_multicast(local)
  const steps: readonly [string, (t: ip_tunnel) => boolean][] = [
    [`${remote} ${key}`, (t) => t.parms.saddr === local && t.parms.daddr === remote && fits(t)],
    [`${remote} ${key}`, (t) => t.parms.saddr === 0 && t.parms.daddr === remote && fits(t)],
    [`0 ${key}`, (t) => ((t.parms.saddr === local && t.parms.daddr === 0) || (t.parms.daddr === local && to_group)) && fits(t)],
    [`0 ${key}`, (t) => (tpi.key === undefined || t.parms.i_key === key) && t.parms.saddr === 0 && t.parms.daddr === 0 && running(t)],
  ]
  let cand: ip_tunnel | undefined
  for (const [bucket, match] of steps) {
    for (const t of itn.tunnels.get(bucket) ?? []) {
      if (!match(t)) continue
      if (t.parms.link === link) return t
      cand ??= t
    }
  }
  if (cand !== undefined) return cand
  if (itn.collect_md_tun !== undefined && running(itn.collect_md_tun)) return itn.collect_md_tun
  const fb = itn.fb_tunnel_dev
  return fb !== undefined && fb.flags & IFF_UP ? ip_tunnel_priv(fb) : undefined
}

/** __iptunnel_pull_header(): what lies between is taken off; `skb.protocol` is the inner one. */
export function iptunnel_pull_header(skb: sk_buff, hdr_len: number, inner_proto: number, xnet: boolean, raw_proto = false): boolean {
  if (skb_pull(skb, hdr_len) === undefined) return false
  if (!raw_proto && inner_proto === ETH_P_TEB) {
    if (skb.len < ETH_HLEN) return false
    const type = getBe16(skb.buf, skb.data + 12)
    skb.protocol = type >= 0x600 ? type : ETH_P_802_2
  } else {
    skb.protocol = inner_proto
  }
  skb.hash = 0
  skb.queue_mapping = 0
  skb.vlan_present = false
  skb_scrub_packet(skb, xnet)
  return true
}
/** pskb_inet_may_pull(): a header of IP is whole. */
export function pskb_inet_may_pull(skb: sk_buff, at: number): boolean {
  const room = skb.tail - at
  return skb.protocol === ETH_P_IP ? room >= 20 : skb.protocol === ETH_P_IPV6 ? room >= 40 : room >= 0
}

function fail(dev: net_device, skb: sk_buff, ...fields: Parameters<typeof DEV_STATS_INC>[1][]): void {
  for (const field of fields) DEV_STATS_INC(dev, field)
  kfree_skb(skb)
}
/** False: sums or numbers are not as the tunnel wants them; it has been counted. */
function checked(t: ip_tunnel, skb: sk_buff, tpi: tnl_ptk_info): boolean {
  if ((t.parms.i_flags & GRE_CSUM) !== (tpi.flags & GRE_CSUM)) {
    fail(t.dev, skb, 'rx_crc_errors', 'rx_errors')
    return false
  }
  if (!(t.parms.i_flags & GRE_SEQ)) return true
  if (!(tpi.flags & GRE_SEQ) || (t.i_seqno !== 0 && ((tpi.seq - t.i_seqno) | 0) < 0)) {
    fail(t.dev, skb, 'rx_fifo_errors', 'rx_errors')
    return false
  }
  t.i_seqno = (tpi.seq + 1) >>> 0
  return true
}
/** At skb.data is what was inside, at network_header the outer header still. */
export function ip_tunnel_rcv(t: ip_tunnel, skb: sk_buff, tpi: tnl_ptk_info, tun_dst: metadata_dst | undefined): void {
  const { dev } = t
  const outer_tos = ip_tos(skb)
  if (ipv4_is_multicast(ip_daddr(skb))) DEV_STATS_INC(dev, 'multicast')
  if (!checked(t, skb, tpi)) return
  skb.network_header = skb.data + (dev.type === ARPHRD_ETHER ? ETH_HLEN : 0)
  if (!pskb_inet_may_pull(skb, skb.network_header)) return fail(dev, skb, 'rx_length_errors', 'rx_errors')
  if (INET_ECN_decapsulate(skb, skb.network_header, skb.protocol, outer_tos) > 1) return fail(dev, skb, 'rx_frame_errors', 'rx_errors')
  dev_sw_netstats_rx_add(dev, skb.len)
  skb_scrub_packet(skb, t.net !== dev.nd_net)
  if (dev.type === ARPHRD_ETHER) {
    skb.protocol = eth_type_trans(skb, dev)
  } else {
    skb.dev = dev
  }
  if (tun_dst !== undefined) skb.dst = tun_dst
  netif_rx(skb)
}

/** An error that has come back is told to the next senders (err_count); by whom it was sent is not asked. */
export function ip_tunnel_note_error(t: Pick<ip_tunnel, 'err_count' | 'err_time'>, jiffies: number): void {
  t.err_count = jiffies < t.err_time + IPTUNNEL_ERR_TIMEO ? t.err_count + 1 : 1
  t.err_time = jiffies
}
/** True: the sender of this packet is to be told. */
export function ip_tunnel_error_pending(t: Pick<ip_tunnel, 'err_count' | 'err_time'>, jiffies: number): boolean {
  if (t.err_count === 0) return false
  if (jiffies < t.err_time + IPTUNNEL_ERR_TIMEO) {
    t.err_count--
    return true
  }
  t.err_count = 0
  return false
}
/** The ends of a packet that an error is about: whom it was sent to, and from where. */
export function inner_ends(skb: sk_buff, inner: number): { remote: number; local: number } {
  return { remote: getBe32(skb.buf, inner + 16), local: getBe32(skb.buf, inner + 12) }
}
/** What an error about an outer packet says of the tunnel's way: true, when it was that. */
export function tunnel_learns(skb: sk_buff, t: ip_tunnel, type: number, code: number, inner: number, info: number): boolean {
  const { nd_net: net } = skb.dev as net_device
  if (type === ICMP_REDIRECT) ipv4_redirect(net, skb, inner, t.parms.link)
  else if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) ipv4_update_pmtu(net, skb, inner, info, t.parms.link)
  else return false
  return true
}
/** The ends of a packet that has come. */
export function outer_ends(skb: sk_buff): { remote: number; local: number } {
  return { remote: ip_saddr(skb), local: ip_daddr(skb) }
}
