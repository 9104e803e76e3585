/** Shapes that netlink's core and its families share. */

import type { task_struct } from '../../kernel/task.ts'
import type { AttrPool } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_sock } from './af_netlink.ts'
import type { netlink_ext_ack } from './extack.ts'

/** One request message while it is handled. `buf` holds this message alone, starting at its nlmsghdr. */
export interface Request {
  readonly net: net
  readonly sk: netlink_sock
  /** The sender (credentials for netlink_capable). */
  readonly task: task_struct
  readonly portid: number
  readonly type: number
  readonly flags: number
  /** nlmsg_flags as the ACK repeats them: IPv6's multipath routes change them in the message itself. */
  ack_flags: number
  readonly seq: number
  readonly buf: Uint8Array
  readonly extack: netlink_ext_ack
  readonly pool: AttrPool
  /** sk has NETLINK_GET_STRICT_CHK. */
  readonly strict_check: boolean
  /** The sender gave a destination address (NETLINK_SKB_DST): then only its own capabilities count, not the opener's. */
  readonly addressed: boolean
}

/** Handles a request; the error (undefined: 0) goes into the ACK. */
export type doit_fn = (req: Request) => Errno | undefined

/** struct netlink_callback: a dump under way; plain data, since it lives across receives. */
export class netlink_callback {
  readonly net: net
  readonly portid: number
  readonly type: number
  readonly flags: number
  readonly seq: number
  /** The request message, kept for the length of the dump. */
  readonly request: Uint8Array
  readonly strict_check: boolean
  /** A fresh one for each call of the dump function. */
  extack: netlink_ext_ack
  /** Who asked. */
  readonly task: task_struct
  readonly addressed: boolean
  readonly dump: dumpit_fn
  readonly done: ((cb: netlink_callback) => void) | undefined
  readonly sk: netlink_sock
  /** Flags that every message of the dump carries beside NLM_F_MULTI (NLM_F_DUMP_FILTERED …). */
  answer_flags = 0
  /** Generation counters for NLM_F_DUMP_INTR. */
  gen_seq = 0
  prev_seq = 0
  min_dump_alloc = 0
  /** Bytes to begin the next part's buffer with: as many as the last part took. */
  part_size = 4096
  /** The family whose turn it is in a dump of all (rtnl_dump_all). */
  family = 0
  /** Where to go on: for the dump function's own use. */
  args: number[] = [0, 0, 0, 0, 0, 0]
  /** Parsed filter or position object of the dump function. */
  ctx: any = undefined
  /** What the layer between netlink and the dump function keeps (generic netlink's genl_dumpit_info). */
  data: any = undefined
  constructor(req: Request, dump: dumpit_fn, done?: (cb: netlink_callback) => void) {
    this.net = req.net
    this.sk = req.sk
    this.portid = req.portid
    this.type = req.type
    this.flags = req.flags
    this.seq = req.seq
    this.request = req.buf.slice()
    this.strict_check = req.strict_check
    this.extack = req.extack
    this.task = req.task
    this.addressed = req.addressed
    this.dump = dump
    this.done = done
  }
  /** So that a callback can be parsed from like a request. */
  get buf(): Uint8Array {
    return this.request
  }
  get pool(): AttrPool {
    return this.net.kernel.nla_pool
  }
}

/**
 * Fills `skb` from where the last call stopped. Returns an error, or true when there is more (the buffer is full: the
 * last message was taken back by MessageBuilder.end()), or undefined when the dump is complete.
 */
export type dumpit_fn = (skb: MessageBuilder, cb: netlink_callback) => Errno | true | undefined
