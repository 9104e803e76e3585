/**
 * A learning switch with VLANs (IEEE 802.1Q, 8.6 to 8.8), without a spanning tree: a port takes frames of the VLANs that
 * it is a member of, remembers where each station of a VLAN was seen last, and passes a frame on to that port, or to
 * all members when it knows none. Frames between two ports wait in the cable of the second (its ring), no longer.
 *
 * | what comes in                                  | what becomes of it                        |
 * |------------------------------------------------|-------------------------------------------|
 * | too short, or from a group address             | dropped                                   |
 * | to 01:80:c2:00:00:00 … 0f                      | dropped: it is for the switch itself      |
 * | of a VLAN that the port is no member of        | dropped                                   |
 * | to a station behind the port that it came from | dropped, the station has it               |
 * | to a known station                             | to its port                               |
 * | to a group, or an unknown station              | to all other members                      |
 */
import { type EventQueue, NSEC_PER_SEC } from '../kernel/time.ts'
import { address_key, getBe16 } from '../lib/bytes.ts'
import { type cable_end, cable_plug } from './cable.ts'

/** 802.1Q 8.8.3: the recommended time after which a station that says nothing is forgotten; ns. */
export const DEFAULT_AGEING = 300 * NSEC_PER_SEC
/** Stations that it remembers, as a small switch does; those of others are flooded. */
export const TABLE_SIZE = 8192
const ADDRESS_LENGTH = 6
/** Two addresses; the type, or a tag's, follows. */
const ADDRESSES = 2 * ADDRESS_LENGTH
const HEADER_LENGTH = ADDRESSES + 2
const TAG_LENGTH = 4
/** The type of a tag (802.1Q, 9.5). */
const TPID = 0x8100
const VID_MASK = 0xfff
const DEFAULT_VID = 1

export class switch_port {
  readonly owner: ethernet_switch
  readonly name: string
  /** VLAN of frames without a tag, which leave without one; 0: there is none. */
  untagged = DEFAULT_VID
  tagged = new Set<number>()
  end: cable_end | undefined = undefined
  received = 0
  transmitted = 0
  dropped = 0
  constructor(owner: ethernet_switch, name: string) {
    this.owner = owner
    this.name = name
  }
  member(vid: number): boolean {
    return vid === this.untagged || this.tagged.has(vid)
  }
}

/** Where a station was seen last, and when. */
export class switch_station {
  port: switch_port
  seen: number
  constructor(port: switch_port, seen: number) {
    this.port = port
    this.seen = seen
  }
}

export class ethernet_switch {
  readonly events: EventQueue
  ageing = DEFAULT_AGEING
  readonly ports = new Map<string, switch_port>()
  /** By VLAN and address: see station_of(). */
  readonly stations = new Map<string, switch_station>()
  private next_sweep = 0
  constructor(events: EventQueue) {
    this.events = events
  }

  /** The port of that name; it is made when it is not there. */
  port(name: string): switch_port {
    let port = this.ports.get(name)
    if (port === undefined) {
      port = new switch_port(this, name)
      this.ports.set(name, port)
    }
    return port
  }

  /** VLAN and address (in hex) of a station. */
  station_of(key: string): { vid: number; address: string } {
    const address = Array.from({ length: ADDRESS_LENGTH / 2 }, (_, i) => key.charCodeAt(i).toString(16).padStart(4, '0')).join('')
    return { vid: key.charCodeAt(ADDRESS_LENGTH / 2), address }
  }
  /** Whether the station is remembered still. */
  fresh({ seen }: switch_station): boolean {
    return this.events.now - seen <= this.ageing
  }

