/** net/bridge/br_fdb.c fdb_fill_info, fdb_notify: entries as RTM_*NEIGH of AF_BRIDGE. */
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import {
  NDA_CACHEINFO,
  NDA_FLAGS_EXT,
  NDA_LLADDR,
  NDA_MASTER,
  NDA_VLAN,
  NTF_EXT_LEARNED,
  NTF_EXT_LOCKED,
  NTF_STICKY,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
  nda_cacheinfo,
} from '../../uapi/linux/neighbour.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTNLGRP_NEIGH } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { put_ndmsg } from '../core/neighbour_fill.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { br_jiffies, jiffies_to_clock_t, type net_bridge, type net_bridge_fdb_entry } from './br_private.ts'

export function fdb_to_nud(br: net_bridge, fdb: net_bridge_fdb_entry): number {
  if (fdb.is_local) return NUD_PERMANENT
  if (fdb.is_static) return NUD_NOARP
  const held = br.topology_change ? br.forward_delay : br.ageing_time
  const expired = !fdb.added_by_extern_learn && fdb.updated + held <= br_jiffies(br)
  return expired ? NUD_STALE : NUD_REACHABLE
}

export function fdb_fill_info(
  skb: MessageBuilder,
  br: net_bridge,
  fdb: net_bridge_fdb_entry,
  type: number,
  flags = 0,
  portid = 0,
  seq = 0,
): boolean {
  skb.begin(type, flags, seq, portid)
  const now = br_jiffies(br)
  const flags_of = (fdb.added_by_extern_learn ? NTF_EXT_LEARNED : 0) | (fdb.is_sticky ? NTF_STICKY : 0)
  put_ndmsg(skb, AF_BRIDGE, (fdb.dst?.dev ?? br.dev).ifindex, fdb_to_nud(br, fdb), flags_of, 0)
  skb.putBytes(NDA_LLADDR.nr, fdb.addr)
  skb.put(NDA_MASTER, br.dev.ifindex)
  skb.put(NDA_FLAGS_EXT, fdb.is_locked ? NTF_EXT_LOCKED : 0)
  const o = skb.reserve(NDA_CACHEINFO.nr, nda_cacheinfo.size)
  if (o >= 0) {
    put32(skb.buf, o + 4, jiffies_to_clock_t(now - fdb.used))
    put32(skb.buf, o + 8, jiffies_to_clock_t(now - fdb.updated))
  }
  if (fdb.vid !== 0) skb.put(NDA_VLAN, fdb.vid)
  return skb.end()
}
export function fdb_notify(br: net_bridge, fdb: net_bridge_fdb_entry, type: number): void {
  if (!netlink_has_listeners(br.dev.nd_net, NETLINK_ROUTE, RTNLGRP_NEIGH)) return
  const skb = new MessageBuilder(undefined, 128)
  fdb_fill_info(skb, br, fdb, type)
  rtnl_notify(br.dev.nd_net, skb, 0, RTNLGRP_NEIGH, false)
}
