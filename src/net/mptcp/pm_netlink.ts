/**
 * net/mptcp/pm_netlink.c: the path manager's endpoints and limits (`ip mptcp`), the generic netlink family "mptcp_pm". No
 * connection of MPTCP is ever made, so an endpoint changes nothing but these lists, and no token is known.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import { equalBytes, getBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EBUSY, EEXIST, EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { GENL_UNS_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import * as U from '../../uapi/linux/mptcp_pm.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTN_LOCAL } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { inet_addr_type } from '../ipv4/fib_tables.ts'
import { GENL_DONT_VALIDATE_STRICT, GENL_MCAST_CAP_NET_ADMIN } from '../netlink/genl_family.ts'
import { genl_dumpit_info_of, type genl_family, type genl_info } from '../netlink/genetlink.ts'
import { genl_register_family, genlmsg_put, genlmsg_reply } from '../netlink/genetlink.ts'
import { nla_parse_nested_deprecated } from '../netlink/attr.ts'
import { NLA_EXACT_LEN, NLA_NESTED, NLA_S32, NLA_U8, NLA_U16, NLA_U32, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'

const MPTCP_PM_ADDR_MAX = 8
const MPTCP_PM_MAX_ADDR_ID = 255

/** An endpoint. */
export class mptcp_pm_addr_entry {
  id = 0
  family = 0
  addr: Uint8Array = new Uint8Array(0)
  port = 0
  flags = 0
  ifindex = 0
}
/** struct pm_nl_pernet: by id. */
export class pm_nl_pernet {
  local_addr_list = new Map<number, mptcp_pm_addr_entry>()
  next_id = 1
  add_addr_accept_max = 0
  subflows_max = 2
}
const KEY = 'mptcp_pm'
export function pm_nl_get_pernet(net: net): pm_nl_pernet {
  let found = net.gen.get(KEY) as pm_nl_pernet | undefined
  if (found === undefined) net.gen.set(KEY, (found = new pm_nl_pernet()))
  return found
}

export const mptcp_pm_address_nl_policy = policy(
  U.MPTCP_PM_ADDR_ATTR,
  {
    MPTCP_PM_ADDR_ATTR_FAMILY: NLA_U16,
    MPTCP_PM_ADDR_ATTR_ID: NLA_U8,
    MPTCP_PM_ADDR_ATTR_ADDR4: NLA_U32,
    MPTCP_PM_ADDR_ATTR_ADDR6: NLA_EXACT_LEN(16),
    MPTCP_PM_ADDR_ATTR_PORT: NLA_U16,
    MPTCP_PM_ADDR_ATTR_FLAGS: NLA_U32,
    MPTCP_PM_ADDR_ATTR_IF_IDX: NLA_S32,
  },
  { name: 'mptcp_pm_address_nl_policy' },
)
const MPTCP_PM_ATTR_ADDR = NLA_NESTED(() => mptcp_pm_address_nl_policy)
const MPTCP_PM_ATTR_ADDR_REMOTE = NLA_NESTED(() => mptcp_pm_address_nl_policy)
const MPTCP_PM_ATTR_TOKEN = NLA_U32
export const mptcp_pm_endpoint_nl_policy = policy(U.MPTCP_PM_ENDPOINT, { MPTCP_PM_ATTR_ADDR }, { name: 'mptcp_pm_add_addr_nl_policy' })
export const mptcp_pm_get_addr_nl_policy = policy(
  U.MPTCP_PM_OF_TOKEN,
  { MPTCP_PM_ATTR_ADDR, MPTCP_PM_ATTR_TOKEN },
  { name: 'mptcp_pm_get_addr_nl_policy' },
)
export const mptcp_pm_limits_nl_policy = policy(
  U.MPTCP_PM_LIMITS,
  { MPTCP_PM_ATTR_RCV_ADD_ADDRS: NLA_U32, MPTCP_PM_ATTR_SUBFLOWS: NLA_U32 },
  { name: 'mptcp_pm_set_limits_nl_policy' },
)
export const mptcp_pm_remove_nl_policy = policy(
  U.MPTCP_PM_LOCAL,
  { MPTCP_PM_ATTR_TOKEN, MPTCP_PM_ATTR_LOC_ID: NLA_U8 },
  { name: 'mptcp_pm_remove_nl_policy' },
)
export const mptcp_pm_both_nl_policy = policy(
  U.MPTCP_PM_ATTR,
  { MPTCP_PM_ATTR_ADDR, MPTCP_PM_ATTR_TOKEN, MPTCP_PM_ATTR_ADDR_REMOTE },
  { name: 'mptcp_pm_set_flags_nl_policy' },
)

