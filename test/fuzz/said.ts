/** What answers and notifications say, as lines of text that two kernels can be compared by. */
import { type Attr, type AttrSet, eachAttr, isNest } from '../../src/lib/attrs.ts'
import { get16, get32, getS32, getString, hex } from '../../src/lib/bytes.ts'
import { route_protocol } from '../../src/uapi/messages.ts'
import { MDBA_MDB } from '../../src/uapi/linux/if_bridge.ts'
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA, IFLA_INFO_SLAVE_KIND } from '../../src/uapi/linux/if_link.ts'
import { NLMSG_DONE, NLMSG_ERROR } from '../../src/uapi/linux/netlink.ts'
import { ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { AF_INET6 } from '../../src/uapi/linux/socket.ts'
import { ifinfomsg, rtmsg } from '../../src/uapi/linux/rtnetlink.ts'
import { splitChecked } from './wellFormed.ts'

/** An answer: its errors with their extacks in order, and the other messages. */
export interface Said {
  error: number | undefined
  text: string
  parts: string[]
}
export function said(datagrams: readonly Uint8Array[], data: DataOf): Said {
  let error: number | undefined
  const texts: string[] = []
  const parts: string[] = []
  for (const message of messagesOf(datagrams)) {
    const type = get16(message, 4)
    if (type !== NLMSG_ERROR && type !== NLMSG_DONE) parts.push(shown(message, data))
    else {
      error = getS32(message, 16)
      texts.push(`${error}${type === NLMSG_DONE ? ' done' : ''} ${(get16(message, 6) & 0xfffd).toString(16)} ${extack(message)}`)
    }
  }
  return { error, text: texts.join(' | '), parts }
}
export function messagesOf(datagrams: readonly Uint8Array[]): Uint8Array[] {
  return datagrams.flatMap((data) => {
    const list = splitChecked(data)
    return typeof list === 'string' ? [] : list
  })
}
const extack_names = ['', '', 'at', 'cookie', 'policy', 'missing', 'in']
function extack(b: Uint8Array): string {
  const flags = get16(b, 6)
  if ((flags & 0x200) === 0) return ''
  const done = get16(b, 4) === NLMSG_DONE
  const start = done ? 20 : 20 + ((flags & 0x100) !== 0 ? 16 : (get32(b, 20) + 3) & ~3)
  const out: string[] = []
  eachAttr(b, start, b.length, (nr, o) => {
    const payload = b.subarray(o + 4, o + get16(b, o))
    const number = nr === 2 || nr >= 5
    out.push(
      nr === 1 ? `'${getString(payload, 0, payload.length)}'` : `${extack_names[nr] ?? nr}=${number ? get32(payload, 0) : hex(payload)}`,
    )
  })
  return out.join(' ')
}

/** Times, random addresses and counters; states that a kernel's worker sets some time later. */
const volatile =
  /^(IFLA_(ADDRESS|PERM_ADDRESS|STATS|STATS64|OPERSTATE|INFO_XSTATS|INET6_(FLAGS|CACHEINFO|STATS|ICMP6STATS)|CARRIER_\w+|NEW_IFINDEX)|IFA_(CACHEINFO|FLAGS)|IFLA_BR_MCAST_QUERIER_STATE|NDA_CACHEINFO|RTA_CACHEINFO|NDTA_(CONFIG|STATS)|NDTPA_(REACHABLE_TIME|REFCNT)|IFLA_BR_(ROOT|BRIDGE)_ID|\w+_TIMER|IFLA_BRPORT_(STATE|ROOT_ID|BRIDGE_ID|DESIGNATED_\w+)|NHA_RES_GROUP_UNBALANCED_TIME|NHA_RES_BUCKET_IDLE_TIME|IFLA_STATS_LINK_64|BRIDGE_VLANDB_STATS\w*|IFLA_BRPORT_MCAST_N_GROUPS|IFLA_BR_FDB_N_LEARNED|BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS)$/

const IFF_RUNNING = 0x40
const RTNH_F_LINKDOWN = 0x10
const IFA_F_TENTATIVE = 0x40
/** What a link's kind declares for its data. */
export type DataOf = (kind: string, slave: boolean) => AttrSet | undefined
/** One line: type, flags, header and attributes, without what never repeats. */
export function shown(message: Uint8Array, data: DataOf): string {
  const decl = route_protocol.find(get16(message, 4), message)
  const size = decl.struct?.size ?? 0
  const head = message.slice(16, 16 + size)
  if (decl.struct === ifinfomsg) head[8] &= ~IFF_RUNNING
  if (decl.struct === rtmsg) head[8] &= ~RTNH_F_LINKDOWN
  if (decl.struct === ifaddrmsg && head[0] === AF_INET6) head[2] &= ~IFA_F_TENTATIVE
  const attrs = members({ b: message, data }, 16 + ((size + 3) & ~3), message.length, decl.attrs)
  return `${decl.name} ${(get16(message, 6) & ~2).toString(16)} ${hex(head)} ${attrs}`
}
interface Place {
  b: Uint8Array
  data: DataOf
}
function members(place: Place, from: number, to: number, set: AttrSet | undefined): string {
  const { b } = place
  const out: string[] = []
  eachAttr(b, from, to, (nr, o) => {
    const attr = set?.byNr[nr]
    out.push(`${attr?.name ?? `#${nr}`}=${value(place, o + 4, o + get16(b, o), attr, b.subarray(from, to))}`)
  })
  return out.join(' ')
}
function value(place: Place, from: number, to: number, attr: Attr<any> | undefined, siblings: Uint8Array): string {
  if (attr !== undefined && volatile.test(attr.name)) return '*'
  if (attr === MDBA_MDB) return groups(place.b, from, to)
  const set = attr === undefined ? undefined : membersOf(place, attr, siblings)
  return set === undefined ? random(hex(place.b.subarray(from, to))) : `{${members(place, from, to, set)}}`
}
/** Entries of a multicast database, without those that neighbour discovery of the hosts itself makes. */
function groups(b: Uint8Array, from: number, to: number): string {
  const out: string[] = []
  eachAttr(b, from, to, (_entry, o) =>
    eachAttr(b, o + 4, o + get16(b, o), (_info, i) => {
      const info = b.subarray(i + 4, i + get16(b, i))
      if (info[4] === 0 && info[8] === 0xff && info[9] === 2) return
      const more: string[] = []
      eachAttr(
        info,
        28,
        info.length,
        (nr, at) => void more.push(`${nr}=${nr === 1 ? '*' : hex(info.subarray(at + 4, at + get16(info, at)))}`),
      )
      out.push(`${hex(info.subarray(0, 28))}(${more.join(',')})`)
    }),
  )
  return `[${out.sort().join(';')}]`
}
/** Addresses that follow from random ones. */
const random = (text: string) => text.replace(/^fe80.{18}fffe.{6}$/, 'fe80*').replace(/^3333ff.{6}$/, '3333ff*')
function membersOf({ b, data }: Place, attr: Attr<any>, siblings: Uint8Array): AttrSet | undefined {
  const sibling = (nr: number) => {
    let found: Uint8Array | undefined
    eachAttr(siblings, 0, siblings.length, (n, o) => {
      if (n === nr) found = siblings.subarray(o + 4, o + get16(siblings, o))
    })
    return found
  }
  if (attr === IFLA_INFO_DATA || attr === IFLA_INFO_SLAVE_DATA) {
    const slave = attr === IFLA_INFO_SLAVE_DATA
    const kind = sibling((slave ? IFLA_INFO_SLAVE_KIND : IFLA_INFO_KIND).nr)
    return kind && data(getString(kind, 0, kind.length), slave)
  }
  const variant = route_protocol.variant?.(attr, { message: b, decl: route_protocol.find(get16(b, 4), b), sibling })
  if (variant !== undefined) return variant.struct === undefined ? variant.attrs : undefined
  return isNest(attr.type) && !attr.type.list ? attr.type.set() : undefined
}
