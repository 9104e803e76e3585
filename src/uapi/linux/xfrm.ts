/** include/uapi/linux/xfrm.h: messages of NETLINK_XFRM and the attributes of those that are answered. */
import { attr, attrs } from '../../lib/attrs.ts'
import { binary, bytes, u32 } from '../../lib/types.ts'

export const XFRM_MSG_BASE = 16
export const XFRM_MSG_NEWSA = 16
export const XFRM_MSG_DELSA = 17
export const XFRM_MSG_GETSA = 18
export const XFRM_MSG_NEWPOLICY = 19
export const XFRM_MSG_DELPOLICY = 20
export const XFRM_MSG_GETPOLICY = 21
export const XFRM_MSG_ALLOCSPI = 22
export const XFRM_MSG_ACQUIRE = 23
export const XFRM_MSG_EXPIRE = 24
export const XFRM_MSG_UPDPOLICY = 25
export const XFRM_MSG_UPDSA = 26
export const XFRM_MSG_POLEXPIRE = 27
export const XFRM_MSG_FLUSHSA = 28
export const XFRM_MSG_FLUSHPOLICY = 29
export const XFRM_MSG_NEWAE = 30
export const XFRM_MSG_GETAE = 31
export const XFRM_MSG_REPORT = 32
export const XFRM_MSG_MIGRATE = 33
export const XFRM_MSG_NEWSADINFO = 34
export const XFRM_MSG_GETSADINFO = 35
export const XFRM_MSG_NEWSPDINFO = 36
export const XFRM_MSG_GETSPDINFO = 37
export const XFRM_MSG_MAPPING = 38
export const XFRM_MSG_SETDEFAULT = 39
export const XFRM_MSG_GETDEFAULT = 40
export const XFRM_MSG_MAX = 40

/** sizeof of what follows the header of each message, from XFRM_MSG_BASE on. */
export const xfrm_msg_min: readonly number[] = [
  224, 24, 24, 168, 64, 64, 232, 280, 232, 168, 224, 176, 1, 0, 48, 48, 60, 64, 0, 4, 4, 4, 64, 3, 3,
]
/** Places in struct xfrm_usersa_id and xfrm_userpolicy_id. */
export const XFRM_USERSA_ID_PROTO = 22
export const XFRM_USERPOLICY_ID_DIR = 60

export const XFRM_POLICY_MAX = 3
export const XFRM_USERPOLICY_ACCEPT = 2
export const XFRMNLGRP_MAX = 8

export const XFRMA_SRCADDR = attr(13, bytes(16))
export const XFRMA = attrs('XFRMA', { XFRMA_SRCADDR }, 34)

export const XFRMA_SAD_CNT = attr(1, u32)
export const XFRMA_SAD_HINFO = attr(2, binary)
export const XFRMA_SPD_INFO = attr(1, binary)
export const XFRMA_SPD_HINFO = attr(2, binary)
export const XFRMA_SPD_IPV4_HTHRESH = attr(3, binary)
export const XFRMA_SPD_IPV6_HTHRESH = attr(4, binary)
