/** net/core/rtnetlink.c rtnetlink_rcv, rtnetlink_rcv_msg: who handles a message, and who may send it. */
import { CAP_NET_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EOPNOTSUPP, EPERM, type Errno } from '../../uapi/errno.ts'
import { NLM_F_BULK, NLM_F_DUMP, nlmsghdr } from '../../uapi/linux/netlink.ts'
import * as rtnetlink_names from '../../uapi/linux/rtnetlink.ts'
import { RTM_GETLINK, RTM_MAX, rtgenmsg } from '../../uapi/linux/rtnetlink.ts'
import { AF_UNSPEC } from '../../uapi/linux/socket.ts'
import { netlink_dump_start, netlink_net_capable, netlink_rcv_skb, type netlink_sock } from '../netlink/af_netlink.ts'
import type { netlink_callback, Request } from '../netlink/types.ts'
import { rtnl_unlock } from './dev.ts'
import {
  RTNL_FLAG_BULK_DEL_SUPPORTED,
  RTNL_FLAG_DUMP_SPLIT_NLM_DONE,
  RTNL_KIND_DEL,
  RTNL_KIND_GET,
  rtnl_get_link,
  type rtnl_link,
} from './rtnetlink.ts'
import { rtnl_calcit } from './rtnetlink_getlink.ts'

/** One datagram: its messages in turn; then, as Linux does on the last rtnl_unlock, what unregistration left to do. */
export function rtnetlink_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  const net = sk.sk_net
  netlink_rcv_skb(net, data, sk, task, rtnetlink_rcv_msg)
  rtnl_unlock(net.kernel)
}

export function rtnetlink_rcv_msg(req: Request): Errno | undefined {
  const { net, type } = req
  if (type > RTM_MAX) return not_built(net.kernel, type)
  // A message without even a family is acknowledged and ignored.
  if (req.buf.length < nlmsghdr.size + rtgenmsg.size) return undefined
  const family = req.buf[nlmsghdr.size]
  const kind = type & 3
  if (kind !== RTNL_KIND_GET && !netlink_net_capable(req, req.task, CAP_NET_ADMIN)) return EPERM
  // Either bit asks for a dump: NLM_F_DUMP is two bits and Linux tests for any of them.
  if (kind === RTNL_KIND_GET && (req.flags & NLM_F_DUMP) !== 0) return rtnetlink_dump(req, family)
  return rtnetlink_doit(req, family, kind)
}

function rtnetlink_dump(req: Request, family: number): Errno | undefined {
  const { kernel } = req.net
  let link = rtnl_get_link(kernel, family, req.type)
  if (link?.dumpit === undefined) link = rtnl_get_link(kernel, AF_UNSPEC, req.type)
  if (link?.dumpit === undefined) return not_built(kernel, req.type)
  return netlink_dump_start(req, rtnl_dumpit, {
    min_dump_alloc: req.type === RTM_GETLINK ? rtnl_calcit(req) : 0,
    data: link,
  })
}

/** Programs of old expect NLMSG_DONE of some dumps in a receive of its own: more is promised, and then nothing comes. */
export function rtnl_dumpit(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const link = cb.data as rtnl_link
  const result = link.dumpit?.(skb, cb)
  return result === undefined && (link.flags & RTNL_FLAG_DUMP_SPLIT_NLM_DONE) !== 0 && skb.length > 0 ? true : result
}

function rtnetlink_doit(req: Request, family: number, kind: number): Errno | undefined {
  const { kernel } = req.net
  let link = rtnl_get_link(kernel, family, req.type)
  if (link?.doit === undefined) link = rtnl_get_link(kernel, AF_UNSPEC, req.type)
  if (link?.doit === undefined) return not_built(kernel, req.type)
  if (kind === RTNL_KIND_DEL && (req.flags & NLM_F_BULK) !== 0 && (link.flags & RTNL_FLAG_BULK_DEL_SUPPORTED) === 0) {
    return req.extack.fail(EOPNOTSUPP, 'Bulk delete is not supported')
  }
  return link.doit(req)
}

/** RTM_* by number, for the count below. */
const request_names: ReadonlyMap<unknown, string> = new Map(
  Object.entries(rtnetlink_names).flatMap(([key, value]) => (/^RTM_(NEW|DEL|GET|SET)/.test(key) ? [[value, key] as const] : [])),
)
/** What Linux answers for messages that nobody registered; counted, since it may be one that we should have. */
function not_built(kernel: Kernel, type: number): Errno {
  kernel.unsupported.count('rtnetlink', request_names.get(type) ?? `type ${type}`)
  return EOPNOTSUPP
}
