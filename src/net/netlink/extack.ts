/** include/linux/netlink.h struct netlink_ext_ack: what an error says beside its number. */
import type { Errno } from '../../uapi/errno.ts'
import type { PolicyEntry } from './policy.ts'

export class netlink_ext_ack {
  _msg: string | undefined = undefined
  /** Offset of the offending attribute's header from the message's start; 0: none. */
  bad_attr = 0
  policy: PolicyEntry | undefined = undefined
  cookie: Uint8Array | undefined = undefined
  /** Type of a missing attribute, with the offset of the nest that lacks it (0: the message itself). */
  miss_type: number | undefined = undefined
  miss_nest = 0
  /** Words that a handler of Linux writes into the message itself, by offset: an error repeats them so. */
  patched: Map<number, number> | undefined = undefined

  /** NL_SET_ERR_MSG[_ATTR]: `return extack.fail(EINVAL, 'text', tb.at(IFLA_X))`. */
  fail(error: Errno, msg: string, bad_attr = 0): Errno {
    this._msg = msg
    if (bad_attr !== 0) this.bad_attr = bad_attr
    return error
  }
  /** NL_SET_BAD_ATTR: the offset without a text. */
  badAttr(error: Errno, bad_attr: number): Errno {
    this.bad_attr = bad_attr
    return error
  }
  /** NL_SET_ERR_ATTR_MISS */
  missing(error: Errno, type: number, nest = 0): Errno {
    this.miss_type = type
    this.miss_nest = nest
    return error
  }
  patch16(at: number, value: number): void {
    this.patched ??= new Map()
    this.patched.set(at, value)
  }
  /** A text that goes with success (NL_SET_ERR_MSG without an error). */
  warn(msg: string): void {
    this._msg = msg
  }
}
