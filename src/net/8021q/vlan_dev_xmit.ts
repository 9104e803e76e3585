/**
 * net/8021q/vlan_dev.c vlan_dev_hard_header, vlan_dev_hard_start_xmit: from the VLAN device into the one below. With
 * REORDER_HDR the tag goes beside the bytes and the lower device puts it in; without, it is part of the header that
 * programs on the VLAN device see.
 */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { ETH_ALEN, ETH_P_802_2, ETH_P_802_3 } from '../../uapi/linux/if_ether.ts'
import { VLAN_FLAG_REORDER_HDR } from '../../uapi/linux/if_vlan.ts'
import { dev_sw_netstats_tx_add, dev_tstats } from '../core/dev_stats.ts'
import { dev_queue_xmit, NET_XMIT_CN, NET_XMIT_SUCCESS } from '../core/dev_xmit.ts'
import type { header_ops, net_device } from '../core/netdevice.ts'
import { vlan_hw_offload_capable } from '../core/skb_offload.ts'
import { __vlan_hwaccel_put_tag, VLAN_HLEN } from '../core/skb_vlan.ts'
import { type sk_buff, skb_push } from '../core/skbuff.ts'
import { eth_header_parse } from '../ethernet/eth.ts'
import { vlan_dev_priv_of } from './vlan_dev.ts'

/** vlan_dev_get_egress_qos_mask(): the packet's priority as bits of the tag; 0 where no map says otherwise. */
export function vlan_dev_get_egress_qos_mask(dev: net_device, priority: number): number {
  const bucket = vlan_dev_priv_of(dev).egress_priority_map[priority & 0xf]
  for (const mp of bucket) if (mp.priority === priority) return mp.vlan_qos
  return 0
}
function tci_of(dev: net_device, skb: sk_buff): number {
  return vlan_dev_priv_of(dev).vlan_id | vlan_dev_get_egress_qos_mask(dev, skb.priority)
}

export function vlan_dev_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  const { real_dev, flags, vlan_proto } = vlan_dev_priv_of(dev)
  const below = real_dev.header_ops
  if (flags & VLAN_FLAG_REORDER_HDR) return below?.create?.(skb, real_dev, type, daddr, saddr ?? dev.dev_addr, len) ?? 0
  const at = skb_push(skb, VLAN_HLEN)
  putBe16(skb.buf, at, tci_of(dev, skb))
  putBe16(skb.buf, at + 2, type === ETH_P_802_3 || type === ETH_P_802_2 ? len : type)
  skb.protocol = vlan_proto
  skb.network_header = at
  const rc = below?.create?.(skb, real_dev, vlan_proto, daddr, saddr ?? dev.dev_addr, len + VLAN_HLEN) ?? 0
  return rc > 0 ? rc + VLAN_HLEN : rc
}
/** Where the lower device puts tags in itself, whatever REORDER_HDR says. */
export function vlan_passthru_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  const { real_dev } = vlan_dev_priv_of(dev)
  return real_dev.header_ops?.create?.(skb, real_dev, type, daddr, saddr ?? dev.dev_addr, len) ?? 0
}
export const vlan_header_ops: header_ops = { name: 'vlan_header_ops', create: vlan_dev_hard_header, parse: eth_header_parse }
export const vlan_passthru_header_ops: header_ops = {
  name: 'vlan_passthru_header_ops',
  create: vlan_passthru_hard_header,
  parse: eth_header_parse,
}
export function vlan_header_ops_for(real_dev: net_device, vlan_proto: number): header_ops {
  return vlan_hw_offload_capable(real_dev, vlan_proto) ? vlan_passthru_header_ops : vlan_header_ops
}

export function vlan_dev_hard_start_xmit(skb: sk_buff, dev: net_device): number {
  const { real_dev, flags, vlan_proto } = vlan_dev_priv_of(dev)
  const reorder = (flags & VLAN_FLAG_REORDER_HDR) !== 0
  // a header that carries the tag already came from vlan_dev_hard_header()
  const tagged = !reorder && getBe16(skb.buf, skb.data + 2 * ETH_ALEN) === vlan_proto
  if (!tagged) __vlan_hwaccel_put_tag(skb, vlan_proto, tci_of(dev, skb))
  skb.dev = real_dev
  // as measured: without REORDER_HDR the tag counts, whether it stands in the bytes or the lower device puts it in
  const len = skb.len + (reorder || tagged ? 0 : VLAN_HLEN)
  const ret = dev_queue_xmit(skb)
  if (ret === NET_XMIT_SUCCESS || ret === NET_XMIT_CN) dev_sw_netstats_tx_add(dev, 1, len)
  else dev_tstats(dev).tx_dropped++
  return ret
}
