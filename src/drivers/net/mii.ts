/** drivers/net/mii.c: what drivers of NICs with a PHY behind management registers share (IEEE 802.3 clause 22). */
import { put16 } from '../../lib/bytes.ts'
import { netif_carrier_off, netif_carrier_ok, netif_carrier_on } from '../../net/core/dev.ts'
import type { ethtool_link_ksettings } from '../../net/core/ethtool_ops.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
import * as T from '../../uapi/linux/ethtool.ts'
import * as M from '../../uapi/linux/mii.ts'
import { SIOCGMIIPHY, SIOCGMIIREG, SIOCSMIIREG } from '../../uapi/linux/sockios.ts'

/** struct mii_if_info. The two functions are exported ones. */
export class mii_if_info {
  phy_id = 0
  advertising = 0
  full_duplex = false
  force_media = false
  readonly dev: net_device
  readonly mdio_read: (dev: net_device, phy_id: number, reg: number) => number
  readonly mdio_write: (dev: net_device, phy_id: number, reg: number, value: number) => void
  constructor(dev: net_device, mdio_read: mii_if_info['mdio_read'], mdio_write: mii_if_info['mdio_write']) {
    this.dev = dev
    this.mdio_read = mdio_read
    this.mdio_write = mdio_write
  }
}
function read(mii: mii_if_info, reg: number): number {
  return mii.mdio_read(mii.dev, mii.phy_id, reg)
}

/** The status is read twice: a link that was lost and is back shows as lost the first time. */
export function mii_link_ok(mii: mii_if_info): boolean {
  read(mii, M.MII_BMSR)
  return (read(mii, M.MII_BMSR) & M.BMSR_LSTATUS) !== 0
}
/** The device's carrier follows the PHY's link. */
export function mii_check_link(mii: mii_if_info): void {
  const up = mii_link_ok(mii)
  if (up && !netif_carrier_ok(mii.dev)) netif_carrier_on(mii.dev)
  else if (!up && netif_carrier_ok(mii.dev)) netif_carrier_off(mii.dev)
}

/** mii_get_an(): the modes that a register of auto-negotiation offers. */
const offers: readonly (readonly [number, bigint])[] = [
  [M.LPA_10HALF, T.ETHTOOL_LINK_MODE_10baseT_Half],
  [M.LPA_10FULL, T.ETHTOOL_LINK_MODE_10baseT_Full],
  [M.LPA_100HALF, T.ETHTOOL_LINK_MODE_100baseT_Half],
  [M.LPA_100FULL, T.ETHTOOL_LINK_MODE_100baseT_Full],
  [M.LPA_PAUSE_CAP, T.ETHTOOL_LINK_MODE_Pause],
  [M.LPA_PAUSE_ASYM, T.ETHTOOL_LINK_MODE_Asym_Pause],
  [M.LPA_LPACK, T.ETHTOOL_LINK_MODE_Autoneg],
]
/** The part of the register that settings of the link replace. */
const SPEEDS = M.LPA_10HALF | M.LPA_10FULL | M.LPA_100HALF | M.LPA_100FULL
const speed_modes =
  T.ETHTOOL_LINK_MODE_10baseT_Half |
  T.ETHTOOL_LINK_MODE_10baseT_Full |
  T.ETHTOOL_LINK_MODE_100baseT_Half |
  T.ETHTOOL_LINK_MODE_100baseT_Full
/** May be asked for, even where the PHY has none of them: nothing is offered then. */
const gigabit_modes = T.ETHTOOL_LINK_MODE_1000baseT_Half | T.ETHTOOL_LINK_MODE_1000baseT_Full
const MEDIA = T.ETHTOOL_LINK_MODE_TP | T.ETHTOOL_LINK_MODE_MII
const { ETHTOOL_LINK_MODE_Autoneg: AUTONEG } = T

