/** net/bridge/br_multicast.c br_multicast_set_query_intvl: bounds of intervals, so that queries cannot fill a network. */
import { HZ } from '../../kernel/time.ts'
import { br_info, clock_t_to_jiffies } from './br_private.ts'
import type { net_bridge_mcast } from './br_private_mcast.ts'

const BR_MULTICAST_QUERY_INTVL_MIN = HZ
const BR_MULTICAST_QUERY_INTVL_MAX = 86400 * HZ
const BR_MULTICAST_STARTUP_QUERY_INTVL_MIN = HZ

function bounded(ctx: net_bridge_mcast, jiffies: number, low: number, what: string): number {
  if (jiffies < low) {
    br_info(ctx.br, `trying to set multicast ${what} below minimum, setting to ${low} (1000ms)`)
    return low
  }
  if (jiffies <= BR_MULTICAST_QUERY_INTVL_MAX) return jiffies
  br_info(ctx.br, `trying to set multicast ${what} above maximum, setting to ${BR_MULTICAST_QUERY_INTVL_MAX} (86400000ms)`)
  return BR_MULTICAST_QUERY_INTVL_MAX
}
/** `value` in hundredths of a second. */
export function set_query_intvl(ctx: net_bridge_mcast, value: number): void {
  ctx.multicast_query_interval = bounded(ctx, clock_t_to_jiffies(value), BR_MULTICAST_QUERY_INTVL_MIN, 'query interval')
}
export function set_startup_query_intvl(ctx: net_bridge_mcast, value: number): void {
  const jiffies = clock_t_to_jiffies(value)
  ctx.multicast_startup_query_interval = bounded(ctx, jiffies, BR_MULTICAST_STARTUP_QUERY_INTVL_MIN, 'startup query interval')
}
