/** net/core/rtnetlink.c: RTM_GETLINK for one device and as a dump with filters. */
import type { AttrTable } from '../../lib/attrs.ts'
import { get16, get32, getS32 } from '../../lib/bytes.ts'
import { MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import { ALTIFNAMSIZ, IFNAMSIZ } from '../../uapi/linux/if.ts'
import {
  IFLA_ALT_IFNAME,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_TARGET_NETNSID,
} from '../../uapi/linux/if_link.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWLINK, rtgenmsg } from '../../uapi/linux/rtnetlink.ts'
import { NLMSG_GOODSIZE, nl_dump_check_consistent } from '../netlink/af_netlink.ts'
import { nla_parse_nested_deprecated, nlmsg_parse_deprecated, nlmsg_parse_deprecated_strict } from '../netlink/attr.ts'
import { netlink_ext_ack } from '../netlink/extack.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { netdev_master_upper_dev_get } from './dev.ts'
import { netdevs_from } from './dev_names.ts'
import { __dev_get_by_index, __dev_get_by_name } from './dev_state.ts'
import { linkwatch_sync_dev } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import { rtnl_link_ops_get, rtnl_unicast } from './rtnetlink.ts'
import { if_nlmsg_size, rtnl_fill_ifinfo } from './rtnetlink_fill.ts'
import { ifla_info_policy, ifla_policy } from './rtnetlink_policy.ts'
import type { rtnl_link_ops } from './rtnl_link_ops.ts'
import { rtnl_get_net_ns_capable } from './rtnl_netns.ts'

/** Length of what Linux calls MODULE_NAME_LEN: longer kinds are cut. */
export const MODULE_NAME_LEN = 56

/** nla_strscpy: the text of a string attribute cut to a buffer of `size`. */
export function nla_string(text: string, size: number): string {
  return text.length < size ? text : text.slice(0, size - 1)
}

/** rtnl_dev_get: by IFLA_IFNAME, else by IFLA_ALT_IFNAME; each finds names and alternative names alike. */
export function rtnl_dev_get(net: net, tb: AttrTable): net_device | undefined {
  const ifname = tb.get(IFLA_IFNAME)
  if (ifname !== undefined) return __dev_get_by_name(net, nla_string(ifname, IFNAMSIZ))
  const alt = tb.get(IFLA_ALT_IFNAME)
  return alt === undefined ? undefined : __dev_get_by_name(net, nla_string(alt, ALTIFNAMSIZ))
}

/** Requests name at most one namespace; those that only know ids (`netns_id_only`) accept neither pid nor fd. */
export function rtnl_ensure_unique_netns(req: Request, tb: AttrTable, netns_id_only: boolean): Errno | undefined {
  const pid = tb.has(IFLA_NET_NS_PID)
  const fd = tb.has(IFLA_NET_NS_FD)
  if (netns_id_only) return pid || fd ? req.extack.fail(EOPNOTSUPP, 'specified netns attribute not supported') : undefined
  const named = Number(pid) + Number(fd) + Number(tb.has(IFLA_TARGET_NETNSID))
  return named > 1 ? req.extack.fail(EINVAL, 'multiple netns identifying attributes specified') : undefined
}

export function ifi_index(buf: Uint8Array): number {
  return getS32(buf, NLMSG_HDRLEN + ifinfomsg.field.ifi_index.offset)
}
/** Pad, type, flags and change: what a strict get request must leave zero. */
function ifi_values_set(buf: Uint8Array): boolean {
  const o = NLMSG_HDRLEN
  return buf[o + 1] !== 0 || get16(buf, o + 2) !== 0 || get32(buf, o + 8) !== 0 || get32(buf, o + 12) !== 0
}
const too_short = (buf: Uint8Array) => buf.length < NLMSG_HDRLEN + ifinfomsg.size

const getlink_attrs = [IFLA_IFNAME.nr, IFLA_ALT_IFNAME.nr, IFLA_EXT_MASK.nr, IFLA_TARGET_NETNSID.nr]

function rtnl_valid_getlink_req(req: Request): AttrTable | Errno {
  const { buf, extack } = req
  if (too_short(buf)) return extack.fail(EINVAL, 'Invalid header for get link')
  if (!req.strict_check) return nlmsg_parse_deprecated(req, ifinfomsg.size, ifla_policy)
  if (ifi_values_set(buf)) return extack.fail(EINVAL, 'Invalid values in header for get link request')
  const tb = nlmsg_parse_deprecated_strict(req, ifinfomsg.size, ifla_policy)
  if (isErrno(tb)) return tb
  for (let nr = 0; nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !getlink_attrs.includes(nr)) return extack.fail(EINVAL, 'Unsupported attribute in get link request')
  }
  return tb
}

