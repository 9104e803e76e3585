/**
 * An Intel 82555 PHY behind its management registers (IEEE 802.3 clause 22), as the PHY of QEMU's 82559 shows itself.
 * It negotiates in no time: what the partner offers is there as soon as the cable is.
 */
const BMCR = 0
const BMSR = 1
const PHYSID1 = 2
const PHYSID2 = 3
const ADVERTISE = 4
const LPA = 5
const EXPANSION = 6

const BMCR_RESET = 0x8000
const BMCR_ANRESTART = 0x0200
const BMCR_DEFAULT = 0x3000
/** 100 and 10 Mbit/s in both duplexes, auto-negotiation, extended registers. */
const BMSR_ABILITIES = 0x7809
const BMSR_LSTATUS = 0x0004
const BMSR_ANEGCOMPLETE = 0x0020
const ADVERTISE_DEFAULT = 0x05e1
/** Bits of the advertisement that software may change. */
const ADVERTISE_WRITABLE = 0x3fe0
/** All four modes and an acknowledgement. */
const PARTNER = 0x41fe

export class mii_phy {
  bmcr = BMCR_DEFAULT
  advertise = ADVERTISE_DEFAULT
  /** The cable's carrier. */
  link = true
  /** The link was lost since the status was last read: it reads as down once more. */
  lost = false
}

export function phy_set_link(phy: mii_phy, up: boolean): void {
  if (!up && phy.link) phy.lost = true
  phy.link = up
}
export function phy_read(phy: mii_phy, reg: number): number {
  switch (reg) {
    case BMCR:
      return phy.bmcr
    case BMSR:
      return status(phy)
    case PHYSID1:
      return 0x02a8
    case PHYSID2:
      return 0x0154
    case ADVERTISE:
      return phy.advertise
    case LPA:
      return phy.link ? PARTNER : 0
    case EXPANSION:
      return phy.link ? 1 : 0
    default:
      return 0
  }
}
function status(phy: mii_phy): number {
  const up = phy.link && !phy.lost
  phy.lost = false
  // also when the speed is forced, as QEMU's does
  return BMSR_ABILITIES | (up ? BMSR_LSTATUS | BMSR_ANEGCOMPLETE : 0)
}
export function phy_write(phy: mii_phy, reg: number, value: number): void {
  if (reg === BMCR) {
    if (value & BMCR_RESET) soft_reset(phy)
    else phy.bmcr = value & ~BMCR_ANRESTART
  } else if (reg === ADVERTISE) phy.advertise = (phy.advertise & ~ADVERTISE_WRITABLE) | (value & ADVERTISE_WRITABLE)
}
/** By software: the control register. What it offers stays. */
function soft_reset(phy: mii_phy): void {
  phy.bmcr = BMCR_DEFAULT
}
/** With the controller. The cable stays as it is. */
export function phy_reset(phy: mii_phy): void {
  soft_reset(phy)
  phy.advertise = ADVERTISE_DEFAULT
}
