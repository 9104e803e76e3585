/** The stream of a lab's multicasts, for WebSocket clients: one JSON document each, a bounded queue per client. */
import type { Kernel } from '../kernel/kernel.ts'
import type { tracepoints } from '../kernel/trace.ts'
import type { Host } from '../lab/host.ts'
import type { Lab } from '../lab/lab.ts'
import { netnsId } from '../lab/transcript.ts'
import { hex } from '../lib/bytes.ts'
import type { net } from '../net/core/net_namespace.ts'
import { messageToJson } from '../uapi/messages.ts'

/** Bytes that may wait in one client's connection; what comes beyond is counted and told as one `lost` event. */
export const MAX_QUEUED = 1 << 20

/** The part of a WebSocket that a stream of events needs. */
export interface EventSink {
  readonly bufferedAmount: number
  send(text: string): void
}

export interface MulticastEvent {
  type: 'multicast'
  seq: number
  host: string
  netns: number
  /** Lab time, ns. */
  at: number
  protocol: number
  group: number
  message: unknown
  hex: string
}

/** Sends a lab's events (or one host's) to one client until closed. Hosts that come later are seen too. */
export class EventStream {
  private readonly sink: EventSink
  private readonly only: string | undefined
  private readonly watched = new Map<Host, () => void>()
  private readonly lab: Lab
  private seq = 0
  private lost = 0

  constructor(lab: Lab, sink: EventSink, only?: string) {
    this.lab = lab
    this.sink = sink
    this.only = only
    this.refresh()
  }

  /** Observes the hosts that there are now. */
  refresh(): void {
    for (const host of this.lab.hosts.values()) {
      if (this.watched.has(host) || (this.only !== undefined && host.name !== this.only)) continue
      this.watched.set(host, host.observe(this.observer()))
    }
  }

  close(): void {
    for (const stop of this.watched.values()) stop()
    this.watched.clear()
  }

  private observer(): tracepoints {
    return { netlink_multicast: (kernel, net, protocol, group, _portid, data) => this.multicast(kernel, net, protocol, group, data) }
  }

  private multicast(kernel: Kernel, net: net, protocol: number, group: number, data: Uint8Array): void {
    this.seq++
    if (this.sink.bufferedAmount > MAX_QUEUED) {
      this.lost++
      return
    }
    if (this.lost > 0) {
      this.sink.send(JSON.stringify({ type: 'lost', count: this.lost, seq: this.seq }))
      this.lost = 0
    }
    const event: MulticastEvent = {
      type: 'multicast',
      seq: this.seq,
      host: kernel.params.hostname,
      netns: netnsId(net),
      at: kernel.now(),
      protocol,
      group,
      message: messageToJson(protocol, data),
      hex: hex(data),
    }
    this.sink.send(JSON.stringify(event))
  }
}
