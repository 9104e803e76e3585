/** net/core/net-sysfs.c: the directories statistics and queues of a device. */

import type { attribute_dir, device_attribute, sysfs_child } from '../../fs/sysfs.ts'
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import { capable } from '../../kernel/task.ts'
import { ENOENT, EOPNOTSUPP, EPERM, type Errno } from '../../uapi/errno.ts'
import type { LinkStatName } from '../../uapi/linux/if_link.ts'
import { dev_get_stats } from './dev_stats.ts'
import { IFF_NO_QUEUE, type net_device } from './netdevice.ts'
import { show_rps_dev_flow_table_cnt, show_rps_map, store_rps_dev_flow_table_cnt, store_rps_map } from './rps.ts'

const names: readonly LinkStatName[] = [
  'tx_errors',
  'rx_length_errors',
  'rx_packets',
  'tx_carrier_errors',
  'tx_dropped',
  'rx_missed_errors',
  'rx_over_errors',
  'tx_aborted_errors',
  'rx_crc_errors',
  'rx_frame_errors',
  'rx_nohandler',
  'tx_fifo_errors',
  'multicast',
  'tx_packets',
  'tx_window_errors',
  'rx_bytes',
  'collisions',
  'rx_dropped',
  'tx_bytes',
  'tx_heartbeat_errors',
  'rx_fifo_errors',
  'rx_errors',
  'tx_compressed',
  'rx_compressed',
]

export const net_statistics: attribute_dir<net_device> = {
  attrs: names.map((name) => ({ name, mode: 0o444, show: (dev) => `${dev_get_stats(dev)[name]}\n` })),
}

/** (UINT_MAX / 2) - (UINT_MAX / 16) */
const DQL_MAX_LIMIT = 0x70000000

/** Settings of transmit steering: shown as unset; a change is refused and counted. */
function unset(name: string, value: string | Errno, mode = 0o644): device_attribute<net_device> {
  if ((mode & 0o222) === 0) return { name, mode, show: () => (typeof value === 'string' ? `${value}\n` : value) }
  return {
    name,
    mode,
    show: () => (typeof value === 'string' ? `${value}\n` : value),
    store: (dev) => {
      dev.nd_net.kernel.unsupported.count('sysfs', `queues/${name}`)
      return EOPNOTSUPP
    },
  }
}
/** A receive queue, by its number. */
interface rx_queue {
  dev: net_device
  index: number
}
type steering_show = (dev: net_device, index: number) => string
type steering_store = (dev: net_device, index: number, text: string) => Errno | undefined
function steering(name: string, show: steering_show, store: steering_store): device_attribute<rx_queue> {
  return {
    name,
    mode: 0o644,
    show: ({ dev, index }) => show(dev, index),
    store: ({ dev, index }, text, task) => (capable(task, CAP_NET_ADMIN) ? store(dev, index, text) : EPERM),
  }
}
const rx_queue_dir: attribute_dir<rx_queue> = {
  attrs: [
    steering('rps_flow_cnt', show_rps_dev_flow_table_cnt, store_rps_dev_flow_table_cnt),
    steering('rps_cpus', show_rps_map, store_rps_map),
  ],
}
/** How often the transmit watchdog found a queue stuck. */
const tx_timeout: device_attribute<net_device> = { name: 'tx_timeout', mode: 0o444, show: (dev) => `${dev.trans_timeout}\n` }
/** One queue: traffic class and CPU map do not apply. */
const tx_queue: attribute_dir<net_device> = {
  attrs: [unset('tx_maxrate', '0'), unset('xps_cpus', ENOENT), tx_timeout, unset('xps_rxqs', '0'), unset('traffic_class', ENOENT, 0o444)],
  children: limits_dir,
}
/** With more queues: the CPU map is all zero. */
const tx_queue_multi: attribute_dir<net_device> = {
  attrs: [unset('tx_maxrate', '0'), unset('xps_cpus', '0'), tx_timeout, unset('xps_rxqs', '0'), unset('traffic_class', '0', 0o444)],
  children: limits_dir,
}

/** lib/dynamic_queue_limits: as of a queue whose driver tells of no bytes. */
const byte_queue_limits: attribute_dir<net_device> = {
  attrs: [
    unset('limit', '0'),
    unset('limit_max', String(DQL_MAX_LIMIT)),
    unset('limit_min', '0'),
    unset('hold_time', '1000'),
    unset('inflight', '0', 0o444),
    unset('stall_thrs', '0'),
    unset('stall_cnt', '0', 0o444),
    unset('stall_max', '0'),
  ],
}
/** netdev_uses_bql(): devices that have queues of their own. */
function limits_dir(dev: net_device): sysfs_child[] {
  return dev.lltx || dev.priv_flags & IFF_NO_QUEUE ? [] : [{ name: 'byte_queue_limits', object: dev, dir: byte_queue_limits }]
}
function queue_dirs(dev: net_device): sysfs_child[] {
  const out: sysfs_child[] = []
  const tx = dev.num_tx_queues > 1 ? tx_queue_multi : tx_queue
  for (let i = 0; i < dev.real_num_tx_queues; i++) out.push({ name: `tx-${i}`, object: dev, dir: tx })
  for (let i = 0; i < dev.real_num_rx_queues; i++) out.push({ name: `rx-${i}`, object: { dev, index: i }, dir: rx_queue_dir })
  return out
}
export const net_queues: attribute_dir<net_device> = { attrs: [], children: queue_dirs }
