/** net/bridge/br_netlink.c br_link_ops: kind "bridge": IFLA_BR_* read, checked, set and shown. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EADDRNOTAVAIL, EINVAL, EPROTONOSUPPORT, type Errno, isErrno } from '../../uapi/errno.ts'
import * as B from '../../uapi/linux/if_bridge_link.ts'
import * as L from '../../uapi/linux/if_link.ts'
import { register_netdevice, unregister_netdevice_many } from '../core/dev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { rtnl_link_ops } from '../core/rtnl_link_ops.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { NLA_EXACT_LEN, NLA_REJECT, NLA_U8, NLA_U16, NLA_U32, NLA_U64, policy } from '../netlink/policy.ts'
import { br_dev_setup } from './br_device.ts'
import { br_fdb_flush } from './br_fdb.ts'
import { br_dev_delete, br_manage_promisc, br_stp_change_bridge_id } from './br_if.ts'
import { br_mst_set_enabled } from './br_mst.ts'
import {
  br_multicast_set_igmp_version,
  br_multicast_set_mld_version,
  br_multicast_set_querier,
  br_multicast_toggle,
  br_multicast_toggle_vlan_snooping,
} from './br_multicast.ts'
import { br_multicast_dump_querier_state } from './br_multicast_query.ts'
import { br_multicast_set_router } from './br_multicast_router.ts'
import { set_query_intvl, set_startup_query_intvl } from './br_multicast_set.ts'
import { br_port_policy, br_port_slave_changelink } from './br_netlink.ts'
import { br_port_fill_attrs } from './br_netlink_fill.ts'
import { br_fill_linkxstats } from './br_xstats.ts'
import {
  br_port_get_rtnl,
  br_priv,
  br_timer_value,
  br_warn,
  clock_t_to_jiffies,
  jiffies_to_clock_t,
  type net_bridge,
} from './br_private.ts'
import { br_set_ageing_time, br_set_forward_delay, br_set_hello_time, br_set_max_age } from './br_set.ts'
import { br_set_bridge_priority, br_stp_set_enabled } from './br_stp.ts'
import { br_vlan_filter_toggle, br_vlan_set_default_pvid, br_vlan_set_proto, br_vlan_set_stats_per_port } from './br_vlan.ts'

/** Intervals of multicast snooping, shown and set in hundredths of a second. */
const mcast_intervals = [
  [B.IFLA_BR_MCAST_LAST_MEMBER_INTVL, 'multicast_last_member_interval'],
  [B.IFLA_BR_MCAST_MEMBERSHIP_INTVL, 'multicast_membership_interval'],
  [B.IFLA_BR_MCAST_QUERIER_INTVL, 'multicast_querier_interval'],
  [B.IFLA_BR_MCAST_QUERY_INTVL, 'multicast_query_interval'],
  [B.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, 'multicast_query_response_interval'],
  [B.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, 'multicast_startup_query_interval'],
] as const
const nf_settings = [B.IFLA_BR_NF_CALL_IPTABLES, B.IFLA_BR_NF_CALL_IP6TABLES, B.IFLA_BR_NF_CALL_ARPTABLES]
const BOOLOPTS = 7