/** RTM_GETLINK of one device, by index, name or alternative name. */
export function rtnl_getlink(req: Request): Errno | undefined {
  const tb = rtnl_valid_getlink_req(req)
  if (isErrno(tb)) return tb
  const error = rtnl_ensure_unique_netns(req, tb, true)
  if (isErrno(error)) return error
  const netnsid = tb.get(IFLA_TARGET_NETNSID) ?? -1
  const tgt_net = tb.has(IFLA_TARGET_NETNSID) ? rtnl_get_net_ns_capable(req, netnsid) : req.net
  if (isErrno(tgt_net)) return tgt_net
  const index = ifi_index(req.buf)
  if (index <= 0 && !tb.has(IFLA_IFNAME) && !tb.has(IFLA_ALT_IFNAME)) return EINVAL
  const dev = index > 0 ? __dev_get_by_index(tgt_net, index) : rtnl_dev_get(tgt_net, tb)
  if (dev === undefined) return ENODEV
  // The reader must not see a carrier state that waits for its delayed event.
  linkwatch_sync_dev(dev)
  const skb = new MessageBuilder()
  rtnl_fill_ifinfo(skb, dev, req.net, {
    type: RTM_NEWLINK,
    portid: req.portid,
    seq: req.seq,
    change: 0,
    flags: 0,
    ext_filter_mask: tb.get(IFLA_EXT_MASK) ?? 0,
    tgt_netnsid: netnsid,
  })
  return rtnl_unicast(req.net, skb, req.portid)
}

/** What a dump was asked for, parsed once. */
interface link_dump_filter {
  tgt_net: net
  netnsid: number
  ext_filter_mask: number
  master_idx: number
  kind_ops: rtnl_link_ops | undefined
}

/** Attributes of a dump request; legacy programs send a shorter header and whatever they like behind it. */
function rtnl_valid_dump_ifinfo_req(cb: netlink_callback): AttrTable | Errno {
  const { buf, extack } = cb
  if (!cb.strict_check) return legacy_attributes(cb)
  if (too_short(buf)) return extack.fail(EINVAL, 'Invalid header for link dump')
  if (ifi_values_set(buf)) return extack.fail(EINVAL, 'Invalid values in header for link dump request')
  if (ifi_index(buf) !== 0) return extack.fail(EINVAL, 'Filter by device index not supported for link dumps')
  return nlmsg_parse_deprecated_strict(cb, ifinfomsg.size, ifla_policy)
}
/** A legacy request that does not parse says nothing of it; one that does may warn. */
function legacy_attributes({ buf, pool, extack }: netlink_callback): AttrTable | Errno {
  const own = new netlink_ext_ack()
  const tb = nlmsg_parse_deprecated({ buf, pool, extack: own }, dump_hdrlen(buf), ifla_policy)
  if (!isErrno(tb) && own._msg !== undefined) extack.warn(own._msg)
  return tb
}
function dump_hdrlen(buf: Uint8Array): number {
  return too_short(buf) ? rtgenmsg.size : ifinfomsg.size
}

const dump_attrs = [IFLA_TARGET_NETNSID.nr, IFLA_EXT_MASK.nr, IFLA_MASTER.nr, IFLA_LINKINFO.nr]

