/** include/uapi/linux/pkt_cls.h: what the filters u32, fw and basic are told. */
import { type AttrSet, attr, attrs, nested } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, be32, binary, s16, s32, string, u8, u16, u32, u64 } from '../../lib/types.ts'

/** A handle of u32: number of a table, of a list in it, of a filter there. */
export const TC_U32_ROOT = 0xfff00000
export function TC_U32_HTID(h: number): number {
  return (h & 0xfff00000) >>> 0
}
export function TC_U32_HASH(h: number): number {
  return (h >>> 12) & 0xff
}
export function TC_U32_NODE(h: number): number {
  return h & 0xfff
}
/** 0: a table. */
export function TC_U32_KEY(h: number): number {
  return h & 0xfffff
}
export const TC_U32_TERMINAL = 1
export const TC_U32_OFFSET = 2
export const TC_U32_VAROFFSET = 4
export const TC_U32_EAT = 8
export const TC_U32_MAXDEPTH = 8
/** struct tc_u32_sel without its keys. */
export const tc_u32_sel = struct('tc_u32_sel', {
  flags: u8, offshift: u8, nkeys: u8, offmask: be16, off: u16, offoff: s16, hoff: s16, hmask: be32,
})
export const tc_u32_key = struct('tc_u32_key', { mask: be32, val: be32, off: s32, offmask: s32 })
export const tc_u32_mark = struct('tc_u32_mark', { val: u32, mask: u32, success: u32 })
/** struct tc_u32_pcnt without the counters of keys. */
export const tc_u32_pcnt = struct('tc_u32_pcnt', { rcnt: u64, rhit: u64 })
export const TCA_U32_CLASSID = attr(1, u32)
export const TCA_U32_HASH = attr(2, u32)
export const TCA_U32_LINK = attr(3, u32)
export const TCA_U32_DIVISOR = attr(4, u32)
export const TCA_U32_SEL = attr(5, binary)
export const TCA_U32_POLICE = attr(6, binary)
export const TCA_U32_ACT = attr(7, binary)
export const TCA_U32_INDEV = attr(8, string())
export const TCA_U32_PCNT = attr(9, binary)
export const TCA_U32_MARK = attr(10, tc_u32_mark)
export const TCA_U32_FLAGS = attr(11, u32)
export const TCA_U32: AttrSet = attrs('TCA_U32', {
  TCA_U32_CLASSID, TCA_U32_HASH, TCA_U32_LINK, TCA_U32_DIVISOR, TCA_U32_SEL, TCA_U32_POLICE, TCA_U32_ACT, TCA_U32_INDEV,
  TCA_U32_PCNT, TCA_U32_MARK, TCA_U32_FLAGS,
})

export const TCA_FW_CLASSID = attr(1, u32)
export const TCA_FW_POLICE = attr(2, binary)
export const TCA_FW_INDEV = attr(3, string())
export const TCA_FW_ACT = attr(4, binary)
export const TCA_FW_MASK = attr(5, u32)
export const TCA_FW: AttrSet = attrs('TCA_FW', { TCA_FW_CLASSID, TCA_FW_POLICE, TCA_FW_INDEV, TCA_FW_ACT, TCA_FW_MASK })

export const tc_basic_pcnt = struct('tc_basic_pcnt', { rcnt: u64, rhit: u64 })
export const TCA_BASIC_CLASSID = attr(1, u32)
export const TCA_BASIC_EMATCHES = attr(2, nested(() => TCA_EMATCH_TREE))
export const TCA_BASIC_ACT = attr(3, binary)
export const TCA_BASIC_POLICE = attr(4, binary)
export const TCA_BASIC_PCNT = attr(5, binary)
export const TCA_BASIC: AttrSet = attrs('TCA_BASIC', {
  TCA_BASIC_CLASSID, TCA_BASIC_EMATCHES, TCA_BASIC_ACT, TCA_BASIC_POLICE, TCA_BASIC_PCNT,
})
export const tcf_ematch_tree_hdr = struct('tcf_ematch_tree_hdr', { nmatches: u16, progid: u16 })
export const TCA_EMATCH_TREE_HDR = attr(1, tcf_ematch_tree_hdr)
export const TCA_EMATCH_TREE_LIST = attr(2, binary)
export const TCA_EMATCH_TREE: AttrSet = attrs('TCA_EMATCH_TREE', { TCA_EMATCH_TREE_HDR, TCA_EMATCH_TREE_LIST })