  learn(port: switch_port, key: string): void {
    const known = this.stations.get(key)
    if (known !== undefined) {
      known.port = port
      known.seen = this.events.now
    } else if (this.stations.size < TABLE_SIZE || this.sweep()) {
      this.stations.set(key, new switch_station(port, this.events.now))
    }
  }
  /** Forgets who is old, once a second at most; whether there is room now. */
  private sweep(): boolean {
    if (this.events.now < this.next_sweep) return false
    this.next_sweep = this.events.now + NSEC_PER_SEC
    for (const [key, station] of this.stations) if (!this.fresh(station)) this.stations.delete(key)
    return this.stations.size < TABLE_SIZE
  }
}

export function switch_plug(port: switch_port, end: cable_end): void {
  port.end = end
  cable_plug(end, port, switch_receive, switch_tx_done)
}
/** A port that loses its link forgets who was behind it. */
export function switch_set_carrier(port: switch_port, up: boolean): void {
  if (up) return
  const { stations } = port.owner
  for (const [key, station] of stations) if (station.port === port) stations.delete(key)
}

const is_group = (frame: Uint8Array, at: number) => (frame[at] & 1) !== 0
const is_reserved = (f: Uint8Array) => f[0] === 0x01 && f[1] === 0x80 && f[2] === 0xc2 && f[3] === 0 && f[4] === 0 && f[5] < 0x10
const has_tag = (f: Uint8Array) => getBe16(f, ADDRESSES) === TPID

/** The VLAN that a frame belongs to at this port; a tag with VLAN 0 carries a priority only. */
function frame_vid(port: switch_port, frame: Uint8Array): number {
  const vid = has_tag(frame) ? getBe16(frame, HEADER_LENGTH) & VID_MASK : 0
  return vid === 0 ? port.untagged : vid
}

/** A cable's `receive`. */
export function switch_receive(port: switch_port, frame: Uint8Array): void {
  port.received++
  const acceptable =
    frame.length >= HEADER_LENGTH + (has_tag(frame) ? TAG_LENGTH : 0) && !is_group(frame, ADDRESS_LENGTH) && !is_reserved(frame)
  const vid = acceptable ? frame_vid(port, frame) : 0
  if (vid === 0 || !port.member(vid)) {
    port.dropped++
    return
  }
  port.owner.learn(port, address_key(frame, ADDRESS_LENGTH, vid))
  forward(port, frame, vid)
}
function forward(from: switch_port, frame: Uint8Array, vid: number): void {
  const { owner } = from
  const station = is_group(frame, 0) ? undefined : owner.stations.get(address_key(frame, 0, vid))
  if (station !== undefined && owner.fresh(station)) {
    if (station.port === from) from.dropped++
    else send(station.port, frame, vid)
    return
  }
  for (const port of owner.ports.values()) if (port !== from && port.member(vid)) send(port, frame, vid)
}

function send(port: switch_port, frame: Uint8Array, vid: number): void {
  if (port.end === undefined || !port.end.cable.carrier) return
  if (port.end.transmit(egress_frame(port, frame, vid))) port.transmitted++
  else port.dropped++
}
/** With or without a tag, as the port's VLAN wants it; a tag keeps the frame's priority. */
function egress_frame(port: switch_port, frame: Uint8Array, vid: number): Uint8Array {
  const tagged = has_tag(frame)
  // nobody writes into a frame that is under way
  if (!tagged && !port.tagged.has(vid)) return frame
  const body = frame.subarray(ADDRESSES + (tagged ? TAG_LENGTH : 0))
  const tag = port.tagged.has(vid) ? vlan_tag(tagged ? frame[HEADER_LENGTH] & 0xf0 : 0, vid) : []
  const out = new Uint8Array(ADDRESSES + tag.length + body.length)
  out.set(frame.subarray(0, ADDRESSES))
  out.set(tag, ADDRESSES)
  out.set(body, ADDRESSES + tag.length)
  return out
}
function vlan_tag(priority: number, vid: number): number[] {
  return [TPID >> 8, TPID & 0xff, priority | (vid >> 8), vid & 0xff]
}

/** A cable's `tx_done`: nothing waits here for room. */
export function switch_tx_done(): void {}
