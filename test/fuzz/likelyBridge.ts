/** Requests about bridges that mostly succeed: ports, VLANs, multicast groups, forwarding entries. */
import type { Attr } from '../../src/lib/attrs.ts'
import { put16, put32, putBe16 } from '../../src/lib/bytes.ts'
import * as B from '../../src/uapi/linux/if_bridge.ts'
import {
  IFLA,
  IFLA_AF_SPEC,
  IFLA_BRPORT,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  IFLA_PROTINFO,
} from '../../src/uapi/linux/if_link.ts'
import * as N from '../../src/uapi/linux/neighbour.ts'
import { ifinfomsg } from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE } from '../../src/uapi/linux/socket.ts'
import { leaf, nest, oneAttr, someAttrs } from './grammar.ts'
import { bytes32, message, text } from './likelyParts.ts'
import type { AttrTree, MessageTree } from './tree.ts'
import { addressFor, type Context, chance, pick } from './values.ts'
import * as words from './vocabulary.ts'

const vids = [1, 1, 2, 5, 10, 11, 20, 4094]
const odd_vids = [0, 4095, 4096, 65535]
const vid = (ctx: Context) => (chance(ctx.random, 0.93) ? pick(ctx.random, vids) : pick(ctx.random, odd_vids))
const port = (ctx: Context) => pick(ctx.random, [2, 2, 2, 4, 4, 3, 5, 6, 99, 0])
const bytes16 = (value: number) => {
  const b = new Uint8Array(2)
  put16(b, 0, value & 0xffff)
  return b
}
const byte = (value: number) => Uint8Array.of(value)
const small = (ctx: Context, attr: Attr<any>): AttrTree =>
  leaf(
    attr,
    attr.type.size === 1
      ? byte(pick(ctx.random, [0, 1, 1, 2, 3, 4, 5]))
      : new Uint8Array((oneAttr(ctx, attr, []).body as Uint8Array).slice()),
  )

