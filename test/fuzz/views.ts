/** What notifications add up to, and what dumps say, in one form: objects by a key that names them. */
import { eachAttr } from '../../src/lib/attrs.ts'
import { get16, get32, hex } from '../../src/lib/bytes.ts'
import {
  BRIDGE_VLANDB_ENTRY,
  BRIDGE_VLANDB_ENTRY_INFO,
  BRIDGE_VLANDB_ENTRY_RANGE,
  MDBA_MDB,
  MDBA_MDB_EATTR_SOURCE,
} from '../../src/uapi/linux/if_bridge.ts'
import { NDA_MASTER } from '../../src/uapi/linux/neighbour.ts'
import { NETCONFA_IFINDEX } from '../../src/uapi/linux/netconf.ts'
import { NLM_F_REPLACE } from '../../src/uapi/linux/netlink.ts'
import * as R from '../../src/uapi/linux/rtnetlink.ts'
import { RTM_F_CLONED } from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET6 } from '../../src/uapi/linux/socket.ts'

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
  [R.RTM_NEWNETCONF, 4],
  [R.RTM_NEWMDB, 8],
  [104, 8],
  [R.RTM_NEWVLAN, 8],
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

const IFF_RUNNING = 0x40
const IFF_LOWER_UP = 0x10000
const IFA_F_TENTATIVE = 0x40
const NUD_PERMANENT = 0x80
const NTF_PROXY = 8
const neighbourOf = (p: Parsed) => `neigh ${p.body[0]} ${get32(p.body, 4)} ${of(p, 1)}`
/** Linux tells of an IPv6 address when it is known to be the only one (addrconf_dad_completed), a dump shows it before. */
function tentative({ body, attrs }: Parsed): boolean {
  const flags = attrs.get(8)
  return body[0] === 10 && flags !== undefined && (get32(flags, 0) & IFA_F_TENTATIVE) !== 0
}

/** Key and what is compared. */
interface Followed {
  key: string
  says: string
}
/**
 * The object that a message is about: group, key, and what of it is compared; undefined: not followed. Not compared: the other
 * end of a veth pair, whose first end is told of while there is no second; neighbours but permanent ones, which come and
 * change without a word (multicast, resolution under way), as proxies do.
 */
