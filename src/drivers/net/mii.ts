/** drivers/net/mii.c: what drivers of NICs with a PHY behind management registers share (IEEE 802.3 clause 22). */
import { put16 } from '../../lib/bytes.ts'
import { netif_carrier_off, netif_carrier_ok, netif_carrier_on } from '../../net/core/dev.ts'
import type { ethtool_link_ksettings } from '../../net/core/ethtool_ops.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { EINVAL, EOPNOTSUPP, type Errno } from '../../uapi/errno.ts'
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

const PORT_MII = 2
/** mii_ethtool_get_link_ksettings(): what both sides offer decides, or what was forced. */
export function mii_ethtool_get_link_ksettings(mii: mii_if_info): ethtool_link_ksettings {
  const bmcr = read(mii, M.MII_BMCR)
  const autoneg = (bmcr & M.BMCR_ANENABLE) !== 0
  if (!autoneg) {
    mii.full_duplex = (bmcr & M.BMCR_FULLDPLX) !== 0
    return { speed: bmcr & M.BMCR_SPEED100 ? 100 : 10, duplex: mii.full_duplex ? 1 : 0, port: PORT_MII, autoneg: 0 }
  }
  const common = read(mii, M.MII_ADVERTISE) & read(mii, M.MII_LPA)
  const hundred = (common & (M.LPA_100FULL | M.LPA_100HALF)) !== 0
  mii.full_duplex = (common & (hundred ? M.LPA_100FULL : M.LPA_10FULL)) !== 0
  return { speed: hundred ? 100 : 10, duplex: mii.full_duplex ? 1 : 0, port: PORT_MII, autoneg: 1 }
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
