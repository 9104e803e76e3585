/** Requests that mostly succeed about what `ip` shows beside the big five: groups of next hops, statistics, tables, labels, dumps. */
import { put16, put32 } from '../../src/lib/bytes.ts'
import { FRA, fib_rule_hdr } from '../../src/uapi/linux/fib_rules.ts'
import { IFA, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { IFAL, IFAL_ADDRESS, IFAL_LABEL, ifaddrlblmsg } from '../../src/uapi/linux/if_addrlabel.ts'
import * as L from '../../src/uapi/linux/if_link.ts'
import * as N from '../../src/uapi/linux/neighbour.ts'
import { NETNSA, NETNSA_FD, NETNSA_NSID, NETNSA_PID } from '../../src/uapi/linux/net_namespace.ts'
import { NETCONFA, NETCONFA_IFINDEX, netconfmsg } from '../../src/uapi/linux/netconf.ts'
import * as H from '../../src/uapi/linux/nexthop.ts'
import { ifinfomsg, RTA, RTA_OIF, RTA_TABLE, rtgenmsg, rtmsg } from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import { leaf, nest, oneAttr, someAttrs } from './grammar.ts'
import { bytes32, device, family, message, text } from './likelyParts.ts'
import type { AttrTree, MessageTree } from './tree.ts'
import { addressFor, type Context, chance, numberFor, payloadFor, pick } from './values.ts'
import * as words from './vocabulary.ts'

const sized = (size: number, value: number): Uint8Array => {
  const b = new Uint8Array(size)
  if (size === 1) b[0] = value
  else if (size === 2) put16(b, 0, value & 0xffff)
  else put32(b, 0, value >>> 0)
  return b
}
const raw = (nr: number, body: Uint8Array): AttrTree => ({ nr, name: `#${nr}`, flags: 0, body })

/** The attributes without which a kind is refused: number, size and values. */
const needed: Record<string, readonly (readonly [number, number, readonly number[]])[]> = {
  vlan: [[1, 2, [1, 5, 10, 4094, 4095]]],
  vxlan: [[1, 4, [1, 100, 100, 101, 0xffffff]]],
  vrf: [[1, 4, [1, 100, 254, 1000, 0]]],
  geneve: [
    [1, 4, [1, 100, 0xffffff]],
    [2, 4, [0x0100000a, 0x010000e0]],
  ],
  bond: [[1, 1, [0, 1, 2, 3, 4, 5, 6, 7]]],
  macvlan: [[1, 4, [1, 2, 4, 8, 16, 3]]],
  macvtap: [[1, 4, [1, 2, 4, 8, 16]]],
  ipvlan: [[1, 2, [0, 1, 2, 3]]],
  ipvtap: [[1, 2, [0, 1, 2]]],
  gre: [
    [6, 4, [0, 0x0100000a]],
    [7, 4, [0, 0x0200000a, 0x010000e0]],
  ],
  gretap: [
    [6, 4, [0, 0x0100000a]],
    [7, 4, [0, 0x0200000a]],
  ],
  ipip: [
    [2, 4, [0, 0x0100000a]],
    [3, 4, [0, 0x0200000a]],
  ],
  sit: [
    [2, 4, [0, 0x0100000a]],
    [3, 4, [0, 0x0200000a]],
  ],
  vti: [
    [4, 4, [0, 0x0100000a]],
    [5, 4, [0, 0x0200000a]],
  ],
}
/** A link of a kind with what it needs, perhaps more, on a likely lower device. */
function linkKind(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const name = pick(random, ctx.kinds)
  const kind = leaf(L.IFLA_INFO_KIND, text(name))
  const data = (needed[name] ?? []).map(([nr, size, values]) => raw(nr, sized(size, pick(random, values))))
  const more = ctx.data(name, false)
  if (more !== undefined && chance(random, 0.6)) data.push(...someAttrs(ctx, more, 3))
  const attrs = [leaf(L.IFLA_IFNAME, text(pick(random, words.names))), nest(L.IFLA_LINKINFO, [kind, nest(L.IFLA_INFO_DATA, data)])]
  if (/vlan|macv|ipv[lt]/.test(name) && chance(random, 0.9)) attrs.push(leaf(L.IFLA_LINK, bytes32(pick(random, [2, 2, 3, 4, 6, 1]))))
  if (chance(random, 0.15)) attrs.push(leaf(L.IFLA_MASTER, bytes32(device(ctx))))
  return message(ctx, 'RTM_NEWLINK', ifinfomsg.encode({ ifi_flags: random.below(2), ifi_change: random.below(2) }), attrs, L.IFLA)
}
/** Other data of a kind for a device that is perhaps one. */
function linkChange(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const name = pick(random, ctx.kinds)
  const slave = chance(random, 0.2)
  const set = ctx.data(name, slave)
  const kind = leaf(slave ? L.IFLA_INFO_SLAVE_KIND : L.IFLA_INFO_KIND, text(name))
  const data = nest(slave ? L.IFLA_INFO_SLAVE_DATA : L.IFLA_INFO_DATA, set === undefined ? [] : someAttrs(ctx, set, 3))
  const named = chance(random, 0.6)
  const attrs = [nest(L.IFLA_LINKINFO, [kind, data])]
  if (named) attrs.push(leaf(L.IFLA_IFNAME, text(pick(random, words.names))))
  const head = ifinfomsg.encode({ ifi_index: named ? 0 : pick(random, [2, 4, 5, 7, 8, 9, 10, 11]) })
  const m = message(ctx, pick(random, ['RTM_NEWLINK', 'RTM_SETLINK']), head, attrs, L.IFLA)
  m.flags &= ~0x600
  return m
}
/** Settings of any link: names, groups, queues, alternative names. */
function linkProp(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const names = Array.from({ length: 1 + random.below(2) }, () =>
    leaf(L.IFLA_ALT_IFNAME, text(pick(random, ['alt0', 'alt1', ...words.names]))),
  )
  const attrs = [nest(L.IFLA_PROP_LIST, names)]
  const named = chance(random, 0.2)
  if (named) attrs.push(leaf(L.IFLA_IFNAME, text(pick(random, words.names))))
  return message(
    ctx,
    pick(random, ['RTM_NEWLINKPROP', 'RTM_DELLINKPROP']),
    ifinfomsg.encode({ ifi_index: named ? 0 : device(ctx) }),
    attrs,
    L.IFLA,
  )
}

function hopGroup(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = 0
  const attrs = [leaf(H.NHA_ID, bytes32(pick(random, [10, 11, 12, 20, 1]))), oneAttr(ctx, H.NHA_GROUP, [])]
  const resilient = chance(random, 0.5)
  if (resilient) attrs.push(leaf(H.NHA_GROUP_TYPE, sized(2, pick(random, [1, 1, 1, 0, 2]))))
  if (chance(random, resilient ? 0.8 : 0.1)) {
    const res = [leaf(H.NHA_RES_GROUP_BUCKETS, sized(2, pick(random, [4, 8, 32, 0, 1, 65535])))]
    if (chance(random, 0.4)) res.push(leaf(H.NHA_RES_GROUP_IDLE_TIMER, bytes32(pick(random, [0, 100, 12000, 0xffffffff]))))
    if (chance(random, 0.3)) res.push(...someAttrs(ctx, H.NHA_RES_GROUP, 2))
    attrs.push(nest(H.NHA_RES_GROUP_SET, res))
  }
  if (chance(random, 0.1)) attrs.push(leaf(H.NHA_FDB, new Uint8Array(0)))
  return message(ctx, 'RTM_NEWNEXTHOP', H.nhmsg.encode({ nh_protocol: pick(random, [0, 3, 4]) }), attrs, H.NHA)
}
/** Next hops of kinds of their own: blackholes, for forwarding entries. */
function hopKind(ctx: Context): MessageTree {
  const { random } = ctx
  const f = family(ctx)
  const attrs = [leaf(H.NHA_ID, bytes32(pick(random, words.ids)))]
  if (chance(random, 0.5)) attrs.push(leaf(H.NHA_BLACKHOLE, new Uint8Array(0)))
  else attrs.push(leaf(H.NHA_FDB, new Uint8Array(0)), leaf(H.NHA_GATEWAY, addressFor(random, f)))
  return message(ctx, 'RTM_NEWNEXTHOP', H.nhmsg.encode({ nh_family: f, nh_protocol: 3 }), attrs, H.NHA)
}
function hopDump(ctx: Context): MessageTree {
  const { random } = ctx
  const bucket = chance(random, 0.5)
  const attrs: AttrTree[] = []
  for (const a of [H.NHA_OIF, H.NHA_MASTER, H.NHA_GROUPS, H.NHA_FDB, H.NHA_ID, H.NHA_OP_FLAGS])
    if (chance(random, 0.2)) attrs.push(leaf(a, payloadFor(ctx, a)))
  if (bucket) {
    const list: AttrTree[] = []
    if (chance(random, 0.7)) list.push(leaf(H.NHA_RES_BUCKET_INDEX, sized(2, pick(random, [0, 1, 3, 40]))))
    if (chance(random, 0.3)) list.push(leaf(H.NHA_RES_BUCKET_NH_ID, bytes32(pick(random, words.ids))))
    attrs.push(nest(H.NHA_RES_BUCKET_SET, list))
    if (chance(random, 0.7)) attrs.push(leaf(H.NHA_ID, bytes32(pick(random, [10, 11, 12, 20]))))
  }
  const m = message(ctx, bucket ? 'RTM_GETNEXTHOPBUCKET' : 'RTM_GETNEXTHOP', H.nhmsg.encode({}), attrs, H.NHA)
  return m
}
function stats(ctx: Context): MessageTree {
  const { random } = ctx
  const name = chance(random, 0.8) ? 'RTM_GETSTATS' : 'RTM_SETSTATS'
  const head = L.if_stats_msg.encode({ ifindex: device(ctx), filter_mask: pick(random, [1, 2, 3, 4, 8, 16, 31, 32, 0, 0x3f]) })
  return message(ctx, name, head, chance(random, 0.6) ? [] : someAttrs(ctx, L.IFLA_STATS_GETSET, 2), L.IFLA_STATS_GETSET)
}
function neighbourTable(ctx: Context): MessageTree {
  const { random } = ctx
  const f = pick(random, [0, AF_INET, AF_INET6, 1])
  if (chance(random, 0.3)) return message(ctx, 'RTM_GETNEIGHTBL', N.ndtmsg.encode({ ndtm_family: f }), [], N.NDTA)
  const attrs = [leaf(N.NDTA_NAME, text(pick(random, ['arp_cache', 'ndisc_cache', 'nosuch'])))]
  for (const a of [N.NDTA_THRESH1, N.NDTA_THRESH2, N.NDTA_THRESH3, N.NDTA_GC_INTERVAL])
    if (chance(random, 0.15)) attrs.push(leaf(a, sized(a.type.size as number, pick(random, [0, 128, 512, 1024, 30000]))))
  if (chance(random, 0.7)) attrs.push(nest(N.NDTA_PARMS, tableParms(ctx)))
  const m = message(ctx, 'RTM_SETNEIGHTBL', N.ndtmsg.encode({ ndtm_family: f }), attrs, N.NDTA)
  return m
}
function tableParms(ctx: Context): AttrTree[] {
  const { random } = ctx
  const known = N.NDTPA.byNr.filter((a) => a !== undefined)
  const out = chance(random, 0.8) ? [leaf(N.NDTPA_IFINDEX, bytes32(pick(random, [0, 1, 2, 3, 99])))] : []
  for (let n = random.below(3); n >= 0; n--) {
    const a = pick(random, known)
    out.push(leaf(a, sized(a.type.size ?? 4, pick(random, [0, 1, 3, 100, 1000, 30000]))))
  }
  return out
}
function netconf(ctx: Context): MessageTree {
  const { random } = ctx
  const f = pick(random, [AF_INET, AF_INET, AF_INET6, 28, 0])
  const attrs = chance(random, 0.8) ? [leaf(NETCONFA_IFINDEX, bytes32(pick(random, [-1, -2, 1, 2, 3, 99, 0])))] : []
  return message(ctx, 'RTM_GETNETCONF', netconfmsg.encode({ ncm_family: f }), attrs, NETCONFA)
}
function addressLabel(ctx: Context): MessageTree {
  const { random } = ctx
  ctx.family = AF_INET6
  const attrs: AttrTree[] = []
  if (chance(random, 0.9)) attrs.push(leaf(IFAL_ADDRESS, addressFor(random, AF_INET6)))
  if (chance(random, 0.9)) attrs.push(leaf(IFAL_LABEL, bytes32(pick(random, [0, 1, 99, 100, 0xffffffff]))))
  const head = ifaddrlblmsg.encode({
    ifal_family: pick(random, [AF_INET6, AF_INET6, AF_INET6, 0, 2]),
    ifal_prefixlen: pick(random, [0, 32, 64, 96, 128, 129]),
    ifal_index: pick(random, [0, 0, 2, 99]),
  })
  return message(ctx, pick(random, ['RTM_NEWADDRLABEL', 'RTM_NEWADDRLABEL', 'RTM_DELADDRLABEL', 'RTM_GETADDRLABEL']), head, attrs, IFAL)
}
function nsid(ctx: Context): MessageTree {
  const { random } = ctx
  const attrs: AttrTree[] = []
  if (chance(random, 0.7)) attrs.push(leaf(NETNSA_NSID, bytes32(pick(random, [0, 1, 5, -1, -2]))))
  if (chance(random, 0.6)) attrs.push(leaf(pick(random, [NETNSA_PID, NETNSA_FD]), bytes32(pick(random, [99999, 0x7fffffff]))))
  return message(ctx, pick(random, ['RTM_NEWNSID', 'RTM_GETNSID']), rtgenmsg.encode({}), attrs, NETNSA)
}
/** Dumps that ask for a part. */
function filtered(ctx: Context): MessageTree {
  const m = dumpOf(ctx)
  m.flags |= 0x300
  return m
}
function dumpOf(ctx: Context): MessageTree {
  const { random } = ctx
  const f = pick(random, [0, AF_INET, AF_INET6])
  const some = (a: Parameters<typeof oneAttr>[1], p = 0.4): AttrTree[] => (chance(random, p) ? [leaf(a, payloadFor(ctx, a))] : [])
  const index = chance(random, 0.4) ? device(ctx) : 0
  switch (random.below(6)) {
    case 0: {
      const attrs = [...some(L.IFLA_MASTER), ...some(L.IFLA_EXT_MASK)]
      if (chance(random, 0.5)) attrs.push(nest(L.IFLA_LINKINFO, [leaf(L.IFLA_INFO_KIND, text(pick(random, ctx.kinds)))]))
      return message(
        ctx,
        'RTM_GETLINK',
        ifinfomsg.encode({ ifi_family: pick(random, [0, 0, AF_BRIDGE]), ifi_index: chance(random, 0.1) ? index : 0 }),
        attrs,
        L.IFLA,
      )
    }
    case 1:
      return message(ctx, 'RTM_GETADDR', ifaddrmsg.encode({ ifa_family: f, ifa_index: index }), [], IFA)
    case 2: {
      const attrs = [...some(RTA_OIF), ...some(RTA_TABLE)]
      const head = rtmsg.encode({
        rtm_family: pick(random, [AF_INET, AF_INET6, 0, 28]),
        rtm_table: pick(random, [0, 0, 254, 255, 100]),
        rtm_protocol: pick(random, [0, 0, 2, 3, 4]),
        rtm_type: pick(random, [0, 0, 1, 2]),
        rtm_flags: pick(random, [0, 0, 0x200]),
      })
      return message(ctx, 'RTM_GETROUTE', head, attrs, RTA)
    }
    case 3: {
      const attrs = [...some(N.NDA_IFINDEX), ...some(N.NDA_MASTER)]
      const head = N.ndmsg.encode({ ndm_family: pick(random, [0, 2, 10, AF_BRIDGE]), ndm_flags: pick(random, [0, 0, 8]) })
      return message(ctx, 'RTM_GETNEIGH', head, attrs, N.NDA)
    }
    case 4:
      return message(ctx, 'RTM_GETRULE', fib_rule_hdr.encode({ family: f }), [], FRA)
    default:
      return message(ctx, 'RTM_GETSTATS', L.if_stats_msg.encode({ filter_mask: numberFor(random, 'filter') & 31 }), [], L.IFLA_STATS_GETSET)
  }
}

export const otherRecipes = {
  linkKind,
  linkChange,
  linkProp,
  hopGroup,
  hopKind,
  hopDump,
  stats,
  neighbourTable,
  netconf,
  addressLabel,
  nsid,
  filtered,
} as const
