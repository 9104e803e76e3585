/** include/uapi/linux/ethtool_netlink.h: the generic netlink family "ethtool": what its notifications of features carry. */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { flag, string, u32, u64 } from '../../lib/types.ts'

export const ETHTOOL_GENL_NAME = 'ethtool'
export const ETHTOOL_GENL_VERSION = 1
export const ETHTOOL_MCGRP_MONITOR_NAME = 'monitor'
export const ETHNL_MCGRP_MONITOR = 0
export const ETHTOOL_MSG_FEATURES_NTF = 13

export const ETHTOOL_A_HEADER_DEV_INDEX = attr(1, u32)
export const ETHTOOL_A_HEADER_DEV_NAME = attr(2, string(15))
export const ETHTOOL_A_HEADER: AttrSet = attrs('ETHTOOL_A_HEADER', { ETHTOOL_A_HEADER_DEV_INDEX, ETHTOOL_A_HEADER_DEV_NAME })
export const ETHTOOL_A_BITSET_NOMASK = attr(1, flag)
export const ETHTOOL_A_BITSET_SIZE = attr(2, u32)
export const ETHTOOL_A_BITSET_VALUE = attr(4, u64)
export const ETHTOOL_A_BITSET_MASK = attr(5, u64)
export const ETHTOOL_A_BITSET: AttrSet = attrs('ETHTOOL_A_BITSET', {
  ETHTOOL_A_BITSET_NOMASK, ETHTOOL_A_BITSET_SIZE, ETHTOOL_A_BITSET_VALUE, ETHTOOL_A_BITSET_MASK,
})
export const ETHTOOL_A_FEATURES_HEADER = attr(1, nested(() => ETHTOOL_A_HEADER))
export const ETHTOOL_A_FEATURES_HW = attr(2, nested(() => ETHTOOL_A_BITSET))
export const ETHTOOL_A_FEATURES_WANTED = attr(3, nested(() => ETHTOOL_A_BITSET))
export const ETHTOOL_A_FEATURES_ACTIVE = attr(4, nested(() => ETHTOOL_A_BITSET))
export const ETHTOOL_A_FEATURES_NOCHANGE = attr(5, nested(() => ETHTOOL_A_BITSET))
