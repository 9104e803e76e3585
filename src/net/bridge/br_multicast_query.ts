/**
 * net/bridge/br_multicast.c: who asks. One's own queries go out while multicast_querier is on and nobody else asks:
 *
 *   timer             set by                                     when it expires
 *   own query         up, querier switched on, other silent      query sent; again after (startup) query interval
 *   other querier     a query from outside (querier interval)    nobody asks any more: one's own queries begin
 *   delay             that first query (its response time)       memberships are known: groups are forwarded by them
 */
import { mod_timer, timer_pending } from '../../kernel/time.ts'
import { netif_running } from '../core/dev.ts'
import { netif_rx } from '../core/dev_receive.ts'
import { eth_type_trans } from '../ethernet/eth.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import * as B from '../../uapi/linux/if_bridge.ts'
import { __dev_get_by_index } from '../core/dev.ts'
import { br_multicast_start_querier } from './br_multicast.ts'
import {
  br_multicast_ctx_should_use,
  br_multicast_ctx_vlan_global_disabled,
  br_multicast_pg_to_port_ctx,
  br_multicast_port_ctx_get_global,
  br_multicast_port_ctx_state_stopped,
} from './br_multicast_ctx.ts'
import { alloc_query4, alloc_query6, query_source, type query_options } from './br_multicast_packet.ts'
import { br_multicast_count_query } from './br_multicast_stats.ts'
import { br_port_send } from './br_forward_send.ts'
import { br_after, br_port_get_rtnl, br_timer_value, type net_bridge_port } from './br_private.ts'
import {
  type bridge_mcast_own_query,
  type bridge_mcast_querier,
  ETH_P_IP,
  ETH_P_IPV6,
  MCAST_EXCLUDE,
  type net_bridge_mcast,
  type net_bridge_mcast_port,
  type net_bridge_port_group,
} from './br_private_mcast.ts'

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return 0
}
function is_zero(addr: Uint8Array): boolean {
  return addr.every((byte) => byte === 0)
}

/** __br_multicast_send_query(): out by a port, or (undefined) to the host itself. */
export function br_multicast_send_one_query(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port | undefined, opt: query_options): void {
  const { br } = brmctx
  if (!br_multicast_ctx_should_use(brmctx, pmctx) || br_multicast_ctx_vlan_global_disabled(brmctx) || !br.multicast_enabled) return
  // sources with much time left are asked for first: without any, none of the others is asked for now
  for (const over_lmqt of opt.with_srcs && opt.sflag ? [true, false] : [opt.sflag ?? false]) {
    const skb = (opt.proto === ETH_P_IP ? alloc_query4 : alloc_query6)(brmctx, { ...opt, over_lmqt })
    if (skb === undefined) return
    br_multicast_count_query(br, pmctx?.port, skb, pmctx === undefined ? 0 : 1)
    if (pmctx !== undefined) {
      br_port_send(pmctx.port, skb, pmctx.vlan)
    } else {
      select_own_querier(brmctx, opt.proto === ETH_P_IP ? 0 : 1, query_source(skb))
      skb.dev = br.dev
      skb.protocol = eth_type_trans(skb, br.dev)
      netif_rx(skb)
    }
  }
}
/** br_multicast_select_own_querier(): oneself is the querier that is known, from the lowest address. */
function select_own_querier(brmctx: net_bridge_mcast, f: 0 | 1, saddr: Uint8Array): void {
  brmctx.querier[f].addr = saddr
}
/** br_multicast_send_query(): a general one, and the next after a while. */
function send_query(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port | undefined, f: 0 | 1, own: bridge_mcast_own_query): void {
  const { br } = brmctx
  if (!br_multicast_ctx_should_use(brmctx, pmctx) || !br.multicast_enabled || !brmctx.multicast_querier) return
  if (timer_pending(brmctx.other_query[f].timer)) return
  const querier = brmctx.querier[f]
  if (pmctx === undefined && querier.port_ifidx !== 0) update_querier(querier, 0, new Uint8Array(querier.addr.length))
  br_multicast_send_one_query(brmctx, pmctx, { group: undefined, proto: f === 0 ? ETH_P_IP : ETH_P_IPV6 })
  const startup = own.startup_sent < brmctx.multicast_startup_query_count
  const wait = startup ? brmctx.multicast_startup_query_interval : brmctx.multicast_query_interval
  mod_timer(own.timer, br_after(br, wait))
}
function count_startup(brmctx: net_bridge_mcast, own: bridge_mcast_own_query): void {
  if (own.startup_sent < brmctx.multicast_startup_query_count) own.startup_sent++
}
export function br_multicast_port_own_query_expired(pmctx: net_bridge_mcast_port, timer: object): void {
  const f = pmctx.own_query[0].timer === timer ? 0 : 1
  if (br_multicast_port_ctx_state_stopped(pmctx)) return
  const brmctx = br_multicast_port_ctx_get_global(pmctx)
  count_startup(brmctx, pmctx.own_query[f])
  send_query(brmctx, pmctx, f, pmctx.own_query[f])
}
export function br_multicast_own_query_expired(brmctx: net_bridge_mcast, timer: object): void {
  const f = brmctx.own_query[0].timer === timer ? 0 : 1
  count_startup(brmctx, brmctx.own_query[f])
  send_query(brmctx, undefined, f, brmctx.own_query[f])
}
/** br_multicast_querier_expired(): the other querier is silent. */
export function br_multicast_querier_expired(brmctx: net_bridge_mcast, timer: object): void {
  const f = brmctx.other_query[0].timer === timer ? 0 : 1
  if (!netif_running(brmctx.br.dev) || br_multicast_ctx_vlan_global_disabled(brmctx) || !brmctx.br.multicast_enabled) return
  br_multicast_start_querier(brmctx, f)
}
/** Nothing happens by itself: br_multicast_querier_exists() looks at the timer. */
export function br_multicast_querier_delay_expired(_brmctx: net_bridge_mcast): void {}
/** br_multicast_querier_exists(): someone asks, and answers had time to come. */
export function br_multicast_querier_exists(brmctx: net_bridge_mcast, proto: number): boolean {
  const f = proto === ETH_P_IPV6 ? 1 : 0
  const other = brmctx.other_query[f]
  const asks = brmctx.multicast_querier || timer_pending(other.timer)
  return asks && !timer_pending(other.delay_timer)
}