function parse_filter(cb: netlink_callback): link_dump_filter | Errno {
  const filter: link_dump_filter = { tgt_net: cb.net, netnsid: -1, ext_filter_mask: 0, master_idx: 0, kind_ops: undefined }
  const tb = rtnl_valid_dump_ifinfo_req(cb)
  // A legacy request that does not parse lists everything.
  if (isErrno(tb)) return cb.strict_check ? tb : filter
  const netnsid = tb.get(IFLA_TARGET_NETNSID)
  for (let nr = 0; cb.strict_check && nr <= tb.max; nr++) {
    if (tb.atNr(nr) !== 0 && !dump_attrs.includes(nr)) return cb.extack.fail(EINVAL, 'Unsupported attribute in link dump request')
  }
  if (netnsid !== undefined) {
    const tgt_net = rtnl_get_net_ns_capable(cb, netnsid)
    if (isErrno(tgt_net)) return cb.extack.fail(tgt_net, 'Invalid target network namespace id')
    filter.tgt_net = tgt_net
    filter.netnsid = netnsid
  }
  filter.ext_filter_mask = tb.get(IFLA_EXT_MASK) ?? 0
  filter.master_idx = tb.get(IFLA_MASTER) ?? 0
  if (tb.has(IFLA_LINKINFO)) filter.kind_ops = linkinfo_to_kind_ops(cb, tb)
  return filter
}

/** An unknown kind filters nothing. */
function linkinfo_to_kind_ops(cb: netlink_callback, tb: AttrTable): rtnl_link_ops | undefined {
  const quiet = { buf: cb.buf, pool: cb.pool, extack: new netlink_ext_ack() }
  const linkinfo = nla_parse_nested_deprecated(quiet, tb, IFLA_LINKINFO, ifla_info_policy)
  if (isErrno(linkinfo)) return undefined
  const kind = linkinfo.get(IFLA_INFO_KIND)
  return kind === undefined ? undefined : rtnl_link_ops_get(cb.net.kernel, nla_string(kind, MODULE_NAME_LEN))
}

/** IFLA_MASTER of a dump: -1 asks for devices without a master, 0 for all. */
function link_dump_filtered(dev: net_device, filter: link_dump_filter): boolean {
  if (filter.kind_ops !== undefined && dev.rtnl_link_ops !== filter.kind_ops) return true
  if (filter.master_idx === 0) return false
  const master = netdev_master_upper_dev_get(dev)
  return filter.master_idx === 0xffffffff ? master !== undefined : master?.ifindex !== filter.master_idx
}

/** RTM_GETLINK dump: by index, so that it can go on after devices came and went. */
export function rtnl_dump_ifinfo(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const mark = cb.pool.mark()
  const filter = parse_filter(cb)
  cb.pool.release(mark)
  if (isErrno(filter)) return filter
  const filtered = filter.master_idx !== 0 || filter.kind_ops !== undefined
  const { tgt_net, netnsid, ext_filter_mask } = filter
  cb.gen_seq = tgt_net.dev_base_seq
  const message = {
    type: RTM_NEWLINK,
    portid: cb.portid,
    seq: cb.seq,
    change: 0,
    flags: NLM_F_MULTI | (filtered ? NLM_F_DUMP_FILTERED : 0),
    ext_filter_mask,
    tgt_netnsid: netnsid,
  }
  // Linux marks the first message of a part alone.
  message.flags |= nl_dump_check_consistent(cb)
  for (const dev of netdevs_from(tgt_net, cb.args[0])) {
    cb.args[0] = dev.ifindex
    if (link_dump_filtered(dev, filter)) continue
    if (!rtnl_fill_ifinfo(skb, dev, cb.net, message)) return true
    message.flags &= ~NLM_F_DUMP_INTR
  }
  cb.args[0] = 0x80000000
  return undefined
}

/** rtnl_calcit: how large a dump's buffer must be for its largest message. */
export function rtnl_calcit(req: Request): number {
  const mark = req.pool.mark()
  const quiet = { buf: req.buf, pool: req.pool, extack: new netlink_ext_ack() }
  const tb = nlmsg_parse_deprecated(quiet, dump_hdrlen(req.buf), ifla_policy)
  const ext_filter_mask = isErrno(tb) ? 0 : (tb.get(IFLA_EXT_MASK) ?? 0)
  req.pool.release(mark)
  if (ext_filter_mask === 0) return NLMSG_GOODSIZE
  return req.net.dev_base_head.reduce((size, dev) => Math.max(size, if_nlmsg_size(dev, ext_filter_mask)), 0)
}
