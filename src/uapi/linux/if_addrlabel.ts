/** include/uapi/linux/if_addrlabel.h */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, u8, u32 } from '../../lib/types.ts'

export const ifaddrlblmsg = struct('ifaddrlblmsg', {
  ifal_family: u8, __ifal_reserved: u8, ifal_prefixlen: u8, ifal_flags: u8, ifal_index: u32, ifal_seq: u32,
})
export const IFAL_ADDRESS = attr(1, address)
export const IFAL_LABEL = attr(2, u32)
export const IFAL: AttrSet = attrs('IFAL', { IFAL_ADDRESS, IFAL_LABEL })
