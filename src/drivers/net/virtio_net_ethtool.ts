/** drivers/net/virtio_net.c virtnet_ethtool_ops. */
import { netif_running, netif_set_real_num_rx_queues, netif_set_real_num_tx_queues } from '../../net/core/dev.ts'
import { netdev_err } from '../../net/core/dev_printk.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import { napi_disable } from '../../net/core/dev_receive.ts'
import { netif_stop_subqueue } from '../../net/core/dev_queue.ts'
import {
  type ethtool_channels,
  type ethtool_coalesce,
  type ethtool_drvinfo,
  type ethtool_link_ksettings,
  type ethtool_ops,
  ethtool_op_get_link,
  ethtool_op_get_ts_info,
  type ethtool_ringparam,
  ethtool_virtdev_validate,
} from '../../net/core/ethtool_ops.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { kfree_skb } from '../../net/core/skbuff.ts'
import { EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  AUTONEG_DISABLE,
  ETH_SS_STATS,
  ETHTOOL_COALESCE_RX_MAX_FRAMES,
  ETHTOOL_COALESCE_RX_USECS,
  ETHTOOL_COALESCE_TX_MAX_FRAMES,
  ETHTOOL_COALESCE_TX_USECS,
  ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
  PORT_OTHER,
} from '../../uapi/linux/ethtool.ts'
import { virtio_name } from '../virtio/virtio.ts'
import { virtqueue_detach_unused_buf, type vring_virtqueue } from '../virtio/virtio_ring.ts'
import {
  MAX_SKB_FRAGS,
  virtnet_disable_queues,
  virtnet_enable_pair,
  virtnet_enable_queues,
  type virtnet_info,
  virtnet_priv,
} from './virtio_net.ts'
import { virtnet_set_queues } from './virtio_net_ctrl.ts'
import { virtnet_get_rxfh, virtnet_get_rxfh_fields, virtnet_set_rxfh, virtnet_set_rxfh_fields } from './virtio_net_rss.ts'

const rx_stats = ['drops', 'xdp_packets', 'xdp_tx', 'xdp_redirects', 'xdp_drops', 'kicks']
const tx_stats = ['xdp_tx', 'xdp_tx_drops', 'kicks', 'tx_timeouts']
const RING_MAX = 256

export function virtnet_get_drvinfo(dev: net_device): ethtool_drvinfo {
  const { vdev } = virtnet_priv(dev)
  return { driver: 'virtio_net', version: '1.0.0', bus_info: vdev.config.bus_name(vdev) }
}
export function virtnet_get_strings(dev: net_device, set: number): readonly string[] | undefined {
  if (set !== ETH_SS_STATS) return undefined
  const names = (stats: readonly string[], way: string) => stats.map((name) => `${way}_${name}`)
  const { curr_queue_pairs } = virtnet_priv(dev)
  const pairs = Array.from({ length: curr_queue_pairs }, (_, i) => i)
  return [
    ...names(rx_stats, 'rx'),
    ...names(tx_stats, 'tx'),
    ...pairs.flatMap((i) => names(rx_stats, `rx${i}`)),
    ...pairs.flatMap((i) => names(tx_stats, `tx${i}`)),
  ]
}
/** Of all queues together, then of each. */
export function virtnet_get_ethtool_stats(dev: net_device): number[] {
  const vi = virtnet_priv(dev)
  const rx = vi.rq.slice(0, vi.curr_queue_pairs).map(({ drops, kicks }) => [drops, 0, 0, 0, 0, kicks])
  const tx = vi.sq.slice(0, vi.curr_queue_pairs).map(({ kicks, tx_timeouts }) => [0, 0, kicks, tx_timeouts])
  const sum = (rows: number[][]) => rows[0].map((_, i) => rows.reduce((total, row) => total + row[i], 0))
  return [...sum(rx), ...sum(tx), ...rx.flat(), ...tx.flat()]
}

export function virtnet_get_channels(dev: net_device): Partial<ethtool_channels> {
  const { curr_queue_pairs, max_queue_pairs } = virtnet_priv(dev)
  return { combined_count: curr_queue_pairs, max_combined: max_queue_pairs }
}
export function virtnet_set_channels(dev: net_device, channels: ethtool_channels): Errno | undefined {
  if (channels.rx_count !== 0 || channels.tx_count !== 0 || channels.other_count !== 0) return EINVAL
  const vi = virtnet_priv(dev)
  const error = virtnet_set_queues(vi, channels.combined_count)
  if (isErrno(error)) return EINVAL
  const running = netif_running(dev)
  if (running) virtnet_disable_queues(vi)
  vi.curr_queue_pairs = channels.combined_count
  netif_set_real_num_tx_queues(dev, vi.curr_queue_pairs)
  netif_set_real_num_rx_queues(dev, vi.curr_queue_pairs)
  if (running) virtnet_enable_queues(vi)
  return undefined
}

