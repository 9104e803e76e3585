/** include/uapi/linux/netdev.h: the generic netlink family "netdev". */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { binary, u32, u64 } from '../../lib/types.ts'

export const NETDEV_FAMILY_NAME = 'netdev'
export const NETDEV_FAMILY_VERSION = 1

/** Bits of NETDEV_A_DEV_XDP_FEATURES. */
export const NETDEV_XDP_ACT_BASIC = 1
export const NETDEV_XDP_ACT_REDIRECT = 2
export const NETDEV_XDP_ACT_NDO_XMIT = 4
export const NETDEV_XDP_ACT_XSK_ZEROCOPY = 8
export const NETDEV_XDP_ACT_HW_OFFLOAD = 16
export const NETDEV_XDP_ACT_RX_SG = 32
export const NETDEV_XDP_ACT_NDO_XMIT_SG = 64
/** Bits of NETDEV_A_DEV_XDP_RX_METADATA_FEATURES. */
export const NETDEV_XDP_RX_METADATA_TIMESTAMP = 1
export const NETDEV_XDP_RX_METADATA_HASH = 2
export const NETDEV_XDP_RX_METADATA_VLAN_TAG = 4

export const NETDEV_A_DEV_IFINDEX = attr(1, u32)
export const NETDEV_A_DEV_PAD = attr(2, binary)
export const NETDEV_A_DEV_XDP_FEATURES = attr(3, u64)
export const NETDEV_A_DEV_XDP_ZC_MAX_SEGS = attr(4, u32)
export const NETDEV_A_DEV_XDP_RX_METADATA_FEATURES = attr(5, u64)
export const NETDEV_A_DEV_XSK_FEATURES = attr(6, u64)
export const NETDEV_A_DEV: AttrSet = attrs('NETDEV_A_DEV', {
  NETDEV_A_DEV_IFINDEX, NETDEV_A_DEV_PAD, NETDEV_A_DEV_XDP_FEATURES, NETDEV_A_DEV_XDP_ZC_MAX_SEGS, NETDEV_A_DEV_XDP_RX_METADATA_FEATURES,
  NETDEV_A_DEV_XSK_FEATURES,
})
/** What a request may carry: NETDEV_A_DEV_IFINDEX alone. */
export const NETDEV_A_DEV_GET: AttrSet = attrs('NETDEV_A_DEV_GET', { NETDEV_A_DEV_IFINDEX })

export const NETDEV_CMD_DEV_GET = 1
export const NETDEV_CMD_DEV_ADD_NTF = 2
export const NETDEV_CMD_DEV_DEL_NTF = 3
export const NETDEV_CMD_DEV_CHANGE_NTF = 4
export const NETDEV_CMD_PAGE_POOL_GET = 5
export const NETDEV_CMD_PAGE_POOL_ADD_NTF = 6
export const NETDEV_CMD_PAGE_POOL_DEL_NTF = 7
export const NETDEV_CMD_PAGE_POOL_CHANGE_NTF = 8
export const NETDEV_CMD_PAGE_POOL_STATS_GET = 9
export const NETDEV_CMD_QUEUE_GET = 10
export const NETDEV_CMD_NAPI_GET = 11
export const NETDEV_CMD_QSTATS_GET = 12
export const NETDEV_CMD_BIND_RX = 13

/** Indexes of the family's multicast groups. */
export const NETDEV_NLGRP_MGMT = 0
export const NETDEV_NLGRP_PAGE_POOL = 1
export const NETDEV_MCGRP_MGMT = 'mgmt'
export const NETDEV_MCGRP_PAGE_POOL = 'page-pool'
