/** net/ipv6/seg6_local.c: what a segment's own node does with a packet (RFC 8986): which action takes which attributes. */
import type { Kernel } from '../../kernel/kernel.ts'
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Errno, isErrno } from '../../uapi/errno.ts'
import * as L from '../../uapi/linux/lwtunnel.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { l3mdev_fib_table, netif_is_l3_master } from '../core/l3mdev.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request } from '../core/lwtunnel.ts'
import { nla_parse_nested_deprecated_at } from '../netlink/attr.ts'
import { NLA_BINARY, NLA_EXACT_LEN, NLA_NESTED, NLA_U8, NLA_U32, NLA_U64, policy } from '../netlink/policy.ts'
import { seg6_local_input } from './seg6_local_input.ts'
import { seg6_validate_srh } from './seg6_iptunnel.ts'

export const seg6_local_policy = policy(
  L.SEG6_LOCAL,
  {
    SEG6_LOCAL_ACTION: NLA_U32,
    SEG6_LOCAL_SRH: NLA_BINARY(),
    SEG6_LOCAL_TABLE: NLA_U32,
    SEG6_LOCAL_NH4: NLA_EXACT_LEN(4),
    SEG6_LOCAL_NH6: NLA_EXACT_LEN(16),
    SEG6_LOCAL_IIF: NLA_U32,
    SEG6_LOCAL_OIF: NLA_U32,
    SEG6_LOCAL_BPF: NLA_NESTED(),
    SEG6_LOCAL_VRFTABLE: NLA_U32,
    SEG6_LOCAL_COUNTERS: NLA_NESTED(),
    SEG6_LOCAL_FLAVORS: NLA_NESTED(),
  },
  { name: 'seg6_local_policy' },
)
export const seg6_local_counters_policy = policy(
  L.SEG6_LOCAL_CNT,
  { SEG6_LOCAL_CNT_PACKETS: NLA_U64, SEG6_LOCAL_CNT_BYTES: NLA_U64, SEG6_LOCAL_CNT_ERRORS: NLA_U64 },
  { name: 'seg6_local_counters_policy' },
)
export const seg6_local_flavors_policy = policy(
  L.SEG6_LOCAL_FLV,
  { SEG6_LOCAL_FLV_OPERATION: NLA_U32, SEG6_LOCAL_FLV_LCBLOCK_BITS: NLA_U8, SEG6_LOCAL_FLV_LCNODE_FN_BITS: NLA_U8 },
  { name: 'seg6_local_flavors_policy' },
)

/** An action's attributes: those that it needs, and those that it may have beside counters. */
interface action_desc {
  readonly needs?: Attr<any>
  readonly may?: readonly Attr<any>[]
  /** SEG6_LOCAL_FLV_OP_* as bits. */
  readonly flavors?: number
}
const PSP = 1 << L.SEG6_LOCAL_FLV_OP_PSP
const NEXT_CSID = 1 << L.SEG6_LOCAL_FLV_OP_NEXT_CSID
/** seg6_action_table */
const actions = new Map<number, action_desc>([
  [L.SEG6_LOCAL_ACTION_END, { flavors: PSP | NEXT_CSID }],
  [L.SEG6_LOCAL_ACTION_END_X, { needs: L.SEG6_LOCAL_NH6, flavors: NEXT_CSID }],
  [L.SEG6_LOCAL_ACTION_END_T, { needs: L.SEG6_LOCAL_TABLE }],
  [L.SEG6_LOCAL_ACTION_END_DX2, { needs: L.SEG6_LOCAL_OIF }],
  [L.SEG6_LOCAL_ACTION_END_DX6, { needs: L.SEG6_LOCAL_NH6 }],
  [L.SEG6_LOCAL_ACTION_END_DX4, { needs: L.SEG6_LOCAL_NH4 }],
  [L.SEG6_LOCAL_ACTION_END_DT6, { may: [L.SEG6_LOCAL_TABLE, L.SEG6_LOCAL_VRFTABLE] }],
  [L.SEG6_LOCAL_ACTION_END_DT4, { needs: L.SEG6_LOCAL_VRFTABLE }],
  [L.SEG6_LOCAL_ACTION_END_DT46, { needs: L.SEG6_LOCAL_VRFTABLE }],
  [L.SEG6_LOCAL_ACTION_END_B6, { needs: L.SEG6_LOCAL_SRH }],
  [L.SEG6_LOCAL_ACTION_END_B6_ENCAP, { needs: L.SEG6_LOCAL_SRH }],
  [L.SEG6_LOCAL_ACTION_END_BPF, { needs: L.SEG6_LOCAL_BPF }],
])

