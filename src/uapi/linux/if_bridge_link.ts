/** include/uapi/linux/if_link.h IFLA_BR_*: a bridge's own settings in IFLA_INFO_DATA. Times in hundredths of a second. */
import { type AttrSet, attr, attrs } from '../../lib/attrs.ts'
import { struct } from '../../lib/struct.ts'
import { be16, binary, bytes, u8, u16, u32, u64 } from '../../lib/types.ts'

export const br_boolopt_multi = struct('br_boolopt_multi', { optval: u32, optmask: u32 })
export const BR_BOOLOPT_NO_LL_LEARN = 0
export const BR_BOOLOPT_MCAST_VLAN_SNOOPING = 1
export const BR_BOOLOPT_MST_ENABLE = 2

export const IFLA_BR_FORWARD_DELAY = attr(1, u32)
export const IFLA_BR_HELLO_TIME = attr(2, u32)
export const IFLA_BR_MAX_AGE = attr(3, u32)
export const IFLA_BR_AGEING_TIME = attr(4, u32)
export const IFLA_BR_STP_STATE = attr(5, u32)
export const IFLA_BR_PRIORITY = attr(6, u16)
export const IFLA_BR_VLAN_FILTERING = attr(7, u8)
export const IFLA_BR_VLAN_PROTOCOL = attr(8, be16)
export const IFLA_BR_GROUP_FWD_MASK = attr(9, u16)
export const IFLA_BR_ROOT_ID = attr(10, bytes(8))
export const IFLA_BR_BRIDGE_ID = attr(11, bytes(8))
export const IFLA_BR_ROOT_PORT = attr(12, u16)
export const IFLA_BR_ROOT_PATH_COST = attr(13, u32)
export const IFLA_BR_TOPOLOGY_CHANGE = attr(14, u8)
export const IFLA_BR_TOPOLOGY_CHANGE_DETECTED = attr(15, u8)
export const IFLA_BR_HELLO_TIMER = attr(16, u64)
export const IFLA_BR_TCN_TIMER = attr(17, u64)
export const IFLA_BR_TOPOLOGY_CHANGE_TIMER = attr(18, u64)
export const IFLA_BR_GC_TIMER = attr(19, u64)
export const IFLA_BR_GROUP_ADDR = attr(20, bytes(6))
export const IFLA_BR_FDB_FLUSH = attr(21, binary)
export const IFLA_BR_MCAST_ROUTER = attr(22, u8)
export const IFLA_BR_MCAST_SNOOPING = attr(23, u8)
export const IFLA_BR_MCAST_QUERY_USE_IFADDR = attr(24, u8)
export const IFLA_BR_MCAST_QUERIER = attr(25, u8)
export const IFLA_BR_MCAST_HASH_ELASTICITY = attr(26, u32)
export const IFLA_BR_MCAST_HASH_MAX = attr(27, u32)
export const IFLA_BR_MCAST_LAST_MEMBER_CNT = attr(28, u32)
export const IFLA_BR_MCAST_STARTUP_QUERY_CNT = attr(29, u32)
export const IFLA_BR_MCAST_LAST_MEMBER_INTVL = attr(30, u64)
export const IFLA_BR_MCAST_MEMBERSHIP_INTVL = attr(31, u64)
export const IFLA_BR_MCAST_QUERIER_INTVL = attr(32, u64)
export const IFLA_BR_MCAST_QUERY_INTVL = attr(33, u64)
export const IFLA_BR_MCAST_QUERY_RESPONSE_INTVL = attr(34, u64)
export const IFLA_BR_MCAST_STARTUP_QUERY_INTVL = attr(35, u64)
export const IFLA_BR_NF_CALL_IPTABLES = attr(36, u8)
export const IFLA_BR_NF_CALL_IP6TABLES = attr(37, u8)
export const IFLA_BR_NF_CALL_ARPTABLES = attr(38, u8)
export const IFLA_BR_VLAN_DEFAULT_PVID = attr(39, u16)
export const IFLA_BR_PAD = attr(40, binary)
export const IFLA_BR_VLAN_STATS_ENABLED = attr(41, u8)
export const IFLA_BR_MCAST_STATS_ENABLED = attr(42, u8)
export const IFLA_BR_MCAST_IGMP_VERSION = attr(43, u8)
export const IFLA_BR_MCAST_MLD_VERSION = attr(44, u8)
export const IFLA_BR_VLAN_STATS_PER_PORT = attr(45, u8)
export const IFLA_BR_MULTI_BOOLOPT = attr(46, br_boolopt_multi)
export const IFLA_BR_MCAST_QUERIER_STATE = attr(47, binary)
export const IFLA_BR_FDB_N_LEARNED = attr(48, u32)
export const IFLA_BR_FDB_MAX_LEARNED = attr(49, u32)
export const IFLA_BR: AttrSet = attrs('IFLA_BR', {
  IFLA_BR_FORWARD_DELAY, IFLA_BR_HELLO_TIME, IFLA_BR_MAX_AGE, IFLA_BR_AGEING_TIME, IFLA_BR_STP_STATE, IFLA_BR_PRIORITY,
  IFLA_BR_VLAN_FILTERING, IFLA_BR_VLAN_PROTOCOL, IFLA_BR_GROUP_FWD_MASK, IFLA_BR_ROOT_ID, IFLA_BR_BRIDGE_ID, IFLA_BR_ROOT_PORT,
  IFLA_BR_ROOT_PATH_COST, IFLA_BR_TOPOLOGY_CHANGE, IFLA_BR_TOPOLOGY_CHANGE_DETECTED, IFLA_BR_HELLO_TIMER, IFLA_BR_TCN_TIMER,
  IFLA_BR_TOPOLOGY_CHANGE_TIMER, IFLA_BR_GC_TIMER, IFLA_BR_GROUP_ADDR, IFLA_BR_FDB_FLUSH, IFLA_BR_MCAST_ROUTER,
  IFLA_BR_MCAST_SNOOPING, IFLA_BR_MCAST_QUERY_USE_IFADDR, IFLA_BR_MCAST_QUERIER, IFLA_BR_MCAST_HASH_ELASTICITY,
  IFLA_BR_MCAST_HASH_MAX, IFLA_BR_MCAST_LAST_MEMBER_CNT, IFLA_BR_MCAST_STARTUP_QUERY_CNT, IFLA_BR_MCAST_LAST_MEMBER_INTVL,
  IFLA_BR_MCAST_MEMBERSHIP_INTVL, IFLA_BR_MCAST_QUERIER_INTVL, IFLA_BR_MCAST_QUERY_INTVL, IFLA_BR_MCAST_QUERY_RESPONSE_INTVL,
  IFLA_BR_MCAST_STARTUP_QUERY_INTVL, IFLA_BR_NF_CALL_IPTABLES, IFLA_BR_NF_CALL_IP6TABLES, IFLA_BR_NF_CALL_ARPTABLES,
  IFLA_BR_VLAN_DEFAULT_PVID, IFLA_BR_PAD, IFLA_BR_VLAN_STATS_ENABLED, IFLA_BR_MCAST_STATS_ENABLED, IFLA_BR_MCAST_IGMP_VERSION,
  IFLA_BR_MCAST_MLD_VERSION, IFLA_BR_VLAN_STATS_PER_PORT, IFLA_BR_MULTI_BOOLOPT, IFLA_BR_MCAST_QUERIER_STATE, IFLA_BR_FDB_N_LEARNED,
  IFLA_BR_FDB_MAX_LEARNED,
})
