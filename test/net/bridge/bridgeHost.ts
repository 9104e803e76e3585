/** Bridges and veth pairs, made as a program makes them, and frames that come in at the far ends. */
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
import { br_port_get_rtnl, br_priv, type net_bridge, type net_bridge_port } from '../../../src/net/bridge/br_private.ts'
import { __dev_get_by_name, dev_queue_xmit } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import {
  IFLA_IFNAME,
  IFLA_ADDRESS,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  VETH_INFO_PEER,
} from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_CREATE } from '../../../src/uapi/linux/netlink.ts'
import { RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, bootHost, Client, link, nla } from '../core/rtnetlink_client.ts'
import { frame, type Heard, listen, mac } from '../core/packets.ts'

export const word = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
export const byte = (value: number) => Uint8Array.of(value)

export class Bridged {
  readonly kernel: Kernel
  readonly client: Client
  constructor(kernel: Kernel = bootHost()) {
    this.kernel = kernel
    this.client = new Client(kernel)
  }
  dev(name: string): net_device {
    return __dev_get_by_name(this.kernel.init_net, name) as net_device
  }
  br(name = 'br0'): net_bridge {
    return br_priv(this.dev(name))
  }
  port(name: string): net_bridge_port {
    return br_port_get_rtnl(this.dev(name)) as net_bridge_port
  }
  bridge(name: string, address: string, ...data: Uint8Array[]): void {
    const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'bridge'), nla(IFLA_INFO_DATA, ...data))
    this.client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, name), nla(IFLA_ADDRESS, mac(address)), info))
    this.up(name)
  }
  /** Settings of a bridge. */
  set(name: string, ...data: Uint8Array[]): Ack {
    const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'bridge'), nla(IFLA_INFO_DATA, ...data))
    return this.client.ack(RTM_NEWLINK, 0, link({ index: this.dev(name).ifindex }, info))
  }
  setPort(name: string, ...data: Uint8Array[]): Ack {
    const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_SLAVE_KIND, 'bridge'), nla(IFLA_INFO_SLAVE_DATA, ...data))
    return this.client.ack(RTM_NEWLINK, 0, link({ index: this.dev(name).ifindex }, info))
  }
  veth(name: string, address: string, peer: string, peerAddress: string): void {
    const far = nla(VETH_INFO_PEER, link({}, nla(IFLA_IFNAME, peer), nla(IFLA_ADDRESS, mac(peerAddress))))
    const info = nla(IFLA_LINKINFO, nla(IFLA_INFO_KIND, 'veth'), nla(IFLA_INFO_DATA, far))
    this.client.ack(RTM_NEWLINK, NLM_F_CREATE, link({}, nla(IFLA_IFNAME, name), nla(IFLA_ADDRESS, mac(address)), info))
  }
  enslave(name: string, master: string): void {
    this.client.ack(RTM_NEWLINK, 0, link({ index: this.dev(name).ifindex }, nla(IFLA_MASTER, word(this.dev(master).ifindex))))
  }
  up(name: string, on = true): void {
    this.client.ack(RTM_NEWLINK, 0, link({ index: this.dev(name).ifindex, flags: on ? 1 : 0, change: 1 }))
    this.run(0)
  }
  run(seconds: number): void {
    this.kernel.events.runUntil(this.kernel.now() + seconds * NSEC_PER_SEC)
  }
  /** A port p<n> with a far end q<n>, both up. */
  pair(n: number, master = 'br0'): void {
    this.veth(`p${n}`, `02:00:00:00:01:0${n}`, `q${n}`, `02:00:00:00:02:0${n}`)
    this.enslave(`p${n}`, master)
    this.up(`p${n}`)
    this.up(`q${n}`)
  }
  /** A frame out of a far end. */
  send(from: string, dest: string, options: Parameters<typeof frame>[2] = {}): void {
    const dev = this.dev(from)
    dev_queue_xmit(frame(dev, mac(dest), options))
    this.run(0)
  }
  hear(name: string, proto?: number): Heard {
    return listen(this.kernel, this.dev(name), proto)
  }
}
export { mac, nla }
