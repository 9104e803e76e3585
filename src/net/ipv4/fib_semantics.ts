/**
 * net/ipv4/fib_semantics.c: what routes share (source, metric, next hops), each kept once, and how it follows devices that
 * go down and come up.
 */

import { EAGAIN, EINVAL, ENETDOWN, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RTNH_F_TRAP,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import { LINK_STATE_NOCARRIER, type net_device } from '../core/netdevice.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_lookup, fib_result, fib_table_lookup, flowi4 } from './fib_lookup.ts'
import { type fib_metrics, ip_fib_metrics_init, type raw_metrics } from './fib_metrics.ts'
import { fib_props } from './fib_props.ts'
import { fib_get_table, inet_addr_type_table } from './fib_tables.ts'
import { inetdev_by_index } from './in_device.ts'

/** Who asked for a change: what its notification carries. Port 0: the kernel itself. */
export interface nl_info {
  readonly portid: number
  readonly seq: number
  /** NLM_F_ECHO */
  readonly report: boolean
}
export const nl_kernel: nl_info = { portid: 0, seq: 0, report: false }

/** include/net/ip_fib.h struct fib_config: a route as it is asked for. */
export class fib_config {
  readonly net: net
  fc_dst = 0
  fc_dst_len = 0
  fc_dscp = 0
  fc_protocol = 0
  fc_scope = 0
  fc_type = 0
  fc_table = 0
  fc_oif = 0
  fc_gw_family = 0
  fc_gw4 = 0
  fc_flags = 0
  fc_priority = 0
  fc_prefsrc = 0
  fc_flow = 0
  fc_mx: raw_metrics | undefined = undefined
  fc_nlflags = 0
  fc_nlinfo: nl_info = nl_kernel
  constructor(net: net) {
    this.net = net
  }
}

export class fib_nh {
  readonly nh_parent: fib_info
  fib_nh_dev: net_device | undefined = undefined
  fib_nh_oif: number
  fib_nh_flags: number
  fib_nh_scope = 0
  fib_nh_gw_family: number
  fib_nh_gw4: number
  nh_tclassid: number
  constructor(fi: fib_info, cfg: fib_config) {
    this.nh_parent = fi
    this.fib_nh_oif = cfg.fc_oif
    this.fib_nh_flags = cfg.fc_flags & 0xff
    this.fib_nh_gw_family = cfg.fc_gw_family
    this.fib_nh_gw4 = cfg.fc_gw4
    this.nh_tclassid = cfg.fc_flow
  }
}

export class fib_info {
  readonly fib_protocol: number
  readonly fib_scope: number
  readonly fib_type: number
  readonly fib_tb_id: number
  readonly fib_prefsrc: number
  readonly fib_priority: number
  fib_metrics: fib_metrics | undefined = undefined
  /** RTNH_F_* */
  fib_flags: number
  fib_dead = false
  /** The preferred source has gone: the routes are told when they are flushed. */
  pfsrc_removed = false
  /** Routes that share it. */
  fib_treeref = 0
  fib_nh: fib_nh
  hash = 0
  /** Next of equal hash. */
  fib_hash: fib_info | undefined = undefined
  /** Place among those of the same source. */
  fib_lhash = 0
  constructor(cfg: fib_config) {
    this.fib_protocol = cfg.fc_protocol
    this.fib_scope = cfg.fc_scope
    this.fib_type = cfg.fc_type
    this.fib_tb_id = cfg.fc_table
    this.fib_prefsrc = cfg.fc_prefsrc
    this.fib_priority = cfg.fc_priority
    this.fib_flags = cfg.fc_flags
    this.fib_nh = new fib_nh(this, cfg)
  }
}

/** Next hops through one device, with counts of the flagged ones, so that nothing is searched when there are none. */
export class fib_dev_nhs {
  nhs = new Set<fib_nh>()
  dead = 0
  linkdown = 0
}

const RTNH_COMPARE_MASK = RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD | RTNH_F_TRAP

function fib_info_hashfn(fi: fib_info): number {
  const { fib_nh: nh } = fi
  const a = Math.imul(fi.fib_prefsrc ^ (nh.fib_nh_gw4 << 7) ^ (nh.fib_nh_gw4 >>> 25), 0x9e3779b1)
  return (
    (a ^ Math.imul(fi.fib_priority ^ (nh.fib_nh_oif << 16), 0x85ebca6b) ^ (fi.fib_protocol << 16) ^ (fi.fib_scope << 8) ^ fi.fib_type) | 0
  )
}
function metrics_equal(a: fib_metrics | undefined, b: fib_metrics | undefined): boolean {
  if (a === b) return true
  return a !== undefined && b !== undefined && a.cc_algo === b.cc_algo && a.metrics.every((v, i) => v === b.metrics[i])
}
function nh_equal(a: fib_nh, b: fib_nh): boolean {
  return (
    a.fib_nh_oif === b.fib_nh_oif &&
    a.fib_nh_gw_family === b.fib_nh_gw_family &&
    a.fib_nh_scope === b.fib_nh_scope &&
    a.nh_tclassid === b.nh_tclassid &&
    ((a.fib_nh_flags ^ b.fib_nh_flags) & ~RTNH_COMPARE_MASK) === 0 &&
    a.fib_nh_gw4 === b.fib_nh_gw4
  )
}

/** One with the same content (fib_find_info): routes share it. */
function fib_find_info(net: net, fi: fib_info): fib_info | undefined {
  let other = net.ipv4.fib_info_hash.get(fi.hash)
  for (; other !== undefined; other = other.fib_hash) {
    if (
      fi.fib_protocol === other.fib_protocol &&
      fi.fib_scope === other.fib_scope &&
      fi.fib_prefsrc === other.fib_prefsrc &&
      fi.fib_priority === other.fib_priority &&
      fi.fib_type === other.fib_type &&
      fi.fib_tb_id === other.fib_tb_id &&
      ((fi.fib_flags ^ other.fib_flags) & ~RTNH_COMPARE_MASK) === 0 &&
      nh_equal(fi.fib_nh, other.fib_nh) &&
      metrics_equal(fi.fib_metrics, other.fib_metrics)
    )
      return other
  }
  return undefined
}

/** Checks a route and finds or makes its fib_info, counted for the caller (fib_create_info). */
export function fib_create_info(cfg: fib_config, extack: netlink_ext_ack | undefined): fib_info | Errno {
  const props = fib_props[cfg.fc_type]
  if (props === undefined) return EINVAL
  if (props.scope > cfg.fc_scope) return fail(extack, EINVAL, 'Invalid scope')
  if (cfg.fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) return fail(extack, EINVAL, 'Invalid rtm_flags - can not contain DEAD or LINKDOWN')
  const fi = new fib_info(cfg)
  if (cfg.fc_mx !== undefined) {
    const mx = ip_fib_metrics_init(cfg.fc_mx, extack)
    if (isErrno(mx)) return mx
    fi.fib_metrics = mx
  }
  const error = props.error === undefined ? check_route(cfg, fi, extack) : check_error_route(cfg, extack)
  if (isErrno(error)) return error
  fi.hash = fib_info_hashfn(fi)
  const same = fib_find_info(cfg.net, fi)
  if (same === undefined) link_info(cfg.net, fi)
  const kept = same ?? fi
  kept.fib_treeref++
  return kept
}
function fail(extack: netlink_ext_ack | undefined, error: Errno, text: string): Errno {
  return extack === undefined ? error : extack.fail(error, text)
}

function check_error_route(cfg: fib_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_gw_family === 0 && cfg.fc_oif === 0) return undefined
  return fail(extack, EINVAL, 'Gateway, device and multipath can not be specified for this route type')
}