/** mptcp_pm_parse_pm_addr_attr() and mptcp_pm_parse_entry() */
function parse_entry(info: genl_info, require_family: boolean): mptcp_pm_addr_entry | Errno {
  if (!info.attrs.has(U.MPTCP_PM_ATTR_ADDR)) return info.extack.fail(EINVAL, 'missing address info')
  const tb = nla_parse_nested_deprecated(info.req, info.attrs, U.MPTCP_PM_ATTR_ADDR, mptcp_pm_address_nl_policy)
  if (isErrno(tb)) return tb
  const entry = new mptcp_pm_addr_entry()
  entry.id = tb.get(U.MPTCP_PM_ADDR_ATTR_ID) ?? 0
  const error = parse_address(info, tb, require_family, entry)
  if (isErrno(error)) return error
  entry.ifindex = tb.get(U.MPTCP_PM_ADDR_ATTR_IF_IDX) ?? 0
  entry.flags = (tb.get(U.MPTCP_PM_ADDR_ATTR_FLAGS) ?? 0) & U.MPTCP_PM_ADDR_FLAGS_MASK
  entry.port = tb.get(U.MPTCP_PM_ADDR_ATTR_PORT) ?? 0
  return entry
}
function parse_address(info: genl_info, tb: AttrTable, require_family: boolean, entry: mptcp_pm_addr_entry): Errno | undefined {
  const at = info.attrs.at(U.MPTCP_PM_ATTR_ADDR)
  const family = tb.get(U.MPTCP_PM_ADDR_ATTR_FAMILY)
  if (family === undefined) return require_family ? info.extack.fail(EINVAL, 'missing family', at) : undefined
  if (family !== AF_INET && family !== AF_INET6) return info.extack.fail(EINVAL, 'unknown address family', at)
  const address: Attr<Uint8Array> = family === AF_INET6 ? U.MPTCP_PM_ADDR_ATTR_ADDR6 : U.MPTCP_PM_ADDR_ATTR_ADDR4
  if (!tb.has(address)) return info.extack.fail(EINVAL, 'missing address data', at)
  entry.family = family
  entry.addr = tb.payload(address)!.slice(0, family === AF_INET6 ? 16 : 4)
  return undefined
}
/** The last four bytes of a mapped address are an IPv4 one (mptcp_addresses_equal). */
function mptcp_addresses_equal(a: mptcp_pm_addr_entry, b: mptcp_pm_addr_entry, use_port: boolean): boolean {
  return equalBytes(comparable(a), comparable(b)) && (!use_port || a.port === b.port)
}
function comparable({ family, addr }: mptcp_pm_addr_entry): Uint8Array {
  if (family !== AF_INET6) return addr
  const mapped = addr.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff))
  return mapped ? addr.subarray(12) : addr
}
function address_use_port({ flags }: mptcp_pm_addr_entry): boolean {
  return (flags & (U.MPTCP_PM_ADDR_FLAG_SIGNAL | U.MPTCP_PM_ADDR_FLAG_SUBFLOW)) === U.MPTCP_PM_ADDR_FLAG_SIGNAL
}

