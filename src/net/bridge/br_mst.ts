/** net/bridge/br_mst.c: states of ports by spanning tree: VLANs belong to instances (MSTI), 0 is the common one. */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EBUSY, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { nla_parse_nested_at } from '../netlink/attr.ts'
import { NLA_U8, NLA_U16, policy, range } from '../netlink/policy.ts'
import type { Request } from '../netlink/types.ts'
import {
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  type net_bridge,
  type net_bridge_port,
  type net_bridge_vlan,
  type net_bridge_vlan_group,
  VLAN_N_VID,
} from './br_private.ts'
import { br_vlan_find } from './br_vlan_find.ts'

export const br_mst_nl_policy = policy(
  B.IFLA_BRIDGE_MST_ENTRY_SET,
  {
    IFLA_BRIDGE_MST_ENTRY_MSTI: range(NLA_U16, 1, VLAN_N_VID - 1),
    IFLA_BRIDGE_MST_ENTRY_STATE: range(NLA_U8, BR_STATE_DISABLED, BR_STATE_BLOCKING),
  },
  { name: 'br_mst_nl_policy' },
)

function set_vlan_state(vg: net_bridge_vlan_group, v: net_bridge_vlan, state: number): void {
  if (v.state === state) return
  v.state = state
  if (v.vid === vg.pvid) vg.pvid_state = state
}
/** Of a port, in all VLANs of an instance. */
export function br_mst_set_state(p: net_bridge_port, msti: number, state: number): void {
  for (const v of p.vlgrp.vlans) if (v.brvlan.msti === msti) set_vlan_state(p.vlgrp, v, state)
}
/** br_mst_vlan_set_msti(): a port has one state in an instance: that of its other VLANs there, else it begins disabled. */
export function br_mst_vlan_set_msti(mv: net_bridge_vlan, msti: number): boolean {
  if (mv.msti === msti) return false
  mv.msti = msti
  for (const p of mv.br.port_list) {
    const pv = br_vlan_find(p.vlgrp, mv.vid)
    if (pv === undefined) continue
    const other = p.vlgrp.vlans.find((v) => v !== pv && v.brvlan.msti === msti)
    set_vlan_state(p.vlgrp, pv, other?.state ?? BR_STATE_DISABLED)
  }
  return true
}
/** VLANs begin in the common instance. */
export function br_mst_vlan_init_state(v: net_bridge_vlan): void {
  if (v.br.mst_enabled) v.state = v.port === undefined ? BR_STATE_FORWARDING : v.port.state
}
export function br_mst_set_enabled(br: net_bridge, on: boolean, extack?: netlink_ext_ack): Errno | undefined {
  if (br.port_list.some((p) => p.vlgrp.vlans.length > 0)) {
    return extack?.fail(EBUSY, "MST mode can't be changed while VLANs exist") ?? EBUSY
  }
  br.mst_enabled = on
  return undefined
}

/** br_mst_fill_info(): one entry an instance, in the order of VLANs. */
export function br_mst_fill_info(skb: MessageBuilder, vg: net_bridge_vlan_group): void {
  const seen = new Set<number>()
  for (const v of vg.vlans) {
    const { msti } = v.brvlan
    if (seen.has(msti)) continue
    seen.add(msti)
    const nest = skb.nestNoflag(B.IFLA_BRIDGE_MST_ENTRY)
    skb.put(B.IFLA_BRIDGE_MST_ENTRY_MSTI, msti)
    skb.put(B.IFLA_BRIDGE_MST_ENTRY_STATE, v.state)
    skb.nestEnd(nest)
  }
}
/** br_mst_process(): IFLA_BRIDGE_MST of a request to set a port. */
export function br_mst_process(p: net_bridge_port, req: Request, at: number): Errno | undefined {
  const { extack } = req
  if (!p.br.mst_enabled) return extack.fail(EBUSY, "bridge: Can't modify MST state when MST is disabled")
  const entries: number[] = []
  eachAttr(req.buf, at + NLA_HDRLEN, at + get16(req.buf, at), (nr, o) => {
    if (nr === B.IFLA_BRIDGE_MST_ENTRY.nr) entries.push(o)
  })
  if (entries.length === 0) return extack.fail(EINVAL, 'bridge: Found no MST entries to process')
  for (const o of entries) {
    const tb = nla_parse_nested_at(req, o, br_mst_nl_policy)
    if (isErrno(tb)) return tb
    const msti = tb.get(B.IFLA_BRIDGE_MST_ENTRY_MSTI)
    if (msti === undefined) return extack.fail(EINVAL, 'bridge: MSTI not specified')
    const state = tb.get(B.IFLA_BRIDGE_MST_ENTRY_STATE)
    if (state === undefined) return extack.fail(EINVAL, 'bridge: State not specified')
    br_mst_set_state(p, msti, state)
  }
  return undefined
}
