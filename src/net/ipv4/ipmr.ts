/** net/ipv4/ipmr.c: multicast routes and their tables as programs ask for them by rtnetlink. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Attr, type AttrTable, eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFLA_AF_SPEC } from '../../uapi/linux/if_link.ts'
import {
  IPMRA_TABLE_CACHE_RES_QUEUE_LEN,
  IPMRA_TABLE_ID,
  IPMRA_TABLE_MROUTE_DO_ASSERT,
  IPMRA_TABLE_MROUTE_DO_PIM,
  IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE,
  IPMRA_TABLE_MROUTE_REG_VIF_NUM,
  IPMRA_TABLE_VIFS,
  IPMRA_VIF,
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
  RTA_PREFSRC,
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
import { RTNL_FLAG_DUMP_SPLIT_NLM_DONE, rtnl_register, rtnl_unicast } from '../core/rtnetlink.ts'
import { nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { NLA_U32, NLA_UNSPEC, policy } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { put_u32 } from './fib_dump.ts'
import { fib_dump_filter, ip_valid_fib_dump_req, rtm_ipv4_policy } from './fib_rtm.ts'
import { type mfc_config, mr_find_vif, mr_mfc_add, mr_mfc_delete, mr_mfc_find_parent, type mr_table, type vif_device } from './ipmr_base.ts'
import { ipmr_fill_mroute, mr_rtm_dumproute, put_u64s, RTPROT_MROUTED } from './ipmr_fill.ts'
import { ipmr_get_table } from './ipmr_rules.ts'

export const rtm_ipmr_policy = policy(
  RTA,
  { RTA_SRC: NLA_U32, RTA_DST: NLA_U32, RTA_IIF: NLA_U32, RTA_TABLE: NLA_U32, RTA_MULTIPATH: NLA_UNSPEC(rtnexthop.size) },
  { name: 'rtm_ipmr_policy' },
)

/** ipmr_nla_get_ttls(): hops without an odd rest, fewer than there may be interfaces; of each the TTL, by place. */
function ipmr_nla_get_ttls(buf: Uint8Array, at: number): number[] | Errno {
  let remaining = get16(buf, at) - NLA_HDRLEN
  let o = at + NLA_HDRLEN
  const ttls: number[] = []
  for (let vifi = 1; remaining >= rtnexthop.size; vifi++) {
    const length = get16(buf, o)
    if (length < rtnexthop.size || length > remaining) break
    ttls.push(buf[o + 3])
    if (vifi === MAXVIFS) break
    o += (length + 3) & ~3
    remaining -= (length + 3) & ~3
  }
  return remaining > 0 ? EINVAL : ttls
}
interface mfc_request {
  mrt: mr_table
  cfg: mfc_config
  /** In the daemon's name. */
  daemon: boolean
  /** Entries of one group are told apart by their parents (RTA_PREFSRC says so). */
  by_parent: boolean
}
/** rtm_to_ipmr_mfcc() */
function rtm_to_ipmr_mfcc(req: Request): mfc_request | Errno {
  const { buf, net } = req
  const tb = nlmsg_parse_deprecated(req, rtmsg.size, rtm_ipmr_policy)
  if (isErrno(tb)) return tb
  const rtm = rtmsg.get(buf, NLMSG_HDRLEN)
  if (rtm.rtm_dst_len !== 32 || rtm.rtm_type !== RTN_MULTICAST || rtm.rtm_scope !== RT_SCOPE_UNIVERSE) return EINVAL
  if (rtm.rtm_protocol !== RTPROT_STATIC && rtm.rtm_protocol !== RTPROT_MROUTED) return EINVAL
  const cfg: mfc_config = { origin: addr_of(tb, RTA_SRC), group: addr_of(tb, RTA_DST), parent: -1, ttls: [] }
  let refused: Errno | undefined
  eachAttr(buf, NLMSG_HDRLEN + rtmsg.size, buf.length, (nr, at) => {
    if (nr === RTA_IIF.nr && !net.dev_index_head.has(get32(buf, at + NLA_HDRLEN))) refused ??= ENODEV
    if (nr !== RTA_MULTIPATH.nr) return
    const ttls = ipmr_nla_get_ttls(buf, at)
    if (isErrno(ttls)) refused ??= ttls
    else cfg.ttls = ttls
  })
  if (refused !== undefined) return refused
  const mrt = ipmr_get_table(net, tb.get(RTA_TABLE) ?? RT_TABLE_DEFAULT)
  if (mrt === undefined) return ENOENT
  if (tb.has(RTA_IIF)) cfg.parent = mr_find_vif(mrt, net.dev_index_head.get(tb.get(RTA_IIF) as number))
  return { mrt, cfg, daemon: rtm.rtm_protocol === RTPROT_MROUTED, by_parent: tb.has(RTA_PREFSRC) }
}
function addr_of(tb: AttrTable, a: Attr<any>): Uint8Array {
  return tb.has(a) ? tb.buf.slice(tb.at(a) + NLA_HDRLEN, tb.at(a) + NLA_HDRLEN + 4) : new Uint8Array(4)
}
export function ipmr_rtm_route(req: Request): Errno | undefined {
  const asked = rtm_to_ipmr_mfcc(req)
  if (isErrno(asked)) return asked
  const { mrt, cfg, daemon } = asked
  const parent = asked.by_parent ? cfg.parent : -1
  return req.type === RTM_NEWROUTE ? mr_mfc_add(mrt, cfg, daemon, parent) : mr_mfc_delete(mrt, cfg, parent)
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
export function ipmr_rtm_getroute(req: Request): Errno | undefined {
  const tb = ipmr_rtm_valid_getroute_req(req)
  if (isErrno(tb)) return tb
  const mrt = ipmr_get_table(req.net, tb.get(RTA_TABLE) || RT_TABLE_DEFAULT)
  const c = mrt && mr_mfc_find_parent(mrt, addr_of(tb, RTA_SRC), addr_of(tb, RTA_DST))
  if (mrt === undefined || c === undefined) return ENOENT
  const skb = new MessageBuilder(undefined, 512)
  ipmr_fill_mroute(skb, mrt, c, { family: RTNL_FAMILY_IPMR, cmd: RTM_NEWROUTE, portid: req.portid, seq: req.seq, flags: 0 })
  return rtnl_unicast(req.net, skb, req.portid)
}
export function ipmr_rtm_dumproute(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = cb.strict_check ? ip_valid_fib_dump_req(cb) : new fib_dump_filter()
  if (isErrno(filter)) return filter
  const one = filter.table_id === 0 ? undefined : ipmr_get_table(cb.net, filter.table_id)
  if (filter.table_id !== 0 && one === undefined) {
    return cb.request[NLMSG_HDRLEN] === RTNL_FAMILY_IPMR ? cb.extack.fail(ENOENT, 'ipv4: MR table does not exist') : undefined
  }
  const tables = one === undefined ? [...cb.net.ipv4.mr_tables.values()] : [one]
  return mr_rtm_dumproute(tables, skb, cb, RTNL_FAMILY_IPMR, filter)
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
  const tables = [...cb.net.ipv4.mr_tables.values()]
  for (; cb.args[0] < tables.length; cb.args[0]++) {
    skb.begin(RTM_NEWLINK, NLM_F_MULTI, cb.seq, cb.portid)
    skb.struct(ifinfomsg, { ifi_family: RTNL_FAMILY_IPMR })
    const af = skb.nestNoflag(IFLA_AF_SPEC)
    ipmr_fill_table(skb, tables[cb.args[0]])
    const vifs = skb.nestNoflag(IPMRA_TABLE_VIFS)
    tables[cb.args[0]].vif_table.forEach((v, vifi) => v && ipmr_fill_vif(skb, v, vifi))
    skb.nestEnd(vifs)
    skb.nestEnd(af)
    if (!skb.end()) return true
  }
  return undefined
}
function ipmr_fill_table(skb: MessageBuilder, mrt: mr_table): void {
  skb.put(IPMRA_TABLE_ID, mrt.id)
  skb.put(IPMRA_TABLE_CACHE_RES_QUEUE_LEN, mrt.mfc_unres_queue.length)
  skb.put(IPMRA_TABLE_MROUTE_REG_VIF_NUM, mrt.mroute_reg_vif_num)
  skb.put(IPMRA_TABLE_MROUTE_DO_ASSERT, Number(mrt.mroute_do_assert))
  skb.put(IPMRA_TABLE_MROUTE_DO_PIM, Number(mrt.mroute_do_pim))
  skb.put(IPMRA_TABLE_MROUTE_DO_WRVIFWHOLE, Number(mrt.mroute_do_wrvifwhole))
}
/** IPMRA_VIFA_* */
function ipmr_fill_vif(skb: MessageBuilder, v: vif_device, vifi: number): void {
  const nest = skb.nestNoflag(IPMRA_VIF)
  put_u32(skb, IPMRA_VIFA.IFINDEX, v.dev.ifindex)
  put_u32(skb, IPMRA_VIFA.VIF_ID, vifi)
  skb.putBytes(IPMRA_VIFA.FLAGS, Uint8Array.of(v.flags & 0xff, v.flags >> 8))
  put_u64(skb, IPMRA_VIFA.BYTES_IN, v.bytes_in, IPMRA_VIFA.PAD)
  put_u64(skb, IPMRA_VIFA.BYTES_OUT, v.bytes_out, IPMRA_VIFA.PAD)
  put_u64(skb, IPMRA_VIFA.PACKETS_IN, v.pkt_in, IPMRA_VIFA.PAD)
  put_u64(skb, IPMRA_VIFA.PACKETS_OUT, v.pkt_out, IPMRA_VIFA.PAD)
  skb.putBytes(IPMRA_VIFA.LOCAL_ADDR, v.local)
  skb.putBytes(IPMRA_VIFA.REMOTE_ADDR, v.remote)
  skb.nestEnd(nest)
}
const IPMRA_VIFA = {
  IFINDEX: 1,
  VIF_ID: 2,
  FLAGS: 3,
  BYTES_IN: 4,
  BYTES_OUT: 5,
  PACKETS_IN: 6,
  PACKETS_OUT: 7,
  LOCAL_ADDR: 8,
  REMOTE_ADDR: 9,
  PAD: 10,
} as const
function put_u64(skb: MessageBuilder, nr: number, value: number, pad: number): void {
  put_u64s(skb, nr, [value], pad)
}

export function ipmr_rtnl_init(kernel: Kernel): void {
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_GETROUTE, { doit: ipmr_rtm_getroute, dumpit: ipmr_rtm_dumproute })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_NEWROUTE, { doit: ipmr_rtm_route })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_DELROUTE, { doit: ipmr_rtm_route })
  rtnl_register(kernel, RTNL_FAMILY_IPMR, RTM_GETLINK, { dumpit: ipmr_rtm_dumplink, flags: RTNL_FLAG_DUMP_SPLIT_NLM_DONE })
}
