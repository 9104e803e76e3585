/** net/8021q/vlan_mvrp.c: VLANs are declared by MRP (MVRP, IEEE 802.1Q-2011 clause 11.2). */
import type { Kernel } from '../../kernel/kernel.ts'
import { unhex } from '../../lib/bytes.ts'
import { ETH_P_MVRP } from '../../uapi/linux/if_ether.ts'
import { mrp_applicant, type mrp_application, mrp_pdu_rcv, mrp_request_join, mrp_request_leave, mrp_uninit_applicant } from '../802/mrp.ts'
import { dev_mc_add, dev_mc_del } from '../core/dev_addr_lists.ts'
import { dev_add_pack, packet_type } from '../core/dev_ptype.ts'
import { NET_RX_SUCCESS } from '../core/dev_receive.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, PACKET_OTHERHOST, type sk_buff } from '../core/skbuff.ts'
import { vlan_attribute } from './vlan_gvrp.ts'

export const MVRP_ATTR_VID = 1
export const vlan_mrp_app: mrp_application = {
  name: 'vlan_mrp_app',
  type: ETH_P_MVRP,
  group_address: unhex('0180c2000021'),
  version: 0,
  maxattr: MVRP_ATTR_VID,
}

export function vlan_mvrp_request_join(dev: net_device): void {
  const vlan = vlan_attribute(dev)
  const app = vlan?.real_dev.vlan_info?.mvrp
  if (vlan !== undefined && app !== undefined) mrp_request_join(app, MVRP_ATTR_VID, vlan.value)
}
export function vlan_mvrp_request_leave(dev: net_device): void {
  const vlan = vlan_attribute(dev)
  const app = vlan?.real_dev.vlan_info?.mvrp
  if (vlan !== undefined && app !== undefined) mrp_request_leave(app, MVRP_ATTR_VID, vlan.value)
}
/** mrp_init_applicant() */
export function vlan_mvrp_init_applicant(real_dev: net_device): void {
  const info = real_dev.vlan_info
  if (info === undefined) return
  dev_mc_add(real_dev, vlan_mrp_app.group_address)
  info.mvrp = new mrp_applicant(real_dev, vlan_mrp_app)
}
export function vlan_mvrp_uninit_applicant(real_dev: net_device): void {
  const info = real_dev.vlan_info
  if (info?.mvrp === undefined) return
  mrp_uninit_applicant(info.mvrp)
  info.mvrp = undefined
  dev_mc_del(real_dev, vlan_mrp_app.group_address)
}

/** mrp_rcv() */
export function mrp_rcv(skb: sk_buff, dev: net_device): number {
  const app = dev.vlan_info?.mvrp
  if (app !== undefined && skb.pkt_type !== PACKET_OTHERHOST) mrp_pdu_rcv(app, skb.buf.slice(skb.data, skb.tail))
  kfree_skb(skb)
  return NET_RX_SUCCESS
}
/** mrp_register_application(): with the first VLAN, since a host has its module from the start. */
export function vlan_mvrp_init(kernel: Kernel): void {
  if (kernel.netdev.ptypes.base.some((pt) => pt.func === mrp_rcv)) return
  dev_add_pack(kernel, new packet_type(ETH_P_MVRP, mrp_rcv))
}
