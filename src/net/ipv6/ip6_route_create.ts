/** net/ipv6/route.c ip6_route_info_create, fib6_nh_init: a route as it is asked for, checked. */

import { HZ, USER_HZ } from '../../kernel/time.ts'
import { EACCES, EINVAL, ENETDOWN, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK, IFF_UP } from '../../uapi/linux/if.ts'
import { IPV6_ADDR_LOOPBACK, ipv6_addr_any, ipv6_addr_is_prefix, ipv6_addr_prefix, ipv6_addr_type } from '../../uapi/linux/in6.ts'
import { DEVCONF_DISABLE_IPV6 } from '../../uapi/linux/ipv6.ts'
import { RTF_ADDRCONF, RTF_ANYCAST, RTF_CACHE, RTF_EXPIRES, RTF_LOCAL, RTF_NONEXTHOP, RTF_PCPU } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY, RTF_REJECT } from '../../uapi/linux/route.ts'
import { RTN_UNICAST, RTN_XRESOLVE, RTNH_F_LINKDOWN, RTNH_F_ONLINK, RTPROT_BOOT, RTPROT_UNSPEC } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { LWTUNNEL_ENCAP_NONE } from '../../uapi/linux/lwtunnel.ts'
import { netif_carrier_ok } from '../core/dev.ts'
import { lwtunnel_build_state } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { ip_fib_metrics_init } from '../ipv4/fib_metrics.ts'
import { fib6_check_nexthop, type nexthop, nexthop_find_by_id } from '../ipv4/nexthop.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { __in6_dev_get } from './if_inet6.ts'
import { fib6_new_table } from './ip6_fib.ts'
import { type fib6_config, fib6_info, type fib6_nh, fib6_set_expires } from './ip6_fib_info.ts'
import { fib6_info_nh } from './ip6_fib_nexthop.ts'
import { ip6_route_prefsrc_ok } from './ip6_route_addr.ts'
import { ip6_validate_gw } from './ip6_route_gateway.ts'

export function fail(extack: netlink_ext_ack | undefined, error: Errno, text: string): Errno {
  return extack === undefined ? error : extack.fail(error, text)
}

/** A true route out of loopback would loop: it becomes one that rejects. */
function fib6_is_reject(flags: number, dev: net_device | undefined, addr_type: number): boolean {
  if (flags & RTF_REJECT) return true
  if (dev === undefined || !(dev.flags & IFF_LOOPBACK)) return false
  return !(addr_type & IPV6_ADDR_LOOPBACK) && !(flags & (RTF_ANYCAST | RTF_LOCAL))
}

/** The way out. Only the gateway may find a device where none is named. */
export function fib6_nh_init(net: net, nh: fib6_nh, cfg: fib6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_is_fdb) {
    nh.fib_nh_gw6 = cfg.fc_gateway
    nh.fib_nh_gw_family = AF_INET6
    return undefined
  }
  let dev: net_device | undefined
  if (cfg.fc_ifindex !== 0) {
    dev = net.dev_index_head.get(cfg.fc_ifindex)
    if (dev === undefined || __in6_dev_get(dev) === undefined) return ENODEV
  }
  if (cfg.fc_flags & RTNH_F_ONLINK) {
    if (dev === undefined) return fail(extack, ENODEV, 'Nexthop device required for onlink')
    if (!(dev.flags & IFF_UP)) return fail(extack, ENETDOWN, 'Nexthop device is not up')
    nh.fib_nh_flags |= RTNH_F_ONLINK
  }
  // one out of loopback is looked at like any other, until its route becomes one that rejects (Linux 6.12.117)
  if (cfg.fc_flags & RTF_REJECT) {
    if (__in6_dev_get(net.loopback_dev) === undefined) return ENODEV
    nh.fib_nh_dev = net.loopback_dev
    return undefined
  }
  if (cfg.fc_flags & RTF_GATEWAY) {
    const found = ip6_validate_gw(net, cfg, dev, extack)
    if (isErrno(found)) return found
    dev = found
    nh.fib_nh_gw6 = cfg.fc_gateway
    nh.fib_nh_gw_family = AF_INET6
  }
  return set_device(net, nh, cfg, dev, extack)
}
function set_device(
  net: net,
  nh: fib6_nh,
  cfg: fib6_config,
  dev: net_device | undefined,
  extack: netlink_ext_ack | undefined,
): Errno | undefined {
  if (dev === undefined) return ENODEV
  if (__in6_dev_get(dev)?.cnf.get(DEVCONF_DISABLE_IPV6)) return fail(extack, EACCES, 'IPv6 is disabled on nexthop device')
  if (!(dev.flags & IFF_UP) && !cfg.fc_ignore_dev_down) return fail(extack, ENETDOWN, 'Nexthop device is not up')
  if (!(cfg.fc_flags & (RTF_LOCAL | RTF_ANYCAST)) && !netif_carrier_ok(dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN
  nh.fib_nh_dev = dev
  return set_encap(net, nh, cfg, extack)
}
/** fib_nh_common_init() */
function set_encap(net: net, nh: fib6_nh, cfg: fib6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_encap === 0) return undefined
  if (cfg.fc_encap_type === LWTUNNEL_ENCAP_NONE) return fail(extack, EINVAL, 'LWT encap type not specified')
  const lws = lwtunnel_build_state(net, cfg.fc_encap_type, cfg.fc_encap_buf, cfg.fc_encap, AF_INET6, extack)
  if (isErrno(lws)) return lws
  nh.fib_nh_lws = lws
  return undefined
}

function check_config(cfg: fib6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_flags & RTF_PCPU) return fail(extack, EINVAL, 'Userspace can not set RTF_PCPU')
  if (cfg.fc_flags & RTF_CACHE) return fail(extack, EINVAL, 'Userspace can not set RTF_CACHE')
  if (cfg.fc_type > RTN_XRESOLVE) return fail(extack, EINVAL, 'Invalid route type')
  if (cfg.fc_dst_len > 128) return fail(extack, EINVAL, 'Invalid prefix length')
  if (cfg.fc_src_len > 128) return fail(extack, EINVAL, 'Invalid source address length')
  return undefined
}