function portAttrs(ctx: Context): AttrTree[] {
  const known = IFLA_BRPORT.byNr.filter((a) => a !== undefined) as Attr<any>[]
  return Array.from({ length: 1 + ctx.random.below(4) }, () => small(ctx, pick(ctx.random, known)))
}
/** Settings of a port, in either of the two places. */
function bridgePort(ctx: Context): MessageTree {
  const { random } = ctx
  const old = chance(random, 0.5)
  ctx.family = old ? AF_BRIDGE : 0
  const head = ifinfomsg.encode({ ifi_family: ctx.family, ifi_index: port(ctx) })
  if (old) {
    const attrs = [chance(random, 0.9) ? nest(IFLA_PROTINFO, portAttrs(ctx)) : leaf(IFLA_PROTINFO, byte(random.below(6)))]
    if (chance(random, 0.2)) attrs.push(nest(IFLA_AF_SPEC, someAttrs(ctx, B.IFLA_BRIDGE, 2)))
    return message(ctx, pick(random, ['RTM_SETLINK', 'RTM_SETLINK', 'RTM_DELLINK']), head, attrs, IFLA)
  }
  const info = [leaf(IFLA_INFO_SLAVE_KIND, text('bridge')), nest(IFLA_INFO_SLAVE_DATA, portAttrs(ctx))]
  return message(ctx, pick(random, ['RTM_NEWLINK', 'RTM_SETLINK']), head, [nest(IFLA_LINKINFO, info)], IFLA)
}
function bridgeSet(ctx: Context): MessageTree {
  ctx.family = 0
  const kind = leaf(IFLA_INFO_KIND, text('bridge'))
  const data = oneAttr(ctx, IFLA_INFO_DATA, [kind])
  if (chance(ctx.random, 0.4) && !(data.body instanceof Uint8Array))
    data.body.push({ nr: 7, name: 'IFLA_BR_VLAN_FILTERING', flags: 0, body: byte(1) })
  return message(ctx, 'RTM_NEWLINK', ifinfomsg.encode({ ifi_index: 4 }), [nest(IFLA_LINKINFO, [kind, data])], IFLA)
}
function vlanInfo(attr: Attr<any>, flags: number, id: number): AttrTree {
  return leaf(attr, B.bridge_vlan_info.encode({ flags, vid: id }))
}
const vlanFlags = (ctx: Context) => pick(ctx.random, [0, 0, 2, 4, 6, 6, 0x20, 0x40, 1])
/** `bridge vlan add/del`: single ones, ranges, ranges of tunnels, MST states. */
function vlanSpec(ctx: Context): AttrTree[] {
  const { random } = ctx
  const out: AttrTree[] = []
  if (chance(random, 0.3)) out.push(leaf(B.IFLA_BRIDGE_FLAGS, bytes16(pick(random, [1, 2, 2, 3]))))
  if (chance(random, 0.05)) out.push(leaf(B.IFLA_BRIDGE_MODE, bytes16(random.below(3))))
  const way = random.below(10)
  const flags = vlanFlags(ctx)
  if (way < 5) out.push(vlanInfo(B.IFLA_BRIDGE_VLAN_INFO, flags, vid(ctx)))
  else if (way < 8) {
    out.push(vlanInfo(B.IFLA_BRIDGE_VLAN_INFO, 8 | flags, vid(ctx)))
    if (chance(random, 0.9)) out.push(vlanInfo(B.IFLA_BRIDGE_VLAN_INFO, 16 | flags, vid(ctx)))
  } else if (way === 8) for (const f of pick(random, [[0], [8, 16], [8], [16, 8]])) out.push(tunnelInfo(ctx, f))
  else out.push(mst(ctx))
  return out
}
function tunnelInfo(ctx: Context, flags: number): AttrTree {
  const list = [leaf(B.IFLA_BRIDGE_VLAN_TUNNEL_ID, bytes32(pick(ctx.random, [1, 10, 100, 1000, 0xffffff, 0x1000000])))]
  list.push(leaf(B.IFLA_BRIDGE_VLAN_TUNNEL_VID, bytes16(vid(ctx))))
  if (flags !== 0) list.push(leaf(B.IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, bytes16(flags)))
  return nest(B.IFLA_BRIDGE_VLAN_TUNNEL_INFO, list)
}
function mst(ctx: Context): AttrTree {
  const { random } = ctx
  const entry: AttrTree[] = []
  if (chance(random, 0.9)) entry.push(leaf(B.IFLA_BRIDGE_MST_ENTRY_MSTI, bytes16(pick(random, [0, 1, 2, 4094, 4095]))))
  if (chance(random, 0.9)) entry.push(leaf(B.IFLA_BRIDGE_MST_ENTRY_STATE, byte(random.below(6))))
  return nest(B.IFLA_BRIDGE_MST, [nest(B.IFLA_BRIDGE_MST_ENTRY, entry)])
}
function vlanOld(ctx: Context): MessageTree {
  ctx.family = AF_BRIDGE
  const head = ifinfomsg.encode({ ifi_family: AF_BRIDGE, ifi_index: port(ctx) })
  return message(ctx, pick(ctx.random, ['RTM_SETLINK', 'RTM_SETLINK', 'RTM_DELLINK']), head, [nest(IFLA_AF_SPEC, vlanSpec(ctx))], IFLA)
}
/** RTM_*VLAN: entries with options, and the options of a bridge's VLANs. */
function vlanDb(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = AF_BRIDGE
  const name = pick(random, ['RTM_NEWVLAN', 'RTM_NEWVLAN', 'RTM_NEWVLAN', 'RTM_DELVLAN', 'RTM_GETVLAN'])
  const head = B.br_vlan_msg.encode({ family: AF_BRIDGE, ifindex: port(ctx) })
  if (name === 'RTM_GETVLAN') {
    const flags = chance(random, 0.6) ? [leaf(B.BRIDGE_VLANDB_DUMP_FLAGS, bytes32(random.below(4)))] : []
    return message(
      ctx,
      name,
      B.br_vlan_msg.encode({ family: AF_BRIDGE, ifindex: pick(random, [0, 2, 4, 99]) }),
      flags,
      B.BRIDGE_VLANDB_DUMP,
    )
  }
  const global = chance(random, 0.3)
  const entries = Array.from({ length: chance(random, 0.8) ? 1 : 2 }, () => (global ? globalEntry(ctx) : vlanEntry(ctx)))
  return message(ctx, name, head, entries, B.BRIDGE_VLANDB)
}
function vlanEntry(ctx: Context): AttrTree {
  const { random } = ctx
  const flags = pick(random, [0, 0, 2, 4, 6, 0x20, 0x40, 0x40, 8])
  const list = [vlanInfo(B.BRIDGE_VLANDB_ENTRY_INFO, flags, vid(ctx))]
  if (chance(random, 0.3)) list.push(leaf(B.BRIDGE_VLANDB_ENTRY_RANGE, bytes16(vid(ctx))))
  if (chance(random, 0.6)) list.push(...usual(ctx, B.BRIDGE_VLANDB_ENTRY_SET.byNr, 3))
  return nest(B.BRIDGE_VLANDB_ENTRY, list)
}
function globalEntry(ctx: Context): AttrTree {
  const list = [leaf(B.BRIDGE_VLANDB_GOPTS_ID, bytes16(vid(ctx)))]
  if (chance(ctx.random, 0.3)) list.push(leaf(B.BRIDGE_VLANDB_GOPTS_RANGE, bytes16(vid(ctx))))
  list.push(...usual(ctx, B.BRIDGE_VLANDB_GOPTS.byNr, 3))
  return nest(B.BRIDGE_VLANDB_GLOBAL_OPTIONS, list)
}
function usual(ctx: Context, byNr: readonly (Attr<any> | undefined)[], most: number): AttrTree[] {
  const known = byNr.slice(3).filter((a) => a !== undefined) as Attr<any>[]
  return Array.from({ length: 1 + ctx.random.below(most) }, () => {
    const attr = pick(ctx.random, known)
    return attr.type.size === undefined ? oneAttr(ctx, attr, []) : small(ctx, attr)
  })
}