function update_querier(querier: bridge_mcast_querier, ifindex: number, saddr: Uint8Array): void {
  querier.port_ifidx = ifindex
  querier.addr = saddr.slice()
}
/** br_multicast_select_querier(): the lowest address asks; true when `saddr` is it. */
function select_querier(brmctx: net_bridge_mcast, port: net_bridge_port | undefined, f: 0 | 1, saddr: Uint8Array): boolean {
  const querier = brmctx.querier[f]
  const nobody = !timer_pending(brmctx.own_query[f].timer) && !timer_pending(brmctx.other_query[f].timer)
  if (!nobody && !is_zero(querier.addr) && compareBytes(saddr, querier.addr) > 0) return false
  update_querier(querier, port?.dev.ifindex ?? 0, saddr)
  return true
}
/** br_multicast_query_received(): a general query; true when it came from the querier elected. */
export function br_multicast_query_received(
  brmctx: net_bridge_mcast,
  port: net_bridge_port | undefined,
  f: 0 | 1,
  saddr: Uint8Array,
  max_delay: number,
): boolean {
  if (!select_querier(brmctx, port, f, saddr)) return false
  const other = brmctx.other_query[f]
  if (!timer_pending(other.timer)) mod_timer(other.delay_timer, br_after(brmctx.br, max_delay))
  mod_timer(other.timer, br_after(brmctx.br, brmctx.multicast_querier_interval))
  return true
}

