/** e100.c e100_ethtool_ops. */
import { type net_device, netdev_priv } from '../../../../../net/core/netdevice.ts'
import type { ethtool_drvinfo, ethtool_link_ksettings, ethtool_ops } from '../../../../../net/core/ethtool_ops.ts'
import { dev_get_stats } from '../../../../../net/core/dev_stats.ts'
import type { LinkStatName } from '../../../../../uapi/linux/if_link.ts'
import { UTS_RELEASE } from '../../../../../uapi/linux/utsname.ts'
import { pci_name } from '../../../../pci/pci.ts'
import { mii_ethtool_get_link_ksettings, mii_link_ok } from '../../../mii.ts'
import type { nic } from './e100.ts'

/** ETH_SS_STATS: the device's counters, then the driver's own. */
const net_stats: readonly LinkStatName[] = [
  'rx_packets',
  'tx_packets',
  'rx_bytes',
  'tx_bytes',
  'rx_errors',
  'tx_errors',
  'rx_dropped',
  'tx_dropped',
  'multicast',
  'collisions',
  'rx_length_errors',
  'rx_over_errors',
  'rx_crc_errors',
  'rx_frame_errors',
  'rx_fifo_errors',
  'rx_missed_errors',
  'tx_aborted_errors',
  'tx_carrier_errors',
  'tx_fifo_errors',
  'tx_heartbeat_errors',
  'tx_window_errors',
]
const own_stats = [
  ['tx_deferred', 'tx_deferred'],
  ['tx_single_collisions', 'tx_single_collisions'],
  ['tx_multi_collisions', 'tx_multiple_collisions'],
  ['tx_flow_control_pause', 'tx_fc_pause'],
  ['rx_flow_control_pause', 'rx_fc_pause'],
  ['rx_flow_control_unsupported', 'rx_fc_unsupported'],
  ['tx_tco_packets', 'tx_tco_frames'],
  ['rx_tco_packets', 'rx_tco_frames'],
  ['rx_short_frame_errors', 'rx_short_frame_errors'],
  ['rx_over_length_errors', 'rx_over_length_errors'],
] as const
const ETH_SS_STATS = 1

export function e100_get_drvinfo(dev: net_device): ethtool_drvinfo {
  const { pdev } = netdev_priv<nic>(dev)
  return { driver: 'e100', version: UTS_RELEASE, bus_info: pci_name(pdev) }
}
export function e100_get_link(dev: net_device): boolean {
  return mii_link_ok(netdev_priv<nic>(dev).mii)
}
export function e100_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  return mii_ethtool_get_link_ksettings(netdev_priv<nic>(dev).mii)
}
export function e100_get_strings(_dev: net_device, set: number): string[] {
  return set === ETH_SS_STATS ? [...net_stats, ...own_stats.map(([name]) => name)] : []
}
export function e100_get_ethtool_stats(dev: net_device): number[] {
  const stats = dev_get_stats(dev)
  const nic = netdev_priv<nic>(dev)
  return [...net_stats.map((name) => stats[name]), ...own_stats.map(([, field]) => nic[field])]
}
export const e100_ethtool_ops: ethtool_ops = {
  name: 'e100_ethtool_ops',
  get_drvinfo: e100_get_drvinfo,
  get_link: e100_get_link,
  get_link_ksettings: e100_get_link_ksettings,
  get_strings: e100_get_strings,
  get_ethtool_stats: e100_get_ethtool_stats,
}
