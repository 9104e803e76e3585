/** drivers/net/bonding/bond_alb.c: receive load balancing: each client is told by ARP to send to one slave's address. */
import { getBe16, getBe32 } from '../../../lib/bytes.ts'
import { dev_set_promiscuity, netdev_err } from '../../../net/core/dev.ts'
import { dev_queue_xmit } from '../../../net/core/dev_xmit.ts'
import { __vlan_hwaccel_put_tag, VLAN_VID_MASK } from '../../../net/core/skb_vlan.ts'
import type { sk_buff } from '../../../net/core/skbuff.ts'
import { ether_addr_equal, is_broadcast_ether_addr, is_valid_ether_addr, is_zero_ether_addr } from '../../../net/ethernet/eth.ts'
import { isErrno } from '../../../uapi/errno.ts'
import { ARPOP_REPLY, ARPOP_REQUEST } from '../../../uapi/linux/if_arp.ts'
import { ETH_P_8021Q, ETH_P_ARP } from '../../../uapi/linux/if_ether.ts'
import { alb_send_learning_packets } from './bond_alb_learn.ts'
import type { rlb_client_info } from './bond_alb_types.ts'
import { bond_arp_frame } from './bond_arp_frame.ts'
import { bond_owned_by_bridge } from './bond_protocols.ts'
import { bond_slave_can_tx, bond_slaves, type bonding, type slave } from './bonding.ts'

const RLB_ARP_BURST_SIZE = 2
const RLB_UPDATE_RETRY = 3
/** Ticks. */
const RLB_UPDATE_DELAY = 20

/** struct arp_pkt, where it lies in the packet. */
interface arp_pkt {
  at: number
  op_code: number
  mac_src: Uint8Array
  ip_src: number
  mac_dst: Uint8Array
  ip_dst: number
}
function arp_at(skb: sk_buff, at: number): arp_pkt | undefined {
  if (at < 0 || at + 28 > skb.tail) return undefined
  const b = skb.buf
  return {
    at,
    op_code: getBe16(b, at + 6),
    mac_src: b.slice(at + 8, at + 14),
    ip_src: getBe32(b, at + 14),
    mac_dst: b.slice(at + 18, at + 24),
    ip_dst: getBe32(b, at + 24),
  }
}
/** _simple_hash() of an IPv4 address. */
function hash_of(ip: number): number {
  return (ip ^ (ip >>> 8) ^ (ip >>> 16) ^ (ip >>> 24)) & 0xff
}

/** __rlb_next_rx_slave(): the fastest of those behind the one chosen last, else of all up to it. */
function next_rx_slave(bond: bonding): slave | undefined {
  const { alb_info } = bond
  const able = bond_slaves(bond).filter(bond_slave_can_tx)
  const last = alb_info.rx_slave === undefined ? -1 : able.indexOf(alb_info.rx_slave)
  const fastest = (list: slave[]) =>
    list.reduce<slave | undefined>((best, s) => (best === undefined || best.speed >>> 0 < s.speed >>> 0 ? s : best), undefined)
  const before = fastest(last < 0 ? able : able.slice(0, last + 1))
  const after = last < 0 ? undefined : fastest(able.slice(last + 1))
  const chosen = after === undefined || (before !== undefined && after.speed >>> 0 < before.speed >>> 0) ? before : after
  if (chosen !== undefined) alb_info.rx_slave = chosen
  return chosen
}

/** recv_probe: learns the clients' addresses, and forgets who has an address of ours now. Takes nothing. */
export function rlb_arp_recv(skb: sk_buff, bond: bonding): boolean {
  const arp = skb.protocol === ETH_P_ARP ? arp_at(skb, skb.data) : undefined
  if (arp === undefined) return false
  const table = bond.alb_info.rx_hashtbl
  for (const [index, client] of table) {
    if (client.ip_src === arp.ip_src && !ether_addr_equal(arp.mac_src, client.mac_src)) table.delete(index)
  }
  if (arp.op_code !== ARPOP_REPLY) return false
  const client = table.get(hash_of(arp.ip_src))
  if (client === undefined || client.ip_src !== arp.ip_dst || client.ip_dst !== arp.ip_src) return false
  if (ether_addr_equal(client.mac_dst, arp.mac_src)) return false
  client.mac_dst = arp.mac_src
  client.ntt = bond.alb_info.rx_ntt = true
  return false
}

export function rlb_teach_disabled_mac_on_primary(bond: bonding, addr: Uint8Array): void {
  const active = bond.curr_active_slave
  if (active === undefined) return
  bond.alb_info.primary_is_promisc ||= !isErrno(dev_set_promiscuity(active.dev, 1))
  bond.alb_info.rlb_promisc_timeout_counter = 0
  alb_send_learning_packets(active, addr, true)
}
/** rlb_clear_slave(): its clients go to others, and hear of it. */
export function rlb_clear_slave(bond: bonding, slave: slave): void {
  const { alb_info } = bond
  for (const client of alb_info.rx_hashtbl.values()) {
    if (client.slave !== slave) continue
    client.slave = next_rx_slave(bond)
    if (client.slave === undefined || !is_valid_ether_addr(client.mac_dst)) continue
    client.ntt = alb_info.rx_ntt = true
    alb_info.rlb_update_retry_counter = RLB_UPDATE_RETRY
  }
  if (slave !== bond.curr_active_slave) rlb_teach_disabled_mac_on_primary(bond, slave.dev.dev_addr)
}

