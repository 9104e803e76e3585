/** net/ipv6/route.c ip6_validate_gw: whether a gateway can be reached without a gateway. */
import { EHOSTUNREACH, EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IPV6_ADDR_LINKLOCAL, IPV6_ADDR_MAPPED, IPV6_ADDR_UNICAST, ipv6_addr_any, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { RTF_REJECT } from '../../uapi/linux/route.ts'
import { RT_TABLE_MAIN, RTN_UNICAST, RTNH_F_ONLINK } from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib6_get_table } from './ip6_fib.ts'
import type { fib6_config, fib6_result } from './ip6_fib_info.ts'
import {
  fib6_select_path,
  fib6_table_lookup,
  flowi6,
  RT6_LOOKUP_F_HAS_SADDR,
  RT6_LOOKUP_F_IFACE,
  RT6_LOOKUP_F_IGNORE_LINKSTATE,
} from './ip6_fib_lookup.ts'
import { ip6_route_gw_is_local } from './ip6_route_addr.ts'
import { fail } from './ip6_route_create.ts'
import { fib6_lookup } from './route.ts'

/** EINVAL: no such table; undefined: no route in it. */
function lookup_table(net: net, cfg: fib6_config, tbid: number, asked: number): fib6_result | Errno | undefined {
  const fl6 = new flowi6(cfg.fc_gateway, cfg.fc_prefsrc)
  fl6.flowi_oif = cfg.fc_ifindex
  const table = fib6_get_table(net, tbid)
  if (table === undefined) return EINVAL
  const saddr = cfg.fc_prefsrc !== undefined && !ipv6_addr_any(cfg.fc_prefsrc) ? RT6_LOOKUP_F_HAS_SADDR : 0
  const flags = asked | saddr | RT6_LOOKUP_F_IGNORE_LINKSTATE
  const res = fib6_table_lookup(net, table, cfg.fc_ifindex, fl6, flags)
  return res && fib6_select_path(net, res, fl6, cfg.fc_ifindex, cfg.fc_ifindex !== 0, flags)
}
/** A route that leads on to no other router. */
function direct(res: fib6_result | Errno | undefined): res is fib6_result {
  return res !== undefined && !isErrno(res) && !(res.fib6_flags & RTF_REJECT) && res.nh.fib_nh_gw_family === 0
}

function check_onlink(net: net, cfg: fib6_config, dev: net_device | undefined, extack: netlink_ext_ack | undefined): Errno | undefined {
  const res = lookup_table(net, cfg, (dev && l3mdev_fib_table(dev)) || RT_TABLE_MAIN, 0)
  if (isErrno(res)) return res
  if (res === undefined || res.fib6_flags & RTF_REJECT || ipv6_addr_any(res.f6i.fib6_dst)) return undefined
  if (res.fib6_type === RTN_UNICAST && dev === res.nh.fib_nh_dev) return undefined
  return fail(extack, EINVAL, 'Nexthop has invalid gateway or device mismatch')
}
/** In the route's own table first, then as any packet would go. */
function check_nh(net: net, cfg: fib6_config, dev: net_device | undefined): net_device | Errno | undefined {
  let res = cfg.fc_table === 0 ? undefined : lookup_table(net, cfg, cfg.fc_table, RT6_LOOKUP_F_IFACE)
  if (!direct(res) || (dev !== undefined && dev !== res.nh.fib_nh_dev)) {
    const fl6 = new flowi6(cfg.fc_gateway)
    fl6.flowi_oif = cfg.fc_ifindex
    res = fib6_lookup(net, cfg.fc_ifindex, fl6, RT6_LOOKUP_F_IFACE)
    if (!direct(res)) return EHOSTUNREACH
    res = fib6_select_path(net, res, fl6, cfg.fc_ifindex, cfg.fc_ifindex !== 0, RT6_LOOKUP_F_IFACE)
  }
  return dev !== undefined && dev !== res.nh.fib_nh_dev ? EHOSTUNREACH : res.nh.fib_nh_dev
}

/** The device that the gateway is on. */
export function ip6_validate_gw(
  net: net,
  cfg: fib6_config,
  given: net_device | undefined,
  extack: netlink_ext_ack | undefined,
): net_device | Errno {
  const gw = cfg.fc_gateway
  const type = ipv6_addr_type(gw)
  // a link-local address may be another host's on another link
  const skip_dev = !(type & IPV6_ADDR_LINKLOCAL)
  if (given !== undefined && ip6_route_gw_is_local(net, gw, given, skip_dev))
    return fail(extack, EINVAL, 'Gateway can not be a local address')
  let dev = given
  if (type !== (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST)) {
    if (!(type & (IPV6_ADDR_UNICAST | IPV6_ADDR_MAPPED))) return fail(extack, EINVAL, 'Invalid gateway address')
    const found = cfg.fc_flags & RTNH_F_ONLINK ? check_onlink(net, cfg, dev, extack) : check_nh(net, cfg, dev)
    if (isErrno(found)) return found
    dev = found ?? dev
  }
  if (dev === undefined) return fail(extack, EINVAL, 'Egress device not specified')
  if (dev.flags & IFF_LOOPBACK) return fail(extack, EINVAL, 'Egress device can not be loopback device for this route')
  if (given === undefined && ip6_route_gw_is_local(net, gw, dev, skip_dev))
    return fail(extack, EINVAL, 'Gateway can not be a local address')
  return dev
}
