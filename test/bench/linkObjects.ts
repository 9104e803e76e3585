/** More kinds for growth.ts: links of several kinds, and what hangs on links: names, disciplines, neighbours, entries of tunnels. */
import type { MessageBuilder } from '../../src/lib/message.ts'
import { IFA_F_NODAD, IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { IFAL_ADDRESS, IFAL_LABEL, ifaddrlblmsg } from '../../src/uapi/linux/if_addrlabel.ts'
import {
  IFLA_ALT_IFNAME,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_PROP_LIST,
} from '../../src/uapi/linux/if_link.ts'
import { IFLA_MACVLAN_MODE } from '../../src/uapi/linux/if_link_stacked.ts'
import { IFLA_VXLAN_ID } from '../../src/uapi/linux/if_link_vxlan.ts'
import { NDA_DST, NDA_LLADDR, ndmsg, NTF_SELF, NUD_NOARP, NUD_PERMANENT } from '../../src/uapi/linux/neighbour.ts'
import {
  ifinfomsg,
  RTM_DELADDR,
  RTM_DELADDRLABEL,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_DELNEIGH,
  RTM_DELQDISC,
  RTM_GETADDR,
  RTM_GETADDRLABEL,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETNSID,
  RTM_GETQDISC,
  RTM_NEWADDR,
  RTM_NEWADDRLABEL,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWNEIGH,
  RTM_NEWQDISC,
  TCA_KIND,
  tcmsg,
} from '../../src/uapi/linux/rtnetlink.ts'
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../src/uapi/linux/socket.ts'
import { peernet2id_alloc } from '../../src/net/core/rtnl_netns.ts'
import { sys_drop_netns, sys_new_netns } from '../../src/syscalls/namespaces.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { ADD, ADDRESS_DEVICES, DEL, DEVICE, DUMP, in4, in6, type Objects, type Owner } from './objects.ts'

const MANY = 100_000
const LINKS = 30_000
const MACVLAN_MODE_BRIDGE = 4
const TC_H_ROOT = 0xffffffff

function list(type: number, family: number): (skb: MessageBuilder) => void {
  return (skb) => {
    skb.begin(type, DUMP, 1, 0)
    if (type === RTM_GETQDISC) skb.struct(tcmsg, { tcm_family: family })
    else if (type === RTM_GETADDRLABEL) skb.struct(ifaddrlblmsg, { ifal_family: family })
    else skb.struct(ifinfomsg, { ifi_family: family })
  }
}

/** A link `name` of a kind, with what `data` says of it. */
function link(skb: MessageBuilder, name: string, kind: string, lower: number, data?: () => void): void {
  skb.begin(RTM_NEWLINK, ADD, 1, 0)
  skb.struct(ifinfomsg, {})
  skb.put(IFLA_IFNAME, name)
  if (lower !== 0) skb.put(IFLA_LINK, lower)
  const info = skb.nest(IFLA_LINKINFO)
  skb.put(IFLA_INFO_KIND, kind)
  if (data !== undefined) {
    const nest = skb.nest(IFLA_INFO_DATA)
    data()
    skb.nestEnd(nest)
  }
  skb.nestEnd(info)
}
function links(what: string, kind: string, lower: number, data?: (skb: MessageBuilder, i: number) => void): Objects {
  return {
    what,
    ipv6: false,
    devices: 1,
    most: LINKS,
    add: (skb, i) => link(skb, `l${i}`, kind, lower, data && (() => data(skb, i))),
    del: (skb, i) => {
      skb.begin(RTM_DELLINK, DEL, 1, 0)
      skb.struct(ifinfomsg, {})
      skb.put(IFLA_IFNAME, `l${i}`)
    },
    dump: list(RTM_GETLINK, 0),
  }
}

function addr(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifaddrmsg, { ifa_family: AF_INET, ifa_prefixlen: 32, ifa_index: DEVICE })
  skb.put(IFA_LOCAL, in4(0x0a000001 + i))
}
function addr6(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifaddrmsg, { ifa_family: AF_INET6, ifa_prefixlen: 128, ifa_flags: IFA_F_NODAD, ifa_index: DEVICE })
  skb.put(IFA_LOCAL, in6(0x20010db8, i))
}
function neigh6(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ndmsg, { ndm_family: AF_INET6, ndm_ifindex: DEVICE, ndm_state: NUD_PERMANENT })
  skb.put(NDA_DST, in6(0x20010db8, i))
  if (type === RTM_NEWNEIGH) skb.put(NDA_LLADDR, mac(i))
}
function mac(i: number): Uint8Array {
  return Uint8Array.of(2, 0, 0, i >> 16, (i >> 8) & 255, i & 255)
}
function vxlan_fdb(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ndmsg, { ndm_family: AF_BRIDGE, ndm_ifindex: DEVICE + 1, ndm_state: NUD_NOARP | NUD_PERMANENT, ndm_flags: NTF_SELF })
  skb.put(NDA_LLADDR, mac(i))
  skb.put(NDA_DST, in4(0x0a000001 + (i & 0xff)))
}
function vxlan(owner: Owner): void {
  owner.ask((skb) => link(skb, 'vx0', 'vxlan', 0, () => skb.put(IFLA_VXLAN_ID, 42)))
}
function label(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifaddrlblmsg, { ifal_family: AF_INET6, ifal_prefixlen: 64 })
  skb.put(IFAL_ADDRESS, in6(0x20010db8, i))
  skb.put(IFAL_LABEL, i)
}
function altname(skb: MessageBuilder, type: number, i: number): void {
  skb.begin(type, type === RTM_NEWLINKPROP ? ADD | 0x800 : DEL, 1, 0)
  skb.struct(ifinfomsg, { ifi_index: DEVICE + (i % ADDRESS_DEVICES) })
  const nest = skb.nest(IFLA_PROP_LIST)
  skb.put(IFLA_ALT_IFNAME, `another-name-${i}`)
  skb.nestEnd(nest)
}
function qdisc(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(tcmsg, { tcm_ifindex: DEVICE + i, tcm_parent: TC_H_ROOT, tcm_handle: 0x10000 })
  if (type === RTM_NEWQDISC) skb.put(TCA_KIND, 'pfifo')
}