function rlb_update_client(client: rlb_client_info): void {
  const { slave } = client
  if (slave === undefined || !is_valid_ether_addr(client.mac_dst)) return
  for (let i = 0; i < RLB_ARP_BURST_SIZE; i++) {
    const skb = bond_arp_frame(slave.dev, ARPOP_REPLY, client.ip_src, client.ip_dst, client.mac_dst, client.mac_dst)
    if (client.vlan_id !== 0) __vlan_hwaccel_put_tag(skb, ETH_P_8021Q, client.vlan_id)
    dev_queue_xmit(skb)
  }
}
export function rlb_update_rx_clients(bond: bonding): void {
  const { alb_info } = bond
  for (const client of alb_info.rx_hashtbl.values()) {
    if (!client.ntt) continue
    rlb_update_client(client)
    if (alb_info.rlb_update_retry_counter === 0) client.ntt = false
  }
  alb_info.rlb_update_delay_counter = RLB_UPDATE_DELAY
}
export function rlb_req_update_slave_clients(bond: bonding, slave: slave): void {
  const { alb_info } = bond
  for (const client of alb_info.rx_hashtbl.values()) {
    if (client.slave !== slave || !is_valid_ether_addr(client.mac_dst)) continue
    client.ntt = alb_info.rx_ntt = true
    alb_info.rlb_update_retry_counter = RLB_UPDATE_RETRY
  }
}
/** A request of ours goes out by the active slave: clients of others would take its address for theirs. */
function rlb_req_update_subnet_clients(bond: bonding, src_ip: number): void {
  for (const client of bond.alb_info.rx_hashtbl.values()) {
    if (client.slave === undefined) {
      netdev_err(bond.dev, "found a client with no channel in the client's hash table")
      continue
    }
    if (client.ip_src !== src_ip || ether_addr_equal(client.slave.dev.dev_addr, bond.dev.dev_addr)) continue
    if (is_valid_ether_addr(client.mac_dst)) client.ntt = bond.alb_info.rx_ntt = true
  }
}

function rlb_choose_channel(skb: sk_buff, bond: bonding, arp: arp_pkt): slave | undefined {
  const { alb_info, curr_active_slave } = bond
  const index = hash_of(arp.ip_dst)
  const client = alb_info.rx_hashtbl.get(index)
  if (client !== undefined) {
    if (client.ip_src === arp.ip_src && client.ip_dst === arp.ip_dst) {
      if (!is_broadcast_ether_addr(arp.mac_dst)) client.mac_dst = arp.mac_dst
      client.mac_src = arp.mac_src
      if (client.slave !== undefined) return client.slave
    } else if (curr_active_slave !== undefined && client.slave !== curr_active_slave) {
      // the place is another client's: that one goes back to the active slave
      client.slave = curr_active_slave
      rlb_update_client(client)
    }
  }
  const chosen = next_rx_slave(bond)
  if (chosen === undefined) return undefined
  const ntt = is_valid_ether_addr(arp.mac_dst)
  const vlan_id = skb.vlan_present ? skb.vlan_tci & VLAN_VID_MASK : 0
  const { ip_src, ip_dst, mac_src, mac_dst } = arp
  alb_info.rx_hashtbl.set(index, { ip_src, ip_dst, mac_src, mac_dst, assigned: true, ntt, slave: chosen, vlan_id })
  if (ntt) alb_info.rx_ntt = true
  return chosen
}
/** rlb_arp_xmit(): by which slave an ARP packet of ours goes; a reply says that slave's address. */
export function rlb_arp_xmit(skb: sk_buff, bond: bonding): slave | undefined {
  const arp = arp_at(skb, skb.network_header)
  if (arp === undefined || !bond_slaves(bond).some((s) => ether_addr_equal(s.dev.dev_addr, arp.mac_src))) return undefined
  if (bond_owned_by_bridge(bond, arp.ip_src)) return undefined
  if (arp.op_code === ARPOP_REPLY) {
    const tx_slave = rlb_choose_channel(skb, bond, arp)
    if (tx_slave !== undefined) skb.buf.set(tx_slave.dev.dev_addr.subarray(0, 6), arp.at + 8)
    return tx_slave
  }
  if (arp.op_code !== ARPOP_REQUEST) return undefined
  const tx_slave = rlb_choose_channel(skb, bond, arp)
  bond.alb_info.rlb_update_delay_counter = RLB_UPDATE_DELAY
  rlb_req_update_subnet_clients(bond, arp.ip_src)
  return tx_slave
}
export function rlb_rebalance(bond: bonding): void {
  for (const client of bond.alb_info.rx_hashtbl.values()) {
    const chosen = next_rx_slave(bond)
    if (chosen === undefined || client.slave === chosen) continue
    client.slave = chosen
    if (!is_zero_ether_addr(client.mac_dst)) client.ntt = bond.alb_info.rx_ntt = true
  }
}
/** bond_alb_clear_vlan(): clients on a VLAN that goes. */
export function bond_alb_clear_vlan(bond: bonding, vlan_id: number): void {
  if (!bond.alb_info.rlb_enabled) return
  for (const [index, client] of bond.alb_info.rx_hashtbl) if (client.vlan_id === vlan_id) bond.alb_info.rx_hashtbl.delete(index)
}
