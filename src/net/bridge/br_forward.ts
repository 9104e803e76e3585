/** net/bridge/br_forward.c: frames to one port, to all that are to have what is not known, or to a group's members. */
import { netif_carrier_ok, netif_running } from '../core/dev.ts'
import { kfree_skb, type sk_buff, skb_clone, skb_copy } from '../core/skbuff.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { br_dev_queue_push_xmit } from './br_forward_send.ts'
import { br_skb_cb } from './br_input_cb.ts'
import { br_multicast_should_handle_mode } from './br_multicast_ctx.ts'
import { br_multicast_is_star_g } from './br_multicast_group.ts'
import { br_multicast_count } from './br_multicast_stats.ts'
import { br_is_neigh_suppress_enabled } from './br_neigh_suppress.ts'
import { BR_STATE_FORWARDING, br_port_get_rtnl, type net_bridge, type net_bridge_port } from './br_private.ts'
import { ETH_P_IPV6, MCAST_INCLUDE, MDB_PG_FLAGS_BLOCKED, type net_bridge_mcast, type net_bridge_mdb_entry } from './br_private_mcast.ts'
import { br_allowed_egress, br_handle_vlan } from './br_vlan_filter.ts'

export const BR_PKT_UNICAST = 0
export const BR_PKT_MULTICAST = 1
export const BR_PKT_BROADCAST = 2

/** should_deliver(): not back where it came from, only where frames are forwarded, within the VLAN. */
function should_deliver(p: net_bridge_port, skb: sk_buff): boolean {
  if (skb.dev === p.dev && !p.flags.has(L.IFLA_BRPORT_MODE.nr)) return false
  if (!p.br.mst_enabled && p.state !== BR_STATE_FORWARDING) return false
  if (br_skb_cb(skb).src_port_isolated && p.flags.has(L.IFLA_BRPORT_ISOLATED.nr)) return false
  return br_allowed_egress(p.vlgrp, skb)
}
/** __br_forward(): takes the frame. */
function forward(to: net_bridge_port, skb: sk_buff): void {
  if (!br_handle_vlan(to.br, to, skb)) {
    kfree_skb(skb)
    return
  }
  skb.dev = to.dev
  br_dev_queue_push_xmit(skb)
}
/** br_forward(): to the port, or its backup while it has no carrier. The frame is the caller's when it also stays here. */
export function br_forward(to: net_bridge_port | undefined, skb: sk_buff, local_rcv: boolean): void {
  let port = to
  if (to?.backup_port !== undefined && (!netif_carrier_ok(to.dev) || !netif_running(to.dev))) {
    port = br_port_get_rtnl(to.backup_port)
    br_skb_cb(skb).backup_nhid = to.backup_nhid
  }
  if (port !== undefined && should_deliver(port, skb)) forward(port, local_rcv ? skb_clone(skb) : skb)
  else if (!local_rcv) kfree_skb(skb)
}

/** The last one gets the frame itself, unless it stays here too. */
function deliver_all(ports: readonly net_bridge_port[], skb: sk_buff, local_rcv: boolean): void {
  const { igmp } = br_skb_cb(skb)
  const fit = ports.filter((p) => should_deliver(p, skb))
  if (fit.length === 0) {
    if (!local_rcv) kfree_skb(skb)
    return
  }
  for (const p of fit) if (igmp !== 0) br_multicast_count(p.br, p, skb, igmp, 1)
  const last = local_rcv ? undefined : fit.pop()
  for (const p of fit) forward(p, skb_clone(skb))
  if (last !== undefined) forward(last, skb)
}
const flood_flag = [L.IFLA_BRPORT_UNICAST_FLOOD, L.IFLA_BRPORT_MCAST_FLOOD, L.IFLA_BRPORT_BCAST_FLOOD].map((a) => a.nr)

/** br_flood(): to every port that is to have such frames; the host's own go to all. */
export function br_flood(br: net_bridge, skb: sk_buff, pkt_type: number, local_rcv: boolean, vid: number): void {
  const own = pkt_type !== BR_PKT_UNICAST && skb.dev === br.dev
  const replied = br_skb_cb(skb).proxyarp_replied
  const wants = (p: net_bridge_port) => {
    if (!own && !p.flags.has(flood_flag[pkt_type])) return false
    if (p.flags.has(L.IFLA_BRPORT_PROXYARP.nr)) return false
    return !(replied && (p.flags.has(L.IFLA_BRPORT_PROXYARP_WIFI.nr) || br_is_neigh_suppress_enabled(p, vid)))
  }
  deliver_all(br.port_list.filter(wants), skb, local_rcv)
}

/** br_multicast_flood(): to members, and to ports with routers; where set so, each member has a copy of its own. */
export function br_multicast_flood(
  mdst: net_bridge_mdb_entry | undefined,
  skb: sk_buff,
  brmctx: net_bridge_mcast,
  local_rcv: boolean,
): void {
  const star = mdst !== undefined && br_multicast_should_handle_mode(brmctx, mdst.addr.proto) && br_multicast_is_star_g(mdst.addr)
  const routers = brmctx.mc_router_list[skb.protocol === ETH_P_IPV6 ? 1 : 0].map((pmctx) => pmctx.port)
  const ports = new Set<net_bridge_port>()
  for (const pg of mdst?.ports ?? []) {
    if (routers.includes(pg.port)) continue
    if (pg.port.flags.has(L.IFLA_BRPORT_MCAST_TO_UCAST.nr) && pg.eth_addr !== undefined) {
      deliver_addr(pg.port, skb, pg.eth_addr)
      continue
    }
    if ((star && pg.filter_mode === MCAST_INCLUDE) || pg.flags & MDB_PG_FLAGS_BLOCKED) continue
    ports.add(pg.port)
  }
  for (const port of routers) ports.add(port)
  deliver_all([...ports], skb, local_rcv)
}
/** maybe_deliver_addr(): a copy to one member's own address; not back to the sender. */
function deliver_addr(p: net_bridge_port, skb: sk_buff, addr: Uint8Array): void {
  if (!should_deliver(p, skb)) return
  const copy = skb_copy(skb)
  copy.cb = skb.cb
  copy.buf.set(addr.subarray(0, 6), copy.mac_header)
  forward(p, copy)
}