/** A namespace that a program holds, under the id that links into it would give it. */
function add_namespace({ host, task }: Owner, i: number): void {
  const { namespaces, init_net } = host.kernel
  const made = sys_new_netns(task)
  const net = isErrno(made) ? undefined : namespaces.by_id.get(made)
  if (net === undefined || peernet2id_alloc(init_net, net) !== i) throw new Error(`namespace ${i}: ${made}`)
}
function del_namespace({ host, task }: Owner, i: number): void {
  const net = host.kernel.init_net.netns_ids.get(i)
  if (net !== undefined) sys_drop_netns(task, net.inum)
}

export const link_kinds: readonly Objects[] = [
  links('veth pairs', 'veth', 0),
  links('bridges', 'bridge', 0),
  links('macvlans of one device', 'macvlan', DEVICE, (skb) => skb.put(IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE)),
  links('vxlan devices', 'vxlan', 0, (skb, i) => skb.put(IFLA_VXLAN_ID, i + 1)),
  links('ifbs', 'ifb', 0),
  {
    what: 'addresses of one device',
    ipv6: false,
    devices: 1,
    most: MANY,
    add: (skb, i) => addr(skb, RTM_NEWADDR, ADD, i),
    del: (skb, i) => addr(skb, RTM_DELADDR, DEL, i),
    dump: list(RTM_GETADDR, AF_INET),
  },
  {
    what: 'IPv6 addresses of one device',
    ipv6: true,
    devices: 1,
    most: MANY,
    add: (skb, i) => addr6(skb, RTM_NEWADDR, ADD, i),
    del: (skb, i) => addr6(skb, RTM_DELADDR, DEL, i),
    dump: list(RTM_GETADDR, AF_INET6),
  },
  {
    what: 'IPv6 neighbours',
    ipv6: true,
    devices: 1,
    most: MANY,
    add: (skb, i) => neigh6(skb, RTM_NEWNEIGH, ADD, i),
    del: (skb, i) => neigh6(skb, RTM_DELNEIGH, DEL, i),
    dump: list(RTM_GETNEIGH, AF_INET6),
  },
  {
    what: 'entries of a vxlan device',
    ipv6: false,
    devices: 1,
    most: MANY,
    ready: vxlan,
    add: (skb, i) => vxlan_fdb(skb, RTM_NEWNEIGH, ADD, i),
    del: (skb, i) => vxlan_fdb(skb, RTM_DELNEIGH, DEL, i),
    dump: list(RTM_GETNEIGH, AF_BRIDGE),
  },
  {
    what: 'address labels',
    ipv6: true,
    devices: 1,
    most: MANY,
    add: (skb, i) => label(skb, RTM_NEWADDRLABEL, ADD, i),
    del: (skb, i) => label(skb, RTM_DELADDRLABEL, DEL, i),
    dump: list(RTM_GETADDRLABEL, AF_INET6),
  },
  {
    what: `other names of ${ADDRESS_DEVICES} devices`,
    ipv6: false,
    devices: ADDRESS_DEVICES,
    most: LINKS,
    add: (skb, i) => altname(skb, RTM_NEWLINKPROP, i),
    del: (skb, i) => altname(skb, RTM_DELLINKPROP, i),
    dump: list(RTM_GETLINK, 0),
  },
  {
    what: 'namespaces',
    ipv6: true,
    devices: 2,
    most: 10_000,
    together: 10_000,
    calls: { add: add_namespace, del: del_namespace },
    add: () => undefined,
    del: () => undefined,
    dump: list(RTM_GETNSID, 0),
  },
  {
    what: 'queueing disciplines of as many devices',
    ipv6: false,
    devices: LINKS,
    most: LINKS,
    add: (skb, i) => qdisc(skb, RTM_NEWQDISC, ADD, i),
    del: (skb, i) => qdisc(skb, RTM_DELQDISC, DEL, i),
    dump: list(RTM_GETQDISC, 0),
  },
]
