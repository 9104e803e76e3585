/** include/uapi/linux/gtp.h: the generic netlink family of GTP's contexts, and IFLA_INFO_DATA of its devices. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { address, binary, u16, u32, u64, u8 } from '../../lib/types.ts'

export const GTP_CMD_NEWPDP = 0
export const GTP_CMD_DELPDP = 1
export const GTP_CMD_GETPDP = 2
export const GTP_CMD_ECHOREQ = 3

export const GTPA_LINK = attr(1, u32)
export const GTPA_VERSION = attr(2, u32)
export const GTPA_TID = attr(3, u64)
export const GTPA_PEER_ADDRESS = attr(4, address)
export const GTPA_MS_ADDRESS = attr(5, address)
export const GTPA_FLOW = attr(6, u16)
export const GTPA_NET_NS_FD = attr(7, u32)
export const GTPA_I_TEI = attr(8, u32)
export const GTPA_O_TEI = attr(9, u32)
export const GTPA_PAD = attr(10, binary)
export const GTPA_PEER_ADDR6 = attr(11, address)
export const GTPA_MS_ADDR6 = attr(12, address)
export const GTPA_FAMILY = attr(13, u8)
export const GTPA: AttrSet = attrs('GTPA', {
  GTPA_LINK, GTPA_VERSION, GTPA_TID, GTPA_PEER_ADDRESS, GTPA_MS_ADDRESS, GTPA_FLOW, GTPA_NET_NS_FD, GTPA_I_TEI, GTPA_O_TEI,
  GTPA_PAD, GTPA_PEER_ADDR6, GTPA_MS_ADDR6, GTPA_FAMILY,
})

export const GTP_ROLE_GGSN = 0
export const GTP_ROLE_SGSN = 1
export const IFLA_GTP_FD0 = attr(1, u32)
export const IFLA_GTP_FD1 = attr(2, u32)
export const IFLA_GTP_PDP_HASHSIZE = attr(3, u32)
export const IFLA_GTP_ROLE = attr(4, u32)
export const IFLA_GTP_CREATE_SOCKETS = attr(5, u8)
export const IFLA_GTP_RESTART_COUNT = attr(6, u8)
export const IFLA_GTP_LOCAL = attr(7, address)
export const IFLA_GTP_LOCAL6 = attr(8, address)
export const IFLA_GTP: AttrSet = attrs('IFLA_GTP', {
  IFLA_GTP_FD0, IFLA_GTP_FD1, IFLA_GTP_PDP_HASHSIZE, IFLA_GTP_ROLE, IFLA_GTP_CREATE_SOCKETS, IFLA_GTP_RESTART_COUNT, IFLA_GTP_LOCAL,
  IFLA_GTP_LOCAL6,
})
