/** include/net/nexthop.h: what drivers hear of nexthop objects; net.nexthop.notifier_chain calls them. */
import type { net } from './net_namespace.ts'

export const NEXTHOP_EVENT_DEL = 0

/** struct nh_notifier_info */
export interface nh_notifier_info {
  readonly net: net
  readonly id: number
}
