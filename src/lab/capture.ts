/**
 * Captures: what passes devices, a wire or netlink, as a pcapng stream that tshark reads. A capture is a handle of the
 * outside, no state: it collects packets, and whoever made it takes the bytes away.
 *
 * A packet is kept as it was when it passed; when it is dropped before the bytes are taken, it has the reason as a
 * comment. One that is dropped without having passed (no neighbour answered, say) stands on an interface of its own,
 * `DEVICE (dropped)`.
 */
import {
  capture_link_type,
  captured_network_packet,
  captured_packet,
  drop_reason_name,
  LINKTYPE_ETHERNET,
  LINKTYPE_NETLINK,
  LINKTYPE_RAW,
  netlink_packet,
} from '../init/captured.ts'
import type { tracepoints } from '../kernel/trace.ts'
import { enhancedPacket, INBOUND, interfaceDescription, interfaceStatistics, OUTBOUND, sectionHeader } from '../lib/pcapng.ts'
import type { net } from '../net/core/net_namespace.ts'
import type { net_device } from '../net/core/netdevice.ts'
import type { sk_buff } from '../net/core/skbuff.ts'
import { IFF_LOOPBACK } from '../uapi/linux/if.ts'
import { ARPHRD_NETLINK } from '../uapi/linux/if_arp.ts'
import { NETLINK_KOBJECT_UEVENT } from '../uapi/linux/netlink.ts'
import type { Host } from './host.ts'
import type { Lab } from './lab.ts'
import { netnsId } from './transcript.ts'
import type { Wire } from './wire.ts'

/** What is captured: a wire, or of a host its devices (one, or all) or its netlink messages. */
export interface CaptureSpec {
  wire?: string
  /** The only one when missing. */
  host?: string
  /** A device's name, in whatever namespace; all devices when missing. */
  device?: string
  netlink?: boolean
}

/** Bytes of packets that wait to be taken; what comes beyond is counted as lost. */
export const MAX_CAPTURED = 1 << 24

interface Packet {
  interfaceId: number
  at: bigint
  bytes: Uint8Array
  direction: typeof INBOUND | typeof OUTBOUND
  comment: string | undefined
}

export class Capture {
  /** Called when there is something to take after there was nothing. */
  ready: (() => void) | undefined = undefined
  /** Packets that were not kept, because those before them were not taken. */
  lost = 0
  private readonly lab: Lab
  private readonly interfaces = new Map<string, number>()
  private blocks: Uint8Array[] = [sectionHeader('netdouble')]
  private packets: Packet[] = []
  private waiting = 0
  private bySkb = new Map<sk_buff, Packet>()
  private readonly stop: () => void

  /** Throws when there is no such wire, host or device. */
  constructor(lab: Lab, spec: CaptureSpec) {
    this.lab = lab
    this.stop = this.start(spec)
  }

  private start({ wire, host, device, netlink }: CaptureSpec): () => void {
    if (wire !== undefined) return this.wire(wire)
    const on = this.lab.host(host)
    if (netlink) return on.observe(this.netlinkObserver(on))
    if (device !== undefined && !on.hasDevice(device)) throw new Error(`host ${on.name} has no device ${device}`)
    return on.observe(this.deviceObserver(on, device))
  }

  /** All that was captured since the last time, as whole blocks. */
  take(): Uint8Array {
    const out = Buffer.concat([...this.blocks, ...this.packets.map(enhancedPacket)])
    this.blocks = []
    this.packets = []
    this.waiting = 0
    this.bySkb = new Map()
    return out
  }

  /** Ends it; the last bytes, with the number of packets that were lost. */
  close(): Uint8Array {
    this.stop()
    const rest = this.take()
    if (this.interfaces.size === 0 || this.lost === 0) return rest
    return Buffer.concat([rest, interfaceStatistics(0, this.now(), this.lost)])
  }

  /** Ns since 1970, or of the lab where that follows no wall clock. */
  private now(): bigint {
    const { now, real_offset_us } = this.lab.events
    return BigInt(real_offset_us) * 1000n + BigInt(now)
  }