/** Mostly what is asked for is a prefix already, and need not be copied. */
function prefix_of(addr: Uint8Array, plen: number): Uint8Array {
  return ipv6_addr_is_prefix(addr, plen) ? addr : ipv6_addr_prefix(addr, plen)
}
/** A route that is in no table yet, though the table is made. */
export function ip6_route_info_create(net: net, cfg: fib6_config, extack: netlink_ext_ack | undefined): fib6_info | Errno {
  const error = check_config(cfg, extack)
  if (isErrno(error)) return error
  const nh = cfg.fc_nh_id === 0 ? undefined : find_nexthop(net, cfg, extack)
  if (isErrno(nh)) return nh
  const rt = new fib6_info(fib6_new_table(net, cfg.fc_table))
  if (cfg.fc_mx !== undefined) {
    const mx = ip_fib_metrics_init(cfg.fc_mx, extack)
    if (isErrno(mx)) return mx
    rt.fib6_metrics = mx
  }
  rt.dst_nocount = (cfg.fc_flags & RTF_ADDRCONF) !== 0
  rt.fib6_protocol = cfg.fc_protocol === RTPROT_UNSPEC ? RTPROT_BOOT : cfg.fc_protocol
  rt.fib6_metric = cfg.fc_metric
  rt.fib6_type = cfg.fc_type === 0 ? RTN_UNICAST : cfg.fc_type
  rt.fib6_flags = (cfg.fc_flags & ~(RTF_GATEWAY | RTF_EXPIRES)) >>> 0
  if (cfg.fc_flags & RTF_EXPIRES) fib6_set_expires(rt, net.kernel.jiffies() + Math.floor((cfg.fc_expires * HZ) / USER_HZ))
  rt.fib6_dst = prefix_of(cfg.fc_dst, cfg.fc_dst_len)
  rt.fib6_dst_plen = cfg.fc_dst_len
  rt.fib6_src = prefix_of(cfg.fc_src, cfg.fc_src_len)
  rt.fib6_src_plen = cfg.fc_src_len
  if (nh === undefined) {
    const unusable = own_nexthop(net, rt, cfg, extack)
    if (isErrno(unusable)) return unusable
  }
  rt.nh = nh
  return set_prefsrc(net, rt, cfg, extack) ?? rt
}
function find_nexthop(net: net, cfg: fib6_config, extack: netlink_ext_ack | undefined): nexthop | Errno {
  const nh = nexthop_find_by_id(net, cfg.fc_nh_id)
  if (nh === undefined) return fail(extack, EINVAL, 'Nexthop id does not exist')
  return fib6_check_nexthop(nh, cfg.fc_src_len === 0, extack) ?? nh
}
function own_nexthop(net: net, rt: fib6_info, cfg: fib6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  const error = fib6_nh_init(net, rt.fib6_nh, cfg, extack)
  if (isErrno(error)) return error
  if (fib6_is_reject(cfg.fc_flags, rt.fib6_nh.fib_nh_dev, ipv6_addr_type(cfg.fc_dst))) {
    rt.fib6_flags = RTF_REJECT | RTF_NONEXTHOP
  }
  return undefined
}
function set_prefsrc(net: net, rt: fib6_info, cfg: fib6_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_prefsrc !== undefined && !ipv6_addr_any(cfg.fc_prefsrc)) {
    if (!ip6_route_prefsrc_ok(net, cfg.fc_prefsrc, fib6_info_nh(rt).fib_nh_dev)) return fail(extack, EINVAL, 'Invalid source address')
    rt.fib6_prefsrc = cfg.fc_prefsrc
  }
  return undefined
}