function check_route(cfg: fib_config, fi: fib_info, extack: netlink_ext_ack | undefined): Errno | undefined {
  switch (cfg.fc_type) {
    case RTN_UNICAST:
    case RTN_LOCAL:
    case RTN_BROADCAST:
    case RTN_ANYCAST:
    case RTN_MULTICAST:
      break
    default:
      return fail(extack, EINVAL, 'Invalid route type')
  }
  if (cfg.fc_scope > RT_SCOPE_HOST) return fail(extack, EINVAL, 'Invalid scope')
  const error =
    cfg.fc_scope === RT_SCOPE_HOST
      ? check_host_route(cfg, fi.fib_nh, extack)
      : fib_check_nh(cfg.net, fi.fib_nh, cfg.fc_table, cfg.fc_scope, extack)
  if (isErrno(error)) return error
  if (cfg.fc_scope !== RT_SCOPE_HOST && fi.fib_nh.fib_nh_flags & RTNH_F_LINKDOWN) fi.fib_flags |= RTNH_F_LINKDOWN
  if (fi.fib_prefsrc !== 0 && !fib_valid_prefsrc(cfg)) return fail(extack, EINVAL, 'Invalid prefsrc address')
  return undefined
}
/** A local address: its device need not be up. */
function check_host_route(cfg: fib_config, nh: fib_nh, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nh.fib_nh_gw_family !== 0) return fail(extack, EINVAL, 'Route with host scope can not have a gateway')
  nh.fib_nh_scope = RT_SCOPE_NOWHERE
  nh.fib_nh_dev = cfg.net.dev_index_head.get(nh.fib_nh_oif)
  return nh.fib_nh_dev === undefined ? ENODEV : undefined
}
function fib_valid_prefsrc(cfg: fib_config): boolean {
  if (cfg.fc_type === RTN_LOCAL && cfg.fc_dst !== 0 && cfg.fc_prefsrc === cfg.fc_dst) return true
  const table = cfg.fc_table === RT_TABLE_MAIN ? RT_TABLE_LOCAL : cfg.fc_table
  if (inet_addr_type_table(cfg.net, cfg.fc_prefsrc, table) === RTN_LOCAL) return true
  return table !== RT_TABLE_LOCAL && inet_addr_type_table(cfg.net, cfg.fc_prefsrc, RT_TABLE_LOCAL) === RTN_LOCAL
}

