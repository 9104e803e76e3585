/** Messages from the declarations in src/uapi: a header and a random choice of the attributes that it may carry. */
import { type Attr, type AttrSet, isNest } from '../../src/lib/attrs.ts'
import { put16, put32 } from '../../src/lib/bytes.ts'
import type { Struct } from '../../src/lib/struct.ts'
import { route_protocol } from '../../src/uapi/messages.ts'
import { IFLA_BRIDGE } from '../../src/uapi/linux/if_bridge.ts'
import { MDBA_SET } from '../../src/uapi/linux/if_bridge.ts'
import {
  IFLA,
  IFLA_AF_SPEC,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  VETH_INFO_PEER,
} from '../../src/uapi/linux/if_link.ts'
import { NETLINK_ROUTE } from '../../src/uapi/linux/netlink.ts'
import * as rtnetlink from '../../src/uapi/linux/rtnetlink.ts'
import { ifinfomsg, RTA, RTA_ENCAP, RTA_MULTIPATH, rtnexthop } from '../../src/uapi/linux/rtnetlink.ts'
import { LWTUNNEL_IP } from '../../src/uapi/linux/lwtunnel.ts'
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import type { AttrTree, MessageTree } from './tree.ts'
import { type Context, chance, headFor, payloadFor, pick } from './values.ts'

export const NLM_F_REQUEST = 1
export const NLM_F_ACK = 4

/** Request types by name: RTM_NEWLINK → 16 … */
export const requestTypes: readonly (readonly [string, number])[] = Object.entries(rtnetlink).flatMap(([name, type]) =>
  /^RTM_(NEW|DEL|GET|SET)[A-Z]+$/.test(name) && typeof type === 'number' ? [[name, type] as const] : [],
)
const families = [0, 0, 0, AF_INET, AF_INET, AF_INET, AF_INET6, AF_INET6, AF_BRIDGE, 28, 128, 129, 255]

export function leaf(attr: Attr<any>, body: Uint8Array): AttrTree {
  return { nr: attr.nr, name: attr.name, flags: 0, body }
}
export function nest(attr: Attr<any>, body: AttrTree[], flags = 0x8000): AttrTree {
  return { nr: attr.nr, name: attr.name, flags, body }
}

/** Some of the set's attributes, at most `most`. */
export function someAttrs(ctx: Context, set: AttrSet, most: number, depth = 0): AttrTree[] {
  const known = set.byNr.filter((a) => a !== undefined)
  const out: AttrTree[] = []
  if (known.length === 0 || depth > 4) return out
  for (let n = ctx.random.below(most + 1); n > 0; n--) out.push(oneAttr(ctx, pick(ctx.random, known) as Attr<any>, out, depth))
  return out
}

export function oneAttr(ctx: Context, attr: Attr<any>, siblings: readonly AttrTree[], depth = 0): AttrTree {
  const { random } = ctx
  if (attr === RTA_MULTIPATH) return { ...leaf(attr, new Uint8Array(0)), hops: hopsFor(ctx, depth) }
  if (attr === VETH_INFO_PEER) {
    return { ...leaf(attr, new Uint8Array(0)), head: headFor(ctx, ifinfomsg), body: someAttrs(ctx, IFLA, 3, depth + 1) }
  }
  const set = setOf(ctx, attr, siblings)
  if (set === undefined) return leaf(attr, payloadFor(ctx, attr))
  const members = someAttrs(ctx, set, 4, depth + 1)
  const list = isNest(attr.type) && attr.type.list
  const body = list ? members.map((m, i) => ({ nr: i + 1, name: `[${i + 1}]`, flags: 0x8000, body: [m] })) : members
  return nest(attr, body, chance(random, 0.6) ? 0x8000 : 0)
}
/** What the members of a nest are of; some depend on their siblings or on the header. */
function setOf(ctx: Context, attr: Attr<any>, siblings: readonly AttrTree[]): AttrSet | undefined {
  if (attr === IFLA_INFO_DATA || attr === IFLA_INFO_SLAVE_DATA) {
    const slave = attr === IFLA_INFO_SLAVE_DATA
    const named = siblings.find((s) => s.nr === (slave ? IFLA_INFO_SLAVE_KIND : IFLA_INFO_KIND).nr)?.body
    const kind = named instanceof Uint8Array ? Buffer.from(named).toString('latin1').replace(/\0.*/, '') : pick(ctx.random, ctx.kinds)
    return ctx.data(kind, slave)
  }
  if (attr === IFLA_AF_SPEC && ctx.family === AF_BRIDGE) return IFLA_BRIDGE
  if (attr === RTA_ENCAP || attr.name === 'NHA_ENCAP') return LWTUNNEL_IP
  return isNest(attr.type) ? attr.type.set() : undefined
}
function hopsFor(ctx: Context, depth: number): { head: Uint8Array; attrs: AttrTree[] }[] {
  return Array.from({ length: ctx.random.below(4) }, () => {
    const head = new Uint8Array(rtnexthop.size)
    head[2] = pick(ctx.random, [0, 0, 0, 4, 1, 16])
    head[3] = pick(ctx.random, [0, 0, 1, 9, 255])
    put32(head, 4, pick(ctx.random, [0, 1, 2, 3, 4, 5, 99]))
    const members = RTA.byNr.filter((a) => a !== undefined && /GATEWAY|VIA|FLOW|ENCAP/.test(a.name)) as Attr<any>[]
    return { head, attrs: Array.from({ length: ctx.random.below(3) }, () => oneAttr(ctx, pick(ctx.random, members), [], depth + 1)) }
  })
}

/** A request of one type: by its declaration. */
export function declared(ctx: Context, name: string, type: number): MessageTree {
  ctx.family = pick(ctx.random, families)
  const probe = new Uint8Array(20)
  put16(probe, 6, NLM_F_REQUEST)
  const decl = route_protocol.find(type, probe)
  const struct: Struct<any> | undefined = decl.struct
  const attrs = /^RTM_(NEW|DEL)MDB$/.test(name) ? MDBA_SET : decl.attrs
  return {
    protocol: NETLINK_ROUTE,
    name,
    type,
    flags: flagsFor(ctx, name),
    head: struct === undefined ? Uint8Array.of(ctx.family) : headFor(ctx, struct),
    attrs: attrs === undefined ? [] : someAttrs(ctx, attrs, 5),
  }
}
export function flagsFor({ random }: Context, name: string): number {
  let flags = NLM_F_REQUEST | (chance(random, 0.95) ? NLM_F_ACK : 0) | (chance(random, 0.1) ? 8 : 0)
  if (name.startsWith('RTM_GET')) return flags | (chance(random, 0.5) ? 0x300 : 0)
  if (name.startsWith('RTM_DEL')) return flags | (chance(random, 0.1) ? 0x200 : 0)
  if (chance(random, 0.85)) flags |= 0x400
  if (chance(random, 0.4)) flags |= 0x200
  if (chance(random, 0.2)) flags |= 0x100
  if (chance(random, 0.15)) flags |= 0x800
  return flags
}
