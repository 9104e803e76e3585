/** A booted host with a veth pair d0–d1 that is up, a program that asks and one that hears of neighbours. */
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { NSEC_PER_MSEC } from '../../../src/kernel/time.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getS32, hex, unhex } from '../../../src/lib/bytes.ts'
import { type neigh_table, type neighbour, NUD_IN_TIMER } from '../../../src/net/core/neighbour.ts'
import { neigh_update } from '../../../src/net/core/neighbour_nud.ts'
import { neigh_create, neigh_lookup, neigh_release } from '../../../src/net/core/neighbour_table.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { arp_tbl } from '../../../src/net/ipv4/arp.ts'
import { isErrno } from '../../../src/uapi/errno.ts'
import { IFA_LOCAL, ifaddrmsg } from '../../../src/uapi/linux/if_addr.ts'
import * as N from '../../../src/uapi/linux/neighbour.ts'
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWNEIGH, RTNLGRP_NEIGH } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../../src/uapi/linux/socket.ts'
import { type Ack, bootHost, Client, concat, link, type Message, nla, parseAck, u8 } from './rtnetlink_client.ts'

export const MAC = '020000000001'
export const OTHER = '020000000002'
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_DUMP = 0x300

const names: readonly [number, string][] = [
  [N.NUD_INCOMPLETE, 'INCOMPLETE'],
  [N.NUD_REACHABLE, 'REACHABLE'],
  [N.NUD_STALE, 'STALE'],
  [N.NUD_DELAY, 'DELAY'],
  [N.NUD_PROBE, 'PROBE'],
  [N.NUD_FAILED, 'FAILED'],
  [N.NUD_NOARP, 'NOARP'],
  [N.NUD_PERMANENT, 'PERMANENT'],
]
export function state_name(state: number): string {
  return names.find(([bit]) => bit === state)?.[1] ?? (state === 0 ? 'NONE' : `0x${state.toString(16)}`)
}

export interface NeighOptions {
  lladdr?: string
  state?: number
  /** NTF_* */
  flags?: number
  ext?: number
  proto?: number
  /** NLM_F_* */
  nl?: number
  index?: number
  family?: number
}
export interface DumpOptions {
  proxy?: boolean
  index?: number
  master?: number
}

export function ipv4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number)
}
export function neigh_body(dst: Uint8Array, o: NeighOptions): Uint8Array {
  const { index = 3, family = AF_INET, state = N.NUD_PERMANENT, flags = 0 } = o
  const parts = [N.ndmsg.encode({ ndm_family: family, ndm_ifindex: index, ndm_state: state, ndm_flags: flags }), nla(N.NDA_DST, dst)]
  if (o.lladdr !== undefined) parts.push(nla(N.NDA_LLADDR, unhex(o.lladdr)))
  if (o.proto !== undefined) parts.push(nla(N.NDA_PROTOCOL, u8(o.proto)))
  if (o.ext !== undefined) parts.push(nla(N.NDA_FLAGS_EXT, o.ext))
  return concat(...parts)
}

/** "new 10.0.0.2 STALE 020000000001 probes 0": what a listener or a dump sees, without ages. */
export function show(m: Message): string {
  const b = m.bytes
  const verb = m.type === RTM_DELNEIGH ? 'del' : m.type === RTM_GETNEIGH ? 'get' : 'new'
  const flags = b[26]
  let dst = ''
  let rest = ''
  eachAttr(b, 28, b.length, (nr, o) => {
    const data = b.subarray(o + 4, o + get16(b, o))
    if (nr === N.NDA_DST.nr) dst = data.length === 4 ? data.join('.') : hex(data)
    if (nr === N.NDA_LLADDR.nr) rest += ` ${hex(data)}`
    if (nr === N.NDA_PROBES.nr && get32(data, 0) !== 0) rest += ` probes ${get32(data, 0)}`
    if (nr === N.NDA_PROTOCOL.nr) rest += ` proto ${data[0]}`
    if (nr === N.NDA_FLAGS_EXT.nr) rest += ` ext ${get32(data, 0)}`
  })
  return `${verb} ${dst} ${state_name(get16(b, 24))}${flags === 0 ? '' : ` flags ${flags}`}${rest}`
}

