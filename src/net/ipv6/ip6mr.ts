/** net/ipv6/ip6mr.c: multicast routing is not built: there is nothing to show, as where no daemon routes groups. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { RT_TABLE_DEFAULT, RT_TABLE_MAIN, RTA, RTA_DST, RTA_SRC, RTA_TABLE, RTM_GETROUTE, rtmsg } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IP6MR } from '../../uapi/linux/socket.ts'
import { rtnl_register } from '../core/rtnetlink.ts'
import { ip_valid_fib_dump_req } from '../ipv4/fib_rtm.ts'
import { mr_get_header_is_odd } from '../ipv4/ipmr.ts'
import { nlmsg_parse } from '../netlink/attr.ts'
import { NLA_EXACT_LEN, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'

/** Everything else is refused, whether or not strict checks are asked for. */
export const ip6mr_getroute_policy = policy(
  RTA,
  { RTA_SRC: NLA_EXACT_LEN(16), RTA_DST: NLA_EXACT_LEN(16), RTA_TABLE: NLA_U32 },
  { name: 'ip6mr_getroute_policy' },
)
/** ip6mr_get_table(): the one that there is from the start. */
function ip6mr_has_table(id: number): boolean {
  return id === RT_TABLE_MAIN
}
/** Who names no table asks for one that IPv6 does not have. */
export function ip6mr_rtm_getroute(req: Request): Errno {
  const { buf, extack } = req
  const tb = nlmsg_parse(req, rtmsg.size, ip6mr_getroute_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (mr_get_header_is_odd(rtm, 128)) return extack.fail(EINVAL, 'ipv6: Invalid values in header for multicast route get request')
  if ((tb.has(RTA_SRC) && rtm.rtm_src_len === 0) || (tb.has(RTA_DST) && rtm.rtm_dst_len === 0)) {
    return extack.fail(EINVAL, 'ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6')
  }
  const known = ip6mr_has_table(tb.get(RTA_TABLE) || RT_TABLE_DEFAULT)
  return extack.fail(ENOENT, known ? 'ipv6: MR cache entry not found' : 'ipv6: MR table does not exist')
}

export function ip6mr_rtm_dumproute(_skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (!cb.strict_check) return undefined
  const filter = ip_valid_fib_dump_req(cb)
  if (isErrno(filter)) return filter
  if (filter.table_id !== 0 && !ip6mr_has_table(filter.table_id) && cb.request[NLMSG_HDRLEN] === RTNL_FAMILY_IP6MR) {
    return cb.extack.fail(ENOENT, 'ipv6: MR table does not exist')
  }
  return undefined
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  rtnl_register(kernel, RTNL_FAMILY_IP6MR, RTM_GETROUTE, { doit: ip6mr_rtm_getroute, dumpit: ip6mr_rtm_dumproute })
  return undefined
}
