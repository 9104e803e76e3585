/** net/core/rtnetlink.c: RTM_GETSTATS, RTM_SETSTATS: counters of links by a mask of what is wanted, and what hardware shall count. */
import type { AttrTable } from '../../lib/attrs.ts'
import { get16, get32, put32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  IFLA_OFFLOAD_XSTATS_HW_S_INFO,
  IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST,
  IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED,
  IFLA_OFFLOAD_XSTATS_L3_STATS,
  IFLA_STATS_AF_SPEC,
  IFLA_STATS_GET_FILTERS,
  IFLA_STATS_LINK_64,
  IFLA_STATS_LINK_OFFLOAD_XSTATS,
  IFLA_STATS_LINK_XSTATS,
  IFLA_STATS_LINK_XSTATS_SLAVE,
  IFLA_STATS_MAX,
  IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS,
  if_stats_msg,
} from '../../uapi/linux/if_link.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_NEWSTATS, RTNLGRP_STATS } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import type { ParseContext } from '../netlink/attr.ts'
import { nla_parse_nested, nlmsg_parse } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netdevs_from } from './dev_names.ts'
import { __dev_get_by_index } from './dev_state.ts'
import { netdev_master_upper_dev_get } from './dev_adjacent.ts'
import type { net_device } from './netdevice.ts'
import { rtnl_notify, rtnl_unicast } from './rtnetlink.ts'
import { rtnl_put_stats64 } from './rtnetlink_fill.ts'
import { ifla_stats_set_policy, rtnl_stats_get_policy, rtnl_stats_get_policy_filters } from './rtnetlink_policy.ts'

/** Which members are wanted: the request's mask, and one for the members of each nest. */
interface rtnl_stats_dump_filters {
  mask: number
  offload_xstats: number
}
const bit = (nr: number) => 1 << (nr - 1)

const ifindex_of = (buf: Uint8Array) => get32(buf, NLMSG_HDRLEN + if_stats_msg.field.ifindex.offset)
const filter_mask_of = (buf: Uint8Array) => get32(buf, NLMSG_HDRLEN + if_stats_msg.field.filter_mask.offset)

function rtnl_valid_stats_req(buf: Uint8Array, strict_check: boolean, is_dump: boolean, extack: netlink_ext_ack): Errno | undefined {
  if (buf.length < NLMSG_HDRLEN + if_stats_msg.size) return extack.fail(EINVAL, 'Invalid header for stats dump')
  if (!strict_check) return undefined
  const o = NLMSG_HDRLEN
  if (buf[o + 1] !== 0 || get16(buf, o + 2) !== 0 || (is_dump && ifindex_of(buf) !== 0)) {
    return extack.fail(EINVAL, 'Invalid values in header for stats dump request')
  }
  if (filter_mask_of(buf) >= 1 << IFLA_STATS_MAX) return extack.fail(EINVAL, 'Invalid stats requested through filter mask')
  return undefined
}

/** Without IFLA_STATS_GET_FILTERS all members of a nest are wanted. */
function rtnl_stats_get_parse(req: ParseContext, mask: number): rtnl_stats_dump_filters | Errno {
  const filters = { mask, offload_xstats: 0xffffffff }
  const tb = nlmsg_parse(req, if_stats_msg.size, rtnl_stats_get_policy)
  if (isErrno(tb)) return tb
  if (!tb.has(IFLA_STATS_GET_FILTERS)) return filters
  const members: AttrTable | Errno = nla_parse_nested(req, tb, IFLA_STATS_GET_FILTERS, rtnl_stats_get_policy_filters)
  if (isErrno(members)) return members
  for (let nr = 1; nr <= members.max; nr++) {
    if (members.atNr(nr) !== 0 && (mask & bit(nr)) === 0) return req.extack.fail(EINVAL, 'Filtered attribute not enabled in filter_mask')
  }
  const at = members.at(IFLA_STATS_LINK_OFFLOAD_XSTATS)
  if (at !== 0) filters.offload_xstats = get32(req.buf, at + 4)
  return filters
}

/** RTM_GETSTATS of one device. */
export function rtnl_stats_get(req: Request): Errno | undefined {
  const { buf, extack } = req
  const invalid = rtnl_valid_stats_req(buf, req.strict_check, false, extack)
  if (isErrno(invalid)) return invalid
  const ifindex = ifindex_of(buf)
  if (ifindex === 0) return EINVAL
  const dev = __dev_get_by_index(req.net, ifindex)
  if (dev === undefined) return ENODEV
  const mask = filter_mask_of(buf)
  if (mask === 0) return extack.fail(EINVAL, 'Filter mask must be set for stats get')
  const filters = rtnl_stats_get_parse(req, mask)
  if (isErrno(filters)) return filters
  const skb = new MessageBuilder()
  rtnl_fill_statsinfo(skb, dev, req.portid, req.seq, 0, filters)
  return rtnl_unicast(req.net, skb, req.portid)
}

export function rtnl_stats_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { request, extack } = cb
  cb.gen_seq = cb.net.dev_base_seq
  const invalid = rtnl_valid_stats_req(request, cb.strict_check, true, extack)
  if (isErrno(invalid)) return invalid
  const mask = filter_mask_of(request)
  if (mask === 0) return extack.fail(EINVAL, 'Filter mask must be set for stats dump')
  const mark = cb.pool.mark()
  const filters = rtnl_stats_get_parse(cb, mask)
  cb.pool.release(mark)
  if (isErrno(filters)) return filters
  for (const dev of netdevs_from(cb.net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    if (!rtnl_fill_statsinfo(skb, dev, cb.portid, cb.seq, NLM_F_MULTI | nl_dump_check_consistent(cb), filters)) return true
  }
  cb.args[0] = 0x80000000
  return undefined
}

