/** net/core/rtnetlink.c rtnl_mdb_*: RTM_NEWMDB, RTM_DELMDB and RTM_GETMDB, which devices with groups (bridge, vxlan) answer. */
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { NLM_F_BULK } from '../../uapi/linux/netlink.ts'
import { nlmsg_parse, nlmsg_parse_deprecated } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_BINARY, NLA_NESTED, type Policy, policy, validate } from '../netlink/policy.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { __dev_get_by_index } from './dev_state.ts'
import type { net_device } from './netdevice.ts'

declare module './netdevice.ts' {
  interface net_device_ops {
    readonly ndo_mdb_add?: (dev: net_device, tb: AttrTable, req: Request) => Errno | undefined
    readonly ndo_mdb_del?: (dev: net_device, tb: AttrTable, req: Request) => Errno | undefined
    readonly ndo_mdb_del_bulk?: (dev: net_device, tb: AttrTable, req: Request) => Errno | undefined
    /** True: full, the device's turn comes again (args 1 to 5 are its own). */
    readonly ndo_mdb_dump?: (dev: net_device, skb: MessageBuilder, cb: netlink_callback) => boolean
    readonly ndo_mdb_get?: (dev: net_device, tb: AttrTable, req: Request) => Errno | undefined
  }
}

const VLAN_VID_MAX = 4095
const zero16 = new Uint8Array(16)

function known_proto(e: ReturnType<typeof B.br_mdb_entry.get>): boolean {
  return e.proto === 0x0800 || e.proto === 0x86dd || e.proto === 0
}
function entry_of(buf: Uint8Array, at: number): ReturnType<typeof B.br_mdb_entry.get> | undefined {
  return get16(buf, at) === NLA_HDRLEN + B.br_mdb_entry.size ? B.br_mdb_entry.get(buf, at + NLA_HDRLEN) : undefined
}

/** What is wrong with a group address, as text. */
function address_error(proto: number, u: Uint8Array): string | undefined {
  if (proto === 0x0800) {
    const zero = u[0] === 0
    if ((u[0] & 0xf0) !== 0xe0 && !zero) return 'IPv4 entry group address is not multicast or 0.0.0.0'
    return u[0] === 224 && u[1] === 0 && u[2] === 0 ? 'IPv4 entry group address is local multicast' : undefined
  }
  if (proto === 0x86dd) {
    const all_nodes = u[0] === 0xff && u[1] === 0x02 && u[15] === 1 && u.subarray(2, 15).every((byte) => byte === 0)
    return all_nodes ? 'IPv6 entry group address is link-local all nodes' : undefined
  }
  if (proto === 0) return u[0] & 1 ? undefined : 'L2 entry group is not multicast'
  return 'Unknown entry protocol'
}
export function rtnl_validate_mdb_entry(buf: Uint8Array, at: number, extack: netlink_ext_ack): Errno | undefined {
  const e = entry_of(buf, at)
  if (e === undefined) return extack.fail(EINVAL, 'Invalid attribute length', at)
  if (e.ifindex === 0) return extack.fail(EINVAL, 'Zero entry ifindex is not allowed')
  const text = address_error(e.proto, e.u)
  if (text !== undefined) return extack.fail(EINVAL, text)
  if (e.state !== B.MDB_PERMANENT && e.state !== B.MDB_TEMPORARY) return extack.fail(EINVAL, 'Unknown entry state')
  return e.vid >= VLAN_VID_MAX ? extack.fail(EINVAL, 'Invalid entry VLAN id') : undefined
}
export function rtnl_validate_mdb_entry_get(buf: Uint8Array, at: number, extack: netlink_ext_ack): Errno | undefined {
  const e = entry_of(buf, at)
  if (e === undefined) return extack.fail(EINVAL, 'Invalid attribute length', at)
  if (e.ifindex !== 0) return extack.fail(EINVAL, 'Entry ifindex cannot be specified')
  if (e.state !== 0) return extack.fail(EINVAL, 'Entry state cannot be specified')
  if (e.flags !== 0) return extack.fail(EINVAL, 'Entry flags cannot be specified')
  if (e.vid >= VLAN_VID_MAX) return extack.fail(EINVAL, 'Invalid entry VLAN id')
  return known_proto(e) ? undefined : extack.fail(EINVAL, 'Unknown entry protocol')
}
export function rtnl_validate_mdb_entry_del_bulk(buf: Uint8Array, at: number, extack: netlink_ext_ack): Errno | undefined {
  const e = entry_of(buf, at)
  if (e === undefined) return extack.fail(EINVAL, 'Invalid attribute length', at)
  if (e.state !== B.MDB_PERMANENT && e.state !== B.MDB_TEMPORARY) return extack.fail(EINVAL, 'Unknown entry state')
  if (e.flags !== 0) return extack.fail(EINVAL, 'Entry flags cannot be set')
  if (e.vid >= VLAN_VID_MAX) return extack.fail(EINVAL, 'Invalid entry VLAN id')
  const addressed = e.proto !== 0 || e.u.some((byte, i) => byte !== zero16[i])
  return addressed ? extack.fail(EINVAL, 'Entry address cannot be set') : undefined
}

