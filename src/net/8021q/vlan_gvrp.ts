/** net/8021q/vlan_gvrp.c: VLANs are declared by GARP (GVRP, IEEE 802.1Q-1998 clause 11). */
import { putBe16, unhex } from '../../lib/bytes.ts'
import { ETH_P_8021Q } from '../../uapi/linux/if_ether.ts'
import { garp_applicant, type garp_application, garp_request_join, garp_request_leave, garp_uninit_applicant } from '../802/garp.ts'
import { dev_mc_add, dev_mc_del } from '../core/dev_addr_lists.ts'
import { type net_device, netdev_priv } from '../core/netdevice.ts'
import type { vlan_dev_priv } from './vlan_dev.ts'

export const GVRP_ATTR_VID = 1
export const vlan_gvrp_app: garp_application = { name: 'vlan_gvrp_app', group_address: unhex('0180c2000021'), maxattr: GVRP_ATTR_VID }

/** The id of a VLAN as an attribute; undefined: one of 802.1ad, which is not declared. */
export function vlan_attribute(dev: net_device): { real_dev: net_device; value: Uint8Array } | undefined {
  const { real_dev, vlan_proto, vlan_id } = netdev_priv<vlan_dev_priv>(dev)
  if (vlan_proto !== ETH_P_8021Q) return undefined
  const value = new Uint8Array(2)
  putBe16(value, 0, vlan_id)
  return { real_dev, value }
}
export function vlan_gvrp_request_join(dev: net_device): void {
  const vlan = vlan_attribute(dev)
  const app = vlan?.real_dev.vlan_info?.gvrp
  if (vlan !== undefined && app !== undefined) garp_request_join(app, GVRP_ATTR_VID, vlan.value)
}
export function vlan_gvrp_request_leave(dev: net_device): void {
  const vlan = vlan_attribute(dev)
  const app = vlan?.real_dev.vlan_info?.gvrp
  if (vlan !== undefined && app !== undefined) garp_request_leave(app, GVRP_ATTR_VID, vlan.value)
}
/** garp_init_applicant(): the device listens to the group from its first VLAN to its last. */
export function vlan_gvrp_init_applicant(real_dev: net_device): void {
  const info = real_dev.vlan_info
  if (info === undefined) return
  dev_mc_add(real_dev, vlan_gvrp_app.group_address)
  info.gvrp = new garp_applicant(real_dev, vlan_gvrp_app)
}
export function vlan_gvrp_uninit_applicant(real_dev: net_device): void {
  const info = real_dev.vlan_info
  if (info?.gvrp === undefined) return
  garp_uninit_applicant(info.gvrp)
  info.gvrp = undefined
  dev_mc_del(real_dev, vlan_gvrp_app.group_address)
}
