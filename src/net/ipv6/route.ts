/** net/ipv6/route.c: which way a packet goes, over all tables; routes that the kernel itself adds and removes. */
import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL, ENETUNREACH, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPV6_ADDR_LINKLOCAL, IPV6_ADDR_LOOPBACK, IPV6_ADDR_MULTICAST, ipv6_addr_any, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEVCONF_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { RTF_ANYCAST, RTF_LOCAL, RTF_NONEXTHOP } from '../../uapi/linux/ipv6_route.ts'
import { RTF_REJECT, RTF_UP } from '../../uapi/linux/route.ts'
import {
  RT_TABLE_LOCAL,
  RTAX_MTU,
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_NAT,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
  RTN_XRESOLVE,
  RTPROT_KERNEL,
} from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_fib_table, l3mdev_master_ifindex, l3mdev_update_flow, netif_is_l3_master, netif_is_l3_slave } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { inet6_dev } from './if_inet6.ts'
import { fib6_lookup_arg, fib6_rules_lookup } from './fib6_rules.ts'
import { fib6_add } from './ip6_fib_add.ts'
import { fib6_del } from './ip6_fib_del.ts'
import { fib6_config, type fib6_info, type fib6_result, nl_info6_kernel, type rt6_exception } from './ip6_fib_info.ts'
import {
  fib6_select_path,
  fib6_table_lookup,
  type flowi6,
  RT6_LOOKUP_F_HAS_SADDR,
  RT6_LOOKUP_F_IFACE,
  RT6_LOOKUP_F_IGNORE_LINKSTATE,
  RT6_LOOKUP_F_REACHABLE,
} from './ip6_fib_lookup.ts'
import { fib6_metric } from './ip6_fib_metrics.ts'
import type { fib6_table } from './ip6_fib_node.ts'
import { rt6_find_exception } from './ip6_route_exception.ts'
import { ip6_route_info_create } from './ip6_route_create.ts'

export { ip6_route_del } from './ip6_route_del.ts'
export { ip6_route_init } from './ip6_route_init.ts'
export { rt6_disable_ip, rt6_mtu_change, rt6_remove_prefsrc, rt6_sync_down_dev, rt6_sync_up } from './route_sync.ts'

