/** A booted host with dummies, a program that asks and one that listens, and messages as short lines. */
import { dummy_link_ops, dummy_netdev_ops, dummy_setup } from '../../../src/drivers/net/dummy.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getBe32, getS32, getString, putBe32, putString } from '../../../src/lib/bytes.ts'
import {
  alloc_netdev,
  dev_change_flags,
  netif_carrier_off,
  netif_carrier_on,
  register_netdev,
  rtnl_unlock,
} from '../../../src/net/core/dev.ts'
import { NET_NAME_USER, type net_device } from '../../../src/net/core/netdevice.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  ifa_cacheinfo,
  ifaddrmsg,
} from '../../../src/uapi/linux/if_addr.ts'
import { ipv4_text } from '../../../src/uapi/linux/in.ts'
import { RTM_DELADDR, RTM_GETADDR, RTM_GETROUTE, RTM_NEWADDR, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, bootHost, Client, concat, type Message, nla } from '../core/rtnetlink_client.ts'

const GROUPS = { IFADDR: 5, ROUTE: 7, NETCONF: 24 }
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
export const NLM_F_DUMP = 0x300

export function ip(text: string): number {
  return text.split('.').reduce((n, part) => n * 256 + Number(part), 0)
}
export function in4(text: string): Uint8Array {
  const b = new Uint8Array(4)
  putBe32(b, 0, ip(text))
  return b
}

export interface AddrOptions {
  peer?: string
  brd?: string
  label?: string
  scope?: number
  flags?: number
  metric?: number
  proto?: number
  /** valid, preferred: seconds */
  lft?: [number, number]
  /** NLM_F_* */
  nl?: number
}

export class Ipv4Host {
  readonly kernel: Kernel
  readonly client: Client
  readonly monitor: Client
  constructor({ strict = true } = {}) {
    this.kernel = bootHost()
    this.client = new Client(this.kernel, { strict })
    this.monitor = new Client(this.kernel, { groups: Object.values(GROUPS) })
  }
  dummy(name: string, up = true): net_device {
    const dev = alloc_netdev(this.kernel.init_net, name, dummy_netdev_ops, dummy_setup, { name_assign_type: NET_NAME_USER })
    dev.rtnl_link_ops = dummy_link_ops
    const error = register_netdev(dev)
    if (isErrno(error)) throw new Error(error.name)
    if (up) this.up(dev)
    this.events()
    return dev
  }
  up(dev: net_device): void {
    dev_change_flags(dev, dev.flags | IFF_UP)
  }
  down(dev: net_device): void {
    dev_change_flags(dev, dev.flags & ~IFF_UP)
  }
  carrier(dev: net_device, on: boolean): void {
    if (on) netif_carrier_on(dev)
    else netif_carrier_off(dev)
    this.advance(3e9)
  }
  unlock(): void {
    rtnl_unlock(this.kernel)
  }
  /** Lets time pass, ns. */
  advance(ns: number): void {
    this.kernel.events.runUntil(this.kernel.now() + ns)
  }
  /** `address`: "10.0.0.1/24". */
  add(dev: net_device, address: string, o: AddrOptions = {}): Ack {
    return this.client.ack(RTM_NEWADDR, o.nl ?? NLM_F_CREATE | NLM_F_EXCL, addr_body(dev, address, o))
  }
  del(dev: net_device, address: string, o: AddrOptions = {}): Ack {
    return this.client.ack(RTM_DELADDR, 0, addr_body(dev, address, o))
  }
  /** Addresses of the host (or of one device) as `ip addr` would list them. */
  addrs(dev?: net_device): string[] {
    const answers = this.client.request(RTM_GETADDR, NLM_F_DUMP | 1, ifaddrmsg.encode({ ifa_family: 2, ifa_index: dev?.ifindex ?? 0 }))
    return answers.filter((m) => m.type === RTM_NEWADDR).map((m) => show(m).replace('+addr ', ''))
  }
  routes(header: Parameters<typeof rtmsg.encode>[0] = {}, ...attributes: Uint8Array[]): string[] {
    const answers = this.client.request(RTM_GETROUTE, NLM_F_DUMP | 1, concat(rtmsg.encode({ rtm_family: 2, ...header }), ...attributes))
    return answers.filter((m) => m.type === 24).map((m) => show(m).replace('+route ', ''))
  }
  /** What has been told since the last call. */
  events(): string[] {
    return this.monitor.receive().map(show)
  }
}

