/** include/uapi/linux/if_link.h: IFLA_INFO_DATA of geneve. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { address, be16, be32, flag, u32, u8 } from '../../lib/types.ts'

export const GENEVE_DF_UNSET = 0
export const GENEVE_DF_MAX = 2

export const IFLA_GENEVE_ID = attr(1, u32)
export const IFLA_GENEVE_REMOTE = attr(2, address)
export const IFLA_GENEVE_TTL = attr(3, u8)
export const IFLA_GENEVE_TOS = attr(4, u8)
export const IFLA_GENEVE_PORT = attr(5, be16)
export const IFLA_GENEVE_COLLECT_METADATA = attr(6, flag)
export const IFLA_GENEVE_REMOTE6 = attr(7, address)
export const IFLA_GENEVE_UDP_CSUM = attr(8, u8)
export const IFLA_GENEVE_UDP_ZERO_CSUM6_TX = attr(9, u8)
export const IFLA_GENEVE_UDP_ZERO_CSUM6_RX = attr(10, u8)
export const IFLA_GENEVE_LABEL = attr(11, be32)
export const IFLA_GENEVE_TTL_INHERIT = attr(12, u8)
export const IFLA_GENEVE_DF = attr(13, u8)
export const IFLA_GENEVE_INNER_PROTO_INHERIT = attr(14, flag)
export const IFLA_GENEVE: AttrSet = attrs('IFLA_GENEVE', {
  IFLA_GENEVE_ID, IFLA_GENEVE_REMOTE, IFLA_GENEVE_TTL, IFLA_GENEVE_TOS, IFLA_GENEVE_PORT, IFLA_GENEVE_COLLECT_METADATA,
  IFLA_GENEVE_REMOTE6, IFLA_GENEVE_UDP_CSUM, IFLA_GENEVE_UDP_ZERO_CSUM6_TX, IFLA_GENEVE_UDP_ZERO_CSUM6_RX, IFLA_GENEVE_LABEL,
  IFLA_GENEVE_TTL_INHERIT, IFLA_GENEVE_DF, IFLA_GENEVE_INNER_PROTO_INHERIT,
})
