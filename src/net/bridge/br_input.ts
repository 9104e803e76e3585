/** net/bridge/br_input.c: frames that come in by a port, and what the host sends through the bridge. */
import { getBe16 } from '../../lib/bytes.ts'
import { IFF_PROMISC } from '../../uapi/linux/if.ts'
import { ETH_HLEN } from '../../uapi/linux/if_ether.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { netif_receive_skb } from '../core/dev_receive.ts'
import { dev_sw_netstats_rx_add, dev_sw_netstats_tx_add } from '../core/dev_stats.ts'
import { type net_device, NETDEV_TX_OK, RX_HANDLER_CONSUMED, RX_HANDLER_PASS } from '../core/netdevice.ts'
import { kfree_skb, PACKET_HOST, PACKET_LOOPBACK, type sk_buff, skb_pull } from '../core/skbuff.ts'
import { ether_addr_equal, is_broadcast_ether_addr, is_multicast_ether_addr, is_valid_ether_addr } from '../ethernet/eth.ts'
import { br_fdb_find, br_fdb_update } from './br_fdb.ts'
import { BR_PKT_BROADCAST, BR_PKT_MULTICAST, BR_PKT_UNICAST, br_flood, br_forward, br_multicast_flood } from './br_forward.ts'
import { br_input_skb_cb, br_skb_cb } from './br_input_cb.ts'
import { br_multicast_ctx_vlan_global_disabled } from './br_multicast_ctx.ts'
import { br_mdb_ip_get } from './br_multicast_group.ts'
import { br_multicast_querier_exists } from './br_multicast_query.ts'
import { br_multicast_rcv, type mcast_verdict } from './br_multicast_rcv.ts'
import { br_multicast_is_router } from './br_multicast_router.ts'
import { br_multicast_count } from './br_multicast_stats.ts'
import { br_suppress_neigh } from './br_arp_nd_proxy.ts'
import {
  BR_NO_STP,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  br_jiffies,
  br_priv,
  type net_bridge,
  type net_bridge_port,
} from './br_private.ts'
import { ETH_P_IP, ETH_P_IPV6, type br_ip, type net_bridge_mdb_entry } from './br_private_mcast.ts'
import { br_stp_rcv } from './br_stp_bpdu.ts'
import { br_allowed_egress, br_allowed_ingress, br_handle_vlan, br_should_learn } from './br_vlan_filter.ts'
import { br_handle_ingress_vlan_tunnel } from './br_vlan_tunnel.ts'

function dest(skb: sk_buff): Uint8Array {
  return skb.buf.subarray(skb.mac_header, skb.mac_header + 6)
}
function source(skb: sk_buff): Uint8Array {
  return skb.buf.slice(skb.mac_header + 6, skb.mac_header + 12)
}

/** br_mdb_entry_skb_get(): the group of a frame: (S, G) first, where sources are told apart. */
function group_of(v: mcast_verdict, skb: sk_buff, vid: number): net_bridge_mdb_entry | undefined {
  const { brmctx } = v
  const { br } = brmctx
  if (!br.multicast_enabled || br_multicast_ctx_vlan_global_disabled(brmctx) || v.igmp !== 0) return undefined
  const { buf, network_header: ip, protocol } = skb
  const get = (at: Partial<br_ip>) => br_mdb_ip_get(br, { proto: protocol, vid, src: undefined, dst: dest(skb), ...at })
  if (protocol === ETH_P_IP) {
    const dst = buf.subarray(ip + 16, ip + 20)
    const named = brmctx.multicast_igmp_version === 3 ? get({ dst, src: buf.subarray(ip + 12, ip + 16) }) : undefined
    return named ?? get({ dst })
  }
  if (protocol === ETH_P_IPV6) {
    const dst = buf.subarray(ip + 24, ip + 40)
    const named = brmctx.multicast_mld_version === 2 ? get({ dst, src: buf.subarray(ip + 8, ip + 24) }) : undefined
    return named ?? get({ dst })
  }
  return get({ proto: 0 })
}
/** Whether a frame goes to the group's members alone: it is known, or for routers, and someone asks who is a member. */
function goes_to_members(v: mcast_verdict, mdst: net_bridge_mdb_entry | undefined, skb: sk_buff): boolean {
  if (mdst === undefined && !v.mrouters_only) return false
  if (skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6) return br_multicast_querier_exists(v.brmctx, skb.protocol)
  return mdst?.addr.proto === 0
}

