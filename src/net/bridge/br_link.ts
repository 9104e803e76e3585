/** net/bridge/br_netlink.c br_link_ops: kind "bridge": IFLA_BR_* read, checked, set and shown. */
import type { AttrTable } from '../../lib/attrs.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { mod_timer, timer_pending } from '../../kernel/time.ts'
import { EADDRNOTAVAIL, EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ERANGE, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
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
import { br_port_policy, br_port_slave_changelink } from './br_netlink.ts'
import { br_port_fill_attrs } from './br_netlink_fill.ts'
import {
  br_after,
  br_port_get_rtnl,
  br_priv,
  br_timer_value,
  clock_t_to_jiffies,
  jiffies_to_clock_t,
  type net_bridge,
} from './br_private.ts'
import { br_is_root_bridge, br_set_bridge_priority, br_stp_set_enabled } from './br_stp.ts'
import { br_vlan_filter_toggle, br_vlan_set_default_pvid, br_vlan_set_proto } from './br_vlan.ts'

/** What multicast snooping keeps, with defaults; in the order in which it is shown. */
const mcast_settings = [
  [B.IFLA_BR_MCAST_ROUTER, 1],
  [B.IFLA_BR_MCAST_SNOOPING, 1],
  [B.IFLA_BR_MCAST_QUERY_USE_IFADDR, 0],
  [B.IFLA_BR_MCAST_QUERIER, 0],
  [B.IFLA_BR_MCAST_STATS_ENABLED, 0],
  [B.IFLA_BR_MCAST_HASH_ELASTICITY, 16],
  [B.IFLA_BR_MCAST_HASH_MAX, 4096],
  [B.IFLA_BR_MCAST_LAST_MEMBER_CNT, 2],
  [B.IFLA_BR_MCAST_STARTUP_QUERY_CNT, 2],
  [B.IFLA_BR_MCAST_IGMP_VERSION, 2],
  [B.IFLA_BR_MCAST_MLD_VERSION, 1],
  [B.IFLA_BR_MCAST_LAST_MEMBER_INTVL, 100],
  [B.IFLA_BR_MCAST_MEMBERSHIP_INTVL, 26000],
  [B.IFLA_BR_MCAST_QUERIER_INTVL, 25500],
  [B.IFLA_BR_MCAST_QUERY_INTVL, 12500],
  [B.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, 1000],
  [B.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, 3124],
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

/** br_set_hello_time() and its like: bounds of IEEE 802.1D, which forward delay has only while STP runs. */
function set_times(br: net_bridge, data: AttrTable): Errno | undefined {
  const second = clock_t_to_jiffies(100)
  const forward_delay = data.get(B.IFLA_BR_FORWARD_DELAY)
  if (forward_delay !== undefined) {
    const t = clock_t_to_jiffies(forward_delay)
    if (br.stp_enabled !== 0 && (t < 2 * second || t > 30 * second)) return ERANGE
    br.bridge_forward_delay = t
    if (br_is_root_bridge(br)) br.forward_delay = t
  }
  const hello = data.get(B.IFLA_BR_HELLO_TIME)
  if (hello !== undefined) {
    const t = clock_t_to_jiffies(hello)
    if (t < second || t > 10 * second) return ERANGE
    br.bridge_hello_time = t
    if (br_is_root_bridge(br)) br.hello_time = t
  }
  const max_age = data.get(B.IFLA_BR_MAX_AGE)
  if (max_age !== undefined) {
    const t = clock_t_to_jiffies(max_age)
    if (t < 6 * second || t > 40 * second) return ERANGE
    br.bridge_max_age = t
    if (br_is_root_bridge(br)) br.max_age = t
  }
  const ageing = data.get(B.IFLA_BR_AGEING_TIME)
  if (ageing === undefined) return undefined
  br.ageing_time = clock_t_to_jiffies(ageing)
  if (br.dev.flags & IFF_UP || timer_pending(br.gc_timer)) mod_timer(br.gc_timer, br_after(br, 0))
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
  if ((stats ?? 0) > 1 || (per_port ?? 0) > 1) return EINVAL
  if (stats !== undefined) br.vlan_stats_enabled = stats !== 0
  if (per_port !== undefined) br.vlan_stats_per_port = per_port !== 0
  return undefined
}
function set_group(br: net_bridge, data: AttrTable): Errno | undefined {
  const mask = data.get(B.IFLA_BR_GROUP_FWD_MASK)
  // STP, pause and LACP frames are never forwarded
  if (mask !== undefined && mask & 0x7) return EINVAL
  if (mask !== undefined) stored_only(br, 'IFLA_BR_GROUP_FWD_MASK')
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
/** Kept and shown, read by nothing yet: frames do not move. */
function stored_only(br: net_bridge, what: string): void {
  br.dev.nd_net.kernel.unsupported.count('bridge', what)
}
function set_multicast(br: net_bridge, data: AttrTable, extack: netlink_ext_ack): Errno | undefined {
  const igmp = data.get(B.IFLA_BR_MCAST_IGMP_VERSION)
  if (igmp !== undefined && igmp !== 2 && igmp !== 3) return EINVAL
  const mld = data.get(B.IFLA_BR_MCAST_MLD_VERSION)
  if (mld !== undefined && mld !== 1 && mld !== 2) return EINVAL
  if ((data.get(B.IFLA_BR_MCAST_ROUTER) ?? 0) > 2) return EINVAL
  for (const [a] of mcast_settings) {
    const value = data.get<number>(a)
    if (value === undefined || a === B.IFLA_BR_MCAST_HASH_ELASTICITY) continue
    br.mcast[a.nr] = value
    stored_only(br, a.name)
  }
  for (const a of nf_settings) {
    const value = data.get(a)
    if (value === undefined) continue
    br.nf_call[a.nr] = value ? 1 : 0
    stored_only(br, a.name)
  }
  const opts = data.get(B.IFLA_BR_MULTI_BOOLOPT)
  if (opts === undefined) return undefined
  const { optval = 0, optmask = 0 } = opts
  if (optmask & ~BOOLOPTS) return extack.fail(EOPNOTSUPP, 'bridge: Unsupported option')
  if (optmask & optval & 6) {
    br.dev.nd_net.kernel.unsupported.count('bridge', 'IFLA_BR_MULTI_BOOLOPT')
    return EOPNOTSUPP
  }
  if (optmask & 1) br.no_ll_learn = (optval & 1) !== 0
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
  return set_vlans(br, data) ?? set_group(br, data) ?? set_multicast(br, data, extack)
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
  skb.put(B.IFLA_BR_MULTI_BOOLOPT, { optval: br.no_ll_learn ? 1 : 0, optmask: BOOLOPTS })
  skb.put(B.IFLA_BR_FDB_N_LEARNED, br.fdb_n_learned)
  skb.put(B.IFLA_BR_FDB_MAX_LEARNED, br.fdb_max_learned)
  skb.put(B.IFLA_BR_VLAN_PROTOCOL, br.vlan_proto)
  skb.put(B.IFLA_BR_VLAN_DEFAULT_PVID, br.default_pvid)
  skb.put(B.IFLA_BR_VLAN_STATS_ENABLED, br.vlan_stats_enabled ? 1 : 0)
  skb.put(B.IFLA_BR_VLAN_STATS_PER_PORT, br.vlan_stats_per_port ? 1 : 0)
  for (const [a, value] of mcast_settings) skb.put<number>(a, br.mcast[a.nr] ?? value)
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
}
