/** include/uapi/linux/if_addr.h */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { address, s32, string, u32, u8 } from '../../lib/types.ts'
import { struct } from '../../lib/struct.ts'

export const ifaddrmsg = struct('ifaddrmsg', { ifa_family: u8, ifa_prefixlen: u8, ifa_flags: u8, ifa_scope: u8, ifa_index: u32 })
/** Lifetimes in seconds, stamps in hundredths of a second since boot. */
export const ifa_cacheinfo = struct('ifa_cacheinfo', { ifa_prefered: u32, ifa_valid: u32, cstamp: u32, tstamp: u32 })
export const IFA_F_SECONDARY = 0x01
export const IFA_F_TEMPORARY = 0x01
export const IFA_F_NODAD = 0x02
export const IFA_F_OPTIMISTIC = 0x04
export const IFA_F_DADFAILED = 0x08
export const IFA_F_HOMEADDRESS = 0x10
export const IFA_F_DEPRECATED = 0x20
export const IFA_F_TENTATIVE = 0x40
export const IFA_F_PERMANENT = 0x80
export const IFA_F_MANAGETEMPADDR = 0x100
export const IFA_F_NOPREFIXROUTE = 0x200
export const IFA_F_MCAUTOJOIN = 0x400
export const IFA_F_STABLE_PRIVACY = 0x800
export const IFAPROT_UNSPEC = 0
export const IFAPROT_KERNEL_LO = 1
export const IFAPROT_KERNEL_RA = 2
export const IFAPROT_KERNEL_LL = 3

/** Attributes of RTM_*ADDR messages. */
export const IFA_ADDRESS = attr(1, address)
export const IFA_LOCAL = attr(2, address)
export const IFA_LABEL = attr(3, string(15))
export const IFA_BROADCAST = attr(4, address)
export const IFA_ANYCAST = attr(5, address)
export const IFA_CACHEINFO = attr(6, ifa_cacheinfo)
export const IFA_MULTICAST = attr(7, address)
export const IFA_FLAGS = attr(8, u32)
export const IFA_RT_PRIORITY = attr(9, u32)
export const IFA_TARGET_NETNSID = attr(10, s32)
export const IFA_PROTO = attr(11, u8)
export const IFA: AttrSet = attrs('IFA', {
  IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST, IFA_ANYCAST, IFA_CACHEINFO, IFA_MULTICAST, IFA_FLAGS, IFA_RT_PRIORITY, IFA_TARGET_NETNSID, IFA_PROTO,
})
