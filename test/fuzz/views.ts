/** What notifications add up to, and what dumps say, in one form: objects by a key that names them. */
import { eachAttr } from '../../src/lib/attrs.ts'
import { get16, get32, hex } from '../../src/lib/bytes.ts'
import * as R from '../../src/uapi/linux/rtnetlink.ts'

/** Key → what must agree. */
export type View = Map<string, string>

interface Parsed {
  type: number
  flags: number
  body: Uint8Array
  attrs: Map<number, Uint8Array>
}
const headSizes = new Map([
  [16, 16],
  [20, 8],
  [24, 12],
  [28, 12],
  [32, 12],
  [104, 8],
])

export function parse(message: Uint8Array): Parsed | undefined {
  const type = get16(message, 4)
  const size = headSizes.get(type & ~3)
  if (size === undefined || type < 16) return undefined
  const attrs = new Map<number, Uint8Array>()
  eachAttr(message, 16 + size, message.length, (nr, o) => attrs.set(nr, message.subarray(o + 4, o + get16(message, o))))
  return { type, flags: get16(message, 6), body: message.subarray(16, 16 + size), attrs }
}
const of = (p: Parsed, ...nrs: number[]) => nrs.map((nr) => hex(p.attrs.get(nr) ?? new Uint8Array(0))).join(' ')

const IFA_F_TENTATIVE = 0x40
const NUD_PERMANENT = 0x80
const NTF_PROXY = 8
const neighbourOf = (p: Parsed) => `neigh ${p.body[0]} ${get32(p.body, 4)} ${of(p, 1)}`
/** Linux tells of an IPv6 address when it is known to be the only one (addrconf_dad_completed), a dump shows it before. */
function tentative({ body, attrs }: Parsed): boolean {
  const flags = attrs.get(8)
  return body[0] === 10 && flags !== undefined && (get32(flags, 0) & IFA_F_TENTATIVE) !== 0
}

/**
 * The object that a message is about: group, key, and what of it is compared; undefined: not followed. Not compared: the other
 * end of a veth pair, whose first end is told of while there is no second; neighbours but permanent ones, which come and
 * change without a word (multicast, resolution under way), as proxies do.
 */
export function objectOf(p: Parsed): { key: string; says: string } | undefined {
  const { body } = p
  switch (p.type & ~3) {
    case R.RTM_NEWLINK:
      // name, MTU, master, queue length, address, operational state (a group that changes while the device is down is not told); a bridge's messages about ports are another matter
      return body[0] === 0 ? { key: `link ${get32(body, 4)}`, says: `${get32(body, 8)} ${of(p, 3, 4, 10, 13, 1, 16)}` } : undefined
    case R.RTM_NEWADDR:
      if (tentative(p) && (p.type & 3) === 0) return undefined
      // of IPv6 an address is one object, whatever its peer and prefix become
      if (body[0] === 10) return { key: `addr ${get32(body, 4)} ${p.attrs.has(2) ? of(p, 2) : of(p, 1)}`, says: `${body[1]} ${body[3]}` }
      return { key: `addr ${body[0]} ${get32(body, 4)}/${body[1]} ${of(p, 2, 1)}`, says: `${body[3]} ${of(p, 3, 4, 8, 9)}` }
    case R.RTM_NEWRULE:
      return { key: `rule ${hex(body)} ${[...p.attrs].map(([nr, v]) => `${nr}=${hex(v)}`).join(' ')}`, says: '' }
    case R.RTM_NEWNEIGH: {
      const followed = body[0] !== 7 && !(body[10] & NTF_PROXY) && ((p.type & 3) === 1 || get16(body, 8) === NUD_PERMANENT)
      return followed ? { key: neighbourOf(p), says: of(p, 2) } : undefined
    }
    case R.RTM_NEWNEXTHOP:
      return { key: `nexthop ${of(p, 1)}`, says: `${hex(body.subarray(0, 4))} ${of(p, 2, 4, 5, 6)}` }
    case R.RTM_NEWROUTE:
      return body[0] === 2
        ? { key: `route ${body[1]} ${body[3]} ${body[7]} ${of(p, 1, 15, 6)} ${of(p, 30, 4, 5, 9, 18)}`, says: hex(body.subarray(5, 8)) }
        : undefined
  }
  return undefined
}

/** Takes a notification into the sum. */
export function add(view: View, message: Uint8Array): void {
  const p = parse(message)
  if (p !== undefined && (p.type & ~3) === R.RTM_NEWNEIGH) view.delete(neighbourOf(p))
  const object = p && objectOf(p)
  if (p === undefined || object === undefined) return
  if ((p.type & 3) === 1) {
    view.delete(object.key)
    return
  }
  if ((p.type & ~3) === R.RTM_NEWROUTE && p.flags & 0x100) forgetReplaced(view, object.key)
  view.set(object.key, object.says)
}
/** NLM_F_REPLACE: the first route of the same place is another now. */
function forgetReplaced(view: View, key: string): void {
  const place = key
    .split(' ')
    .filter((_, i) => i !== 3)
    .slice(0, 6)
    .join(' ')
  for (const old of view.keys()) {
    if (
      old.startsWith('route ') &&
      old
        .split(' ')
        .filter((_, i) => i !== 3)
        .slice(0, 6)
        .join(' ') === place
    ) {
      view.delete(old)
      return
    }
  }
}
