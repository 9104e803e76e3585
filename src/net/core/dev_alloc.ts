/** net/core/dev.c alloc_netdev_mqs(), free_netdev() */
import { default_ethtool_ops } from './ethtool_ops.ts'
import type { net } from './net_namespace.ts'
import {
  DEFAULT_TX_QUEUE_LEN,
  IFF_NO_QUEUE,
  IFF_XMIT_DST_RELEASE,
  NET_NAME_UNKNOWN,
  NETREG_RELEASED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  net_device,
  type net_device_ops,
} from './netdevice.ts'

const no_netdev_ops: net_device_ops = { name: 'no_netdev_ops' }

export interface alloc_netdev_options {
  txqs?: number
  rxqs?: number
  /** NET_NAME_* */
  name_assign_type?: number
}

/**
 * A device that is not registered: defaults, then `setup`, then what setup left open. A `setup` that gives no queue
 * length wants no queue. The name may be a template.
 */
export function alloc_netdev(
  net: net,
  name: string,
  ops: net_device_ops | undefined,
  setup: (dev: net_device) => void,
  options: alloc_netdev_options = {},
): net_device {
  const { txqs = 1, rxqs = 1, name_assign_type = NET_NAME_UNKNOWN } = options
  if (txqs < 1 || rxqs < 1) throw new RangeError('alloc_netdev: Unable to allocate device with zero queues')
  const dev = new net_device(net, '', ops ?? no_netdev_ops)
  dev.priv_flags = IFF_XMIT_DST_RELEASE
  setup(dev)
  if (dev.tx_queue_len === 0) {
    dev.priv_flags |= IFF_NO_QUEUE
    dev.tx_queue_len = DEFAULT_TX_QUEUE_LEN
  }
  dev.num_tx_queues = dev.real_num_tx_queues = txqs
  dev.num_rx_queues = dev.real_num_rx_queues = rxqs
  dev.name = name
  dev.name_assign_type = name_assign_type
  dev.ethtool_ops ??= default_ethtool_ops
  return dev
}

/**
 * The memory is the collector's. A device whose registration was undone is still on its way out when its maker gives it
 * up: then it is freed when that is done.
 */
export function free_netdev(dev: net_device): void {
  if (dev.reg_state === NETREG_UNREGISTERING) {
    dev.needs_free_netdev = true
    return
  }
  dev.uc = []
  dev.mc = []
  if (dev.reg_state === NETREG_UNREGISTERED) dev.reg_state = NETREG_RELEASED
}

export function netif_is_multiqueue(dev: net_device): boolean {
  return dev.num_tx_queues > 1
}
/** netif_set_tso_max_size(): the limits in use come down to it, where they are above. */
export function netif_set_tso_max_size(dev: net_device, size: number): void {
  dev.tso_max_size = size
  if (size < dev.gso_max_size) dev.gso_max_size = size
  if (size < dev.gso_ipv4_max_size) dev.gso_ipv4_max_size = size
}
export function netif_set_tso_max_segs(dev: net_device, segs: number): void {
  dev.tso_max_segs = segs
  if (segs < dev.gso_max_segs) dev.gso_max_segs = segs
}
/** netif_inherit_tso_max() */
export function netif_inherit_tso_max(to: net_device, from: net_device): void {
  netif_set_tso_max_size(to, from.tso_max_size)
  netif_set_tso_max_segs(to, from.tso_max_segs)
}