/** All of them lie in the low word: drivers look every two seconds, and numbers are cheaper to put together. */
const offered_modes = offers.map(([bit, mode]) => [bit, Number(mode)] as const)
const HUNDRED = Number(T.ETHTOOL_LINK_MODE_100baseT_Full | T.ETHTOOL_LINK_MODE_100baseT_Half)
const HUNDRED_FULL = Number(T.ETHTOOL_LINK_MODE_100baseT_Full)
const TEN_FULL = Number(T.ETHTOOL_LINK_MODE_10baseT_Full)
const SUPPORTED = speed_modes | AUTONEG | MEDIA
function modes_of(register: number): number {
  let modes = 0
  for (const [bit, mode] of offered_modes) if (register & bit) modes |= mode
  return modes
}
/** mii_ethtool_get_link_ksettings(): what both sides offer decides, or what was forced. */
export function mii_ethtool_get_link_ksettings(mii: mii_if_info): ethtool_link_ksettings {
  const bmcr = read(mii, M.MII_BMCR)
  const bmsr = read(mii, M.MII_BMSR)
  const ours = modes_of(read(mii, M.MII_ADVERTISE)) | Number(MEDIA)
  if (!(bmcr & M.BMCR_ANENABLE)) {
    mii.full_duplex = (bmcr & M.BMCR_FULLDPLX) !== 0
    return ksettings(mii, T.AUTONEG_DISABLE, bmcr & M.BMCR_SPEED100 ? 100 : 10, ours)
  }
  const theirs = bmsr & M.BMSR_ANEGCOMPLETE ? modes_of(read(mii, M.MII_LPA)) : 0
  const common = ours & theirs
  mii.full_duplex = (common & (common & HUNDRED ? HUNDRED_FULL : TEN_FULL)) !== 0
  return ksettings(mii, T.AUTONEG_ENABLE, common & HUNDRED ? 100 : 10, ours | Number(AUTONEG), theirs)
}
function ksettings(mii: mii_if_info, autoneg: number, speed: number, ours: number, theirs?: number): ethtool_link_ksettings {
  return {
    port: T.PORT_MII,
    phy_address: mii.phy_id,
    mdio_support: T.ETH_MDIO_SUPPORTS_C22,
    supported: SUPPORTED,
    speed,
    duplex: mii.full_duplex ? T.DUPLEX_FULL : T.DUPLEX_HALF,
    autoneg,
    advertising: BigInt(ours),
    lp_advertising: theirs === undefined ? undefined : BigInt(theirs),
  }
}
/** mii_ethtool_set_link_ksettings(): negotiated with what is offered, or forced. */
export function mii_ethtool_set_link_ksettings(mii: mii_if_info, settings: ethtool_link_ksettings): Errno | undefined {
  const { speed, duplex, port, phy_address = 0, autoneg, advertising = 0n } = settings
  if ((speed !== 10 && speed !== 100) || (duplex !== T.DUPLEX_HALF && duplex !== T.DUPLEX_FULL)) return EINVAL
  if (port !== T.PORT_MII || phy_address !== mii.phy_id || autoneg > T.AUTONEG_ENABLE) return EINVAL
  if (autoneg === T.AUTONEG_ENABLE) return negotiate(mii, advertising)
  const bmcr = read(mii, M.MII_BMCR)
  mii.full_duplex = duplex === T.DUPLEX_FULL
  const kept = bmcr & ~(M.BMCR_ANENABLE | M.BMCR_SPEED100 | M.BMCR_FULLDPLX)
  const forced = kept | (speed === 100 ? M.BMCR_SPEED100 : 0) | (mii.full_duplex ? M.BMCR_FULLDPLX : 0)
  if (forced !== bmcr) mii.mdio_write(mii.dev, mii.phy_id, M.MII_BMCR, forced)
  mii.force_media = true
  return undefined
}
function negotiate(mii: mii_if_info, advertising: bigint): Errno | undefined {
  if ((advertising & (speed_modes | gigabit_modes)) === 0n) return EINVAL
  const before = read(mii, M.MII_ADVERTISE)
  const offered = offers.reduce((bits, [bit, mode]) => (bit & SPEEDS && advertising & mode ? bits | bit : bits), before & ~SPEEDS)
  if (offered !== before) {
    mii.mdio_write(mii.dev, mii.phy_id, M.MII_ADVERTISE, offered)
    mii.advertising = offered
  }
  mii.mdio_write(mii.dev, mii.phy_id, M.MII_BMCR, read(mii, M.MII_BMCR) | M.BMCR_ANENABLE | M.BMCR_ANRESTART)
  mii.force_media = false
  return undefined
}
/** mii_nway_restart(): EINVAL without auto-negotiation. */
export function mii_nway_restart(mii: mii_if_info): Errno | undefined {
  const bmcr = read(mii, M.MII_BMCR)
  if (!(bmcr & M.BMCR_ANENABLE)) return EINVAL
  mii.mdio_write(mii.dev, mii.phy_id, M.MII_BMCR, bmcr | M.BMCR_ANRESTART)
  return undefined
}

// struct mii_ioctl_data in an ifreq: phy_id, reg_num, val_in, val_out
const PHY_ID = 16
const REG_NUM = 18
const VAL_IN = 20
const VAL_OUT = 22
/** generic_mii_ioctl(): SIOCGMIIPHY, SIOCGMIIREG, SIOCSMIIREG; the ifreq in place. */
export function generic_mii_ioctl(mii: mii_if_info, ifr: Uint8Array, cmd: number): Errno | undefined {
  const field = (at: number) => ifr[at] | (ifr[at + 1] << 8)
  if (cmd === SIOCGMIIPHY) put16(ifr, PHY_ID, mii.phy_id)
  else if (cmd !== SIOCGMIIREG && cmd !== SIOCSMIIREG) return EOPNOTSUPP
  const phy = field(PHY_ID) & 0x1f
  const reg = field(REG_NUM) & 0x1f
  put16(ifr, PHY_ID, phy)
  put16(ifr, REG_NUM, reg)
  if (cmd === SIOCSMIIREG) set_register(mii, phy, reg, field(VAL_IN))
  else put16(ifr, VAL_OUT, mii.mdio_read(mii.dev, phy, reg))
  return undefined
}
function set_register(mii: mii_if_info, phy: number, reg: number, value: number): void {
  if (phy === mii.phy_id && reg === M.MII_BMCR) {
    mii.force_media = (value & (M.BMCR_RESET | M.BMCR_ANENABLE)) === 0
    if (mii.force_media) mii.full_duplex = (value & M.BMCR_FULLDPLX) !== 0
  } else if (phy === mii.phy_id && reg === M.MII_ADVERTISE) mii.advertising = value
  mii.mdio_write(mii.dev, phy, reg, value)
}