export const br_policy = policy(
  B.IFLA_BR,
  {
    IFLA_BR_FORWARD_DELAY: NLA_U32,
    IFLA_BR_HELLO_TIME: NLA_U32,
    IFLA_BR_MAX_AGE: NLA_U32,
    IFLA_BR_AGEING_TIME: NLA_U32,
    IFLA_BR_STP_STATE: NLA_U32,
    IFLA_BR_PRIORITY: NLA_U16,
    IFLA_BR_VLAN_FILTERING: NLA_U8,
    IFLA_BR_VLAN_PROTOCOL: NLA_U16,
    IFLA_BR_GROUP_FWD_MASK: NLA_U16,
    IFLA_BR_GROUP_ADDR: NLA_EXACT_LEN(6),
    IFLA_BR_MCAST_ROUTER: NLA_U8,
    IFLA_BR_MCAST_SNOOPING: NLA_U8,
    IFLA_BR_MCAST_QUERY_USE_IFADDR: NLA_U8,
    IFLA_BR_MCAST_QUERIER: NLA_U8,
    IFLA_BR_MCAST_HASH_ELASTICITY: NLA_U32,
    IFLA_BR_MCAST_HASH_MAX: NLA_U32,
    IFLA_BR_MCAST_LAST_MEMBER_CNT: NLA_U32,
    IFLA_BR_MCAST_STARTUP_QUERY_CNT: NLA_U32,
    IFLA_BR_MCAST_LAST_MEMBER_INTVL: NLA_U64,
    IFLA_BR_MCAST_MEMBERSHIP_INTVL: NLA_U64,
    IFLA_BR_MCAST_QUERIER_INTVL: NLA_U64,
    IFLA_BR_MCAST_QUERY_INTVL: NLA_U64,
    IFLA_BR_MCAST_QUERY_RESPONSE_INTVL: NLA_U64,
    IFLA_BR_MCAST_STARTUP_QUERY_INTVL: NLA_U64,
    IFLA_BR_NF_CALL_IPTABLES: NLA_U8,
    IFLA_BR_NF_CALL_IP6TABLES: NLA_U8,
    IFLA_BR_NF_CALL_ARPTABLES: NLA_U8,
    IFLA_BR_VLAN_DEFAULT_PVID: NLA_U16,
    IFLA_BR_VLAN_STATS_ENABLED: NLA_U8,
    IFLA_BR_MCAST_STATS_ENABLED: NLA_U8,
    IFLA_BR_MCAST_IGMP_VERSION: NLA_U8,
    IFLA_BR_MCAST_MLD_VERSION: NLA_U8,
    IFLA_BR_VLAN_STATS_PER_PORT: NLA_U8,
    IFLA_BR_MULTI_BOOLOPT: NLA_EXACT_LEN(8),
    IFLA_BR_FDB_N_LEARNED: NLA_REJECT(),
    IFLA_BR_FDB_MAX_LEARNED: NLA_U32,
  },
  { name: 'br_policy', strict_start_type: B.IFLA_BR_FDB_N_LEARNED.nr },
)

/** br_validate(): the address, the tag's protocol, the default VLAN. */
export function br_validate(tb: AttrTable, data: AttrTable | undefined): Errno | undefined {
  const addr = tb.payload(L.IFLA_ADDRESS)
  if (addr !== undefined) {
    if (addr.length !== 6) return EINVAL
    if (addr[0] & 1 || addr.every((byte) => byte === 0)) return EADDRNOTAVAIL
  }
  const proto = data?.get(B.IFLA_BR_VLAN_PROTOCOL)
  if (proto !== undefined && proto !== 0x8100 && proto !== 0x88a8) return EPROTONOSUPPORT
  return (data?.get(B.IFLA_BR_VLAN_DEFAULT_PVID) ?? 0) >= 4095 ? EINVAL : undefined
}

