/** drivers/net/bonding/bond_main.c: what switches and NICs below are told of the way in which a bond sends. */
import * as B from '../../../uapi/linux/if_bonding.ts'
import type { bonding } from './bonding.ts'

export const NETDEV_LAG_TX_TYPE_UNKNOWN = 0
export const NETDEV_LAG_TX_TYPE_RANDOM = 1
export const NETDEV_LAG_TX_TYPE_BROADCAST = 2
export const NETDEV_LAG_TX_TYPE_ROUNDROBIN = 3
export const NETDEV_LAG_TX_TYPE_ACTIVEBACKUP = 4
export const NETDEV_LAG_TX_TYPE_HASH = 5
export const NETDEV_LAG_HASH_NONE = 0
export const NETDEV_LAG_HASH_UNKNOWN = 7

/** struct netdev_lag_upper_info: upper_info of NETDEV_CHANGEUPPER. */
export interface netdev_lag_upper_info {
  tx_type: number
  hash_type: number
}

const tx_types = new Map([
  [B.BOND_MODE_ROUNDROBIN, NETDEV_LAG_TX_TYPE_ROUNDROBIN],
  [B.BOND_MODE_ACTIVEBACKUP, NETDEV_LAG_TX_TYPE_ACTIVEBACKUP],
  [B.BOND_MODE_BROADCAST, NETDEV_LAG_TX_TYPE_BROADCAST],
  [B.BOND_MODE_XOR, NETDEV_LAG_TX_TYPE_HASH],
  [B.BOND_MODE_8023AD, NETDEV_LAG_TX_TYPE_HASH],
])
/** NETDEV_LAG_HASH_* of BOND_XMIT_POLICY_*: L2, L34, L23, E23, E34, VLAN_SRCMAC. */
const hash_types = [1, 2, 3, 4, 5, 6]

export function bond_lag_upper_info(bond: bonding): netdev_lag_upper_info {
  const tx_type = tx_types.get(bond.params.mode) ?? NETDEV_LAG_TX_TYPE_UNKNOWN
  if (tx_type !== NETDEV_LAG_TX_TYPE_HASH) return { tx_type, hash_type: NETDEV_LAG_HASH_NONE }
  return { tx_type, hash_type: hash_types[bond.params.xmit_policy] ?? NETDEV_LAG_HASH_UNKNOWN }
}
