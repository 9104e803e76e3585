/** net/bridge/br_mdb.c: groups and router ports as attributes; RTM_NEWMDB and RTM_DELMDB to the group MDB. */
import { put32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { NETLINK_ROUTE, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_GETMDB, RTNLGRP_MDB } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { mdb_fill_groups, mdb_fill_message } from '../core/rtnetlink_mdb_fill.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { br_priv, br_timer_value } from './br_private.ts'
import {
  ETH_P_IP,
  ETH_P_IPV6,
  MDB_PG_FLAGS_BLOCKED,
  MDB_PG_FLAGS_FAST_LEAVE,
  MDB_PG_FLAGS_OFFLOAD,
  MDB_PG_FLAGS_PERMANENT,
  MDB_PG_FLAGS_STAR_EXCL,
  type net_bridge_mcast,
  type net_bridge_mcast_port,
  type net_bridge_mdb_entry,
  type net_bridge_port_group,
} from './br_private_mcast.ts'
import { br_vlan_find } from './br_vlan_find.ts'

const entry_flags: readonly (readonly [number, number])[] = [
  [MDB_PG_FLAGS_OFFLOAD, B.MDB_FLAGS_OFFLOAD],
  [MDB_PG_FLAGS_FAST_LEAVE, B.MDB_FLAGS_FAST_LEAVE],
  [MDB_PG_FLAGS_STAR_EXCL, B.MDB_FLAGS_STAR_EXCL],
  [MDB_PG_FLAGS_BLOCKED, B.MDB_FLAGS_BLOCKED],
]

function fill_srcs(skb: MessageBuilder, pg: net_bridge_port_group): void {
  if (pg.src_list.length === 0) return
  const nest = skb.nest(B.MDBA_MDB_EATTR_SRC_LIST)
  for (const ent of pg.src_list) {
    const one = skb.nest(B.MDBA_MDB_SRCLIST_ENTRY)
    skb.put(B.MDBA_MDB_SRCATTR_ADDRESS, ent.src)
    skb.put(B.MDBA_MDB_SRCATTR_TIMER, br_timer_value(ent.timer))
    skb.nestEnd(one)
  }
  skb.nestEnd(nest)
}
/** __mdb_fill_info(): a port in a group, or (undefined) the bridge itself. Sources are shown from IGMPv3 and MLDv2 on. */
export function mdb_fill_info(skb: MessageBuilder, mp: net_bridge_mdb_entry, pg: net_bridge_port_group | undefined): void {
  const { br, addr } = mp
  const flags = pg?.flags ?? 0
  const nest = skb.nestNoflag(B.MDBA_MDB_ENTRY_INFO)
  const u = new Uint8Array(16)
  u.set(addr.dst)
  skb.struct(B.br_mdb_entry, {
    ifindex: (pg?.port.dev ?? br.dev).ifindex,
    state: addr.proto === 0 ? MDB_PG_FLAGS_PERMANENT : flags & MDB_PG_FLAGS_PERMANENT,
    flags: entry_flags.reduce((sum, [own, shown]) => sum | (flags & own ? shown : 0), 0),
    vid: addr.vid,
    u,
    proto: addr.proto,
  })
  skb.put(B.MDBA_MDB_EATTR_TIMER, br_timer_value((pg ?? mp).timer))
  if (addr.src !== undefined) skb.put(B.MDBA_MDB_EATTR_SOURCE, addr.src)
  if (pg !== undefined) {
    skb.put(B.MDBA_MDB_EATTR_RTPROT, pg.rt_protocol)
    const { multicast_igmp_version, multicast_mld_version } = br.multicast_ctx
    const sources = (addr.proto === ETH_P_IP && multicast_igmp_version === 3) || (addr.proto === ETH_P_IPV6 && multicast_mld_version === 2)
    if (sources) {
      fill_srcs(skb, pg)
      skb.put(B.MDBA_MDB_EATTR_GROUP_MODE, pg.filter_mode)
    }
  }
  skb.nestEnd(nest)
}

export function br_mdb_notify(dev: net_device, mp: net_bridge_mdb_entry, pg: net_bridge_port_group | undefined, type: number): void {
  if (!netlink_has_listeners(dev.nd_net, NETLINK_ROUTE, RTNLGRP_MDB)) return
  const skb = new MessageBuilder(undefined, 128)
  mdb_fill_message(skb, dev, { type, seq: 0, portid: 0 }, () => mdb_fill_info(skb, mp, pg))
  rtnl_notify(dev.nd_net, skb, 0, RTNLGRP_MDB, false)
}

/** A nest that begins with the port's index, without a header of its own. */
function router_port_nest(skb: MessageBuilder, ifindex: number): number {
  const nest = skb.nestNoflag(B.MDBA_ROUTER_PORT)
  const o = skb.room(4)
  if (o >= 0) put32(skb.buf, o, ifindex)
  return nest
}
/** br_rtr_notify(): a port leads to a router, or no longer. */
export function br_rtr_notify(dev: net_device, pmctx: net_bridge_mcast_port, type: number): void {
  const skb = new MessageBuilder(undefined, 64)
  skb.begin(type, 0, 0, 0)
  skb.struct(B.br_port_msg, { family: AF_BRIDGE, ifindex: dev.ifindex })
  const nest = skb.nestNoflag(B.MDBA_ROUTER)
  const port = router_port_nest(skb, pmctx.port.dev.ifindex)
  if (pmctx.vlan !== undefined) skb.put(B.MDBA_ROUTER_PATTR_VID, pmctx.vlan.vid)
  skb.nestEnd(port)
  skb.nestEnd(nest)
  skb.end()
  rtnl_notify(dev.nd_net, skb, 0, RTNLGRP_MDB, false)
}
export function br_rports_have_mc_router(brmctx: net_bridge_mcast): boolean {
  return brmctx.mc_router_list[0].length > 0 || brmctx.mc_router_list[1].length > 0
}
/** br_rports_fill_info(): of the bridge, or of a VLAN where each is snooped by itself. */
export function br_rports_fill_info(skb: MessageBuilder, brmctx: net_bridge_mcast): void {
  const vid = brmctx.vlan?.vid ?? 0
  if (brmctx.multicast_router === 0 || !br_rports_have_mc_router(brmctx)) return
  const nest = skb.nestNoflag(B.MDBA_ROUTER)
  for (const p of brmctx.br.port_list) {
    const pmctx = vid === 0 ? p.multicast_ctx : br_vlan_find(p.vlgrp, vid)?.port_mcast_ctx
    if (pmctx === undefined) continue
    const [ip4, ip6] = brmctx.mc_router_list.map((list) => list.includes(pmctx))
    if (!ip4 && !ip6) continue
    const [timer4, timer6] = pmctx.mc_router_timer.map(br_timer_value)
    const port = router_port_nest(skb, p.dev.ifindex)
    skb.put(B.MDBA_ROUTER_PATTR_TIMER, Math.max(timer4, timer6))
    skb.put(B.MDBA_ROUTER_PATTR_TYPE, p.multicast_ctx.multicast_router)
    if (ip4) skb.put(B.MDBA_ROUTER_PATTR_INET_TIMER, timer4)
    if (ip6) skb.put(B.MDBA_ROUTER_PATTR_INET6_TIMER, timer6)
    if (vid !== 0) skb.put(B.MDBA_ROUTER_PATTR_VID, vid)
    skb.nestEnd(port)
  }
  skb.nestEnd(nest)
}

/** Who is in a group: the bridge itself (undefined) before its ports. */
function members_of(mp: net_bridge_mdb_entry): (net_bridge_port_group | undefined)[] {
  return mp.host_joined ? [undefined, ...mp.ports] : mp.ports
}
/** ndo_mdb_dump: groups, then ports with routers. */
export function br_mdb_dump(dev: net_device, skb: MessageBuilder, cb: netlink_callback): boolean {
  skb.begin(RTM_GETMDB, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(B.br_port_msg, { ifindex: dev.ifindex })
  const full = mdb_fill_groups(skb, cb, br_priv(dev).mdb_list.items, members_of, (mp, pg) => mdb_fill_info(skb, mp, pg))
  if (!full) br_rports_fill_info(skb, br_priv(dev).multicast_ctx)
  return !skb.end() || full
}
