/** net/core/neighbour.c neigh_fill_info, pneigh_fill_info, __neigh_notify: entries as messages. */
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { put16, put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import {
  NDA_CACHEINFO,
  NDA_DST,
  NDA_FLAGS_EXT,
  NDA_LLADDR,
  NDA_PROBES,
  NDA_PROTOCOL,
  NTF_PROXY,
  NUD_NONE,
  nda_cacheinfo,
  ndmsg,
} from '../../uapi/linux/neighbour.ts'
import { NETLINK_ROUTE, NLM_F_REQUEST } from '../../uapi/linux/netlink.ts'
import { RTM_GETNEIGH, RTM_NEWNEIGH, RTN_UNICAST, RTNLGRP_NEIGH } from '../../uapi/linux/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { type neigh_table, type neighbour, NTF_EXT_SHIFT, NTF_OLD_MASK, NUD_VALID, type pneigh_entry } from './neighbour.ts'
import { rtnl_notify } from './rtnetlink.ts'

/** What a message's header says beside the entry. */
export interface neigh_msg {
  portid: number
  seq: number
  type: number
  flags: number
}

/** Hundredths of a second; jiffies_to_clock_t(). */
function clock_t(jiffies: number): number {
  return Math.floor((jiffies * USER_HZ) / HZ)
}

/** The header of all messages about neighbours: a dump has many. */
export function put_ndmsg(skb: MessageBuilder, family: number, ifindex: number, state: number, flags: number, type: number): void {
  const o = skb.room(ndmsg.size)
  if (o < 0) return
  skb.buf[o] = family
  put32(skb.buf, o + 4, ifindex)
  put16(skb.buf, o + 8, state)
  skb.buf[o + 10] = flags
  skb.buf[o + 11] = type
}
/** False: it did not fit. The reference of whoever fills does not show. */
export function neigh_fill_info(skb: MessageBuilder, neigh: neighbour, msg: neigh_msg): boolean {
  const now = neigh.tbl.kernel.jiffies()
  skb.begin(msg.type, msg.flags, msg.seq, msg.portid)
  put_ndmsg(skb, neigh.tbl.family, neigh.dev.ifindex, neigh.nud_state, neigh.flags & NTF_OLD_MASK, neigh.type)
  skb.putBytes(NDA_DST.nr, neigh.primary_key)
  if (neigh.nud_state & NUD_VALID) skb.putBytes(NDA_LLADDR.nr, neigh.ha, neigh.dev.addr_len)
  skb.put(NDA_PROBES, neigh.probes)
  const o = skb.reserve(NDA_CACHEINFO.nr, nda_cacheinfo.size)
  if (o >= 0) {
    put32(skb.buf, o, clock_t(now - neigh.confirmed))
    put32(skb.buf, o + 4, clock_t(now - neigh.used))
    put32(skb.buf, o + 8, clock_t(now - neigh.updated))
    put32(skb.buf, o + 12, neigh.refcnt - 1)
  }
  if (neigh.protocol !== 0) skb.put(NDA_PROTOCOL, neigh.protocol)
  if (neigh.flags >>> NTF_EXT_SHIFT !== 0) skb.put(NDA_FLAGS_EXT, neigh.flags >>> NTF_EXT_SHIFT)
  return skb.end()
}

export function pneigh_fill_info(skb: MessageBuilder, pn: pneigh_entry, tbl: neigh_table, msg: neigh_msg): boolean {
  skb.begin(msg.type, msg.flags, msg.seq, msg.portid)
  put_ndmsg(skb, tbl.family, pn.dev?.ifindex ?? 0, NUD_NONE, (pn.flags & NTF_OLD_MASK) | NTF_PROXY, RTN_UNICAST)
  skb.putBytes(NDA_DST.nr, pn.key)
  if (pn.protocol !== 0) skb.put(NDA_PROTOCOL, pn.protocol)
  if (pn.flags >>> NTF_EXT_SHIFT !== 0) skb.put(NDA_FLAGS_EXT, pn.flags >>> NTF_EXT_SHIFT)
  return skb.end()
}

/** `portid`: whose request it follows from; the sequence number does not show. */
export function __neigh_notify(neigh: neighbour, type: number, flags: number, portid: number): void {
  const net = neigh.dev.nd_net
  if (!netlink_has_listeners(net, NETLINK_ROUTE, RTNLGRP_NEIGH)) return
  const skb = new MessageBuilder(undefined, 128)
  neigh_fill_info(skb, neigh, { portid, seq: 0, type, flags })
  rtnl_notify(net, skb, 0, RTNLGRP_NEIGH, false)
}
export function neigh_update_notify(neigh: neighbour, portid: number): void {
  __neigh_notify(neigh, RTM_NEWNEIGH, 0, portid)
}
/** Asks programs instead of the network (app_solicit). */
export function neigh_app_ns(neigh: neighbour): void {
  __neigh_notify(neigh, RTM_GETNEIGH, NLM_F_REQUEST, 0)
}
