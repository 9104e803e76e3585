/** drivers/net/veth.c veth_ethtool_ops. XDP programs do not run here: what their queues count stays 0. */
import { netif_set_real_num_rx_queues, netif_set_real_num_tx_queues } from '../../net/core/dev.ts'
import {
  type ethtool_channels,
  type ethtool_drvinfo,
  type ethtool_link_ksettings,
  type ethtool_ops,
  ethtool_op_get_link,
  ethtool_op_get_ts_info,
} from '../../net/core/ethtool_ops.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { DUPLEX_FULL, ETH_SS_STATS, PORT_TP } from '../../uapi/linux/ethtool.ts'
import { peer_of } from './peer_link.ts'
import { veth_set_xdp_features } from './veth.ts'

const rx_stats = ['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors']
const tx_stats = ['xdp_xmit', 'xdp_xmit_errors']

export function veth_get_drvinfo(): ethtool_drvinfo {
  return { driver: 'veth', version: '1.0' }
}
export function veth_get_link_ksettings(): ethtool_link_ksettings {
  return { speed: 10000, duplex: DUPLEX_FULL, port: PORT_TP, autoneg: 0 }
}
export function veth_get_strings(dev: net_device, set: number): readonly string[] | undefined {
  if (set !== ETH_SS_STATS) return undefined
  const of_queues = (way: string, count: number, stats: readonly string[]) =>
    Array.from({ length: count }, (_, i) => stats.map((name) => `${way}_queue_${i}_${name}`)).flat()
  return ['peer_ifindex', ...of_queues('rx', dev.real_num_rx_queues, rx_stats), ...of_queues('tx', dev.real_num_tx_queues, tx_stats)]
}
export function veth_get_ethtool_stats(dev: net_device): number[] {
  const counters = rx_stats.length * dev.real_num_rx_queues + tx_stats.length * dev.real_num_tx_queues
  return [peer_of(dev)?.ifindex ?? 0, ...new Array<number>(counters).fill(0)]
}
export function veth_get_channels(dev: net_device): Partial<ethtool_channels> {
  return { max_rx: dev.num_rx_queues, max_tx: dev.num_tx_queues, rx_count: dev.real_num_rx_queues, tx_count: dev.real_num_tx_queues }
}
export function veth_set_channels(dev: net_device, { rx_count, tx_count }: ethtool_channels): Errno | undefined {
  if (rx_count === 0 || tx_count === 0) return EINVAL
  netif_set_real_num_rx_queues(dev, rx_count)
  netif_set_real_num_tx_queues(dev, tx_count)
  const peer = peer_of(dev)
  veth_set_xdp_features(dev)
  if (peer !== undefined) veth_set_xdp_features(peer)
  return undefined
}
export const veth_ethtool_ops: ethtool_ops = {
  name: 'veth_ethtool_ops',
  get_drvinfo: veth_get_drvinfo,
  get_link: ethtool_op_get_link,
  get_strings: veth_get_strings,
  get_ethtool_stats: veth_get_ethtool_stats,
  get_link_ksettings: veth_get_link_ksettings,
  get_ts_info: ethtool_op_get_ts_info,
  get_channels: veth_get_channels,
  set_channels: veth_set_channels,
}
