/** net/bridge/br_multicast.c mcast_stats_add: messages of IGMP and MLD counted, where that is switched on. */
import type { sk_buff } from '../core/skbuff.ts'
import type { net_bridge, net_bridge_port } from './br_private.ts'
import { type br_mcast_stats, ETH_P_IP } from './br_private_mcast.ts'

/** Which counter a message goes into: 0 came in, 1 went out. */
type pair_name = {
  [K in keyof br_mcast_stats]: br_mcast_stats[K] extends number[] ? K : never
}[keyof br_mcast_stats]
export const igmp_counters: Record<number, pair_name> = {
  0x12: 'igmp_v1reports',
  0x16: 'igmp_v2reports',
  0x22: 'igmp_v3reports',
  0x17: 'igmp_leaves',
}
export const mld_counters: Record<number, pair_name> = { 131: 'mld_v1reports', 143: 'mld_v2reports', 132: 'mld_leaves' }

function query_counter(skb: sk_buff): pair_name {
  const len = skb.tail - skb.transport_header
  if (skb.protocol !== ETH_P_IP) return len === 24 ? 'mld_v1queries' : 'mld_v2queries'
  if (len >= 12) return 'igmp_v3queries'
  return skb.buf[skb.transport_header + 1] !== 0 ? 'igmp_v2queries' : 'igmp_v1queries'
}
/** br_multicast_count() */
export function br_multicast_count(br: net_bridge, port: net_bridge_port | undefined, skb: sk_buff, type: number, dir: number): void {
  if (!br.mcast_stats_enabled || type === 0) return
  const query = skb.protocol === ETH_P_IP ? 0x11 : 130
  const name = type === query ? query_counter(skb) : (skb.protocol === ETH_P_IP ? igmp_counters : mld_counters)[type]
  if (name !== undefined) (port ?? br).mcast_stats[name][dir]++
}
export function br_multicast_count_query(br: net_bridge, port: net_bridge_port | undefined, skb: sk_buff, dir: number): void {
  br_multicast_count(br, port, skb, skb.protocol === ETH_P_IP ? 0x11 : 130, dir)
}
export function br_multicast_err_count(br: net_bridge, port: net_bridge_port | undefined, proto: number): void {
  if (!br.mcast_stats_enabled) return
  const { mcast_stats } = port ?? br
  if (proto === ETH_P_IP) mcast_stats.igmp_parse_errors++
  else mcast_stats.mld_parse_errors++
}

/** struct br_mcast_stats as user space sees it: pairs of 64 bits, in the order of the structure. */
export function br_mcast_stats_words(stats: br_mcast_stats): number[] {
  return [
    ...stats.igmp_v1queries,
    ...stats.igmp_v2queries,
    ...stats.igmp_v3queries,
    ...stats.igmp_leaves,
    ...stats.igmp_v1reports,
    ...stats.igmp_v2reports,
    ...stats.igmp_v3reports,
    stats.igmp_parse_errors,
    ...stats.mld_v1queries,
    ...stats.mld_v2queries,
    ...stats.mld_leaves,
    ...stats.mld_v1reports,
    ...stats.mld_v2reports,
    stats.mld_parse_errors,
    ...stats.mcast_bytes,
    ...stats.mcast_packets,
  ]
}