export const mdba_policy = policy(
  B.MDBA_SET,
  { MDBA_SET_ENTRY: validate(NLA_BINARY(B.br_mdb_entry.size), rtnl_validate_mdb_entry), MDBA_SET_ENTRY_ATTRS: NLA_NESTED() },
  { name: 'mdba_policy', strict_start_type: B.MDBA_SET_ENTRY_ATTRS.nr + 1 },
)
export const mdba_del_bulk_policy = policy(
  B.MDBA_SET,
  { MDBA_SET_ENTRY: validate(NLA_BINARY(B.br_mdb_entry.size), rtnl_validate_mdb_entry_del_bulk), MDBA_SET_ENTRY_ATTRS: NLA_NESTED() },
  { name: 'mdba_del_bulk_policy' },
)
export const mdba_get_policy = policy(
  B.MDBA_GET,
  { MDBA_GET_ENTRY: validate(NLA_BINARY(B.br_mdb_entry.size), rtnl_validate_mdb_entry_get), MDBA_GET_ENTRY_ATTRS: NLA_NESTED() },
  { name: 'mdba_get_policy' },
)

/** The device of a request, and its attributes. */
function target(
  req: Request,
  rules: Policy,
  parse: typeof nlmsg_parse_deprecated,
  name: string,
): { dev: net_device; tb: AttrTable } | Errno {
  const { extack } = req
  const tb = parse(req, B.br_port_msg.size, rules)
  if (isErrno(tb)) return tb
  const { ifindex } = B.br_port_msg.get(req.buf, NLMSG_HDRLEN)
  if (ifindex === 0) return extack.fail(EINVAL, 'Invalid ifindex')
  const dev = __dev_get_by_index(req.net, ifindex)
  if (dev === undefined) return extack.fail(ENODEV, "Device doesn't exist")
  if (tb.atNr(1) !== 0) return { dev, tb }
  extack.missing(EINVAL, 1)
  return extack.fail(EINVAL, `Missing ${name} attribute`)
}
export function rtnl_mdb_add(req: Request): Errno | undefined {
  const t = target(req, mdba_policy, nlmsg_parse_deprecated, 'MDBA_SET_ENTRY')
  if (isErrno(t)) return t
  return t.dev.netdev_ops.ndo_mdb_add === undefined ? no_mdb(req) : t.dev.netdev_ops.ndo_mdb_add(t.dev, t.tb, req)
}
export function rtnl_mdb_del(req: Request): Errno | undefined {
  const bulk = (req.flags & NLM_F_BULK) !== 0
  const t = target(req, bulk ? mdba_del_bulk_policy : mdba_policy, bulk ? nlmsg_parse : nlmsg_parse_deprecated, 'MDBA_SET_ENTRY')
  if (isErrno(t)) return t
  const { ndo_mdb_del, ndo_mdb_del_bulk } = t.dev.netdev_ops
  if (bulk) {
    if (ndo_mdb_del_bulk === undefined) return req.extack.fail(EOPNOTSUPP, 'Device does not support MDB bulk deletion')
    return ndo_mdb_del_bulk(t.dev, t.tb, req)
  }
  return ndo_mdb_del === undefined ? no_mdb(req) : ndo_mdb_del(t.dev, t.tb, req)
}
export function rtnl_mdb_get(req: Request): Errno | undefined {
  const t = target(req, mdba_get_policy, nlmsg_parse, 'MDBA_GET_ENTRY')
  if (isErrno(t)) return t
  return t.dev.netdev_ops.ndo_mdb_get === undefined ? no_mdb(req) : t.dev.netdev_ops.ndo_mdb_get(t.dev, t.tb, req)
}
function no_mdb(req: Request): Errno {
  return req.extack.fail(EOPNOTSUPP, 'Device does not support MDB operations')
}

function invalid_dump(cb: netlink_callback): Errno | undefined {
  const { request, extack } = cb
  const header = NLMSG_HDRLEN + B.br_port_msg.size
  if (request.length < header) return extack.fail(EINVAL, 'Invalid header for mdb dump request')
  if (get32(request, NLMSG_HDRLEN + 4) !== 0) {
    return extack.fail(EINVAL, 'Filtering by device index is not supported for mdb dump request')
  }
  return request.length > header ? extack.fail(EINVAL, 'Invalid data after header in mdb dump request') : undefined
}
export function rtnl_mdb_dump(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const invalid = cb.strict_check ? invalid_dump(cb) : undefined
  if (isErrno(invalid)) return invalid
  const devices = cb.net.dev_base_head
  for (; cb.args[0] < devices.length; cb.args[0]++) {
    const dev = devices[cb.args[0]]
    if (dev.netdev_ops.ndo_mdb_dump?.(dev, skb, cb)) return true
    cb.args.fill(0, 1)
  }
  return undefined
}
