/** net/ipv6/route.c rt6_add_dflt_router, rt6_route_rcv: routes that routers advertise (RFC 4861 6.3.4, RFC 4191). */
import { HZ, USER_HZ } from '../../kernel/time.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { type in6_addr, in6addr_any, ipv6_addr_equal, ipv6_addr_prefix } from '../../uapi/linux/in6.ts'
import {
  ICMPV6_ROUTER_PREF_INVALID,
  IP6_RT_PRIO_USER,
  RTF_ADDRCONF,
  RTF_DEFAULT,
  RTF_EXPIRES,
  RTF_PREF,
  RTF_PREF_MASK,
  RTF_ROUTEINFO,
} from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY, RTF_UP } from '../../uapi/linux/route.ts'
import { RT_TABLE_MAIN, RTN_UNICAST, RTPROT_RA } from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { fib6_get_table } from './ip6_fib.ts'
import { fib6_start_gc } from './ip6_fib_gc.ts'
import { fib6_clean_expires, fib6_config, type fib6_info, fib6_set_expires } from './ip6_fib_info.ts'
import { fib6_locate_1 } from './ip6_fib_node.ts'
import { ip6_del_rt, ip6_route_add } from './route.ts'

const INFINITY = 0xffffffff

/** A lifetime as the protocol has it, seconds; Infinity: for ever (addrconf_timeout_fixup). */
export function lifetime_seconds(lifetime: number): number {
  return lifetime === INFINITY ? Infinity : Math.min(lifetime, Math.floor(0x7fffffff / HZ))
}
/** Ends `seconds` from now, or never. */
export function set_lifetime(net: net, rt: fib6_info, seconds: number): void {
  if (seconds === Infinity) {
    fib6_clean_expires(rt)
    return
  }
  fib6_set_expires(rt, net.kernel.jiffies() + seconds * HZ)
  fib6_start_gc(net, rt)
}

function find(dev: net_device, dst: in6_addr, plen: number, gw: in6_addr, flags: number): fib6_info | undefined {
  const table = fib6_get_table(dev.nd_net, l3mdev_fib_table(dev) || RT_TABLE_MAIN)
  const fn = table && fib6_locate_1(table.tb6_root, dst, plen)
  return fn?.leaf.find(
    (rt) =>
      rt.nh === undefined &&
      rt.fib6_nh.fib_nh_dev === dev &&
      (rt.fib6_flags & flags) === flags &&
      rt.fib6_nh.fib_nh_gw_family !== 0 &&
      ipv6_addr_equal(rt.fib6_nh.fib_nh_gw6, gw),
  )
}
function add(dev: net_device, gw: in6_addr, flags: number, change: (cfg: fib6_config) => void): void {
  const cfg = new fib6_config()
  cfg.fc_table = l3mdev_fib_table(dev) || RT_TABLE_MAIN
  cfg.fc_metric = IP6_RT_PRIO_USER
  cfg.fc_ifindex = dev.ifindex
  cfg.fc_flags = RTF_GATEWAY | RTF_ADDRCONF | RTF_UP | flags
  cfg.fc_protocol = RTPROT_RA
  cfg.fc_type = RTN_UNICAST
  cfg.fc_gateway = gw
  change(cfg)
  ip6_route_add(dev.nd_net, cfg)
}

export function rt6_get_dflt_router(dev: net_device, gw: in6_addr): fib6_info | undefined {
  return find(dev, in6addr_any, 0, gw, RTF_ADDRCONF | RTF_DEFAULT)
}
export function rt6_add_dflt_router(dev: net_device, gw: in6_addr, pref: number, metric: number, lifetime: number): fib6_info | undefined {
  add(dev, gw, RTF_DEFAULT | RTF_EXPIRES | RTF_PREF(pref), (cfg) => {
    cfg.fc_metric = metric
    cfg.fc_expires = lifetime * USER_HZ
  })
  return rt6_get_dflt_router(dev, gw)
}

/** A route information option; `at` is its first byte. Nothing for one that is malformed. */
export function rt6_route_rcv(dev: net_device, buf: Uint8Array, at: number, gw: in6_addr): void {
  const { nd_net: net } = dev
  const length = buf[at + 1]
  const plen = buf[at + 2]
  const needed = plen > 64 ? 3 : plen > 0 ? 2 : 1
  const pref = (buf[at + 3] >> 3) & 3
  if (length > 3 || plen > 128 || length < needed || pref === ICMPV6_ROUTER_PREF_INVALID) return
  const lifetime = lifetime_seconds(getBe32(buf, at + 4))
  const whole = new Uint8Array(16)
  whole.set(buf.subarray(at + 8, at + length * 8))
  const prefix = ipv6_addr_prefix(whole, plen)
  const look = () => (plen === 0 ? rt6_get_dflt_router(dev, gw) : find(dev, prefix, plen, gw, RTF_ADDRCONF | RTF_ROUTEINFO))
  let rt = look()
  if (rt !== undefined && lifetime === 0) {
    ip6_del_rt(net, rt, false)
    rt = undefined
  }
  if (rt === undefined && lifetime !== 0) {
    add(dev, gw, RTF_ROUTEINFO | RTF_PREF(pref) | (plen === 0 ? RTF_DEFAULT : 0), (cfg) => {
      cfg.fc_dst = prefix
      cfg.fc_dst_len = plen
    })
    rt = look()
  } else if (rt !== undefined) {
    rt.fib6_flags = (RTF_ROUTEINFO | (rt.fib6_flags & ~RTF_PREF_MASK) | RTF_PREF(pref)) >>> 0
  }
  if (rt !== undefined) set_lifetime(net, rt, lifetime)
}