function addr_body(dev: net_device, address: string, o: AddrOptions): Uint8Array {
  const [local, length = '32'] = address.split('/')
  const parts = [ifaddrmsg.encode({ ifa_family: 2, ifa_prefixlen: Number(length), ifa_scope: o.scope ?? 0, ifa_index: dev.ifindex })]
  parts.push(nla(IFA_LOCAL, in4(local)), nla(IFA_ADDRESS, in4(o.peer ?? local)))
  if (o.brd !== undefined) parts.push(nla(IFA_BROADCAST, in4(o.brd)))
  if (o.label !== undefined) parts.push(nla(IFA_LABEL, o.label))
  if (o.flags !== undefined) parts.push(nla(IFA_FLAGS, o.flags))
  if (o.metric !== undefined) parts.push(nla(IFA_RT_PRIORITY, o.metric))
  if (o.proto !== undefined) parts.push(nla(IFA_PROTO, Uint8Array.of(o.proto)))
  if (o.lft !== undefined) parts.push(nla(IFA_CACHEINFO, ifa_cacheinfo.encode({ ifa_valid: o.lft[0], ifa_prefered: o.lft[1] })))
  return concat(...parts)
}

const types = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw']

/** One message as a line: `+addr 2 10.0.0.1/24 …`, `-route local 10.0.0.1/32 table 255 …`, `+netconf 2 forwarding=1 …`. */
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
  const text = (nr: number) => ipv4_text(getBe32(b, at.get(nr) as number))
  const flags = get32(b, at.get(IFA_FLAGS.nr) as number)
  const ci = ifa_cacheinfo.get(b, at.get(IFA_CACHEINFO.nr) as number)
  const label = at.get(IFA_LABEL.nr)
  const peer = text(IFA_ADDRESS.nr) === text(IFA_LOCAL.nr) ? '' : ` peer ${text(IFA_ADDRESS.nr)}`
  return [
    `${get32(b, 20)} ${text(IFA_LOCAL.nr)}${peer}/${b[17]}`,
    at.has(4) ? ` brd ${text(4)}` : '',
    b[19] === 0 ? '' : ` scope ${b[19]}`,
    flags & 1 ? ' secondary' : '',
    flags & 0x20 ? ' deprecated' : '',
    flags & 0x200 ? ' noprefixroute' : '',
    label === undefined ? '' : ` ${getString(b, label, label + 16)}`,
    at.has(9) ? ` metric ${get32(b, at.get(9) as number)}` : '',
    at.has(11) ? ` proto ${b[at.get(11) as number]}` : '',
    flags & 0x80 ? '' : ` lft ${ci.ifa_valid} ${ci.ifa_prefered}`,
  ].join('')
}
function show_route(b: Uint8Array): string {
  const at = attrs(b, 28)
  const text = (nr: number) => ipv4_text(getBe32(b, at.get(nr) as number))
  const flags = get32(b, 24) & 0xff
  return [
    `${types[b[23]]} ${at.has(1) ? text(1) : '0.0.0.0'}/${b[17]} table ${get32(b, at.get(15) as number)}`,
    at.has(7) ? ` src ${text(7)}` : '',
    at.has(5) ? ` via ${text(5)}` : '',
    at.has(4) ? ` dev ${get32(b, at.get(4) as number)}` : '',
    at.has(6) ? ` metric ${get32(b, at.get(6) as number)}` : '',
    b[19] === 0 ? '' : ` tos ${b[19]}`,
    flags & 1 ? ' dead' : '',
    flags & 16 ? ' linkdown' : '',
    get16(b, 6) & ~0x22 && get16(b, 4) === 24 ? ` flags 0x${get16(b, 6).toString(16)}` : '',
  ].join('')
}
const conf = ['', 'index', 'forwarding', 'rp_filter', 'mc_forwarding', 'proxy_neigh', 'ignore_linkdown', 'input', 'bc_forwarding']
function show_netconf(b: Uint8Array): string {
  return [...attrs(b, 20)].map(([nr, o]) => (nr === 1 ? String(getS32(b, o)) : `${conf[nr]}=${getS32(b, o)}`)).join(' ')
}

/** A label in an ifreq's name field. */
export function ifr_name(name: string): Uint8Array {
  const b = new Uint8Array(40)
  putString(b, 0, name)
  return b
}
