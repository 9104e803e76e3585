/** net/bridge/br_vlan.c: frames and VLANs: into which VLAN a frame comes, and whether and how it may leave. */
import { IFF_PROMISC } from '../../uapi/linux/if.ts'
import { IFLA_BRPORT_VLAN_TUNNEL } from '../../uapi/linux/if_link.ts'
import {
  __vlan_hwaccel_clear_tag,
  __vlan_hwaccel_put_tag,
  skb_vlan_tag_get_id,
  skb_vlan_untag,
  vlan_insert_tag,
  VLAN_VID_MASK,
} from '../core/skb_vlan.ts'
import { type sk_buff, skb_pull, skb_push } from '../core/skbuff.ts'
import { br_skb_cb } from './br_input_cb.ts'
import {
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  type net_bridge,
  type net_bridge_port,
  type net_bridge_vlan,
  type net_bridge_vlan_group,
} from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'
import { br_handle_egress_vlan_tunnel } from './br_vlan_tunnel.ts'

export interface ingress {
  vid: number
  state: number
  vlan: net_bridge_vlan | undefined
}
function state_allowed(state: number, learn: boolean): boolean {
  return state === BR_STATE_FORWARDING || (learn && state === BR_STATE_LEARNING)
}
/** Tags of another protocol are bytes of the frame: as if there were none. */
function tag_of(br: net_bridge, skb: sk_buff): number | undefined {
  if (!skb.vlan_present && skb.protocol === br.vlan_proto) skb_vlan_untag(skb)
  if (!skb.vlan_present) return undefined
  if (skb.vlan_proto === br.vlan_proto) return skb_vlan_tag_get_id(skb)
  const { vlan_proto, vlan_tci } = skb
  skb_push(skb, 14)
  __vlan_hwaccel_clear_tag(skb)
  vlan_insert_tag(skb, vlan_proto, vlan_tci)
  skb.protocol = vlan_proto
  skb.mac_header = skb.data
  skb_pull(skb, 14)
  skb.network_header = skb.data
  return undefined
}

/** br_allowed_ingress(): undefined when the frame is not to come in; `state` may become the VLAN's. */
export function br_allowed_ingress(br: net_bridge, vg: net_bridge_vlan_group, skb: sk_buff, state: number): ingress | undefined {
  const cb = br_skb_cb(skb)
  if (!br.vlan_enabled) {
    cb.vlan_filtered = false
    return { vid: 0, state, vlan: undefined }
  }
  cb.vlan_filtered = true
  const tag = tag_of(br, skb)
  let vid = tag ?? 0
  if (vid === 0) {
    if (vg.pvid === 0) return undefined
    vid = vg.pvid
    if (tag === undefined) __vlan_hwaccel_put_tag(skb, br.vlan_proto, vid)
    else skb.vlan_tci = (skb.vlan_tci & ~VLAN_VID_MASK) | vid
  }
  const v = br_vlan_find(vg, vid)
  if (v === undefined || !v.brentry) return undefined
  if (state === BR_STATE_FORWARDING) {
    if (!state_allowed(v.state, true)) return undefined
    state = v.state
  }
  if (br.vlan_stats_enabled) {
    v.stats.rx_packets++
    v.stats.rx_bytes += skb.len
  }
  return { vid, state, vlan: v }
}
/** br_allowed_egress() */
export function br_allowed_egress(vg: net_bridge_vlan_group, skb: sk_buff): boolean {
  if (!br_skb_cb(skb).vlan_filtered) return true
  const v = br_vlan_find(vg, skb.vlan_present ? skb_vlan_tag_get_id(skb) : 0)
  return v?.brentry === true && state_allowed(v.state, false)
}
/** br_handle_vlan(): the tag stays, goes, or becomes a tunnel's; false: the frame may not leave. */
export function br_handle_vlan(br: net_bridge, port: net_bridge_port | undefined, skb: sk_buff): boolean {
  if (!br_skb_cb(skb).vlan_filtered) return true
  const vg = (port ?? br).vlgrp
  const v = br_vlan_find(vg, skb.vlan_present ? skb_vlan_tag_get_id(skb) : 0)
  if (v === undefined || !v.brentry) return (br.dev.flags & IFF_PROMISC) !== 0 && skb.dev === br.dev
  if (br.vlan_stats_enabled) {
    v.stats.tx_packets++
    v.stats.tx_bytes += skb.len
  }
  if (v.untagged) __vlan_hwaccel_clear_tag(skb)
  return !port?.flags.has(IFLA_BRPORT_VLAN_TUNNEL.nr) || br_handle_egress_vlan_tunnel(skb, v)
}
/** br_should_learn(): the VLAN in which the source of a frame for the bridge alone is learned; undefined: in none. */
export function br_should_learn(p: net_bridge_port, skb: sk_buff): number | undefined {
  const { br, vlgrp } = p
  if (!br.vlan_enabled) return 0
  const vid = skb.vlan_present && skb.vlan_proto === br.vlan_proto ? skb_vlan_tag_get_id(skb) : 0
  if (vid === 0) return vlgrp.pvid !== 0 && state_allowed(vlgrp.pvid_state, true) ? vlgrp.pvid : undefined
  const v = br_vlan_find(vlgrp, vid)
  return v !== undefined && state_allowed(v.state, true) ? vid : undefined
}
