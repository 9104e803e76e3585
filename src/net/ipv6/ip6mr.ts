/** net/ipv6/ip6mr.c: multicast routing is not built: there is nothing to show, as where no daemon routes groups. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { RTM_GETROUTE } from '../../uapi/linux/rtnetlink.ts'
import { rtnl_register } from '../core/rtnetlink.ts'

/** The family of IPv6's multicast routes. */
const RTNL_FAMILY_IP6MR = 129

export function ip6mr_rtm_dumproute(): Errno | true | undefined {
  return undefined
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, RTNL_FAMILY_IP6MR, RTM_GETROUTE, { dumpit: ip6mr_rtm_dumproute })
  return undefined
}
