/** Requests that mostly succeed: what `ip` sends, with a few more attributes; the state that others then meet. */
import { FRA, FRA_DST, FRA_PRIORITY, FRA_SRC, FRA_TABLE, fib_rule_hdr } from '../../src/uapi/linux/fib_rules.ts'
import { IFA, IFA_ADDRESS, IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import {
  IFLA,
  IFLA_IFNAME,
  IFLA_INFO,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
} from '../../src/uapi/linux/if_link.ts'
import { NDA, NDA_DST, NDA_LLADDR, ndmsg } from '../../src/uapi/linux/neighbour.ts'
import { NHA, NHA_GATEWAY, NHA_GROUP, NHA_ID, NHA_OIF, nhmsg } from '../../src/uapi/linux/nexthop.ts'
import {
  ifinfomsg,
  RTA,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PRIORITY,
  RTA_TABLE,
  rtmsg,
} from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET } from '../../src/uapi/linux/socket.ts'
import { leaf, nest, oneAttr, someAttrs } from './grammar.ts'
import { bridgeRecipes } from './likelyBridge.ts'
import { otherRecipes } from './likelyOther.ts'
import { bytes32, device, family, message, text } from './likelyParts.ts'
import type { AttrTree, MessageTree } from './tree.ts'
import { addressFor, type Context, chance, payloadFor, pick } from './values.ts'
import * as words from './vocabulary.ts'

/** The longest prefix for which the address has no bit behind it, or any. */
function prefixOf(ctx: Context, address: Uint8Array): number {
  if (chance(ctx.random, 0.1)) return pick(ctx.random, address.length === 4 ? words.prefixes4 : words.prefixes6)
  const lengths = address.length === 4 ? [8, 16, 24, 30, 32] : [10, 32, 48, 64, 128]
  const end = address.findLastIndex((b) => b !== 0) + 1
  return pick(ctx.random, lengths.filter((n) => n >= end * 8).concat(address.length * 8))
}

