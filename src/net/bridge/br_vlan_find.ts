/** net/bridge/br_vlan.c br_vlan_find(). */
import type { net_bridge_vlan, net_bridge_vlan_group } from './br_private.ts'

export function br_vlan_find(vg: net_bridge_vlan_group, vid: number): net_bridge_vlan | undefined {
  return vg.by_vid.get(vid)
}
