/**
 * A virtio network device (virtio 1.2, 5.1) as QEMU's: pairs of queues for frames, one for control, filters for addresses
 * and VLANs, link status and announcements. It computes no checksums and segments nothing.
 */
import { get16, get32, hex, put16, put32 } from '../lib/bytes.ts'
import type { cable_end } from './cable.ts'
import type { pci_function } from './pci.ts'
import { F_EVENT_IDX, F_VERSION_1, virtio_pci, virtio_pci_function, type virtio_model } from './virtio_pci.ts'
import { RSS_HASH_TYPES, RSS_KEY_SIZE, RSS_TABLE_SIZE, rss_parse, rss_queue, type virtio_rss } from './virtio_rss.ts'
import {
  type virtqueue,
  type virtqueue_buffer,
  type virtqueue_element,
  virtqueue_fill,
  virtqueue_flush,
  virtqueue_pop,
  virtqueue_unpop,
  virtqueue_want,
} from './virtqueue.ts'

const bit = (n: number) => 1n << BigInt(n)
const F_CTRL_GUEST_OFFLOADS = bit(2)
const F_MAC = bit(5)
const F_MRG_RXBUF = bit(15)
const F_STATUS = bit(16)
const F_CTRL_VQ = bit(17)
const F_CTRL_RX = bit(18)
const F_CTRL_VLAN = bit(19)
const F_CTRL_RX_EXTRA = bit(20)
const F_GUEST_ANNOUNCE = bit(21)
const F_MQ = bit(22)
const F_CTRL_MAC_ADDR = bit(23)
const F_INDIRECT_DESC = bit(28)
const F_RING_RESET = bit(40)
const F_RSS = bit(60)
const FEATURES =
  F_CTRL_GUEST_OFFLOADS |
  F_MAC |
  F_MRG_RXBUF |
  F_STATUS |
  F_CTRL_VQ |
  F_CTRL_RX |
  F_CTRL_VLAN |
  F_CTRL_RX_EXTRA |
  F_GUEST_ANNOUNCE |
  F_CTRL_MAC_ADDR |
  F_INDIRECT_DESC |
  F_EVENT_IDX |
  F_VERSION_1 |
  F_RING_RESET

const S_LINK_UP = 1
const S_ANNOUNCE = 2
/** struct virtio_net_hdr_v1 */
const HEADER = 12
const RING = 256
const CONTROL_RING = 64
const MAC_TABLE = 64
const MAX_FRAME = 65536

// classes of the control queue, and their commands
const CTRL_RX = 0
const RX_PROMISC = 0
const RX_ALLMULTI = 1
const RX_ALLUNI = 2
const RX_NOMULTI = 3
const RX_NOUNI = 4
const RX_NOBCAST = 5
const CTRL_MAC = 1
const CTRL_VLAN = 2
const CTRL_ANNOUNCE = 3
const CTRL_MQ = 4
const CTRL_OFFLOADS = 5
const MQ_RSS_CONFIG = 1
const OK = 0
const ERR = 1

export class virtio_net implements virtio_model {
  readonly pci: virtio_pci
  readonly pairs: number
  readonly features: bigint
  readonly permanent: Uint8Array
  mac: Uint8Array
  /** Undefined: no cable. */
  end: cable_end | undefined = undefined
  link = true
  announce = false
  /** Pairs that the driver uses. */
  active = 1
  /** The flags of CTRL_RX by command: promiscuous, all multicasts, all unicasts, none of either, no broadcasts. */
  rx_mode = [true, false, false, false, false, false]
  unicast: string[] = []
  multicast: string[] = []
  vlans = new Uint8Array(512)
  next_queue = 0
  /** Undefined: the pairs take turns. */
  rss: virtio_rss | undefined = undefined
  constructor(pci: virtio_pci, mac: Uint8Array, pairs: number) {
    this.pci = pci
    this.pairs = pairs
    this.features = FEATURES | (pairs > 1 ? F_MQ | F_RSS : 0n)
    this.permanent = mac.slice()
    this.mac = mac.slice()
  }
  /** struct virtio_net_config */
  config(): Uint8Array {
    const b = new Uint8Array(24)
    b.set(this.mac)
    put16(b, 6, (this.link ? S_LINK_UP : 0) | (this.announce ? S_ANNOUNCE : 0))
    put16(b, 8, this.pairs)
    if (this.pairs === 1) return b.subarray(0, 12)
    b[17] = RSS_KEY_SIZE
    put16(b, 18, RSS_TABLE_SIZE)
    put32(b, 20, RSS_HASH_TYPES)
    return b
  }
  reset(): void {
    this.mac = this.permanent.slice()
    this.announce = false
    this.active = 1
    // until a driver says otherwise all is taken (5.1.6.5.1)
    this.rx_mode = [true, false, false, false, false, false]
    this.unicast = []
    this.multicast = []
    this.vlans.fill(0)
    this.rss = undefined
  }
  /** Even queues receive: buffers there are used when a frame comes. Odd ones send; the last one is for control. */
  notify(index: number): void {
    if (index === 2 * this.pairs) control_queue(this)
    else if (index % 2 === 1) virtio_net_send(this, this.pci.queues[index])
  }
}