export class NeighbourHost {
  readonly kernel: Kernel
  readonly client: Client
  readonly strict: Client
  readonly listener: Client
  readonly d0: net_device
  constructor() {
    this.kernel = bootHost()
    this.client = new Client(this.kernel)
    this.strict = new Client(this.kernel, { strict: true })
    const veth = nla(18, nla(1, 'veth'), nla(2, nla(1, link({}, nla(3, 'd1')))))
    this.client.ack(RTM_NEWLINK, 0x600, link({}, nla(3, 'd0'), veth))
    for (const index of [2, 3]) this.set(index, 1, 1)
    // with a table of local addresses others are unicast
    const addr = ifaddrmsg.encode({ ifa_family: AF_INET, ifa_prefixlen: 24, ifa_index: 3 })
    this.client.ack(RTM_NEWADDR, NLM_F_CREATE, concat(addr, nla(IFA_LOCAL, ipv4('10.0.0.1'))))
    this.d0 = this.kernel.init_net.dev_name_head.get('d0') as net_device
    this.listener = new Client(this.kernel, { groups: [RTNLGRP_NEIGH] })
  }
  get tbl(): neigh_table {
    return arp_tbl(this.kernel)
  }
  /** Link flags. */
  set(index: number, flags: number, change: number): void {
    this.client.ack(RTM_NEWLINK, 0, link({ index, flags, change }))
  }
  /** Lets time pass. */
  after(ms: number): void {
    this.kernel.events.runUntil(this.kernel.now() + ms * NSEC_PER_MSEC)
  }
  told(): string[] {
    return this.listener.receive().map(show)
  }
  add(dst: string, o: NeighOptions = {}): Ack {
    return this.client.ack(RTM_NEWNEIGH, o.nl ?? NLM_F_CREATE | NLM_F_EXCL, neigh_body(ipv4(dst), o))
  }
  del(dst: string, o: NeighOptions = {}): Ack {
    return this.client.ack(RTM_DELNEIGH, 0, neigh_body(ipv4(dst), o))
  }
  get(dst: string, o: NeighOptions = {}): string {
    const answers = this.client.request(RTM_GETNEIGH, 1, neigh_body(ipv4(dst), { state: 0, ...o }))
    return answers[0].type === 2 ? (parseAck(answers[0]).msg ?? '') : show(answers[0])
  }
  dump_messages({ proxy = false, index, master }: DumpOptions = {}): Message[] {
    const parts = [N.ndmsg.encode({ ndm_family: AF_INET, ndm_flags: proxy ? N.NTF_PROXY : 0 })]
    if (index !== undefined) parts.push(nla(N.NDA_IFINDEX, index))
    if (master !== undefined) parts.push(nla(N.NDA_MASTER, master))
    return this.strict.request(RTM_GETNEIGH, NLM_F_DUMP | 1, concat(...parts))
  }
  /** Sorted: the table's own order is that of a hash. */
  dump(options?: DumpOptions): string[] {
    return this.dump_messages(options)
      .filter((m) => m.type === RTM_NEWNEIGH)
      .map(show)
      .sort()
  }

  entry(dst: string): neighbour {
    const n = neigh_lookup(this.tbl, ipv4(dst), this.d0)
    if (n === undefined) throw new Error(`no entry ${dst}`)
    neigh_release(n)
    return n
  }
  /** An entry as the network would have made it, in the state given. */
  known(dst: string, state: number, lladdr = MAC): neighbour {
    const n = neigh_create(this.tbl, ipv4(dst), this.d0)
    if (isErrno(n)) throw n
    neigh_update(n, unhex(lladdr), state, 0, 0)
    neigh_release(n)
    this.told()
    return n
  }
}

/** ms until the entry's timer runs; undefined: it does not. */
export function timer_in(host: NeighbourHost, n: neighbour): number | undefined {
  return n.nud_state & NUD_IN_TIMER ? Math.round((n.timer.expires - host.kernel.now()) / NSEC_PER_MSEC) : undefined
}
export function ifindex_of(m: Message): number {
  return getS32(m.bytes, 20)
}