const groups4 = ['e1000001', 'e1000002', 'e8000001', 'e0000001', '0a000001', '00000000']
const groups6 = ['ff0e0000000000000000000000000001', 'ff020000000000000000000000000001', '20010db8000000000000000000000001']
const groupsMac = ['01005e010101', '333300000101', '020000000001', '0180c2000000']
function mdbEntry(ctx: Context): { entry: Uint8Array; six: boolean } {
  const { random } = ctx
  const way = random.below(8)
  const [proto, list] = way < 5 ? ([0x800, groups4] as const) : way < 7 ? ([0x86dd, groups6] as const) : ([0, groupsMac] as const)
  const entry = new Uint8Array(28)
  put32(entry, 0, pick(random, [2, 2, 2, 4, 4, 3, 0, 99]))
  entry[4] = pick(random, [0, 0, 1, 1, 1, 2])
  if (chance(random, 0.03)) entry[5] = 1 << random.below(5)
  put16(entry, 6, chance(random, 0.6) ? 0 : vid(ctx))
  entry.set(Buffer.from(pick(random, chance(random, 0.85) ? list.slice(0, 3) : list), 'hex'), 8)
  putBe16(entry, 24, chance(random, 0.98) ? proto : 0x806)
  return { entry, six: proto === 0x86dd }
}
function mdb(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = AF_BRIDGE
  const name = pick(random, ['RTM_NEWMDB', 'RTM_NEWMDB', 'RTM_NEWMDB', 'RTM_DELMDB', 'RTM_GETMDB'])
  const index = pick(random, [4, 4, 4, 4, 2, 5, 0, 99])
  const head = B.br_port_msg.encode({ family: AF_BRIDGE, ifindex: index })
  const { entry, six } = mdbEntry(ctx)
  const [first, second] = name === 'RTM_GETMDB' ? [B.MDBA_GET_ENTRY, B.MDBA_GET_ENTRY_ATTRS] : [B.MDBA_SET_ENTRY, B.MDBA_SET_ENTRY_ATTRS]
  const attrs = chance(random, 0.95) ? [leaf(first, entry)] : []
  if (chance(random, 0.45)) attrs.push(nest(second, mdbAttrs(ctx, six)))
  const m = message(ctx, name, head, attrs, name === 'RTM_GETMDB' ? B.MDBA_GET : B.MDBA_SET)
  if (name === 'RTM_GETMDB') m.flags &= chance(random, 0.7) ? ~0x300 : ~0
  if (name === 'RTM_DELMDB') m.flags = (m.flags & ~0x200) | (chance(random, 0.2) ? 0x200 : 0)
  return m
}
const sources4 = ['0a000001', '0a000002', 'c0a80001', 'e1000001', '00000000']
const sources6 = ['20010db8000000000000000000000001', 'fe800000000000000000000000000001', 'ff020000000000000000000000000001']
function mdbAttrs(ctx: Context, six: boolean): AttrTree[] {
  const { random } = ctx
  const source = () => new Uint8Array(Buffer.from(pick(random, chance(random, 0.95) === six ? sources6 : sources4), 'hex'))
  const out: AttrTree[] = []
  if (chance(random, 0.3)) out.push(leaf(B.MDBE_ATTR_SOURCE, source()))
  if (chance(random, 0.3)) {
    const list = Array.from({ length: 1 + random.below(3) }, () => nest(B.MDBE_SRC_LIST_ENTRY, [leaf(B.MDBE_SRCATTR_ADDRESS, source())]))
    out.push(nest(B.MDBE_ATTR_SRC_LIST, list))
  }
  if (chance(random, 0.4)) out.push(leaf(B.MDBE_ATTR_GROUP_MODE, byte(random.below(3))))
  if (chance(random, 0.3)) out.push(leaf(B.MDBE_ATTR_RTPROT, byte(pick(random, [0, 3, 4, 186]))))
  if (chance(random, 0.1)) out.push(leaf(B.MDBE_ATTR_STATE_MASK, byte(random.below(3))))
  if (chance(random, 0.15)) out.push(leaf(B.MDBE_ATTR_IFINDEX, bytes32(port(ctx))))
  if (chance(random, 0.15)) out.push(...someAttrs(ctx, B.MDBE_ATTR, 2))
  return out
}