/** What the driver has put there goes on the cable, as far as that takes it. */
function virtio_net_send(nic: virtio_net, vq: virtqueue): void {
  const { fn } = nic.pci
  let sent = 0
  for (;;) {
    const element = virtqueue_pop(fn, vq)
    if (element === false) return nic.pci.broken()
    if (element === undefined) break
    const frame = gather(element)
    if (frame === undefined) return nic.pci.broken()
    if (nic.end !== undefined && !nic.end.transmit(frame)) {
      virtqueue_unpop(vq)
      break
    }
    if (!virtqueue_fill(fn, vq, element.head, 0, sent)) return nic.pci.broken()
    sent++
  }
  virtqueue_want(fn, vq)
  if (sent > 0 && virtqueue_flush(fn, vq, sent, nic.pci.event_idx)) nic.pci.queue_interrupt(vq)
}
/** The frame behind the header; undefined: there is no whole header. */
function gather({ out, out_num }: virtqueue_element): Uint8Array | undefined {
  if (out_num === 0) return undefined
  const [{ bytes, at, length }] = out
  if (out_num === 1 && length > HEADER) return bytes.slice(at + HEADER, at + length)
  const all = concat(out, out_num, MAX_FRAME + 1)
  return all.length <= HEADER || all.length > MAX_FRAME ? undefined : all.subarray(HEADER)
}
function concat(parts: readonly virtqueue_buffer[], count: number, most: number): Uint8Array {
  let total = 0
  for (let i = 0; i < count; i++) total += parts[i].length
  const all = new Uint8Array(Math.min(total, most))
  let to = 0
  for (let i = 0; i < count && to < all.length; i++) {
    const { bytes, at, length } = parts[i]
    const part = Math.min(length, all.length - to)
    all.set(bytes.subarray(at, at + part), to)
    to += part
  }
  return all
}
/** The cable has room again. */
export function virtio_net_tx_done(nic: virtio_net): void {
  if (!nic.pci.running) return
  for (let i = 0; i < nic.active; i++) {
    const vq = nic.pci.queues[2 * i + 1]
    if (vq.enabled) virtio_net_send(nic, vq)
  }
}

/** A frame has come over the cable. */
export function virtio_net_receive(nic: virtio_net, frame: Uint8Array): void {
  if (!nic.pci.running || frame.length < 14 || !wanted(nic, frame)) return
  const vq = nic.pci.queues[2 * queue_of(nic, frame)]
  if (vq.enabled) store(nic, vq, frame)
}
/** Without RSS the pairs take turns. */
function queue_of(nic: virtio_net, frame: Uint8Array): number {
  if (nic.rss !== undefined) return rss_queue(nic.rss, frame)
  if (nic.active === 1) return 0
  nic.next_queue = (nic.next_queue + 1) % nic.active
  return nic.next_queue
}
/** Into one buffer, or into several when the driver has agreed to that. Without room for all of it the frame is lost. */
function store(nic: virtio_net, vq: virtqueue, frame: Uint8Array): void {
  const { fn } = nic.pci
  let at = 0
  let used = 0
  let header: Uint8Array | undefined
  let header_at = 0
  while (at < frame.length) {
    const element = virtqueue_pop(fn, vq)
    if (element === false) return nic.pci.broken()
    if (element === undefined || (used > 0 && !nic.pci.has(F_MRG_RXBUF))) {
      // the buffers so far were not given back: they are still there
      virtqueue_unpop(vq, used + (element === undefined ? 0 : 1))
      return
    }
    let written = 0
    for (let i = 0; i < element.in_num; i++) {
      const part = element.in[i]
      const skip = used === 0 && i === 0 ? HEADER : 0
      if (part.length < skip) return nic.pci.broken()
      if (skip > 0) {
        header = part.bytes
        header_at = part.at
        header.fill(0, header_at, header_at + HEADER)
      }
      const count = Math.min(part.length - skip, frame.length - at)
      part.bytes.set(count === frame.length ? frame : frame.subarray(at, at + count), part.at + skip)
      at += count
      written += skip + count
    }
    if (written === 0 || !virtqueue_fill(fn, vq, element.head, written, used)) return nic.pci.broken()
    used++
  }
  if (header !== undefined) put16(header, header_at + 10, used)
  if (virtqueue_flush(fn, vq, used, nic.pci.event_idx)) nic.pci.queue_interrupt(vq)
}

function wanted(nic: virtio_net, frame: Uint8Array): boolean {
  const { rx_mode } = nic
  if (rx_mode[RX_PROMISC]) return true
  if (frame[12] === 0x81 && frame[13] === 0 && nic.pci.has(F_CTRL_VLAN)) {
    const vid = ((frame[14] & 0x0f) << 8) | frame[15]
    if ((nic.vlans[vid >> 3] & (1 << (vid & 7))) === 0) return false
  }
  if ((frame[0] & 1) === 0) {
    if (rx_mode[RX_NOUNI]) return false
    if (rx_mode[RX_ALLUNI]) return true
    for (let i = 0; i < 6; i++) if (frame[i] !== nic.mac[i]) return nic.unicast.includes(hex(frame.subarray(0, 6)))
    return true
  }
  if ((frame[0] & frame[1] & frame[2] & frame[3] & frame[4] & frame[5]) === 0xff) return !rx_mode[RX_NOBCAST]
  return !rx_mode[RX_NOMULTI] && (rx_mode[RX_ALLMULTI] || nic.multicast.includes(hex(frame.subarray(0, 6))))
}

