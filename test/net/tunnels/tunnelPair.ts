/** Two namespaces, a and b, over a pair of devices va–vb; links, addresses and routes as a program asks for them, and echoes. */
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { hex, putBe16, putBe32 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { dev_add_pack, dev_change_flags, dev_get_stats, packet_type } from '../../../src/net/core/dev.ts'
import { dev_change_net_namespace } from '../../../src/net/core/dev_netns.ts'
import { copy_net_ns, type net } from '../../../src/net/core/net_namespace.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { PACKET_OUTGOING, type sk_buff } from '../../../src/net/core/skbuff.ts'
import { sys_close, sys_recvmsg, sys_sendmsg, sys_setsockopt, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { ifaddrmsg } from '../../../src/uapi/linux/if_addr.ts'
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  VETH_INFO_PEER,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE } from '../../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE, RTM_SETLINK, rtmsg } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, bootHost, Client } from '../core/rtnetlink_client.ts'
import { internet_checksum } from '../ipv6/ndFrames.ts'

export const SEC = 1e9
export type Fill = (msg: MessageBuilder) => void
type Side = 'a' | 'b'
const ETH_P_ALL = 3

/** Bytes of an address of either family. */
export function ip(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.').map(Number))
  const [head, tail] = text.split('::')
  const words = (part: string | undefined) => (part ? part.split(':') : []).map((word) => Number.parseInt(word, 16))
  const [first, last] = [words(head), words(tail)]
  const all = tail === undefined ? first : [...first, ...new Array(8 - first.length - last.length).fill(0), ...last]
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]))
}
function body(fill: Fill): Uint8Array {
  const msg = new MessageBuilder()
  fill(msg)
  return msg.bytes().slice()
}

/** What a tap has seen: "in " or "out", and the frame. */
export class Tap {
  frames: string[] = []
}
export function tapped(skb: sk_buff, _dev: net_device, pt: packet_type): number {
  const at = skb.mac_header >= 0 ? skb.mac_header : skb.data
  const log = pt.af_packet_priv as unknown as Tap
  log.frames.push(`${skb.pkt_type === PACKET_OUTGOING ? 'out' : 'in '} ${hex(skb.buf.subarray(at, skb.tail))}`)
  return 0
}

export interface PingOptions {
  size?: number
  ttl?: number
  tos?: number
  /** A device that the socket is bound to. */
  bind?: string
  /** May not be split. */
  df?: boolean
}

