/** include/uapi/linux/netfilter/nfnetlink.h */
import { attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { u8, u16, u32 } from '../../lib/types.ts'
import { NLMSG_MIN_TYPE } from './netlink.ts'

/** `res_id` is in network order. */
export const nfgenmsg = struct('nfgenmsg', { nfgen_family: u8, version: u8, res_id: u16 })

export const NFNLGRP_MAX = 9
export const NFNL_SUBSYS_NFTABLES = 10
export const NFNL_SUBSYS_COUNT = 13
export const NFNL_MSG_BATCH_BEGIN = NLMSG_MIN_TYPE

export const NFNL_BATCH_GENID = attr(1, u32)
export const NFNL_BATCH = attrs('NFNL_BATCH', { NFNL_BATCH_GENID }, 1)
