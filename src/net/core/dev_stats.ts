/** net/core/dev.c dev_get_stats(): the driver's counters plus what the stack itself dropped. */
import { type LinkStatName, rtnl_link_stats64 } from '../../uapi/linux/if_link.ts'
import type { net_device } from './netdevice.ts'

export type rtnl_link_stats64_t = Record<LinkStatName, number>

export function dev_get_stats(dev: net_device): rtnl_link_stats64_t {
  const from = dev.netdev_ops.ndo_get_stats64?.(dev) ?? dev.stats
  const out = {} as rtnl_link_stats64_t
  for (const field of rtnl_link_stats64.fields) out[field.name as LinkStatName] = from[field.name as LinkStatName] ?? 0
  out.rx_dropped += dev.core_stats.rx_dropped
  out.tx_dropped += dev.core_stats.tx_dropped
  out.rx_nohandler += dev.core_stats.rx_nohandler
  out.rx_otherhost_dropped += dev.core_stats.rx_otherhost_dropped
  return out
}

/** dev_lstats_read(): devices that only count what they send (lo, dummy). */
export function dev_get_lstats(dev: net_device): { tx_packets: number; tx_bytes: number } {
  return { tx_packets: dev.stats.tx_packets ?? 0, tx_bytes: dev.stats.tx_bytes ?? 0 }
}
export function dev_lstats_add(dev: net_device, len: number): void {
  dev.stats.tx_packets = (dev.stats.tx_packets ?? 0) + 1
  dev.stats.tx_bytes = (dev.stats.tx_bytes ?? 0) + len
}
