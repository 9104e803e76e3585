/**
 * What each netlink message is: (protocol, nlmsg_type) → name, struct and attributes. The input of src/lib/render.ts
 * and hexDump.ts; nothing in the kernel's rooms depends on it.
 */
import { type Attr, type AttrSet, attrs } from '../lib/attrs.ts'
import { type Bytes, get16, get32, getString } from '../lib/bytes.ts'
import { dumpMessages } from '../lib/hexDump.ts'
import { NLMSG_HDRLEN } from '../lib/message.ts'
import {
  type Body, type MessageDecl, type MessageJson, messageJson, type Place, type ProtocolDecl, type Section, splitMessages,
} from '../lib/render.ts'
import { type Struct, struct } from '../lib/struct.ts'
import { s32 } from '../lib/types.ts'
import { DCB_ATTR } from './linux/dcbnl.ts'
import { FRA, fib_rule_hdr } from './linux/fib_rules.ts'
import { CTRL_ATTR, GENL_ID_CTRL, genlmsghdr } from './linux/genetlink.ts'
import { IFA, ifaddrmsg } from './linux/if_addr.ts'
import { IFAL, ifaddrlblmsg } from './linux/if_addrlabel.ts'
import { BRIDGE_VLANDB, br_port_msg, br_vlan_msg, IFLA_BRIDGE, MDBA, MDBA_SET } from './linux/if_bridge.ts'
import {
  IFLA, IFLA_AF_SPEC, IFLA_BRPORT, IFLA_INET6, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA, IFLA_INFO_SLAVE_KIND, IFLA_PROTINFO,
  IFLA_STATS_GETSET, IFLA_STATS_SET, if_stats_msg, VETH_INFO, VETH_INFO_PEER,
} from './linux/if_link.ts'
import { IFLA_IPVLAN, IFLA_MACVLAN, IFLA_VLAN, IFLA_VRF, IFLA_VRF_PORT } from './linux/if_link_stacked.ts'
import { IPMRA_TABLE } from './linux/mroute.ts'
import { NDA, NDTA, ndmsg, ndtmsg } from './linux/neighbour.ts'
import { NETNSA } from './linux/net_namespace.ts'
import { NETCONFA, netconfmsg } from './linux/netconf.ts'
import { NETDEV_A_DEV } from './linux/netdev.ts'
import {
  NETLINK_GENERIC, NETLINK_ROUTE, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN, NLMSGERR, nlmsgerr,
} from './linux/netlink.ts'
import { NHA, nhmsg } from './linux/nexthop.ts'
import * as rtnetlink from './linux/rtnetlink.ts'
import { ifinfomsg, RTA, RTA_MULTIPATH, rtgenmsg, rtmsg, rtnexthop, TCA, tcmsg } from './linux/rtnetlink.ts'
import {
  dcbmsg, nduseroptmsg, PREFIX, prefixmsg, TCA_ROOT, tcamsg, tunnel_msg, VXLAN_VNIFILTER,
} from './linux/rtnetlink_more.ts'
import { AF_BRIDGE, AF_INET6, RTNL_FAMILY_IPMR } from './linux/socket.ts'

type Flags = MessageDecl['flags']
const common: Flags = [[1, 'REQUEST'], [2, 'MULTI'], [4, 'ACK'], [8, 'ECHO'], [0x10, 'DUMP_INTR'], [0x20, 'DUMP_FILTERED']]
const get_flags: Flags = [...common, [0x300, 'DUMP'], [0x100, 'ROOT'], [0x200, 'MATCH'], [0x400, 'ATOMIC']]
const new_flags: Flags = [...common, [0x100, 'REPLACE'], [0x200, 'EXCL'], [0x400, 'CREATE'], [0x800, 'APPEND']]
const delete_flags: Flags = [...common, [0x100, 'NONREC'], [0x200, 'BULK']]
const ack_flags: Flags = [...common, [0x100, 'CAPPED'], [0x200, 'ACK_TLVS']]

/** Body of each group of four rtnetlink types (type >> 2), by the object that they are about. */
const route_bodies: Record<string, [Struct<any>, AttrSet?]> = {
  LINK: [ifinfomsg, IFLA], ADDR: [ifaddrmsg, IFA], ROUTE: [rtmsg, RTA], NEIGH: [ndmsg, NDA], RULE: [fib_rule_hdr, FRA],
  QDISC: [tcmsg, TCA], TCLASS: [tcmsg, TCA], TFILTER: [tcmsg, TCA], CHAIN: [tcmsg, TCA], ACTION: [tcamsg, TCA_ROOT],
  PREFIX: [prefixmsg, PREFIX], MULTICAST: [ifaddrmsg, IFA], ANYCAST: [ifaddrmsg, IFA], NEIGHTBL: [ndtmsg, NDTA],
  NDUSEROPT: [nduseroptmsg], ADDRLABEL: [ifaddrlblmsg, IFAL], DCB: [dcbmsg, DCB_ATTR], NETCONF: [netconfmsg, NETCONFA],
  MDB: [br_port_msg, MDBA], NSID: [rtgenmsg, NETNSA], STATS: [if_stats_msg, IFLA_STATS_SET], CACHEREPORT: [rtmsg],
  NEXTHOP: [nhmsg, NHA], NEXTHOPBUCKET: [nhmsg, NHA], LINKPROP: [ifinfomsg, IFLA], VLAN: [br_vlan_msg, BRIDGE_VLANDB],
  TUNNEL: [tunnel_msg, VXLAN_VNIFILTER],
}

