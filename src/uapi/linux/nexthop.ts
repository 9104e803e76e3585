/** include/uapi/linux/nexthop.h */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, binary, flag, u8, u16, u32, u64 } from '../../lib/types.ts'

export const nhmsg = struct('nhmsg', { nh_family: u8, nh_scope: u8, nh_protocol: u8, resvd: u8, nh_flags: u32 })
/** A member of NHA_GROUP; its weight is one more than it says. */
export const nexthop_grp = struct('nexthop_grp', { id: u32, weight: u8, weight_high: u8, resvd2: u16 })

export const NEXTHOP_GRP_TYPE_MPATH = 0
export const NEXTHOP_GRP_TYPE_RES = 1

export const NHA_ID = attr(1, u32)
export const NHA_GROUP = attr(2, binary)
export const NHA_GROUP_TYPE = attr(3, u16)
export const NHA_BLACKHOLE = attr(4, flag)
export const NHA_OIF = attr(5, u32)
export const NHA_GATEWAY = attr(6, address)
export const NHA_ENCAP_TYPE = attr(7, u16)
export const NHA_ENCAP = attr(8, binary)
export const NHA_GROUPS = attr(9, flag)
export const NHA_MASTER = attr(10, u32)
export const NHA_FDB = attr(11, flag)
export const NHA_RES_GROUP_SET = attr(12, nested(() => NHA_RES_GROUP))
export const NHA_RES_BUCKET_SET = attr(13, nested(() => NHA_RES_BUCKET))
export const NHA_OP_FLAGS = attr(14, u32)
export const NHA_GROUP_STATS = attr(15, nested(() => NHA_GROUP_STATS_ENTRIES))
export const NHA_HW_STATS_ENABLE = attr(16, u32)
export const NHA_HW_STATS_USED = attr(17, u32)
export const NHA: AttrSet = attrs('NHA', {
  NHA_ID, NHA_GROUP, NHA_GROUP_TYPE, NHA_BLACKHOLE, NHA_OIF, NHA_GATEWAY, NHA_ENCAP_TYPE, NHA_ENCAP, NHA_GROUPS, NHA_MASTER, NHA_FDB,
  NHA_RES_GROUP: NHA_RES_GROUP_SET, NHA_RES_BUCKET: NHA_RES_BUCKET_SET, NHA_OP_FLAGS, NHA_GROUP_STATS, NHA_HW_STATS_ENABLE,
  NHA_HW_STATS_USED,
})
/** Times in hundredths of a second. */
export const NHA_RES_GROUP_BUCKETS = attr(1, u16)
export const NHA_RES_GROUP_IDLE_TIMER = attr(2, u32)
export const NHA_RES_GROUP_UNBALANCED_TIMER = attr(3, u32)
export const NHA_RES_GROUP_UNBALANCED_TIME = attr(4, u64)
export const NHA_RES_GROUP: AttrSet = attrs('NHA_RES_GROUP', {
  NHA_RES_GROUP_BUCKETS, NHA_RES_GROUP_IDLE_TIMER, NHA_RES_GROUP_UNBALANCED_TIMER, NHA_RES_GROUP_UNBALANCED_TIME,
})
export const NHA_RES_BUCKET_INDEX = attr(1, u16)
export const NHA_RES_BUCKET_IDLE_TIME = attr(2, u64)
export const NHA_RES_BUCKET_NH_ID = attr(3, u32)
export const NHA_RES_BUCKET: AttrSet = attrs('NHA_RES_BUCKET', { NHA_RES_BUCKET_INDEX, NHA_RES_BUCKET_IDLE_TIME, NHA_RES_BUCKET_NH_ID })
export const NHA_GROUP_STATS_ENTRY = attr(1, nested(() => NHA_GROUP_STATS_ENTRY_SET))
export const NHA_GROUP_STATS_ENTRIES: AttrSet = attrs('NHA_GROUP_STATS', { NHA_GROUP_STATS_ENTRY })
export const NHA_GROUP_STATS_ENTRY_ID = attr(1, u32)
/** NLA_UINT: four bytes, or eight where it needs them. */
export const NHA_GROUP_STATS_ENTRY_PACKETS = attr(2, binary)
export const NHA_GROUP_STATS_ENTRY_PACKETS_HW = attr(3, binary)
export const NHA_GROUP_STATS_ENTRY_SET: AttrSet = attrs('NHA_GROUP_STATS_ENTRY', {
  NHA_GROUP_STATS_ENTRY_ID, NHA_GROUP_STATS_ENTRY_PACKETS, NHA_GROUP_STATS_ENTRY_PACKETS_HW,
})
