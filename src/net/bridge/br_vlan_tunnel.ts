/** net/bridge/br_vlan_tunnel.c: VLANs of a port mapped to tunnels (VXLAN networks), one to one. */
import { EEXIST, EINVAL, type Errno } from '../../uapi/errno.ts'
import { __vlan_hwaccel_clear_tag, __vlan_hwaccel_put_tag } from '../core/skb_vlan.ts'
import { IP_TUNNEL_INFO_BRIDGE, IP_TUNNEL_INFO_TX, metadata_dst, skb_tunnel_info } from '../core/dst_metadata.ts'
import { type sk_buff, skb_dst_drop } from '../core/skbuff.ts'
import { RTM_DELLINK, RTM_SETLINK } from '../../uapi/linux/rtnetlink.ts'
import { br_skb_cb } from './br_input_cb.ts'
import type { net_bridge_port, net_bridge_vlan } from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

/** br_vlan_tunnel_info(): the VLAN of the port must be there. `changed` is set when something did. */
export function br_vlan_tunnel_info(
  p: net_bridge_port,
  cmd: number,
  vid: number,
  tun_id: number,
  changed: { any: boolean },
): Errno | undefined {
  const v = br_vlan_find(p.vlgrp, vid)
  if (cmd === RTM_SETLINK) {
    if (v === undefined) return EINVAL
    if (v.tunnel_id !== 0 || p.vlgrp.vlans.some((other) => other.tunnel_id === tun_id && tun_id !== 0)) return EEXIST
    v.tunnel_id = tun_id
    changed.any = true
  } else if (cmd === RTM_DELLINK) {
    if (v === undefined) return undefined
    v.tunnel_id = 0
    changed.any = true
  }
  return undefined
}
/** nbp_vlan_tunnel_info_flush(): the port is no tunnel any more. */
export function nbp_vlan_tunnel_info_flush(p: net_bridge_port): void {
  for (const v of p.vlgrp.vlans) v.tunnel_id = 0
}
/** br_handle_ingress_vlan_tunnel(): the network that a frame came by says its VLAN. */
export function br_handle_ingress_vlan_tunnel(skb: sk_buff, p: net_bridge_port): void {
  const tun_id = skb_tunnel_info(skb)?.key.tun_id
  if (skb.vlan_present || tun_id === undefined) return
  const v = p.vlgrp.vlans.find((other) => other.tunnel_id !== 0 && other.tunnel_id === tun_id)
  if (v === undefined) return
  skb_dst_drop(skb)
  __vlan_hwaccel_put_tag(skb, p.br.vlan_proto, v.vid)
}
/** br_handle_egress_vlan_tunnel(): the tag becomes what the tunnel sends by. */
export function br_handle_egress_vlan_tunnel(skb: sk_buff, v: net_bridge_vlan): boolean {
  if (v.tunnel_id === 0 || !skb.vlan_present) return true
  skb_dst_drop(skb)
  __vlan_hwaccel_clear_tag(skb)
  skb.dst = new metadata_dst(v.tunnel_id, IP_TUNNEL_INFO_TX | IP_TUNNEL_INFO_BRIDGE, { nhid: br_skb_cb(skb).backup_nhid })
  return true
}
