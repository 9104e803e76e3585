/** More kinds for growth.ts: what routing goes by beside routes (rules, next hops, IPv6 addresses), and what bridges keep. */
import type { MessageBuilder } from '../../src/lib/message.ts'
import { FRA_PRIORITY, FRA_SRC, FR_ACT_TO_TBL, fib_rule_hdr } from '../../src/uapi/linux/fib_rules.ts'
import { IFA_F_NODAD, IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { br_mdb_entry, br_port_msg, IFLA_BRIDGE_VLAN_INFO, MDB_PERMANENT, MDBA_SET_ENTRY } from '../../src/uapi/linux/if_bridge.ts'
import { IFLA_BR_MCAST_HASH_MAX } from '../../src/uapi/linux/if_bridge_link.ts'
import { ETH_P_IP } from '../../src/uapi/linux/if_ether.ts'
import {
  IFLA_AF_SPEC,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
} from '../../src/uapi/linux/if_link.ts'
import { IFLA_VLAN_ID } from '../../src/uapi/linux/if_link_stacked.ts'
import { NDA_LLADDR, ndmsg, NTF_MASTER, NUD_NOARP, NUD_PERMANENT } from '../../src/uapi/linux/neighbour.ts'
import { NHA_GROUP, NHA_ID, NHA_OIF, nexthop_grp, nhmsg } from '../../src/uapi/linux/nexthop.ts'
import {
  ifinfomsg,
  RT_TABLE_MAIN,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELMDB,
  RTM_DELNEIGH,
  RTM_DELNEXTHOP,
  RTM_DELRULE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETMDB,
  RTM_GETNEIGH,
  RTM_GETNEXTHOP,
  RTM_GETRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWMDB,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
  RTM_NEWRULE,
  RTM_SETLINK,
  rtgenmsg,
} from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import { ADD, ADDRESS_DEVICES, DEL, DEVICE, DUMP, in4, in6, type Objects, type Owner } from './objects.ts'

/** VLANs that one device or port can have. */
const VLANS = 4094
const MANY = 100_000
const PORTS = Math.ceil(MANY / VLANS)

function list(type: number, family: number): (skb: MessageBuilder) => void {
  return (skb) => {
    skb.begin(type, DUMP, 1, 0)
    // the dumps of next hops and of groups are strict about their headers' lengths
    if (type === RTM_GETNEXTHOP) skb.struct(nhmsg, { nh_family: family })
    else if (type === RTM_GETMDB) skb.struct(br_port_msg, { family })
    else if (type === RTM_GETLINK || type === RTM_GETNEIGH) skb.struct(ifinfomsg, { ifi_family: family })
    else skb.struct(rtgenmsg, { rtgen_family: family })
  }
}

function addr6(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifaddrmsg, {
    ifa_family: AF_INET6,
    ifa_prefixlen: 128,
    ifa_flags: IFA_F_NODAD,
    ifa_index: DEVICE + (i % ADDRESS_DEVICES),
  })
  skb.put(IFA_LOCAL, in6(0x20010db8, i))
}
function rule(family: number, priority = (i: number) => 1000 + i): Pick<Objects, 'add' | 'del' | 'dump'> {
  const write = (skb: MessageBuilder, type: number, flags: number, i: number) => {
    skb.begin(type, flags, 1, 0)
    const inet = family === AF_INET
    skb.struct(fib_rule_hdr, { family, src_len: inet ? 32 : 128, table: RT_TABLE_MAIN, action: FR_ACT_TO_TBL })
    skb.put(FRA_PRIORITY, priority(i))
    skb.put(FRA_SRC, inet ? in4(0x0a000001 + i) : in6(0x20010db8, i))
  }
  return {
    add: (skb, i) => write(skb, RTM_NEWRULE, ADD, i),
    del: (skb, i) => write(skb, RTM_DELRULE, DEL, i),
    dump: list(RTM_GETRULE, family),
  }
}
function nexthop(skb: MessageBuilder, i: number): void {
  skb.begin(RTM_NEWNEXTHOP, ADD, 1, 0)
  skb.struct(nhmsg, { nh_family: AF_INET })
  skb.put(NHA_ID, i + 1)
  skb.put(NHA_OIF, DEVICE)
}
/** Of two of a thousand next hops that are there. */
const MEMBERS = 1000
function group(skb: MessageBuilder, i: number): void {
  skb.begin(RTM_NEWNEXTHOP, ADD, 1, 0)
  skb.struct(nhmsg, {})
  skb.put(NHA_ID, MEMBERS + i + 1)
  const members = [1 + (i % MEMBERS), 1 + ((i + 1) % MEMBERS)]
  skb.put(NHA_GROUP, Uint8Array.from(members.flatMap((id) => [...nexthop_grp.encode({ id })])))
}
function del_nexthop(skb: MessageBuilder, id: number): void {
  skb.begin(RTM_DELNEXTHOP, DEL, 1, 0)
  skb.struct(nhmsg, {})
  skb.put(NHA_ID, id)
}

