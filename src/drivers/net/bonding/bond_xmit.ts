/**
 * drivers/net/bonding/bond_main.c bond_start_xmit(): by which slave a packet goes.
 *
 *   mode                | slave
 *   balance-rr          | each in turn, packets_per_slave each (0: by chance); IGMP by the first
 *   active-backup       | the active one
 *   balance-xor, 802.3ad| by hash, of those that can send
 *   broadcast           | all that are up
 *   balance-tlb         | by hash of the flow and load; other than IP by the active one
 *   balance-alb         | by hash of the destination and load; ARP by the client's slave
 */
import { dev_queue_xmit } from '../../../net/core/dev_xmit.ts'
import { dev_core_stats_tx_dropped_inc } from '../../../net/core/dev_stats.ts'
import { NETDEV_TX_OK, type net_device } from '../../../net/core/netdevice.ts'
import { consume_skb, kfree_skb, type sk_buff, skb_clone, skb_cow } from '../../../net/core/skbuff.ts'
import { NET_XMIT_DROP } from '../../../net/sched/sch_fifo.ts'
import * as B from '../../../uapi/linux/if_bonding.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { tlb_choose_channel, tlb_forget_slave } from './bond_alb.ts'
import { rlb_arp_xmit } from './bond_alb_rlb.ts'
import { bond_xmit_hash, simple_hash } from './bond_hash.ts'
import { bond_last_slave, bond_of, bond_slave_can_tx, bond_slave_is_up, bond_slaves, type bonding, type slave } from './bonding.ts'

const IPPROTO_IGMP = 2
const IPPROTO_ICMPV6 = 58

function bond_tx_drop(bond_dev: net_device, skb: sk_buff): number {
  dev_core_stats_tx_dropped_inc(bond_dev)
  kfree_skb(skb)
  return NET_XMIT_DROP
}
function bond_dev_queue_xmit(skb: sk_buff, slave: slave): number {
  skb.dev = slave.dev
  return dev_queue_xmit(skb)
}
function by(slave: slave | undefined, skb: sk_buff, bond: bonding): number {
  return slave === undefined ? bond_tx_drop(bond.dev, skb) : bond_dev_queue_xmit(skb, slave)
}

function is_igmp(skb: sk_buff): boolean {
  const at = skb.network_header
  return skb.protocol === ETH_P_IP && at + 20 <= skb.tail && skb.buf[at + 9] === IPPROTO_IGMP
}
/** bond_get_slave_by_id(): the one at this place, else the next that can send. */
function by_id(slaves: slave[], id: number): slave | undefined {
  return slaves.slice(id).find(bond_slave_can_tx) ?? slaves.slice(0, id).find(bond_slave_can_tx)
}
function roundrobin(skb: sk_buff, bond: bonding): slave | undefined {
  const slaves = bond_slaves(bond)
  if (is_igmp(skb)) return bond.curr_active_slave ?? by_id(slaves, 0)
  const { packets_per_slave } = bond.params
  if (packets_per_slave === 0) return by_id(slaves, bond.dev.nd_net.kernel.random.below(slaves.length))
  bond.rr_tx_counter = (bond.rr_tx_counter + 1) >>> 0
  return by_id(slaves, Math.floor(bond.rr_tx_counter / packets_per_slave) % slaves.length)
}
function by_hash(skb: sk_buff, bond: bonding): slave | undefined {
  const usable = bond.usable_slaves
  return usable === undefined || usable.length === 0 ? undefined : usable[bond_xmit_hash(bond, skb) % usable.length]
}
function broadcast(skb: sk_buff, bond: bonding): number {
  const last = bond_last_slave(bond)
  let sent = false
  let used = false
  for (const slave of bond_slaves(bond)) {
    if (!bond_slave_is_up(slave) || slave.link !== B.BOND_LINK_UP) continue
    if (slave === last) used = true
    sent = bond_dev_queue_xmit(slave === last ? skb : skb_clone(skb), slave) === NETDEV_TX_OK || sent
  }
  if (!used) consume_skb(skb)
  if (sent) return NETDEV_TX_OK
  dev_core_stats_tx_dropped_inc(bond.dev)
  return NET_XMIT_DROP
}

