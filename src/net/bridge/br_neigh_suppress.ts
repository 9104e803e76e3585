/** net/bridge/br_arp_nd_proxy.c br_is_neigh_suppress_enabled(): ports that want no questions for neighbours. */
import { IFLA_BRPORT_NEIGH_SUPPRESS, IFLA_BRPORT_NEIGH_VLAN_SUPPRESS } from '../../uapi/linux/if_link.ts'
import type { net_bridge_port } from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

/** Of the port, or of its VLAN where each has a setting of its own. */
export function br_is_neigh_suppress_enabled(p: net_bridge_port, vid: number): boolean {
  if (vid !== 0 && p.flags.has(IFLA_BRPORT_NEIGH_VLAN_SUPPRESS.nr)) return br_vlan_find(p.vlgrp, vid)?.neigh_suppress ?? false
  return p.flags.has(IFLA_BRPORT_NEIGH_SUPPRESS.nr)
}
