/** include/uapi/linux/{rtnetlink,dcbnl,if_tunnel}.h: messages that few programs use. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { address, binary, s32, string, u8, u16, u32 } from '../../lib/types.ts'

export const prefixmsg = struct('prefixmsg', {
  prefix_family: u8, __prefix_pad1: u8, __prefix_pad2: u16, prefix_ifindex: s32, prefix_type: u8, prefix_len: u8, prefix_flags: u8,
  __prefix_pad3: u8,
})
export const prefix_cacheinfo = struct('prefix_cacheinfo', { preferred_time: u32, valid_time: u32 })
export const PREFIX_ADDRESS = attr(1, address)
export const PREFIX_CACHEINFO = attr(2, prefix_cacheinfo)
export const PREFIX: AttrSet = attrs('PREFIX', { PREFIX_ADDRESS, PREFIX_CACHEINFO })

export const nduseroptmsg = struct('nduseroptmsg', {
  nduseropt_family: u8, __nduseropt_pad1: u8, nduseropt_opts_len: u16, nduseropt_ifindex: s32, nduseropt_icmp_type: u8,
  nduseropt_icmp_code: u8, __nduseropt_pad2: u16, __nduseropt_pad3: u32,
})
export const NDUSEROPT_SRCADDR = attr(1, address)
export const NDUSEROPT: AttrSet = attrs('NDUSEROPT', { NDUSEROPT_SRCADDR })
export const dcbmsg = struct('dcbmsg', { dcb_family: u8, cmd: u8, dcb_pad: u16 })

export const tcamsg = struct('tcamsg', { tca_family: u8, __tca_pad1: u8, __tca_pad2: u16 })
export const TCA_ROOT_TAB = attr(1, binary)
export const TCA_ROOT_FLAGS = attr(2, binary)
export const TCA_ROOT_COUNT = attr(3, u32)
export const TCA_ROOT_TIME_DELTA = attr(4, u32)
export const TCA_ROOT_EXT_WARN_MSG = attr(5, string())
export const TCA_ROOT: AttrSet = attrs('TCA_ROOT', {
  TCA_ROOT_TAB, TCA_ROOT_FLAGS, TCA_ROOT_COUNT, TCA_ROOT_TIME_DELTA, TCA_ROOT_EXT_WARN_MSG,
})

export const tunnel_msg = struct('tunnel_msg', { family: u8, flags: u8, reserved2: u16, ifindex: u32 })
export const VXLAN_VNIFILTER_ENTRY = attr(1, binary)
export const VXLAN_VNIFILTER: AttrSet = attrs('VXLAN_VNIFILTER', { VXLAN_VNIFILTER_ENTRY })
