/** include/linux/ethtool.h struct ethtool_ops: what a driver tells ethtool. Exported constants, so that state can name them. */
import type { Errno } from '../../uapi/errno.ts'
import type { net_device } from './netdevice.ts'

export interface ethtool_drvinfo {
  driver: string
  version: string
  fw_version?: string
  bus_info?: string
}
export interface ethtool_link_ksettings {
  /** Mbit/s, or -1 (SPEED_UNKNOWN). */
  speed: number
  /** DUPLEX_HALF 0, DUPLEX_FULL 1, DUPLEX_UNKNOWN 255 */
  duplex: number
  port: number
  autoneg: number
}

export interface ethtool_ops {
  readonly name: string
  readonly get_drvinfo?: (dev: net_device) => ethtool_drvinfo
  readonly get_link?: (dev: net_device) => boolean
  readonly get_link_ksettings?: (dev: net_device) => ethtool_link_ksettings | Errno
  /** Names of ETH_SS_STATS. */
  readonly get_strings?: (dev: net_device, set: number) => string[]
  readonly get_ethtool_stats?: (dev: net_device) => number[]
}

/** net/core/dev.c default_ethtool_ops: of devices that bring none. */
export const default_ethtool_ops: ethtool_ops = { name: 'default_ethtool_ops' }
