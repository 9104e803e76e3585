/**
 * The value types that structs and attributes are declared from. A type knows how to read and write itself
 * and how to show itself as JSON; it knows no bounds and no policy.
 */
import {
  type Bytes,
  get16,
  get32,
  get64,
  getBe16,
  getBe32,
  getBig64,
  getS32,
  getString,
  hex,
  put16,
  put32,
  put64,
  putBe16,
  putBe32,
  putBig64,
  putString,
} from './bytes.ts'

export interface ValueType<T> {
  readonly kind: string
  /** Bytes of a fixed-size type; undefined when the value decides. */
  readonly size: number | undefined
  readonly align: number
  /** Reads from `length` bytes at `offset`; the caller has checked that fixed sizes fit. */
  get(b: Bytes, offset: number, length: number): T
  put(b: Bytes, offset: number, value: T): void
  /** Bytes that `value` takes. */
  sizeOf(value: T): number
  toJson(value: T): unknown
}

/** A fixed-size type: what a struct's fields are made of. */
export interface FixedType<T> extends ValueType<T> {
  readonly size: number
}

function scalar(
  kind: string,
  size: number,
  get: (b: Bytes, o: number) => number,
  put: (b: Bytes, o: number, v: number) => void,
): FixedType<number> {
  return { kind, size, align: size, get, put, sizeOf: () => size, toJson: (v) => v }
}

export const u8 = scalar(
  'u8',
  1,
  (b, o) => b[o],
  (b, o, v) => {
    b[o] = v
  },
)
export const s8 = scalar(
  's8',
  1,
  (b, o) => (b[o] << 24) >> 24,
  (b, o, v) => {
    b[o] = v
  },
)
export const u16 = scalar('u16', 2, get16, put16)
export const s16 = scalar('s16', 2, (b, o) => (get16(b, o) << 16) >> 16, put16)
export const u32 = scalar('u32', 4, get32, put32)
export const s32 = scalar('s32', 4, getS32, put32)
/** A number: exact up to 2^53, as counters are. */
export const u64 = scalar('u64', 8, get64, put64)
/** A number, of either sign: exact up to 2^53. */
export const s64 = scalar(
  's64',
  8,
  (b, o) => Number(BigInt.asIntN(64, getBig64(b, o))),
  (b, o, v) => putBig64(b, o, BigInt.asUintN(64, BigInt(v))),
)
export const be16 = scalar('be16', 2, getBe16, putBe16)
/** In host order as a number: IPv4 addresses are handled so. */
export const be32 = scalar('be32', 4, getBe32, putBe32)
/** All 64 bits, for masks and ids. */
export const big64: FixedType<bigint> = {
  kind: 'u64',
  size: 8,
  align: 8,
  get: getBig64,
  put: putBig64,
  sizeOf: () => 8,
  toJson: (v) => v.toString(),
}
/** An IPv4 address in a u32 of network order; JSON shows it dotted. */
export const ipv4: FixedType<number> = {
  ...be32,
  kind: 'ipv4',
  toJson: (v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255].join('.'),
}

/** Exactly `size` bytes; reading copies. */
export function bytes(size: number): FixedType<Uint8Array> {
  return {
    kind: `bytes[${size}]`,
    size,
    align: 1,
    get: (b, o) => b.slice(o, o + size),
    put: (b, o, v) => {
      b.fill(0, o, o + size)
      b.set(v.length > size ? v.subarray(0, size) : v, o)
    },
    sizeOf: () => size,
    toJson: hex,
  }
}

/** A char array of a struct, NUL-padded. */
export function chars(size: number): FixedType<string> {
  return {
    kind: `char[${size}]`,
    size,
    align: 1,
    get: (b, o) => getString(b, o, o + size),
    put: (b, o, v) => {
      b.fill(0, o, o + size)
      putString(b, o, v.length > size ? v.slice(0, size) : v)
    },
    sizeOf: () => size,
    toJson: (v) => v,
  }
}

/** A NUL-terminated string attribute. `max` documents the longest text. */
export function string(max?: number): ValueType<string> {
  return {
    kind: max === undefined ? 'string' : `string(${max})`,
    size: undefined,
    align: 1,
    get: (b, o, n) => getString(b, o, o + n),
    put: (b, o, v) => {
      b[o + putString(b, o, v)] = 0
    },
    sizeOf: (v) => v.length + 1,
    toJson: (v) => v,
  }
}

/** Bytes of any length; reading copies. */
export const binary: ValueType<Uint8Array> = {
  kind: 'binary',
  size: undefined,
  align: 1,
  get: (b, o, n) => b.slice(o, o + n),
  put: (b, o, v) => {
    b.set(v, o)
  },
  sizeOf: (v) => v.length,
  toJson: hex,
}
/** A hardware address; JSON shows it with colons. */
export const lladdr: ValueType<Uint8Array> = {
  ...binary,
  kind: 'lladdr',
  toJson: (v) => Array.from(v, (x) => x.toString(16).padStart(2, '0')).join(':'),
}
/** An address of the family that the message's header names: 4 or 16 bytes. */
export const address: ValueType<Uint8Array> = {
  ...binary,
  kind: 'address',
  toJson: (v) => (v.length === 4 ? Array.from(v).join('.') : v.length === 16 ? ipv6Text(v) : hex(v)),
}
/** Present or absent; carries nothing. */
export const flag: ValueType<true> = {
  kind: 'flag',
  size: 0,
  align: 1,
  get: () => true,
  put: () => {},
  sizeOf: () => 0,
  toJson: () => true,
}

/** RFC 5952 text of 16 bytes. */
export function ipv6Text(v: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => getBe16(v, i * 2))
  let best = { at: -1, n: 1 }
  for (let i = 0; i < 8; i++) {
    let n = 0
    while (i + n < 8 && words[i + n] === 0) n++
    if (n > best.n) best = { at: i, n }
  }
  const text = (part: number[]) => part.map((w) => w.toString(16)).join(':')
  return best.at < 0 ? text(words) : `${text(words.slice(0, best.at))}::${text(words.slice(best.at + best.n))}`
}
