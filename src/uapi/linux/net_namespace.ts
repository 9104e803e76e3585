/** include/uapi/linux/net_namespace.h */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { s32, u32 } from '../../lib/types.ts'

export const NETNSA_NSID_NOT_ASSIGNED = -1
export const NETNSA_NSID = attr(1, s32)
export const NETNSA_PID = attr(2, u32)
export const NETNSA_FD = attr(3, u32)
export const NETNSA_TARGET_NSID = attr(4, s32)
export const NETNSA_CURRENT_NSID = attr(5, s32)
export const NETNSA: AttrSet = attrs('NETNSA', { NETNSA_NSID, NETNSA_PID, NETNSA_FD, NETNSA_TARGET_NSID, NETNSA_CURRENT_NSID })