/** The nest for address families stands even when empty. */
function rtnl_fill_statsinfo(
  skb: MessageBuilder,
  dev: net_device,
  portid: number,
  seq: number,
  flags: number,
  filters: rtnl_stats_dump_filters,
): boolean {
  skb.begin(RTM_NEWSTATS, flags, seq, portid)
  const o = skb.room(if_stats_msg.size)
  if (o >= 0) {
    put32(skb.buf, o + if_stats_msg.field.ifindex.offset, dev.ifindex)
    put32(skb.buf, o + if_stats_msg.field.filter_mask.offset, filters.mask)
  }
  if ((filters.mask & bit(IFLA_STATS_LINK_64.nr)) !== 0) rtnl_put_stats64(skb, IFLA_STATS_LINK_64.nr, dev)
  if ((filters.mask & bit(IFLA_STATS_LINK_XSTATS.nr)) !== 0) fill_xstats(skb, dev, dev, IFLA_STATS_LINK_XSTATS.nr)
  if ((filters.mask & bit(IFLA_STATS_LINK_XSTATS_SLAVE.nr)) !== 0) {
    fill_xstats(skb, dev, netdev_master_upper_dev_get(dev), IFLA_STATS_LINK_XSTATS_SLAVE.nr)
  }
  if ((filters.mask & bit(IFLA_STATS_LINK_OFFLOAD_XSTATS.nr)) !== 0) rtnl_offload_xstats_fill(skb, dev, filters.offload_xstats)
  if ((filters.mask & bit(IFLA_STATS_AF_SPEC.nr)) !== 0) fill_af_stats(skb, dev)
  return skb.end()
}

/** The kind of the device, or of its master, knows more. */
function fill_xstats(skb: MessageBuilder, dev: net_device, owner: net_device | undefined, attr: number): void {
  const ops = owner?.rtnl_link_ops
  if (ops?.fill_linkxstats === undefined) return
  const nest = skb.nestNoflag(attr)
  ops.fill_linkxstats(skb, dev, attr)
  skb.nestEnd(nest)
}

/** CPU_HIT needs hardware that forwards. L3_STATS are there once asked for; no hardware of ours counts them, so they are 0. */
function rtnl_offload_xstats_fill(skb: MessageBuilder, dev: net_device, mask: number): void {
  const info_wanted = (mask & bit(IFLA_OFFLOAD_XSTATS_HW_S_INFO.nr)) !== 0
  const stats_wanted = (mask & bit(IFLA_OFFLOAD_XSTATS_L3_STATS.nr)) !== 0 && dev.offload_xstats_l3
  if (!info_wanted && !stats_wanted) return
  const xstats = skb.nestNoflag(IFLA_STATS_LINK_OFFLOAD_XSTATS)
  if (info_wanted) {
    const info = skb.nest(IFLA_OFFLOAD_XSTATS_HW_S_INFO)
    const l3 = skb.nest(IFLA_OFFLOAD_XSTATS_L3_STATS)
    skb.put(IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST, Number(dev.offload_xstats_l3))
    skb.put(IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED, 0)
    skb.nestEnd(l3)
    skb.nestEnd(info)
  }
  if (stats_wanted) skb.reserve(IFLA_OFFLOAD_XSTATS_L3_STATS.nr, IFLA_OFFLOAD_XSTATS_L3_STATS.type.size ?? 0)
  skb.nestEnd(xstats)
}

/** RTM_SETSTATS: nobody is told of what was so already. */
export function rtnl_stats_set(req: Request): Errno | undefined {
  const { buf, extack } = req
  const invalid = rtnl_valid_stats_req(buf, req.strict_check, false, extack)
  if (isErrno(invalid)) return invalid
  if (buf[NLMSG_HDRLEN] !== AF_UNSPEC) return extack.fail(EINVAL, 'Address family should be AF_UNSPEC')
  const ifindex = ifindex_of(buf)
  if (ifindex === 0) return EINVAL
  const dev = __dev_get_by_index(req.net, ifindex)
  if (dev === undefined) return ENODEV
  if (filter_mask_of(buf) !== 0) return extack.fail(EINVAL, 'Filter mask must be 0 for stats set')
  const tb = nlmsg_parse(req, if_stats_msg.size, ifla_stats_set_policy)
  if (isErrno(tb)) return tb
  const wanted = tb.get(IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS)
  if (wanted === undefined || (wanted !== 0) === dev.offload_xstats_l3) return undefined
  dev.offload_xstats_l3 = wanted !== 0
  const skb = new MessageBuilder()
  const mask = bit(IFLA_STATS_LINK_OFFLOAD_XSTATS.nr)
  rtnl_fill_statsinfo(skb, dev, 0, 0, 0, { mask, offload_xstats: bit(IFLA_OFFLOAD_XSTATS_HW_S_INFO.nr) })
  rtnl_notify(req.net, skb, 0, RTNLGRP_STATS, false)
  return undefined
}

function fill_af_stats(skb: MessageBuilder, dev: net_device): void {
  const spec = skb.nestNoflag(IFLA_STATS_AF_SPEC)
  for (const af of dev.nd_net.kernel.rtnl.af_ops) {
    if (af.fill_stats_af === undefined) continue
    const nest = skb.nestNoflag(af.family)
    if (isErrno(af.fill_stats_af(skb, dev))) skb.nestCancel(nest)
    else skb.nestEnd(nest)
  }
  skb.nestEnd(spec)
}
