/**
 * net/ipv4/fib_semantics.c: what routes share (source, metric, next hops), each kept once, and how it follows devices that
 * go down and come up.
 */

import { EINVAL, ENODEV, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  RT_SCOPE_HOST,
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
  RTNH_F_TRAP,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { lwtunnel_cmp_encap } from '../core/lwtunnel.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { type fib_metrics, ip_fib_metrics_init, type raw_attr, type raw_metrics } from './fib_metrics.ts'
import { fib_get_nhs, fib_rebalance } from './fib_multipath.ts'
import { fib_check_nh, fib_nh, fib_nh_encap, type fib_nh_common, no_gw6 } from './fib_nh.ts'
import { fib_props } from './fib_props.ts'
import { inet_addr_type_table } from './fib_tables.ts'
import { fib_check_nexthop, type nexthop, nexthop_fib_nhc, nexthop_find_by_id, nexthop_num_path } from './nexthop.ts'

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
  fc_gw6: Uint8Array = no_gw6
  fc_flags = 0
  fc_priority = 0
  fc_prefsrc = 0
  fc_flow = 0
  fc_mx: raw_metrics | undefined = undefined
  /** RTA_MULTIPATH */
  fc_mp: raw_metrics | undefined = undefined
  fc_encap: raw_attr | undefined = undefined
  fc_encap_type = 0
  fc_nh_id = 0
  fc_nlflags = 0
  fc_nlinfo: nl_info = nl_kernel
  constructor(net: net) {
    this.net = net
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
  /** The preferred source has gone: the routes are told when they are flushed. */
  pfsrc_removed = false
  /** Its place in netns_ipv4.fib_infos, by which routes name it; -1: none, since it is not in use. */
  fib_nr = -1
  /** Routes that share it. */
  fib_treeref = 0
  /** In the order given; none where a nexthop object stands for them. */
  fib_nh: fib_nh[] = []
  nh: nexthop | undefined = undefined
  /** The only next hop, where it is not a nexthop object's: what most lookups find. */
  fib_nhc: fib_nh | undefined = undefined
  /** Its nexthop object has changed: the routes are told. */
  nh_updated = false
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
  }
}

/** Next hops through one device, with counts of the flagged ones, so that nothing is searched when there are none. */
export class fib_dev_nhs {
  nhs = new Set<fib_nh>()
  dead = 0
  linkdown = 0
}

const RTNH_COMPARE_MASK = RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD | RTNH_F_TRAP

export function fib_info_num_path(fi: fib_info): number {
  return fi.nh === undefined ? fi.fib_nh.length : nexthop_num_path(fi.nh)
}
export function fib_info_nhc(fi: fib_info, i: number): fib_nh_common | undefined {
  return fi.nh === undefined ? fi.fib_nh[i] : nexthop_fib_nhc(fi.nh, i)
}

function nh_hash(nh: fib_nh): number {
  return Math.imul((nh.fib_nh_gw4 << 7) ^ (nh.fib_nh_gw4 >>> 25) ^ (nh.fib_nh_oif << 16), 0x9e3779b1)
}
function fib_info_hashfn(fi: fib_info): number {
  let a = Math.imul(fi.fib_prefsrc ^ (fi.nh?.id ?? 0), 0x9e3779b1)
  for (const nh of fi.fib_nh) a = (Math.imul(a, 31) + nh_hash(nh)) | 0
  return (a ^ Math.imul(fi.fib_priority, 0x85ebca6b) ^ (fi.fib_protocol << 16) ^ (fi.fib_scope << 8) ^ fi.fib_type) | 0
}
function metrics_equal(a: fib_metrics | undefined, b: fib_metrics | undefined): boolean {
  if (a === b) return true
  return a !== undefined && b !== undefined && a.cc_algo === b.cc_algo && a.metrics.every((v, i) => v === b.metrics[i])
}
function gw6_equal(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || a.every((v, i) => v === b[i])
}
function nh_equal(a: fib_nh, b: fib_nh): boolean {
  return (
    a.fib_nh_oif === b.fib_nh_oif &&
    a.fib_nh_gw_family === b.fib_nh_gw_family &&
    a.fib_nh_scope === b.fib_nh_scope &&
    a.nh_tclassid === b.nh_tclassid &&
    a.fib_nh_weight === b.fib_nh_weight &&
    ((a.fib_nh_flags ^ b.fib_nh_flags) & ~RTNH_COMPARE_MASK) === 0 &&
    a.fib_nh_gw4 === b.fib_nh_gw4 &&
    (a.fib_nh_gw_family !== AF_INET6 || gw6_equal(a.fib_nh_gw6, b.fib_nh_gw6)) &&
    lwtunnel_cmp_encap(a.fib_nh_lws, b.fib_nh_lws)
  )
}
function nhs_equal(a: fib_info, b: fib_info): boolean {
  if (a.nh !== b.nh || a.fib_nh.length !== b.fib_nh.length) return false
  for (let i = 0; i < a.fib_nh.length; i++) if (!nh_equal(a.fib_nh[i], b.fib_nh[i])) return false
  return true
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
      nhs_equal(fi, other) &&
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
  if (props.scope > cfg.fc_scope) return fib_fail(extack, EINVAL, 'Invalid scope')
  if (cfg.fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) {
    return fib_fail(extack, EINVAL, 'Invalid rtm_flags - can not contain DEAD or LINKDOWN')
  }
  const fi = new fib_info(cfg)
  if (cfg.fc_nh_id !== 0) {
    fi.nh = nexthop_find_by_id(cfg.net, cfg.fc_nh_id)
    if (fi.nh === undefined) return fib_fail(extack, EINVAL, 'Nexthop id does not exist')
  }
  const error = fill_info(cfg, fi, extack) ?? (props.error === undefined ? check_route(cfg, fi, extack) : check_error_route(cfg, extack))
  if (isErrno(error)) return error
  fi.hash = fib_info_hashfn(fi)
  const same = fib_find_info(cfg.net, fi)
  if (same === undefined) link_info(cfg.net, fi)
  const kept = same ?? fi
  kept.fib_treeref++
  return kept
}
export function fib_fail(extack: netlink_ext_ack | undefined, error: Errno, text: string, at = 0): Errno {
  return extack === undefined ? error : extack.fail(error, text, at)
}

