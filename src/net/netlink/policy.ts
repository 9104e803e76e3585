/**
 * include/net/netlink.h struct nla_policy: which attributes a request may carry, and with which bounds. A policy stands
 * beside its handler; attr.ts turns it into the errno, extack message, attribute offset and policy dump that Linux gives.
 */
import type { AttrSet } from '../../lib/attrs.ts'
import type { Bytes } from '../../lib/bytes.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from './extack.ts'

/** Linux's own numbers: `netlink: '%s': attribute type %d has an invalid length.` prints one of them. */
export const NLA_TYPE = {
  UNSPEC: 0,
  U8: 1,
  U16: 2,
  U32: 3,
  U64: 4,
  STRING: 5,
  FLAG: 6,
  MSECS: 7,
  NESTED: 8,
  NESTED_ARRAY: 9,
  NUL_STRING: 10,
  BINARY: 11,
  S8: 12,
  S16: 13,
  S32: 14,
  S64: 15,
  BITFIELD32: 16,
  REJECT: 17,
  BE16: 18,
  BE32: 19,
  SINT: 20,
  UINT: 21,
} as const

export const NLA_VALIDATE_NONE = 0
export const NLA_VALIDATE_RANGE = 1
export const NLA_VALIDATE_RANGE_WARN_TOO_LONG = 2
export const NLA_VALIDATE_MIN = 3
export const NLA_VALIDATE_MAX = 4
export const NLA_VALIDATE_MASK = 5
export const NLA_VALIDATE_FUNCTION = 6

/** Looks at the attribute whose header is at `at`; must set the extack itself (NLA_POLICY_VALIDATE_FN). */
export type nla_validate_fn = (buf: Bytes, at: number, extack: netlink_ext_ack) => Errno | undefined

/** What one attribute must look like. Built once at module load; all fields in one order for the parser's sake. */
export class PolicyEntry {
  readonly type: number
  /** Maximum length of strings and binaries, minimum of the rest (0: the type decides). */
  readonly len: number
  readonly validation_type: number
  readonly min: number | bigint
  readonly max: number | bigint
  /** Allowed bits of NLA_VALIDATE_MASK or of a bitfield32. */
  readonly mask: number | bigint
  readonly reject_message: string | undefined
  readonly nested_policy: (() => Policy) | undefined
  readonly validate: nla_validate_fn | undefined
  constructor(type: number, f: Partial<Omit<PolicyEntry, 'type'>> = {}) {
    this.type = type
    this.len = f.len ?? 0
    this.validation_type = f.validation_type ?? NLA_VALIDATE_NONE
    this.min = f.min ?? 0
    this.max = f.max ?? 0
    this.mask = f.mask ?? 0
    this.reject_message = f.reject_message
    this.nested_policy = f.nested_policy
    this.validate = f.validate
  }
}

export class Policy {
  readonly name: string
  readonly set: AttrSet
  /** Dense, by attribute number; what the policy does not name is NLA_UNSPEC without a length. */
  readonly entries: readonly PolicyEntry[]
  readonly maxtype: number
  /** From this number on attributes are held to strict rules even in a liberal parse; 0: none. */
  readonly strict_start_type: number
  constructor(set: AttrSet, list: Record<string, PolicyEntry>, opts: PolicyOptions) {
    this.name = opts.name ?? set.name
    this.set = set
    this.maxtype = opts.maxtype ?? set.max
    this.strict_start_type = opts.strict_start_type ?? 0
    const entries: PolicyEntry[] = new Array(this.maxtype + 1).fill(unspec)
    for (const [key, entry] of Object.entries(list)) {
      const attr = set.byNr.find((a) => a?.name === key)
      if (attr === undefined || attr.nr > this.maxtype) throw new RangeError(`policy ${this.name}: no attribute ${key} in ${set.name}`)
      entries[attr.nr] = entry
    }
    this.entries = entries
  }
}

export interface PolicyOptions {
  strict_start_type?: number
  name?: string
  /** Highest number that the policy knows, where Linux's array is shorter than FOO_MAX. */
  maxtype?: number
}

/** Declares a policy over a set; the keys are the set's attribute names. */
export function policy(set: AttrSet, list: Record<string, PolicyEntry>, opts: PolicyOptions = {}): Policy {
  return new Policy(set, list, opts)
}

const unspec = new PolicyEntry(NLA_TYPE.UNSPEC)

