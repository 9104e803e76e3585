/** net/ipv6/route.c ip6_route_del: a route, or all hops of one, found by what the request says of it. */
import { ENOENT, type Errno, ESRCH } from '../../uapi/errno.ts'
import { ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import { RTF_CACHE } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY } from '../../uapi/linux/route.ts'
import { RTM_DELROUTE, RTNLGRP_IPV6_ROUTE } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib6_get_table } from './ip6_fib.ts'
import { fib6_del } from './ip6_fib_del.ts'
import { type fib6_config, type fib6_info, fib6_other_siblings } from './ip6_fib_info.ts'
import { fib6_info_nhs } from './ip6_fib_nexthop.ts'
import { fib6_locate, type fib6_node, fib6_node_lookup } from './ip6_fib_node.ts'
import { rt6_find_exception, rt6_remove_exception } from './ip6_route_exception.ts'
import { RTPROT_KERNEL } from '../../uapi/linux/rtnetlink.ts'
import { rt6_message } from './ip6_route_notify.ts'

/** One message for all hops, sent when they are gone. */
function del_siblings(net: net, rt: fib6_info, cfg: fib6_config): Errno | undefined {
  const info = cfg.fc_nlinfo
  if (rt.fib6_siblings === undefined || !cfg.fc_delete_all_nh) return fib6_del(net, rt, info)
  const skb = rt6_message(net, RTM_DELROUTE, rt, info, 0)
  info.skip_notify = true
  for (const sibling of fib6_other_siblings(rt)) fib6_del(net, sibling, info)
  const error = fib6_del(net, rt, info)
  rtnl_notify(net, skb, info.portid, RTNLGRP_IPV6_ROUTE, info.report)
  return error
}

function matches(rt: fib6_info, cfg: fib6_config): boolean {
  const { fib6_nh: nh } = rt
  if (cfg.fc_metric !== 0 && cfg.fc_metric !== rt.fib6_metric) return false
  if (cfg.fc_protocol !== 0 && cfg.fc_protocol !== rt.fib6_protocol) return false
  // of a nexthop object's next hops the request may say what it likes
  if (rt.nh !== undefined) return cfg.fc_nh_id === 0 || rt.nh.id === cfg.fc_nh_id
  if (cfg.fc_nh_id !== 0) return false
  if (cfg.fc_ifindex !== 0 && nh.fib_nh_dev?.ifindex !== cfg.fc_ifindex) return false
  return !(cfg.fc_flags & RTF_GATEWAY) || ipv6_addr_equal(cfg.fc_gateway, nh.fib_nh_gw6)
}

/** A table's root has a route that refuses when it has no other: it is found, and cannot be deleted. */
function null_entry_matches(fn: fib6_node | undefined, cfg: fib6_config): boolean {
  if (cfg.fc_dst_len !== 0 || (fn !== undefined && fn.leaf.length > 0)) return false
  if (cfg.fc_metric !== 0 && cfg.fc_metric !== 0xffffffff) return false
  if (cfg.fc_protocol !== 0 && cfg.fc_protocol !== RTPROT_KERNEL) return false
  return cfg.fc_nh_id === 0 && cfg.fc_ifindex === 0 && !(cfg.fc_flags & RTF_GATEWAY)
}

/** ip6_del_cached_rt(): what is known of a destination, by the route of the longest prefix. */
function del_exception(net: net, root: fib6_node, cfg: fib6_config): Errno | undefined {
  for (const rt of fib6_node_lookup(root, cfg.fc_dst, cfg.fc_src).leaf) {
    for (const nh of rt.nh === undefined ? [rt.fib6_nh] : fib6_info_nhs(rt)) {
      const ex = rt6_find_exception(net, { f6i: rt, nh, fib6_flags: rt.fib6_flags, fib6_type: rt.fib6_type }, cfg.fc_dst, cfg.fc_src)
      if (ex === undefined || (cfg.fc_ifindex !== 0 && nh.fib_nh_dev?.ifindex !== cfg.fc_ifindex)) continue
      if (cfg.fc_flags & RTF_GATEWAY && !ipv6_addr_equal(cfg.fc_gateway, ex.gateway)) continue
      rt6_remove_exception(net, nh, ex)
      return undefined
    }
  }
  return ESRCH
}
export function ip6_route_del(net: net, cfg: fib6_config, extack?: netlink_ext_ack): Errno | undefined {
  const table = fib6_get_table(net, cfg.fc_table)
  if (table === undefined) return extack?.fail(ESRCH, 'FIB table does not exist') ?? ESRCH
  if (cfg.fc_flags & RTF_CACHE) return del_exception(net, table.tb6_root, cfg)
  const fn = fib6_locate(table.tb6_root, cfg.fc_dst, cfg.fc_dst_len, cfg.fc_src, cfg.fc_src_len)
  const rt = fn?.leaf.find((other) => matches(other, cfg))
  if (rt === undefined) return null_entry_matches(fn, cfg) ? ENOENT : ESRCH
  // with a gateway only this one hop goes
  return cfg.fc_flags & RTF_GATEWAY ? fib6_del(net, rt, cfg.fc_nlinfo) : del_siblings(net, rt, cfg)
}