/** mptcp_pm_nl_append_new_local_addr() */
function append_new_local_addr(pernet: pm_nl_pernet, entry: mptcp_pm_addr_entry): Errno | undefined {
  const { local_addr_list: list } = pernet
  if (pernet.next_id === MPTCP_PM_MAX_ADDR_ID) pernet.next_id = 1
  if (list.size >= MPTCP_PM_ADDR_MAX) return ERANGE
  if (list.has(entry.id)) return EBUSY
  if (!address_use_port(entry)) entry.port = 0
  for (const cur of list.values()) if (mptcp_addresses_equal(cur, entry, (cur.port || entry.port) !== 0)) return EEXIST
  if (entry.id === 0) entry.id = free_id(list, pernet.next_id)
  pernet.next_id = Math.max(pernet.next_id, entry.id)
  list.set(entry.id, entry)
  return undefined
}
/** There are more ids than endpoints can be. */
function free_id(list: ReadonlyMap<number, unknown>, from: number): number {
  for (let id = from; id <= MPTCP_PM_MAX_ADDR_ID; id++) if (!list.has(id)) return id
  return free_id(list, 1)
}
/** An endpoint with a port listens there, which needs TCP. */
function create_listen_socket(net: net, { family, addr }: mptcp_pm_addr_entry): Errno {
  if (family === AF_INET && inet_addr_type(net, getBe32(addr, 0)) !== RTN_LOCAL) return EADDRNOTAVAIL
  net.kernel.unsupported.count('genetlink', 'mptcp_pm endpoints that listen')
  return EPROTONOSUPPORT
}
export function mptcp_pm_nl_add_addr_doit(info: genl_info): Errno | undefined {
  const { extack, net } = info
  const entry = parse_entry(info, true)
  if (isErrno(entry)) return entry
  const { flags } = entry
  if (entry.port !== 0 && !address_use_port(entry)) return extack.fail(EINVAL, 'flags must have signal and not subflow when using port')
  if (flags & U.MPTCP_PM_ADDR_FLAG_SIGNAL && flags & U.MPTCP_PM_ADDR_FLAG_FULLMESH)
    return extack.fail(EINVAL, "flags mustn't have both signal and fullmesh")
  if (flags & U.MPTCP_PM_ADDR_FLAG_IMPLICIT) return extack.fail(EINVAL, "can't create IMPLICIT endpoint")
  if (entry.port !== 0) {
    const refused = create_listen_socket(net, entry)
    return extack.fail(refused, `create listen socket error: -${refused.code}`)
  }
  const error = append_new_local_addr(pm_nl_get_pernet(net), entry)
  return error === undefined ? undefined : extack.fail(error, `too many addresses or duplicate one: -${error.code}`)
}
/** Id 0 is what connections call their first address; there are none. */
export function mptcp_pm_nl_del_addr_doit(info: genl_info): Errno | undefined {
  const entry = parse_entry(info, false)
  if (isErrno(entry)) return entry
  if (entry.id === 0) return undefined
  return pm_nl_get_pernet(info.net).local_addr_list.delete(entry.id) ? undefined : info.extack.fail(EINVAL, 'address not found')
}
export function mptcp_pm_nl_flush_addrs_doit({ net }: genl_info): undefined {
  const pernet = pm_nl_get_pernet(net)
  pernet.local_addr_list.clear()
  pernet.next_id = 1
}

