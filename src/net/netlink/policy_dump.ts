/**
 * net/netlink/policy.c: policies as messages: one attribute of a failed check (NLMSGERR_ATTR_POLICY), or all policies that
 * an operation reaches, numbered in the order in which they are found (CTRL_CMD_GETPOLICY).
 */
import { putBig64 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import {
  NL_ATTR_TYPE,
  NL_POLICY_TYPE_ATTR_BITFIELD32_MASK,
  NL_POLICY_TYPE_ATTR_MASK,
  NL_POLICY_TYPE_ATTR_MAX_LENGTH,
  NL_POLICY_TYPE_ATTR_MAX_VALUE_S,
  NL_POLICY_TYPE_ATTR_MAX_VALUE_U,
  NL_POLICY_TYPE_ATTR_MIN_LENGTH,
  NL_POLICY_TYPE_ATTR_MIN_VALUE_S,
  NL_POLICY_TYPE_ATTR_MIN_VALUE_U,
  NL_POLICY_TYPE_ATTR_POLICY_IDX,
  NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE,
  NL_POLICY_TYPE_ATTR_TYPE,
} from '../../uapi/linux/netlink.ts'
import { nla_get_range } from './attr.ts'
import {
  NLA_TYPE,
  NLA_VALIDATE_MASK,
  NLA_VALIDATE_RANGE,
  NLA_VALIDATE_RANGE_WARN_TOO_LONG,
  type Policy,
  type PolicyEntry,
} from './policy.ts'

/** NL_ATTR_TYPE_* by NLA_TYPE; 0: not shown. Big-endian integers are not shown either. */
const shown_type = [
  0,
  NL_ATTR_TYPE.U8,
  NL_ATTR_TYPE.U16,
  NL_ATTR_TYPE.U32,
  NL_ATTR_TYPE.U64,
  NL_ATTR_TYPE.STRING,
  NL_ATTR_TYPE.FLAG,
  NL_ATTR_TYPE.U64,
  NL_ATTR_TYPE.NESTED,
  NL_ATTR_TYPE.NESTED_ARRAY,
  NL_ATTR_TYPE.NUL_STRING,
  NL_ATTR_TYPE.BINARY,
  NL_ATTR_TYPE.S8,
  NL_ATTR_TYPE.S16,
  NL_ATTR_TYPE.S32,
  NL_ATTR_TYPE.S64,
  NL_ATTR_TYPE.BITFIELD32,
  0,
  0,
  0,
  NL_ATTR_TYPE.SINT,
  NL_ATTR_TYPE.UINT,
]

/** netlink_policy_dump_add_policy: each root is followed by the policies nested in it, before the next root. */
export function netlink_policy_collect(roots: readonly Policy[]): Policy[] {
  const list: Policy[] = []
  for (const root of roots) {
    if (!list.includes(root)) list.push(root)
    for (let i = 0; i < list.length; i++) add_nested(list, list[i])
  }
  return list
}
function add_nested(list: Policy[], of: Policy): void {
  for (const { nested_policy } of of.entries) {
    const nested = nested_policy?.()
    if (nested !== undefined && !list.includes(nested)) list.push(nested)
  }
}

/**
 * The nest `nr` that describes `pt`; false when there is nothing to show (unspecified or rejected). `known`: the policies
 * of a dump, for the numbers of nested ones.
 */
export function netlink_policy_write_attr(skb: MessageBuilder, known: readonly Policy[] | undefined, pt: PolicyEntry, nr: number): boolean {
  const type = shown_type[pt.type]
  if (type === 0) return false
  const nest = skb.nest(nr)
  write_details(skb, known, pt)
  skb.put(NL_POLICY_TYPE_ATTR_TYPE, type)
  skb.nestEnd(nest)
  return true
}

function write_details(skb: MessageBuilder, known: readonly Policy[] | undefined, pt: PolicyEntry): void {
  switch (pt.type) {
    case NLA_TYPE.NESTED:
    case NLA_TYPE.NESTED_ARRAY:
      return write_nested(skb, known, pt)
    case NLA_TYPE.U8:
    case NLA_TYPE.U16:
    case NLA_TYPE.U32:
    case NLA_TYPE.U64:
    case NLA_TYPE.UINT:
    case NLA_TYPE.MSECS:
      if (pt.validation_type === NLA_VALIDATE_MASK) return put64_attr(skb, NL_POLICY_TYPE_ATTR_MASK.nr, pt.mask)
      return write_range(skb, pt, NL_POLICY_TYPE_ATTR_MIN_VALUE_U.nr, NL_POLICY_TYPE_ATTR_MAX_VALUE_U.nr)
    case NLA_TYPE.S8:
    case NLA_TYPE.S16:
    case NLA_TYPE.S32:
    case NLA_TYPE.S64:
    case NLA_TYPE.SINT:
      return write_range(skb, pt, NL_POLICY_TYPE_ATTR_MIN_VALUE_S.nr, NL_POLICY_TYPE_ATTR_MAX_VALUE_S.nr)
    case NLA_TYPE.BITFIELD32:
      return skb.put(NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, Number(pt.mask))
    case NLA_TYPE.STRING:
    case NLA_TYPE.NUL_STRING:
    case NLA_TYPE.BINARY:
      return write_lengths(skb, pt)
    default:
  }
}

function write_nested(skb: MessageBuilder, known: readonly Policy[] | undefined, pt: PolicyEntry): void {
  const policy = pt.nested_policy?.()
  if (known === undefined || policy === undefined) return
  skb.put(NL_POLICY_TYPE_ATTR_POLICY_IDX, known.indexOf(policy))
  skb.put(NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE, policy.maxtype)
}

function write_range(skb: MessageBuilder, pt: PolicyEntry, min_nr: number, max_nr: number): void {
  const { min, max } = nla_get_range(pt)
  put64_attr(skb, min_nr, min)
  put64_attr(skb, max_nr, max)
}

function write_lengths(skb: MessageBuilder, pt: PolicyEntry): void {
  if (pt.validation_type === NLA_VALIDATE_RANGE || pt.validation_type === NLA_VALIDATE_RANGE_WARN_TOO_LONG) {
    const { min, max } = nla_get_range(pt)
    if (min !== 0) skb.put(NL_POLICY_TYPE_ATTR_MIN_LENGTH, Number(min))
    if (max < 0xffff) skb.put(NL_POLICY_TYPE_ATTR_MAX_LENGTH, Number(max))
  } else if (pt.len !== 0) {
    skb.put(NL_POLICY_TYPE_ATTR_MAX_LENGTH, pt.len)
  }
}

function put64_attr(skb: MessageBuilder, nr: number, value: number | bigint): void {
  const o = skb.reserve(nr, 8)
  if (o >= 0) putBig64(skb.buf, o, BigInt.asUintN(64, BigInt(value)))
}