export function seg6_local_build_state(req: lwtunnel_request, at: number, family: number, out: MessageBuilder): Errno | undefined {
  if (family !== AF_INET6) return EINVAL
  const tb = nla_parse_nested_deprecated_at(req, at, seg6_local_policy)
  if (isErrno(tb)) return tb
  const action = tb.get(L.SEG6_LOCAL_ACTION)
  const desc = action === undefined ? undefined : actions.get(action)
  if (action === undefined || desc === undefined) return EINVAL
  const optional = [...(desc.may ?? []), L.SEG6_LOCAL_COUNTERS, ...(desc.flavors === undefined ? [] : [L.SEG6_LOCAL_FLAVORS])]
  const taken = optional.filter((a) => tb.has(a))
  if (desc.needs !== undefined) taken.push(desc.needs)
  taken.sort((a, b) => a.nr - b.nr)
  out.put(L.SEG6_LOCAL_ACTION, action)
  for (const a of taken) {
    const error = keep(req, tb, a, desc, out)
    if (isErrno(error)) return error
  }
  if (action === L.SEG6_LOCAL_ACTION_END_DT6 && tb.has(L.SEG6_LOCAL_TABLE) === tb.has(L.SEG6_LOCAL_VRFTABLE)) {
    return req.extack.fail(EINVAL, 'table or vrftable must be specified')
  }
  return taken.includes(L.SEG6_LOCAL_VRFTABLE) ? vrf_build(req, tb.get(L.SEG6_LOCAL_VRFTABLE) ?? 0) : undefined
}
/** One attribute, checked and as it is shown. */
function keep(req: lwtunnel_request, tb: AttrTable, a: Attr<any>, desc: action_desc, out: MessageBuilder): Errno | undefined {
  const value = tb.payload(a)
  if (value === undefined) return EINVAL
  if (a === L.SEG6_LOCAL_COUNTERS) return keep_counters(req, tb.at(a), out)
  if (a === L.SEG6_LOCAL_FLAVORS) return keep_flavors(req, tb.at(a), desc.flavors ?? 0, out)
  if (a === L.SEG6_LOCAL_SRH && (value.length < 8 + 16 || !seg6_validate_srh(value))) return EINVAL
  if (a === L.SEG6_LOCAL_BPF) req.net.kernel.unsupported.count('rtnetlink', 'programs of SEG6_LOCAL_BPF')
  out.putBytes(a.nr, value)
  return undefined
}
/** Asked for by naming all three; they begin at zero. */
function keep_counters(req: lwtunnel_request, at: number, out: MessageBuilder): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(req, at, seg6_local_counters_policy)
  if (isErrno(tb)) return tb
  const all = [L.SEG6_LOCAL_CNT_PACKETS, L.SEG6_LOCAL_CNT_BYTES, L.SEG6_LOCAL_CNT_ERRORS]
  if (!all.every((a) => tb.has(a))) return EINVAL
  const nest = out.nest(L.SEG6_LOCAL_COUNTERS)
  for (const a of all) out.reserve(a.nr, 8)
  out.nestEnd(nest)
  return undefined
}

const LCBLOCK_DBITS = 32
const LCNODE_FN_DBITS = 16
/** Whole bytes, and not all of an address. */
function csid_bits_ok(bits: number): boolean {
  return bits > 0 && bits <= 120 && bits % 8 === 0
}
function keep_flavors(req: lwtunnel_request, at: number, supported: number, out: MessageBuilder): Errno | undefined {
  const tb = nla_parse_nested_deprecated_at(req, at, seg6_local_flavors_policy)
  if (isErrno(tb)) return tb
  const ops = tb.get(L.SEG6_LOCAL_FLV_OPERATION)
  if (ops === undefined) return EINVAL
  if (ops & ~supported) return req.extack.fail(EOPNOTSUPP, 'Unsupported Flavor operation(s)')
  const nest = out.nest(L.SEG6_LOCAL_FLAVORS)
  out.put(L.SEG6_LOCAL_FLV_OPERATION, ops)
  if (ops & NEXT_CSID) {
    const block = tb.get(L.SEG6_LOCAL_FLV_LCBLOCK_BITS) ?? LCBLOCK_DBITS
    const fn = tb.get(L.SEG6_LOCAL_FLV_LCNODE_FN_BITS) ?? LCNODE_FN_DBITS
    if (block + fn > 128 || !csid_bits_ok(block) || !csid_bits_ok(fn)) {
      return req.extack.fail(EINVAL, 'Invalid Locator Block/Node Function lengths')
    }
    out.put(L.SEG6_LOCAL_FLV_LCBLOCK_BITS, block)
    out.put(L.SEG6_LOCAL_FLV_LCNODE_FN_BITS, fn)
  }
  out.nestEnd(nest)
  return undefined
}
/** __seg6_end_dt_vrf_build(): the table must be one VRF's alone. Without any VRF: as where that module has not been loaded. */
function vrf_build({ net, extack }: lwtunnel_request, table: number): Errno | undefined {
  const any = net.kernel.namespaces.net_namespace_list.some((n) => n.dev_base_head.some(netif_is_l3_master))
  if (!any) return EINVAL
  if (!net.vrf?.strict_mode) return extack.fail(EPERM, 'Strict mode for VRF is disabled')
  const found = net.dev_base_head.some((dev) => netif_is_l3_master(dev) && l3mdev_fib_table(dev) === table)
  return found ? undefined : extack.fail(ENODEV, 'Table has no associated VRF device')
}

export const seg6_local_ops: lwtunnel_encap_ops = { name: 'seg6_local_ops', build_state: seg6_local_build_state, input: seg6_local_input }
export function seg6_local_init(kernel: Kernel): Errno | undefined {
  lwtunnel_encap_add_ops(kernel, seg6_local_ops, L.LWTUNNEL_ENCAP_SEG6_LOCAL)
  return undefined
}
