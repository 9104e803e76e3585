/** include/net/sch_generic.h: queueing disciplines between stack and driver. */

import type { Errno } from '../../uapi/errno.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'

/** Exported constants, one a kind. */
export interface Qdisc_ops {
  /** Name as IFLA_QDISC and tc show it. */
  readonly id: string
  readonly init?: (sch: Qdisc) => Errno | undefined
  /** NET_XMIT_SUCCESS 0, NET_XMIT_DROP 1 */
  readonly enqueue?: (skb: sk_buff, sch: Qdisc) => number
  readonly dequeue?: (sch: Qdisc) => sk_buff | undefined
  readonly reset?: (sch: Qdisc) => void
  readonly destroy?: (sch: Qdisc) => void
  /** Grafts a root's children onto the device's transmit queues (mq). */
  readonly attach?: (sch: Qdisc) => void
  readonly change_tx_queue_len?: (sch: Qdisc, new_len: number) => Errno | undefined
}

export const TCQ_F_BUILTIN = 1
export const TCQ_F_INGRESS = 2
export const TCQ_F_ONETXQUEUE = 0x10
export const TCQ_F_NOPARENT = 0x40
export const TCQ_F_INVISIBLE = 0x80
export const TC_H_ROOT = 0xffffffff

/** struct Qdisc: one discipline on one transmit queue (or on the device, as mq). */
export class Qdisc {
  readonly ops: Qdisc_ops
  readonly dev: net_device | undefined
  flags: number
  handle = 0
  parent = 0
  limit = 0
  refcnt = 1
  /** Packets waiting, for disciplines with one queue. */
  q: sk_buff[] = []
  bstats = { bytes: 0, packets: 0 }
  qstats = { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 }
  /** Being run; waiting for the NET_TX softirq; what the driver refused. */
  running = false
  scheduled = false
  gso_skb: sk_buff | undefined = undefined
  /** The discipline's own state (qdisc_priv). */
  priv: unknown = undefined
  constructor(ops: Qdisc_ops, dev: net_device | undefined, parent: number, flags = 0) {
    this.ops = ops
    this.dev = dev
    this.parent = parent
    this.flags = flags
  }
}

/** net/sched/sch_api.c: the kinds of a kernel. */
export class sched_state {
  qdisc_base: Qdisc_ops[] = []
  /** net.core.default_qdisc */
  default_qdisc_ops: Qdisc_ops
  /** What a queue has while its device is down: drops all. Shared by all devices, as in Linux. */
  noop_qdisc: Qdisc
  constructor(default_ops: Qdisc_ops, noop: Qdisc_ops) {
    this.default_qdisc_ops = default_ops
    this.noop_qdisc = new Qdisc(noop, undefined, 0, TCQ_F_BUILTIN)
  }
}
