/**
 * What joins two NICs, or a NIC and a switch: frames that one end sends arrive at the other after the time that they need. An end shares with it
 * bytes and two callbacks, no more. All chance comes from the cable's own stream, all time from the lab's events, and
 * what is under way is state like all else.
 *
 * A frame leaves its end when the ones before it have left (rate), travels (delay, jitter), and arrives, unless it is
 * lost on the way or the cable has been cut by then. As with netem, a reordered frame does not wait for its delay.
 */
import { type EventQueue, mod_timer, NSEC_PER_SEC, timer_list } from '../kernel/time.ts'
import type { RandomStream } from '../lib/random.ts'

/** Some hundred metres and a NIC. Never 0: a loop of frames would stop the clock. */
export const DEFAULT_DELAY = 1000
/** Two addresses, a type and a VLAN's tag: what does not count as payload. */
const HEADER_LENGTH = 18
/** Descriptors of a NIC's transmit ring: so many frames wait for a slow cable; the rest is the queueing discipline's. */
export const TX_RING = 256
/** Frames that arrive in one turn: a receive ring that was empty has room for them. */
const FLIGHT = 64

export interface cable_settings {
  /** ns from end to end. */
  delay: number
  /** ns more or less, evenly spread. */
  jitter: number
  /** Bits a second; 0: no bound. */
  rate: number
  /** Longest payload, bytes; longer frames are lost. 0: no bound. */
  mtu: number
  /** Chances, 0 to 1. */
  loss: number
  duplicate: number
  reorder: number
}
export const plain_settings: cable_settings = { delay: DEFAULT_DELAY, jitter: 0, rate: 0, mtu: 0, loss: 0, duplicate: 0, reorder: 0 }

/** Of the NIC or the port at an end: exported functions; `data` is that. */
export type cable_receive = (data: any, frame: Uint8Array) => void
export type cable_tx_done = (data: any) => void

export type frame_fate = 'sent' | 'lost' | 'cut'
/** Sees every frame that was sent, and those that were not delivered. */
export interface cable_observer {
  frame(cable: cable, from: number, bytes: Uint8Array, fate: frame_fate): void
}

export class cable_end {
  readonly cable: cable
  readonly index: number
  receive: cable_receive | undefined = undefined
  tx_done: cable_tx_done | undefined = undefined
  data: unknown = undefined
  /** Frames that have not left yet, and when the last of them will have. */
  waiting = 0
  busy_until = 0
  /** The frames that were sent last, while others may still join them. */
  last: cable_flight | undefined = undefined
  constructor(owner: cable, index: number) {
    this.cable = owner
    this.index = index
  }
  /** Whether there is room for another frame. */
  ready(): boolean {
    return this.waiting < TX_RING
  }
  /** Takes the bytes over; false when the ring is full (the sender keeps the frame). */
  transmit(bytes: Uint8Array): boolean {
    return cable_transmit(this, bytes)
  }
}

export class cable {
  readonly events: EventQueue
  readonly random: RandomStream
  settings: cable_settings
  carrier = true
  readonly ends: readonly [cable_end, cable_end]
  /** Counts a direction: the index of the sending end. */
  sent = [0, 0]
  lost = [0, 0]
  observer: cable_observer | undefined = undefined
  constructor(events: EventQueue, random: RandomStream, settings: Partial<cable_settings> = {}) {
    this.events = events
    this.random = random
    this.settings = { ...plain_settings, ...settings }
    this.ends = [new cable_end(this, 0), new cable_end(this, 1)]
  }
}

/** One frame that waits to leave. */
export class cable_frame {
  readonly from: cable_end
  readonly bytes: Uint8Array
  constructor(from: cable_end, bytes: Uint8Array) {
    this.from = from
    this.bytes = bytes
  }
}
/** Frames of one end that arrive at the same time: the other end finds them all before anybody is interrupted. */
export class cable_flight {
  readonly from: cable_end
  readonly frames: Uint8Array[] = []
  readonly timer: timer_list
  constructor(from: cable_end) {
    this.from = from
    this.timer = new timer_list(from.cable.events, cable_arrive, this)
  }
}

export function cable_plug(end: cable_end, data: unknown, receive: cable_receive, tx_done: cable_tx_done): void {
  end.data = data
  end.receive = receive
  end.tx_done = tx_done
}

function cable_transmit(end: cable_end, bytes: Uint8Array): boolean {
  const { cable: line } = end
  if (!line.carrier) {
    drop(line, end, bytes, 'cut')
    return true
  }
  if (!end.ready()) return false
  if (line.settings.rate === 0) {
    travel(end, bytes)
    return true
  }
  const begin = Math.max(line.events.now, end.busy_until)
  end.busy_until = begin + Math.round((bytes.length * 8 * NSEC_PER_SEC) / line.settings.rate)
  end.waiting++
  mod_timer(new timer_list(line.events, cable_leave, new cable_frame(end, bytes)), end.busy_until)
  return true
}
function drop(line: cable, end: cable_end, bytes: Uint8Array, fate: frame_fate): void {
  line.lost[end.index]++
  line.observer?.frame(line, end.index, bytes, fate)
}

const too_long = ({ mtu }: cable_settings, bytes: Uint8Array) => mtu > 0 && bytes.length > mtu + HEADER_LENGTH

/** A timer's function: the last bit is on the cable. */
export function cable_leave(frame: cable_frame): void {
  const end = frame.from
  end.waiting--
  if (end.cable.carrier) travel(end, frame.bytes)
  else drop(end.cable, end, frame.bytes, 'cut')
  end.tx_done?.(end.data)
}

function travel(end: cable_end, bytes: Uint8Array): void {
  const { cable: line } = end
  const { settings, random } = line
  if (too_long(settings, bytes) || chance(random, settings.loss)) {
    drop(line, end, bytes, 'lost')
    return
  }
  line.sent[end.index]++
  line.observer?.frame(line, end.index, bytes, 'sent')
  const copies = chance(random, settings.duplicate) ? 2 : 1
  for (let i = 0; i < copies; i++) fly(end, bytes, line.events.now + travel_time(settings, random))
}
/** Until `time`: with those before it, when they arrive then. */
function fly(end: cable_end, bytes: Uint8Array, time: number): void {
  let { last } = end
  if (last === undefined || last.timer.expires !== time || last.frames.length === FLIGHT) {
    last = new cable_flight(end)
    end.last = last
    mod_timer(last.timer, time)
  }
  last.frames.push(bytes)
}
/** No number is drawn for what is not asked for, so that adding a fault does not change the rest. */
function chance(random: RandomStream, p: number): boolean {
  return p > 0 && random.real() < p
}
function travel_time({ delay, jitter, reorder }: cable_settings, random: RandomStream): number {
  if (chance(random, reorder)) return 1
  const spread = jitter === 0 ? 0 : Math.round((random.real() * 2 - 1) * jitter)
  return Math.max(1, delay + spread)
}

/** A timer's function. */
export function cable_arrive(flight: cable_flight): void {
  const { from, frames } = flight
  const { cable: line, index } = from
  if (from.last === flight) from.last = undefined
  if (!line.carrier) {
    line.lost[index] += frames.length
    return
  }
  const { receive, data } = line.ends[1 - index]
  if (receive !== undefined) for (const bytes of frames) receive(data, bytes)
}