function objectOf(p: Parsed): Followed | undefined {
  const { body } = p
  switch (p.type & ~3) {
    case R.RTM_NEWLINK:
      // name, MTU, master, queue length and address (a group that changes while the device is down is not told)
      return body[0] === 0
        ? { key: `link ${get32(body, 4)}`, says: `${get32(body, 8) & ~(IFF_RUNNING | IFF_LOWER_UP)} ${of(p, 3, 4, 10, 13, 1)}` }
        : undefined
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
/** All objects that a message is about: hops of an IPv6 route, VLANs of a range, entries of a multicast database, settings. */
export function objectsOf(message: Uint8Array, p: Parsed): Followed[] {
  const { body } = p
  switch (p.type & ~3) {
    case R.RTM_NEWROUTE:
      if (body[0] === AF_INET6) return hopsOf(p)
      break
    case R.RTM_NEWNEIGH:
      if (body[0] === AF_BRIDGE) return forwardingOf(p)
      break
    case R.RTM_NEWLINK: {
      const link = objectOf(p)
      // a bridge's messages about ports are another matter
      if (link === undefined) return []
      return [link, { key: `carrier ${get32(body, 4)}`, says: `${get32(body, 8) & (IFF_RUNNING | IFF_LOWER_UP)} ${of(p, 16)}` }]
    }
    case R.RTM_NEWVLAN:
      return vlansOf(message, p)
    case R.RTM_NEWMDB:
      return groupsOf(p)
    case R.RTM_NEWNETCONF:
      return [...p.attrs]
        .filter(([nr]) => nr !== NETCONFA_IFINDEX.nr)
        .map(([nr, value]) => ({ key: `netconf ${body[0]} ${of(p, 1)} ${nr}`, says: hex(value) }))
  }
  const one = objectOf(p)
  return one === undefined ? [] : [one]
}
/** An IPv6 route of several hops is as many routes of one place. */
function hopsOf(p: Parsed): Followed[] {
  const { body } = p
  // what ip6_route_output() keeps for itself
  if (get32(body, 8) & RTM_F_CLONED) return []
  const place = `route6 ${body[1]} ${of(p, 1, 15, 6)}`
  const says = `${body[5]} ${body[7]}`
  const multipath = p.attrs.get(9)
  if (multipath === undefined) return [{ key: `${place} via ${of(p, 5, 4, 30)}`, says }]
  const out: Followed[] = []
  for (let at = 0; at + 8 <= multipath.length; at += (get16(multipath, at) + 3) & ~3) {
    let gateway = ''
    eachAttr(multipath, at + 8, at + get16(multipath, at), (nr, o) => {
      if (nr === 5) gateway = hex(multipath.subarray(o + 4, o + get16(multipath, o)))
    })
    out.push({ key: `${place} via ${gateway} ${hex(multipath.subarray(at + 4, at + 8))} `, says })
  }
  return out
}
/** Entries of bridges; those of the devices' own lists come and go without a word, as what is learned ages without one. */
function forwardingOf(p: Parsed): Followed[] {
  const { body } = p
  if (!p.attrs.has(NDA_MASTER.nr)) return []
  return [{ key: `fdb ${get32(body, 4)} ${of(p, 2, 5)}`, says: `${get16(body, 8)} ${of(p, 9)}` }]
}
/** Of a range; and what another VLAN takes from this one without a word (net/bridge/br_vlan.c __vlan_add_pvid()). */
const NOT_TOLD = 8 | 16 | 2
function vlansOf(message: Uint8Array, p: Parsed): Followed[] {
  const out: Followed[] = []
  eachAttr(message, 24, message.length, (nr, at) => {
    if (nr !== BRIDGE_VLANDB_ENTRY.nr) return
    let [flags, from, to] = [0, 0, 0]
    eachAttr(message, at + 4, at + get16(message, at), (member, o) => {
      if (member === BRIDGE_VLANDB_ENTRY_INFO.nr) [flags, from] = [get16(message, o + 4), get16(message, o + 6)]
      if (member === BRIDGE_VLANDB_ENTRY_RANGE.nr) to = get16(message, o + 4)
    })
    for (let vid = from; vid <= Math.max(from, to); vid++)
      out.push({ key: `vlan ${get32(p.body, 4)} ${vid}`, says: `${flags & ~NOT_TOLD}` })
  })
  return out
}
function groupsOf(p: Parsed): Followed[] {
  const mdb = p.attrs.get(MDBA_MDB.nr)
  const out: Followed[] = []
  if (mdb === undefined) return out
  eachAttr(mdb, 0, mdb.length, (_entry, e) =>
    eachAttr(mdb, e + 4, e + get16(mdb, e), (_info, i) => {
      const info = mdb.subarray(i + 4, i + get16(mdb, i))
      const about: string[] = []
      eachAttr(info, 28, info.length, (nr, o) => {
        if (nr === MDBA_MDB_EATTR_SOURCE.nr) about.push(hex(info.subarray(o + 4, o + get16(info, o))))
      })
      // port, VLAN, group and source; state and flags
      const key = `mdb ${get32(p.body, 4)} ${get32(info, 0)} ${get16(info, 6)} ${hex(info.subarray(8, 26))} ${about.join(' ')}`
      out.push({ key, says: `${info[4]}` })
    }),
  )
  return out
}

/** Takes a notification into the sum. */
export function add(view: View, message: Uint8Array): void {
  const p = parse(message)
  if (p === undefined) return
  if ((p.type & ~3) === R.RTM_NEWNEIGH && p.body[0] !== AF_BRIDGE) view.delete(neighbourOf(p))
  if (p.type === R.RTM_DELNETCONF) forget(view, `netconf ${p.body[0]} ${of(p, 1)} `)
  // a bridge that goes takes its entries along, and does not say so of its VLANs
  if (p.type === R.RTM_DELLINK && p.body[0] === 0) for (const what of ['vlan', 'mdb', 'fdb']) forget(view, `${what} ${get32(p.body, 4)} `)
  const replaces = (p.type & ~3) === R.RTM_NEWROUTE && (p.type & 3) === 0 && (p.flags & NLM_F_REPLACE) !== 0
  const objects = objectsOf(message, p)
  if (replaces && p.body[0] === AF_INET6 && objects.length > 0) forget(view, objects[0].key.replace(/ via .*/, ' via '))
  for (const { key, says } of objects) {
    if ((p.type & 3) === 1) view.delete(key)
    else {
      if (replaces && p.body[0] !== AF_INET6) forgetReplaced(view, key)
      view.set(key, says)
    }
  }
}
function forget(view: View, start: string): void {
  for (const key of view.keys()) if (key.startsWith(start)) view.delete(key)
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