/** A bridge with all devices as ports; its index. */
function bridge(owner: Owner): number {
  owner.ask((skb) => {
    skb.begin(RTM_NEWLINK, ADD, 1, 0)
    skb.struct(ifinfomsg, { ifi_flags: 1, ifi_change: 1 })
    skb.put(IFLA_IFNAME, 'br0')
    const info = skb.nest(IFLA_LINKINFO)
    skb.put(IFLA_INFO_KIND, 'bridge')
    const data = skb.nest(IFLA_INFO_DATA)
    skb.put(IFLA_BR_MCAST_HASH_MAX, 1 << 18)
    skb.nestEnd(data)
    skb.nestEnd(info)
  })
  for (let i = 0; i < owner.of.devices; i++)
    owner.ask((skb) => {
      skb.begin(RTM_SETLINK, DEL, 1, 0)
      skb.struct(ifinfomsg, { ifi_index: DEVICE + i, ifi_flags: 1, ifi_change: 1 })
      skb.put(IFLA_MASTER, DEVICE + owner.of.devices)
    })
  return DEVICE + owner.of.devices
}
function fdb(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ndmsg, { ndm_family: AF_BRIDGE, ndm_ifindex: DEVICE, ndm_state: NUD_NOARP | NUD_PERMANENT, ndm_flags: NTF_MASTER })
  skb.put(NDA_LLADDR, Uint8Array.of(2, 0, 0, i >> 16, (i >> 8) & 255, i & 255))
}
function mdb(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(br_port_msg, { family: AF_BRIDGE, ifindex: DEVICE + 1 })
  const u = new Uint8Array(16)
  u.set(in4(0xe8000001 + i))
  skb.put(MDBA_SET_ENTRY, br_mdb_entry.encode({ ifindex: DEVICE, state: MDB_PERMANENT, u, proto: ETH_P_IP }))
}
function port_vlan(skb: MessageBuilder, type: number, i: number): void {
  skb.begin(type, DEL, 1, 0)
  skb.struct(ifinfomsg, { ifi_family: AF_BRIDGE, ifi_index: DEVICE + Math.floor(i / VLANS) })
  const spec = skb.nest(IFLA_AF_SPEC)
  skb.put(IFLA_BRIDGE_VLAN_INFO, { flags: 0, vid: 1 + (i % VLANS) })
  skb.nestEnd(spec)
}
function vlan_device(skb: MessageBuilder, i: number): void {
  skb.begin(RTM_NEWLINK, ADD, 1, 0)
  skb.struct(ifinfomsg, {})
  skb.put(IFLA_IFNAME, `v${i}`)
  skb.put(IFLA_LINK, DEVICE + Math.floor(i / VLANS))
  const info = skb.nest(IFLA_LINKINFO)
  skb.put(IFLA_INFO_KIND, 'vlan')
  const data = skb.nest(IFLA_INFO_DATA)
  skb.put(IFLA_VLAN_ID, 1 + (i % VLANS))
  skb.nestEnd(data)
  skb.nestEnd(info)
}
function del_link(skb: MessageBuilder, name: string): void {
  skb.begin(RTM_DELLINK, DEL, 1, 0)
  skb.struct(ifinfomsg, {})
  skb.put(IFLA_IFNAME, name)
}

export const more_kinds: readonly Objects[] = [
  {
    what: `IPv6 addresses on ${ADDRESS_DEVICES} devices`,
    ipv6: true,
    devices: ADDRESS_DEVICES,
    most: MANY,
    add: (skb, i) => addr6(skb, RTM_NEWADDR, ADD, i),
    del: (skb, i) => addr6(skb, RTM_DELADDR, DEL, i),
    dump: list(RTM_GETADDR, AF_INET6),
  },
  { what: 'IPv4 rules', ipv6: false, devices: 1, most: MANY, ...rule(AF_INET) },
  { what: 'IPv4 rules of one priority', ipv6: false, devices: 1, most: MANY, ...rule(AF_INET, () => 1000) },
  { what: 'IPv6 rules', ipv6: true, devices: 1, most: MANY, ...rule(AF_INET6) },
  {
    what: 'next hops',
    ipv6: false,
    devices: 1,
    most: MANY,
    add: nexthop,
    del: (skb, i) => del_nexthop(skb, i + 1),
    dump: list(RTM_GETNEXTHOP, 0),
  },
  {
    what: 'next hop groups',
    ipv6: false,
    devices: 1,
    most: MANY,
    ready: (owner) => {
      for (let i = 0; i < MEMBERS; i++) owner.ask((skb) => nexthop(skb, i))
    },
    add: group,
    del: (skb, i) => del_nexthop(skb, MEMBERS + i + 1),
    dump: list(RTM_GETNEXTHOP, 0),
  },
  {
    what: 'forwarding entries',
    ipv6: false,
    devices: 1,
    most: MANY,
    ready: bridge,
    add: (skb, i) => fdb(skb, RTM_NEWNEIGH, ADD, i),
    del: (skb, i) => fdb(skb, RTM_DELNEIGH, DEL, i),
    dump: list(RTM_GETNEIGH, AF_BRIDGE),
  },
  {
    what: 'multicast groups of a bridge',
    ipv6: false,
    devices: 1,
    most: MANY,
    ready: bridge,
    add: (skb, i) => mdb(skb, RTM_NEWMDB, ADD, i),
    del: (skb, i) => mdb(skb, RTM_DELMDB, DEL, i),
    dump: list(RTM_GETMDB, AF_BRIDGE),
  },
  {
    what: `VLANs of ${PORTS} bridge ports`,
    ipv6: false,
    devices: PORTS,
    most: MANY,
    ready: bridge,
    add: (skb, i) => port_vlan(skb, RTM_SETLINK, i),
    del: (skb, i) => port_vlan(skb, RTM_DELLINK, i),
    dump: list(RTM_GETLINK, AF_BRIDGE),
  },
  {
    what: 'VLAN devices',
    ipv6: false,
    devices: PORTS,
    most: 30_000,
    add: vlan_device,
    del: (skb, i) => del_link(skb, `v${i}`),
    dump: list(RTM_GETLINK, 0),
  },
]
