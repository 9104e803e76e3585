/** A booted host with IPv6, dummies and veth pairs, a program that asks and one that listens, and messages as short lines. */
import { dummy_init_module } from '../../../src/drivers/net/dummy.ts'
import { veth_init } from '../../../src/drivers/net/veth.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get32, getS32 } from '../../../src/lib/bytes.ts'
import { ipv6Parse } from '../../../src/lib/ipv6Text.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { ipv6Text } from '../../../src/lib/types.ts'
import { dev_change_flags } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { INET6_IFADDR_STATE_DAD, type inet6_ifaddr } from '../../../src/net/ipv6/if_inet6.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import {
  IFA_ADDRESS,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../../src/uapi/linux/if_addr.ts'
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  VETH_INFO_PEER,
} from '../../../src/uapi/linux/if_link.ts'
import { ifinfomsg, RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { cat, echo, root } from '../../fs/support.ts'
import { type Ack, bootHost, Client, concat, type Message, nla } from '../core/rtnetlink_client.ts'

export const AF_INET6 = 10
const GROUPS = { IFADDR: 9, ROUTE: 11, NETCONF: 25 }
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_DUMP = 0x300
export const SEC = 1e9

export function in6(text: string): Uint8Array {
  const addr = ipv6Parse(text)
  if (addr === undefined) throw new Error(text)
  return addr
}
export interface AddrOptions {
  peer?: string
  flags?: number
  metric?: number
  proto?: number
  /** valid, preferred: seconds */
  lft?: [number, number]
  /** NLM_F_* */
  nl?: number
}

export class Ipv6Host {
  readonly kernel: Kernel
  readonly client: Client
  readonly monitor: Client
  constructor({ strict = true } = {}) {
    this.kernel = bootHost({ ipv6: true })
    this.client = new Client(this.kernel, { strict })
    this.monitor = new Client(this.kernel, { groups: Object.values(GROUPS) })
    // kinds of links that the booted host may not have yet
    if (!this.kernel.rtnl.link_ops.some(({ kind }) => kind === 'veth')) veth_init(this.kernel)
    if (!this.kernel.rtnl.link_ops.some(({ kind }) => kind === 'dummy')) dummy_init_module(this.kernel)
  }
  device(name: string): net_device {
    return this.kernel.init_net.dev_name_head.get(name) as net_device
  }
  dummy(name: string, up = true): net_device {
    this.link('dummy', name, 1)
    const dev = this.device(name)
    if (up) this.up(dev)
    this.quiet()
    return dev
  }
  /** Two devices with carrier, their link-local addresses detected. */
  veth(a: string, b: string, up = true): [net_device, net_device] {
    this.link('veth', a, 1, (skb) => {
      const peer = skb.nestNoflag(VETH_INFO_PEER)
      skb.struct(ifinfomsg, {})
      skb.put(IFLA_IFNAME, b)
      skb.put(IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, 2))
      skb.nestEnd(peer)
    })
    const pair: [net_device, net_device] = [this.device(a), this.device(b)]
    if (up) {
      for (const dev of pair) this.up(dev)
      this.advance(5 * SEC)
    }
    this.quiet()
    return pair
  }
  private link(kind: string, name: string, last: number, data: (skb: MessageBuilder) => void = () => {}): void {
    const skb = new MessageBuilder()
    skb.struct(ifinfomsg, {})
    skb.put(IFLA_IFNAME, name)
    skb.put(IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, last))
    const info = skb.nest(IFLA_LINKINFO)
    skb.put(IFLA_INFO_KIND, kind)
    const nest = skb.nest(IFLA_INFO_DATA)
    data(skb)
    skb.nestEnd(nest)
    skb.nestEnd(info)
    const { error } = this.client.ack(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, skb.bytes().slice())
    if (error !== 0) throw new Error(`link add ${name}: ${error}`)
  }
  up(dev: net_device): void {
    dev_change_flags(dev, dev.flags | IFF_UP)
    this.advance(0)
  }
  down(dev: net_device): void {
    dev_change_flags(dev, dev.flags & ~IFF_UP)
    this.advance(0)
  }
  /** Lets time pass, ns. */
  advance(ns: number): void {
    this.kernel.events.runUntil(this.kernel.now() + ns)
  }
  /** `address`: "2001:db8::1/64". */
  add(dev: net_device, address: string, o: AddrOptions = {}): Ack {
    return this.client.ack(RTM_NEWADDR, o.nl ?? NLM_F_CREATE | NLM_F_EXCL, addr_body(dev, address, o))
  }
  del(dev: net_device, address: string, o: AddrOptions = {}): Ack {
    return this.client.ack(RTM_DELADDR, 0, addr_body(dev, address, o))
  }
  /** Addresses of the device as `ip -6 addr` would list them. */
  addrs(dev?: net_device): string[] {
    const answers = this.client.request(
      RTM_GETADDR,
      NLM_F_DUMP | 1,
      ifaddrmsg.encode({ ifa_family: AF_INET6, ifa_index: dev?.ifindex ?? 0 }),
    )
    return answers.filter((m) => m.type === RTM_NEWADDR).map((m) => show(m).replace('+addr ', ''))
  }
  ifa(dev: net_device, address: string): inet6_ifaddr {
    const wanted = address.split('/')[0]
    const ifa = dev.ip6_ptr?.addr_list.find(({ addr }) => ipv6Text(addr) === wanted)
    if (ifa === undefined) throw new Error(`no ${address}`)
    return ifa
  }
  /** Until DAD of the address has sent its probe. */
  probed(dev: net_device, address: string): inet6_ifaddr {
    const ifa = this.ifa(dev, address)
    for (let i = 0; i < 200 && (ifa.state !== INET6_IFADDR_STATE_DAD || ifa.dad_probes > 0); i++) this.advance(SEC / 100)
    return ifa
  }
  sysctl(path: string, value?: number | string): string | undefined {
    const full = `/proc/sys/net/ipv6/${path}`
    const task = root(this.kernel)
    if (value === undefined) return cat(task, full)?.trim()
    const result = echo(task, String(value), full)
    return typeof result === 'string' ? result : undefined
  }
  /** What has been told since the last call: addresses and routes. */
  events(): string[] {
    return this.monitor.receive().map(show)
  }
  addr_events(): string[] {
    return this.events().filter((line) => line.includes('addr'))
  }
  quiet(): void {
    this.events()
  }
}

