/** net/ipv6/route.c inet6_rtm_newroute, inet6_rtm_delroute, and routes of several hops. */
import { EEXIST, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IP6_RT_PRIO_USER } from '../../uapi/linux/ipv6_route.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWROUTE } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { nexthop_find_by_id } from '../ipv4/nexthop.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { Request } from '../netlink/types.ts'
import { fib6_add, rt6_duplicate_nexthop } from './ip6_fib_add.ts'
import { type fib6_config, type fib6_info, fib6_other_siblings, rt6_qualify_for_ecmp } from './ip6_fib_info.ts'
import { rt6_hops, rtm_to_fib6_config } from './ip6_route_config.ts'
import { ip6_route_info_create } from './ip6_route_create.ts'
import { ip6_route_del } from './ip6_route_del.ts'
import { inet6_rt_notify } from './ip6_route_notify.ts'
import { ip6_route_add } from './route.ts'

interface rt6_nh {
  readonly rt: fib6_info
  readonly cfg: fib6_config
}

/** Routes of one hop each, all checked before the first is added. */
function make_hops(net: net, cfg: fib6_config, extack: netlink_ext_ack): rt6_nh[] | Errno {
  const list: rt6_nh[] = []
  for (const hop of rt6_hops(cfg)) {
    if (hop.bad_gateway) return extack.fail(EINVAL, 'Invalid IPv6 address in RTA_GATEWAY')
    const rt = ip6_route_info_create(net, hop.cfg, extack)
    if (isErrno(rt)) return rt
    if (!rt6_qualify_for_ecmp(rt)) return extack.fail(EINVAL, 'Device only routes can not be added for IPv6 using the multipath API.')
    rt.fib6_nh.fib_nh_weight = hop.weight
    if (list.some((other) => rt6_duplicate_nexthop(other.rt, rt))) return EEXIST
    list.push({ rt, cfg: hop.cfg })
  }
  return list.length > 0 ? list : extack.fail(EINVAL, 'Invalid nexthop configuration - no valid nexthops')
}

/** One message for all hops, from the first one on. */
function mpath_notify(net: net, added: readonly rt6_nh[], cfg: fib6_config, nlflags: number): void {
  if (added.length === 0) return
  let { rt } = added[0]
  if (nlflags & NLM_F_APPEND) rt = fib6_other_siblings(added[added.length - 1].rt)[0] ?? rt
  inet6_rt_notify(net, RTM_NEWROUTE, rt, cfg.fc_nlinfo, nlflags)
}

/** Hop by hop, as if each had come alone; if one fails those before go again, with a message each. */
function ip6_route_multipath_add(req: Request, cfg: fib6_config): Errno | undefined {
  const { net, extack } = req
  const info = cfg.fc_nlinfo
  const asked = info.nlflags ?? 0
  const hops = make_hops(net, cfg, extack)
  if (isErrno(hops)) return hops
  const nlflags = (asked & NLM_F_REPLACE ? NLM_F_REPLACE : NLM_F_CREATE) | (asked & NLM_F_APPEND)
  info.skip_notify = true
  const added: rt6_nh[] = []
  let error: Errno | undefined
  for (const hop of hops) {
    error = fib6_add(net, hop.rt.fib6_table, hop.rt, info, extack)
    if (isErrno(error)) break
    added.push(hop)
    // a collision would have refused the first; the others join it
    info.nlflags = (asked & ~(NLM_F_EXCL | NLM_F_REPLACE)) | NLM_F_CREATE
    // Linux does so in the message itself: the ACK shows it
    req.ack_flags = info.nlflags
  }
  if (isErrno(error) && asked & NLM_F_REPLACE && added.length > 0) {
    extack.fail(error, 'ipv6: multipath route replace failed (check consistency of installed routes)')
  }
  mpath_notify(net, added, cfg, nlflags)
  if (isErrno(error)) for (const hop of added) ip6_route_del(net, hop.cfg, extack)
  return error
}

/** Every hop is tried; the last error counts. */
function ip6_route_multipath_del(net: net, cfg: fib6_config, extack: netlink_ext_ack): Errno | undefined {
  let last: Errno | undefined
  for (const hop of rt6_hops(cfg)) {
    const error = hop.bad_gateway ? extack.fail(EINVAL, 'Invalid IPv6 address in RTA_GATEWAY') : ip6_route_del(net, hop.cfg, extack)
    if (isErrno(error)) last = error
  }
  return last
}

export function inet6_rtm_newroute(req: Request): Errno | undefined {
  const cfg = rtm_to_fib6_config(req)
  if (isErrno(cfg)) return cfg
  if (cfg.fc_metric === 0) cfg.fc_metric = IP6_RT_PRIO_USER
  return cfg.fc_mp !== undefined ? ip6_route_multipath_add(req, cfg) : ip6_route_add(req.net, cfg, req.extack)
}
export function inet6_rtm_delroute(req: Request): Errno | undefined {
  const cfg = rtm_to_fib6_config(req)
  if (isErrno(cfg)) return cfg
  if (cfg.fc_nh_id !== 0 && nexthop_find_by_id(req.net, cfg.fc_nh_id) === undefined)
    return req.extack.fail(EINVAL, 'Nexthop id does not exist')
  if (cfg.fc_mp !== undefined) return ip6_route_multipath_del(req.net, cfg, req.extack)
  cfg.fc_delete_all_nh = true
  return ip6_route_del(req.net, cfg, req.extack)
}
