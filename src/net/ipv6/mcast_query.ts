/** net/ipv6/mcast.c igmp6_event_query, igmp6_event_report: queriers, and what other nodes report (RFC 3810 5.1, 6.2). */
import { KERN_WARNING } from '../../kernel/printk.ts'
import { HZ } from '../../kernel/time.ts'
import { getBe16 } from '../../lib/bytes.ts'
import { IPV6_ADDR_LINKLOCAL, ipv6_addr_any, ipv6_addr_equal, ipv6_addr_is_multicast, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { net_ratelimit } from '../core/dev_state.ts'
import type { net_device } from '../core/netdevice.ts'
import { consume_skb, PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST, type sk_buff } from '../core/skbuff.ts'
import { cancel_delayed_work } from '../../kernel/workqueue.ts'
import { type inet6_dev, MAF_LAST_REPORTER, MAF_TIMER_RUNNING, MLD_QRV_DEFAULT } from './if_inet6.ts'
import { IP6CB, ip6_hop_limit, ip6_saddr } from './ipv6_hdr.ts'
import { igmp6_group_queried, mld_forget_v2, mld_gq_start, mld_in_v1_mode, mld_in_v2_mode_only } from './mld.ts'

const MLD_V1_QUERY_LEN = 24
const MLD_V2_QUERY_LEN = 28
const ROUTER_ALERT_MLD = 0

function ms_jiffies(ms: number): number {
  return Math.ceil((ms * HZ) / 1000)
}
/** An eight or sixteen bit code: above the threshold a floating-point number (RFC 3810 5.1.3, 5.1.9). */
export function mld_code(value: number, bits: 8 | 16): number {
  if (value < 1 << (bits - 1)) return value
  const mantissa = bits - 4
  const exponent = (value >> mantissa) & 7
  return ((value & ((1 << mantissa) - 1)) | (1 << mantissa)) << (exponent + 3)
}

/** A querier of version 1, or one of version 2 while the other is about: jiffies to answer in; undefined: not to be heeded. */
function mld_process_v1(idev: inet6_dev, code: number, v1_query: boolean): number | undefined {
  if (mld_in_v2_mode_only(idev)) return undefined
  const delay = ms_jiffies(code)
  if (!v1_query) return Math.max(delay, 1)
  idev.mc_v1_seen = idev.dev.nd_net.kernel.jiffies() + idev.mc_qrv * idev.mc_qi + idev.mc_qri
  mld_forget_v2(idev)
  return Math.max(delay, 1)
}
/** Once is too seldom, unless the host's own setting says so. */
function mld_update_qrv(idev: inet6_dev, qrv: number): void {
  const { kernel } = idev.dev.nd_net
  const least = Math.min(MLD_QRV_DEFAULT, kernel.inet6!.mld_qrv)
  if (qrv > 0) idev.mc_qrv = qrv
  if (idev.mc_qrv >= least) return
  if (net_ratelimit(kernel)) kernel.printk(KERN_WARNING, `IPv6: MLD: clamping QRV from ${idev.mc_qrv} to ${least}!`)
  idev.mc_qrv = least
}
/** What the querier says of itself holds for us too. */
function mld_process_v2(idev: inet6_dev, skb: sk_buff, at: number): number {
  const delay = Math.max(ms_jiffies(mld_code(getBe16(skb.buf, at + 4), 16)), 1)
  mld_update_qrv(idev, skb.buf[at + 24] & 7)
  const qqic = mld_code(skb.buf[at + 25], 8)
  if (qqic > 0) idev.mc_qi = qqic * HZ
  idev.mc_qri = delay
  idev.mc_maxdelay = delay
  return delay
}

export function igmp6_event_query(skb: sk_buff): void {
  heard_query(skb)
  consume_skb(skb)
}
function heard_query(skb: sk_buff): void {
  const at = skb.transport_header
  const len = skb.tail - at
  const idev = (skb.dev as net_device).ip6_ptr
  const trusted = ip6_hop_limit(skb) === 1 && IP6CB(skb).ra === ROUTER_ALERT_MLD
  if (idev === undefined || len < MLD_V1_QUERY_LEN || !trusted || !(ipv6_addr_type(ip6_saddr(skb)) & IPV6_ADDR_LINKLOCAL)) return
  const group = skb.buf.slice(at + 8, at + 24)
  const general = ipv6_addr_any(group)
  if (!general && !ipv6_addr_is_multicast(group)) return
  let delay: number | undefined
  let sources: Uint8Array[] = []
  if (len === MLD_V1_QUERY_LEN || mld_in_v1_mode(idev)) {
    delay = mld_process_v1(idev, getBe16(skb.buf, at + 4), len === MLD_V1_QUERY_LEN)
  } else if (len >= MLD_V2_QUERY_LEN) {
    const count = getBe16(skb.buf, at + 26)
    const first = at + MLD_V2_QUERY_LEN
    if (!general && first + 16 * count > skb.tail) return
    if (!general) sources = Array.from({ length: count }, (_, i) => skb.buf.slice(first + 16 * i, first + 16 * i + 16))
    delay = mld_process_v2(idev, skb, at)
    if (general) {
      if (count === 0) mld_gq_start(idev)
      return
    }
  }
  if (delay === undefined) return
  for (const mc of idev.mc_list) if (general || ipv6_addr_equal(mc.mca_addr, group)) igmp6_group_queried(mc, delay, sources)
}

/** Somebody else has answered for the group (version 1). */
export function igmp6_event_report(skb: sk_buff): void {
  heard_report(skb)
  consume_skb(skb)
}
function heard_report(skb: sk_buff): void {
  const at = skb.transport_header
  const idev = (skb.dev as net_device).ip6_ptr
  const { pkt_type } = skb
  if (pkt_type === PACKET_LOOPBACK || (pkt_type !== PACKET_MULTICAST && pkt_type !== PACKET_BROADCAST)) return
  const saddr = ip6_saddr(skb)
  if (idev === undefined || skb.tail - at < MLD_V1_QUERY_LEN) return
  if (!ipv6_addr_any(saddr) && !(ipv6_addr_type(saddr) & IPV6_ADDR_LINKLOCAL)) return
  const group = skb.buf.slice(at + 8, at + 24)
  for (const mc of idev.mc_list) {
    if (!ipv6_addr_equal(mc.mca_addr, group)) continue
    if (mc.mca_work !== undefined) cancel_delayed_work(mc.mca_work)
    mc.mca_flags &= ~(MAF_LAST_REPORTER | MAF_TIMER_RUNNING)
  }
}
