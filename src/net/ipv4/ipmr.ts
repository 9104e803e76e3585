/**
 * net/ipv4/ipmr.c: multicast routes as programs ask for them. Interfaces of multicast routing come by a socket option of
 * IPPROTO_IP that is not built, so that a table has none, and no route finds the one that it would come in by.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENFILE, ENODEV, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_AF_SPEC } from '../../uapi/linux/if_link.ts'
import {
  IPMRA_TABLE_CACHE_RES_QUEUE_LEN,
  IPMRA_TABLE_ID,
  IPMRA_TABLE_MROUTE_DO_ASSERT,
  IPMRA_TABLE_MROUTE_DO_PIM,
  IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE,
  IPMRA_TABLE_MROUTE_REG_VIF_NUM,
  IPMRA_TABLE_VIFS,
  MAXVIFS,
} from '../../uapi/linux/mroute.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import {
  ifinfomsg,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_DEFAULT,
  RTA,
  RTA_DST,
  RTA_IIF,
  RTA_MULTIPATH,
  RTA_SRC,
  RTA_TABLE,
  RTM_DELROUTE,
  RTM_GETLINK,
  RTM_GETROUTE,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTN_MULTICAST,
  RTPROT_STATIC,
  rtmsg,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { RTNL_FAMILY_IPMR } from '../../uapi/linux/socket.ts'
import { RTNL_FLAG_DUMP_SPLIT_NLM_DONE, rtnl_register } from '../core/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { ip_valid_fib_dump_req, rtm_ipv4_policy } from './fib_rtm.ts'

const RTPROT_MROUTED = 17

export const rtm_ipmr_policy = policy(
  RTA,
  { RTA_SRC: NLA_U32, RTA_DST: NLA_U32, RTA_IIF: NLA_U32, RTA_TABLE: NLA_U32, RTA_MULTIPATH: NLA_UNSPEC(rtnexthop.size) },
  { name: 'rtm_ipmr_policy' },
)

/** ipmr_get_table(): others than the first come by a socket option. */
function ipmr_has_table(id: number): boolean {
  return id === RT_TABLE_DEFAULT
}
/** ipmr_nla_get_ttls(): hops without an odd rest, fewer than there may be interfaces. */
function ipmr_nla_get_ttls(buf: Uint8Array, at: number): Errno | undefined {
  let remaining = get16(buf, at) - NLA_HDRLEN
  let o = at + NLA_HDRLEN
  for (let vifi = 1; remaining >= rtnexthop.size; vifi++) {
    const length = get16(buf, o)
    if (length < rtnexthop.size || length > remaining || vifi === MAXVIFS) break
    o += (length + 3) & ~3
    remaining -= (length + 3) & ~3
  }
  return remaining > 0 ? EINVAL : undefined
}
/** rtm_to_ipmr_mfcc(): what is wrong with a request for a multicast route. */
function rtm_to_ipmr_mfcc(req: Request): Errno | undefined {
  const { buf, net } = req
  const tb = nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipmr_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (rtm.rtm_dst_len !== 32 || rtm.rtm_type !== RTN_MULTICAST || rtm.rtm_scope !== RT_SCOPE_UNIVERSE) return EINVAL
  if (rtm.rtm_protocol !== RTPROT_STATIC && rtm.rtm_protocol !== RTPROT_MROUTED) return EINVAL
  let refused: Errno | undefined
  eachAttr(buf, NLMSG_HDRLEN + rtmsg.size, buf.length, (nr, at) => {
    if (nr === RTA_IIF.nr && !net.dev_index_head.has(get32(buf, at + NLA_HDRLEN))) refused ??= ENODEV
    if (nr === RTA_MULTIPATH.nr) refused ??= ipmr_nla_get_ttls(buf, at)
  })
  return refused ?? (ipmr_has_table(tb.get(RTA_TABLE) ?? RT_TABLE_DEFAULT) ? undefined : ENOENT)
}
/** ipmr_rtm_route(): a new one needs the interface that it comes in by; there is none to delete. */
export function ipmr_rtm_route(req: Request): Errno {
  return rtm_to_ipmr_mfcc(req) ?? (req.type === RTM_NEWROUTE ? ENFILE : ENOENT)
}

