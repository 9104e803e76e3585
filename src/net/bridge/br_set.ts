/** net/bridge/br_stp.c br_set_forward_delay and its like: times of a bridge, in hundredths of a second, within IEEE 802.1D's bounds. */
import { HZ, mod_timer, timer_pending } from '../../kernel/time.ts'
import { ERANGE, type Errno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { br_after, clock_t_to_jiffies, type net_bridge } from './br_private.ts'
import { br_is_root_bridge } from './br_stp.ts'

/** Bounds hold only while STP runs. */
export function br_set_forward_delay(br: net_bridge, value: number): Errno | undefined {
  const t = clock_t_to_jiffies(value)
  if (br.stp_enabled !== 0 && (t < 2 * HZ || t > 30 * HZ)) return ERANGE
  br.bridge_forward_delay = t
  if (br_is_root_bridge(br)) br.forward_delay = t
  return undefined
}
export function br_set_hello_time(br: net_bridge, value: number): Errno | undefined {
  const t = clock_t_to_jiffies(value)
  if (t < HZ || t > 10 * HZ) return ERANGE
  br.bridge_hello_time = t
  if (br_is_root_bridge(br)) br.hello_time = t
  return undefined
}
export function br_set_max_age(br: net_bridge, value: number): Errno | undefined {
  const t = clock_t_to_jiffies(value)
  if (t < 6 * HZ || t > 40 * HZ) return ERANGE
  br.bridge_max_age = t
  if (br_is_root_bridge(br)) br.max_age = t
  return undefined
}
export function br_set_ageing_time(br: net_bridge, value: number): Errno | undefined {
  br.bridge_ageing_time = clock_t_to_jiffies(value)
  br.ageing_time = br.bridge_ageing_time
  if (br.dev.flags & IFF_UP || timer_pending(br.gc_timer)) mod_timer(br.gc_timer, br_after(br, 0))
  return undefined
}