/** RTM_* by number; its last two bits say NEW, DEL, GET or SET. */
const route_messages: ReadonlyMap<number, MessageDecl> = new Map(
  Object.entries(rtnetlink).flatMap(([name, type]) => {
    const match = /^RTM_(NEW|DEL|GET|SET)([A-Z]+)$/.exec(name)
    return match === null || typeof type !== 'number' ? [] : [[type, route_message(name, match[1], match[2])] as const]
  }),
)
function route_message(name: string, verb: string, object: string): MessageDecl {
  const [struct, attrs] = route_bodies[object] ?? []
  const flags = verb === 'GET' ? get_flags : verb === 'DEL' ? delete_flags : new_flags
  if (object === 'MDB' && verb !== 'GET') return { name, flags, struct, attrs, sections: mdb_sections }
  if (object === 'STATS' && verb !== 'NEW') return { name, flags, struct, attrs: IFLA_STATS_GETSET }
  return { name, flags, struct, attrs }
}

/** Requests carry MDBA_SET_*, what the kernel says MDBA_*. */
function mdb_sections(b: Bytes): Section[] {
  return [{ start: NLMSG_HDRLEN, end: b.length, struct: br_port_msg, attrs: (get16(b, 6) & 1) === 0 ? MDBA : MDBA_SET }]
}

/** The error, the request as far as it is quoted, and what the extended ACK adds. */
function error_sections(b: Bytes, protocol: ProtocolDecl): Section[] {
  const head = NLMSG_HDRLEN + nlmsgerr.size
  const error: Section = { start: NLMSG_HDRLEN, end: Math.min(b.length, head), struct: nlmsgerr }
  if (b.length < head) return [error]
  const flags = get16(b, 6)
  // net/netlink/af_netlink.c netlink_ack(): not quoted means capped, also in a success
  const quoted = (flags & NLM_F_CAPPED) !== 0 ? 0 : get32(b, NLMSG_HDRLEN + 4) - NLMSG_HDRLEN
  const end = Math.min(b.length, head + Math.max(0, (quoted + 3) & ~3))
  const request = protocol.find(get16(b, NLMSG_HDRLEN + 8), b.subarray(NLMSG_HDRLEN + 4))
  const out: Section[] = [error]
  if (end > head) out.push({ start: head, end, struct: request.struct, attrs: request.attrs })
  if (end < b.length) out.push({ start: end, end: b.length, attrs: (flags & NLM_F_ACK_TLVS) === 0 ? undefined : NLMSGERR })
  return out
}
function done_sections(b: Bytes): Section[] {
  const rest = (get16(b, 6) & NLM_F_ACK_TLVS) === 0 ? undefined : NLMSGERR
  return [{ start: NLMSG_HDRLEN, end: b.length, struct: nlmsgdone, attrs: rest }]
}

/** The number of NLMSG_DONE: what the dump ended with. */
const nlmsgdone = struct('nlmsgdone', { error: s32 })

const control_messages: ReadonlyMap<number, MessageDecl> = new Map<number, MessageDecl>([
  [NLMSG_NOOP, { name: 'NLMSG_NOOP', flags: common }],
  [NLMSG_ERROR, { name: 'NLMSG_ERROR', flags: ack_flags, sections: error_sections }],
  [NLMSG_DONE, { name: 'NLMSG_DONE', flags: ack_flags, sections: done_sections }],
  [NLMSG_OVERRUN, { name: 'NLMSG_OVERRUN', flags: common }],
])
function control(type: number): MessageDecl | undefined {
  return control_messages.get(type)
}

/** Kinds of link whose IFLA_INFO_DATA is declared. */
const link_kinds: Record<string, AttrSet> = {
  veth: VETH_INFO,
  vlan: IFLA_VLAN,
  macvlan: IFLA_MACVLAN,
  macvtap: IFLA_MACVLAN,
  ipvlan: IFLA_IPVLAN,
  ipvtap: IFLA_IPVLAN,
  vrf: IFLA_VRF,
}
const slave_kinds: Record<string, AttrSet> = { bridge: IFLA_BRPORT, vrf: IFLA_VRF_PORT }
function data_of(kinds: Record<string, AttrSet>, kind: Bytes | undefined): Body | undefined {
  const attrs = kind && kinds[getString(kind, 0, kind.length)]
  return attrs && { attrs }
}

