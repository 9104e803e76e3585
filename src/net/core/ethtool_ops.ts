/**
 * include/linux/ethtool.h struct ethtool_ops: what a driver tells ethtool, and lets it change. Exported constants, so that
 * state can name them. What a driver lacks is EOPNOTSUPP to programs.
 */
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { DUPLEX_FULL, DUPLEX_HALF, DUPLEX_UNKNOWN, PORT_OTHER, SPEED_UNKNOWN } from '../../uapi/linux/ethtool.ts'
import { SOF_TIMESTAMPING_TX_SOFTWARE } from '../../uapi/linux/net_tstamp.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { linkwatch_sync_dev, netif_carrier_ok } from './link_watch.ts'
import type { net_device } from './netdevice.ts'

export interface ethtool_drvinfo {
  driver: string
  /** The kernel's release when missing. */
  version?: string
  fw_version?: string
  /** The parent's name when missing. */
  bus_info?: string
}
/** Sets of link modes are by the numbers of ETHTOOL_LINK_MODE_*_BIT. What is missing is 0. */
export interface ethtool_link_ksettings {
  /** Mbit/s, or -1 (SPEED_UNKNOWN). */
  speed: number
  /** DUPLEX_HALF 0, DUPLEX_FULL 1, DUPLEX_UNKNOWN 255 */
  duplex: number
  port: number
  autoneg: number
  phy_address?: number
  transceiver?: number
  mdio_support?: number
  eth_tp_mdix?: number
  eth_tp_mdix_ctrl?: number
  supported?: bigint
  advertising?: bigint
  lp_advertising?: bigint
}
export interface ethtool_wolinfo {
  supported: number
  wolopts: number
}
/** Sizes of rings; a maximum of 0: there is no such ring. */
export interface ethtool_ringparam {
  rx_max_pending: number
  rx_mini_max_pending: number
  rx_jumbo_max_pending: number
  tx_max_pending: number
  rx_pending: number
  rx_mini_pending: number
  rx_jumbo_pending: number
  tx_pending: number
}
export interface ethtool_channels {
  max_rx: number
  max_tx: number
  max_other: number
  max_combined: number
  rx_count: number
  tx_count: number
  other_count: number
  combined_count: number
}
/** The fields of struct ethtool_coalesce in its order. */
export const coalesce_fields = [
  'rx_coalesce_usecs',
  'rx_max_coalesced_frames',
  'rx_coalesce_usecs_irq',
  'rx_max_coalesced_frames_irq',
  'tx_coalesce_usecs',
  'tx_max_coalesced_frames',
  'tx_coalesce_usecs_irq',
  'tx_max_coalesced_frames_irq',
  'stats_block_coalesce_usecs',
  'use_adaptive_rx_coalesce',
  'use_adaptive_tx_coalesce',
  'pkt_rate_low',
  'rx_coalesce_usecs_low',
  'rx_max_coalesced_frames_low',
  'tx_coalesce_usecs_low',
  'tx_max_coalesced_frames_low',
  'pkt_rate_high',
  'rx_coalesce_usecs_high',
  'rx_max_coalesced_frames_high',
  'tx_coalesce_usecs_high',
  'tx_max_coalesced_frames_high',
  'rate_sample_interval',
] as const
export type ethtool_coalesce = Record<(typeof coalesce_fields)[number], number>
export interface ethtool_pauseparam {
  autoneg: boolean
  rx_pause: boolean
  tx_pause: boolean
}
export interface ethtool_regs {
  version: number
  data: Uint8Array
}
export interface kernel_ethtool_ts_info {
  so_timestamping: number
  phc_index: number
  tx_types: number
  rx_filters: number
}
/** What a self-test found: a number a test, and whether all went well. */
export interface ethtool_test_result {
  failed: boolean
  data: number[]
}

