/** include/uapi/linux/if_tun.h, and IFLA_INFO_DATA of tun in if_link.h. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { u32, u8 } from '../../lib/types.ts'

// _IOC('T', nr): the direction and size as Linux has them, not always what is moved
export const TUNSETNOCSUM = 0x400454c8
export const TUNSETDEBUG = 0x400454c9
export const TUNSETIFF = 0x400454ca
export const TUNSETPERSIST = 0x400454cb
export const TUNSETOWNER = 0x400454cc
export const TUNSETLINK = 0x400454cd
export const TUNSETGROUP = 0x400454ce
export const TUNGETFEATURES = 0x800454cf
export const TUNSETOFFLOAD = 0x400454d0
export const TUNSETTXFILTER = 0x400454d1
export const TUNGETIFF = 0x800454d2
export const TUNGETSNDBUF = 0x800454d3
export const TUNSETSNDBUF = 0x400454d4
export const TUNATTACHFILTER = 0x401054d5
export const TUNDETACHFILTER = 0x401054d6
export const TUNGETVNETHDRSZ = 0x800454d7
export const TUNSETVNETHDRSZ = 0x400454d8
export const TUNSETQUEUE = 0x400454d9
export const TUNSETIFINDEX = 0x400454da
export const TUNGETFILTER = 0x801054db
export const TUNSETVNETLE = 0x400454dc
export const TUNGETVNETLE = 0x800454dd
export const TUNSETSTEERINGEBPF = 0x800454e0
export const TUNSETFILTEREBPF = 0x800454e1
export const TUNSETCARRIER = 0x400454e2
export const TUNGETDEVNETNS = 0x54e3

// ifr_flags of TUNSETIFF
export const IFF_TUN = 0x0001
export const IFF_TAP = 0x0002
export const IFF_NAPI = 0x0010
export const IFF_NAPI_FRAGS = 0x0020
export const IFF_NO_CARRIER = 0x0040
export const IFF_MULTI_QUEUE = 0x0100
export const IFF_ATTACH_QUEUE = 0x0200
export const IFF_DETACH_QUEUE = 0x0400
export const IFF_PERSIST = 0x0800
export const IFF_NO_PI = 0x1000
export const IFF_NOFILTER = 0x1000
export const IFF_ONE_QUEUE = 0x2000
export const IFF_VNET_HDR = 0x4000
export const IFF_TUN_EXCL = 0x8000

export const TUN_F_CSUM = 0x01
export const TUN_F_TSO4 = 0x02
export const TUN_F_TSO6 = 0x04
export const TUN_F_TSO_ECN = 0x08
export const TUN_F_UFO = 0x10
export const TUN_F_USO4 = 0x20
export const TUN_F_USO6 = 0x40

/** struct tun_pi: flags and protocol, before a frame. */
export const TUN_PI_SIZE = 4
export const TUN_PKT_STRIP = 0x0001

export const IFLA_TUN_OWNER = attr(1, u32)
export const IFLA_TUN_GROUP = attr(2, u32)
export const IFLA_TUN_TYPE = attr(3, u8)
export const IFLA_TUN_PI = attr(4, u8)
export const IFLA_TUN_VNET_HDR = attr(5, u8)
export const IFLA_TUN_PERSIST = attr(6, u8)
export const IFLA_TUN_MULTI_QUEUE = attr(7, u8)
export const IFLA_TUN_NUM_QUEUES = attr(8, u32)
export const IFLA_TUN_NUM_DISABLED_QUEUES = attr(9, u32)
export const IFLA_TUN: AttrSet = attrs('IFLA_TUN', {
  IFLA_TUN_OWNER, IFLA_TUN_GROUP, IFLA_TUN_TYPE, IFLA_TUN_PI, IFLA_TUN_VNET_HDR, IFLA_TUN_PERSIST, IFLA_TUN_MULTI_QUEUE,
  IFLA_TUN_NUM_QUEUES, IFLA_TUN_NUM_DISABLED_QUEUES,
})