export class TunnelPair {
  readonly kernel: Kernel
  readonly nets: Record<Side, net>
  readonly clients: Record<Side, Client>
  private ident = 1
  constructor({ wire = true } = {}) {
    this.kernel = bootHost({ ipv6: true })
    const b = copy_net_ns(this.kernel)
    if (isErrno(b)) throw b
    this.nets = { a: this.kernel.init_net, b }
    this.clients = { a: new Client(this.kernel), b: new Client(this.kernel, { netns: b.inum }) }
    for (const side of ['a', 'b'] as const) this.up(side, 'lo')
    if (wire) this.wire('va', 'vb')
  }
  /** A pair of devices, the second one in b, with addresses of their own. */
  wire(here: string, there: string, net = 1): void {
    const data: Fill = (msg) => {
      const peer = msg.nest(VETH_INFO_PEER)
      msg.struct(ifinfomsg, {})
      msg.put(IFLA_IFNAME, there)
      msg.put(IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, net, 0xb))
      msg.nestEnd(peer)
    }
    this.link('a', 'veth', here, data, Uint8Array.of(2, 0, 0, 0, net, 0xa))
    this.move(there)
    for (const [side, name] of [
      ['a', here],
      ['b', there],
    ] as const)
      this.up(side, name)
  }
  private move(name: string): void {
    const dev = this.device('a', name)
    const error = dev_change_net_namespace(dev, this.nets.b)
    if (isErrno(error)) throw new Error(error.name)
  }
  clientOf(net: net): Client {
    return new Client(this.kernel, { netns: net.inum })
  }
  device(side: Side, name: string): net_device {
    const dev = this.nets[side].dev_name_head.get(name)
    if (dev === undefined) throw new Error(`no device ${name}`)
    return dev
  }
  request(side: Side, type: number, fill: Fill, flags = NLM_F_CREATE): Ack {
    const ack = this.clients[side].ack(type, flags, body(fill))
    if (ack.error !== 0) throw new Error(`request ${type}: ${ack.error} ${ack.msg}`)
    return ack
  }
  link(side: Side, kind: string, name: string, data: Fill = () => {}, address?: Uint8Array, lower?: string): void {
    this.request(side, RTM_NEWLINK, (msg) => {
      msg.struct(ifinfomsg, {})
      msg.put(IFLA_IFNAME, name)
      if (address !== undefined) msg.put(IFLA_ADDRESS, address)
      if (lower !== undefined) msg.put(IFLA_LINK, this.device(side, lower).ifindex)
      const info = msg.nest(IFLA_LINKINFO)
      msg.put(IFLA_INFO_KIND, kind)
      const nest = msg.nest(IFLA_INFO_DATA)
      data(msg)
      msg.nestEnd(nest)
      msg.nestEnd(info)
    })
  }
  master(side: Side, name: string, master: string): void {
    this.request(
      side,
      RTM_SETLINK,
      (msg) => {
        msg.struct(ifinfomsg, { ifi_index: this.device(side, name).ifindex })
        msg.put(IFLA_MASTER, this.device(side, master).ifindex)
      },
      0,
    )
  }
  up(side: Side, name: string): void {
    const dev = this.device(side, name)
    dev_change_flags(dev, dev.flags | IFF_UP)
  }
  /** "10.0.0.1/24"; addresses of IPv6 without duplicate address detection. */
  addr(side: Side, name: string, address: string): void {
    const [text, length] = address.split('/')
    const bytes = ip(text)
    const family = bytes.length === 4 ? 2 : 10
    this.request(side, RTM_NEWADDR, (msg) => {
      const ifa_index = this.device(side, name).ifindex
      msg.struct(ifaddrmsg, { ifa_family: family, ifa_prefixlen: Number(length), ifa_flags: family === 2 ? 0 : 2, ifa_index })
      msg.putBytes(2, bytes)
    })
  }
  /** `more`: RTA_* beside destination and device. */
  route(side: Side, prefix: string, dev: string | undefined, { via = '', table = 254, more = (() => {}) as Fill } = {}): void {
    const [text, length] = prefix.split('/')
    const bytes = ip(text)
    const family = bytes.length === 4 ? 2 : 10
    this.request(side, RTM_NEWROUTE, (msg) => {
      const scope = family === 2 && via === '' ? 253 : 0
      msg.struct(rtmsg, {
        rtm_family: family,
        rtm_dst_len: Number(length),
        rtm_table: table,
        rtm_protocol: 3,
        rtm_scope: scope,
        rtm_type: 1,
      })
      msg.putBytes(1, bytes)
      if (via !== '') msg.putBytes(5, ip(via))
      if (dev !== undefined) {
        const o = msg.reserve(4, 4)
        new DataView(msg.buf.buffer, msg.buf.byteOffset).setUint32(o, this.device(side, dev).ifindex, true)
      }
      more(msg)
    })
  }
  advance(ns: number): void {
    this.kernel.events.runUntil(this.kernel.now() + ns)
  }
  /** "rx PACKETS/BYTES tx PACKETS/BYTES", then what else is not 0. */
  stats(side: Side, name: string): string {
    const s = dev_get_stats(this.device(side, name))
    const known = ['rx_packets', 'rx_bytes', 'tx_packets', 'tx_bytes', 'multicast']
    const rest = Object.entries(s).filter(([field, n]) => n !== 0 && !known.includes(field))
    const errors = rest.map(([field, n]) => ` ${field}=${n}`).join('')
    return `rx ${s.rx_packets}/${s.rx_bytes} tx ${s.tx_packets}/${s.tx_bytes}${errors}`
  }
  tap(side: Side, name: string): Tap {
    const log = new Tap()
    dev_add_pack(this.kernel, new packet_type(ETH_P_ALL, tapped, this.device(side, name), undefined, log as never))
    return log
  }
  /** One echo: "reply ttl=N", "error TYPE/CODE from ADDRESS", an errno's name, or "lost" after a second. */
  ping(side: Side, to: string, { size = 56, ttl, tos, bind, df }: PingOptions = {}): string {
    const v6 = to.includes(':')
    const { task } = this.clients[side]
    const sock = sys_socket(task, v6 ? 10 : 2, 3, v6 ? 58 : 1)
    if (isErrno(sock)) throw sock
    const option = (level: number, name: number, value: number) => {
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setUint32(0, value, true)
      const error = sys_setsockopt(task, sock, level, name, bytes)
      if (isErrno(error)) throw new Error(`${level}/${name}: ${error.name}`)
    }
    if (bind !== undefined) sys_setsockopt(task, sock, 1, 25, new TextEncoder().encode(`${bind}\0`))
    if (ttl !== undefined) option(v6 ? 41 : 0, v6 ? 16 : 2, ttl)
    if (tos !== undefined) option(v6 ? 41 : 0, v6 ? 67 : 1, tos)
    if (df !== undefined) option(v6 ? 41 : 0, v6 ? 23 : 10, df ? 2 : 0)
    option(v6 ? 41 : 0, v6 ? 25 : 11, 1)
    const name = new Uint8Array(v6 ? 28 : 16)
    name[0] = v6 ? 10 : 2
    name.set(ip(to), v6 ? 8 : 4)
    const id = this.ident++
    const data = new Uint8Array(8 + size)
    data[0] = v6 ? 128 : 8
    putBe16(data, 4, id)
    putBe16(data, 6, 1)
    for (let i = 8; i < data.length; i++) data[i] = i & 255
    if (!v6) putBe16(data, 2, internet_checksum([...data]))
    const sent = sys_sendmsg(task, sock, { data, name, flags: 0 })
    if (isErrno(sent)) return sent.name
    this.advance(SEC)
    let answer = 'lost'
    for (let i = 0; i < 20; i++) {
      const got = sys_recvmsg(task, sock, { size: 65536, controlSize: 0, flags: 0x40 })
      if (isErrno(got)) {
        if (got.name === 'EAGAIN') break
        continue
      }
      const at = v6 ? 0 : 20
      const reply = got.data[at] === (v6 ? 129 : 0) && ((got.data[at + 4] << 8) | got.data[at + 5]) === id
      if (reply) answer = v6 ? 'reply' : `reply ttl=${got.data[8]}`
    }
    const told = sys_recvmsg(task, sock, { size: 65536, controlSize: 512, flags: 0x2040 })
    if (!isErrno(told) && answer === 'lost') answer = error_text(told.control ?? new Uint8Array(0), v6)
    sys_close(sock)
    return answer
  }
}
/** struct sock_extended_err in the control message, and the address behind it. */
function error_text(control: Uint8Array, v6: boolean): string {
  const at = 16
  const offender = control.subarray(at + 16)
  const from = v6 ? hex(offender.subarray(8, 24)) : offender.subarray(4, 8).join('.')
  const info = new DataView(control.buffer, control.byteOffset).getUint32(at + 8, true)
  return `error ${control[at + 5]}/${control[at + 6]}${info === 0 ? '' : ` mtu ${info}`} from ${from}`
}
export function addr4(msg: MessageBuilder, nr: number, text: string): void {
  const o = msg.reserve(nr, 4)
  putBe32(
    msg.buf,
    o,
    ip(text).reduce((n, byte) => n * 256 + byte, 0),
  )
}
