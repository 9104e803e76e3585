/** include/uapi/linux/netconf.h */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { s32, u8 } from '../../lib/types.ts'
import { struct } from '../../lib/struct.ts'

export const netconfmsg = struct('netconfmsg', { ncm_family: u8 })
/** A device index, or one of these. */
export const NETCONFA_IFINDEX_ALL = -1
export const NETCONFA_IFINDEX_DEFAULT = -2
export const NETCONFA_ALL = -1

export const NETCONFA_IFINDEX = attr(1, s32)
export const NETCONFA_FORWARDING = attr(2, s32)
export const NETCONFA_RP_FILTER = attr(3, s32)
export const NETCONFA_MC_FORWARDING = attr(4, s32)
export const NETCONFA_PROXY_NEIGH = attr(5, s32)
export const NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN = attr(6, s32)
export const NETCONFA_INPUT = attr(7, s32)
export const NETCONFA_BC_FORWARDING = attr(8, s32)
export const NETCONFA: AttrSet = attrs('NETCONFA', {
  NETCONFA_IFINDEX, NETCONFA_FORWARDING, NETCONFA_RP_FILTER, NETCONFA_MC_FORWARDING, NETCONFA_PROXY_NEIGH, NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, NETCONFA_INPUT, NETCONFA_BC_FORWARDING,
})
