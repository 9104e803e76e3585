/** include/uapi/linux/if_arp.h */
import { struct } from '../../lib/struct.ts'
import { bytes, chars, s32 } from '../../lib/types.ts'

export const ARPHRD_NETROM = 0
export const ARPHRD_ETHER = 1
export const ARPHRD_EETHER = 2
export const ARPHRD_AX25 = 3
export const ARPHRD_PRONET = 4
export const ARPHRD_CHAOS = 5
export const ARPHRD_IEEE802 = 6
export const ARPHRD_ARCNET = 7
export const ARPHRD_APPLETLK = 8
export const ARPHRD_DLCI = 15
export const ARPHRD_ATM = 19
export const ARPHRD_METRICOM = 23
export const ARPHRD_IEEE1394 = 24
export const ARPHRD_EUI64 = 27
export const ARPHRD_INFINIBAND = 32
export const ARPHRD_SLIP = 0x100
export const ARPHRD_CSLIP = 0x101
export const ARPHRD_SLIP6 = 0x102
export const ARPHRD_RSRVD = 0x104
export const ARPHRD_ADAPT = 0x108
export const ARPHRD_ROSE = 0x10e
export const ARPHRD_X25 = 0x10f
export const ARPHRD_HWX25 = 0x110
export const ARPHRD_CAN = 0x118
export const ARPHRD_MCTP = 0x122
export const ARPHRD_PPP = 0x200
export const ARPHRD_CISCO = 0x201
export const ARPHRD_LAPB = 0x204
export const ARPHRD_DDCMP = 0x205
export const ARPHRD_RAWHDLC = 0x206
export const ARPHRD_RAWIP = 0x207
export const ARPHRD_6LOWPAN = 825
export const ARPHRD_TUNNEL = 0x300
export const ARPHRD_TUNNEL6 = 0x301
export const ARPHRD_FRAD = 0x302
export const ARPHRD_SKIP = 0x303
export const ARPHRD_LOOPBACK = 0x304
export const ARPHRD_LOCALTLK = 0x305
export const ARPHRD_FDDI = 0x306
export const ARPHRD_BIF = 0x307
export const ARPHRD_SIT = 0x308
export const ARPHRD_IPDDP = 0x309
export const ARPHRD_IPGRE = 0x30a
export const ARPHRD_PIMREG = 0x30b
export const ARPHRD_ASH = 0x30d
export const ARPHRD_ECONET = 0x30e
export const ARPHRD_IRDA = 0x30f
export const ARPHRD_FCPP = 0x310
export const ARPHRD_FCAL = 0x311
export const ARPHRD_FCPL = 0x312
export const ARPHRD_FCFABRIC = 0x313
export const ARPHRD_IEEE802_TR = 0x320
export const ARPHRD_IEEE80211 = 0x321
export const ARPHRD_IEEE80211_PRISM = 0x322
export const ARPHRD_IEEE80211_RADIOTAP = 0x323
export const ARPHRD_IEEE802154 = 0x324
export const ARPHRD_IEEE802154_MONITOR = 0x325
export const ARPHRD_PHONET = 0x334
export const ARPHRD_PHONET_PIPE = 0x335
export const ARPHRD_CAIF = 0x336
export const ARPHRD_IP6GRE = 0x337
export const ARPHRD_NETLINK = 0x338
export const ARPHRD_VSOCKMON = 0x33a
export const ARPHRD_NONE = 0xfffe
export const ARPHRD_VOID = 0xffff

/** arphdr.ar_op */
export const ARPOP_REQUEST = 1
export const ARPOP_REPLY = 2

/** arpreq.arp_flags */
export const ATF_COM = 0x02
export const ATF_PERM = 0x04
export const ATF_PUBL = 0x08
export const ATF_USETRAILERS = 0x10
export const ATF_NETMASK = 0x20
export const ATF_DONTPUB = 0x40

/** SIOCSARP, SIOCGARP, SIOCDARP; the addresses are sockaddrs. */
export const arpreq = struct('arpreq', { arp_pa: bytes(16), arp_ha: bytes(16), arp_flags: s32, arp_netmask: bytes(16), arp_dev: chars(16) })