/** br_pass_frame_up(): to the host, as received by the bridge. */
function br_pass_frame_up(br: net_bridge, skb: sk_buff): void {
  dev_sw_netstats_rx_add(br.dev, skb.len)
  skb.offload_fwd_mark = false
  const allowed = (br.dev.flags & IFF_PROMISC) !== 0 || br_allowed_egress(br.vlgrp, skb)
  skb.dev = br.dev
  if (!allowed || !br_handle_vlan(br, undefined, skb)) {
    kfree_skb(skb)
    return
  }
  br_multicast_count(br, undefined, skb, br_skb_cb(skb).igmp, 1)
  skb.cb = undefined
  netif_receive_skb(skb)
}

/** A locked port: only who is in the forwarding database behind it may send. True: drop. */
function locked_out(p: net_bridge_port, skb: sk_buff, vid: number): boolean {
  const src = source(skb)
  const found = br_fdb_find(p.br, src, vid)
  if (found === undefined) {
    if (p.flags.has(L.IFLA_BRPORT_MAB.nr)) br_fdb_update(p.br, p, src, vid, { is_locked: true })
    return true
  }
  if (found.dst !== p || found.is_local) return true
  if (!found.is_locked) return false
  br_fdb_update(p.br, p, src, vid, { is_locked: true })
  return true
}

/** br_handle_frame_finish() */
function br_handle_frame_finish(p: net_bridge_port, skb: sk_buff): void {
  const { br } = p
  if (!br.mst_enabled && p.state === BR_STATE_DISABLED) {
    kfree_skb(skb)
    return
  }
  const at = br_allowed_ingress(br, p.vlgrp, skb, br.mst_enabled ? BR_STATE_FORWARDING : p.state)
  if (at === undefined || (p.flags.has(L.IFLA_BRPORT_LOCKED.nr) && locked_out(p, skb, at.vid))) {
    kfree_skb(skb)
    return
  }
  if (p.flags.has(L.IFLA_BRPORT_LEARNING.nr)) br_fdb_update(br, p, source(skb), at.vid)
  const promisc = (br.dev.flags & IFF_PROMISC) !== 0
  const to = dest(skb)
  let pkt_type = BR_PKT_UNICAST
  let v: mcast_verdict | undefined
  if (is_broadcast_ether_addr(to)) {
    pkt_type = BR_PKT_BROADCAST
  } else if (is_multicast_ether_addr(to)) {
    pkt_type = BR_PKT_MULTICAST
    v = br_multicast_rcv(br, p, at.vlan, skb, at.vid)
    if (v === undefined) {
      kfree_skb(skb)
      return
    }
    br_skb_cb(skb).igmp = v.igmp
  }
  if (at.state === BR_STATE_LEARNING) {
    kfree_skb(skb)
    return
  }
  br_skb_cb(skb).src_port_isolated = p.flags.has(L.IFLA_BRPORT_ISOLATED.nr)
  br_suppress_neigh(br, p, skb, at.vid)
  deliver(br, skb, at.vid, pkt_type, v, promisc)
}
function deliver(br: net_bridge, skb: sk_buff, vid: number, pkt_type: number, v: mcast_verdict | undefined, promisc: boolean): void {
  let local_rcv = promisc || pkt_type === BR_PKT_BROADCAST
  if (pkt_type === BR_PKT_MULTICAST && v !== undefined) {
    const mdst = group_of(v, skb, vid)
    const members = goes_to_members(v, mdst, skb)
    if (!members || mdst?.host_joined || br_multicast_is_router(v.brmctx)) {
      local_rcv = true
      br.dev.stats.multicast = (br.dev.stats.multicast ?? 0) + 1
    }
    if (members) br_multicast_flood(mdst, skb, v.brmctx, local_rcv)
    else br_flood(br, skb, pkt_type, local_rcv, vid)
  } else {
    const dst = pkt_type === BR_PKT_UNICAST ? br_fdb_find(br, dest(skb), vid) : undefined
    if (dst?.is_local) {
      br_pass_frame_up(br, skb)
      return
    }
    if (dst !== undefined) {
      dst.used = br_jiffies(br)
      br_forward(dst.dst, skb, local_rcv)
    } else {
      br_flood(br, skb, pkt_type, local_rcv, vid)
    }
  }
  if (local_rcv) br_pass_frame_up(br, skb)
}

