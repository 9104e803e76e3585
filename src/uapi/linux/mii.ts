/** include/uapi/linux/mii.h: registers of a PHY, and bits there. */
export const MII_BMCR = 0x00
export const MII_BMSR = 0x01
export const MII_PHYSID1 = 0x02
export const MII_PHYSID2 = 0x03
export const MII_ADVERTISE = 0x04
export const MII_LPA = 0x05
export const MII_NCONFIG = 0x1c

export const BMCR_FULLDPLX = 0x0100
export const BMCR_ANRESTART = 0x0200
export const BMCR_ISOLATE = 0x0400
export const BMCR_ANENABLE = 0x1000
export const BMCR_SPEED100 = 0x2000
export const BMCR_LOOPBACK = 0x4000
export const BMCR_RESET = 0x8000

export const BMSR_LSTATUS = 0x0004
export const BMSR_ANEGCOMPLETE = 0x0020

export const LPA_10HALF = 0x0020
export const LPA_10FULL = 0x0040
export const LPA_100HALF = 0x0080
export const LPA_100FULL = 0x0100
export const LPA_PAUSE_CAP = 0x0400
export const LPA_PAUSE_ASYM = 0x0800
export const LPA_LPACK = 0x4000
