/**
 * Attribute sets (TLVs: u16 length with header, u16 type, payload, padded to 4) declared once, and the table of
 * offsets that parsing fills. Validation is not here: layout is not policy.
 */
import { type Bytes, get16 } from './bytes.ts'
import type { ValueType } from './types.ts'

export const NLA_HDRLEN = 4
/** Mask of the two flag bits (nested, network byte order) in a type. */
export const NLA_TYPE_MASK = 0x3fff
export const NLA_F_NESTED = 0x8000

export class Attr<T> {
  readonly nr: number
  readonly type: ValueType<T>
  /** Set by `attrs()`. */
  name = ''
  constructor(nr: number, type: ValueType<T>) {
    this.nr = nr
    this.type = type
  }
}

export function attr<T>(nr: number, type: ValueType<T>): Attr<T> {
  return new Attr(nr, type)
}

export class AttrSet {
  readonly name: string
  /** By number; holes where Linux has no such attribute (or we do not know it). */
  readonly byNr: readonly (Attr<any> | undefined)[]
  /** Highest number (FOO_MAX). */
  readonly max: number
  constructor(name: string, list: Record<string, Attr<any>>, max?: number) {
    this.name = name
    const byNr: (Attr<any> | undefined)[] = []
    for (const [key, a] of Object.entries(list)) {
      a.name = key
      byNr[a.nr] = a
    }
    this.max = max ?? Math.max(0, byNr.length - 1)
    this.byNr = Array.from({ length: this.max + 1 }, (_, i) => byNr[i])
  }
}

/** Declares a set: the keys become the attributes' names. `max` when FOO_MAX is above the last one named. */
export function attrs(name: string, list: Record<string, Attr<any>>, max?: number): AttrSet {
  return new AttrSet(name, list, max)
}

/** A nest: its payload is attributes of `set()` (a thunk, so that sets may name each other). */
export interface NestType extends ValueType<Uint8Array> {
  readonly set: () => AttrSet
  /** true: the members' types are indexes, each holding attributes of the set. */
  readonly list: boolean
}
function nestType(kind: string, set: () => AttrSet, list: boolean): NestType {
  return {
    kind,
    set,
    list,
    size: undefined,
    align: 4,
    get: (b, o, n) => b.slice(o, o + n),
    put: (b, o, v) => {
      b.set(v, o)
    },
    sizeOf: (v) => v.length,
    toJson: () => undefined,
  }
}
export function nested(set: () => AttrSet): NestType {
  return nestType('nest', set, false)
}
export function nestedList(set: () => AttrSet): NestType {
  return nestType('nest-list', set, true)
}
export function isNest(type: ValueType<any>): type is NestType {
  return 'set' in type
}

/** Where attribute tables take their slots from, so that a request allocates none. Owned by a kernel. */
export class AttrPool {
  slots: Int32Array
  top = 0
  constructor(size = 8192) {
    this.slots = new Int32Array(size)
  }
  /** First slot of `count` zeroed ones. A request with very many nests makes the pool grow: older tables keep the old slots. */
  take(count: number): number {
    const base = this.top
    this.top += count
    if (this.top > this.slots.length) this.slots = new Int32Array(Math.max(this.top, this.slots.length * 2))
    // few slots: a loop is done before fill() has been called
    const { slots, top } = this
    for (let i = base; i < top; i++) slots[i] = 0
    return base
  }
  mark(): number {
    return this.top
  }
  release(mark: number): void {
    this.top = mark
  }
}

/** As long as an IPv6 address, or a link address of any kind. */
const SHORT = 32

/** A parsed attribute stream: offsets into `buf`, valid until the request ends. What is kept must be copied. */
export class AttrTable {
  readonly buf: Bytes
  readonly max: number
  private readonly slots: Int32Array
  private readonly base: number
  constructor(buf: Bytes, pool: AttrPool, max: number) {
    this.buf = buf
    this.max = max
    this.base = pool.take(max + 1)
    this.slots = pool.slots
  }
  /** Offset of the attribute's header in `buf`, 0 when absent: the offset that an error names. */
  at(a: Attr<any>): number {
    return a.nr <= this.max ? this.slots[this.base + a.nr] : 0
  }
  atNr(nr: number): number {
    return nr <= this.max ? this.slots[this.base + nr] : 0
  }
  set(nr: number, offset: number): void {
    this.slots[this.base + nr] = offset
  }
  has(a: Attr<any>): boolean {
    return this.at(a) !== 0
  }
  /** Payload length, bytes; 0 when absent. */
  length(a: Attr<any>): number {
    const o = this.at(a)
    return o === 0 ? 0 : get16(this.buf, o) - NLA_HDRLEN
  }
  /** Decoded value. A payload shorter than a fixed type (a policy that allows it) reads as if zero-extended. */
  get<T>(a: Attr<T>): T | undefined {
    const o = this.at(a)
    if (o === 0) return undefined
    return decode(a.type, this.buf, o)
  }
  /** The payload, to be read: a view, or a copy of a short one. A small request stands in V8's heap, and a view would move it out. */
  payload(a: Attr<any>): Bytes | undefined {
    const o = this.at(a)
    if (o === 0) return undefined
    const length = get16(this.buf, o) - NLA_HDRLEN
    if (length > SHORT) return this.buf.subarray(o + NLA_HDRLEN, o + NLA_HDRLEN + length)
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = this.buf[o + NLA_HDRLEN + i]
    return copy
  }
}

/** The value of the attribute whose header is at `o`. */
export function decode<T>(type: ValueType<T>, b: Bytes, o: number): T {
  const n = get16(b, o) - NLA_HDRLEN
  if (type.size !== undefined && n < type.size) {
    const padded = new Uint8Array(type.size)
    padded.set(b.subarray(o + NLA_HDRLEN, o + NLA_HDRLEN + n))
    return type.get(padded, 0, type.size)
  }
  return type.get(b, o + NLA_HDRLEN, n)
}

/** Walks well-formed attributes in [start, end): `visit(type without flags, header offset)`. Returns the trailing byte count. */
export function eachAttr(b: Bytes, start: number, end: number, visit: (nr: number, offset: number) => void): number {
  let o = start
  while (end - o >= NLA_HDRLEN) {
    const len = get16(b, o)
    if (len < NLA_HDRLEN || len > end - o) break
    visit(get16(b, o + 2) & NLA_TYPE_MASK, o)
    o += (len + 3) & ~3
  }
  return Math.max(0, end - o)
}
