/**
 * lib/nlattr.c: parsing attributes against a policy, at Linux's levels of strictness. Texts, errnos and the order of the
 * checks are visible to programs through extack.
 */

import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import { type Attr, type AttrPool, AttrTable, NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from '../../lib/attrs.ts'
import { type Bytes, get16, get32, getBe16, getBe32, getBig64, getS32 } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, ERANGE, type Errno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from './extack.ts'
import {
  NLA_TYPE,
  NLA_VALIDATE_FUNCTION,
  NLA_VALIDATE_MASK,
  NLA_VALIDATE_MAX,
  NLA_VALIDATE_MIN,
  NLA_VALIDATE_NONE,
  NLA_VALIDATE_RANGE_WARN_TOO_LONG,
  nla_natural_range,
  type Policy,
  type PolicyEntry,
} from './policy.ts'

export const NL_VALIDATE_LIBERAL = 0
export const NL_VALIDATE_TRAILING = 1
export const NL_VALIDATE_MAXTYPE = 2
export const NL_VALIDATE_UNSPEC = 4
export const NL_VALIDATE_STRICT_ATTRS = 8
export const NL_VALIDATE_NESTED = 16
export const NL_VALIDATE_DEPRECATED_STRICT = NL_VALIDATE_TRAILING | NL_VALIDATE_MAXTYPE
export const NL_VALIDATE_STRICT = 31

/** What parsing needs: a Request and a netlink_callback are both one. `net` and `task` serve the log lines. */
export interface ParseContext {
  readonly buf: Bytes
  readonly pool: AttrPool
  readonly extack: netlink_ext_ack
  readonly net?: { readonly kernel: Kernel }
  readonly task?: { readonly comm: string }
}

const MAX_POLICY_RECURSION_DEPTH = 10

/** Strict: trailing bytes, unknown types, wrong lengths and misplaced NLA_F_NESTED are errors. */
export function nlmsg_parse(req: ParseContext, hdrlen: number, policy: Policy, level = NL_VALIDATE_STRICT): AttrTable | Errno {
  if (req.buf.length < NLMSG_HDRLEN + hdrlen) return req.extack.fail(EINVAL, 'Invalid header length')
  return nla_parse_at(req, NLMSG_HDRLEN + ((hdrlen + 3) & ~3), req.buf.length, policy, level)
}
/** Liberal: what old programs sent is taken. */
export function nlmsg_parse_deprecated(req: ParseContext, hdrlen: number, policy: Policy): AttrTable | Errno {
  return nlmsg_parse(req, hdrlen, policy, NL_VALIDATE_LIBERAL)
}
export function nlmsg_parse_deprecated_strict(req: ParseContext, hdrlen: number, policy: Policy): AttrTable | Errno {
  return nlmsg_parse(req, hdrlen, policy, NL_VALIDATE_DEPRECATED_STRICT)
}

/** Members of the nest `attr` of `tb`, which must be present: strict, and NLA_F_NESTED is required. */
export function nla_parse_nested(req: ParseContext, tb: AttrTable, attr: Attr<any>, policy: Policy): AttrTable | Errno {
  return nla_parse_nested_at(req, tb.at(attr), policy)
}
export function nla_parse_nested_deprecated(req: ParseContext, tb: AttrTable, attr: Attr<any>, policy: Policy): AttrTable | Errno {
  return nla_parse_nested_deprecated_at(req, tb.at(attr), policy)
}
/** The same for the nest whose header is at `at` (a member of a list). */
export function nla_parse_nested_at(req: ParseContext, at: number, policy: Policy): AttrTable | Errno {
  if ((get16(req.buf, at + 2) & NLA_F_NESTED) === 0) return req.extack.fail(EINVAL, 'NLA_F_NESTED is missing', at)
  return nla_parse_at(req, at + NLA_HDRLEN, at + get16(req.buf, at), policy, NL_VALIDATE_STRICT)
}
export function nla_parse_nested_deprecated_at(req: ParseContext, at: number, policy: Policy): AttrTable | Errno {
  return nla_parse_at(req, at + NLA_HDRLEN, at + get16(req.buf, at), policy, NL_VALIDATE_LIBERAL)
}

/** Attributes in [start, end) of the message. A later attribute of the same type replaces an earlier one. */
export function nla_parse_at(req: ParseContext, start: number, end: number, policy: Policy, level: number): AttrTable | Errno {
  const tb = new AttrTable(req.buf, req.pool, policy.maxtype)
  return validate_parse(req, start, end, policy, level, tb, 0) ?? tb
}
/** nla_validate_nested: checks only. */
export function nla_validate_at(req: ParseContext, start: number, end: number, policy: Policy, level: number): Errno | undefined {
  return validate_parse(req, start, end, policy, level, undefined, 0)
}

/** lib/nlattr.c __nla_validate_parse */
function validate_parse(
  req: ParseContext,
  start: number,
  end: number,
  policy: Policy,
  level: number,
  tb: AttrTable | undefined,
  depth: number,
): Errno | undefined {
  if (depth >= MAX_POLICY_RECURSION_DEPTH) return req.extack.fail(EINVAL, 'allowed policy recursion depth exceeded')
  const { buf } = req
  const { entries, maxtype, strict_start_type } = policy
  let at = start
  while (end - at >= NLA_HDRLEN) {
    const len = buf[at] | (buf[at + 1] << 8)
    if (len < NLA_HDRLEN || len > end - at) break
    const type = (buf[at + 2] | (buf[at + 3] << 8)) & NLA_TYPE_MASK
    if (type === 0 || type > maxtype) {
      if (level & NL_VALIDATE_MAXTYPE) return req.extack.fail(EINVAL, 'Unknown attribute type', at)
    } else {
      const strict = strict_start_type !== 0 && type >= strict_start_type ? level | NL_VALIDATE_STRICT : level
      const error = validate_nla(req, at, len - NLA_HDRLEN, type, entries[type], strict, depth)
      if (error !== undefined) return error
      tb?.set(type, at)
    }
    at += (len + 3) & ~3
  }
  return end - at > 0 ? leftover(req, end - at, level) : undefined
}

function leftover(req: ParseContext, rem: number, level: number): Errno | undefined {
  warn(req, `netlink: ${rem} bytes leftover after parsing attributes in process \`${req.task?.comm ?? ''}'.`)
  req.extack.warn('bytes leftover after parsing attributes')
  return level & NL_VALIDATE_TRAILING ? EINVAL : undefined
}

/** Length that a type must have exactly (nla_attr_len), 0: none. Index: NLA_TYPE. */
const exact_len = [0, 1, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 0, 0, 2, 4, 0, 0]
/** Least length (nla_attr_minlen). */
const min_len = [0, 1, 2, 4, 8, 0, 0, 8, 4, 0, 0, 0, 1, 2, 4, 8, 0, 0, 2, 4, 0, 0]

/** NL_SET_ERR_MSG_ATTR_POL */
function fail(req: ParseContext, error: Errno, text: string, at: number, pt: PolicyEntry): Errno {
  req.extack.policy = pt
  return req.extack.fail(error, text, at)
}
function failed(req: ParseContext, error: Errno, at: number, pt: PolicyEntry): Errno {
  return fail(req, error, 'Attribute failed policy validation', at, pt)
}

/** lib/nlattr.c validate_nla: length, nesting flag, then what the type asks for, then the bounds. */
function validate_nla(
  req: ParseContext,
  at: number,
  attrlen: number,
  type: number,
  pt: PolicyEntry,
  level: number,
  depth: number,
): Errno | undefined {
  const exact = exact_len[pt.type]
  if (exact !== 0 && attrlen !== exact) {
    warn(req, `netlink: '${req.task?.comm ?? ''}': attribute type ${type} has an invalid length.`)
    if (level & NL_VALIDATE_STRICT_ATTRS) return fail(req, EINVAL, 'invalid attribute length', at, pt)
  }
  if (level & NL_VALIDATE_NESTED) {
    const error = validate_nest_flag(req, at, pt)
    if (error !== undefined) return error
  }
  const error = validate_type(req, at, attrlen, pt, level, depth)
  if (error !== undefined || pt.validation_type === NLA_VALIDATE_NONE) return error
  if (pt.validation_type === NLA_VALIDATE_FUNCTION) return pt.validate?.(req.buf, at, req.extack)
  if (pt.validation_type === NLA_VALIDATE_MASK) return validate_mask(req, at, attrlen, pt)
  return validate_range(req, at, attrlen, pt, level)
}

function validate_nest_flag(req: ParseContext, at: number, pt: PolicyEntry): Errno | undefined {
  const flagged = (req.buf[at + 3] & 0x80) !== 0
  const nest = pt.type === NLA_TYPE.NESTED || pt.type === NLA_TYPE.NESTED_ARRAY
  if (nest && !flagged) return fail(req, EINVAL, 'NLA_F_NESTED is missing', at, pt)
  if (!nest && flagged && pt.type !== NLA_TYPE.UNSPEC) return fail(req, EINVAL, 'NLA_F_NESTED not expected', at, pt)
  return undefined
}

function validate_type(req: ParseContext, at: number, attrlen: number, pt: PolicyEntry, level: number, depth: number): Errno | undefined {
  switch (pt.type) {
    case NLA_TYPE.REJECT:
      return pt.reject_message !== undefined ? req.extack.fail(EINVAL, pt.reject_message, at) : failed(req, EINVAL, at, pt)
    case NLA_TYPE.FLAG:
      return attrlen > 0 ? failed(req, ERANGE, at, pt) : undefined
    case NLA_TYPE.SINT:
    case NLA_TYPE.UINT:
      return attrlen !== 4 && attrlen !== 8 ? fail(req, EINVAL, 'invalid attribute length', at, pt) : undefined
    case NLA_TYPE.BITFIELD32:
      if (attrlen !== 8) return failed(req, ERANGE, at, pt)
      return bitfield32_valid(req.buf, at + NLA_HDRLEN, pt.mask as number) ? undefined : failed(req, EINVAL, at, pt)
    case NLA_TYPE.NUL_STRING:
    case NLA_TYPE.STRING:
      return validate_string(req, at, attrlen, pt)
    case NLA_TYPE.BINARY:
      return pt.len !== 0 && attrlen > pt.len ? failed(req, ERANGE, at, pt) : undefined
    case NLA_TYPE.NESTED:
    case NLA_TYPE.NESTED_ARRAY:
      return validate_nest(req, at, attrlen, pt, level, depth)
    case NLA_TYPE.UNSPEC:
      if (level & NL_VALIDATE_UNSPEC) return req.extack.fail(EINVAL, 'Unsupported attribute', at)
      return attrlen < pt.len ? failed(req, ERANGE, at, pt) : undefined
    default:
      return attrlen < (pt.len !== 0 ? pt.len : min_len[pt.type]) ? failed(req, ERANGE, at, pt) : undefined
  }
}

/** Value and selector within the mask, and no value bit that is not selected. */
function bitfield32_valid(b: Bytes, o: number, valid: number): boolean {
  const value = get32(b, o)
  const selector = get32(b, o + 4)
  return (selector & ~valid) === 0 && (value & ~valid) === 0 && (value & ~selector) === 0
}

function validate_string(req: ParseContext, at: number, attrlen: number, pt: PolicyEntry): Errno | undefined {
  const data = at + NLA_HDRLEN
  if (pt.type === NLA_TYPE.NUL_STRING) {
    const within = pt.len !== 0 ? Math.min(attrlen, pt.len + 1) : attrlen
    let i = 0
    while (i < within && req.buf[data + i] !== 0) i++
    if (i === within) return failed(req, EINVAL, at, pt)
  }
  if (attrlen < 1) return failed(req, ERANGE, at, pt)
  const text = req.buf[data + attrlen - 1] === 0 ? attrlen - 1 : attrlen
  return pt.len !== 0 && text > pt.len ? failed(req, ERANGE, at, pt) : undefined
}

/** An empty nest is allowed. Errors inside name the inner attribute. */
function validate_nest(req: ParseContext, at: number, attrlen: number, pt: PolicyEntry, level: number, depth: number): Errno | undefined {
  if (attrlen === 0) return undefined
  if (attrlen < NLA_HDRLEN) return failed(req, ERANGE, at, pt)
  if (pt.nested_policy === undefined) return undefined
  const start = at + NLA_HDRLEN
  const policy = pt.nested_policy()
  if (pt.type === NLA_TYPE.NESTED) return validate_parse(req, start, start + attrlen, policy, level, undefined, depth + 1)
  return validate_array(req, start, start + attrlen, policy, level, depth)
}

/** lib/nlattr.c nla_validate_array: the members' types are not looked at. */
function validate_array(req: ParseContext, start: number, end: number, policy: Policy, level: number, depth: number): Errno | undefined {
  let at = start
  while (end - at >= NLA_HDRLEN) {
    const len = get16(req.buf, at)
    if (len < NLA_HDRLEN || len > end - at) break
    const inner = len - NLA_HDRLEN
    if (inner > 0 && inner < NLA_HDRLEN) return fail(req, ERANGE, 'Array element too short', at, policy.entries[0])
    if (inner > 0) {
      const error = validate_parse(req, at + NLA_HDRLEN, at + len, policy, level, undefined, depth + 1)
      if (error !== undefined) return error
    }
    at += (len + 3) & ~3
  }
  return undefined
}

/** The number that bounds apply to: the value of an integer, the length of the rest. */
function value_of(b: Bytes, at: number, attrlen: number, type: number): number | bigint {
  const o = at + NLA_HDRLEN
  switch (type) {
    case NLA_TYPE.U8:
      return b[o]
    case NLA_TYPE.U16:
      return get16(b, o)
    case NLA_TYPE.U32:
      return get32(b, o)
    case NLA_TYPE.U64:
    case NLA_TYPE.MSECS:
      return getBig64(b, o)
    case NLA_TYPE.UINT:
      return attrlen === 4 ? get32(b, o) : getBig64(b, o)
    case NLA_TYPE.S8:
      return (b[o] << 24) >> 24
    case NLA_TYPE.S16:
      return (get16(b, o) << 16) >> 16
    case NLA_TYPE.S32:
      return getS32(b, o)
    case NLA_TYPE.S64:
      return BigInt.asIntN(64, getBig64(b, o))
    case NLA_TYPE.SINT:
      return attrlen === 4 ? getS32(b, o) : BigInt.asIntN(64, getBig64(b, o))
    case NLA_TYPE.BE16:
      return getBe16(b, o)
    case NLA_TYPE.BE32:
      return getBe32(b, o)
    default:
      return attrlen
  }
}

/** Lower and upper bound of an entry, the type's own where the entry sets none. */
export function nla_get_range(pt: PolicyEntry): { min: number | bigint; max: number | bigint } {
  const natural = nla_natural_range(pt.type)
  if (pt.validation_type === NLA_VALIDATE_NONE || pt.validation_type >= NLA_VALIDATE_MASK) return natural
  if (pt.validation_type === NLA_VALIDATE_MIN) return { min: pt.min, max: natural.max }
  if (pt.validation_type === NLA_VALIDATE_MAX) return { min: natural.min, max: pt.max }
  return { min: pt.min, max: pt.max }
}

function validate_range(req: ParseContext, at: number, attrlen: number, pt: PolicyEntry, level: number): Errno | undefined {
  const value = value_of(req.buf, at, attrlen, pt.type)
  if (pt.validation_type === NLA_VALIDATE_RANGE_WARN_TOO_LONG && pt.type === NLA_TYPE.BINARY && value > pt.max) {
    warn(req, `netlink: '${req.task?.comm ?? ''}': attribute type ${pt.type} has an invalid length.`)
    return level & NL_VALIDATE_STRICT_ATTRS ? fail(req, EINVAL, 'invalid attribute length', at, pt) : undefined
  }
  if (value >= pt.min && value <= pt.max) return undefined
  return fail(req, ERANGE, pt.type === NLA_TYPE.BINARY ? 'binary attribute size out of range' : 'integer out of range', at, pt)
}

function validate_mask(req: ParseContext, at: number, attrlen: number, pt: PolicyEntry): Errno | undefined {
  const value = BigInt(value_of(req.buf, at, attrlen, pt.type))
  if ((value & ~BigInt(pt.mask)) === 0n) return undefined
  return req.extack.fail(EINVAL, 'reserved bit set', at)
}

/** pr_warn_ratelimited */
function warn(req: ParseContext, text: string): void {
  const kernel = req.net?.kernel
  if (kernel?.netlink.ratelimit(kernel.now())) kernel.printk(KERN_WARNING, text)
}
