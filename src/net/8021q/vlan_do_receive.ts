/** net/8021q/vlan_core.c vlan_do_receive(): a tagged packet becomes the VLAN device's. */
import { IFF_UP } from '../../uapi/linux/if.ts'
import { VLAN_FLAG_REORDER_HDR } from '../../uapi/linux/if_vlan.ts'
import { VLAN_DROPPED, VLAN_NONE, VLAN_TAKEN } from '../core/dev_receive.ts'
import { dev_sw_netstats_rx_add, dev_tstats } from '../core/dev_stats.ts'
import { IFF_BRIDGE_PORT, IFF_MACVLAN_PORT, type net_device } from '../core/netdevice.ts'
import { __vlan_hwaccel_clear_tag, skb_vlan_tag_get_id, VLAN_HLEN, VLAN_PRIO_SHIFT, vlan_insert_inner_tag } from '../core/skb_vlan.ts'
import { kfree_skb, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type sk_buff, skb_push } from '../core/skbuff.ts'
import { vlan_find_dev } from './vlan_core.ts'
import { vlan_dev_priv_of } from './vlan_dev.ts'

/** VLAN_* of net/core/dev_receive.ts. */
export function vlan_do_receive(skb: sk_buff): number {
  const vlan_dev = vlan_find_dev(skb.dev as net_device, skb.vlan_proto, skb_vlan_tag_get_id(skb))
  if (vlan_dev === undefined) return VLAN_NONE
  if (!(vlan_dev.flags & IFF_UP)) {
    kfree_skb(skb)
    return VLAN_DROPPED
  }
  const vlan = vlan_dev_priv_of(vlan_dev)
  skb.dev = vlan_dev
  // its address may be another than the lower device's
  if (skb.pkt_type === PACKET_OTHERHOST && addressed_to(skb, vlan_dev)) skb.pkt_type = PACKET_HOST
  if (!(vlan.flags & VLAN_FLAG_REORDER_HDR) && !(vlan_dev.priv_flags & (IFF_MACVLAN_PORT | IFF_BRIDGE_PORT))) put_tag_back(skb)
  skb.priority = vlan.ingress_priority_map[(skb.vlan_tci >> VLAN_PRIO_SHIFT) & 7]
  __vlan_hwaccel_clear_tag(skb)
  dev_sw_netstats_rx_add(vlan_dev, skb.len)
  if (skb.pkt_type === PACKET_MULTICAST) dev_tstats(vlan_dev).multicast++
  return VLAN_TAKEN
}
function addressed_to(skb: sk_buff, dev: net_device): boolean {
  for (let i = 0; i < dev.addr_len; i++) if (skb.buf[skb.mac_header + i] !== dev.dev_addr[i]) return false
  return true
}
/** Without REORDER_HDR taps on the device see the tag where it was on the wire. */
function put_tag_back(skb: sk_buff): void {
  const offset = skb.data - skb.mac_header
  skb_push(skb, offset)
  vlan_insert_inner_tag(skb, skb.vlan_proto, skb.vlan_tci, skb.mac_len)
  skb.data += offset + VLAN_HLEN
  skb.network_header = skb.data
  skb.mac_len = skb.network_header - skb.mac_header
}
