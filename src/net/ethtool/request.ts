/**
 * net/ethtool/netlink.h: what the messages of the family have in common: the header that names the device, and the shape of
 * a kind of request (struct ethnl_request_ops), from which netlink.ts makes GET, dump, SET and notification.
 */
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { __dev_get_by_index, __dev_get_by_name } from '../core/dev_state.ts'
import type { ethtool_ops } from '../core/ethtool_ops.ts'
import { default_ethtool_ops } from '../core/ethtool_ops.ts'
import { netif_device_present } from '../core/link_watch.ts'
import type { net } from '../core/net_namespace.ts'
import { NETREG_UNREGISTERING, type net_device } from '../core/netdevice.ts'
import { NL_VALIDATE_LIBERAL, nla_parse_at, type ParseContext } from '../netlink/attr.ts'
import { mask, min, NLA_NESTED, NLA_NUL_STRING, NLA_U32, type Policy, policy } from '../netlink/policy.ts'

const ALTIFNAMSIZ = 128
const FLAGS_BASIC = E.ETHTOOL_FLAG_COMPACT_BITSETS | E.ETHTOOL_FLAG_OMIT_REPLY
const FLAGS_STATS = FLAGS_BASIC | E.ETHTOOL_FLAG_STATS

function header_policy(name: string, flags: number, phy: boolean): Policy {
  const entries = {
    ETHTOOL_A_HEADER_DEV_INDEX: NLA_U32,
    ETHTOOL_A_HEADER_DEV_NAME: NLA_NUL_STRING(ALTIFNAMSIZ - 1),
    ETHTOOL_A_HEADER_FLAGS: mask(NLA_U32, flags),
  }
  if (!phy) return policy(E.ETHTOOL_A_HEADER, entries, { name, maxtype: E.ETHTOOL_A_HEADER_FLAGS.nr })
  return policy(E.ETHTOOL_A_HEADER, { ...entries, ETHTOOL_A_HEADER_PHY_INDEX: min(NLA_U32, 1) }, { name })
}
export const ethnl_header_policy = header_policy('ethnl_header_policy', FLAGS_BASIC, false)
export const ethnl_header_policy_stats = header_policy('ethnl_header_policy_stats', FLAGS_STATS, false)
export const ethnl_header_policy_phy = header_policy('ethnl_header_policy_phy', FLAGS_BASIC, true)
export const ethnl_header_policy_phy_stats = header_policy('ethnl_header_policy_phy_stats', FLAGS_STATS, true)

/** Policy entries of the headers. */
export const HEADER = NLA_NESTED(() => ethnl_header_policy)
export const HEADER_STATS = NLA_NESTED(() => ethnl_header_policy_stats)
export const HEADER_PHY = NLA_NESTED(() => ethnl_header_policy_phy)
export const HEADER_PHY_STATS = NLA_NESTED(() => ethnl_header_policy_phy_stats)

/** struct ethnl_req_info; `data` is the kind's own. */
export interface ethnl_req_info {
  dev: net_device | undefined
  flags: number
  data: any
}
/** What a handler gets beside the request's header. */
export interface ethnl_context extends ParseContext {
  readonly net: net
}

export interface ethnl_request_ops {
  readonly name: string
  readonly get: number
  readonly reply: number
  readonly set?: number
  readonly ntf?: number
  readonly header: Attr<any>
  readonly get_policy: Policy
  readonly set_policy?: Policy
  /** GET needs CAP_NET_ADMIN too. */
  readonly admin?: boolean
  readonly allow_nodev_do?: boolean
  readonly parse_request?: (req: ethnl_context, tb: AttrTable, info: ethnl_req_info) => Errno | undefined
  /** What fill_reply() needs; it may be undefined. */
  readonly prepare_data: (info: ethnl_req_info, req: ethnl_context | undefined) => any
  readonly fill_reply: (skb: MessageBuilder, info: ethnl_req_info, data: any) => Errno | undefined
  /** false: there is nothing to do. */
  readonly set_validate?: (info: ethnl_req_info, req: ethnl_context, tb: AttrTable) => boolean | Errno
  /** Whether anything was changed. */
  readonly apply?: (info: ethnl_req_info, req: ethnl_context, tb: AttrTable) => boolean | Errno
}

/** ethnl_parse_header_dev_get(): the header nest at `at` (0: it is missing). */
export function ethnl_parse_header_dev_get(req: ethnl_context, at: number, require_dev: boolean): ethnl_req_info | Errno {
  const { extack, net } = req
  if (at === 0) return require_dev ? extack.fail(EINVAL, 'request header missing') : { dev: undefined, flags: 0, data: undefined }
  const end = at + (req.buf[at] | (req.buf[at + 1] << 8))
  const tb = nla_parse_at(req, at + 4, end, ethnl_header_policy_phy_stats, NL_VALIDATE_LIBERAL)
  if (isErrno(tb)) return tb
  const dev = header_device(req, net, tb, at)
  if (isErrno(dev)) return dev
  if (dev === undefined && require_dev) return extack.fail(EINVAL, 'neither ifindex nor name specified', at)
  const phy_index = tb.get(E.ETHTOOL_A_HEADER_PHY_INDEX) ?? 0
  if (phy_index !== 0) {
    if (dev === undefined) return extack.fail(EINVAL, 'phy_index set without a netdev', at)
    // no device here has a PHY that the kernel manages
    return extack.fail(ENODEV, 'no phy matching phyindex', at)
  }
  return { dev, flags: tb.get(E.ETHTOOL_A_HEADER_FLAGS) ?? 0, data: undefined }
}
function header_device({ extack }: ethnl_context, net: net, tb: AttrTable, at: number): net_device | undefined | Errno {
  const [by_index, by_name] = [E.ETHTOOL_A_HEADER_DEV_INDEX, E.ETHTOOL_A_HEADER_DEV_NAME]
  const ifindex = tb.get(by_index)
  const name = tb.get(by_name)
  if (ifindex !== undefined) {
    const dev = __dev_get_by_index(net, ifindex)
    if (dev === undefined) return extack.fail(ENODEV, 'no device matches ifindex', tb.at(by_index))
    return name !== undefined && name !== dev.name ? extack.fail(ENODEV, 'ifindex and name do not match', at) : dev
  }
  if (name === undefined) return undefined
  return __dev_get_by_name(net, name) ?? extack.fail(ENODEV, 'no device matches name', tb.at(by_name))
}

/** ethnl_ops_begin() */
export function ethnl_ops_begin(dev: net_device | undefined): Errno | undefined {
  return dev === undefined || !netif_device_present(dev) || dev.reg_state >= NETREG_UNREGISTERING ? ENODEV : undefined
}
/** A device's operations; one that brings none has none of them. */
export function ops_of(dev: net_device | undefined): ethtool_ops {
  return dev?.ethtool_ops ?? default_ethtool_ops
}
export function compact_of(info: ethnl_req_info): boolean {
  return (info.flags & E.ETHTOOL_FLAG_COMPACT_BITSETS) !== 0
}

/** ethnl_update_u32() and the like: an attribute's number, or the old one. */
export class updates {
  readonly tb: AttrTable
  changed = false
  constructor(tb: AttrTable) {
    this.tb = tb
  }
  number(attr: Attr<number>, old: number): number {
    const value = this.tb.get(attr)
    if (value === undefined || value === old) return old
    this.changed = true
    return value
  }
  bool(attr: Attr<number>, old: boolean): boolean {
    const value = this.tb.get(attr)
    if (value === undefined || (value !== 0) === old) return old
    this.changed = true
    return value !== 0
  }
}
