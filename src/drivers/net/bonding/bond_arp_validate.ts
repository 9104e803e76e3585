/** drivers/net/bonding/bond_main.c bond_rcv_validate(): recv_probe of the ARP monitor: when a slave was last heard. */
import { equalBytes, getBe16, getBe32 } from '../../../lib/bytes.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { PACKET_LOOPBACK, PACKET_OTHERHOST, type sk_buff } from '../../../net/core/skbuff.ts'
import { ARPHRD_ETHER, ARPOP_REPLY } from '../../../uapi/linux/if_arp.ts'
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { bond_get_targets_ip, bond_get_targets_ip6 } from './bond_options_targets.ts'
import { bond_confirm_addr, bond_has_addr6 } from './bond_protocols.ts'
import { BOND_ARP_FILTER, BOND_ARP_TARGETS_ALL, bond_is_active_slave, type bonding, jiffies_of, type slave } from './bonding.ts'

const ARP_SIZE = 28
const IPV6_HEADER = 40
const IPPROTO_ICMPV6 = 58
const NDISC = [135, 136]
const ALL_NODES = new Uint8Array([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])

/** bond_time_in_interval(): within `mod` intervals and a half of `last`. */
export function bond_time_in_interval(bond: bonding, last: number, mod: number): boolean {
  const delta = Math.ceil(bond.params.arp_interval / 4)
  const now = jiffies_of(bond)
  return now >= last - delta && now <= last + mod * delta + Math.floor(delta / 2)
}
/** slave_last_rx(): where all targets count, the one that was silent for longest. */
export function slave_last_rx(bond: bonding, slave: slave): number {
  if (bond.params.arp_all_targets !== BOND_ARP_TARGETS_ALL) return slave.last_rx
  const count = bond.params.arp_targets.indexOf(0)
  return Math.min(...slave.target_last_arp_rx.slice(0, Math.max(1, count < 0 ? slave.target_last_arp_rx.length : count)))
}

/**
 * Whose answer may be believed; `swap`: the packet is our own request, seen by a backup.
 *
 *   slave    there is                                        | believed
 *   active   -                                               | as it is
 *   backup   an active slave that was answered since it is up| our request, by its sender
 *   backup   a slave that asked within the interval          | an answer as it is
 */
function believed(bond: bonding, slave: slave, answer: boolean): 'as is' | 'swap' | undefined {
  const { curr_active_slave, current_arp_slave } = bond
  if (bond_is_active_slave(slave)) return 'as is'
  if (curr_active_slave !== undefined && slave_last_rx(bond, curr_active_slave) > curr_active_slave.last_link_up) return 'swap'
  return current_arp_slave !== undefined && answer && bond_time_in_interval(bond, current_arp_slave.last_tx, 1) ? 'as is' : undefined
}
function heard(bond: bonding, slave: slave, target: number): void {
  if (target === -1) return
  slave.last_rx = slave.target_last_arp_rx[target] = jiffies_of(bond)
}
function all_devs(dev: net_device): net_device[] {
  return [dev, ...dev.upper.flatMap((adj) => all_devs(adj.dev))]
}
function bond_has_this_ip(bond: bonding, ip: number): boolean {
  return all_devs(bond.dev).some((dev) => bond_confirm_addr(dev, 0, ip) === ip)
}
function bond_validate_arp(bond: bonding, slave: slave, sip: number, tip: number): void {
  if (sip !== 0 && bond_has_this_ip(bond, tip)) heard(bond, slave, bond_get_targets_ip(bond.params.arp_targets, sip))
}
function bond_arp_rcv(skb: sk_buff, bond: bonding, slave: slave): void {
  const { buf: b, data } = skb
  if (skb.len < ARP_SIZE || skb.pkt_type === PACKET_OTHERHOST || skb.pkt_type === PACKET_LOOPBACK) return
  if (getBe16(b, data) !== ARPHRD_ETHER || getBe16(b, data + 2) !== ETH_P_IP || b[data + 4] !== 6 || b[data + 5] !== 4) return
  const how = believed(bond, slave, getBe16(b, data + 6) === ARPOP_REPLY)
  const sip = getBe32(b, data + 14)
  const tip = getBe32(b, data + 24)
  if (how === 'as is') bond_validate_arp(bond, slave, sip, tip)
  else if (how === 'swap') bond_validate_arp(bond, slave, tip, sip)
}

function bond_validate_na(bond: bonding, slave: slave, saddr: Uint8Array, daddr: Uint8Array): void {
  if (saddr.every((byte) => byte === 0)) return
  if (!equalBytes(daddr, ALL_NODES) && !all_devs(bond.dev).some((dev) => bond_has_addr6(dev, daddr))) return
  heard(bond, slave, bond_get_targets_ip6(bond.params.ns_targets, saddr))
}
function bond_na_rcv(skb: sk_buff, bond: bonding, slave: slave): void {
  const { buf: b, data } = skb
  if (skb.len < IPV6_HEADER + 8 || b[data + 6] !== IPPROTO_ICMPV6 || !NDISC.includes(b[data + IPV6_HEADER])) return
  const how = believed(bond, slave, true)
  const saddr = b.slice(data + 8, data + 24)
  const daddr = b.slice(data + 24, data + 40)
  if (how === 'as is') bond_validate_na(bond, slave, saddr, daddr)
  else if (how === 'swap') bond_validate_na(bond, slave, daddr, saddr)
}

/** Takes nothing. Slaves that are not validated are alive by any packet, or by any ARP where the rest is filtered. */
export function bond_rcv_validate(skb: sk_buff, bond: bonding, slave: slave): boolean {
  const { arp_validate } = bond.params
  const arp = skb.protocol === ETH_P_ARP
  const ipv6 = skb.protocol === ETH_P_IPV6
  if ((arp_validate & (1 << slave.backup)) === 0) {
    if ((arp_validate & BOND_ARP_FILTER) === 0 || arp || ipv6) slave.last_rx = jiffies_of(bond)
  } else if (arp) {
    bond_arp_rcv(skb, bond, slave)
  } else if (ipv6) {
    bond_na_rcv(skb, bond, slave)
  }
  return false
}
