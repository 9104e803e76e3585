/** Routes and rules on an Ipv6Host, as requests and as lines. */
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getS32 } from '../../../src/lib/bytes.ts'
import { ipv6Text } from '../../../src/lib/types.ts'
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, concat, type Message, nla, parseAck } from '../core/rtnetlink_client.ts'
import { in6, Ipv6Host } from './ipv6Host.ts'

export const NLM_F_APPEND = 0x800
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const ADD = NLM_F_CREATE | NLM_F_EXCL

export interface Hop {
  via?: string
  dev?: number
  weight?: number
}
export interface Route extends Hop {
  from?: string
  src?: string
  metric?: number
  type?: number
  table?: number
  protocol?: number
  flags?: number
  expires?: number
  hops?: Hop[]
  nhid?: number
  mtu?: number
}

function prefix(text: string): { addr: Uint8Array; length: number } {
  const [addr, length = '128'] = text.split('/')
  return { addr: in6(addr), length: Number(length) }
}
function hop({ via, dev, weight }: Hop): Uint8Array {
  const gateway = via === undefined ? new Uint8Array(0) : nla(5, in6(via))
  const head = new Uint8Array(8)
  head[0] = 8 + gateway.length
  head[3] = (weight ?? 1) - 1
  head[4] = dev ?? 0
  return concat(head, gateway)
}
export function routeBody(dst: string, r: Route): Uint8Array {
  const to = prefix(dst)
  const from = r.from === undefined ? undefined : prefix(r.from)
  const header = rtmsg.encode({
    rtm_family: 10,
    rtm_dst_len: to.length,
    rtm_src_len: from?.length ?? 0,
    rtm_table: r.table ?? 254,
    rtm_protocol: r.protocol ?? 3,
    rtm_type: r.type ?? 1,
    rtm_flags: r.flags ?? 0,
  })
  const parts = [header]
  if (to.length > 0) parts.push(nla(1, to.addr))
  if (from !== undefined) parts.push(nla(2, from.addr))
  if (r.dev !== undefined) parts.push(nla(4, r.dev))
  if (r.via !== undefined) parts.push(nla(5, in6(r.via)))
  if (r.metric !== undefined) parts.push(nla(6, r.metric))
  if (r.src !== undefined) parts.push(nla(7, in6(r.src)))
  if (r.mtu !== undefined) parts.push(nla(8, nla(2, r.mtu)))
  if (r.hops !== undefined) parts.push(nla(9, concat(...r.hops.map(hop))))
  if (r.expires !== undefined) parts.push(nla(23, r.expires))
  if (r.nhid !== undefined) parts.push(nla(30, r.nhid))
  return concat(...parts)
}

const types = ['', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw']
function flagText(flags: number): string {
  return (flags & 1 ? ' dead' : '') + (flags & 16 ? ' linkdown' : '') + (flags & 4 ? ' onlink' : '')
}
function hopsText(b: Uint8Array, start: number, end: number): string {
  let out = ''
  for (let o = start; o < end; o += (get16(b, o) + 3) & ~3) {
    let via = ''
    eachAttr(b, o + 8, o + get16(b, o), (nr, at) => {
      if (nr === 5) via = ` via ${ipv6Text(b.slice(at + 4, at + 20))}`
    })
    out += ` [${get32(b, o + 4)}${via} weight ${b[o + 3] + 1}${flagText(b[o + 2])}]`
  }
  return out
}
/** `unicast 2001:db8::/64 from … via … dev 2 src … metric 256 table 100 expires dead`, then nlmsg_flags if they say something. */
export function routeText(m: Message): string {
  const b = m.bytes
  const at = new Map<number, number>()
  eachAttr(b, 28, b.length, (nr, o) => at.set(nr, o))
  const addr = (nr: number) => (at.has(nr) ? ipv6Text(b.slice((at.get(nr) as number) + 4, (at.get(nr) as number) + 20)) : '::')
  const u32 = (nr: number) => get32(b, (at.get(nr) as number) + 4)
  const multipath = at.get(9)
  return [
    `${types[b[23]]} ${addr(1)}/${b[17]}`,
    b[18] === 0 ? '' : ` from ${addr(2)}/${b[18]}`,
    at.has(30) ? ` nhid ${u32(30)}` : '',
    at.has(5) ? ` via ${addr(5)}` : '',
    at.has(4) ? ` dev ${u32(4)}` : '',
    at.has(7) ? ` src ${addr(7)}` : '',
    ` metric ${u32(6)}`,
    u32(15) === 254 ? '' : ` table ${u32(15)}`,
    multipath === undefined ? '' : hopsText(b, multipath + 4, multipath + get16(b, multipath)),
    flagText(get32(b, 24)),
    getS32(b, (at.get(12) as number) + 12) === 0 ? '' : ` expires ${getS32(b, (at.get(12) as number) + 12)}`,
  ].join('')
}

export class RouteHost extends Ipv6Host {
  route(flags: number, dst: string, r: Route): Ack {
    return this.client.ack(RTM_NEWROUTE, flags, routeBody(dst, r))
  }
  unroute(dst: string, r: Route = {}): Ack {
    return this.client.ack(RTM_DELROUTE, 0, routeBody(dst, { type: 0, protocol: 0, ...r }))
  }
  /** What was told of routes: `+0x600 unicast …`, `-0x0 …`. */
  told(): string[] {
    const list = this.monitor.receive().filter((m) => m.type === RTM_NEWROUTE || m.type === RTM_DELROUTE)
    return list.map((m) => `${m.type === RTM_DELROUTE ? '-' : '+'}0x${m.flags.toString(16)} ${routeText(m)}`)
  }
  /** A dump: all tables, or as the header and attributes ask. */
  routes(header: Parameters<typeof rtmsg.encode>[0] = {}, ...attributes: Uint8Array[]): string[] {
    const body = concat(rtmsg.encode({ rtm_family: 10, ...header }), ...attributes)
    return this.client
      .request(RTM_GETROUTE, 0x301, body)
      .filter((m) => m.type === RTM_NEWROUTE)
      .map(routeText)
  }
  /** Those of the main table that were asked for (not the kernel's own). */
  own(): string[] {
    return this.routes({ rtm_table: 254, rtm_protocol: 3 })
  }
  /** One destination: its line, or the errno. */
  get(dst: string, ...attributes: Uint8Array[]): string | number {
    const header = rtmsg.encode({ rtm_family: 10, rtm_dst_len: 128, rtm_src_len: attributes.some((a) => a[2] === 2) ? 128 : 0 })
    const [answer] = this.client.request(RTM_GETROUTE, 1, concat(header, nla(1, in6(dst)), ...attributes))
    return answer.type === RTM_NEWROUTE ? routeText(answer) : parseAck(answer).error
  }
}