/** mptcp_nl_fill_addr() */
function fill_addr(skb: MessageBuilder, entry: mptcp_pm_addr_entry): void {
  const nest = skb.nest(U.MPTCP_PM_ATTR_ADDR)
  skb.put(U.MPTCP_PM_ADDR_ATTR_FAMILY, entry.family)
  skb.put(U.MPTCP_PM_ADDR_ATTR_PORT, entry.port)
  skb.put(U.MPTCP_PM_ADDR_ATTR_ID, entry.id)
  skb.put(U.MPTCP_PM_ADDR_ATTR_FLAGS, entry.flags)
  if (entry.ifindex !== 0) skb.put(U.MPTCP_PM_ADDR_ATTR_IF_IDX, entry.ifindex)
  skb.putBytes((entry.family === AF_INET6 ? U.MPTCP_PM_ADDR_ATTR_ADDR6 : U.MPTCP_PM_ADDR_ATTR_ADDR4).nr, entry.addr)
  skb.nestEnd(nest)
}
function invalid_token({ extack, attrs: tb }: genl_info): Errno {
  return extack.fail(EINVAL, 'invalid token', tb.at(U.MPTCP_PM_ATTR_TOKEN))
}
export function mptcp_pm_nl_get_addr_doit(info: genl_info): Errno | undefined {
  if (info.attrs.has(U.MPTCP_PM_ATTR_TOKEN)) return invalid_token(info)
  const asked = parse_entry(info, false)
  if (isErrno(asked)) return asked
  const entry = pm_nl_get_pernet(info.net).local_addr_list.get(asked.id)
  if (entry === undefined) return info.extack.fail(EINVAL, 'address not found')
  const skb = new MessageBuilder(4096, 128)
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, info.family, 0, info.cmd)
  fill_addr(skb, entry)
  skb.end()
  return genlmsg_reply(skb, info)
}
/** In the order of ids; cb.args[0]: the last one told. */
export function mptcp_pm_nl_get_addr_dumpit(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { attrs } = genl_dumpit_info_of(cb)
  if (attrs.has(U.MPTCP_PM_ATTR_TOKEN)) return cb.extack.fail(EINVAL, 'invalid token')
  const list = [...pm_nl_get_pernet(cb.net).local_addr_list.values()].sort((a, b) => a.id - b.id)
  for (const entry of list) {
    if (entry.id <= cb.args[0]) continue
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, mptcp_genl_family, NLM_F_MULTI, U.MPTCP_PM_CMD_GET_ADDR)
    fill_addr(skb, entry)
    if (!skb.end()) return true
    cb.args[0] = entry.id
  }
  return undefined
}

export function mptcp_pm_nl_set_limits_doit({ net, attrs: tb, extack }: genl_info): Errno | undefined {
  const pernet = pm_nl_get_pernet(net)
  const addrs = tb.get(U.MPTCP_PM_ATTR_RCV_ADD_ADDRS) ?? pernet.add_addr_accept_max
  const subflows = tb.get(U.MPTCP_PM_ATTR_SUBFLOWS) ?? pernet.subflows_max
  if (addrs > MPTCP_PM_ADDR_MAX || subflows > MPTCP_PM_ADDR_MAX) return extack.fail(EINVAL, 'limit greater than maximum')
  pernet.add_addr_accept_max = addrs
  pernet.subflows_max = subflows
  return undefined
}
export function mptcp_pm_nl_get_limits_doit(info: genl_info): Errno | undefined {
  const pernet = pm_nl_get_pernet(info.net)
  const skb = new MessageBuilder(4096, 128)
  genlmsg_put(skb, info.net, info.snd_portid, info.snd_seq, info.family, 0, U.MPTCP_PM_CMD_GET_LIMITS)
  skb.put(U.MPTCP_PM_ATTR_RCV_ADD_ADDRS, pernet.add_addr_accept_max)
  skb.put(U.MPTCP_PM_ATTR_SUBFLOWS, pernet.subflows_max)
  skb.end()
  return genlmsg_reply(skb, info)
}
export function mptcp_pm_nl_set_flags_doit(info: genl_info): Errno | undefined {
  if (info.attrs.has(U.MPTCP_PM_ATTR_TOKEN)) return invalid_token(info)
  const asked = parse_entry(info, false)
  if (isErrno(asked)) return asked
  if (asked.family === 0 && asked.id === 0) return info.extack.fail(EOPNOTSUPP, 'missing required inputs')
  const { local_addr_list: list } = pm_nl_get_pernet(info.net)
  const entry =
    asked.family === 0 ? list.get(asked.id) : [...list.values()].find((entry) => mptcp_addresses_equal(entry, asked, entry.port !== 0))
  if (entry === undefined) return info.extack.fail(EINVAL, 'address not found')
  const other = U.MPTCP_PM_ADDR_FLAG_SIGNAL | U.MPTCP_PM_ADDR_FLAG_IMPLICIT
  if (asked.flags & U.MPTCP_PM_ADDR_FLAG_FULLMESH && entry.flags & other) return info.extack.fail(EINVAL, 'invalid addr flags')
  const mask = U.MPTCP_PM_ADDR_FLAG_BACKUP | U.MPTCP_PM_ADDR_FLAG_FULLMESH
  entry.flags = (entry.flags & ~mask) | (asked.flags & mask)
  return undefined
}