const asked = new Set([RTA_SRC.nr, RTA_DST.nr, RTA_TABLE.nr])
/** ipmr_rtm_valid_getroute_req() */
function ipmr_rtm_valid_getroute_req(req: Request): AttrTable | Errno {
  const { extack, buf } = req
  if (buf.length < NLMSG_HDRLEN + rtmsg.size) return extack.fail(EINVAL, 'ipv4: Invalid header for multicast route get request')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipv4_policy)
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (mr_get_header_is_odd(rtm, 32)) return extack.fail(EINVAL, 'ipv4: Invalid values in header for multicast route get request')
  const tb = nlmsg_parse_deprecated_strict(req, rtmsg.size, rtm_ipv4_policy)
  if (isErrno(tb)) return tb
  if ((tb.has(RTA_SRC) && rtm.rtm_src_len === 0) || (tb.has(RTA_DST) && rtm.rtm_dst_len === 0)) {
    return extack.fail(EINVAL, 'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4')
  }
  for (let nr = 0; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !asked.has(nr)) return extack.fail(EINVAL, 'ipv4: Unsupported attribute in multicast route get request')
  }
  return tb
}
/** A question for one route names whole addresses and nothing else. */
export function mr_get_header_is_odd(rtm: ReturnType<typeof rtmsg.get>, bits: number): boolean {
  const part = (length: number) => length !== 0 && length !== bits
  const others = [rtm.rtm_tos, rtm.rtm_table, rtm.rtm_protocol, rtm.rtm_scope, rtm.rtm_type, rtm.rtm_flags]
  return part(rtm.rtm_src_len) || part(rtm.rtm_dst_len) || others.some((value) => value !== 0)
}
export function ipmr_rtm_getroute(req: Request): Errno {
  const tb = ipmr_rtm_valid_getroute_req(req)
  return isErrno(tb) ? tb : ENOENT
}
export function ipmr_rtm_dumproute(_skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  if (!cb.strict_check) return undefined
  const filter = ip_valid_fib_dump_req(cb)
  if (isErrno(filter)) return filter
  if (filter.table_id !== 0 && !ipmr_has_table(filter.table_id) && cb.request[NLMSG_HDRLEN] === RTNL_FAMILY_IPMR) {
    return cb.extack.fail(ENOENT, 'ipv4: MR table does not exist')
  }
  return undefined
}

/** ipmr_valid_dumplink() */
function ipmr_valid_dumplink({ request, extack }: netlink_callback): Errno | undefined {
  const end = NLMSG_HDRLEN + ifinfomsg.size
  if (request.length < end) return extack.fail(EINVAL, 'ipv4: Invalid header for ipmr link dump')
  if (request.length > end) return extack.fail(EINVAL, 'Invalid data after header in ipmr link dump')
  const odd = request.subarray(NLMSG_HDRLEN + 1, end).some((byte) => byte !== 0)
  return odd ? extack.fail(EINVAL, 'Invalid values in header for ipmr link dump request') : undefined
}
/** RTM_GETLINK: each table with its interfaces, as a link of this family. */
export function ipmr_rtm_dumplink(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const refused = cb.strict_check ? ipmr_valid_dumplink(cb) : undefined
  if (isErrno(refused)) return refused
  if (cb.args[0] === 1) return undefined
  skb.begin(RTM_NEWLINK, NLM_F_MULTI, cb.seq, cb.portid)
  skb.struct(ifinfomsg, { ifi_family: RTNL_FAMILY_IPMR })
  const af = skb.nestNoflag(IFLA_AF_SPEC)
  ipmr_fill_table(skb)
  skb.nestEnd(skb.nestNoflag(IPMRA_TABLE_VIFS))
  skb.nestEnd(af)
  if (!skb.end()) return true
  cb.args[0] = 1
  return undefined
}
function ipmr_fill_table(skb: MessageBuilder): void {
  skb.put(IPMRA_TABLE_ID, RT_TABLE_DEFAULT)
  skb.put(IPMRA_TABLE_CACHE_RES_QUEUE_LEN, 0)
  skb.put(IPMRA_TABLE_MROUTE_REG_VIF_NUM, -1)
  for (const flag of [IPMRA_TABLE_MROUTE_DO_ASSERT, IPMRA_TABLE_MROUTE_DO_PIM, IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE]) skb.put(flag, 0)
}

export function ipmr_rtnl_init(kernel: Kernel): void {
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_GETROUTE, { doit: ipmr_rtm_getroute, dumpit: ipmr_rtm_dumproute })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_NEWROUTE, { doit: ipmr_rtm_route })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_DELROUTE, { doit: ipmr_rtm_route })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_GETLINK, { dumpit: ipmr_rtm_dumplink, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
}
