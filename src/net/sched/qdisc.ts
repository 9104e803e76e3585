/** include/net/sch_generic.h: queueing disciplines between stack and driver. */

import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { gnet_dump, gnet_queue } from '../core/gen_stats.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import type { ParseContext } from '../netlink/attr.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import type { tc_action, tc_action_ops } from './act.ts'
import type { tcf_proto_ops } from './cls.ts'
import type { tcf_block } from './cls_block.ts'
import type { tc_u_common } from './cls_u32.ts'
import type { net_rate_estimator } from './gen_estimator.ts'
import type { qdisc_size_table } from './sch_stab.ts'

export { TC_H_ROOT } from '../../uapi/linux/pkt_sched.ts'

/** TCA_OPTIONS of a request: a kind's own attributes or structure. `at` is the offset of its header in req.buf. */
export interface tc_options {
  readonly req: ParseContext
  readonly at: number
}

/** RTM_NEWTCLASS, for its discipline: `cl` is what there is already, 0: nothing. */
export interface tclass_change {
  readonly req: Request
  readonly tca: AttrTable
  readonly classid: number
  readonly parentid: number
  readonly cl: number
}
/** A class, as its discipline numbers it: 0 is none. */
export interface Qdisc_class_ops {
  /** Puts `new_q` (undefined: the kind's default) in the class's place and returns what was there. */
  readonly graft?: (sch: Qdisc, cl: number, new_q: Qdisc | undefined, extack: netlink_ext_ack) => Qdisc | Errno | undefined
  readonly leaf: (sch: Qdisc, cl: number) => Qdisc | undefined
  readonly find: (sch: Qdisc, classid: number) => number
  /** The transmit queue that a new child is for. */
  readonly select_queue?: (sch: Qdisc, parent: number) => number
  /** Where filters for the class hang (0: for the discipline). Absent: it takes none. */
  readonly tcf_block?: (sch: Qdisc, cl: number) => tcf_block | undefined
  /** A class is made or changed; its number. Absent: classes come with their discipline. */
  readonly change?: (sch: Qdisc, change: tclass_change) => number | Errno
  readonly delete?: (sch: Qdisc, cl: number, extack: netlink_ext_ack) => Errno | undefined
  /** What is below the class has run empty otherwise than by being sent. */
  readonly qlen_notify?: (sch: Qdisc, cl: number) => void
  /** All classes in order. */
  readonly walk: (sch: Qdisc) => number[]
  /** Fields of the class's message beside its kind. Ingress has no classes to show. */
  readonly dump?: (sch: Qdisc, cl: number) => { parent?: number; handle: number; info: number }
  /** Writes TCA_OPTIONS of the class. */
  readonly dump_options?: (sch: Qdisc, cl: number, skb: MessageBuilder) => void
  readonly dump_stats?: (sch: Qdisc, cl: number, d: gnet_dump) => void
}

/** Exported constants, one a kind. */
export interface Qdisc_ops {
  /** Name as IFLA_QDISC and tc show it. */
  readonly id: string
  readonly static_flags?: number
  readonly cl_ops?: Qdisc_class_ops
  readonly init?: (sch: Qdisc, opt: tc_options | undefined, extack: netlink_ext_ack) => Errno | undefined
  readonly change?: (sch: Qdisc, opt: tc_options, extack: netlink_ext_ack) => Errno | undefined
  /** NET_XMIT_SUCCESS 0, NET_XMIT_DROP 1 */
  readonly enqueue?: (skb: sk_buff, sch: Qdisc) => number
  readonly dequeue?: (sch: Qdisc) => sk_buff | undefined
  readonly reset?: (sch: Qdisc) => void
  readonly destroy?: (sch: Qdisc) => void
  /** Grafts a root's children onto the device's transmit queues (mq). */
  readonly attach?: (sch: Qdisc) => void
  readonly change_tx_queue_len?: (sch: Qdisc, new_len: number) => Errno | undefined
  /** Writes TCA_OPTIONS, and brings up to date what is counted elsewhere. */
  readonly dump?: (sch: Qdisc, skb: MessageBuilder) => void
  readonly dump_stats?: (sch: Qdisc, d: gnet_dump) => void
  readonly ingress_block?: block_accessor
  readonly egress_block?: block_accessor
}
/** Number of the block of filters that a side shares with others; 0: none. */
export interface block_accessor {
  readonly set: (sch: Qdisc, index: number) => void
  readonly get: (sch: Qdisc) => number
}

export const TCQ_F_BUILTIN = 1
export const TCQ_F_INGRESS = 2
export const TCQ_F_CAN_BYPASS = 4
export const TCQ_F_MQROOT = 8
export const TCQ_F_ONETXQUEUE = 0x10
export const TCQ_F_NOPARENT = 0x40
export const TCQ_F_INVISIBLE = 0x80

/** struct Qdisc: one discipline on one transmit queue (or on the device, as mq). */
export class Qdisc {
  readonly ops: Qdisc_ops
  readonly dev: net_device | undefined
  flags: number
  handle = 0
  parent = 0
  limit = 0
  refcnt = 1
  /** How far below the root. */
  depth = 0
  /** The transmit queue that it is for. */
  queue = 0
  /** Packets waiting, for disciplines with one queue. */
  q: sk_buff[] = []
  bstats = { bytes: 0, packets: 0 }
  qstats: gnet_queue = { qlen: 0, backlog: 0, drops: 0, requeues: 0, overlimits: 0 }
  /** Being run; waiting for the NET_TX softirq; what the driver refused. */
  running = false
  scheduled = false
  gso_skb: sk_buff | undefined = undefined
  stab: qdisc_size_table | undefined = undefined
  rate_est: net_rate_estimator | undefined = undefined
  /** The discipline's own state (qdisc_priv). */
  priv: unknown = undefined
  constructor(ops: Qdisc_ops, dev: net_device | undefined, parent: number, flags = 0) {
    this.ops = ops
    this.dev = dev
    this.parent = parent
    this.flags = flags | (ops.static_flags ?? 0)
  }
}

/** net/sched/sch_api.c: the kinds of a kernel. */
export class sched_state {
  qdisc_base: Qdisc_ops[] = []
  /** net.core.default_qdisc */
  default_qdisc_ops: Qdisc_ops
  /** What a queue has while its device is down: drops all. Shared by all devices, as in Linux. */
  noop_qdisc: Qdisc
  /** The handle that was given out last: 8001:, 8002: … across all devices. */
  autohandle = 0x80000000
  /** Blocks of filters that disciplines share, of all namespaces. */
  blocks: tcf_block[] = []
  /** Kinds of filters and of actions. */
  tcf_proto_base: tcf_proto_ops[] = []
  act_base: tc_action_ops[] = []
  /** Those that are there, of all namespaces. */
  actions: tc_action[] = []
  /** u32's tables. */
  tc_u_commons: tc_u_common[] = []
  constructor(default_ops: Qdisc_ops, noop: Qdisc_ops) {
    this.default_qdisc_ops = default_ops
    this.noop_qdisc = new Qdisc(noop, undefined, 0, TCQ_F_BUILTIN)
  }
}
/** The kernel's, by one of its devices. */
export function sched_of(dev: net_device): sched_state {
  return dev.nd_net.kernel.netdev.sched
}