export interface ethtool_ops {
  readonly name: string
  /** ETHTOOL_COALESCE_*: by the place in coalesce_fields. */
  readonly supported_coalesce_params?: number
  readonly get_drvinfo?: (dev: net_device) => ethtool_drvinfo
  readonly get_regs?: (dev: net_device) => ethtool_regs
  readonly get_wol?: (dev: net_device) => ethtool_wolinfo
  readonly set_wol?: (dev: net_device, wol: ethtool_wolinfo) => Errno | undefined
  readonly get_msglevel?: (dev: net_device) => number
  readonly set_msglevel?: (dev: net_device, level: number) => void
  readonly nway_reset?: (dev: net_device) => Errno | undefined
  readonly get_link?: (dev: net_device) => boolean
  readonly get_eeprom_len?: (dev: net_device) => number
  /** The bytes, and the magic that a program has to give to write them. */
  readonly get_eeprom?: (dev: net_device, offset: number, length: number) => { magic: number; data: Uint8Array } | Errno
  readonly set_eeprom?: (dev: net_device, magic: number, offset: number, data: Uint8Array) => Errno | undefined
  readonly get_coalesce?: (dev: net_device) => Partial<ethtool_coalesce>
  readonly set_coalesce?: (dev: net_device, coalesce: ethtool_coalesce, extack: netlink_ext_ack | undefined) => Errno | undefined
  readonly get_ringparam?: (dev: net_device) => Partial<ethtool_ringparam>
  readonly set_ringparam?: (dev: net_device, ring: ethtool_ringparam, extack: netlink_ext_ack | undefined) => Errno | undefined
  readonly get_pauseparam?: (dev: net_device) => ethtool_pauseparam
  readonly set_pauseparam?: (dev: net_device, pause: ethtool_pauseparam) => Errno | undefined
  readonly self_test?: (dev: net_device, offline: boolean) => ethtool_test_result
  /** Names of a set (ETH_SS_*); undefined: the driver has no such set. */
  readonly get_strings?: (dev: net_device, set: number) => readonly string[] | undefined
  readonly set_phys_id?: (dev: net_device, state: number) => number | Errno
  readonly get_ethtool_stats?: (dev: net_device) => number[]
  readonly get_ts_info?: (dev: net_device) => kernel_ethtool_ts_info
  readonly get_channels?: (dev: net_device) => Partial<ethtool_channels>
  readonly set_channels?: (dev: net_device, channels: ethtool_channels) => Errno | undefined
  readonly get_link_ksettings?: (dev: net_device) => ethtool_link_ksettings | Errno
  readonly set_link_ksettings?: (dev: net_device, settings: ethtool_link_ksettings) => Errno | undefined
  /** Rings that ETHTOOL_GRXRINGS tells of. */
  readonly get_rxrings?: (dev: net_device) => number
  readonly get_rxfh?: (dev: net_device) => ethtool_rxfh
  readonly set_rxfh?: (dev: net_device, rxfh: ethtool_rxfh_param) => Errno | undefined
  /** Of a kind of flow (TCP_V4_FLOW …): the fields that are hashed (RXH_*). */
  readonly get_rxfh_fields?: (dev: net_device, flow_type: number) => number | Errno
  readonly set_rxfh_fields?: (dev: net_device, flow_type: number, fields: number) => Errno | undefined
}
/** How flows are spread over queues: the function (ETH_RSS_HASH_*, by bit), its key, and the table of queues. */
export interface ethtool_rxfh {
  hfunc: number
  indir: readonly number[]
  key: Uint8Array
}
/** What is to be changed of it; a function of 0 stays. */
export interface ethtool_rxfh_param {
  indir: readonly number[] | undefined
  key: Uint8Array | undefined
  hfunc: number
}

/** net/core/dev.c default_ethtool_ops: of devices that bring none. */
export const default_ethtool_ops: ethtool_ops = { name: 'default_ethtool_ops' }

/** net/ethtool/ioctl.c ethtool_op_get_link(), ethtool_op_get_ts_info(): what most drivers have. */
export function ethtool_op_get_link(dev: net_device): boolean {
  linkwatch_sync_dev(dev)
  return netif_carrier_ok(dev)
}
export function ethtool_op_get_ts_info(): kernel_ethtool_ts_info {
  return { so_timestamping: SOF_TIMESTAMPING_TX_SOFTWARE, phc_index: -1, tx_types: 0, rx_filters: 0 }
}

/** ethtool_get_ts_info_by_layer(): of the device below. */
export function ethtool_get_ts_info_of(dev: net_device): kernel_ethtool_ts_info {
  return dev.ethtool_ops?.get_ts_info?.(dev) ?? { so_timestamping: 0, phc_index: -1, tx_types: 0, rx_filters: 0 }
}

/** ethtool_virtdev_set_link_ksettings(): a device without a medium takes any known speed and duplex, and nothing else. */
export function ethtool_virtdev_validate(settings: ethtool_link_ksettings): Errno | undefined {
  const { speed, duplex, port, autoneg, phy_address, transceiver, eth_tp_mdix, eth_tp_mdix_ctrl, supported, lp_advertising } = settings
  const known_speed = speed === SPEED_UNKNOWN || (speed >= 0 && speed <= 0x7fffffff)
  const known_duplex = duplex === DUPLEX_HALF || duplex === DUPLEX_FULL || duplex === DUPLEX_UNKNOWN
  if (!known_speed || !known_duplex || port !== PORT_OTHER || autoneg !== 0) return EINVAL
  return phy_address || transceiver || eth_tp_mdix || eth_tp_mdix_ctrl || supported || lp_advertising ? EINVAL : undefined
}
