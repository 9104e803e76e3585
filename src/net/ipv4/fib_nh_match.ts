/** net/ipv4/fib_semantics.c fib_nh_match: whether a route has the next hops that a deletion names. */
import { NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32, getBe32, getS32 } from '../../lib/bytes.ts'
import { EINVAL, isErrno } from '../../uapi/errno.ts'
import { RTA_FLOW, RTA_GATEWAY, RTA_VIA, rtnexthop } from '../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { lwtunnel_build_state, lwtunnel_cmp_encap } from '../core/lwtunnel.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import type { raw_metrics } from './fib_metrics.ts'
import { rtnh_find, rtnh_next, rtnh_ok, same_gateway } from './fib_multipath.ts'
import type { fib_nh } from './fib_nh.ts'
import { fib_config, type fib_info } from './fib_semantics.ts'
import { fib_gw_from_via } from './fib_via.ts'

/** What the request leaves open fits any. */
export function fib_nh_match(cfg: fib_config, fi: fib_info, extack: netlink_ext_ack | undefined): boolean {
  if (cfg.fc_priority !== 0 && cfg.fc_priority !== fi.fib_priority) return false
  if (cfg.fc_nh_id !== 0) return fi.nh?.id === cfg.fc_nh_id
  if (fi.nh !== undefined) return cfg.fc_oif === 0 && cfg.fc_gw_family === 0 && cfg.fc_mp === undefined
  const { fib_nh: nhs } = fi
  if (cfg.fc_oif !== 0 || cfg.fc_gw_family !== 0) return match_single(cfg, nhs[0], extack)
  return cfg.fc_mp === undefined || match_hops(cfg, cfg.fc_mp, nhs, extack)
}
function match_single(cfg: fib_config, nh: fib_nh, extack: netlink_ext_ack | undefined): boolean {
  if (cfg.fc_encap !== undefined && !encap_match(cfg, nh, extack)) return false
  if (cfg.fc_flow !== 0 && cfg.fc_flow !== nh.nh_tclassid) return false
  if (cfg.fc_oif !== 0 && cfg.fc_oif !== nh.fib_nh_oif) return false
  return cfg.fc_gw_family === 0 || same_gateway(cfg, nh)
}
function encap_match(cfg: fib_config, nh: fib_nh, extack: netlink_ext_ack | undefined): boolean {
  if (cfg.fc_encap === undefined || cfg.fc_encap_type === 0) return false
  const state = lwtunnel_build_state(cfg.net, cfg.fc_encap_type, cfg.fc_encap.buf, cfg.fc_encap.at, AF_INET, extack)
  return !isErrno(state) && lwtunnel_cmp_encap(state, nh.fib_nh_lws)
}
/** Hop by hop; a request with fewer hops than the route does not fit, one with more does. */
function match_hops(cfg: fib_config, mp: raw_metrics, nhs: readonly fib_nh[], extack: netlink_ext_ack | undefined): boolean {
  let at = mp.start
  for (const nh of nhs) {
    if (!rtnh_ok(mp, at) || !match_hop(cfg, mp, at, nh, extack)) return false
    at = rtnh_next(mp, at)
  }
  return true
}
function match_hop(cfg: fib_config, mp: raw_metrics, at: number, nh: fib_nh, extack: netlink_ext_ack | undefined): boolean {
  const { buf } = mp
  const oif = getS32(buf, at + 4)
  if (oif !== 0 && oif !== nh.fib_nh_oif) return false
  if (get16(buf, at) === rtnexthop.size) return true
  const gw = rtnh_find(mp, at, RTA_GATEWAY.nr)
  const via = rtnh_find(mp, at, RTA_VIA.nr)
  if (gw !== 0 && via !== 0) {
    extack?.fail(EINVAL, 'Nexthop configuration can not contain both GATEWAY and VIA')
    return false
  }
  if (gw !== 0 && (nh.fib_nh_gw_family !== AF_INET || getBe32(buf, gw + NLA_HDRLEN) !== nh.fib_nh_gw4)) return false
  if (via !== 0) {
    const hop = new fib_config(cfg.net)
    if (isErrno(fib_gw_from_via(hop, buf, via, extack)) || !same_gateway(hop, nh)) return false
  }
  const flow = rtnh_find(mp, at, RTA_FLOW.nr)
  return flow === 0 || get32(buf, flow + NLA_HDRLEN) === nh.nh_tclassid
}
