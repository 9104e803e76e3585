/** net/bridge/br_netlink.c br_fill_linkxstats: counters of VLANs, of multicast messages, of the spanning tree. */
import { put16, put64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import {
  BRIDGE_VLAN_INFO_BRENTRY,
  BRIDGE_VLAN_INFO_MASTER,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../uapi/linux/if_bridge.ts'
import { IFLA_STATS_LINK_XSTATS } from '../../uapi/linux/if_link.ts'
import type { net_device } from '../core/netdevice.ts'
import { br_mcast_stats_words } from './br_multicast_stats.ts'
import { br_port_get_rtnl, br_priv, type net_bridge_vlan } from './br_private.ts'

const LINK_XSTATS_TYPE_BRIDGE = 1
const BRIDGE_XSTATS_VLAN = 1
const BRIDGE_XSTATS_MCAST = 2
const BRIDGE_XSTATS_STP = 4

function put_words(skb: MessageBuilder, nr: number, words: readonly number[], extra = 0): number {
  const o = skb.reserve(nr, words.length * 8 + extra)
  if (o >= 0) for (const [i, word] of words.entries()) put64(skb.buf, o + i * 8, word)
  return o
}
/** struct bridge_vlan_xstats */
function put_vlan(skb: MessageBuilder, v: net_bridge_vlan, pvid: number): void {
  const { rx_bytes, rx_packets, tx_bytes, tx_packets } = v.stats
  const o = put_words(skb, BRIDGE_XSTATS_VLAN, [rx_bytes, rx_packets, tx_bytes, tx_packets], 8)
  if (o < 0) return
  const entry = (v.brentry ? BRIDGE_VLAN_INFO_BRENTRY : 0) | (v.range_begin ? BRIDGE_VLAN_INFO_RANGE_BEGIN : 0)
  const of_bridge = v.port === undefined ? BRIDGE_VLAN_INFO_MASTER | entry : 0
  const flags = of_bridge | (v.untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0) | (v.vid === pvid ? BRIDGE_VLAN_INFO_PVID : 0)
  put16(skb.buf, o + 32, v.vid)
  put16(skb.buf, o + 34, flags)
}
/** Of the bridge (IFLA_STATS_LINK_XSTATS), or of a port. */
export function br_fill_linkxstats(skb: MessageBuilder, dev: net_device, attr: number): void {
  const p = attr === IFLA_STATS_LINK_XSTATS.nr ? undefined : br_port_get_rtnl(dev)
  if (attr !== IFLA_STATS_LINK_XSTATS.nr && p === undefined) return
  const { vlgrp, mcast_stats } = p ?? br_priv(dev)
  const nest = skb.nestNoflag(LINK_XSTATS_TYPE_BRIDGE)
  for (const v of vlgrp.vlans) put_vlan(skb, v, vlgrp.pvid)
  put_words(skb, BRIDGE_XSTATS_MCAST, br_mcast_stats_words(mcast_stats))
  if (p !== undefined) {
    const { transition_blk, transition_fwd, rx_bpdu, tx_bpdu, rx_tcn, tx_tcn } = p.stp_xstats
    put_words(skb, BRIDGE_XSTATS_STP, [transition_blk, transition_fwd, rx_bpdu, tx_bpdu, rx_tcn, tx_tcn])
  }
  skb.nestEnd(nest)
}
