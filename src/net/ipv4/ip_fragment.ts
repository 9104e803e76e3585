/** net/ipv4/ip_fragment.c ip_defrag: pieces of a packet become whole (RFC 815). */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { ICMP_EXC_FRAGTIME, ICMP_TIME_EXCEEDED } from '../../uapi/linux/icmp.ts'
import { ipv4_text } from '../../uapi/linux/in.ts'
import {
  IPSTATS_MIB_REASM_OVERLAPS,
  IPSTATS_MIB_REASMFAILS,
  IPSTATS_MIB_REASMOKS,
  IPSTATS_MIB_REASMREQDS,
  IPSTATS_MIB_REASMTIMEOUT,
} from '../../uapi/linux/snmp.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import { SKB_DROP_REASON_DUP_FRAG } from '../core/dropreason.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, kfree_skb_reason, type sk_buff, skb_headroom, skb_set_head } from '../core/skbuff.ts'
import { icmp_send } from './icmp_send.ts'
import {
  IPFRAG_DUP,
  IPFRAG_OVERLAP,
  inet_frag_find,
  inet_frag_kill,
  inet_frag_length,
  type inet_frag_queue,
  inet_frag_queue_insert,
  inet_frag_reasm,
  inet_frag_reinit,
  inet_frags,
  ip_frag_ecn,
  ip_frag_ecn_of,
} from './inet_fragment.ts'
import { inet_getpeer } from './inetpeer.ts'
import {
  IP_DF,
  IP_MF,
  IP_OFFSET,
  inet_sdif,
  ip_daddr,
  ip_frag_off,
  ip_hdrlen,
  ip_protocol,
  ip_saddr,
  ip_send_check,
  ip_tos,
  skb_ip_options,
} from './ip_hdr.ts'
import { IP_INC_STATS } from './ip_stats.ts'
import { net_info_ratelimited } from './route_martian.ts'

/** sizeof(struct ipq) */
const IPQ_SIZE = 200

/** Not all pieces came in time: the sender of the first one hears of it, from the host that it was for. */
export function ip_expire(fq: inet_frag_queue): void {
  const { net } = fq.table
  IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
  IP_INC_STATS(net, IPSTATS_MIB_REASMTIMEOUT)
  if (fq.head !== undefined) icmp_send(fq.head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0)
}

/** True: `skb` is the whole packet now. Otherwise it is kept, or gone. */
export function ip_defrag(net: net, skb: sk_buff): boolean {
  net.ipv4.frags ??= new inet_frags(net, net.ipv4.frag_limits, ip_expire, IPQ_SIZE)
  IP_INC_STATS(net, IPSTATS_MIB_REASMREQDS)
  const id = getBe16(skb.buf, skb.network_header + 4)
  // a packet that comes in by a VRF's port is the VRF's: it has nothing to do with others
  const vif = l3mdev_master_ifindex(skb.dev as net_device)
  const fq = inet_frag_find(net.ipv4.frags, `${ip_saddr(skb)} ${ip_daddr(skb)} ${id} ${ip_protocol(skb)} ${vif}`)
  if (fq === undefined) {
    IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return false
  }
  return ip_frag_queue(net, fq, skb, vif)
}
/** A piece that cannot be: the whole packet goes (discard_qp). */
function discard(net: net, fq: inet_frag_queue, skb: sk_buff): false {
  inet_frag_kill(fq)
  IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
  kfree_skb(skb)
  return false
}
function ip_frag_queue(net: net, fq: inet_frag_queue, skb: sk_buff, vif: number): boolean {
  if (ip_frag_too_far(net, fq, skb, vif)) inet_frag_reinit(fq)
  const hlen = ip_hdrlen(skb)
  const bits = ip_frag_off(skb)
  const more = (bits & IP_MF) !== 0
  const offset = (bits & IP_OFFSET) << 3
  const start = skb.network_header + hlen
  // all but the last end at a multiple of eight
  const end = more ? (offset + skb.tail - start) & ~7 : offset + skb.tail - start
  const df = (bits & IP_DF) !== 0
  if (!inet_frag_length(fq, end, more) || end === offset) return discard(net, fq, skb)
  const inserted = inet_frag_queue_insert(fq, skb, offset, skb.buf.subarray(start, start + end - offset))
  if (inserted === IPFRAG_DUP) {
    kfree_skb_reason(skb, SKB_DROP_REASON_DUP_FRAG)
    return false
  }
  if (inserted === IPFRAG_OVERLAP) {
    IP_INC_STATS(net, IPSTATS_MIB_REASM_OVERLAPS)
    return discard(net, fq, skb)
  }
  fq.ecn |= ip_frag_ecn(ip_tos(skb))
  if (offset === 0) fq.head = skb
  const size = hlen + end - offset
  fq.max_size = Math.max(fq.max_size, size)
  if (df) fq.max_df_size = Math.max(fq.max_df_size, size)
  const whole = inet_frag_reasm(fq)
  return whole !== undefined && ip_frag_reasm(net, fq, skb, whole)
}
/**
 * ip_frag_too_far(): so many other pieces have come from the sender meanwhile (net.ipv4.ipfrag_max_dist) that this one may be of
 * another packet whose number is the same.
 */
function ip_frag_too_far(net: net, fq: inet_frag_queue, skb: sk_buff, vif: number): boolean {
  const most = net.ipv4.kept_sysctls.ipfrag_max_dist as number
  if (most === 0) return false
  const peer = inet_getpeer(net, ip_saddr(skb), vif)
  const since = ++peer.rid - fq.rid
  fq.rid = peer.rid
  if (fq.pieces.length === 0 || since <= most) return false
  IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
  return true
}
function ip_frag_reasm(net: net, fq: inet_frag_queue, skb: sk_buff, whole: Uint8Array): boolean {
  const head = fq.head as sk_buff
  const ecn = ip_frag_ecn_of(fq.ecn)
  const oversize = whole.length + ip_hdrlen(head) > 0xffff
  if (oversize) net_info_ratelimited(skb.dev as net_device, 'ip_frag_reasm', `IPv4: Oversized IP packet from ${ipv4_text(ip_saddr(skb))}`)
  if (oversize || ecn === undefined) {
    IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return false
  }
  put_together(skb, head, whole)
  skb.buf[skb.network_header + 1] |= ecn
  // none of its pieces was longer than those that were not to be split
  putBe16(skb.buf, skb.network_header + 6, fq.max_df_size === fq.max_size ? IP_DF : 0)
  ip_send_check(skb)
  skb.cb = { iif: inet_sdif(skb), opt: skb_ip_options(head), frag_max_size: fq.max_size }
  IP_INC_STATS(net, IPSTATS_MIB_REASMOKS)
  return true
}
/** The last piece to come becomes the whole, with the first one's header. */
function put_together(skb: sk_buff, head: sk_buff, whole: Uint8Array): void {
  const header = head.buf.slice(head.network_header, head.network_header + ip_hdrlen(head))
  const link = skb.mac_header < 0 ? 0 : skb.network_header - skb.mac_header
  const room = Math.max(skb_headroom(skb), link)
  const buf = new Uint8Array(room + header.length + whole.length)
  if (link > 0) buf.set(skb.buf.subarray(skb.mac_header, skb.network_header), room - link)
  buf.set(header, room)
  buf.set(whole, room + header.length)
  skb_set_head(skb, buf)
  if (skb.mac_header >= 0) skb.mac_header = room - link
  skb.network_header = room
  skb.data = room
  skb.tail = buf.length
  putBe16(buf, room + 2, buf.length - room)
}
