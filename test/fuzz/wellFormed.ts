/** Whether what the kernel says can be read: lengths that add up, known types, attributes that fill their message. */
import { type Attr, type AttrSet, isNest } from '../../src/lib/attrs.ts'
import { get16, get32, getS32 } from '../../src/lib/bytes.ts'
import { route_protocol } from '../../src/uapi/messages.ts'
import { NETLINK_ROUTE, NLMSG_DONE, NLMSG_ERROR } from '../../src/uapi/linux/netlink.ts'

/** Messages of a datagram as views; a text says what is wrong. */
export function splitChecked(data: Uint8Array): Uint8Array[] | string {
  const out: Uint8Array[] = []
  for (let at = 0; at < data.length; ) {
    const left = data.length - at
    const length = left < 16 ? 0 : get32(data, at)
    if (length < 16 || length > left) return `length ${length} with ${left} bytes left`
    out.push(data.subarray(at, at + length))
    at += (length + 3) & ~3
  }
  return out
}
/** What a nest holds where it stands: inside IFLA_AF_SPEC the message's family decides. */
function membersOf(b: Uint8Array, attr: Attr<any>): AttrSet | undefined {
  if (!isNest(attr.type) || attr.type.list) return undefined
  const place = { message: b, decl: route_protocol.find(get16(b, 4), b), sibling: () => undefined }
  return route_protocol.variant?.(attr, place)?.attrs ?? attr.type.set()
}
function badAttrs(b: Uint8Array, from: number, to: number, set: AttrSet | undefined, depth: number): string | undefined {
  let at = from
  while (to - at >= 4) {
    const length = get16(b, at)
    if (length < 4 || length > to - at) return `attribute length ${length} at ${at}, ${to - at} bytes left`
    const attr = set?.byNr[get16(b, at + 2) & 0x3fff]
    if (attr !== undefined) {
      const { size } = attr.type
      if (size !== undefined && size !== 0 && length - 4 < size) return `${attr.name} has ${length - 4} bytes, not ${size}`
      if (isNest(attr.type) && depth < 8) {
        const bad = badAttrs(b, at + 4, at + length, membersOf(b, attr), depth + 1)
        if (bad !== undefined) return `${attr.name}: ${bad}`
      }
    }
    at += (length + 3) & ~3
  }
  return to > at ? `${to - at} bytes behind the attributes` : undefined
}
/** What is wrong with one message of the kernel's, or undefined. */
export function badMessage(protocol: number, b: Uint8Array): string | undefined {
  const type = get16(b, 4)
  if (type === NLMSG_ERROR) return badError(b)
  // generic families may end an answer that is no dump without one, as team does
  if (type === NLMSG_DONE) return b.length < 20 && protocol === NETLINK_ROUTE ? 'NLMSG_DONE without a number' : undefined
  if (protocol !== NETLINK_ROUTE) return type < 16 ? `type ${type}` : badAttrs(b, 20, b.length, undefined, 0)
  const decl = route_protocol.find(type, b)
  if (decl.name.startsWith('RTM#')) return `type ${type}`
  const size = decl.struct?.size ?? 0
  if (b.length < 16 + size) return `${decl.name} is ${b.length} bytes long`
  const bad = badAttrs(b, 16 + ((size + 3) & ~3), b.length, bodies.has(decl.name) ? undefined : decl.attrs, 0)
  return bad && `${decl.name}: ${bad}`
}
/** Messages in which numbers mean other things than in the request. */
const bodies: ReadonlySet<string> = new Set(['RTM_NEWSTATS', 'RTM_NEWMDB', 'RTM_DELMDB'])

function badError(b: Uint8Array): string | undefined {
  if (b.length < 36) return `NLMSG_ERROR of ${b.length} bytes`
  const error = getS32(b, 16)
  if (error > 0 || error < -4095) return `error ${error}`
  const flags = get16(b, 6)
  const quoted = (flags & 0x100) !== 0 ? 16 : Math.max(16, (get32(b, 20) + 3) & ~3)
  const end = 20 + quoted
  if ((flags & 0x200) === 0) return end === b.length ? undefined : `NLMSG_ERROR of ${b.length} bytes quotes ${quoted}`
  return badAttrs(b, end, b.length, undefined, 0)
}
