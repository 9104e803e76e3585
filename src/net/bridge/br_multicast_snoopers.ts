/** net/bridge/br_multicast.c br_multicast_join_snoopers: a snooping bridge is itself in "all snoopers" (RFC 4286) of both families. */
import { addr6 } from '../../uapi/linux/in6.ts'
import { ip_mc_dec_group, ip_mc_inc_group } from '../ipv4/igmp.ts'
import { __in_dev_get_rtnl } from '../ipv4/in_device.ts'
import { __ipv6_dev_mc_dec, ipv6_dev_mc_inc } from '../ipv6/mcast.ts'
import type { net_bridge } from './br_private.ts'

const INADDR_ALLSNOOPERS_GROUP = 0xe000006a
const ALL_SNOOPERS6 = addr6([0xff02, 0, 0, 0, 0, 0, 0, 0x6a])

export function br_multicast_join_snoopers(br: net_bridge): void {
  const in_dev = __in_dev_get_rtnl(br.dev)
  if (in_dev !== undefined) ip_mc_inc_group(in_dev, INADDR_ALLSNOOPERS_GROUP)
  ipv6_dev_mc_inc(br.dev, ALL_SNOOPERS6)
}
export function br_multicast_leave_snoopers(br: net_bridge): void {
  const in_dev = __in_dev_get_rtnl(br.dev)
  if (in_dev !== undefined) ip_mc_dec_group(in_dev, INADDR_ALLSNOOPERS_GROUP)
  if (br.dev.ip6_ptr !== undefined) __ipv6_dev_mc_dec(br.dev.ip6_ptr, ALL_SNOOPERS6)
}
