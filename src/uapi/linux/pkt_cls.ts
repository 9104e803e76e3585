/** include/uapi/linux/pkt_cls.h: actions, as lists of requests name them. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { binary, string, u32 } from '../../lib/types.ts'

export const TCA_ACT_MAX_PRIO = 32
export const TCA_ACT_KIND = attr(1, string())
export const TCA_ACT_OPTIONS = attr(2, binary)
export const TCA_ACT_INDEX = attr(3, u32)
export const TCA_ACT_STATS = attr(4, binary)
export const TCA_ACT_PAD = attr(5, binary)
export const TCA_ACT_COOKIE = attr(6, binary)
export const TCA_ACT_FLAGS = attr(7, binary)
export const TCA_ACT_HW_STATS = attr(8, binary)
export const TCA_ACT_USED_HW_STATS = attr(9, binary)
export const TCA_ACT_IN_HW_COUNT = attr(10, u32)
export const TCA_ACT: AttrSet = attrs('TCA_ACT', {
  TCA_ACT_KIND, TCA_ACT_OPTIONS, TCA_ACT_INDEX, TCA_ACT_STATS, TCA_ACT_PAD, TCA_ACT_COOKIE, TCA_ACT_FLAGS, TCA_ACT_HW_STATS,
  TCA_ACT_USED_HW_STATS, TCA_ACT_IN_HW_COUNT,
})
/** A list: the number is an action's place. */
export const TCA_ACT_LIST: AttrSet = attrs('TCA_ACT_LIST', {}, TCA_ACT_MAX_PRIO)
