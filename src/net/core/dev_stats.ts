/**
 * net/core/dev.c dev_get_stats(): the driver's counters plus what the stack itself dropped. A device that has seen no
 * packet has no counters of its own: they are made with the first.
 */
import { type LinkStatName, rtnl_link_stats64 } from '../../uapi/linux/if_link.ts'
import { type net_device, net_device_core_stats } from './netdevice.ts'

export type rtnl_link_stats64_t = Record<LinkStatName, number>

/** What drivers without hardware count (pcpu_lstats, pcpu_sw_netstats, pcpu_dstats). */
export class sw_netstats {
  rx_packets = 0
  rx_bytes = 0
  rx_dropped = 0
  rx_errors = 0
  multicast = 0
  tx_packets = 0
  tx_bytes = 0
  tx_dropped = 0
}

export function dev_tstats(dev: net_device): sw_netstats {
  return (dev.tstats ??= new sw_netstats())
}
export function dev_sw_netstats_rx_add(dev: net_device, len: number): void {
  const s = dev_tstats(dev)
  s.rx_packets++
  s.rx_bytes += len
}
export function dev_sw_netstats_tx_add(dev: net_device, packets: number, len: number): void {
  const s = dev_tstats(dev)
  s.tx_packets += packets
  s.tx_bytes += len
}
/** Devices that only count what they send (lo, dummy, veth). */
export function dev_lstats_add(dev: net_device, len: number): void {
  dev_sw_netstats_tx_add(dev, 1, len)
}

/** DEV_STATS_INC(): counters of the device itself, which are rarely used. */
export function DEV_STATS_INC(dev: net_device, name: LinkStatName): void {
  dev.stats[name] = (dev.stats[name] ?? 0) + 1
}

function core_stats(dev: net_device): net_device_core_stats {
  return (dev.core_stats ??= new net_device_core_stats())
}
export function dev_core_stats_rx_dropped_inc(dev: net_device): void {
  core_stats(dev).rx_dropped++
}
export function dev_core_stats_tx_dropped_inc(dev: net_device): void {
  core_stats(dev).tx_dropped++
}
export function dev_core_stats_rx_nohandler_inc(dev: net_device): void {
  core_stats(dev).rx_nohandler++
}
export function dev_core_stats_rx_otherhost_dropped_inc(dev: net_device): void {
  core_stats(dev).rx_otherhost_dropped++
}

/** dev_lstats_read() */
export function dev_get_lstats(dev: net_device): { tx_packets: number; tx_bytes: number } {
  return {
    tx_packets: (dev.own_stats?.tx_packets ?? 0) + (dev.tstats?.tx_packets ?? 0),
    tx_bytes: (dev.own_stats?.tx_bytes ?? 0) + (dev.tstats?.tx_bytes ?? 0),
  }
}
/** dev_get_tstats64(): dev.stats and the counters above, added up. */
export function dev_get_tstats64(dev: net_device): Partial<rtnl_link_stats64_t> {
  const s = dev.tstats
  if (s === undefined) return dev.own_stats ?? {}
  const out: Partial<rtnl_link_stats64_t> = { ...dev.own_stats }
  for (const name of ['rx_packets', 'rx_bytes', 'rx_dropped', 'rx_errors', 'multicast', 'tx_packets', 'tx_bytes', 'tx_dropped'] as const)
    out[name] = (out[name] ?? 0) + s[name]
  return out
}

const none_counted = Object.fromEntries(rtnl_link_stats64.fields.map((f) => [f.name, 0])) as rtnl_link_stats64_t
export function dev_get_stats(dev: net_device): rtnl_link_stats64_t {
  const from = dev.netdev_ops.ndo_get_stats64?.(dev) ?? dev_get_tstats64(dev)
  const out = { ...none_counted, ...from }
  if (dev.core_stats === undefined) return out
  out.rx_dropped += dev.core_stats.rx_dropped
  out.tx_dropped += dev.core_stats.tx_dropped
  out.rx_nohandler += dev.core_stats.rx_nohandler
  out.rx_otherhost_dropped += dev.core_stats.rx_otherhost_dropped
  return out
}