export const NLA_U8 = new PolicyEntry(NLA_TYPE.U8)
export const NLA_U16 = new PolicyEntry(NLA_TYPE.U16)
export const NLA_U32 = new PolicyEntry(NLA_TYPE.U32)
export const NLA_U64 = new PolicyEntry(NLA_TYPE.U64)
export const NLA_S8 = new PolicyEntry(NLA_TYPE.S8)
export const NLA_S16 = new PolicyEntry(NLA_TYPE.S16)
export const NLA_S32 = new PolicyEntry(NLA_TYPE.S32)
export const NLA_S64 = new PolicyEntry(NLA_TYPE.S64)
export const NLA_SINT = new PolicyEntry(NLA_TYPE.SINT)
export const NLA_UINT = new PolicyEntry(NLA_TYPE.UINT)
export const NLA_BE16 = new PolicyEntry(NLA_TYPE.BE16)
export const NLA_BE32 = new PolicyEntry(NLA_TYPE.BE32)
export const NLA_FLAG = new PolicyEntry(NLA_TYPE.FLAG)
export const NLA_MSECS = new PolicyEntry(NLA_TYPE.MSECS)

export function NLA_BITFIELD32(valid: number): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.BITFIELD32, { mask: valid })
}
export function NLA_STRING(len = 0): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.STRING, { len })
}
export function NLA_NUL_STRING(len = 0): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.NUL_STRING, { len })
}
export function NLA_BINARY(len = 0): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.BINARY, { len })
}
export function NLA_MIN_LEN(n: number): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.BINARY, { validation_type: NLA_VALIDATE_MIN, min: n, max: 0xffff })
}
export function NLA_EXACT_LEN(n: number): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.BINARY, { validation_type: NLA_VALIDATE_RANGE, min: n, max: n })
}
/** NLA_POLICY_EXACT_LEN_WARN: too long is only logged unless the parse is strict. */
export function NLA_EXACT_LEN_WARN(n: number): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.BINARY, { validation_type: NLA_VALIDATE_RANGE_WARN_TOO_LONG, min: n, max: n })
}
/** `len`: minimum length. */
export function NLA_UNSPEC(len = 0): PolicyEntry {
  return len === 0 ? unspec : new PolicyEntry(NLA_TYPE.UNSPEC, { len })
}
/** Without a policy the nest's members are not looked at. */
export function NLA_NESTED(nested_policy?: () => Policy): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.NESTED, { nested_policy })
}
export function NLA_NESTED_ARRAY(nested_policy?: () => Policy): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.NESTED_ARRAY, { nested_policy })
}
export function NLA_REJECT(reject_message?: string): PolicyEntry {
  return new PolicyEntry(NLA_TYPE.REJECT, { reject_message })
}

/** Smallest and largest value that a type's own width allows. */
export function nla_natural_range(type: number): { min: number | bigint; max: number | bigint } {
  switch (type) {
    case NLA_TYPE.U8:
      return { min: 0, max: 0xff }
    case NLA_TYPE.U32:
    case NLA_TYPE.BE32:
      return { min: 0, max: 0xffffffff }
    case NLA_TYPE.U64:
    case NLA_TYPE.UINT:
    case NLA_TYPE.MSECS:
      return { min: 0, max: 0xffffffffffffffffn }
    case NLA_TYPE.S8:
      return { min: -128, max: 127 }
    case NLA_TYPE.S16:
      return { min: -32768, max: 32767 }
    case NLA_TYPE.S32:
      return { min: -2147483648, max: 2147483647 }
    case NLA_TYPE.S64:
    case NLA_TYPE.SINT:
      return { min: -(1n << 63n), max: (1n << 63n) - 1n }
    // U16, BE16, and the lengths of strings and binaries
    default:
      return { min: 0, max: 0xffff }
  }
}

export function min(entry: PolicyEntry, low: number | bigint): PolicyEntry {
  return new PolicyEntry(entry.type, { ...entry, validation_type: NLA_VALIDATE_MIN, min: low, max: nla_natural_range(entry.type).max })
}
export function max(entry: PolicyEntry, high: number | bigint): PolicyEntry {
  return new PolicyEntry(entry.type, { ...entry, validation_type: NLA_VALIDATE_MAX, min: nla_natural_range(entry.type).min, max: high })
}
export function range(entry: PolicyEntry, low: number | bigint, high: number | bigint): PolicyEntry {
  return new PolicyEntry(entry.type, { ...entry, validation_type: NLA_VALIDATE_RANGE, min: low, max: high })
}
export function mask(entry: PolicyEntry, allowed: number | bigint): PolicyEntry {
  return new PolicyEntry(entry.type, { ...entry, validation_type: NLA_VALIDATE_MASK, mask: allowed })
}
export function validate(entry: PolicyEntry, fn: nla_validate_fn): PolicyEntry {
  return new PolicyEntry(entry.type, { ...entry, validation_type: NLA_VALIDATE_FUNCTION, validate: fn })
}
