/** drivers/net/vxlan/vxlan_vnifilter.c: the networks that a device for many takes part in. Requests are in vxlan_vnifilter_rtnl.ts. */
import { MessageBuilder } from '../../../lib/message.ts'
import { rtnl_notify } from '../../../net/core/rtnetlink.ts'
import type { netlink_ext_ack } from '../../../net/netlink/extack.ts'
import { E2BIG, EEXIST, ENOENT, type Errno, isErrno } from '../../../uapi/errno.ts'
import { IFF_UP } from '../../../uapi/linux/if.ts'
import * as V from '../../../uapi/linux/if_link_vxlan.ts'
import { NTF_SELF, NUD_PERMANENT, NUD_REACHABLE } from '../../../uapi/linux/neighbour.ts'
import { NLM_F_APPEND, NLM_F_CREATE } from '../../../uapi/linux/netlink.ts'
import { RTM_DELTUNNEL, RTM_NEWTUNNEL, RTNLGRP_TUNNEL } from '../../../uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../../uapi/linux/socket.ts'
import { vxlan_vni_in_use } from './vxlan_config.ts'
import { __vxlan_fdb_delete, all_zeros_mac, vxlan_fdb_update } from './vxlan_fdb.ts'
import { vxlan_group_used, vxlan_igmp_join, vxlan_igmp_leave } from './vxlan_multicast.ts'
import {
  type vxlan_addr,
  vxlan_addr_any,
  vxlan_addr_equal,
  vxlan_addr_multicast,
  type vxlan_dev,
  vxlan_rdst,
  vxlan_vni_node,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'

/** A host's bound on networks of a device, with the errno of Linux's table at its own (16,777,216). */
const VNI_MAX = 1 << 18

/** vxlan_fill_vni_filter_entry(): one network, or those from `first` to `last` with the same end. */
export function vxlan_fill_vni_filter_entry(skb: MessageBuilder, first: vxlan_vni_node, last: vxlan_vni_node, stats: boolean): void {
  const entry = skb.nest(V.VXLAN_VNIFILTER_ENTRY)
  skb.put(V.VXLAN_VNIFILTER_ENTRY_START, first.vni)
  if (first !== last) skb.put(V.VXLAN_VNIFILTER_ENTRY_END, last.vni)
  const { remote_ip } = first
  if (!vxlan_addr_any(remote_ip)) {
    skb.put(remote_ip.length === 16 ? V.VXLAN_VNIFILTER_ENTRY_GROUP6 : V.VXLAN_VNIFILTER_ENTRY_GROUP, remote_ip)
  }
  if (stats) fill_stats(skb, first)
  skb.nestEnd(entry)
}
function fill_stats(skb: MessageBuilder, { stats }: vxlan_vni_node): void {
  const nest = skb.nest(V.VXLAN_VNIFILTER_ENTRY_STATS)
  skb.put(V.VNIFILTER_ENTRY_STATS_RX_BYTES, stats.rx_bytes)
  skb.put(V.VNIFILTER_ENTRY_STATS_RX_PKTS, stats.rx_packets)
  skb.put(V.VNIFILTER_ENTRY_STATS_RX_DROPS, stats.rx_drops)
  skb.put(V.VNIFILTER_ENTRY_STATS_RX_ERRORS, stats.rx_errors)
  skb.put(V.VNIFILTER_ENTRY_STATS_TX_BYTES, stats.tx_bytes)
  skb.put(V.VNIFILTER_ENTRY_STATS_TX_PKTS, stats.tx_packets)
  skb.put(V.VNIFILTER_ENTRY_STATS_TX_DROPS, stats.tx_drops)
  skb.put(V.VNIFILTER_ENTRY_STATS_TX_ERRORS, stats.tx_errors)
  skb.nestEnd(nest)
}
function vxlan_vnifilter_notify(vxlan: vxlan_dev, node: vxlan_vni_node, type: number): void {
  const skb = new MessageBuilder(undefined, 128)
  skb.begin(type, 0, 0, 0)
  skb.struct(V.tunnel_msg, { family: AF_BRIDGE, ifindex: vxlan.dev.ifindex })
  vxlan_fill_vni_filter_entry(skb, node, node, false)
  skb.end()
  rtnl_notify(vxlan.dev.nd_net, skb, 0, RTNLGRP_TUNNEL, false)
}

function end_of(vxlan: vxlan_dev, vni: number, ip: vxlan_addr): vxlan_rdst {
  return new vxlan_rdst(ip, vxlan.cfg.dst_port, vni, vxlan.default_dst.remote_ifindex)
}
/** vxlan_update_default_fdb_entry(): where frames of a network without an entry of their own go. */
function update_default_fdb_entry(
  vxlan: vxlan_dev,
  vni: number,
  old_ip: vxlan_addr | undefined,
  new_ip: vxlan_addr | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  if (new_ip !== undefined && !vxlan_addr_any(new_ip)) {
    const spec = {
      mac: all_zeros_mac,
      rd: end_of(vxlan, vni, new_ip),
      state: NUD_REACHABLE | NUD_PERMANENT,
      nlflags: NLM_F_APPEND | NLM_F_CREATE,
      src_vni: vni,
      ndm_flags: NTF_SELF,
      nhid: 0,
    }
    const error = vxlan_fdb_update(vxlan, spec, extack)
    if (isErrno(error)) return error
  }
  if (old_ip !== undefined && !vxlan_addr_any(old_ip)) __vxlan_fdb_delete(vxlan, all_zeros_mac, vni, end_of(vxlan, vni, old_ip))
  return undefined
}

/**
 * vxlan_vni_update_group(): the network's own end, else the device's. True when listeners are to be told. What was there
 * before only goes when nothing takes its place: a new end joins the old one in the entry.
 */
function update_group(vxlan: vxlan_dev, node: vxlan_vni_node, group: vxlan_addr, extack: netlink_ext_ack): boolean | Errno {
  const { default_dst, dev } = vxlan
  const old = node.remote_ip
  let new_ip: vxlan_addr | undefined
  if (!vxlan_addr_any(group)) new_ip = group
  else if (!vxlan_addr_any(default_dst.remote_ip)) new_ip = default_dst.remote_ip
  const old_ip = new_ip === undefined && !vxlan_addr_any(old) ? old : undefined
  if (new_ip === undefined && old_ip === undefined) return false
  const error = update_default_fdb_entry(vxlan, node.vni, old_ip, new_ip, extack)
  if (isErrno(error)) return error
  node.remote_ip = group
  if (!(dev.flags & IFF_UP)) return true
  const left = vxlan_addr_multicast(old) && !vxlan_group_used(vxlan, old) ? vxlan_igmp_leave(vxlan, old) : undefined
  if (isErrno(left)) return left
  const joined = vxlan_addr_multicast(group) ? vxlan_igmp_join(vxlan, group) : undefined
  return isErrno(joined) ? joined : true
}

/** vxlan_vnilist_update_group(): the device's own end changes, for all networks without one. */
export function vxlan_vnilist_update_group(
  vxlan: vxlan_dev,
  old_ip: vxlan_addr,
  new_ip: vxlan_addr,
  extack: netlink_ext_ack,
): Errno | undefined {
  for (const node of [...vxlan.vni_list].reverse()) {
    if (!vxlan_addr_any(node.remote_ip)) continue
    const error = update_default_fdb_entry(vxlan, node.vni, old_ip, new_ip, extack)
    if (isErrno(error)) return error
  }
  return undefined
}

/** One of a request's networks: taken in, or given another end. */
export function vxlan_vni_add(vxlan: vxlan_dev, vni: number, group: vxlan_addr, extack: netlink_ext_ack): Errno | undefined {
  const known = vxlan_vnifilter_lookup(vxlan, vni)
  if (known !== undefined) {
    const changed = update_group(vxlan, known, group, extack)
    if (isErrno(changed)) return changed
    if (changed) vxlan_vnifilter_notify(vxlan, known, RTM_NEWTUNNEL)
    return undefined
  }
  if (vxlan_vni_in_use(vxlan.net, vxlan, vxlan.cfg, vni)) return extack.fail(EEXIST, 'VNI in use')
  if (vxlan.vni_list.length >= VNI_MAX) return E2BIG
  const node = new vxlan_vni_node(vni)
  const at = vxlan.vni_list.findLastIndex((other) => other.vni <= vni)
  vxlan.vni_list.splice(at + 1, 0, node)
  vxlan.vni_hash.set(vni, node)
  const error = update_group(vxlan, node, group, extack)
  vxlan_vnifilter_notify(vxlan, node, RTM_NEWTUNNEL)
  return isErrno(error) ? error : undefined
}
export function vxlan_vni_del(vxlan: vxlan_dev, vni: number): Errno | undefined {
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node === undefined) return ENOENT
  const ip = vxlan_addr_any(node.remote_ip) ? vxlan.default_dst.remote_ip : node.remote_ip
  if (!vxlan_addr_any(ip)) __vxlan_fdb_delete(vxlan, all_zeros_mac, vni, end_of(vxlan, vni, ip))
  if (vxlan.dev.flags & IFF_UP && vxlan_addr_multicast(node.remote_ip) && !vxlan_group_used(vxlan, node.remote_ip)) {
    vxlan_igmp_leave(vxlan, node.remote_ip)
  }
  vxlan.vni_list.splice(vxlan.vni_list.indexOf(node), 1)
  vxlan.vni_hash.delete(vni)
  vxlan_vnifilter_notify(vxlan, node, RTM_DELTUNNEL)
  return undefined
}
/** The device goes. */
export function vxlan_vnigroup_uninit(vxlan: vxlan_dev): void {
  for (const node of vxlan.vni_list) vxlan_vnifilter_notify(vxlan, node, RTM_DELTUNNEL)
  vxlan.vni_list = []
  vxlan.vni_hash.clear()
}
/** vnirange() is 1 and the ends are the same: a dump joins the two. */
export function vxlan_vni_follows(node: vxlan_vni_node, last: vxlan_vni_node): boolean {
  return node.vni - last.vni === 1 && vxlan_addr_equal(node.remote_ip, last.remote_ip)
}
