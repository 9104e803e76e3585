/**
 * Takes netlink messages apart by their declarations: as a tree of parts, and as JSON. Knows the framing (headers,
 * TLVs), not the messages: what a number means comes in as a `ProtocolDecl`.
 */
import { type Attr, type AttrSet, isNest, NLA_HDRLEN, NLA_TYPE_MASK } from './attrs.ts'
import { type Bytes, get16, get32, hex } from './bytes.ts'
import { NLMSG_HDRLEN } from './message.ts'
import { Struct } from './struct.ts'
import type { ValueType } from './types.ts'

/** What some bytes hold: a struct, then attributes; or, with `each`, a row of records that say their own length. */
export interface Body {
  readonly struct?: Struct<any>
  readonly attrs?: AttrSet
  /** Members are indexes, each holding attributes of the set. */
  readonly list?: AttrSet
  /** Records of a struct and attributes; the first u16 of each is its length. */
  readonly each?: { readonly struct: Struct<any>; readonly attrs?: AttrSet }
}

/** A stretch of a message with a body of its own. */
export interface Section extends Body {
  readonly start: number
  readonly end: number
}

export interface MessageDecl extends Body {
  readonly name: string
  /** Names of the header's flag bits, looked at in order; one may cover several bits. */
  readonly flags: readonly (readonly [mask: number, name: string])[]
  /** Where the payload is more than a struct and attributes. `b` is one message. */
  readonly sections?: (b: Bytes, protocol: ProtocolDecl) => Section[]
}

/** Where an attribute stands: what decides the meaning of a payload that depends on others. */
export interface Place {
  readonly message: Bytes
  readonly decl: MessageDecl
  /** Payload of an attribute beside it. */
  readonly sibling: (nr: number) => Bytes | undefined
}

export interface ProtocolDecl {
  readonly find: (type: number, message: Bytes) => MessageDecl
  /** The body of an attribute that depends on its place (kind of link, address family), else undefined. */
  readonly variant?: (attr: Attr<any>, place: Place) => Body | undefined
}

/** One header or TLV. `offset` and `length` cover it with its children, without padding. */
export interface Part {
  readonly name: string
  readonly offset: number
  readonly length: number
  /** Bytes of it that are not its children's: the struct, or the TLV header and a leaf's payload. */
  readonly own: number
  /** Decoded; undefined for a nest. */
  readonly value: unknown
  readonly children: readonly Part[]
  readonly kind: 'header' | 'struct' | 'attr' | 'nest' | 'rest'
}

export interface MessageJson {
  type: string
  flags: string[]
  seq: number
  pid: number
  [structOrAttrs: string]: unknown
}

/** The messages of a datagram, by their length fields; bytes that make no message are left out. */
export function splitMessages(b: Bytes): Bytes[] {
  const out: Bytes[] = []
  let o = 0
  while (b.length - o >= NLMSG_HDRLEN) {
    const length = get32(b, o)
    if (length < NLMSG_HDRLEN || length > b.length - o) break
    out.push(b.subarray(o, o + length))
    o += (length + 3) & ~3
  }
  return out
}

export function flagNames(flags: number, names: MessageDecl['flags']): string[] {
  const out: string[] = []
  let left = flags
  for (const [mask, name] of names) {
    if ((left & mask) !== mask) continue
    out.push(name)
    left &= ~mask
  }
  if (left !== 0) out.push(`0x${left.toString(16)}`)
  return out
}

/** Takes one message apart: its header first, then the parts of its payload. */
export function takeApart(b: Bytes, protocol: ProtocolDecl): { decl: MessageDecl; parts: Part[] } {
  const decl = protocol.find(get16(b, 4), b)
  const header: Part = {
    name: decl.name,
    offset: 0,
    length: NLMSG_HDRLEN,
    own: NLMSG_HDRLEN,
    children: [],
    kind: 'header',
    value: { len: get32(b, 0), flags: flagNames(get16(b, 6), decl.flags), seq: get32(b, 8), pid: get32(b, 12) },
  }
  const sections = decl.sections?.(b, protocol) ?? [{ ...decl, start: NLMSG_HDRLEN, end: b.length }]
  const walk = new Walk(b, decl, protocol)
  return { decl, parts: [header, ...sections.flatMap((s) => walk.body(s, s.start, s.end))] }
}

/** One message as JSON: type, flags, the struct under its own name, attributes by name. */
export function messageJson(b: Bytes, protocol: ProtocolDecl): MessageJson {
  const { parts } = takeApart(b, protocol)
  const [{ name, value }, ...rest] = parts
  const { flags, seq, pid } = value as { flags: string[]; seq: number; pid: number }
  return { type: name, flags, seq, pid, ...partsJson(rest) }
}