const times = [
  [B.IFLA_BR_FORWARD_DELAY, br_set_forward_delay],
  [B.IFLA_BR_HELLO_TIME, br_set_hello_time],
  [B.IFLA_BR_MAX_AGE, br_set_max_age],
  [B.IFLA_BR_AGEING_TIME, br_set_ageing_time],
] as const
function set_times(br: net_bridge, data: AttrTable): Errno | undefined {
  for (const [a, set] of times) {
    const value = data.get(a)
    const error = value === undefined ? undefined : set(br, value)
    if (isErrno(error)) return error
  }
  return undefined
}
function set_vlans(br: net_bridge, data: AttrTable): Errno | undefined {
  const filtering = data.get(B.IFLA_BR_VLAN_FILTERING)
  if (filtering !== undefined) {
    br_vlan_filter_toggle(br, filtering !== 0)
    br_manage_promisc(br)
  }
  const proto = data.get(B.IFLA_BR_VLAN_PROTOCOL)
  const pvid = data.get(B.IFLA_BR_VLAN_DEFAULT_PVID)
  const error =
    (proto === undefined ? undefined : br_vlan_set_proto(br, proto)) ??
    (pvid === undefined ? undefined : br_vlan_set_default_pvid(br, pvid))
  if (isErrno(error)) return error
  const stats = data.get(B.IFLA_BR_VLAN_STATS_ENABLED)
  const per_port = data.get(B.IFLA_BR_VLAN_STATS_PER_PORT)
  if ((stats ?? 0) > 1) return EINVAL
  if (stats !== undefined) br.vlan_stats_enabled = stats !== 0
  return per_port === undefined ? undefined : br_vlan_set_stats_per_port(br, per_port)
}
function set_group(br: net_bridge, data: AttrTable): Errno | undefined {
  const mask = data.get(B.IFLA_BR_GROUP_FWD_MASK)
  // STP, pause and LACP frames are never forwarded
  if (mask !== undefined && mask & 0x7) return EINVAL
  br.group_fwd_mask = mask ?? br.group_fwd_mask
  const addr = data.get(B.IFLA_BR_GROUP_ADDR)
  if (addr !== undefined) {
    const link_local = [0x01, 0x80, 0xc2, 0, 0].every((byte, i) => addr[i] === byte) && (addr[5] & 0xf0) === 0
    if (!link_local || addr[5] === 1 || addr[5] === 2 || addr[5] === 3) return EINVAL
    br.group_addr = addr.slice()
    br.group_addr_set = true
  }
  if (data.has(B.IFLA_BR_FDB_FLUSH)) br_fdb_flush(br, (f) => f.is_static || f.is_local || f.added_by_extern_learn)
  br.fdb_max_learned = data.get(B.IFLA_BR_FDB_MAX_LEARNED) ?? br.fdb_max_learned
  return undefined
}
/** Kept and shown, read by nothing: there is no netfilter. */
function stored_only(br: net_bridge, what: string): void {
  br.dev.nd_net.kernel.unsupported.count('bridge', what)
}
function set_multicast(br: net_bridge, data: AttrTable): Errno | undefined {
  const ctx = br.multicast_ctx
  const router = data.get(B.IFLA_BR_MCAST_ROUTER)
  const error = router === undefined ? undefined : br_multicast_set_router(ctx, router)
  if (isErrno(error)) return error
  const snooping = data.get(B.IFLA_BR_MCAST_SNOOPING)
  if (snooping !== undefined) br_multicast_toggle(br, snooping !== 0)
  const use_ifaddr = data.get(B.IFLA_BR_MCAST_QUERY_USE_IFADDR)
  if (use_ifaddr !== undefined) br.multicast_query_use_ifaddr = use_ifaddr !== 0
  const querier = data.get(B.IFLA_BR_MCAST_QUERIER)
  if (querier !== undefined) br_multicast_set_querier(ctx, querier !== 0)
  if (data.has(B.IFLA_BR_MCAST_HASH_ELASTICITY)) br_warn(br, 'the hash_elasticity option has been deprecated and is always 16')
  br.hash_max = data.get(B.IFLA_BR_MCAST_HASH_MAX) ?? br.hash_max
  ctx.multicast_last_member_count = data.get(B.IFLA_BR_MCAST_LAST_MEMBER_CNT) ?? ctx.multicast_last_member_count
  ctx.multicast_startup_query_count = data.get(B.IFLA_BR_MCAST_STARTUP_QUERY_CNT) ?? ctx.multicast_startup_query_count
  for (const [a, name] of mcast_intervals) {
    const value = data.get(a)
    if (value === undefined) continue
    if (a === B.IFLA_BR_MCAST_QUERY_INTVL) set_query_intvl(ctx, value)
    else if (a === B.IFLA_BR_MCAST_STARTUP_QUERY_INTVL) set_startup_query_intvl(ctx, value)
    else ctx[name] = clock_t_to_jiffies(value)
  }
  const stats = data.get(B.IFLA_BR_MCAST_STATS_ENABLED)
  if (stats !== undefined) br.mcast_stats_enabled = stats !== 0
  const igmp = data.get(B.IFLA_BR_MCAST_IGMP_VERSION)
  const mld = data.get(B.IFLA_BR_MCAST_MLD_VERSION)
  return (
    (igmp === undefined ? undefined : br_multicast_set_igmp_version(ctx, igmp)) ??
    (mld === undefined ? undefined : br_multicast_set_mld_version(ctx, mld))
  )
}
/** br_boolopt_multi_toggle(): in the order of their bits; what cannot be switched stops those behind it. */
function set_options(br: net_bridge, data: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  for (const a of nf_settings) {
    const value = data.get(a)
    if (value === undefined) continue
    br.nf_call[a.nr] = value ? 1 : 0
    stored_only(br, a.name)
  }
  const opts = data.get(B.IFLA_BR_MULTI_BOOLOPT)
  if (opts === undefined) return undefined
  const { optval = 0, optmask = 0 } = opts
  const unknown = optmask & ~BOOLOPTS
  if (unknown !== 0) return extack.fail(EINVAL, `bridge: Unknown boolean option ${31 - Math.clz32(unknown & -unknown)}`)
  const on = (opt: number) => (optval & (1 << opt)) !== 0
  if (optmask & (1 << B.BR_BOOLOPT_NO_LL_LEARN)) br.no_ll_learn = on(B.BR_BOOLOPT_NO_LL_LEARN)
  if (optmask & (1 << B.BR_BOOLOPT_MCAST_VLAN_SNOOPING)) {
    const error = br_multicast_toggle_vlan_snooping(br, on(B.BR_BOOLOPT_MCAST_VLAN_SNOOPING), extack)
    if (isErrno(error)) return error
  }
  if (optmask & (1 << B.BR_BOOLOPT_MST_ENABLE)) return br_mst_set_enabled(br, on(B.BR_BOOLOPT_MST_ENABLE), extack)
  return undefined
}
export function br_changelink(dev: net_device, _tb: AttrTable, data: AttrTable | undefined, extack: netlink_ext_ack): Errno | undefined {
  if (data === undefined) return undefined
  const br = br_priv(dev)
  const error = set_times(br, data)
  if (isErrno(error)) return error
  const stp = data.get(B.IFLA_BR_STP_STATE)
  if (stp !== undefined) br_stp_set_enabled(br, stp)
  const priority = data.get(B.IFLA_BR_PRIORITY)
  if (priority !== undefined) br_set_bridge_priority(br, priority)
  return set_vlans(br, data) ?? set_group(br, data) ?? set_multicast(br, data) ?? set_options(br, data, extack)
}
export function br_dev_newlink(
  _src_net: net,
  dev: net_device,
  tb: AttrTable,
  data: AttrTable | undefined,
  extack: netlink_ext_ack,
): Errno | undefined {
  const error = register_netdevice(dev, extack)
  if (isErrno(error)) return error
  const addr = tb.payload(L.IFLA_ADDRESS)
  if (addr !== undefined) br_stp_change_bridge_id(br_priv(dev), addr.slice())
  const failed = br_changelink(dev, tb, data, extack)
  if (isErrno(failed)) {
    const list: net_device[] = []
    br_dev_delete(dev, list)
    unregister_netdevice_many(list)
  }
  return failed
}

