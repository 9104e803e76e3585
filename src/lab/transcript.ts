/**
 * The ordered record of a lab's inputs (requests, ioctls, clock steps) and outputs (replies, multicasts, frames on wires, log). It is part
 * of the state: a lab that is saved and loaded goes on with the record it had.
 */

import type { Kernel } from '../kernel/kernel.ts'
import type { tracepoints } from '../kernel/trace.ts'
import { hex } from '../lib/bytes.ts'
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

export class Transcript {
  entries: TranscriptEntry[] = []
  /** Entries that were dropped because there were more than `limit`. */
  lost = 0
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }

  add(entry: TranscriptEntry): void {
    if (this.entries.length >= this.limit) {
      // in blocks: one shift of a long array per entry would be quadratic
      const block = Math.max(1, this.limit >> 3)
      this.entries.splice(0, block)
      this.lost += block
    }
    this.entries.push(entry)
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