/** br_multicast_port_group_rexmit(): a query for a group or its sources is repeated. */
export function br_multicast_port_group_rexmit(pg: net_bridge_port_group): void {
  const { port } = pg
  const pmctx = br_multicast_pg_to_port_ctx(pg)
  if (pmctx === undefined || !netif_running(port.br.dev) || !port.mglist.includes(pg)) return
  const brmctx = br_multicast_port_ctx_get_global(pmctx)
  const f = pg.addr.proto === ETH_P_IPV6 ? 1 : 0
  if (!port.br.multicast_enabled || !brmctx.multicast_querier || timer_pending(brmctx.other_query[f].timer)) return
  const { proto } = pg.addr
  if (pg.grp_query_rexmit_cnt > 0) {
    pg.grp_query_rexmit_cnt--
    br_multicast_send_one_query(brmctx, pmctx, { group: pg.addr, proto, pg, sflag: true })
  }
  br_multicast_send_one_query(brmctx, pmctx, { group: pg.addr, proto, pg, with_srcs: true })
  const more = pg.grp_query_rexmit_cnt > 0 || pg.src_list.some((ent) => ent.src_query_rexmit_cnt > 0)
  if (more) mod_timer(pg.rexmit_timer, br_after(port.br, brmctx.multicast_last_member_interval))
}
/** __grp_src_query_and_rexmit(): sources marked are asked for; each has the time of the last members' answers left. */
export function br_multicast_query_sources(
  brmctx: net_bridge_mcast,
  pmctx: net_bridge_mcast_port,
  pg: net_bridge_port_group,
  marked: readonly net_bridge_port_group['src_list'][number][],
): void {
  const { br } = brmctx
  const lmqc = brmctx.multicast_last_member_count
  const lmqt = br_after(br, brmctx.multicast_last_member_interval * lmqc)
  const f = pg.addr.proto === ETH_P_IPV6 ? 1 : 0
  const asks = br.multicast_enabled && brmctx.multicast_querier && !timer_pending(brmctx.other_query[f].timer)
  for (const ent of marked) {
    if (!timer_pending(ent.timer) || ent.timer.expires <= lmqt) continue
    if (asks) ent.src_query_rexmit_cnt = lmqc
    mod_timer(ent.timer, lmqt)
  }
  if (!asks) return
  br_multicast_send_one_query(brmctx, pmctx, { group: pg.addr, proto: pg.addr.proto, pg, with_srcs: true, sflag: true })
  const lmi = br_after(br, brmctx.multicast_last_member_interval)
  if (!timer_pending(pg.rexmit_timer) || pg.rexmit_timer.expires > lmi) mod_timer(pg.rexmit_timer, lmi)
}
/** __grp_send_query_and_rexmit() */
export function br_multicast_query_group(brmctx: net_bridge_mcast, pmctx: net_bridge_mcast_port, pg: net_bridge_port_group): void {
  const { br } = brmctx
  const f = pg.addr.proto === ETH_P_IPV6 ? 1 : 0
  if (!br.multicast_enabled) return
  if (brmctx.multicast_querier && !timer_pending(brmctx.other_query[f].timer)) {
    pg.grp_query_rexmit_cnt = brmctx.multicast_last_member_count - 1
    br_multicast_send_one_query(brmctx, pmctx, { group: pg.addr, proto: pg.addr.proto, pg })
    const lmi = br_after(br, brmctx.multicast_last_member_interval)
    if (!timer_pending(pg.rexmit_timer) || pg.rexmit_timer.expires > lmi) mod_timer(pg.rexmit_timer, lmi)
  }
  const lmqt = br_after(br, brmctx.multicast_last_member_interval * brmctx.multicast_last_member_count)
  const later = !timer_pending(pg.timer) || pg.timer.expires > lmqt
  if (pg.filter_mode === MCAST_EXCLUDE && later) mod_timer(pg.timer, lmqt)
}

/** br_multicast_dump_querier_state(): who asks, of each family, where someone does. */
export function br_multicast_dump_querier_state(skb: MessageBuilder, brmctx: net_bridge_mcast, nest_attr: number): void {
  const { br } = brmctx
  if (!br.multicast_enabled || br_multicast_ctx_vlan_global_disabled(brmctx)) return
  const nest = skb.nest(nest_attr)
  for (const f of [0, 1] as const) {
    const other = brmctx.other_query[f].timer
    if (!brmctx.multicast_querier && !timer_pending(other)) continue
    const { addr, port_ifidx } = brmctx.querier[f]
    skb.put(f === 0 ? B.BRIDGE_QUERIER_IP_ADDRESS : B.BRIDGE_QUERIER_IPV6_ADDRESS, addr)
    if (!timer_pending(other)) continue
    skb.put(f === 0 ? B.BRIDGE_QUERIER_IP_OTHER_TIMER : B.BRIDGE_QUERIER_IPV6_OTHER_TIMER, br_timer_value(other))
    const dev = __dev_get_by_index(br.dev.nd_net, port_ifidx)
    if (dev !== undefined && br_port_get_rtnl(dev)?.br === br) {
      skb.put(f === 0 ? B.BRIDGE_QUERIER_IP_PORT : B.BRIDGE_QUERIER_IPV6_PORT, dev.ifindex)
    }
  }
  if (skb.nestLength(nest) > 0) skb.nestEnd(nest)
  else skb.nestCancel(nest)
}
