/** drivers/net/bonding/bond_alb.h: what the load balancing modes know of their clients. */
import type { slave } from './bonding.ts'

export const TLB_HASH_TABLE_SIZE = 256
export const RLB_HASH_TABLE_SIZE = 256
/** The work runs ten times a second; the times below count seconds. */
export const ALB_TIMER_TICKS_PER_SEC = 10
export const BOND_TLB_REBALANCE_INTERVAL = 10

/** Which slave sends to the clients of one hash, and how much it did since the last rebalancing. */
export interface tlb_client_info {
  tx_slave: slave | undefined
  tx_bytes: number
  load_history: number
}
export class tlb_slave_info {
  /** Indexes of the table's entries that are this slave's. */
  clients = new Set<number>()
  load = 0
}
/** A client that was told, by ARP, which slave's address is the bond's. */
export interface rlb_client_info {
  ip_src: number
  ip_dst: number
  mac_src: Uint8Array
  mac_dst: Uint8Array
  assigned: boolean
  ntt: boolean
  slave: slave | undefined
  vlan_id: number
}
export class alb_bond_info {
  tx_hashtbl: tlb_client_info[] | undefined = undefined
  unbalanced_load = 0
  tx_rebalance_counter = 0
  lp_counter = 0
  rlb_enabled = false
  /** By hash of the client's address. */
  rx_hashtbl = new Map<number, rlb_client_info>()
  rx_ntt = false
  rx_slave: slave | undefined = undefined
  primary_is_promisc = false
  rlb_promisc_timeout_counter = 0
  rlb_update_delay_counter = 0
  rlb_update_retry_counter = 0
  rlb_rebalance = false
}