/** Payloads that depend on where they stand. */
function route_variant(attr: Attr<any>, place: Place): Body | undefined {
  if (attr === RTA_MULTIPATH) return { each: { struct: rtnexthop, attrs: RTA } }
  if (attr === VETH_INFO_PEER) return { struct: ifinfomsg, attrs: IFLA }
  if (attr === IFLA_INFO_DATA) return data_of(link_kinds, place.sibling(IFLA_INFO_KIND.nr))
  if (attr === IFLA_INFO_SLAVE_DATA) return data_of(slave_kinds, place.sibling(IFLA_INFO_SLAVE_KIND.nr))
  const family = place.message[NLMSG_HDRLEN]
  if (attr === IFLA_AF_SPEC && family === AF_BRIDGE) return { attrs: IFLA_BRIDGE }
  if (attr === IFLA_AF_SPEC && family === RTNL_FAMILY_IPMR) return { attrs: IPMRA_TABLE }
  if (attr === IFLA_PROTINFO && family === AF_INET6) return { attrs: IFLA_INET6 }
  return undefined
}

function find_route(type: number): MessageDecl {
  return control(type) ?? route_messages.get(type) ?? { name: `RTM#${type}`, flags: common }
}

/** A generic family by its name: names of its commands by number, and the attributes of each. */
interface family_decl {
  readonly commands: readonly (string | undefined)[]
  readonly attrs: (command: number) => AttrSet | undefined
}
const families: Record<string, family_decl> = {
  nlctrl: {
    commands: [
      undefined, 'CTRL_CMD_NEWFAMILY', 'CTRL_CMD_DELFAMILY', 'CTRL_CMD_GETFAMILY', 'CTRL_CMD_NEWOPS', 'CTRL_CMD_DELOPS', 'CTRL_CMD_GETOPS',
      'CTRL_CMD_NEWMCAST_GRP', 'CTRL_CMD_DELMCAST_GRP', 'CTRL_CMD_GETMCAST_GRP', 'CTRL_CMD_GETPOLICY',
    ],
    attrs: () => CTRL_ATTR,
  },
  netdev: {
    commands: [
      undefined, 'NETDEV_CMD_DEV_GET', 'NETDEV_CMD_DEV_ADD_NTF', 'NETDEV_CMD_DEV_DEL_NTF', 'NETDEV_CMD_DEV_CHANGE_NTF',
      'NETDEV_CMD_PAGE_POOL_GET', 'NETDEV_CMD_PAGE_POOL_ADD_NTF', 'NETDEV_CMD_PAGE_POOL_DEL_NTF', 'NETDEV_CMD_PAGE_POOL_CHANGE_NTF',
      'NETDEV_CMD_PAGE_POOL_STATS_GET', 'NETDEV_CMD_QUEUE_GET', 'NETDEV_CMD_NAPI_GET', 'NETDEV_CMD_QSTATS_GET', 'NETDEV_CMD_BIND_RX',
    ],
    attrs: (command) => (command <= 4 ? NETDEV_A_DEV : undefined),
  },
}

/** Names of generic families by id: they differ from host to host. */
export type FamilyNames = ReadonlyMap<number, string>
const controller_only: FamilyNames = new Map([[GENL_ID_CTRL, 'nlctrl']])

function find_generic(type: number, b: Bytes, names: FamilyNames): MessageDecl {
  const known = control(type)
  if (known !== undefined) return known
  const flags = (get16(b, 6) & 0x300) === 0x300 ? get_flags : new_flags
  const command = b[NLMSG_HDRLEN] ?? 0
  const name = names.get(type) ?? controller_only.get(type) ?? `genl#${type}`
  const family = families[name]
  return {
    name: family?.commands[command] ?? `${name} cmd ${command}`, flags, struct: genlmsghdr, attrs: family?.attrs(command) ?? no_attrs,
  }
}
/** Attributes of which only the number is known. */
const no_attrs: AttrSet = attrs('', {})

function find_other(type: number): MessageDecl {
  return control(type) ?? { name: `#${type}`, flags: common }
}

export const route_protocol: ProtocolDecl = { find: find_route, variant: route_variant }
const other_protocol: ProtocolDecl = { find: find_other }

/** `names`: the host's generic families; without it only the controller's messages are named. */
export function protocolDecl(protocol: number, names: FamilyNames = controller_only): ProtocolDecl {
  if (protocol === NETLINK_ROUTE) return route_protocol
  return protocol === NETLINK_GENERIC ? { find: (type, b) => find_generic(type, b, names) } : other_protocol
}

/** Boxes of all messages in a datagram (NETDOUBLE_DEBUG=nl). */
export function dumpMessage(protocol: number, bytes: Bytes, names?: FamilyNames): string {
  return dumpMessages(bytes, protocolDecl(protocol, names))
}
/** The first message of a datagram. */
export function messageToJson(protocol: number, bytes: Bytes, names?: FamilyNames): MessageJson | undefined {
  const [first] = splitMessages(bytes)
  return first && messageJson(first, protocolDecl(protocol, names))
}
export function messagesToJson(protocol: number, bytes: Bytes, names?: FamilyNames): MessageJson[] {
  return splitMessages(bytes).map((message) => messageJson(message, protocolDecl(protocol, names)))
}