/** Metrics and next hops as they are asked for. */
function fill_info(cfg: fib_config, fi: fib_info, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_mx !== undefined) {
    const mx = ip_fib_metrics_init(cfg.fc_mx, extack)
    if (isErrno(mx)) return mx
    fi.fib_metrics = mx
  }
  if (cfg.fc_mp !== undefined) return fib_get_nhs(fi, cfg, cfg.fc_mp, extack)
  if (fi.nh !== undefined) return undefined
  const nh = new fib_nh(fi, cfg)
  fi.fib_nh = [nh]
  fi.fib_nhc = nh
  return fib_nh_encap(cfg.net, nh, AF_INET, cfg.fc_encap, cfg.fc_encap_type, extack)
}

function check_error_route(cfg: fib_config, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_gw_family === 0 && cfg.fc_oif === 0 && cfg.fc_mp === undefined) return undefined
  return fib_fail(extack, EINVAL, 'Gateway, device and multipath can not be specified for this route type')
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
      return fib_fail(extack, EINVAL, 'Invalid route type')
  }
  if (cfg.fc_scope > RT_SCOPE_HOST) return fib_fail(extack, EINVAL, 'Invalid scope')
  const error = check_hops(cfg, fi, extack)
  if (isErrno(error)) return error
  if (fi.fib_prefsrc !== 0 && !fib_valid_prefsrc(cfg)) return fib_fail(extack, EINVAL, 'Invalid prefsrc address')
  fib_rebalance(fi)
  return undefined
}
function check_hops(cfg: fib_config, fi: fib_info, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (fi.nh !== undefined) return fib_check_nexthop(fi.nh, cfg.fc_scope, extack)
  if (cfg.fc_scope === RT_SCOPE_HOST) return check_host_route(cfg, fi, extack)
  let linkdown = 0
  for (const nh of fi.fib_nh) {
    const error = fib_check_nh(cfg.net, nh, cfg.fc_table, cfg.fc_scope, extack)
    if (isErrno(error)) return error
    if (nh.fib_nh_flags & RTNH_F_LINKDOWN) linkdown++
  }
  if (linkdown === fi.fib_nh.length) fi.fib_flags |= RTNH_F_LINKDOWN
  return undefined
}
/** A local address: its device need not be up. */
function check_host_route(cfg: fib_config, fi: fib_info, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (fi.fib_nh.length !== 1) return fib_fail(extack, EINVAL, 'Route with host scope can not have multiple nexthops')
  const { [0]: nh } = fi.fib_nh
  if (nh.fib_nh_gw_family !== 0) return fib_fail(extack, EINVAL, 'Route with host scope can not have a gateway')
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

function link_info(net: net, fi: fib_info): void {
  const { ipv4 } = net
  fi.fib_nr = ipv4.fib_infos_free.pop() ?? ipv4.fib_infos.length
  ipv4.fib_infos[fi.fib_nr] = fi
  fi.fib_hash = ipv4.fib_info_hash.get(fi.hash)
  ipv4.fib_info_hash.set(fi.hash, fi)
  if (fi.fib_prefsrc !== 0) {
    const users = ipv4.fib_info_laddrhash.get(fi.fib_prefsrc)
    if (users === undefined) ipv4.fib_info_laddrhash.set(fi.fib_prefsrc, [fi])
    else fi.fib_lhash = users.push(fi) - 1
  }
  fi.nh?.fi_list.add(fi)
  for (const nh of fi.fib_nh) {
    if (nh.fib_nh_dev === undefined) continue
    let on = ipv4.fib_info_devhash.get(nh.fib_nh_dev.ifindex)
    if (on === undefined) ipv4.fib_info_devhash.set(nh.fib_nh_dev.ifindex, (on = new fib_dev_nhs()))
    on.nhs.add(nh)
    if (nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown++
  }
}

/** One user less; the last one takes it away (fib_release_info). */
export function fib_release_info(net: net, fi: fib_info): void {
  if (--fi.fib_treeref !== 0) return
  const { ipv4 } = net
  ipv4.fib_infos[fi.fib_nr] = undefined
  ipv4.fib_infos_free.push(fi.fib_nr)
  fi.fib_nr = -1
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
  fi.nh?.fi_list.delete(fi)
  for (const nh of fi.fib_nh) unlink_nh(net, nh)
}
function unlink_nh(net: net, nh: fib_nh): void {
  const { fib_info_devhash } = net.ipv4
  const on = nh.fib_nh_dev && fib_info_devhash.get(nh.fib_nh_dev.ifindex)
  if (nh.fib_nh_dev === undefined || on === undefined) return
  on.nhs.delete(nh)
  if (nh.fib_nh_flags & RTNH_F_DEAD) on.dead--
  if (nh.fib_nh_flags & RTNH_F_LINKDOWN) on.linkdown--
  if (on.nhs.size === 0) fib_info_devhash.delete(nh.fib_nh_dev.ifindex)
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
