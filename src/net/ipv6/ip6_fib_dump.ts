/** net/ipv6/ip6_fib.c inet6_dump_fib: the dump of RTM_GETROUTE. */
import { type MessageBuilder, NLMSG_HDRLEN } from '../../lib/message.ts'
import { ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { RTF_PREFIX_RT } from '../../uapi/linux/ipv6_route.ts'
import { NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../uapi/linux/netlink.ts'
import { RTM_F_PREFIX, RTM_NEWROUTE, rtmsg } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { fib_dump_filter, ip_valid_fib_dump_req } from '../ipv4/fib_rtm.ts'
import type { netlink_callback } from '../netlink/types.ts'
import { fib6_get_table, fib6_tables_ordered } from './ip6_fib.ts'
import type { net } from '../core/net_namespace.ts'
import type { fib6_info } from './ip6_fib_info.ts'
import { fib6_info_nhs } from './ip6_fib_nexthop.ts'
import { fib6_first_node, fib6_next_node, type fib6_node, type fib6_table } from './ip6_fib_node.ts'
import { rt6_check_expired } from './ip6_route_exception.ts'
import { rt6_fill_exception, rt6_fill_node, type shown_exception } from './ip6_route_notify.ts'

/** Where a dump of a table stands (struct fib6_walker). */
export class fib6_walker {
  node: fib6_node | undefined = undefined
  /** Nodes done, and how many to pass over: a table that changed is walked again from its start. */
  count = 0
  skip = 0
  /** Routes of `node` already sent. */
  skip_in_node = 0
  sernum = 0
}

function filter_of(cb: netlink_callback): fib_dump_filter | Errno {
  if (cb.strict_check) return ip_valid_fib_dump_req(cb)
  const filter = new fib_dump_filter()
  if (cb.request.length >= NLMSG_HDRLEN + rtmsg.size) {
    filter.flags = rtmsg.field.rtm_flags.get(cb.request, NLMSG_HDRLEN) & RTM_F_PREFIX
  }
  return filter
}
function shown(rt: fib6_info, filter: fib_dump_filter): boolean {
  if (filter.flags & RTM_F_PREFIX && !(rt.fib6_flags & RTF_PREFIX_RT)) return false
  if (filter.rt_type !== 0 && rt.fib6_type !== filter.rt_type) return false
  if (filter.protocol !== 0 && rt.fib6_protocol !== filter.protocol) return false
  if (filter.dev === undefined) return true
  return fib6_info_nhs(rt).some((nh) => nh.fib_nh_dev === filter.dev)
}

/**
 * Routes of a node, one message for all hops of a multipath route: what stands between its first hop and its last is passed
 * over, as in Linux. False: the buffer is full.
 */
function dump_node(fn: fib6_node, w: fib6_walker, skb: MessageBuilder, cb: netlink_callback, filter: fib_dump_filter): boolean {
  // a strict request sees either routes or cached ones: what it gets is always a part
  const flags = cb.strict_check ? NLM_F_MULTI | NLM_F_DUMP_FILTERED : NLM_F_MULTI
  let done = 0
  for (let i = 0; i < fn.leaf.length; i++) {
    const rt = fn.leaf[i]
    if (rt.fib6_siblings !== undefined) i = fn.leaf.indexOf(rt.fib6_siblings.list[rt.fib6_siblings.list.length - 1], i)
    if (!shown(rt, filter)) continue
    if (filter.dump_routes && done++ >= w.skip_in_node && !rt6_fill_node(cb.net, skb, rt, RTM_NEWROUTE, cb.portid, cb.seq, flags)) {
      w.skip_in_node = done - 1
      return false
    }
    if (!filter.dump_exceptions) continue
    for (const { f6i, nh, ex } of exceptions_of(cb.net, rt)) {
      if (done++ < w.skip_in_node || rt6_fill_exception(cb.net, skb, { f6i, nh, ex }, RTM_NEWROUTE, cb, flags)) continue
      w.skip_in_node = done - 1
      return false
    }
  }
  w.skip_in_node = 0
  return true
}
const none: readonly shown_exception[] = []
/** rt6_nh_dump_exceptions(): of all hops. What has ended is not shown. */
function exceptions_of(net: net, rt: fib6_info): readonly shown_exception[] {
  if (rt.nh === undefined && rt.fib6_siblings === undefined && rt.fib6_nh.rt6_exceptions === undefined) return none
  const hops =
    rt.nh === undefined
      ? (rt.fib6_siblings?.list ?? [rt]).map((f6i) => ({ f6i, nh: f6i.fib6_nh }))
      : fib6_info_nhs(rt).map((nh) => ({ f6i: rt, nh }))
  const all = hops.flatMap(({ f6i, nh }) => [...(nh.rt6_exceptions?.values() ?? [])].map((ex) => ({ f6i, nh, ex })))
  return all.filter(({ ex }) => !rt6_check_expired(net, ex))
}

function fib6_dump_table(tb: fib6_table, skb: MessageBuilder, cb: netlink_callback, filter: fib_dump_filter): boolean {
  const w: fib6_walker = (cb.ctx ??= new fib6_walker())
  if (w.node === undefined || w.sernum !== tb.sernum) {
    w.skip = w.count
    w.count = 0
    if (w.node !== undefined) w.skip_in_node = 0
    w.node = fib6_first_node(tb.tb6_root)
    w.sernum = tb.sernum
  }
  for (let fn: fib6_node | undefined = w.node; fn !== undefined; fn = fib6_next_node(fn)) {
    if (fn.leaf.length === 0) continue
    if (w.skip > 0) {
      w.skip--
    } else if (!dump_node(fn, w, skb, cb, filter)) {
      w.node = fn
      return false
    }
    w.count++
  }
  cb.ctx = undefined
  return true
}

/** cb.args[0]: tables done. */
export function inet6_dump_fib(skb: MessageBuilder, cb: netlink_callback): Errno | true | undefined {
  const filter = filter_of(cb)
  if (isErrno(filter)) return filter
  if (filter.table_id !== 0) {
    const tb = fib6_get_table(cb.net, filter.table_id)
    if (tb === undefined) {
      return cb.request[NLMSG_HDRLEN] === AF_INET6 ? cb.extack.fail(ENOENT, 'ipv6: FIB table does not exist') : undefined
    }
    if (cb.args[0] === 0 && !fib6_dump_table(tb, skb, cb, filter)) return true
    cb.args[0] = 1
    return undefined
  }
  const tables = fib6_tables_ordered(cb.net)
  for (; cb.args[0] < tables.length; cb.args[0]++) if (!fib6_dump_table(tables[cb.args[0]], skb, cb, filter)) return true
  return undefined
}