/** net/mptcp/pm_userspace.c: what is asked of one connection, by its token. */
function of_connection(info: genl_info, ...required: Attr<any>[]): Errno {
  if (required.some((a) => !info.attrs.has(a))) return info.extack.fail(EINVAL, 'missing required inputs')
  return invalid_token(info)
}
export function mptcp_pm_nl_announce_doit(info: genl_info): Errno {
  return of_connection(info, U.MPTCP_PM_ATTR_ADDR, U.MPTCP_PM_ATTR_TOKEN)
}
export function mptcp_pm_nl_remove_doit(info: genl_info): Errno {
  return of_connection(info, U.MPTCP_PM_ATTR_LOC_ID, U.MPTCP_PM_ATTR_TOKEN)
}
export function mptcp_pm_nl_subflow_doit(info: genl_info): Errno {
  return of_connection(info, U.MPTCP_PM_ATTR_ADDR, U.MPTCP_PM_ATTR_ADDR_REMOTE, U.MPTCP_PM_ATTR_TOKEN)
}

const validate = GENL_DONT_VALIDATE_STRICT
const admin = { validate, flags: GENL_UNS_ADMIN_PERM }
export const mptcp_genl_family: genl_family = {
  name: U.MPTCP_PM_NAME,
  version: U.MPTCP_PM_VER,
  netnsok: true,
  resv_start_op: U.MPTCP_PM_CMD_SUBFLOW_DESTROY + 1,
  ops: [
    { cmd: U.MPTCP_PM_CMD_ADD_ADDR, ...admin, policy: mptcp_pm_endpoint_nl_policy, doit: mptcp_pm_nl_add_addr_doit },
    { cmd: U.MPTCP_PM_CMD_DEL_ADDR, ...admin, policy: mptcp_pm_endpoint_nl_policy, doit: mptcp_pm_nl_del_addr_doit },
    {
      cmd: U.MPTCP_PM_CMD_GET_ADDR,
      validate,
      policy: mptcp_pm_get_addr_nl_policy,
      doit: mptcp_pm_nl_get_addr_doit,
      dumpit: mptcp_pm_nl_get_addr_dumpit,
    },
    { cmd: U.MPTCP_PM_CMD_FLUSH_ADDRS, ...admin, policy: mptcp_pm_endpoint_nl_policy, doit: mptcp_pm_nl_flush_addrs_doit },
    { cmd: U.MPTCP_PM_CMD_SET_LIMITS, ...admin, policy: mptcp_pm_limits_nl_policy, doit: mptcp_pm_nl_set_limits_doit },
    { cmd: U.MPTCP_PM_CMD_GET_LIMITS, validate, policy: mptcp_pm_limits_nl_policy, doit: mptcp_pm_nl_get_limits_doit },
    { cmd: U.MPTCP_PM_CMD_SET_FLAGS, ...admin, policy: mptcp_pm_both_nl_policy, doit: mptcp_pm_nl_set_flags_doit },
    { cmd: U.MPTCP_PM_CMD_ANNOUNCE, ...admin, policy: mptcp_pm_get_addr_nl_policy, doit: mptcp_pm_nl_announce_doit },
    { cmd: U.MPTCP_PM_CMD_REMOVE, ...admin, policy: mptcp_pm_remove_nl_policy, doit: mptcp_pm_nl_remove_doit },
    { cmd: U.MPTCP_PM_CMD_SUBFLOW_CREATE, ...admin, policy: mptcp_pm_both_nl_policy, doit: mptcp_pm_nl_subflow_doit },
    { cmd: U.MPTCP_PM_CMD_SUBFLOW_DESTROY, ...admin, policy: mptcp_pm_both_nl_policy, doit: mptcp_pm_nl_subflow_doit },
  ],
  mcgrps: [{ name: U.MPTCP_PM_CMD_GRP_NAME }, { name: U.MPTCP_PM_EV_GRP_NAME, flags: GENL_MCAST_CAP_NET_ADMIN }],
}
/** The end of inet_init(), by way of tcp_init() and mptcp_init(). */
export function mptcp_pm_nl_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, mptcp_genl_family)
}