function tlb_slave(skb: sk_buff, bond: bonding): slave | undefined {
  const multicast = (skb.buf[skb.data] & 1) !== 0
  if (multicast || (skb.protocol !== ETH_P_IP && skb.protocol !== ETH_P_IPV6)) return undefined
  return bond.params.tlb_dynamic_lb ? tlb_choose_channel(bond, bond_xmit_hash(bond, skb) & 0xff, skb.len) : by_hash(skb, bond)
}
/** Where the destination address is and its length; undefined: what all must get, or the active slave alone may send. */
function alb_key(skb: sk_buff): [number, number] | undefined {
  const { buf: b, data, network_header: at, protocol } = skb
  if (b.subarray(data, data + 6).every((byte) => byte === 0xff)) return undefined
  if (protocol === ETH_P_IP && at + 20 <= skb.tail) {
    const broadcast = b.subarray(at + 16, at + 20).every((byte) => byte === 0xff)
    return broadcast || b[at + 9] === IPPROTO_IGMP ? undefined : [at + 16, 4]
  }
  if (protocol !== ETH_P_IPV6 || at + 40 > skb.tail) return undefined
  const all_nodes =
    b[data] === 0x33 && b[data + 1] === 0x33 && b[data + 2] === 0 && b[data + 3] === 0 && b[data + 4] === 0 && b[data + 5] === 1
  const dad = b.subarray(at + 8, at + 24).every((byte) => byte === 0)
  const nd = b[at + 6] === IPPROTO_ICMPV6 && (b[at + 40] === 135 || b[at + 40] === 136)
  return all_nodes || dad || nd ? undefined : [at + 24, 16]
}
function alb_slave(skb: sk_buff, bond: bonding): slave | undefined {
  if (skb.protocol === ETH_P_ARP) return bond.alb_info.rlb_enabled ? rlb_arp_xmit(skb, bond) : undefined
  const key = alb_key(skb)
  if (key === undefined) return undefined
  return bond.params.tlb_dynamic_lb ? tlb_choose_channel(bond, simple_hash(skb.buf, ...key), skb.len) : by_hash(skb, bond)
}
/** bond_do_alb_xmit(): a slave other than the active one sends by its own address. */
function alb_xmit(skb: sk_buff, bond: bonding, chosen: slave | undefined): number {
  const { curr_active_slave, alb_info } = bond
  const tx_slave = chosen ?? curr_active_slave
  const dynamic = bond.params.tlb_dynamic_lb !== 0
  if (chosen === undefined && dynamic) alb_info.unbalanced_load += skb.len
  if (tx_slave !== undefined && bond_slave_can_tx(tx_slave)) {
    if (tx_slave !== curr_active_slave) skb.buf.set(tx_slave.dev.dev_addr.subarray(0, 6), skb.data + 6)
    return bond_dev_queue_xmit(skb, tx_slave)
  }
  if (tx_slave !== undefined && dynamic) tlb_forget_slave(bond, tx_slave)
  return bond_tx_drop(bond.dev, skb)
}

/** bond_slave_override(): who chose a queue that is a slave's, sends by that slave. */
function override(skb: sk_buff, bond: bonding): slave | undefined {
  const { mode } = bond.params
  if ((mode !== B.BOND_MODE_ACTIVEBACKUP && mode !== B.BOND_MODE_ROUNDROBIN) || skb.queue_mapping === 0) return undefined
  const slave = bond_slaves(bond).find((s) => s.queue_id === skb.queue_mapping)
  return slave !== undefined && bond_slave_is_up(slave) && slave.link === B.BOND_LINK_UP ? slave : undefined
}
export function bond_start_xmit(skb: sk_buff, dev: net_device): number {
  const bond = bond_of(dev)
  if (dev.lower.length === 0) return bond_tx_drop(dev, skb)
  const asked = override(skb, bond)
  if (asked !== undefined) return bond_dev_queue_xmit(skb, asked)
  switch (bond.params.mode) {
    case B.BOND_MODE_ROUNDROBIN:
      return by(roundrobin(skb, bond), skb, bond)
    case B.BOND_MODE_ACTIVEBACKUP:
      return by(bond.curr_active_slave, skb, bond)
    case B.BOND_MODE_XOR:
    case B.BOND_MODE_8023AD:
      return by(by_hash(skb, bond), skb, bond)
    case B.BOND_MODE_BROADCAST:
      return broadcast(skb, bond)
    case B.BOND_MODE_TLB:
      skb_cow(skb, 0)
      return alb_xmit(skb, bond, tlb_slave(skb, bond))
    default:
      skb_cow(skb, 0)
      return alb_xmit(skb, bond, alb_slave(skb, bond))
  }
}
