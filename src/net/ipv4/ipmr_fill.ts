/** net/ipv4/ipmr_base.c mr_fill_mroute, mr_rtm_dumproute: multicast routes of both families as messages. */
import { NSEC_PER_JIFFY, NSEC_PER_SEC, USER_HZ } from '../../kernel/time.ts'
import { put32, put64 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { NETLINK_ROUTE, NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  RT_SCOPE_UNIVERSE,
  RTA_DST,
  RTA_EXPIRES,
  RTA_IIF,
  RTA_MFC_STATS,
  RTA_MULTIPATH,
  RTA_PAD,
  RTA_SRC,
  RTA_TABLE,
  RTM_NEWROUTE,
  RTN_MULTICAST,
  RTNH_F_UNRESOLVED,
  RTPROT_STATIC,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { put_u32 } from './fib_dump.ts'
import type { fib_dump_filter } from './fib_rtm.ts'
import { type mr_mfc, type mr_table, mr_unresolved } from './ipmr_base.ts'

export const RTPROT_MROUTED = 17
const NOT_FORWARDED = 255

/** Whom a message is for. */
interface mr_header {
  family: number
  cmd: number
  portid: number
  seq: number
  flags: number
}
function clock(jiffies: number): number {
  return Math.floor((jiffies * NSEC_PER_JIFFY) / (NSEC_PER_SEC / USER_HZ))
}
/** An attribute of 64-bit numbers, which stand at a multiple of 8 (nla_put_64bit). */
export function put_u64s(skb: MessageBuilder, nr: number, values: readonly number[], pad = RTA_PAD.nr): void {
  if ((skb.length + 4) % 8 !== 0) skb.reserve(pad, 0)
  const o = skb.reserve(nr, values.length * 8)
  if (o >= 0) values.forEach((value, i) => put64(skb.buf, o + i * 8, value))
}
/** mr_fill_mroute(): what a resolved entry has beside its addresses. */
export function mr_fill_mroute(skb: MessageBuilder, mrt: mr_table, c: mr_mfc): void {
  const vif = mrt.vif_table[c.parent]
  if (vif !== undefined) put_u32(skb, RTA_IIF.nr, vif.dev.ifindex)
  const nest = skb.nestNoflag(RTA_MULTIPATH)
  for (let ct = c.minvif; ct < c.maxvif; ct++) {
    const out = mrt.vif_table[ct]
    if (out === undefined || c.ttls[ct] >= NOT_FORWARDED) continue
    const at = skb.room(rtnexthop.size)
    if (at < 0) break
    skb.buf[at] = rtnexthop.size
    skb.buf[at + 3] = c.ttls[ct]
    put32(skb.buf, at + 4, out.dev.ifindex)
  }
  skb.nestEnd(nest)
  put_u64s(skb, RTA_MFC_STATS.nr, [c.pkt, c.bytes, c.wrong_if])
  put_u64s(skb, RTA_EXPIRES.nr, [clock(Math.max(0, mrt.net.kernel.jiffies() - c.lastuse))])
}
/** ipmr_fill_mroute(); false: it did not fit. */
export function ipmr_fill_mroute(skb: MessageBuilder, mrt: mr_table, c: mr_mfc, h: mr_header): boolean {
  const bits = mrt.ops.any.length * 8
  skb.begin(h.cmd, h.flags, h.seq, h.portid)
  skb.struct(rtmsg, {
    rtm_family: h.family,
    rtm_dst_len: bits,
    rtm_src_len: bits,
    rtm_table: mrt.id & 0xff,
    rtm_type: RTN_MULTICAST,
    rtm_scope: RT_SCOPE_UNIVERSE,
    rtm_protocol: c.is_static ? RTPROT_STATIC : RTPROT_MROUTED,
    rtm_flags: mr_unresolved(c) ? RTNH_F_UNRESOLVED : 0,
  })
  put_u32(skb, RTA_TABLE.nr, mrt.id)
  skb.putBytes(RTA_SRC.nr, c.origin)
  skb.putBytes(RTA_DST.nr, c.group)
  if (!mr_unresolved(c)) mr_fill_mroute(skb, mrt, c)
  return skb.end()
}
/** mroute_netlink_event() */
export function mroute_netlink_event(mrt: mr_table, c: mr_mfc, cmd: number, family: number, group: number): void {
  if (!netlink_has_listeners(mrt.net, NETLINK_ROUTE, group)) return
  const skb = new MessageBuilder(undefined, 512)
  ipmr_fill_mroute(skb, mrt, c, { family, cmd, portid: 0, seq: 0, flags: 0 })
  rtnl_notify(mrt.net, skb, 0, group, false)
}

/** mr_mfc_uses_dev() */
function uses_dev(mrt: mr_table, c: mr_mfc, ifindex: number): boolean {
  return c.ttls.some((ttl, ct) => ttl < NOT_FORWARDED && mrt.vif_table[ct]?.dev.ifindex === ifindex)
}
/** mr_table_dump(): resolved entries, then those that wait; cb.args[1]: how many have been sent. */
function mr_table_dump(mrt: mr_table, skb: MessageBuilder, cb: netlink_callback, family: number, filter: fib_dump_filter): boolean {
  const { dev } = filter
  const flags = NLM_F_MULTI | (cb.answer_flags & NLM_F_DUMP_FILTERED)
  const h = { family, cmd: RTM_NEWROUTE, portid: cb.portid, seq: cb.seq, flags }
  const all = [...mrt.mfc_cache_list.filter((c) => dev === undefined || uses_dev(mrt, c, dev.ifindex)), ...mrt.mfc_unres_queue]
  for (; cb.args[1] < all.length; cb.args[1]++) if (!ipmr_fill_mroute(skb, mrt, all[cb.args[1]], h)) return false
  cb.args[1] = 0
  return true
}
/** mr_rtm_dumproute(): cb.args[0]: tables done. True: there is more. */
export function mr_rtm_dumproute(
  tables: readonly mr_table[],
  skb: MessageBuilder,
  cb: netlink_callback,
  family: number,
  filter: fib_dump_filter,
): true | undefined {
  if (filter.protocol !== 0 || filter.flags !== 0 || (filter.rt_type !== 0 && filter.rt_type !== RTN_MULTICAST)) return undefined
  for (; cb.args[0] < tables.length; cb.args[0]++) if (!mr_table_dump(tables[cb.args[0]], skb, cb, family, filter)) return true
  return undefined
}
