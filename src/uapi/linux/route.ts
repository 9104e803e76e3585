/** include/uapi/linux/route.h: SIOCADDRT and SIOCDELRT, x86-64. */
import { struct } from '../../lib/struct.ts'
import { bytes, s16, u16, u64 } from '../../lib/types.ts'

export const rtentry = struct('rtentry', {
  __pad1: u64, rt_dst: bytes(16), rt_gateway: bytes(16), rt_genmask: bytes(16), rt_flags: u16, __pad2: s16, __pad3: u64, __pad4: u64,
  rt_metric: s16, rt_dev: u64, rt_mtu: u64, rt_window: u64, rt_irtt: u16,
})
export const RTF_UP = 0x0001
export const RTF_GATEWAY = 0x0002
export const RTF_HOST = 0x0004
export const RTF_REINSTATE = 0x0008
export const RTF_DYNAMIC = 0x0010
export const RTF_MODIFIED = 0x0020
export const RTF_MTU = 0x0040
export const RTF_WINDOW = 0x0080
export const RTF_IRTT = 0x0100
export const RTF_REJECT = 0x0200
