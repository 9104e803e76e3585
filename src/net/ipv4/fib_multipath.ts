/** net/ipv4/fib_semantics.c: RTA_MULTIPATH, and how packets are shared between the next hops of a route. */
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, getBe32, getS32 } from '../../lib/bytes.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import {
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_VIA,
  RT_SCOPE_LINK,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  rtnexthop,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import type { net } from '../core/net_namespace.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { fib_good_nh } from './fib_good_nh.ts'
import type { raw_metrics } from './fib_metrics.ts'
import { fib_nh, fib_nh_encap } from './fib_nh.ts'
import { fib_config, fib_fail, type fib_info } from './fib_semantics.ts'
import { fib_gw_from_via } from './fib_via.ts'
import { ip_ignore_linkdown } from './in_device.ts'

/** rtnh_ok() */
export function rtnh_ok(mp: raw_metrics, at: number): boolean {
  const left = mp.end - at
  if (left < rtnexthop.size) return false
  const length = get16(mp.buf, at)
  return length >= rtnexthop.size && length <= left
}
export function rtnh_next(mp: raw_metrics, at: number): number {
  return at + ((get16(mp.buf, at) + 3) & ~3)
}
/** Header of an attribute of a hop, 0: none. */
export function rtnh_find(mp: raw_metrics, at: number, nr: number): number {
  let found = 0
  eachAttr(mp.buf, at + rtnexthop.size, at + get16(mp.buf, at), (type, o) => {
    if (type === nr && found === 0) found = o
  })
  return found
}

/** Number of hops; 0 where something is left over behind the last. */
function fib_count_nexthops(mp: raw_metrics, extack: netlink_ext_ack | undefined): number {
  let count = 0
  let at = mp.start
  for (; rtnh_ok(mp, at); at = rtnh_next(mp, at)) count++
  if (at >= mp.end) return count
  extack?.fail(EINVAL, 'Invalid nexthop configuration - extra data after nexthops')
  return 0
}

/** The hops of RTA_MULTIPATH, not checked yet. */
export function fib_get_nhs(fi: fib_info, cfg: fib_config, mp: raw_metrics, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (fib_count_nexthops(mp, extack) === 0) return EINVAL
  for (let at = mp.start; rtnh_ok(mp, at); at = rtnh_next(mp, at)) {
    const error = add_hop(fi, cfg, mp, at, extack)
    if (isErrno(error)) return error
  }
  return match_whole(cfg, fi.fib_nh[0], extack)
}
function add_hop(fi: fib_info, cfg: fib_config, mp: raw_metrics, at: number, extack: netlink_ext_ack | undefined): Errno | undefined {
  const { buf } = mp
  const flags = buf[at + 2]
  if (flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) {
    return fib_fail(extack, EINVAL, 'Invalid flags for nexthop - can not contain DEAD or LINKDOWN')
  }
  const hop = new fib_config(cfg.net)
  hop.fc_flags = (cfg.fc_flags & ~0xff) | flags
  hop.fc_oif = getS32(buf, at + 4)
  const gw = rtnh_find(mp, at, RTA_GATEWAY.nr)
  const via = rtnh_find(mp, at, RTA_VIA.nr)
  if (gw !== 0 && via !== 0) return fib_fail(extack, EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA')
  if (gw !== 0) {
    hop.fc_gw4 = getBe32(buf, gw + NLA_HDRLEN)
    if (hop.fc_gw4 !== 0) hop.fc_gw_family = AF_INET
  } else if (via !== 0) {
    const error = fib_gw_from_via(hop, buf, via, extack)
    if (isErrno(error)) return error
  }
  const flow = rtnh_find(mp, at, RTA_FLOW.nr)
  if (flow !== 0 && get16(buf, flow) - NLA_HDRLEN < 4) return fib_fail(extack, EINVAL, 'Invalid RTA_FLOW')
  if (flow !== 0) hop.fc_flow = get32(buf, flow + NLA_HDRLEN)
  const nh = new fib_nh(fi, hop, buf[at + 3] + 1)
  fi.fib_nh.push(nh)
  const encap = rtnh_find(mp, at, RTA_ENCAP.nr)
  const type = rtnh_find(mp, at, RTA_ENCAP_TYPE.nr)
  if (encap === 0) return undefined
  return fib_nh_encap(cfg.net, nh, AF_INET, { buf, at: encap }, type === 0 ? 0 : get16(buf, type + NLA_HDRLEN), extack)
}
/** What the route says of a next hop beside RTA_MULTIPATH must be what its first hop says. */
function match_whole(cfg: fib_config, nh: fib_nh, extack: netlink_ext_ack | undefined): Errno | undefined {
  if (cfg.fc_oif !== 0 && nh.fib_nh_oif !== cfg.fc_oif) return fib_fail(extack, EINVAL, 'Nexthop device index does not match RTA_OIF')
  if (cfg.fc_gw_family !== 0 && !same_gateway(cfg, nh)) {
    return fib_fail(extack, EINVAL, 'Nexthop gateway does not match RTA_GATEWAY or RTA_VIA')
  }
  if (cfg.fc_flow !== 0 && nh.nh_tclassid !== cfg.fc_flow) return fib_fail(extack, EINVAL, 'Nexthop class id does not match RTA_FLOW')
  return undefined
}
/** Whether a gateway is the one asked for. */
export function same_gateway(cfg: fib_config, nh: fib_nh): boolean {
  if (cfg.fc_gw_family !== nh.fib_nh_gw_family) return false
  if (cfg.fc_gw_family === AF_INET6) return cfg.fc_gw6.every((b, i) => b === nh.fib_nh_gw6[i])
  return cfg.fc_gw4 === nh.fib_nh_gw4
}

/** Shares of the hash's range by weight (fib_rebalance): hops that are down take no part. */
export function fib_rebalance(fi: fib_info): void {
  const { fib_nh: nhs } = fi
  if (nhs.length < 2) return
  const out = (nh: fib_nh): boolean =>
    (nh.fib_nh_flags & RTNH_F_DEAD) !== 0 ||
    ((nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0 && nh.fib_nh_dev !== undefined && ip_ignore_linkdown(nh.fib_nh_dev))
  let total = 0
  for (const nh of nhs) if (!out(nh)) total += nh.fib_nh_weight
  let w = 0
  for (const nh of nhs) {
    if (out(nh)) {
      nh.fib_nh_upper_bound = -1
    } else {
      w += nh.fib_nh_weight
      nh.fib_nh_upper_bound = Math.floor((w * 2 ** 31 + Math.floor(total / 2)) / total) - 1
    }
  }
}
/** fib_select_multipath(): the hop whose share the hash (31 bits) is in; with fib_multipath_use_neigh, of those that answer. */
export function fib_select_multipath(net: net, fi: fib_info, hash: number): fib_nh {
  const use_neigh = net.ipv4.sysctl_fib_multipath_use_neigh !== 0
  let first: fib_nh | undefined
  for (const nh of fi.fib_nh) {
    if (use_neigh && nh.fib_nh_scope === RT_SCOPE_LINK && !fib_good_nh(nh)) continue
    if (hash <= nh.fib_nh_upper_bound) return nh
    first ??= nh
  }
  return first ?? fi.fib_nh[0]
}