  private interfaceId(name: string, linkType: number): number {
    let id = this.interfaces.get(name)
    if (id === undefined) {
      id = this.interfaces.size
      this.interfaces.set(name, id)
      this.blocks.push(interfaceDescription(linkType, name))
    }
    return id
  }

  private add(name: string, linkType: number, bytes: Uint8Array, direction: Packet['direction'], comment?: string): Packet | undefined {
    if (this.waiting + bytes.length > MAX_CAPTURED) {
      this.lost++
      return undefined
    }
    const first = this.packets.length === 0
    const packet = { interfaceId: this.interfaceId(name, linkType), at: this.now(), bytes, direction, comment }
    this.packets.push(packet)
    this.waiting += bytes.length
    if (first) this.ready?.()
    return packet
  }

  // --- a wire: an interface for each end, with what that end sends

  private wire(name: string): () => void {
    const wire = this.lab.wires.get(name)
    if (wire === undefined) throw new Error(`no wire named ${name}`)
    return wire.observe((wire: Wire, from, bytes, fate) => {
      const comment = fate === 'sent' ? undefined : `${fate} on the wire`
      this.add(`${wire.name}:${wire.ends[from]}`, LINKTYPE_ETHERNET, bytes.slice(), OUTBOUND, comment)
    })
  }

  // --- devices

  private deviceObserver(host: Host, only: string | undefined): tracepoints {
    const wanted = (dev: net_device) => (only === undefined || dev.name === only) && dev.type !== ARPHRD_NETLINK
    return {
      // what lo sends it receives: it is shown once
      net_dev_start_xmit: (skb, dev) => void (wanted(dev) && (dev.flags & IFF_LOOPBACK) === 0 && this.passing(host, skb, dev, OUTBOUND)),
      netif_receive_skb: (skb, dev) => void (wanted(dev) && this.passing(host, skb, dev, INBOUND)),
      kfree_skb: (skb, reason) => void (skb.dev !== undefined && wanted(skb.dev) && this.dropped(host, skb, skb.dev, reason)),
    }
  }
  private passing(host: Host, skb: sk_buff, dev: net_device, direction: Packet['direction']): void {
    const bytes = captured_packet(skb, dev, direction === OUTBOUND)
    if (bytes === undefined) return
    const packet = this.add(deviceName(host, dev), capture_link_type(dev), bytes, direction)
    if (packet !== undefined) this.bySkb.set(skb, packet)
  }
  private dropped(host: Host, skb: sk_buff, dev: net_device, reason: number): void {
    const why = drop_reason_name(reason)
    if (why === undefined) return
    const packet = this.bySkb.get(skb)
    if (packet !== undefined) {
      packet.comment = `dropped: ${why}`
      return
    }
    const bytes = captured_network_packet(skb)
    if (bytes === undefined) return
    const direction = skb.skb_iif === 0 ? OUTBOUND : INBOUND
    this.add(`${deviceName(host, dev)} (dropped)`, LINKTYPE_RAW, bytes, direction, `dropped: ${why}`)
  }

  // --- netlink: an interface for each namespace

  private netlinkObserver(host: Host): tracepoints {
    const message = (net: net, protocol: number, data: Uint8Array, direction: Packet['direction'], comment: string) => {
      // those are texts, no netlink messages
      if (protocol === NETLINK_KOBJECT_UEVENT) return
      this.add(`${netName(host, net)}/netlink`, LINKTYPE_NETLINK, netlink_packet(protocol, data, direction === INBOUND), direction, comment)
    }
    return {
      netlink_request: (_, net, protocol, portid, data) => message(net, protocol, data, INBOUND, `from ${portid}`),
      netlink_reply: (_, net, protocol, portid, data) => message(net, protocol, data, OUTBOUND, `to ${portid}`),
      netlink_multicast: (_, net, protocol, group, _portid, data) => message(net, protocol, data, OUTBOUND, `to group ${group}`),
    }
  }
}

function netName(host: Host, net: net): string {
  const id = netnsId(net)
  return id === 0 ? host.name : `${host.name}/${id}`
}
function deviceName(host: Host, dev: net_device): string {
  return `${netName(host, dev.nd_net)}/${dev.name}`
}