/** By name; what occurs more than once becomes an array, in order. */
function partsJson(parts: readonly Part[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  const repeated = new Set<string>()
  for (const part of parts) {
    const json = part.kind === 'nest' ? partsJson(part.children) : part.value
    if (!(part.name in out)) out[part.name] = json
    else if (repeated.has(part.name)) (out[part.name] as unknown[]).push(json)
    else {
      out[part.name] = [out[part.name], json]
      repeated.add(part.name)
    }
  }
  return out
}

class Walk {
  private readonly b: Bytes
  private readonly decl: MessageDecl
  private readonly protocol: ProtocolDecl
  constructor(b: Bytes, decl: MessageDecl, protocol: ProtocolDecl) {
    this.b = b
    this.decl = decl
    this.protocol = protocol
  }

  body(body: Body, start: number, end: number): Part[] {
    if (body.each !== undefined) return this.records(body.each, start, end)
    const out: Part[] = []
    let o = start
    if (body.struct !== undefined && o < end) {
      out.push(this.structPart(body.struct, o, end))
      o = Math.min(end, o + ((body.struct.size + 3) & ~3))
    }
    if (body.list !== undefined) out.push(...this.attrs(undefined, o, end, body.list))
    else if (body.attrs !== undefined) out.push(...this.attrs(body.attrs, o, end))
    else if (o < end) out.push(this.rest(o, end))
    return out
  }

  /** A struct that the bytes cut short shows what is there, as if zero-extended. */
  private structPart(type: Struct<any>, start: number, end: number): Part {
    const length = Math.min(type.size, end - start)
    const whole = new Uint8Array(type.size)
    whole.set(this.b.subarray(start, start + length))
    return { name: type.kind, offset: start, length, own: length, value: type.toJson(type.get(whole, 0)), children: [], kind: 'struct' }
  }

  private rest(start: number, end: number): Part {
    return {
      name: 'rest',
      offset: start,
      length: end - start,
      own: end - start,
      value: hex(this.b.subarray(start, end)),
      children: [],
      kind: 'rest',
    }
  }

  private records(each: NonNullable<Body['each']>, start: number, end: number): Part[] {
    const out: Part[] = []
    let o = start
    for (let i = 0; end - o >= each.struct.size; i++) {
      const length = get16(this.b, o)
      if (length < each.struct.size || length > end - o) break
      out.push({ name: `[${i}]`, offset: o, length, own: 0, value: undefined, children: this.body(each, o, o + length), kind: 'nest' })
      o += (length + 3) & ~3
    }
    if (o < end) out.push(this.rest(o, end))
    return out
  }

  /** `members`: the set of each member where the members are indexes. */
  private attrs(set: AttrSet | undefined, start: number, end: number, members?: AttrSet): Part[] {
    const out: Part[] = []
    let o = start
    while (end - o >= NLA_HDRLEN) {
      const length = get16(this.b, o)
      if (length < NLA_HDRLEN || length > end - o) break
      out.push(this.attr(set, o, length, members, (nr) => this.find(start, end, nr)))
      o += (length + 3) & ~3
    }
    if (o < end) out.push(this.rest(o, end))
    return out
  }

  private find(start: number, end: number, nr: number): Bytes | undefined {
    for (let o = start; end - o >= NLA_HDRLEN; o += (get16(this.b, o) + 3) & ~3) {
      const length = get16(this.b, o)
      if (length < NLA_HDRLEN || length > end - o) return undefined
      if ((get16(this.b, o + 2) & NLA_TYPE_MASK) === nr) return this.b.subarray(o + NLA_HDRLEN, o + length)
    }
    return undefined
  }

  private attr(set: AttrSet | undefined, o: number, length: number, members: AttrSet | undefined, sibling: Place['sibling']): Part {
    const nr = get16(this.b, o + 2) & NLA_TYPE_MASK
    const [start, end] = [o + NLA_HDRLEN, o + length]
    if (members !== undefined) return this.nest(String(nr), o, length, this.body({ attrs: members }, start, end))
    const attr = set?.byNr[nr]
    if (attr === undefined) return this.leaf(`#${nr}`, o, length, hex(this.b.subarray(start, end)))
    const variant = this.protocol.variant?.(attr, { message: this.b, decl: this.decl, sibling })
    if (variant !== undefined) return this.nest(attr.name, o, length, this.body(variant, start, end))
    if (!isNest(attr.type)) return this.leaf(attr.name, o, length, this.value(attr.type, start, end))
    const body = attr.type.list ? { list: attr.type.set() } : { attrs: attr.type.set() }
    return this.nest(attr.name, o, length, this.body(body, start, end))
  }

  private nest(name: string, offset: number, length: number, children: Part[]): Part {
    return { name, offset, length, own: NLA_HDRLEN, value: undefined, children, kind: 'nest' }
  }
  private leaf(name: string, offset: number, length: number, value: unknown): Part {
    return { name, offset, length, own: length, value, children: [], kind: 'attr' }
  }

  /** A payload shorter than its type is shown as it is, in hex; a struct's grows with the years and is read as far as it goes. */
  private value(type: ValueType<any>, start: number, end: number): unknown {
    if (type.size === undefined || end - start >= type.size) return type.toJson(type.get(this.b, start, end - start))
    return type instanceof Struct ? this.structPart(type, start, end).value : hex(this.b.subarray(start, end))
  }
}
