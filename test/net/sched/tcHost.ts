/** A booted host with `ifb` devices that are up, and a program that speaks of disciplines as `tc` does. */
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { NSEC_PER_MSEC } from '../../../src/kernel/time.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getS32, getString } from '../../../src/lib/bytes.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { alloc_skb, type sk_buff, skb_put } from '../../../src/net/core/skbuff.ts'
import { ETH_P_IP } from '../../../src/uapi/linux/if_ether.ts'
import * as R from '../../../src/uapi/linux/rtnetlink.ts'
import { type Ack, bootHost, Client, concat, link, type Message, nla } from '../core/rtnetlink_client.ts'

export const ROOT = 0xffffffff
export const INGRESS = 0xfffffff1
export const REPLACE = 0x100
export const EXCL = 0x200
export const CREATE = 0x400
export const ADD = CREATE | EXCL
export const DUMP = 0x301

export interface Place {
  parent?: number
  handle?: number
  index?: number
  info?: number
  kind?: string
  /** Attributes besides the kind. */
  more?: Uint8Array[]
}
function body({ parent = ROOT, handle = 0, index = 2, info = 0, kind, more = [] }: Place): Uint8Array {
  const tcm = R.tcmsg.encode({ tcm_ifindex: index, tcm_parent: parent, tcm_handle: handle, tcm_info: info })
  return concat(tcm, ...(kind === undefined ? [] : [nla(R.TCA_KIND, kind)]), ...more)
}
function handleText(h: number): string {
  return h === ROOT ? 'root' : `${(h >>> 16).toString(16)}:${h & 0xffff ? (h & 0xffff).toString(16) : ''}`
}
const verbs: Record<number, string> = {
  [R.RTM_NEWQDISC]: 'qdisc',
  [R.RTM_DELQDISC]: 'deleted qdisc',
  [R.RTM_NEWTCLASS]: 'class',
  [R.RTM_NEWCHAIN]: 'chain',
  [R.RTM_DELCHAIN]: 'deleted chain',
}
/** "qdisc pfifo 1: parent root ref 2": what `tc` shows, without options and counters. */
export function show({ bytes, type }: Message): string {
  let kind = ''
  eachAttr(bytes, 36, bytes.length, (nr, o) => {
    if (nr === R.TCA_KIND.nr) kind = getString(bytes, o + 4, o + get16(bytes, o))
    if (nr === R.TCA_CHAIN.nr) kind = String(get32(bytes, o + 4))
  })
  return `${verbs[type] ?? type} ${kind} ${handleText(get32(bytes, 24))} parent ${handleText(get32(bytes, 28))} info ${get32(bytes, 32)}`
}
/** The payload of an attribute of a discipline's message. */
export function attribute({ bytes }: Message, wanted: number): Uint8Array | undefined {
  let found: Uint8Array | undefined
  eachAttr(bytes, 36, bytes.length, (nr, o) => {
    if (nr === wanted) found = bytes.slice(o + 4, o + get16(bytes, o))
  })
  return found
}

export class TcHost {
  readonly kernel: Kernel
  readonly client: Client
  readonly listener: Client
  readonly dev: net_device
  constructor({ queues = 1 } = {}) {
    this.kernel = bootHost()
    this.client = new Client(this.kernel)
    this.client.ack(R.RTM_NEWLINK, ADD, link({}, nla(3, 'i0'), nla(31, queues), nla(18, nla(1, 'ifb'))))
    this.client.ack(R.RTM_NEWLINK, 0, link({ index: 2, flags: 1, change: 1 }))
    this.dev = this.kernel.init_net.dev_name_head.get('i0') as net_device
    this.listener = new Client(this.kernel, { groups: [R.RTNLGRP_TC] })
  }
  after(ms: number): void {
    this.kernel.events.runUntil(this.kernel.now() + ms * NSEC_PER_MSEC)
  }
  /** The text of the refusal, the errno where there is none, '' for success. */
  ask(type: number, flags: number, place: Place): string {
    const { error, msg }: Ack = this.client.ack(type, flags, body(place))
    return msg ?? (error === 0 ? '' : String(error))
  }
  add(kind: string, place: Place = {}): string {
    return this.ask(R.RTM_NEWQDISC, ADD, { kind, ...place })
  }
  del(place: Place = {}): string {
    return this.ask(R.RTM_DELQDISC, 0, place)
  }
  told(): string[] {
    return this.listener.receive().map(show)
  }
  dump(type = R.RTM_GETQDISC, place: Place = { parent: 0 }): Message[] {
    return this.client.request(type, DUMP, body(place)).filter((m) => m.type !== 3)
  }
  shown(): string[] {
    return this.dump().map(show)
  }
}

/** tc_prio_qopt: three bands, and the band of each priority. */
export function prioOptions(bands = 3, map = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]): Uint8Array {
  return nla(R.TCA_OPTIONS, concat(nla(0, bands).subarray(4), new Uint8Array(map)))
}
export function packet(size: number, priority = 0, fill = 0): sk_buff {
  const skb = alloc_skb(size)
  const at = skb_put(skb, size)
  skb.buf.fill(fill, at, at + size)
  skb.buf[at] = 0x45
  skb.protocol = ETH_P_IP
  skb.network_header = at
  skb.priority = priority
  return skb
}
export function dumpError(messages: Message[]): number {
  return getS32(messages[0].bytes, 16)
}