function addr_body(dev: net_device, address: string, o: AddrOptions): Uint8Array {
  const [local, length = '128'] = address.split('/')
  const parts = [ifaddrmsg.encode({ ifa_family: AF_INET6, ifa_prefixlen: Number(length), ifa_index: dev.ifindex })]
  parts.push(nla(IFA_LOCAL, in6(local)), nla(IFA_ADDRESS, in6(o.peer ?? local)))
  if (o.flags !== undefined) parts.push(nla(IFA_FLAGS, o.flags))
  if (o.metric !== undefined) parts.push(nla(IFA_RT_PRIORITY, o.metric))
  if (o.proto !== undefined) parts.push(nla(IFA_PROTO, Uint8Array.of(o.proto)))
  if (o.lft !== undefined) parts.push(nla(IFA_CACHEINFO, ifa_cacheinfo.encode({ ifa_valid: o.lft[0], ifa_prefered: o.lft[1] })))
  return concat(...parts)
}

const types = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast']
const flag_names: readonly [bit: number, name: string][] = [
  [0x01, 'temporary'],
  [0x02, 'nodad'],
  [0x04, 'optimistic'],
  [0x08, 'dadfailed'],
  [0x10, 'home'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
  [0x100, 'mngtmpaddr'],
  [0x200, 'noprefixroute'],
  [0x400, 'autojoin'],
  [0x800, 'stable-privacy'],
]

/** One message as a line: `+addr 2 2001:db8::1/64 tentative`, `-route local 2001:db8::1/128`, `+netconf 2 forwarding=1`. */
export function show(m: Message): string {
  const sign = m.type & 1 ? '-' : '+'
  if (m.type === 20 || m.type === 21) return `${sign}addr ${show_addr(m.bytes)}`
  if (m.type === 24 || m.type === 25) return `${sign}route ${show_route(m.bytes)}`
  if (m.type === 80 || m.type === 81) return `${sign}netconf ${show_netconf(m.bytes)}`
  return `type ${m.type}`
}
function attrs(b: Uint8Array, start: number): Map<number, number> {
  const out = new Map<number, number>()
  eachAttr(b, start, b.length, (nr, o) => out.set(nr, o + 4))
  return out
}
function show_addr(b: Uint8Array): string {
  const at = attrs(b, 24)
  const text = (nr: number) => ipv6Text(b.slice(at.get(nr), (at.get(nr) as number) + 16))
  const flags = get32(b, at.get(IFA_FLAGS.nr) as number)
  const ci = ifa_cacheinfo.get(b, at.get(IFA_CACHEINFO.nr) as number)
  const local = at.has(IFA_LOCAL.nr) ? `${text(IFA_LOCAL.nr)} peer ${text(IFA_ADDRESS.nr)}` : text(IFA_ADDRESS.nr)
  return [
    `${get32(b, 20)} ${local}/${b[17]}`,
    b[19] === 0 ? '' : ` scope ${b[19]}`,
    ...flag_names.map(([bit, name]) => (flags & bit ? ` ${name}` : '')),
    at.has(9) ? ` metric ${get32(b, at.get(9) as number)}` : '',
    at.has(11) ? ` proto ${b[at.get(11) as number]}` : '',
    flags & 0x80 ? '' : ` lft ${ci.ifa_valid} ${ci.ifa_prefered}`,
  ].join('')
}
function show_route(b: Uint8Array): string {
  const at = attrs(b, 28)
  const dst = at.get(1)
  return `${types[b[23]]} ${dst === undefined ? '::' : ipv6Text(b.slice(dst, dst + 16))}/${b[17]}`
}
const conf = ['', 'index', 'forwarding', '', 'mc_forwarding', 'proxy_neigh', 'ignore_linkdown']
function show_netconf(b: Uint8Array): string {
  return [...attrs(b, 20)].map(([nr, o]) => (nr === 1 ? String(getS32(b, o)) : `${conf[nr]}=${getS32(b, o)}`)).join(' ')
}
