/** Objects of a host by the thousand, made, listed and taken away by requests: what growth.ts and the figures of IPv6 measure. */
import { Lab } from '../../src/lab/lab.ts'
import { put32, putBe32 } from '../../src/lib/bytes.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { IFA_LOCAL, ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../src/uapi/linux/if_link.ts'
import { NDA_DST, NDA_LLADDR, ndmsg, NUD_PERMANENT } from '../../src/uapi/linux/neighbour.ts'
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../../src/uapi/linux/netlink.ts'
import {
  ifinfomsg,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_OIF,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTPROT_BOOT,
  rtmsg,
} from '../../src/uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6, AF_NETLINK, SOCK_RAW, SOL_SOCKET } from '../../src/uapi/linux/socket.ts'

const SO_RCVBUF = 8
const IFF_UP = 1
/** The device that objects are of: the first dummy. */
export const DEVICE = 2
export const ADDRESS_DEVICES = 1000

/** A kind of object: its requests by number. */
export interface Objects {
  readonly what: string
  readonly ipv6: boolean
  /** Devices that they are on: the kernel's own lists of a device's addresses are searched from their start. */
  readonly devices: number
  /** The biggest table that is measured. */
  readonly most: number
  /** So many in small tables together, where they are too big for as many as of the others. */
  readonly together?: number
  /** What calls make and end, in place of requests. */
  readonly calls?: { add(owner: Owner, i: number): void; del(owner: Owner, i: number): void }
  /** What they need beside the devices. */
  readonly ready?: (owner: Owner) => void
  add(skb: MessageBuilder, i: number): void
  del(skb: MessageBuilder, i: number): void
  dump(skb: MessageBuilder): void
}

export const ADD = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
export const DEL = NLM_F_REQUEST | NLM_F_ACK
export const DUMP = NLM_F_REQUEST | NLM_F_DUMP

/** Numbers that jump about, none twice. */
const scattered = (i: number): number => Math.imul(i + 1, 0x9e3779b1) >>> 0
export function in4(address: number): Uint8Array {
  const b = new Uint8Array(4)
  putBe32(b, 0, address)
  return b
}
export function in6(head: number, number: number): Uint8Array {
  const b = new Uint8Array(16)
  putBe32(b, 0, head)
  putBe32(b, 4, number)
  return b
}
function link(skb: MessageBuilder, type: number, flags: number, name: string): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifinfomsg, {})
  skb.put(IFLA_IFNAME, name)
  if (type === RTM_DELLINK) return
  const info = skb.nest(IFLA_LINKINFO)
  skb.put(IFLA_INFO_KIND, 'dummy')
  skb.nestEnd(info)
}
function addr(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ifaddrmsg, { ifa_family: AF_INET, ifa_prefixlen: 32, ifa_index: DEVICE + (i % ADDRESS_DEVICES) })
  skb.put(IFA_LOCAL, in4(0x0a000001 + i))
}
function neigh(skb: MessageBuilder, type: number, flags: number, i: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(ndmsg, { ndm_family: AF_INET, ndm_ifindex: DEVICE, ndm_state: NUD_PERMANENT })
  skb.put(NDA_DST, in4(0x0a000001 + i))
  if (type === RTM_NEWNEIGH) skb.put(NDA_LLADDR, Uint8Array.of(2, 0, 0, i >> 16, (i >> 8) & 255, i & 255))
}
function route(skb: MessageBuilder, type: number, flags: number, family: number, dst: Uint8Array, length: number): void {
  skb.begin(type, flags, 1, 0)
  skb.struct(rtmsg, {
    rtm_family: family,
    rtm_dst_len: length,
    rtm_table: RT_TABLE_MAIN,
    rtm_protocol: RTPROT_BOOT,
    rtm_scope: family === AF_INET ? RT_SCOPE_LINK : 0,
    rtm_type: RTN_UNICAST,
  })
  skb.put(RTA_DST, dst)
  skb.put(RTA_OIF, DEVICE)
}
function list(skb: MessageBuilder, type: number, family: number): void {
  skb.begin(type, DUMP, 1, 0)
  skb.struct(rtmsg, { rtm_family: family })
}
const prefix4 = (i: number): Uint8Array => in4((scattered(i) & 0xffffff00) >>> 0)
const prefix6 = (i: number): Uint8Array => in6(0x20010db8, scattered(i))