function linkAdd(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const kind = leaf(IFLA_INFO_KIND, text(pick(random, ctx.kinds)))
  const info: AttrTree[] = [kind]
  if (chance(random, 0.5)) info.push(oneAttr(ctx, IFLA_INFO_DATA, info))
  const attrs = [leaf(IFLA_IFNAME, text(pick(random, words.names))), nest(IFLA_LINKINFO, info, chance(random, 0.5) ? 0x8000 : 0)]
  if (chance(random, 0.4)) attrs.push(leaf(IFLA_LINK, bytes32(device(ctx))))
  if (chance(random, 0.2)) attrs.push(leaf(IFLA_MASTER, bytes32(device(ctx))))
  return message(ctx, 'RTM_NEWLINK', ifinfomsg.encode({ ifi_flags: random.below(2), ifi_change: random.below(2) }), attrs, IFLA)
}
function linkSet(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const attrs: AttrTree[] = []
  if (chance(random, 0.3)) attrs.push(leaf(IFLA_MASTER, bytes32(pick(random, [0, 4, 4, 5, 6]))))
  if (chance(random, 0.2)) attrs.push(leaf(IFLA_MTU, bytes32(pick(random, words.mtus))))
  if (chance(random, 0.2)) attrs.push(nest(IFLA_LINKINFO, someAttrs(ctx, IFLA_INFO, 3)))
  const head = ifinfomsg.encode({ ifi_index: device(ctx), ifi_flags: random.below(2), ifi_change: random.below(2) })
  return message(ctx, pick(random, ['RTM_NEWLINK', 'RTM_SETLINK']), head, attrs, IFLA)
}
function linkDelete(ctx: Context): MessageTree {
  ctx.family = 0
  const named = chance(ctx.random, 0.5)
  const attrs = named ? [leaf(IFLA_IFNAME, text(pick(ctx.random, words.names.slice(6))))] : []
  return message(ctx, 'RTM_DELLINK', ifinfomsg.encode({ ifi_index: named ? 0 : pick(ctx.random, [7, 8, 9, 10, 11, 12]) }), attrs, IFLA)
}
function addr(ctx: Context): MessageTree {
  const f = family(ctx)
  const local = addressFor(ctx.random, f)
  const head = ifaddrmsg.encode({
    ifa_family: f,
    ifa_prefixlen: pick(ctx.random, f === AF_INET ? [8, 24, 24, 30, 32] : [64, 64, 128, 48]),
    ifa_index: device(ctx),
    ifa_scope: pick(ctx.random, [0, 0, 0, 253, 254]),
    ifa_flags: pick(ctx.random, [0, 0, 2, 0x40, 0x80]),
  })
  const attrs = [leaf(IFA_LOCAL, local)]
  if (chance(ctx.random, 0.6)) attrs.push(leaf(IFA_ADDRESS, chance(ctx.random, 0.8) ? local : addressFor(ctx.random, f)))
  return message(ctx, pick(ctx.random, ['RTM_NEWADDR', 'RTM_NEWADDR', 'RTM_DELADDR']), head, attrs, IFA)
}
function route(ctx: Context): MessageTree {
  const { random } = ctx
  const f = family(ctx)
  const dst = addressFor(random, f)
  const attrs: AttrTree[] = []
  const plen = prefixOf(ctx, dst)
  if (plen > 0) attrs.push(leaf(RTA_DST, dst))
  const way = random.below(10)
  if (way === 0) attrs.push(leaf(RTA_NH_ID, bytes32(pick(random, words.ids))))
  else if (way === 1) attrs.push(oneAttr(ctx, RTA_MULTIPATH, attrs))
  else {
    if (chance(random, 0.8)) attrs.push(leaf(RTA_OIF, bytes32(device(ctx))))
    if (chance(random, 0.5)) attrs.push(leaf(RTA_GATEWAY, addressFor(random, f)))
  }
  if (chance(random, 0.3)) attrs.push(leaf(RTA_PRIORITY, bytes32(pick(random, words.priorities))))
  if (chance(random, 0.2)) attrs.push(leaf(RTA_TABLE, bytes32(pick(random, words.tables))))
  const head = rtmsg.encode({
    rtm_family: f,
    rtm_dst_len: plen,
    rtm_table: pick(random, [254, 254, 0, 100, 255]),
    rtm_protocol: pick(random, [3, 3, 4, 2, 0]),
    rtm_scope: pick(random, [0, 0, 253, 254]),
    rtm_type: pick(random, [1, 1, 1, 1, 2, 6, 7, 8, 9, 0]),
    rtm_tos: pick(random, [0, 0, 0, 8]),
    rtm_flags: pick(random, [0, 0, 0, 4]),
  })
  return message(ctx, pick(random, ['RTM_NEWROUTE', 'RTM_NEWROUTE', 'RTM_NEWROUTE', 'RTM_DELROUTE']), head, attrs, RTA)
}
function routeGet(ctx: Context): MessageTree {
  const f = family(ctx)
  const head = rtmsg.encode({
    rtm_family: f,
    rtm_dst_len: f === AF_INET ? 32 : 128,
    rtm_flags: pick(ctx.random, [0, 0x1000, 0x2000, 0x100]),
  })
  const m = message(ctx, 'RTM_GETROUTE', head, [leaf(RTA_DST, addressFor(ctx.random, f))], RTA)
  m.flags &= ~0x300
  return m
}
function rule(ctx: Context): MessageTree {
  const { random } = ctx
  const f = family(ctx)
  const attrs: AttrTree[] = []
  const src = addressFor(random, f)
  const dst = addressFor(random, f)
  const from = chance(random, 0.4)
  const to = chance(random, 0.4)
  if (from) attrs.push(leaf(FRA_SRC, src))
  if (to) attrs.push(leaf(FRA_DST, dst))
  if (chance(random, 0.6)) attrs.push(leaf(FRA_PRIORITY, bytes32(pick(random, words.priorities))))
  if (chance(random, 0.3)) attrs.push(leaf(FRA_TABLE, bytes32(pick(random, words.tables))))
  if (chance(random, 0.5)) attrs.push(...someAttrs(ctx, FRA, 2))
  const head = fib_rule_hdr.encode({
    family: f,
    src_len: from ? prefixOf(ctx, src) : 0,
    dst_len: to ? prefixOf(ctx, dst) : 0,
    table: pick(random, [254, 100, 0, 255]),
    action: pick(random, [1, 1, 1, 1, 2, 3, 6, 7, 8, 0]),
    tos: pick(random, [0, 0, 0, 8, 3]),
    flags: pick(random, [0, 0, 0, 2]),
  })
  return message(ctx, pick(random, ['RTM_NEWRULE', 'RTM_NEWRULE', 'RTM_DELRULE']), head, attrs, FRA)
}
function neigh(ctx: Context): MessageTree {
  const { random } = ctx
  const f = chance(random, 0.3) ? (ctx.family = AF_BRIDGE) : family(ctx)
  const attrs = [leaf(NDA_LLADDR, payloadFor(ctx, NDA_LLADDR))]
  if (f !== AF_BRIDGE || chance(random, 0.2)) attrs.push(leaf(NDA_DST, addressFor(random, f)))
  const head = ndmsg.encode({
    ndm_family: f,
    ndm_ifindex: device(ctx),
    ndm_state: pick(random, [0, 2, 4, 0x40, 0x80, 0x80]),
    ndm_flags: pick(random, [0, 0, 0, 1, 2, 4, 8, 0x10, 0x80]),
  })
  return message(ctx, pick(random, ['RTM_NEWNEIGH', 'RTM_NEWNEIGH', 'RTM_DELNEIGH', 'RTM_GETNEIGH']), head, attrs, NDA)
}
function nexthop(ctx: Context): MessageTree {
  const { random } = ctx
  const f = family(ctx)
  const attrs = [leaf(NHA_ID, bytes32(pick(random, words.ids)))]
  const group = chance(random, 0.25)
  if (group) attrs.push(oneAttr(ctx, NHA_GROUP, attrs))
  else {
    if (chance(random, 0.8)) attrs.push(leaf(NHA_OIF, bytes32(device(ctx))))
    if (chance(random, 0.6)) attrs.push(leaf(NHA_GATEWAY, addressFor(random, f)))
  }
  const head = nhmsg.encode({ nh_family: group ? 0 : f, nh_protocol: pick(random, [0, 3, 4]), nh_flags: pick(random, [0, 0, 0, 4]) })
  const m = message(
    ctx,
    pick(random, ['RTM_NEWNEXTHOP', 'RTM_NEWNEXTHOP', 'RTM_NEWNEXTHOP', 'RTM_DELNEXTHOP', 'RTM_GETNEXTHOP']),
    head,
    attrs,
    NHA,
  )
  if (m.name !== 'RTM_NEWNEXTHOP') m.head = nhmsg.encode({})
  if (m.name !== 'RTM_NEWNEXTHOP' && chance(random, 0.7)) m.attrs = m.attrs.slice(0, 1)
  return m
}

export const recipes = {
  linkAdd,
  linkSet,
  linkDelete,
  addr,
  route,
  routeGet,
  rule,
  neigh,
  nexthop,
  ...bridgeRecipes,
  ...otherRecipes,
} as const
export type Recipe = keyof typeof recipes
export function likely(ctx: Context, among: readonly Recipe[]): MessageTree {
  return recipes[pick(ctx.random, among)](ctx)
}