export function boolopts(br: net_bridge): number {
  return (
    (br.no_ll_learn ? 1 << B.BR_BOOLOPT_NO_LL_LEARN : 0) |
    (br.mcast_vlan_snooping_enabled ? 1 << B.BR_BOOLOPT_MCAST_VLAN_SNOOPING : 0) |
    (br.mst_enabled ? 1 << B.BR_BOOLOPT_MST_ENABLE : 0)
  )
}
export function br_fill_info(skb: MessageBuilder, dev: net_device): void {
  const br = br_priv(dev)
  skb.put(B.IFLA_BR_HELLO_TIMER, br_timer_value(br.hello_timer))
  skb.put(B.IFLA_BR_TCN_TIMER, br_timer_value(br.tcn_timer))
  skb.put(B.IFLA_BR_TOPOLOGY_CHANGE_TIMER, br_timer_value(br.topology_change_timer))
  skb.put(B.IFLA_BR_GC_TIMER, br_timer_value(br.gc_timer))
  skb.put(B.IFLA_BR_FORWARD_DELAY, jiffies_to_clock_t(br.forward_delay))
  skb.put(B.IFLA_BR_HELLO_TIME, jiffies_to_clock_t(br.hello_time))
  skb.put(B.IFLA_BR_MAX_AGE, jiffies_to_clock_t(br.max_age))
  skb.put(B.IFLA_BR_AGEING_TIME, jiffies_to_clock_t(br.ageing_time))
  skb.put(B.IFLA_BR_STP_STATE, br.stp_enabled)
  skb.put(B.IFLA_BR_PRIORITY, (br.bridge_id[0] << 8) | br.bridge_id[1])
  skb.put(B.IFLA_BR_VLAN_FILTERING, br.vlan_enabled ? 1 : 0)
  skb.put(B.IFLA_BR_GROUP_FWD_MASK, br.group_fwd_mask)
  skb.put(B.IFLA_BR_BRIDGE_ID, br.bridge_id)
  skb.put(B.IFLA_BR_ROOT_ID, br.designated_root)
  skb.put(B.IFLA_BR_ROOT_PORT, br.root_port)
  skb.put(B.IFLA_BR_ROOT_PATH_COST, br.root_path_cost)
  skb.put(B.IFLA_BR_TOPOLOGY_CHANGE, br.topology_change)
  skb.put(B.IFLA_BR_TOPOLOGY_CHANGE_DETECTED, br.topology_change_detected)
  skb.put(B.IFLA_BR_GROUP_ADDR, br.group_addr)
  skb.put(B.IFLA_BR_MULTI_BOOLOPT, { optval: boolopts(br), optmask: BOOLOPTS })
  skb.put(B.IFLA_BR_FDB_N_LEARNED, br.fdb_n_learned)
  skb.put(B.IFLA_BR_FDB_MAX_LEARNED, br.fdb_max_learned)
  skb.put(B.IFLA_BR_VLAN_PROTOCOL, br.vlan_proto)
  skb.put(B.IFLA_BR_VLAN_DEFAULT_PVID, br.default_pvid)
  skb.put(B.IFLA_BR_VLAN_STATS_ENABLED, br.vlan_stats_enabled ? 1 : 0)
  skb.put(B.IFLA_BR_VLAN_STATS_PER_PORT, br.vlan_stats_per_port ? 1 : 0)
  const ctx = br.multicast_ctx
  skb.put(B.IFLA_BR_MCAST_ROUTER, ctx.multicast_router)
  skb.put(B.IFLA_BR_MCAST_SNOOPING, br.multicast_enabled ? 1 : 0)
  skb.put(B.IFLA_BR_MCAST_QUERY_USE_IFADDR, br.multicast_query_use_ifaddr ? 1 : 0)
  skb.put(B.IFLA_BR_MCAST_QUERIER, ctx.multicast_querier ? 1 : 0)
  skb.put(B.IFLA_BR_MCAST_STATS_ENABLED, br.mcast_stats_enabled ? 1 : 0)
  skb.put(B.IFLA_BR_MCAST_HASH_ELASTICITY, 16)
  skb.put(B.IFLA_BR_MCAST_HASH_MAX, br.hash_max)
  skb.put(B.IFLA_BR_MCAST_LAST_MEMBER_CNT, ctx.multicast_last_member_count)
  skb.put(B.IFLA_BR_MCAST_STARTUP_QUERY_CNT, ctx.multicast_startup_query_count)
  skb.put(B.IFLA_BR_MCAST_IGMP_VERSION, ctx.multicast_igmp_version)
  br_multicast_dump_querier_state(skb, ctx, B.IFLA_BR_MCAST_QUERIER_STATE.nr)
  skb.put(B.IFLA_BR_MCAST_MLD_VERSION, ctx.multicast_mld_version)
  for (const [a, name] of mcast_intervals) skb.put(a, jiffies_to_clock_t(ctx[name]))
  for (const a of nf_settings) skb.put(a, br.nf_call[a.nr] ?? 0)
}
export function br_port_fill_slave_info(skb: MessageBuilder, _brdev: net_device, dev: net_device): void {
  const p = br_port_get_rtnl(dev)
  if (p !== undefined) br_port_fill_attrs(skb, p)
}

export const br_link_ops: rtnl_link_ops = {
  kind: 'bridge',
  policy: br_policy,
  slave_policy: br_port_policy,
  setup: br_dev_setup,
  validate: br_validate,
  newlink: br_dev_newlink,
  changelink: br_changelink,
  dellink: br_dev_delete,
  fill_info: br_fill_info,
  slave_changelink: br_port_slave_changelink,
  fill_slave_info: br_port_fill_slave_info,
  fill_linkxstats: br_fill_linkxstats,
}
