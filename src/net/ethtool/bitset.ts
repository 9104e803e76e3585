/**
 * net/ethtool/bitset.c: sets of bits in messages: compact (words of value and mask) or a list of bits with their names. A
 * set without a mask is a list: what is not in it is off.
 */
import type { Attr, AttrTable } from '../../lib/attrs.ts'
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../lib/attrs.ts'
import { get16, get32, put32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, EOPNOTSUPP, type Errno, isErrno } from '../../uapi/errno.ts'
import * as E from '../../uapi/linux/ethtool_netlink.ts'
import { nla_parse_nested_at, type ParseContext } from '../netlink/attr.ts'
import { max, NLA_BINARY, NLA_FLAG, NLA_NESTED, NLA_NUL_STRING, NLA_U32, policy } from '../netlink/policy.ts'

/** What a set is about: how many bits, and their names when they have any. */
export interface bitset_kind {
  readonly nbits: number
  readonly names: readonly string[] | undefined
}
const ETHNL_MAX_BITSET_SIZE = 0xffff

const bitset_policy = policy(
  E.ETHTOOL_A_BITSET,
  {
    ETHTOOL_A_BITSET_NOMASK: NLA_FLAG,
    ETHTOOL_A_BITSET_SIZE: max(NLA_U32, ETHNL_MAX_BITSET_SIZE),
    ETHTOOL_A_BITSET_BITS: NLA_NESTED(),
    ETHTOOL_A_BITSET_VALUE: NLA_BINARY(),
    ETHTOOL_A_BITSET_MASK: NLA_BINARY(),
  },
  { name: 'bitset_policy' },
)
const bit_policy = policy(
  E.ETHTOOL_A_BITSET_BIT,
  { ETHTOOL_A_BITSET_BIT_INDEX: NLA_U32, ETHTOOL_A_BITSET_BIT_NAME: NLA_NUL_STRING(), ETHTOOL_A_BITSET_BIT_VALUE: NLA_FLAG },
  { name: 'bit_policy' },
)

export function all_bits(nbits: number): bigint {
  return (1n << BigInt(nbits)) - 1n
}
function bit_set(bits: bigint, i: number): boolean {
  return ((bits >> BigInt(i)) & 1n) !== 0n
}

/** ethnl_put_bitset(): `mask` undefined: a list. */
export function ethnl_put_bitset(
  skb: MessageBuilder,
  attr: Attr<any>,
  value: bigint,
  mask: bigint | undefined,
  kind: bitset_kind,
  compact: boolean,
): void {
  const nest = skb.nest(attr)
  if (mask === undefined) skb.put(E.ETHTOOL_A_BITSET_NOMASK, true)
  skb.put(E.ETHTOOL_A_BITSET_SIZE, kind.nbits)
  if (compact) {
    put_words(skb, E.ETHTOOL_A_BITSET_VALUE, value, kind.nbits)
    if (mask !== undefined) put_words(skb, E.ETHTOOL_A_BITSET_MASK, mask, kind.nbits)
  } else put_bits(skb, value, mask, kind)
  skb.nestEnd(nest)
}
function put_words(skb: MessageBuilder, attr: Attr<any>, bits: bigint, nbits: number): void {
  const nwords = Math.ceil(nbits / 32)
  const o = skb.reserve(attr.nr, 4 * nwords)
  if (o < 0) return
  const kept = bits & all_bits(nbits)
  for (let i = 0; i < nwords; i++) put32(skb.buf, o + 4 * i, Number((kept >> BigInt(32 * i)) & 0xffffffffn))
}
function put_bits(skb: MessageBuilder, value: bigint, mask: bigint | undefined, { nbits, names }: bitset_kind): void {
  const bits = skb.nest(E.ETHTOOL_A_BITSET_BITS)
  for (let i = 0; i < nbits; i++) {
    if (!bit_set(mask ?? value, i)) continue
    const nest = skb.nest(E.ETHTOOL_A_BITSET_BITS_BIT)
    skb.put(E.ETHTOOL_A_BITSET_BIT_INDEX, i)
    if (names !== undefined) skb.put(E.ETHTOOL_A_BITSET_BIT_NAME, names[i] ?? '')
    if (mask !== undefined && bit_set(value, i)) skb.put(E.ETHTOOL_A_BITSET_BIT_VALUE, true)
    skb.nestEnd(nest)
  }
  skb.nestEnd(bits)
}

/** A set that a request carries: `mask` says which bits it speaks of. */
export interface parsed_bitset {
  value: bigint
  mask: bigint
  /** It is a list: bits beyond those it names are off. */
  no_mask: boolean
}
/** ethnl_parse_bitset(): the nest whose header is at `at`. */
export function ethnl_parse_bitset(req: ParseContext, at: number, kind: bitset_kind): parsed_bitset | Errno {
  const tb = nla_parse_nested_at(req, at, bitset_policy)
  if (isErrno(tb)) return tb
  return tb.has(E.ETHTOOL_A_BITSET_BITS) ? parse_verbose(req, tb, kind) : parse_compact(req, at, tb, kind)
}
/** ethnl_update_bitset(): `old` with what the request says; without the attribute it stays. */
export function ethnl_update_bitset(req: ParseContext, tb: AttrTable, attr: Attr<any>, kind: bitset_kind, old: bigint): bigint | Errno {
  const at = tb.at(attr)
  if (at === 0) return old
  const parsed = ethnl_parse_bitset(req, at, kind)
  return isErrno(parsed) ? parsed : (old & ~parsed.mask) | (parsed.value & parsed.mask)
}

