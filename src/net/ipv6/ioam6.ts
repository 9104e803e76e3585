/** net/ipv6/ioam6.c: the generic netlink family "IOAM6": namespaces and schemas of in-situ OAM (RFC 9197). */
import type { Kernel } from '../../kernel/kernel.ts'
import { attr, attrs } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { binary, u16, u32, u64 } from '../../lib/types.ts'
import { EEXIST, EINVAL, ENOENT, type Errno } from '../../uapi/errno.ts'
import { GENL_ADMIN_PERM } from '../../uapi/linux/genetlink.ts'
import { NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { type genl_family, type genl_info, genl_register_family, genlmsg_put } from '../netlink/genetlink.ts'
import { NLA_BINARY, NLA_FLAG, NLA_U16, NLA_U32, NLA_U64, policy } from '../netlink/policy.ts'
import type { netlink_callback } from '../netlink/types.ts'

const CMD = { ADD_NAMESPACE: 1, DEL_NAMESPACE: 2, DUMP_NAMESPACES: 3, ADD_SCHEMA: 4, DEL_SCHEMA: 5, DUMP_SCHEMAS: 6, NS_SET_SCHEMA: 7 }
const IOAM6_ATTR_NS_ID = attr(1, u16)
const IOAM6_ATTR_NS_DATA = attr(2, u32)
const IOAM6_ATTR_NS_DATA_WIDE = attr(3, u64)
const IOAM6_ATTR_SC_ID = attr(4, u32)
const IOAM6_ATTR_SC_DATA = attr(5, binary)
const IOAM6_ATTR_SC_NONE = attr(6, binary)
const IOAM6_ATTR = attrs('IOAM6_ATTR', {
  IOAM6_ATTR_NS_ID,
  IOAM6_ATTR_NS_DATA,
  IOAM6_ATTR_NS_DATA_WIDE,
  IOAM6_ATTR_SC_ID,
  IOAM6_ATTR_SC_DATA,
  IOAM6_ATTR_SC_NONE,
})
export const ioam6_genl_policy = policy(
  IOAM6_ATTR,
  {
    IOAM6_ATTR_NS_ID: NLA_U16,
    IOAM6_ATTR_NS_DATA: NLA_U32,
    IOAM6_ATTR_NS_DATA_WIDE: NLA_U64,
    IOAM6_ATTR_SC_ID: NLA_U32,
    IOAM6_ATTR_SC_DATA: NLA_BINARY(1020),
    IOAM6_ATTR_SC_NONE: NLA_FLAG,
  },
  { name: 'ioam6_genl_policy' },
)
/** A namespace of IOAM; data that is not given is unavailable (all ones). */
export interface ioam6_namespace {
  id: number
  data: number | undefined
  data_wide: Uint8Array | undefined
  schema: ioam6_schema | undefined
}
/** What a namespace may say of itself in each packet: of one namespace at a time, and it has one at a time. */
export interface ioam6_schema {
  id: number
  data: Uint8Array
  ns: ioam6_namespace | undefined
}

export function ioam6_genl_addns({ net, attrs: tb }: genl_info): Errno | undefined {
  const id = tb.get(IOAM6_ATTR_NS_ID)
  if (id === undefined) return EINVAL
  const { ioam6_namespaces } = net.ipv6
  if (ioam6_namespaces.has(id)) return EEXIST
  const data_wide = tb.payload(IOAM6_ATTR_NS_DATA_WIDE)?.slice()
  ioam6_namespaces.set(id, { id, data: tb.get(IOAM6_ATTR_NS_DATA), data_wide, schema: undefined })
  return undefined
}
export function ioam6_genl_delns({ net, attrs: tb }: genl_info): Errno | undefined {
  const id = tb.get(IOAM6_ATTR_NS_ID)
  if (id === undefined) return EINVAL
  const { ioam6_namespaces } = net.ipv6
  const ns = ioam6_namespaces.get(id)
  if (ns === undefined) return ENOENT
  if (ns.schema !== undefined) ns.schema.ns = undefined
  ioam6_namespaces.delete(id)
  return undefined
}
/** cb.args: how many are told already. */
export function ioam6_genl_dumpns(skb: MessageBuilder, cb: netlink_callback): true | undefined {
  const all = [...cb.net.ipv6.ioam6_namespaces.values()]
  for (; cb.args[0] < all.length; cb.args[0]++) {
    const { id, data, data_wide, schema } = all[cb.args[0]]
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, ioam6_genl_family, NLM_F_MULTI, CMD.DUMP_NAMESPACES)
    skb.put(IOAM6_ATTR_NS_ID, id)
    if (data !== undefined) skb.put(IOAM6_ATTR_NS_DATA, data)
    if (data_wide !== undefined) skb.putBytes(IOAM6_ATTR_NS_DATA_WIDE.nr, data_wide)
    if (schema !== undefined) skb.put(IOAM6_ATTR_SC_ID, schema.id)
    if (!skb.end()) return true
  }
  return undefined
}
/** Data are filled up to whole words. */
export function ioam6_genl_addsc({ net, attrs: tb }: genl_info): Errno | undefined {
  const id = tb.get(IOAM6_ATTR_SC_ID)
  const given = tb.payload(IOAM6_ATTR_SC_DATA)
  if (id === undefined || given === undefined) return EINVAL
  const { ioam6_schemas } = net.ipv6
  if (ioam6_schemas.has(id)) return EEXIST
  const data = new Uint8Array((given.length + 3) & ~3)
  data.set(given)
  ioam6_schemas.set(id, { id, data, ns: undefined })
  return undefined
}
export function ioam6_genl_delsc({ net, attrs: tb }: genl_info): Errno | undefined {
  const id = tb.get(IOAM6_ATTR_SC_ID)
  if (id === undefined) return EINVAL
  const { ioam6_schemas } = net.ipv6
  const sc = ioam6_schemas.get(id)
  if (sc === undefined) return ENOENT
  if (sc.ns !== undefined) sc.ns.schema = undefined
  ioam6_schemas.delete(id)
  return undefined
}
/** cb.args: how many are told already. */
export function ioam6_genl_dumpsc(skb: MessageBuilder, cb: netlink_callback): true | undefined {
  const all = [...cb.net.ipv6.ioam6_schemas.values()]
  for (; cb.args[0] < all.length; cb.args[0]++) {
    const { id, data, ns } = all[cb.args[0]]
    genlmsg_put(skb, cb.net, cb.portid, cb.seq, ioam6_genl_family, NLM_F_MULTI, CMD.DUMP_SCHEMAS)
    skb.put(IOAM6_ATTR_SC_ID, id)
    skb.putBytes(IOAM6_ATTR_SC_DATA.nr, data)
    if (ns !== undefined) skb.put(IOAM6_ATTR_NS_ID, ns.id)
    if (!skb.end()) return true
  }
  return undefined
}
export function ioam6_genl_ns_set_schema({ net, attrs: tb }: genl_info): Errno | undefined {
  const ns_id = tb.get(IOAM6_ATTR_NS_ID)
  const sc_id = tb.get(IOAM6_ATTR_SC_ID)
  const none = tb.has(IOAM6_ATTR_SC_NONE)
  if (ns_id === undefined || (sc_id === undefined && !none)) return EINVAL
  const ns = net.ipv6.ioam6_namespaces.get(ns_id)
  const sc = none || sc_id === undefined ? undefined : net.ipv6.ioam6_schemas.get(sc_id)
  if (ns === undefined || (sc === undefined && !none)) return ENOENT
  if (ns.schema !== undefined) ns.schema.ns = undefined
  ns.schema = sc
  if (sc === undefined) return undefined
  if (sc.ns !== undefined) sc.ns.schema = undefined
  sc.ns = ns
  return undefined
}

