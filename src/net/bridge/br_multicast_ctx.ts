/** net/bridge/br_private.h: which context of multicast snooping holds: the bridge's, or that of a VLAN. */
import { netif_running } from '../core/dev.ts'
import { BR_STATE_BLOCKING, BR_STATE_DISABLED, type net_bridge_port } from './br_private.ts'
import type { net_bridge_mcast, net_bridge_mcast_port, net_bridge_port_group } from './br_private_mcast.ts'
import { br_vlan_find } from './br_vlan_find.ts'

/** br_multicast_ctx_vlan_global_disabled() */
export function br_multicast_ctx_vlan_global_disabled(brmctx: net_bridge_mcast): boolean {
  return brmctx.vlan !== undefined && !(brmctx.br.mcast_vlan_snooping_enabled && brmctx.vlan.global_mcast_enabled)
}
function br_multicast_ctx_vlan_disabled(brmctx: net_bridge_mcast): boolean {
  return brmctx.vlan !== undefined && !brmctx.vlan.mcast_enabled
}
export function br_multicast_port_ctx_vlan_disabled(pmctx: net_bridge_mcast_port): boolean {
  return pmctx.vlan !== undefined && !pmctx.vlan.mcast_enabled
}
export function br_multicast_port_ctx_state_disabled(pmctx: net_bridge_mcast_port): boolean {
  return (
    pmctx.port.state === BR_STATE_DISABLED ||
    (pmctx.vlan !== undefined && (br_multicast_port_ctx_vlan_disabled(pmctx) || pmctx.vlan.state === BR_STATE_DISABLED))
  )
}
export function br_multicast_port_ctx_state_stopped(pmctx: net_bridge_mcast_port): boolean {
  return br_multicast_port_ctx_state_disabled(pmctx) || pmctx.port.state === BR_STATE_BLOCKING || pmctx.vlan?.state === BR_STATE_BLOCKING
}
/** br_multicast_ctx_should_use(): of a port, or (undefined) of the bridge itself. */
export function br_multicast_ctx_should_use(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port | undefined): boolean {
  if (!netif_running(brmctx.br.dev)) return false
  return pmctx !== undefined ? !br_multicast_port_ctx_state_disabled(pmctx) : !br_multicast_ctx_vlan_disabled(brmctx)
}
/** br_multicast_port_ctx_get_global(): the bridge's side of a port's context. */
export function br_multicast_port_ctx_get_global(pmctx: net_bridge_mcast_port): net_bridge_mcast {
  return pmctx.vlan?.brvlan.br_mcast_ctx ?? pmctx.port.br.multicast_ctx
}
/** br_multicast_port_vid_to_port_ctx(): undefined where VLANs are not snooped one by one. */
export function br_multicast_port_vid_to_port_ctx(port: net_bridge_port, vid: number): net_bridge_mcast_port | undefined {
  if (!port.br.mcast_vlan_snooping_enabled) return undefined
  const v = br_vlan_find(port.vlgrp, vid)
  return v?.mcast_enabled ? v.port_mcast_ctx : undefined
}
/** br_multicast_pg_to_port_ctx(): undefined when the VLAN is not snooped any more. */
export function br_multicast_pg_to_port_ctx(pg: net_bridge_port_group): net_bridge_mcast_port | undefined {
  const { port } = pg
  if (pg.addr.vid === 0 || !port.br.mcast_vlan_snooping_enabled) return port.multicast_ctx
  return br_multicast_port_vid_to_port_ctx(port, pg.addr.vid)
}
/** br_multicast_should_handle_mode(): sources matter from IGMPv3 and MLDv2 on. */
export function br_multicast_should_handle_mode(brmctx: net_bridge_mcast, proto: number): boolean {
  if (proto === 0x0800) return brmctx.multicast_igmp_version === 3
  return proto === 0x86dd && brmctx.multicast_mld_version === 2
}
