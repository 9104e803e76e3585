/** drivers/net/bonding/bond_main.c bond_verify_device_path(): the VLAN tags between a bond and a device above it. */
import { is_vlan_dev, vlan_dev_priv_of } from '../../../net/8021q/vlan_dev.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { __vlan_hwaccel_put_tag, vlan_insert_tag } from '../../../net/core/skb_vlan.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'

export interface bond_vlan_tag {
  vlan_proto: number
  /** 0: the device of this level has no tag. */
  vlan_id: number
}

/** The tags from the outermost in, one a level; undefined: there is no way from `start_dev` up to `end_dev`. */
export function bond_verify_device_path(start_dev: net_device, end_dev: net_device): bond_vlan_tag[] | undefined {
  if (start_dev === end_dev) return []
  for (const { dev: upper } of start_dev.upper) {
    const above = bond_verify_device_path(upper, end_dev)
    if (above === undefined) continue
    if (!is_vlan_dev(upper)) return [{ vlan_proto: 0, vlan_id: 0 }, ...above]
    const { vlan_proto, vlan_id } = vlan_dev_priv_of(upper)
    return [{ vlan_proto, vlan_id }, ...above]
  }
  return undefined
}
/** bond_handle_vlan(): the inner tags go into the bytes, the outer one beside them. `data` stands on the Ethernet header. */
export function bond_handle_vlan(tags: readonly bond_vlan_tag[], skb: sk_buff): void {
  const [outer, ...inner] = tags
  for (const tag of inner) if (tag.vlan_id !== 0) vlan_insert_tag(skb, tag.vlan_proto, tag.vlan_id)
  if (outer !== undefined && outer.vlan_id !== 0) __vlan_hwaccel_put_tag(skb, outer.vlan_proto, outer.vlan_id)
}
