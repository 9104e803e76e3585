/**
 * The ordered record of a lab's inputs (requests, ioctls, clock steps) and outputs (replies, multicasts, frames on wires, log). It is part
 * of the state: a lab that is saved and loaded goes on with the record it had.
 */

import type { Kernel } from '../kernel/kernel.ts'
import type { tracepoints } from '../kernel/trace.ts'
import { get32, hex, put32 } from '../lib/bytes.ts'
import type { net } from '../net/core/net_namespace.ts'
import type { WireSettings } from './wire.ts'

interface EntryBase {
  /** Lab time, ns. */
  at: number
}
interface HostEntry extends EntryBase {
  host: string
}
interface NetEntry extends HostEntry {
  /** Namespace: 0 for the first, else its inode number. */
  netns: number
}
export interface RequestEntry extends NetEntry {
  kind: 'request' | 'reply'
  protocol: number
  portid: number
  hex: string
}
export interface MulticastEntry extends NetEntry {
  kind: 'multicast'
  protocol: number
  group: number
  hex: string
}
export interface IoctlEntry extends NetEntry {
  kind: 'ioctl'
  request: number
  before: string
  after: string
  result: number
}
export interface LogEntry extends HostEntry {
  kind: 'log'
  level: number
  text: string
}
export interface ClockEntry extends EntryBase {
  kind: 'clock'
  /** Where the clock was set to. */
  to: number
}
export interface WireEntry extends EntryBase {
  kind: 'wire'
  wire: string
  carrier: boolean
  settings?: WireSettings
}
/** A frame that went onto a wire, at the time when it did, or that did not arrive. */
export interface FrameEntry extends EntryBase {
  kind: 'frame'
  wire: string
  /** Index of the sending end. */
  from: number
  fate: 'sent' | 'lost' | 'cut'
  hex: string
}
export type TranscriptEntry = RequestEntry | MulticastEntry | IoctlEntry | LogEntry | ClockEntry | WireEntry | FrameEntry

/** Room for the frames of runs, each with its length in front of it. */
const CHUNK = 1 << 16
const LENGTH = 4

/**
 * Frames that followed each other onto a wire at one time. A router's frames are many, and few of them are looked at: they
 * are written down as they are, and become entries when somebody asks.
 */
class FrameRun {
  readonly at: number
  readonly wire: string
  readonly from: number
  readonly fate: FrameEntry['fate']
  readonly chunk: Uint8Array
  readonly start: number
  count = 0
  constructor(at: number, wire: string, from: number, fate: FrameEntry['fate'], chunk: Uint8Array, start: number) {
    this.at = at
    this.wire = wire
    this.from = from
    this.fate = fate
    this.chunk = chunk
    this.start = start
  }
  entries(): FrameEntry[] {
    const { at, wire, from, fate, chunk } = this
    let next = this.start
    return Array.from({ length: this.count }, () => {
      const begin = next + LENGTH
      next = begin + get32(chunk, next)
      return { at, kind: 'frame', wire, from, fate, hex: hex(chunk.subarray(begin, next)) }
    })
  }
}

export class Transcript {
  private items: (TranscriptEntry | FrameRun)[] = []
  /** Entries among the items. */
  private count = 0
  /** Frames may join it: it is the last item. */
  private run: FrameRun | undefined = undefined
  private chunk = new Uint8Array(0)
  private used = 0
  /** Entries that were dropped because there were more than `limit`. */
  lost = 0
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }

  get entries(): TranscriptEntry[] {
    this.settle()
    return this.items as TranscriptEntry[]
  }
  /** There are entries only: what was written down of frames becomes such. */
  settle(): void {
    if (this.used === 0) return
    this.items = this.items.flatMap((item) => (item instanceof FrameRun ? item.entries() : item))
    this.run = undefined
    this.chunk = new Uint8Array(0)
    this.used = 0
  }

  add(entry: TranscriptEntry): void {
    this.admit()
    this.run = undefined
    this.items.push(entry)
  }
  addFrame(at: number, wire: string, from: number, fate: FrameEntry['fate'], bytes: Uint8Array): void {
    this.admit()
    const full = this.used + LENGTH + bytes.length > this.chunk.length
    if (full) {
      this.chunk = new Uint8Array(Math.max(CHUNK, LENGTH + bytes.length))
      this.used = 0
    }
    let { run } = this
    if (run === undefined || full || run.at !== at || run.wire !== wire || run.from !== from || run.fate !== fate) {
      run = new FrameRun(at, wire, from, fate, this.chunk, this.used)
      this.run = run
      this.items.push(run)
    }
    put32(this.chunk, this.used, bytes.length)
    this.chunk.set(bytes, this.used + LENGTH)
    this.used += LENGTH + bytes.length
    run.count++
  }
  /** Room for one more; in blocks: one shift of a long array per entry would be quadratic. */
  private admit(): void {
    if (this.count < this.limit) {
      this.count++
      return
    }
    const block = Math.max(1, this.limit >> 3)
    let dropped = 0
    let items = 0
    while (dropped < block) {
      const item = this.items[items++]
      dropped += item instanceof FrameRun ? item.count : 1
    }
    this.items.splice(0, items)
    if (this.items.length === 0) this.run = undefined
    this.lost += dropped
    this.count += 1 - dropped
  }

  /** One JSON document a line. */
  text(): string {
    return this.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  }
}

export function netnsId(net: net): number {
  return net === net.kernel.init_net ? 0 : net.inum
}

/** What writes a kernel's part of the transcript. */
export function transcriptTracepoints(transcript: Transcript): tracepoints {
  const base = (kernel: Kernel, net: net) => ({ at: kernel.now(), host: kernel.params.hostname, netns: netnsId(net) })
  return {
    printk: (kernel, record) =>
      transcript.add({ at: record.at, host: kernel.params.hostname, kind: 'log', level: record.level, text: record.text }),
    netlink_request: (kernel, net, protocol, portid, data) =>
      transcript.add({ ...base(kernel, net), kind: 'request', protocol, portid, hex: hex(data) }),
    netlink_reply: (kernel, net, protocol, portid, data) =>
      transcript.add({ ...base(kernel, net), kind: 'reply', protocol, portid, hex: hex(data) }),
    netlink_multicast: (kernel, net, protocol, group, _portid, data) =>
      transcript.add({ ...base(kernel, net), kind: 'multicast', protocol, group, hex: hex(data) }),
    ioctl: (kernel, net, request, before, after, result) =>
      transcript.add({ ...base(kernel, net), kind: 'ioctl', request, before: hex(before), after: hex(after), result }),
  }
}
