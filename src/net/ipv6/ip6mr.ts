/** net/ipv6/ip6mr.c: IPv6's multicast routes as programs ask for them by rtnetlink. */
import type { Kernel } from '../../kernel/kernel.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { in6addr_any } from '../../uapi/linux/in6.ts'
import { RT_TABLE_DEFAULT, RTA, RTA_DST, RTA_SRC, RTA_TABLE, RTM_GETROUTE, RTM_NEWROUTE, rtmsg } from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IP6MR } from '../../uapi/linux/socket.ts'
import { rtnl_register, rtnl_unicast } from '../core/rtnetlink.ts'
import { fib_dump_filter, ip_valid_fib_dump_req } from '../ipv4/fib_rtm.ts'
import { mr_get_header_is_odd } from '../ipv4/ipmr.ts'
import { mr_mfc_find_parent } from '../ipv4/ipmr_base.ts'
import { ipmr_fill_mroute, mr_rtm_dumproute } from '../ipv4/ipmr_fill.ts'
import { pim6_init } from './ip6mr_input.ts'
import { ip6mr_get_table } from './ip6mr_rules.ts'
import { nlmsg_parse } from '../netlink/attr.ts'
import { NLA_EXACT_LEN, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'

/** Everything else is refused, whether or not strict checks are asked for. */
export const ip6mr_getroute_policy = policy(
  RTA,
  { RTA_SRC: NLA_EXACT_LEN(16), RTA_DST: NLA_EXACT_LEN(16), RTA_TABLE: NLA_U32 },
  { name: 'ip6mr_getroute_policy' },
)
/** Who names no table asks for one that IPv6 does not have. */
export function ip6mr_rtm_getroute(req: Request): Errno | undefined {
  const { buf, extack } = req
  const tb = nlmsg_parse(req, rtmsg.size, ip6mr_getroute_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (mr_get_header_is_odd(rtm, 128)) return extack.fail(EINVAL, 'ipv6: Invalid values in header for multicast route get request')
  if ((tb.has(RTA_SRC) && rtm.rtm_src_len === 0) || (tb.has(RTA_DST) && rtm.rtm_dst_len === 0)) {
    return extack.fail(EINVAL, 'ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6')
  }
  const mrt = ip6mr_get_table(req.net, tb.get(RTA_TABLE) || RT_TABLE_DEFAULT)
  if (mrt === undefined) return extack.fail(ENOENT, 'ipv6: MR table does not exist')
  const c = mr_mfc_find_parent(mrt, tb.payload(RTA_SRC)?.slice() ?? in6addr_any, tb.payload(RTA_DST)?.slice() ?? in6addr_any)
  if (c === undefined) return extack.fail(ENOENT, 'ipv6: MR cache entry not found')
  const skb = new MessageBuilder(undefined, 512)
  ipmr_fill_mroute(skb, mrt, c, { family: RTNL_FAMILY_IP6MR, cmd: RTM_NEWROUTE, portid: req.portid, seq: req.seq, flags: 0 })
  return rtnl_unicast(req.net, skb, req.portid)
}

export function ip6mr_rtm_dumproute(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = cb.strict_check ? ip_valid_fib_dump_req(cb) : new fib_dump_filter()
  if (isErrno(filter)) return filter
  const one = filter.table_id === 0 ? undefined : ip6mr_get_table(cb.net, filter.table_id)
  if (filter.table_id !== 0 && one === undefined) {
    return cb.request[NLMSG_HDRLEN] === RTNL_FAMILY_IP6MR ? cb.extack.fail(ENOENT, 'ipv6: MR table does not exist') : undefined
  }
  const tables = one === undefined ? [...cb.net.ipv6.mr6_tables.values()] : [one]
  return mr_rtm_dumproute(tables, skb, cb, RTNL_FAMILY_IP6MR, filter)
}
export function ip6_mr_init(kernel: Kernel): Errno | undefined {
  pim6_init(kernel.init_net)
  rtnl_register(kernel, RTNL_FAMILY_IP6MR, RTM_GETROUTE, { doit: ip6mr_rtm_getroute, dumpit: ip6mr_rtm_dumproute })
  return undefined
}