function parse_compact(req: ParseContext, at: number, tb: AttrTable, { nbits }: bitset_kind): parsed_bitset | Errno {
  const no_mask = tb.has(E.ETHTOOL_A_BITSET_NOMASK)
  const bad = compact_sanity_checks(req, at, tb, nbits, no_mask)
  if (bad !== undefined) return bad
  const value = words(tb, E.ETHTOOL_A_BITSET_VALUE) & all_bits(nbits)
  const mask = no_mask ? all_bits(nbits) : words(tb, E.ETHTOOL_A_BITSET_MASK) & all_bits(nbits)
  return { value, mask, no_mask }
}
function words(tb: AttrTable, attr: Attr<any>): bigint {
  const bytes = tb.payload(attr) ?? new Uint8Array(0)
  let bits = 0n
  for (let o = bytes.length - 4; o >= 0; o -= 4) bits = (bits << 32n) | BigInt(get32(bytes, o))
  return bits
}
function compact_sanity_checks(req: ParseContext, at: number, tb: AttrTable, nbits: number, no_mask: boolean): Errno | undefined {
  const { extack } = req
  const [value, mask] = [E.ETHTOOL_A_BITSET_VALUE, E.ETHTOOL_A_BITSET_MASK]
  if (no_mask && tb.has(mask)) return extack.fail(EINVAL, 'mask not allowed in list bitset', tb.at(mask))
  const size = tb.get(E.ETHTOOL_A_BITSET_SIZE)
  if (size === undefined) return extack.fail(EINVAL, 'missing size in compact bitset', at)
  if (!tb.has(value)) return extack.fail(EINVAL, 'missing value in compact bitset', at)
  if (!no_mask && !tb.has(mask)) return extack.fail(EINVAL, 'missing mask in compact nonlist bitset', at)
  const nbytes = 4 * Math.ceil(size / 32)
  if (tb.length(value) !== nbytes) return extack.fail(EINVAL, 'bitset value length does not match size', tb.at(value))
  if (tb.has(mask) && tb.length(mask) !== nbytes) return extack.fail(EINVAL, 'bitset mask length does not match size', tb.at(mask))
  const tested = no_mask ? value : mask
  if (size > nbits && (words(tb, tested) & all_bits(size)) >> BigInt(nbits) !== 0n)
    return extack.fail(EINVAL, 'cannot modify bits past kernel bitset size', tb.at(tested))
  return undefined
}

function parse_verbose(req: ParseContext, tb: AttrTable, kind: bitset_kind): parsed_bitset | Errno {
  const { extack, buf } = req
  for (const [attr, what] of [
    [E.ETHTOOL_A_BITSET_VALUE, 'value'],
    [E.ETHTOOL_A_BITSET_MASK, 'mask'],
  ] as const)
    if (tb.has(attr)) return extack.fail(EINVAL, `${what} only allowed in compact bitset`, tb.at(attr))
  const no_mask = tb.has(E.ETHTOOL_A_BITSET_NOMASK)
  const out: parsed_bitset = { value: 0n, mask: no_mask ? all_bits(kind.nbits) : 0n, no_mask }
  const bits = tb.at(E.ETHTOOL_A_BITSET_BITS)
  const end = bits + get16(buf, bits)
  for (let at = bits + NLA_HDRLEN; end - at >= NLA_HDRLEN && get16(buf, at) >= NLA_HDRLEN; at += (get16(buf, at) + 3) & ~3) {
    if ((get16(buf, at + 2) & NLA_TYPE_MASK) !== E.ETHTOOL_A_BITSET_BITS_BIT.nr)
      return extack.fail(EINVAL, 'only ETHTOOL_A_BITSET_BITS_BIT allowed in ETHTOOL_A_BITSET_BITS', at)
    const bit = parse_bit(req, at, no_mask, kind)
    if (isErrno(bit)) return bit
    const one = 1n << BigInt(bit.index)
    out.value = bit.on ? out.value | one : out.value & ~one
    out.mask |= one
  }
  return out
}
/** A bit by index or by name; both must agree. */
function parse_bit(req: ParseContext, at: number, no_mask: boolean, kind: bitset_kind): { index: number; on: boolean } | Errno {
  const { extack } = req
  const tb = nla_parse_nested_at(req, at, bit_policy)
  if (isErrno(tb)) return tb
  const on = no_mask || tb.has(E.ETHTOOL_A_BITSET_BIT_VALUE)
  const [by_index, by_name] = [E.ETHTOOL_A_BITSET_BIT_INDEX, E.ETHTOOL_A_BITSET_BIT_NAME]
  const index = tb.get(by_index)
  const name = tb.get(by_name)
  if (index !== undefined) {
    if (index >= kind.nbits) return extack.fail(EOPNOTSUPP, 'bit index too high', tb.at(by_index))
    if (name !== undefined && kind.names !== undefined && kind.names[index] !== name)
      return extack.fail(EINVAL, 'bit index and name mismatch', at)
    return { index, on }
  }
  if (name === undefined) return extack.fail(EINVAL, 'neither bit index nor name specified', at)
  const found = kind.names?.indexOf(name) ?? -1
  return found < 0 ? extack.fail(EOPNOTSUPP, 'bit name not found', tb.at(by_name)) : { index: found, on }
}