function carrier_ok(dev: net_device): boolean {
  return (dev.state & LINK_STATE_NOCARRIER) === 0
}

/**
 * fib_check_nh(): a next hop must have a narrower scope than the route that uses it, down to the device itself. It ends
 * where the gateway is declared on-link, or is one of our own addresses, or is reached by a direct route.
 */
export function fib_check_nh(net: net, nh: fib_nh, table: number, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nh.fib_nh_gw_family !== AF_INET) return fib_check_nh_nongw(net, nh, extack)
  return nh.fib_nh_flags & RTNH_F_ONLINK ? check_onlink(net, nh, scope, extack) : check_gateway(net, nh, table, scope, extack)
}
function set_nh_dev(nh: fib_nh, dev: net_device, scope: number): void {
  nh.fib_nh_dev = dev
  nh.fib_nh_oif = dev.ifindex
  nh.fib_nh_scope = scope
  if (!carrier_ok(dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN
}
function check_onlink(net: net, nh: fib_nh, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (scope >= RT_SCOPE_LINK) return fail(extack, EINVAL, 'Nexthop has invalid scope')
  const dev = net.dev_index_head.get(nh.fib_nh_oif)
  if (dev === undefined) return fail(extack, ENODEV, 'Nexthop device required for onlink')
  if (!(dev.flags & IFF_UP)) return fail(extack, ENETDOWN, 'Nexthop device is not up')
  if (inet_addr_type_table(net, nh.fib_nh_gw4, RT_TABLE_LOCAL) !== RTN_UNICAST) return fail(extack, EINVAL, 'Nexthop has invalid gateway')
  set_nh_dev(nh, dev, RT_SCOPE_LINK)
  return undefined
}
function check_gateway(net: net, nh: fib_nh, table: number, scope: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  const res = new fib_result()
  const fl = new flowi4(nh.fib_nh_gw4, nh.fib_nh_oif, Math.max(scope + 1, RT_SCOPE_LINK))
  const tb = table !== 0 && table !== RT_TABLE_MAIN ? fib_get_table(net, table) : undefined
  let error: Errno | undefined = tb === undefined ? EAGAIN : fib_table_lookup(tb, fl, res, FIB_LOOKUP_IGNORE_LINKSTATE)
  // next hops in the local table, or in main while the route is for a table of its own
  if (isErrno(error)) error = fib_lookup(net, fl, res, FIB_LOOKUP_IGNORE_LINKSTATE)
  if (isErrno(error)) return fail(extack, error, 'Nexthop has invalid gateway')
  if (res.type !== RTN_UNICAST && res.type !== RTN_LOCAL) return fail(extack, EINVAL, 'Nexthop has invalid gateway')
  const dev = res.nh?.fib_nh_dev
  if (dev === undefined) return fail(extack, EINVAL, 'No egress device for nexthop gateway')
  set_nh_dev(nh, dev, res.scope)
  return dev.flags & IFF_UP ? undefined : ENETDOWN
}
function fib_check_nh_nongw(net: net, nh: fib_nh, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (nh.fib_nh_flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) {
    return fail(extack, EINVAL, 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set')
  }
  const dev = inetdev_by_index(net, nh.fib_nh_oif)?.dev
  if (dev === undefined) return ENODEV
  if (!(dev.flags & IFF_UP)) return fail(extack, ENETDOWN, 'Device for nexthop is not up')
  set_nh_dev(nh, dev, RT_SCOPE_HOST)
  return undefined
}

function link_info(net: net, fi: fib_info): void {
  const { ipv4 } = net
  fi.fib_hash = ipv4.fib_info_hash.get(fi.hash)
  ipv4.fib_info_hash.set(fi.hash, fi)
  if (fi.fib_prefsrc !== 0) {
    const users = ipv4.fib_info_laddrhash.get(fi.fib_prefsrc)
    if (users === undefined) ipv4.fib_info_laddrhash.set(fi.fib_prefsrc, [fi])
    else fi.fib_lhash = users.push(fi) - 1
  }
  const { fib_nh: nh } = fi
  if (nh.fib_nh_dev === undefined) return
  let on = ipv4.fib_info_devhash.get(nh.fib_nh_dev.ifindex)
  if (on === undefined) ipv4.fib_info_devhash.set(nh.fib_nh_dev.ifindex, (on = new fib_dev_nhs()))
  on.nhs.add(nh)
  if (nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown++
}

/** One user less; the last one takes it away (fib_release_info). */
export function fib_release_info(net: net, fi: fib_info): void {
  if (--fi.fib_treeref !== 0) return
  const { ipv4 } = net
  unchain(ipv4.fib_info_hash, fi)
  if (fi.fib_prefsrc !== 0) {
    const users = ipv4.fib_info_laddrhash.get(fi.fib_prefsrc) as fib_info[]
    const last = users.pop() as fib_info
    if (last !== fi) {
      users[fi.fib_lhash] = last
      last.fib_lhash = fi.fib_lhash
    }
    if (users.length === 0) ipv4.fib_info_laddrhash.delete(fi.fib_prefsrc)
  }
  const { fib_nh: nh } = fi
  const on = nh.fib_nh_dev && ipv4.fib_info_devhash.get(nh.fib_nh_dev.ifindex)
  if (nh.fib_nh_dev !== undefined && on !== undefined) {
    on.nhs.delete(nh)
    if (nh.fib_nh_flags & RTNH_F_DEAD) on.dead--
    if (nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown--
    if (on.nhs.size === 0) ipv4.fib_info_devhash.delete(nh.fib_nh_dev.ifindex)
  }
  fi.fib_dead = true
}
function unchain(hash: Map<number, fib_info>, fi: fib_info): void {
  let at = hash.get(fi.hash)
  if (at === fi) {
    if (fi.fib_hash === undefined) hash.delete(fi.hash)
    else hash.set(fi.hash, fi.fib_hash)
    return
  }
  while (at !== undefined && at.fib_hash !== fi) at = at.fib_hash
  if (at !== undefined) at.fib_hash = fi.fib_hash
}