const admin = { validate: 3, flags: GENL_ADMIN_PERM }
export const ioam6_genl_family: genl_family = {
  name: 'IOAM6',
  version: 1,
  netnsok: true,
  parallel_ops: true,
  resv_start_op: CMD.NS_SET_SCHEMA + 1,
  ops: [
    { cmd: CMD.ADD_NAMESPACE, ...admin, policy: ioam6_genl_policy, doit: ioam6_genl_addns },
    { cmd: CMD.DEL_NAMESPACE, ...admin, policy: ioam6_genl_policy, doit: ioam6_genl_delns },
    { cmd: CMD.DUMP_NAMESPACES, ...admin, dumpit: ioam6_genl_dumpns },
    { cmd: CMD.ADD_SCHEMA, ...admin, policy: ioam6_genl_policy, doit: ioam6_genl_addsc },
    { cmd: CMD.DEL_SCHEMA, ...admin, policy: ioam6_genl_policy, doit: ioam6_genl_delsc },
    { cmd: CMD.DUMP_SCHEMAS, ...admin, dumpit: ioam6_genl_dumpsc },
    { cmd: CMD.NS_SET_SCHEMA, ...admin, policy: ioam6_genl_policy, doit: ioam6_genl_ns_set_schema },
  ],
  mcgrps: [{ name: 'ioam6_events' }],
}
/** Called from inet6_init(). */
export function ioam6_init(kernel: Kernel): Errno | undefined {
  return genl_register_family(kernel, ioam6_genl_family)
}
