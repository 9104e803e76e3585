/** Messages as trees of attributes, so that a mutation or a minimiser can take parts away; encoded last. */
import { NLA_HDRLEN } from '../../src/lib/attrs.ts'
import { type Bytes, hex as fullHex, put16, put32 } from '../../src/lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../src/lib/message.ts'

export interface AttrTree {
  nr: number
  name: string
  /** NLA_F_NESTED, NLA_F_NET_BYTEORDER */
  flags: number
  /** What stands before the members (VETH_INFO_PEER's ifinfomsg). */
  head?: Uint8Array
  body: Uint8Array | AttrTree[]
  /** RTA_MULTIPATH: struct rtnexthop each, whose length is filled in. */
  hops?: { head: Uint8Array; attrs: AttrTree[] }[]
  /** A lie about the length, header included. */
  length?: number
}
export interface MessageTree {
  protocol: number
  name: string
  type: number
  flags: number
  head: Uint8Array
  attrs: AttrTree[]
  /** Behind the attributes, unpadded. */
  tail?: Uint8Array
  /** A lie about nlmsg_len. */
  length?: number
}

const align = (n: number) => (n + 3) & ~3

function bodyOf(a: AttrTree): Uint8Array {
  if (a.hops !== undefined) return Buffer.concat(a.hops.map(hop))
  const body = a.body instanceof Uint8Array ? a.body : Buffer.concat(a.body.map(encodeAttr))
  return a.head === undefined ? body : Buffer.concat([a.head, body])
}
function hop({ head, attrs }: { head: Uint8Array; attrs: AttrTree[] }): Uint8Array {
  const out = new Uint8Array(Buffer.concat([head, ...attrs.map(encodeAttr)]))
  put16(out, 0, out.length)
  return out
}
export function encodeAttr(a: AttrTree): Uint8Array {
  const body = bodyOf(a)
  const out = new Uint8Array(align(NLA_HDRLEN + body.length))
  put16(out, 0, a.length ?? NLA_HDRLEN + body.length)
  put16(out, 2, a.nr | a.flags)
  out.set(body, NLA_HDRLEN)
  return out
}
export function encode(m: MessageTree, seq: number): Uint8Array {
  const body = Buffer.concat([m.head, ...m.attrs.map(encodeAttr), m.tail ?? new Uint8Array(0)])
  const out = new Uint8Array(NLMSG_HDRLEN + body.length)
  put32(out, 0, m.length ?? out.length)
  put16(out, 4, m.type)
  put16(out, 6, m.flags)
  put32(out, 8, seq)
  out.set(body, NLMSG_HDRLEN)
  return out
}

export function cloneAttr(a: AttrTree): AttrTree {
  return {
    ...a,
    body: a.body instanceof Uint8Array ? a.body.slice() : a.body.map(cloneAttr),
    hops: a.hops?.map((h) => ({ head: h.head.slice(), attrs: h.attrs.map(cloneAttr) })),
  }
}
export function cloneTree(m: MessageTree): MessageTree {
  return { ...m, head: m.head.slice(), attrs: m.attrs.map(cloneAttr) }
}

/** Every list of attributes in a message. */
export function lists(m: MessageTree): AttrTree[][] {
  const out: AttrTree[][] = []
  const visit = (list: AttrTree[]) => {
    out.push(list)
    for (const a of list) {
      if (!(a.body instanceof Uint8Array)) visit(a.body)
      for (const h of a.hops ?? []) visit(h.attrs)
    }
  }
  visit(m.attrs)
  return out
}

const hex = (b: Bytes) => (b.length > 80 ? `${fullHex(b.subarray(0, 16))}…(${b.length} bytes)` : fullHex(b))
function describeAttr(a: AttrTree): string {
  const flags = a.flags === 0 ? '' : a.flags === 0x8000 ? '*' : `*${a.flags.toString(16)}`
  const lie = a.length === undefined ? '' : `(length ${a.length})`
  const head = a.head === undefined ? '' : `${hex(a.head)} `
  const body =
    a.hops !== undefined
      ? a.hops.map((h) => `<${hex(h.head)} ${h.attrs.map(describeAttr).join(' ')}>`).join(' ')
      : a.body instanceof Uint8Array
        ? hex(a.body)
        : `{${a.body.map(describeAttr).join(' ')}}`
  return `${a.name}${flags}${lie}=${head}${body}`
}
/** One line: name, flags, header and attributes. */
export function describe(m: MessageTree): string {
  const length = m.length === undefined ? '' : ` nlmsg_len=${m.length}`
  const tail = m.tail === undefined ? '' : ` tail=${hex(m.tail)}`
  return `${m.name}(${m.type}) flags=${m.flags.toString(16)}${length} ${hex(m.head)} ${m.attrs.map(describeAttr).join(' ')}${tail}`
}