export function virtnet_get_ringparam(dev: net_device): Partial<ethtool_ringparam> {
  const { rq, sq } = virtnet_priv(dev)
  return { rx_max_pending: RING_MAX, tx_max_pending: RING_MAX, rx_pending: rq[0].vq.num, tx_pending: sq[0].vq.num }
}
/** Queue by queue: out of use, new rings, into use. EINVAL, ENOMEM: the size is none that a ring can have. */
export function virtnet_set_ringparam(dev: net_device, ring: ethtool_ringparam): Errno | undefined {
  if (ring.rx_mini_pending !== 0 || ring.rx_jumbo_pending !== 0) return EINVAL
  const vi = virtnet_priv(dev)
  const refused = refused_size(vi, 'tx', ring.tx_pending) ?? refused_size(vi, 'rx', ring.rx_pending)
  if (refused !== undefined) return refused
  const running = netif_running(dev)
  for (let i = 0; i < vi.max_queue_pairs; i++) {
    if (running && i < vi.curr_queue_pairs) {
      napi_disable(vi.rq[i].napi)
      napi_disable(vi.sq[i].napi)
      netif_stop_subqueue(dev, i)
    }
    virtqueue_resize(vi, vi.sq[i].vq, ring.tx_pending)
    virtqueue_resize(vi, vi.rq[i].vq, ring.rx_pending)
    if (running && i < vi.curr_queue_pairs) virtnet_enable_pair(vi, i)
  }
  return undefined
}
/** virtnet_tx_resize(), virtnet_rx_resize(): a packet in parts must fit; rings are powers of two. */
function refused_size({ dev, vdev }: virtnet_info, way: 'rx' | 'tx', num: number): Errno | undefined {
  if (way === 'tx' && num <= MAX_SKB_FRAGS + 2) {
    netdev_err(dev, `tx size (${num}) cannot be smaller than ${MAX_SKB_FRAGS + 2}`)
    return EINVAL
  }
  if (num > 0 && (num & (num - 1)) === 0) return undefined
  if (num > 0) vdev.kernel.printk(KERN_WARNING, `virtio_net ${virtio_name(vdev)}: Bad virtqueue length ${num}`)
  const error = num === 0 ? EINVAL : ENOMEM
  netdev_err(dev, `resize ${way} fail: ${way} queue index: 0 err: -${error.code}`)
  return error
}
function virtqueue_resize({ vdev }: virtnet_info, vq: vring_virtqueue, num: number): void {
  if (num === vq.num) return
  for (let skb = virtqueue_detach_unused_buf(vq); skb !== undefined; skb = virtqueue_detach_unused_buf(vq)) kfree_skb(skb)
  vdev.config.disable_vq_and_reset(vdev, vq)
  vq.num = num
  vdev.config.enable_vq_after_reset(vdev, vq)
}

/** Send queues are polled: tx-frames 1 says so. */
export function virtnet_get_coalesce(_dev: net_device): Partial<ethtool_coalesce> {
  return { rx_max_coalesced_frames: 1, tx_max_coalesced_frames: 1 }
}
export function virtnet_set_coalesce(dev: net_device, coalesce: ethtool_coalesce): Errno | undefined {
  // adaptive-rx is taken, and nothing follows from it: the device has no moderation
  if (coalesce.rx_coalesce_usecs !== 0 || coalesce.tx_coalesce_usecs !== 0) return EOPNOTSUPP
  if (coalesce.tx_max_coalesced_frames > 1 || coalesce.rx_max_coalesced_frames !== 1) return EINVAL
  if (coalesce.tx_max_coalesced_frames === 1) return undefined
  if (netif_running(dev)) return EBUSY
  // sending without polls is not built
  dev.nd_net.kernel.unsupported.count('ethtool', 'virtio_net tx-frames 0')
  return EOPNOTSUPP
}
export function virtnet_get_link_ksettings(dev: net_device): ethtool_link_ksettings {
  const { speed, duplex } = virtnet_priv(dev)
  return { speed, duplex, port: PORT_OTHER, autoneg: AUTONEG_DISABLE }
}
export function virtnet_set_link_ksettings(dev: net_device, settings: ethtool_link_ksettings): Errno | undefined {
  const error = ethtool_virtdev_validate(settings)
  if (error !== undefined) return error
  const vi = virtnet_priv(dev)
  vi.speed = settings.speed
  vi.duplex = settings.duplex
  return undefined
}
export function virtnet_get_rxrings(dev: net_device): number {
  return virtnet_priv(dev).curr_queue_pairs
}

export const virtnet_ethtool_ops: ethtool_ops = {
  name: 'virtnet_ethtool_ops',
  supported_coalesce_params:
    ETHTOOL_COALESCE_RX_USECS |
    ETHTOOL_COALESCE_RX_MAX_FRAMES |
    ETHTOOL_COALESCE_TX_USECS |
    ETHTOOL_COALESCE_TX_MAX_FRAMES |
    ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
  get_drvinfo: virtnet_get_drvinfo,
  get_link: ethtool_op_get_link,
  get_ringparam: virtnet_get_ringparam,
  set_ringparam: virtnet_set_ringparam,
  get_strings: virtnet_get_strings,
  get_ethtool_stats: virtnet_get_ethtool_stats,
  set_channels: virtnet_set_channels,
  get_channels: virtnet_get_channels,
  get_ts_info: ethtool_op_get_ts_info,
  get_link_ksettings: virtnet_get_link_ksettings,
  set_link_ksettings: virtnet_set_link_ksettings,
  get_coalesce: virtnet_get_coalesce,
  set_coalesce: virtnet_set_coalesce,
  get_rxrings: virtnet_get_rxrings,
  get_rxfh: virtnet_get_rxfh,
  set_rxfh: virtnet_set_rxfh,
  get_rxfh_fields: virtnet_get_rxfh_fields,
  set_rxfh_fields: virtnet_set_rxfh_fields,
}