/** A route for packets (struct rt6_info): what a lookup over tables gives. */
export class rt6_info {
  readonly dev: net_device
  readonly from: fib6_result
  /** What packets that take it meet. */
  readonly error: Errno | undefined
  /** What is known of this very destination. */
  exception: rt6_exception | undefined = undefined
  constructor(net: net, from: fib6_result) {
    this.from = from
    this.dev = rt_dev(net, from)
    this.error = from.fib6_flags & RTF_REJECT ? ip6_rt_type_to_error(from.fib6_type) : undefined
    if (!from.nh.rt6i_pcpu) keep(net, from)
  }
  /** Bytes of a packet, where the route or its destination says so. */
  get mtu(): number | undefined {
    return this.exception?.mtu || fib6_metric(this.from.f6i, RTAX_MTU.nr) || undefined
  }
}
/** rt6_make_pcpu_route(): counted, and a reference to the route it was made of. */
function keep(net: net, { f6i, nh }: fib6_result): void {
  const { rt6_stats } = net.ipv6.fib6
  nh.rt6i_pcpu = true
  f6i.fib6_ref++
  rt6_stats.fib_rt_alloc++
  if (!f6i.dst_nocount) rt6_stats.dst_entries++
}
/** Packets to ourselves go over loopback, or the layer-3 master (ip6_rt_get_dev_rcu). */
function rt_dev(net: net, { f6i, nh, fib6_flags }: fib6_result): net_device {
  const { fib_nh_dev: dev } = nh
  if (dev === undefined) return net.loopback_dev
  if (!(fib6_flags & (RTF_LOCAL | RTF_ANYCAST)) || netif_is_l3_master(dev)) return dev
  if (!netif_is_l3_slave(dev) || rt6_need_strict(f6i.fib6_dst)) return net.loopback_dev
  return net.dev_index_head.get(l3mdev_master_ifindex(dev)) ?? net.loopback_dev
}
/** fib6_prop */
function ip6_rt_type_to_error(type: number): Errno | undefined {
  switch (type) {
    case RTN_BLACKHOLE:
    case RTN_NAT:
    case RTN_XRESOLVE:
      return EINVAL
    case RTN_UNREACHABLE:
      return EHOSTUNREACH
    case RTN_PROHIBIT:
      return EACCES
    case RTN_THROW:
      return EAGAIN
    default:
      return undefined
  }
}
/** Destinations that are nothing without a device. */
export function rt6_need_strict(daddr: Uint8Array): boolean {
  return (ipv6_addr_type(daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) !== 0
}

/** ip6_pol_route(); undefined: no route in this table. */
export function ip6_pol_route(net: net, table: fib6_table, oif: number, fl6: flowi6, flags: number): rt6_info | undefined {
  let strict = flags & (RT6_LOOKUP_F_IFACE | RT6_LOOKUP_F_IGNORE_LINKSTATE)
  if (net.ipv6.devconf_all.get(DEVCONF_FORWARDING) === 0) strict |= RT6_LOOKUP_F_REACHABLE
  const res = fib6_table_lookup(net, table, oif, fl6, strict)
  if (res === undefined) return undefined
  const rt = new rt6_info(net, fib6_select_path(net, res, fl6, oif, false, strict))
  rt.exception = rt6_find_exception(net, rt.from, fl6.daddr, fl6.saddr)
  return rt
}

/** By the rules, or local and main where nobody has changed them; the error is what a packet would meet (fib6_rule_lookup). */
export function fib6_rule_lookup(net: net, input: boolean, fl6: flowi6, flags: number): rt6_info | Errno {
  const { fib6 } = net.ipv6
  if (fib6.has_custom_rules) {
    l3mdev_update_flow(net, fl6)
    const arg = new fib6_lookup_arg(true, input ? fl6.flowi_iif : fl6.flowi_oif)
    const error = fib6_rules_lookup(net, fl6, flags, arg)
    if (arg.rt !== undefined) return arg.rt
    return error === EACCES || error === EINVAL ? error : ENETUNREACH
  }
  const oif = input ? fl6.flowi_iif : fl6.flowi_oif
  const local = ip6_pol_route(net, fib6.fib6_local_tbl, oif, fl6, flags)
  if (local !== undefined && local.error !== EAGAIN) return local
  const main = ip6_pol_route(net, fib6.fib6_main_tbl, oif, fl6, flags)
  return main !== undefined && main.error !== EAGAIN ? main : ENETUNREACH
}
/** The route of a table itself. */
export function fib6_lookup(net: net, oif: number, fl6: flowi6, flags: number): fib6_result | undefined {
  const { fib6 } = net.ipv6
  if (fib6.has_custom_rules) {
    l3mdev_update_flow(net, fl6)
    const arg = new fib6_lookup_arg(false, oif)
    return isErrno(fib6_rules_lookup(net, fl6, flags, arg)) ? undefined : arg.res
  }
  return fib6_table_lookup(net, fib6.fib6_local_tbl, oif, fl6, flags) ?? fib6_table_lookup(net, fib6.fib6_main_tbl, oif, fl6, flags)
}

/** A packet of ours (ip6_route_output_flags). */
export function ip6_route_output(net: net, fl6: flowi6, asked = 0): rt6_info | Errno {
  // vrf_link_scope_lookup(): a VRF itself is on no link
  const oif = net.dev_index_head.get(fl6.flowi_oif)
  if (oif !== undefined && netif_is_l3_master(oif) && ipv6_addr_type(fl6.daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL))
    return ENETUNREACH
  const any_src = ipv6_addr_any(fl6.saddr)
  fl6.flowi_iif = net.loopback_dev.ifindex
  let flags = any_src ? asked : asked | RT6_LOOKUP_F_HAS_SADDR
  if (rt6_need_strict(fl6.daddr) || (fl6.flowi_oif !== 0 && any_src)) flags |= RT6_LOOKUP_F_IFACE
  return fib6_rule_lookup(net, false, fl6, flags)
}
/** A packet that comes in on fl6.flowi_iif. */
export function ip6_route_input_lookup(net: net, fl6: flowi6, asked: number): rt6_info | Errno {
  const flags = rt6_need_strict(fl6.daddr) ? asked | RT6_LOOKUP_F_IFACE : asked
  return fib6_rule_lookup(net, true, fl6, flags)
}

/** Adds a route that ip6_route_info_create() or addrconf_f6i_alloc() has made. */
export function ip6_ins_rt(net: net, rt: fib6_info): Errno | undefined {
  return fib6_add(net, rt.fib6_table, rt, nl_info6_kernel())
}
export function ip6_del_rt(net: net, rt: fib6_info, skip_notify = false): Errno | undefined {
  return fib6_del(net, rt, nl_info6_kernel(skip_notify))
}
export function ip6_route_add(net: net, cfg: fib6_config, extack?: netlink_ext_ack): Errno | undefined {
  const rt = ip6_route_info_create(net, cfg, extack)
  return isErrno(rt) ? rt : fib6_add(net, rt.fib6_table, rt, cfg.fc_nlinfo, extack)
}

/** The route of an address of ours, not inserted yet. */
export function addrconf_f6i_alloc(
  net: net,
  idev: inet6_dev,
  addr: Uint8Array,
  anycast: boolean,
  extack?: netlink_ext_ack,
): fib6_info | Errno {
  const cfg = new fib6_config()
  cfg.fc_table = l3mdev_fib_table(idev.dev) || RT_TABLE_LOCAL
  cfg.fc_ifindex = idev.dev.ifindex
  cfg.fc_flags = (RTF_UP | RTF_NONEXTHOP | (anycast ? RTF_ANYCAST : RTF_LOCAL)) >>> 0
  cfg.fc_type = anycast ? RTN_ANYCAST : RTN_LOCAL
  cfg.fc_dst = addr
  cfg.fc_dst_len = 128
  cfg.fc_protocol = RTPROT_KERNEL
  cfg.fc_ignore_dev_down = true
  const f6i = ip6_route_info_create(net, cfg, extack)
  if (isErrno(f6i)) return f6i
  f6i.dst_nocount = true
  // the address keeps it too
  f6i.fib6_ref = 2
  return f6i
}