export const kinds: readonly Objects[] = [
  {
    what: 'links',
    ipv6: false,
    devices: 1,
    most: 30_000,
    add: (skb, i) => link(skb, RTM_NEWLINK, ADD, `d${i}`),
    del: (skb, i) => link(skb, RTM_DELLINK, DEL, `d${i}`),
    dump: (skb) => list(skb, RTM_GETLINK, 0),
  },
  {
    what: `addresses on ${ADDRESS_DEVICES} devices`,
    ipv6: false,
    devices: ADDRESS_DEVICES,
    most: 100_000,
    add: (skb, i) => addr(skb, RTM_NEWADDR, ADD, i),
    del: (skb, i) => addr(skb, RTM_DELADDR, DEL, i),
    dump: (skb) => list(skb, RTM_GETADDR, AF_INET),
  },
  {
    what: 'neighbours',
    ipv6: false,
    devices: 1,
    most: 100_000,
    add: (skb, i) => neigh(skb, RTM_NEWNEIGH, ADD, i),
    del: (skb, i) => neigh(skb, RTM_DELNEIGH, DEL, i),
    dump: (skb) => list(skb, RTM_GETNEIGH, AF_INET),
  },
  {
    what: 'IPv4 routes',
    ipv6: false,
    devices: 1,
    most: 100_000,
    add: (skb, i) => route(skb, RTM_NEWROUTE, ADD, AF_INET, prefix4(i), 24),
    del: (skb, i) => route(skb, RTM_DELROUTE, DEL, AF_INET, prefix4(i), 24),
    dump: (skb) => list(skb, RTM_GETROUTE, AF_INET),
  },
  {
    what: 'IPv6 routes',
    ipv6: true,
    devices: 1,
    most: 100_000,
    add: (skb, i) => route(skb, RTM_NEWROUTE, ADD, AF_INET6, prefix6(i), 64),
    del: (skb, i) => route(skb, RTM_DELROUTE, DEL, AF_INET6, prefix6(i), 64),
    dump: (skb) => list(skb, RTM_GETROUTE, AF_INET6),
  },
]

/** A host of its own with the devices, of which the first is up, and a program with a socket. */
export class Owner {
  readonly host
  readonly task
  private readonly sock
  private readonly skb = new MessageBuilder()
  readonly of: Objects
  constructor(of: Objects) {
    this.of = of
    this.host = new Lab({ time: 'virtual', transcript: 0 }).addHost('bench', { ipv6: of.ipv6, devices: [] })
    this.task = this.host.task()
    this.sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) as never
    const size = new Uint8Array(4)
    put32(size, 0, 1 << 20)
    sys_setsockopt(this.task, this.sock, SOL_SOCKET, SO_RCVBUF, size)
    for (let i = 0; i < of.devices; i++) this.ask((skb) => link(skb, RTM_NEWLINK, ADD, `base${i}`))
    this.ask((skb) => {
      skb.begin(RTM_NEWLINK, DEL, 1, 0)
      skb.struct(ifinfomsg, { ifi_index: DEVICE, ifi_flags: IFF_UP, ifi_change: IFF_UP })
    })
    of.ready?.(this)
  }
  private send(write: (skb: MessageBuilder) => void): void {
    const { skb } = this
    skb.length = 0
    write(skb)
    skb.end()
    sys_sendmsg(this.task, this.sock, { data: skb.bytes().slice(), flags: 0 })
  }
  ask(write: (skb: MessageBuilder) => void): void {
    this.send(write)
    const answer = sys_recvmsg(this.task, this.sock, { size: 32768, controlSize: 0, flags: 0 })
    if (isErrno(answer) || answer.data[16] !== 0)
      throw new Error(`${this.of.what}: ${isErrno(answer) ? answer : `error -${256 - answer.data[16]}`}`)
  }
  add(n: number): void {
    const { calls } = this.of
    for (let i = 0; i < n; i++) calls === undefined ? this.ask((skb) => this.of.add(skb, i)) : calls.add(this, i)
  }
  del(n: number): void {
    const { calls } = this.of
    for (let i = 0; i < n; i++) calls === undefined ? this.ask((skb) => this.of.del(skb, i)) : calls.del(this, i)
  }
  /** The first device goes. */
  drop_device(): void {
    this.ask((skb) => {
      skb.begin(RTM_DELLINK, DEL, 1, 0)
      skb.struct(ifinfomsg, { ifi_index: DEVICE })
    })
  }
  dump(): number {
    this.send((skb) => this.of.dump(skb))
    for (let bytes = 0; ; ) {
      const part = sys_recvmsg(this.task, this.sock, { size: 32768, controlSize: 0, flags: 0 })
      if (isErrno(part)) return bytes
      bytes += part.data.length
    }
  }
}
