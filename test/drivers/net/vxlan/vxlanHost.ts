/** A booted host, what `ip link` and `bridge` ask of its vxlan devices, and what listeners hear, as short lines. */
import type { Kernel } from '../../../../src/kernel/kernel.ts'
import { eachAttr } from '../../../../src/lib/attrs.ts'
import { get16, hex } from '../../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../../src/lib/message.ts'
import { dev_change_flags } from '../../../../src/net/core/dev.ts'
import type { net_device } from '../../../../src/net/core/netdevice.ts'
import { IFF_UP } from '../../../../src/uapi/linux/if.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../../../src/uapi/linux/if_link.ts'
import { NDA_DST, NDA_LLADDR, ndmsg } from '../../../../src/uapi/linux/neighbour.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_DELLINK, RTM_NEWLINK } from '../../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, bootHost, Client, type Message } from '../../../net/core/rtnetlink_client.ts'

export type Fill = (msg: MessageBuilder) => void
export const SEC = 1e9
const AF_BRIDGE = 7
const NEIGH = 3
const TUNNEL = 35

function body(fill: Fill): Uint8Array {
  const msg = new MessageBuilder()
  fill(msg)
  return msg.bytes().slice()
}
export const ip4 = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number))
export const mac = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last)

export class VxlanHost {
  readonly kernel: Kernel
  readonly client: Client
  readonly monitor: Client
  constructor({ ipv6 = true } = {}) {
    this.kernel = bootHost({ ipv6 })
    this.client = new Client(this.kernel)
    this.monitor = new Client(this.kernel, { groups: [NEIGH, TUNNEL] })
  }
  link(kind: string, name: string, data: Fill = () => {}, flags = NLM_F_CREATE | NLM_F_EXCL): Ack {
    return this.client.ack(
      RTM_NEWLINK,
      flags,
      body((msg) => {
        msg.struct(ifinfomsg, {})
        msg.put(IFLA_IFNAME, name)
        const info = msg.nest(IFLA_LINKINFO)
        msg.put(IFLA_INFO_KIND, kind)
        const nest = msg.nest(IFLA_INFO_DATA)
        data(msg)
        msg.nestEnd(nest)
        msg.nestEnd(info)
      }),
    )
  }
  unlink(name: string): Ack {
    return this.client.ack(
      RTM_DELLINK,
      0,
      body((msg) => {
        msg.struct(ifinfomsg, {})
        msg.put(IFLA_IFNAME, name)
      }),
    )
  }
  fdb(type: number, dev: string, state: number, flags: number, fill: Fill): Ack {
    return this.client.ack(
      type,
      flags,
      body((msg) => {
        msg.struct(ndmsg, { ndm_family: AF_BRIDGE, ndm_ifindex: this.device(dev).ifindex, ndm_state: state, ndm_flags: 2 })
        fill(msg)
      }),
    )
  }
  request(type: number, fill: Fill, flags = 0): Ack {
    return this.client.ack(type, flags, body(fill))
  }
  device(name: string): net_device {
    const dev = this.kernel.init_net.dev_name_head.get(name)
    if (dev === undefined) throw new Error(`no device ${name}`)
    return dev
  }
  up(name: string): unknown {
    const dev = this.device(name)
    return dev_change_flags(dev, dev.flags | IFF_UP)
  }
  down(name: string): unknown {
    const dev = this.device(name)
    return dev_change_flags(dev, dev.flags & ~IFF_UP)
  }
  advance(ns: number): void {
    this.kernel.events.runUntil(this.kernel.events.now + ns)
  }
  /** Notifications of neighbours and tunnels so far: type, then the ends of those with one. */
  heard(): string[] {
    return this.monitor.receive().map(line)
  }
}
function line(m: Message): string {
  const a = new Map<number, string>()
  eachAttr(m.bytes, 28, m.bytes.length, (nr, at) => a.set(nr, hex(m.bytes.subarray(at + 4, at + get16(m.bytes, at)))))
  const name = { 28: 'NEW', 29: 'DEL', 30: 'GET', 120: 'NEWTUNNEL', 121: 'DELTUNNEL' }[m.type] ?? `${m.type}`
  if (m.type >= 120) return `${name} ${hex(m.bytes.subarray(24))}`
  return `${name} ${a.get(NDA_LLADDR.nr) ?? '-'} ${a.get(NDA_DST.nr) ?? '-'}`
}
