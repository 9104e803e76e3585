/** net/bridge/br_netlink.c: a bridge and a port as attributes, and AF_BRIDGE's RTM_NEWLINK and RTM_DELLINK. */
import { MessageBuilder } from '../../lib/message.ts'
import {
  type bridge_vlan_info,
  IFLA_BRIDGE_MST,
  IFLA_BRIDGE_VLAN_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_FLAGS,
  IFLA_BRIDGE_VLAN_TUNNEL_ID,
  IFLA_BRIDGE_VLAN_TUNNEL_INFO,
  IFLA_BRIDGE_VLAN_TUNNEL_VID,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../uapi/linux/if_bridge.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWLINK, RTNLGRP_LINK } from '../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../uapi/linux/socket.ts'
import { dev_get_flags, dev_get_iflink, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { br_mst_fill_info } from './br_mst.ts'
import { br_timer_value, type net_bridge, type net_bridge_port, type net_bridge_vlan, type net_bridge_vlan_group } from './br_private.ts'

const flag_order_1 = [
  L.IFLA_BRPORT_MODE,
  L.IFLA_BRPORT_GUARD,
  L.IFLA_BRPORT_PROTECT,
  L.IFLA_BRPORT_FAST_LEAVE,
  L.IFLA_BRPORT_MCAST_TO_UCAST,
  L.IFLA_BRPORT_LEARNING,
  L.IFLA_BRPORT_UNICAST_FLOOD,
  L.IFLA_BRPORT_MCAST_FLOOD,
  L.IFLA_BRPORT_BCAST_FLOOD,
  L.IFLA_BRPORT_PROXYARP,
  L.IFLA_BRPORT_PROXYARP_WIFI,
]

/** br_port_fill_attrs(): in Linux's order. */
export function br_port_fill_attrs(skb: MessageBuilder, p: net_bridge_port): void {
  const flag = (a: { nr: number }) => {
    const o = skb.reserve(a.nr, 1)
    if (o >= 0) skb.buf[o] = p.flags.has(a.nr) ? 1 : 0
  }
  skb.put(L.IFLA_BRPORT_STATE, p.state)
  skb.put(L.IFLA_BRPORT_PRIORITY, p.priority)
  skb.put(L.IFLA_BRPORT_COST, p.path_cost)
  for (const a of flag_order_1) flag(a)
  skb.put(L.IFLA_BRPORT_ROOT_ID, p.designated_root)
  skb.put(L.IFLA_BRPORT_BRIDGE_ID, p.designated_bridge)
  skb.put(L.IFLA_BRPORT_DESIGNATED_PORT, p.designated_port)
  skb.put(L.IFLA_BRPORT_DESIGNATED_COST, p.designated_cost)
  skb.put(L.IFLA_BRPORT_ID, p.port_id)
  skb.put(L.IFLA_BRPORT_NO, p.port_no)
  skb.put(L.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, p.topology_change_ack)
  skb.put(L.IFLA_BRPORT_CONFIG_PENDING, p.config_pending)
  flag(L.IFLA_BRPORT_VLAN_TUNNEL)
  skb.put(L.IFLA_BRPORT_GROUP_FWD_MASK, p.group_fwd_mask)
  for (const a of [L.IFLA_BRPORT_NEIGH_SUPPRESS, L.IFLA_BRPORT_MRP_RING_OPEN, L.IFLA_BRPORT_MRP_IN_OPEN, L.IFLA_BRPORT_ISOLATED]) flag(a)
  for (const a of [L.IFLA_BRPORT_LOCKED, L.IFLA_BRPORT_MAB, L.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS]) flag(a)
  skb.put(L.IFLA_BRPORT_MESSAGE_AGE_TIMER, br_timer_value(p.message_age_timer))
  skb.put(L.IFLA_BRPORT_FORWARD_DELAY_TIMER, br_timer_value(p.forward_delay_timer))
  skb.put(L.IFLA_BRPORT_HOLD_TIMER, br_timer_value(p.hold_timer))
  skb.put(L.IFLA_BRPORT_MULTICAST_ROUTER, p.multicast_ctx.multicast_router)
  skb.put(L.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT, p.eht_hosts_limit)
  skb.put(L.IFLA_BRPORT_MCAST_EHT_HOSTS_CNT, p.eht_hosts_cnt)
  skb.put(L.IFLA_BRPORT_MCAST_N_GROUPS, p.multicast_ctx.mdb_n_entries)
  skb.put(L.IFLA_BRPORT_MCAST_MAX_GROUPS, p.multicast_ctx.mdb_max_entries)
  if (p.backup_port !== undefined) skb.put(L.IFLA_BRPORT_BACKUP_PORT, p.backup_port.ifindex)
  if (p.backup_nhid !== 0) skb.put(L.IFLA_BRPORT_BACKUP_NHID, p.backup_nhid)
}

function vlan_flags(v: net_bridge_vlan, pvid: number): number {
  return (v.vid === pvid ? BRIDGE_VLAN_INFO_PVID : 0) | (v.untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0)
}
/** VLANs that the device is in; of a bridge's own list only some are its own. */
export function br_vlans_usable(vg: net_bridge_vlan_group): net_bridge_vlan[] {
  return vg.vlans.filter((v) => v.brentry)
}
/** br_fill_ifvlaninfo_compressed(): neighbouring VLANs with equal flags as a range of two attributes. */
function fill_vlans(skb: MessageBuilder, vg: net_bridge_vlan_group, compressed: boolean): void {
  const put = (vid: number, flags: number) => skb.put(IFLA_BRIDGE_VLAN_INFO, { flags, vid } as ReturnType<typeof bridge_vlan_info.get>)
  const list = br_vlans_usable(vg)
  for (let i = 0; i < list.length; ) {
    const flags = vlan_flags(list[i], vg.pvid)
    let end = i
    const next = (n: number) => list[n + 1]?.vid === list[n].vid + 1 && vlan_flags(list[n + 1], vg.pvid) === flags
    while (compressed && next(end)) end++
    if (end === i) {
      put(list[i].vid, flags)
    } else {
      put(list[i].vid, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN)
      put(list[end].vid, flags | BRIDGE_VLAN_INFO_RANGE_END)
    }
    i = end + 1
  }
}

/** br_fill_vlan_tunnel_info(): VLANs and tunnels that go up together as a range of two entries. */
function fill_tunnels(skb: MessageBuilder, vg: net_bridge_vlan_group): void {
  const put = (v: net_bridge_vlan, flags: number) => {
    const nest = skb.nestNoflag(IFLA_BRIDGE_VLAN_TUNNEL_INFO)
    skb.put(IFLA_BRIDGE_VLAN_TUNNEL_ID, v.tunnel_id)
    skb.put(IFLA_BRIDGE_VLAN_TUNNEL_VID, v.vid)
    skb.put(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, flags)
    skb.nestEnd(nest)
  }
  const list = vg.vlans.filter((v) => v.tunnel_id !== 0)
  for (let i = 0; i < list.length; i++) {
    const first = list[i]
    const next = (n: number) => list[n + 1]?.vid === list[n].vid + 1 && list[n + 1].tunnel_id === list[n].tunnel_id + 1
    while (next(i)) i++
    put(first, list[i] === first ? 0 : BRIDGE_VLAN_INFO_RANGE_BEGIN)
    if (list[i] !== first) put(list[i], BRIDGE_VLAN_INFO_RANGE_END)
  }
}

export interface br_ifinfo_request {
  type: number
  portid: number
  seq: number
  flags: number
  filter_mask: number
}

/** br_fill_ifinfo(): of a port, or (undefined) of the bridge device itself. */
export function br_fill_ifinfo(skb: MessageBuilder, br: net_bridge, p: net_bridge_port | undefined, req: br_ifinfo_request): boolean {
  const dev: net_device = p?.dev ?? br.dev
  skb.begin(req.type, req.flags, req.seq, req.portid)
  skb.struct(ifinfomsg, { ifi_family: AF_BRIDGE, ifi_type: dev.type, ifi_index: dev.ifindex, ifi_flags: dev_get_flags(dev) })
  skb.put(L.IFLA_IFNAME, dev.name)
  skb.put(L.IFLA_MASTER, br.dev.ifindex)
  skb.put(L.IFLA_MTU, dev.mtu)
  skb.put(L.IFLA_OPERSTATE, netif_running(dev) ? dev.operstate : L.IF_OPER_DOWN)
  if (dev.addr_len > 0) skb.put(L.IFLA_ADDRESS, dev.dev_addr.subarray(0, dev.addr_len))
  const iflink = dev_get_iflink(dev)
  if (iflink !== dev.ifindex) skb.put(L.IFLA_LINK, iflink)
  if (req.type === RTM_NEWLINK && p !== undefined) {
    const nest = skb.nest(L.IFLA_PROTINFO)
    br_port_fill_attrs(skb, p)
    skb.nestEnd(nest)
  }
  const compressed = (req.filter_mask & L.RTEXT_FILTER_BRVLAN_COMPRESSED) !== 0
  const mst = (req.filter_mask & L.RTEXT_FILTER_MST) !== 0 && br.mst_enabled && p !== undefined
  const vlans = compressed || (req.filter_mask & L.RTEXT_FILTER_BRVLAN) !== 0
  if (vlans || mst) {
    const af = skb.nestNoflag(L.IFLA_AF_SPEC)
    if (vlans) fill_vlans(skb, (p ?? br).vlgrp, compressed)
    if (vlans && p?.flags.has(L.IFLA_BRPORT_VLAN_TUNNEL.nr)) fill_tunnels(skb, p.vlgrp)
    if (mst) {
      const nest = skb.nest(IFLA_BRIDGE_MST)
      br_mst_fill_info(skb, p.vlgrp)
      skb.nestEnd(nest)
    }
    if (skb.nestLength(af) > 0) skb.nestEnd(af)
    else skb.nestCancel(af)
  }
  return skb.end()
}

/** br_ifinfo_notify(): with the VLANs in short form. */
export function br_ifinfo_notify(type: number, br: net_bridge, p: net_bridge_port | undefined): void {
  if (!netlink_has_listeners(br.dev.nd_net, NETLINK_ROUTE, RTNLGRP_LINK)) return
  const skb = new MessageBuilder()
  br_fill_ifinfo(skb, br, p, { type, portid: 0, seq: 0, flags: 0, filter_mask: L.RTEXT_FILTER_BRVLAN_COMPRESSED })
  rtnl_notify(br.dev.nd_net, skb, 0, RTNLGRP_LINK, false)
}
