/** include/uapi/linux/fib_rules.h */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, binary, string, u8, u32 } from '../../lib/types.ts'

export const fib_rule_hdr = struct('fib_rule_hdr', {
  family: u8, dst_len: u8, src_len: u8, tos: u8, table: u8, __res1: u8, __res2: u8, action: u8, flags: u32,
})
export const FIB_RULE_PERMANENT = 1
export const FIB_RULE_INVERT = 2
export const FIB_RULE_UNRESOLVED = 4
export const FIB_RULE_IIF_DETACHED = 8
export const FIB_RULE_OIF_DETACHED = 16
/** IPv6: a flow without a source matches if the source it would get does. */
export const FIB_RULE_FIND_SADDR = 0x10000
export const FR_ACT_TO_TBL = 1
export const FR_ACT_GOTO = 2
export const FR_ACT_NOP = 3
export const FR_ACT_BLACKHOLE = 6
export const FR_ACT_UNREACHABLE = 7
export const FR_ACT_PROHIBIT = 8

export const FRA_DST = attr(1, address)
export const FRA_SRC = attr(2, address)
export const FRA_IIFNAME = attr(3, string(15))
export const FRA_GOTO = attr(4, u32)
export const FRA_PRIORITY = attr(6, u32)
export const FRA_FWMARK = attr(10, u32)
export const FRA_FLOW = attr(11, u32)
export const FRA_TUN_ID = attr(12, binary)
export const FRA_SUPPRESS_IFGROUP = attr(13, u32)
export const FRA_SUPPRESS_PREFIXLEN = attr(14, u32)
export const FRA_TABLE = attr(15, u32)
export const FRA_FWMASK = attr(16, u32)
export const FRA_OIFNAME = attr(17, string(15))
export const FRA_PAD = attr(18, binary)
export const FRA_L3MDEV = attr(19, u8)
export const FRA_UID_RANGE = attr(20, binary)
export const FRA_PROTOCOL = attr(21, u8)
export const FRA_IP_PROTO = attr(22, u8)
export const FRA_SPORT_RANGE = attr(23, binary)
export const FRA_DPORT_RANGE = attr(24, binary)
/** The six bits alone, where tos has them in place. */
export const FRA_DSCP = attr(25, u8)
export const FRA: AttrSet = attrs('FRA', {
  FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_GOTO, FRA_PRIORITY, FRA_FWMARK, FRA_FLOW, FRA_TUN_ID, FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE, FRA_FWMASK, FRA_OIFNAME, FRA_PAD, FRA_L3MDEV, FRA_UID_RANGE, FRA_PROTOCOL, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_DSCP,
})
