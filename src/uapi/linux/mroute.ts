/** include/uapi/linux/mroute.h: a table of multicast routes as RTM_GETLINK shows it. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { binary, s32, u32, u8 } from '../../lib/types.ts'

export const MAXVIFS = 32

export const IPMRA_TABLE_ID = attr(1, u32)
export const IPMRA_TABLE_CACHE_RES_QUEUE_LEN = attr(2, u32)
export const IPMRA_TABLE_MROUTE_REG_VIF_NUM = attr(3, s32)
export const IPMRA_TABLE_MROUTE_DO_ASSERT = attr(4, u8)
export const IPMRA_TABLE_MROUTE_DO_PIM = attr(5, u8)
export const IPMRA_TABLE_VIFS = attr(6, binary)
export const IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE = attr(7, u8)
/** Each interface in IPMRA_TABLE_VIFS. */
export const IPMRA_VIF = attr(1, binary)
export const IPMRA_TABLE: AttrSet = attrs('IPMRA_TABLE', {
  IPMRA_TABLE_ID, IPMRA_TABLE_CACHE_RES_QUEUE_LEN, IPMRA_TABLE_MROUTE_REG_VIF_NUM, IPMRA_TABLE_MROUTE_DO_ASSERT,
  IPMRA_TABLE_MROUTE_DO_PIM, IPMRA_TABLE_VIFS, IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE,
})
