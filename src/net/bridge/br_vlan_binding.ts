/**
 * net/bridge/br_vlan.c: the carrier of VLAN devices on a bridge that are bound to it (VLAN_FLAG_BRIDGE_BINDING): on while the
 * bridge has one and a port in their VLAN is up.
 */
import { netif_carrier_off, netif_carrier_ok, netif_carrier_on, netif_oper_up, netif_running } from '../core/dev.ts'
import * as N from '../core/netdevice.ts'
import { VLAN_FLAG_BRIDGE_BINDING } from '../../uapi/linux/if_vlan.ts'
import type { vlan_dev_priv } from '../8021q/vlan_dev.ts'
import type { net_bridge, net_bridge_port } from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

function bound_vid(dev: N.net_device): number | undefined {
  if (!(dev.priv_flags & N.IFF_802_1Q_VLAN)) return undefined
  const vlan = N.netdev_priv<vlan_dev_priv>(dev)
  return vlan.flags & VLAN_FLAG_BRIDGE_BINDING ? vlan.vlan_id : undefined
}
/** Those upon the bridge, also by way of other devices. */
function bound_vlan_devs(dev: N.net_device): N.net_device[] {
  return dev.upper.flatMap(({ dev: upper }) => [...(bound_vid(upper) === undefined ? [] : [upper]), ...bound_vlan_devs(upper)])
}
const is_dev_up = (dev: N.net_device): boolean => netif_running(dev) && netif_oper_up(dev)

/** br_vlan_set_vlan_dev_state() */
function set_vlan_dev_state(br: net_bridge, vlan_dev: N.net_device, vid: number): void {
  const carrier = netif_carrier_ok(br.dev) && br.port_list.some((p) => br_vlan_find(p.vlgrp, vid) !== undefined && is_dev_up(p.dev))
  if (carrier) netif_carrier_on(vlan_dev)
  else netif_carrier_off(vlan_dev)
}
/** nbp_vlan_set_vlan_dev_state(): a port has entered or left the VLAN. */
export function nbp_vlan_set_vlan_dev_state(p: net_bridge_port, vid: number): void {
  if (!p.br.vlan_bridge_binding) return
  const vlan_dev = bound_vlan_devs(p.br.dev).find((dev) => bound_vid(dev) === vid)
  if (vlan_dev !== undefined) set_vlan_dev_state(p.br, vlan_dev, vid)
}
/** br_vlan_port_event() */
export function br_vlan_port_event(p: net_bridge_port, event: number): void {
  if (event !== N.NETDEV_CHANGE && event !== N.NETDEV_DOWN && event !== N.NETDEV_UP) return
  for (const { vid } of p.br.vlan_bridge_binding ? p.vlgrp.vlans : []) nbp_vlan_set_vlan_dev_state(p, vid)
}
/** br_vlan_upper_change() and br_vlan_link_state_change(): devices upon the bridge come and go; its carrier changes. */
export function br_vlan_binding_event(br: net_bridge, event: number, { upper_dev, linking }: N.netdev_notifier_info): void {
  if (event === N.NETDEV_CHANGEUPPER && upper_dev !== undefined) {
    const vid = bound_vid(upper_dev)
    if (vid === undefined) return
    if (linking) set_vlan_dev_state(br, upper_dev, vid)
    br.vlan_bridge_binding = linking === true || bound_vlan_devs(br.dev).length > 0
  } else if (br.vlan_bridge_binding && (event === N.NETDEV_CHANGE || event === N.NETDEV_UP)) {
    for (const dev of bound_vlan_devs(br.dev)) set_vlan_dev_state(br, dev, bound_vid(dev) as number)
  }
}
