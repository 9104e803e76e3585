/** net/core/rtnetlink.c rtnl_dump_all: a dump for AF_UNSPEC asks one family after the other. */
import type { MessageBuilder } from '../../lib/message.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { AF_PACKET } from '../../uapi/linux/socket.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { RTNL_FAMILY_MAX, rtnl_get_link } from './rtnetlink.ts'

/**
 * cb.family: where to go on. What has been filled is sent before the dump ends, so NLMSG_DONE comes in a datagram of its
 * own; a family's error counts only when nothing was filled before it.
 */
export function rtnl_dump_all(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const { kernel } = cb.net
  const start = cb.family === 0 ? 1 : cb.family
  let result: Errno | true | undefined
  let family = start
  for (; family <= RTNL_FAMILY_MAX; family++) {
    const dumpit = family === AF_PACKET ? undefined : rtnl_get_link(kernel, family, cb.type)?.dumpit
    if (dumpit === undefined) continue
    if (family > start) {
      cb.args.fill(0)
      cb.ctx = undefined
      cb.prev_seq = 0
      cb.gen_seq = 0
    }
    result = dumpit(skb, cb)
    if (result !== undefined) break
  }
  cb.family = family
  return skb.length > 0 && (isErrno(result) || result === undefined) ? true : result
}
