/** include/uapi/linux/wireguard.h */
import { type AttrSet, attr, attrs, nestedList } from '../../lib/attrs.ts'
import { binary, string, u8, u16, u32, u64 } from '../../lib/types.ts'

export const WG_GENL_NAME = 'wireguard'
export const WG_GENL_VERSION = 1
export const WG_KEY_LEN = 32

export const WG_CMD_GET_DEVICE = 0
export const WG_CMD_SET_DEVICE = 1

export const WGDEVICE_F_REPLACE_PEERS = 1
export const WGDEVICE_F_ALL = WGDEVICE_F_REPLACE_PEERS
export const WGPEER_F_REMOVE_ME = 1
export const WGPEER_F_REPLACE_ALLOWEDIPS = 2
export const WGPEER_F_UPDATE_ONLY = 4
export const WGPEER_F_ALL = 7

export const WGALLOWEDIP_A_FAMILY = attr(1, u16)
export const WGALLOWEDIP_A_IPADDR = attr(2, binary)
export const WGALLOWEDIP_A_CIDR_MASK = attr(3, u8)
export const WGALLOWEDIP_A: AttrSet = attrs(
  'WGALLOWEDIP_A',
  { WGALLOWEDIP_A_FAMILY, WGALLOWEDIP_A_IPADDR, WGALLOWEDIP_A_CIDR_MASK },
  3,
)

export const WGPEER_A_PUBLIC_KEY = attr(1, binary)
export const WGPEER_A_PRESHARED_KEY = attr(2, binary)
export const WGPEER_A_FLAGS = attr(3, u32)
/** struct sockaddr_in or sockaddr_in6 */
export const WGPEER_A_ENDPOINT = attr(4, binary)
export const WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL = attr(5, u16)
/** struct __kernel_timespec */
export const WGPEER_A_LAST_HANDSHAKE_TIME = attr(6, binary)
export const WGPEER_A_RX_BYTES = attr(7, u64)
export const WGPEER_A_TX_BYTES = attr(8, u64)
export const WGPEER_A_ALLOWEDIPS = attr(
  9,
  nestedList(() => WGALLOWEDIP_A),
)
export const WGPEER_A_PROTOCOL_VERSION = attr(10, u32)
export const WGPEER_A: AttrSet = attrs(
  'WGPEER_A',
  {
    WGPEER_A_PUBLIC_KEY,
    WGPEER_A_PRESHARED_KEY,
    WGPEER_A_FLAGS,
    WGPEER_A_ENDPOINT,
    WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
    WGPEER_A_LAST_HANDSHAKE_TIME,
    WGPEER_A_RX_BYTES,
    WGPEER_A_TX_BYTES,
    WGPEER_A_ALLOWEDIPS,
    WGPEER_A_PROTOCOL_VERSION,
  },
  10,
)

export const WGDEVICE_A_IFINDEX = attr(1, u32)
export const WGDEVICE_A_IFNAME = attr(2, string(15))
export const WGDEVICE_A_PRIVATE_KEY = attr(3, binary)
export const WGDEVICE_A_PUBLIC_KEY = attr(4, binary)
export const WGDEVICE_A_FLAGS = attr(5, u32)
export const WGDEVICE_A_LISTEN_PORT = attr(6, u16)
export const WGDEVICE_A_FWMARK = attr(7, u32)
export const WGDEVICE_A_PEERS = attr(
  8,
  nestedList(() => WGPEER_A),
)
export const WGDEVICE_A: AttrSet = attrs(
  'WGDEVICE_A',
  {
    WGDEVICE_A_IFINDEX,
    WGDEVICE_A_IFNAME,
    WGDEVICE_A_PRIVATE_KEY,
    WGDEVICE_A_PUBLIC_KEY,
    WGDEVICE_A_FLAGS,
    WGDEVICE_A_LISTEN_PORT,
    WGDEVICE_A_FWMARK,
    WGDEVICE_A_PEERS,
  },
  8,
)