/** The control queue (5.1.6.5): class, command, data; a byte that says how it went. */
function control_queue(nic: virtio_net): void {
  const { fn } = nic.pci
  const vq = nic.pci.queues[2 * nic.pairs]
  for (;;) {
    const element = virtqueue_pop(fn, vq)
    if (element === undefined) break
    if (element === false || element.in_num === 0) return nic.pci.broken()
    const request = concat(element.out, element.out_num, MAX_FRAME)
    const [{ bytes, at }] = element.in
    bytes[at] = request.length >= 2 && obey(nic, request[0], request[1], request.subarray(2)) ? OK : ERR
    if (!virtqueue_fill(fn, vq, element.head, 1)) return nic.pci.broken()
    if (virtqueue_flush(fn, vq, 1, nic.pci.event_idx)) nic.pci.queue_interrupt(vq)
  }
  virtqueue_want(fn, vq)
}
function obey(nic: virtio_net, kind: number, command: number, data: Uint8Array): boolean {
  switch (kind) {
    case CTRL_RX:
      if (command >= nic.rx_mode.length || data.length !== 1) return false
      nic.rx_mode[command] = data[0] !== 0
      return true
    case CTRL_MAC:
      return command === 0 ? mac_table(nic, data) : command === 1 && set_mac(nic, data)
    case CTRL_VLAN:
      return command < 2 && data.length === 2 && set_vlan(nic, get16(data, 0), command === 0)
    case CTRL_ANNOUNCE:
      nic.announce = false
      return command === 0
    case CTRL_MQ:
      if (command === MQ_RSS_CONFIG) return set_rss(nic, data)
      return command === 0 && data.length === 2 && set_pairs(nic, get16(data, 0))
    case CTRL_OFFLOADS:
      // as QEMU's without a network that takes headers: refused, whatever it says
      return false
    default:
      return false
  }
}
function set_mac(nic: virtio_net, data: Uint8Array): boolean {
  if (data.length !== 6) return false
  nic.mac = data.slice()
  return true
}
function set_vlan(nic: virtio_net, vid: number, on: boolean): boolean {
  if (vid > 4095) return false
  if (on) nic.vlans[vid >> 3] |= 1 << (vid & 7)
  else nic.vlans[vid >> 3] &= ~(1 << (vid & 7))
  return true
}
function set_pairs(nic: virtio_net, count: number): boolean {
  if (count < 1 || count > nic.pairs) return false
  nic.active = count
  nic.rss = undefined
  return true
}
function set_rss(nic: virtio_net, data: Uint8Array): boolean {
  const rss = nic.pci.has(F_RSS) ? rss_parse(data, nic.pairs) : undefined
  if (rss === undefined) return false
  nic.active = rss.max_tx_vq
  nic.rss = rss
  return true
}
/** Two lists, each with its length; one that is too long means all of its kind. */
function mac_table(nic: virtio_net, data: Uint8Array): boolean {
  const lists: string[][] = []
  let at = 0
  for (let i = 0; i < 2; i++) {
    if (at + 4 > data.length) return false
    const count = get32(data, at)
    at += 4
    if (at + 6 * count > data.length) return false
    lists.push(Array.from({ length: count }, (_, j) => hex(data.subarray(at + 6 * j, at + 6 * j + 6))))
    at += 6 * count
  }
  const [unicast, multicast] = lists
  nic.unicast = unicast.length > MAC_TABLE ? [] : unicast
  nic.multicast = multicast.length > MAC_TABLE ? [] : multicast
  nic.rx_mode[RX_ALLMULTI] ||= multicast.length > MAC_TABLE
  nic.rx_mode[RX_ALLUNI] ||= unicast.length > MAC_TABLE
  return true
}

/** The carrier comes or goes: the driver is told. */
export function virtio_net_set_link(nic: virtio_net, up: boolean): void {
  if (nic.link === up) return
  nic.link = up
  nic.pci.config_changed()
}
/** The machine has moved: the driver shall send gratuitous packets (5.1.6.5.4). */
export function virtio_net_announce(nic: virtio_net): void {
  nic.announce = true
  nic.pci.config_changed()
}

/** A device with its function, to be put into a slot. */
export function virtio_net_create(mac: Uint8Array, pairs = 1): virtio_net {
  const fn: pci_function = virtio_pci_function(0x1000, 1, 0x0200, 2 * pairs + 2)
  const sizes = [...new Array<number>(2 * pairs).fill(RING), CONTROL_RING]
  const pci = new virtio_pci(fn, sizes)
  const nic = new virtio_net(pci, mac, pairs)
  pci.model = nic
  fn.model = pci
  return nic
}