/** __br_handle_local_finish(): a frame for the bridge alone still tells where its sender is. */
function learn_local(p: net_bridge_port, skb: sk_buff): void {
  const learns = p.state === BR_STATE_LEARNING || p.state === BR_STATE_FORWARDING
  if (!p.flags.has(L.IFLA_BRPORT_LEARNING.nr) || !learns || p.br.no_ll_learn) return
  const vid = br_should_learn(p, skb)
  if (vid !== undefined) br_fdb_update(p.br, p, source(skb), vid)
}
function is_link_local(addr: Uint8Array): boolean {
  return addr[0] === 1 && addr[1] === 0x80 && addr[2] === 0xc2 && addr[3] === 0 && addr[4] === 0 && (addr[5] & 0xf0) === 0
}
/** IEEE 802.1D table 7-10: what a reserved address means. Undefined: forward it like any other. */
function reserved(p: net_bridge_port, skb: sk_buff, last: number): number | undefined {
  const own = p.br.vlan_enabled && p.br.vlan_proto === 0x88a8 ? 0xfff2 : 0
  const mask = own | p.group_fwd_mask
  if (last === 0) {
    if (p.br.stp_enabled === BR_NO_STP || mask & 1) return undefined
    learn_local(p, skb)
    br_stp_rcv(p, skb)
    return RX_HANDLER_CONSUMED
  }
  if (last === 1) {
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  if ((mask | p.br.group_fwd_mask) & (1 << last)) return undefined
  learn_local(p, skb)
  // provider bridges have a group of their own for STP
  if (ether_addr_equal(dest(skb), p.br.group_addr) && p.br.stp_enabled !== BR_NO_STP && getBe16(skb.buf, skb.mac_header + 12) < 0x600) {
    br_stp_rcv(p, skb)
    return RX_HANDLER_CONSUMED
  }
  return RX_HANDLER_PASS
}

/** br_handle_frame(): the rx_handler of ports. */
export function br_handle_frame(skb: sk_buff, dev: net_device): number {
  if (skb.pkt_type === PACKET_LOOPBACK) return RX_HANDLER_PASS
  const p = dev.rx_handler_data as net_bridge_port
  if (!is_valid_ether_addr(source(skb))) {
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  skb.cb = new br_input_skb_cb()
  if (p.flags.has(L.IFLA_BRPORT_VLAN_TUNNEL.nr)) br_handle_ingress_vlan_tunnel(skb, p)
  const to = dest(skb)
  if (is_link_local(to)) {
    const result = reserved(p, skb, to[5])
    if (result !== undefined) return result
  }
  if (!p.br.mst_enabled && p.state !== BR_STATE_FORWARDING && p.state !== BR_STATE_LEARNING) {
    kfree_skb(skb)
    return RX_HANDLER_CONSUMED
  }
  if (ether_addr_equal(p.br.dev.dev_addr, to)) skb.pkt_type = PACKET_HOST
  br_handle_frame_finish(p, skb)
  return RX_HANDLER_CONSUMED
}

/** br_dev_xmit(): what the host sends. */
export function br_dev_xmit(skb: sk_buff, dev: net_device): number {
  const br = br_priv(dev)
  skb.cb = new br_input_skb_cb()
  dev_sw_netstats_tx_add(dev, 1, skb.len)
  skb.offload_fwd_mark = false
  skb.mac_header = skb.data
  skb_pull(skb, ETH_HLEN)
  skb.network_header = skb.data
  const at = br_allowed_ingress(br, br.vlgrp, skb, BR_STATE_FORWARDING)
  if (at === undefined) {
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  br_suppress_neigh(br, undefined, skb, at.vid)
  const to = dest(skb)
  if (is_broadcast_ether_addr(to)) {
    br_flood(br, skb, BR_PKT_BROADCAST, false, at.vid)
  } else if (is_multicast_ether_addr(to)) {
    const v = br_multicast_rcv(br, undefined, at.vlan, skb, at.vid)
    if (v === undefined) {
      kfree_skb(skb)
      return NETDEV_TX_OK
    }
    br_skb_cb(skb).igmp = v.igmp
    const mdst = group_of(v, skb, at.vid)
    if (goes_to_members(v, mdst, skb)) br_multicast_flood(mdst, skb, v.brmctx, false)
    else br_flood(br, skb, BR_PKT_MULTICAST, false, at.vid)
  } else {
    const dst = br_fdb_find(br, to, at.vid)
    if (dst === undefined) br_flood(br, skb, BR_PKT_UNICAST, false, at.vid)
    else br_forward(dst.dst, skb, false)
  }
  return NETDEV_TX_OK
}
