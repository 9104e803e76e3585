/** net/ipv6/ip6mr.c: multicast routing is not built: there is nothing to show, as where no daemon routes groups. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RTM_GETROUTE } from '../../uapi/linux/rtnetlink.ts'
import { rtnl_register } from '../core/rtnetlink.ts'
import { ip_valid_fib_dump_req } from '../ipv4/fib_rtm.ts'
import type { netlink_callback } from '../netlink/types.ts'

/** The family of IPv6's multicast routes. */
const RTNL_FAMILY_IP6MR = 129

export function ip6mr_rtm_dumproute(_skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (!cb.strict_check) return undefined
  const filter = ip_valid_fib_dump_req(cb)
  if (isErrno(filter)) return filter
  if (filter.table_id !== 0 && filter.table_id !== RT_TABLE_DEFAULT && cb.request[NLMSG_HDRLEN] === RTNL_FAMILY_IP6MR) {
    return cb.extack.fail(ENOENT, 'ipv6: MR table does not exist')
  }
  return undefined
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, RTNL_FAMILY_IP6MR, RTM_GETROUTE, { dumpit: ip6mr_rtm_dumproute })
  return undefined
}
