/**
 * net/core/gen_stats.c: counters of a discipline, a class or an action: once as members of a nest (TCA_STATS2), then once
 * more in the form that programs of old read (struct tc_stats, and the kind's own in TCA_XSTATS).
 */
import type { Attr } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { gnet_stats_basic, TCA_STATS_APP, TCA_STATS_BASIC, TCA_STATS_QUEUE } from '../../uapi/linux/gen_stats.ts'
import { tc_stats } from '../../uapi/linux/pkt_sched.ts'

export interface gnet_basic {
  bytes: number
  packets: number
}
export interface gnet_queue {
  qlen: number
  backlog: number
  drops: number
  requeues: number
  overlimits: number
}

/** Between gnet_stats_start_copy() and gnet_stats_finish_copy(). */
export class gnet_dump {
  readonly skb: MessageBuilder
  readonly nest: number
  readonly compat: Attr<any> | undefined
  readonly compat_xstats: Attr<any> | undefined
  basic: gnet_basic | undefined = undefined
  queue: gnet_queue | undefined = undefined
  rate: { bps: number; pps: number } | undefined = undefined
  xstats: Uint8Array | undefined = undefined
  constructor(skb: MessageBuilder, stats2: Attr<any>, compat?: Attr<any>, compat_xstats?: Attr<any>) {
    this.skb = skb
    this.nest = skb.nestNoflag(stats2)
    this.compat = compat
    this.compat_xstats = compat_xstats
  }
}

export function gnet_stats_copy_basic(d: gnet_dump, basic: gnet_basic): void {
  const o = d.skb.reserve(TCA_STATS_BASIC.nr, gnet_stats_basic.size)
  if (o >= 0) gnet_stats_basic.put(d.skb.buf, o, basic)
  d.basic = basic
}
export function gnet_stats_copy_queue(d: gnet_dump, queue: gnet_queue, qlen = queue.qlen): void {
  const counters = { ...queue, qlen }
  d.skb.put(TCA_STATS_QUEUE, counters)
  d.queue = counters
}
/** What only this kind counts. */
export function gnet_stats_copy_app(d: gnet_dump, bytes: Uint8Array): void {
  d.skb.putBytes(TCA_STATS_APP.nr, bytes)
  d.xstats = bytes
}
export function gnet_stats_finish_copy(d: gnet_dump): void {
  const { skb, basic, queue, rate } = d
  skb.nestEnd(d.nest)
  if (d.compat !== undefined) {
    const { drops = 0, overlimits = 0, qlen = 0, backlog = 0 } = queue ?? {}
    skb.putBytes(d.compat.nr, tc_stats.encode({ ...basic, ...rate, drops, overlimits, qlen, backlog }))
  }
  if (d.compat_xstats !== undefined && d.xstats !== undefined) skb.putBytes(d.compat_xstats.nr, d.xstats)
}