/** Forwarding entries: of a bridge, of its ports, of a VXLAN; flushes. */
function fdb(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = AF_BRIDGE
  const name = pick(random, ['RTM_NEWNEIGH', 'RTM_NEWNEIGH', 'RTM_NEWNEIGH', 'RTM_DELNEIGH', 'RTM_DELNEIGH', 'RTM_GETNEIGH'])
  const index = pick(random, [2, 2, 2, 4, 4, 5, 5, 3, 7, 0, 99])
  const head = N.ndmsg.encode({
    ndm_family: AF_BRIDGE,
    ndm_ifindex: index,
    ndm_state: pick(random, [0, 2, 2, 4, 0x40, 0x40, 0x80, 0x80, 0xc0, 1]),
    ndm_flags: pick(random, [0, 0, 2, 2, 4, 4, 6, 8, 0x10, 0x14, 0x20, 0x24, 0x80]),
  })
  const attrs = chance(random, 0.9) ? [leaf(N.NDA_LLADDR, pick(random, words.lladdrs.slice(0, 5)))] : []
  if (chance(random, 0.3)) attrs.push(leaf(N.NDA_VLAN, bytes16(vid(ctx))))
  if (chance(random, index === 5 ? 0.7 : 0.1)) attrs.push(leaf(N.NDA_DST, addressFor(random, pick(random, [2, 2, 10]))))
  for (const a of [N.NDA_VNI, N.NDA_SRC_VNI, N.NDA_PORT, N.NDA_IFINDEX, N.NDA_NH_ID, N.NDA_MASTER, N.NDA_FLAGS_EXT, N.NDA_PROTOCOL])
    if (chance(random, 0.06)) attrs.push(oneAttr(ctx, a, attrs))
  if (chance(random, 0.05)) attrs.push(nest(N.NDA_FDB_EXT_ATTRS, someAttrs(ctx, N.NFEA, 2)))
  const m = message(ctx, name, head, attrs, N.NDA)
  if (name === 'RTM_DELNEIGH' && chance(random, 0.4)) flush(ctx, m)
  return m
}
function flush(ctx: Context, m: MessageTree): void {
  const { random } = ctx
  m.flags |= 0x200
  m.attrs = m.attrs.filter((a) => a.nr !== N.NDA_LLADDR.nr)
  if (chance(random, 0.3)) m.attrs.push(leaf(N.NDA_NDM_STATE_MASK, bytes16(pick(random, [0x80, 0x40, 0xc0, 2, 0xffff]))))
  if (chance(random, 0.3)) m.attrs.push(leaf(N.NDA_NDM_FLAGS_MASK, byte(pick(random, [2, 4, 0x10, 0x20, 0xff]))))
}

export const bridgeRecipes = { bridgePort, bridgeSet, vlanOld, vlanDb, mdb, fdb } as const
