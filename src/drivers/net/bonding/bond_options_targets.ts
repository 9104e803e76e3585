/** drivers/net/bonding/bond_options.c: whom the ARP monitor asks: IPv4 targets by ARP, IPv6 targets by neighbour solicitation. */
import { dev_mc_add, dev_mc_del, netdev_err, netdev_warn } from '../../../net/core/dev.ts'
import { equalBytes, swab32 } from '../../../lib/bytes.ts'
import { ipv6Text } from '../../../lib/types.ts'
import { EINVAL, EPERM, type Errno } from '../../../uapi/errno.ts'
import { ns_maddr, slave_can_set_ns_maddr } from './bond_ns_maddrs.ts'
import type { bond_opt_value } from './bond_options.ts'
import { BOND_MAX_ARP_TARGETS, BOND_MAX_NS_TARGETS, bond_slaves, type bonding, jiffies_of } from './bonding.ts'

export function ipv4_text(addr: number): string {
  return `${addr >>> 24}.${(addr >>> 16) & 255}.${(addr >>> 8) & 255}.${addr & 255}`
}
/** bond_is_ip_target_ok() */
function target_ok(addr: number): boolean {
  return addr !== 0 && addr !== 0xffffffff
}
/** bond_get_targets_ip(): its place, or for 0 the first free one; -1 when there is none. */
export function bond_get_targets_ip(targets: readonly number[], ip: number): number {
  for (let i = 0; i < BOND_MAX_ARP_TARGETS; i++) {
    if (targets[i] === ip) return i
    if (targets[i] === 0) break
  }
  return -1
}
function set_slot(bond: bonding, slot: number, target: number, last_rx: number): void {
  for (const slave of bond_slaves(bond)) slave.target_last_arp_rx[slot] = last_rx
  bond.params.arp_targets[slot] = target
}
export function bond_option_arp_ip_targets_clear(bond: bonding): void {
  for (let i = 0; i < BOND_MAX_ARP_TARGETS; i++) set_slot(bond, i, 0, 0)
}

function add_target(bond: bonding, target: number): Errno | undefined {
  const { arp_targets } = bond.params
  const fail = (text: string) => {
    netdev_err(bond.dev, text)
    return EINVAL
  }
  if (!target_ok(target)) return fail(`invalid ARP target ${ipv4_text(target)} specified for addition`)
  if (bond_get_targets_ip(arp_targets, target) !== -1) return fail(`ARP target ${ipv4_text(target)} is already present`)
  const free = bond_get_targets_ip(arp_targets, 0)
  if (free === -1) return fail('ARP target table is full!')
  set_slot(bond, free, target, jiffies_of(bond))
  return undefined
}
function remove_target(bond: bonding, target: number): Errno | undefined {
  const { arp_targets, arp_interval } = bond.params
  if (!target_ok(target)) {
    netdev_err(bond.dev, `invalid ARP target ${ipv4_text(target)} specified for removal`)
    return EINVAL
  }
  const at = bond_get_targets_ip(arp_targets, target)
  if (at === -1) {
    netdev_err(bond.dev, `unable to remove nonexistent ARP target ${ipv4_text(target)}`)
    return EINVAL
  }
  if (at === 0 && arp_targets[1] === 0 && arp_interval) netdev_warn(bond.dev, 'Removing last arp target with arp_interval on')
  for (const list of [arp_targets, ...bond_slaves(bond).map((s) => s.target_last_arp_rx)]) {
    list.splice(at, 1)
    list.push(0)
  }
  return undefined
}
/** in4_pton(): four decimal numbers; what follows them, as a newline, is not looked at. */
function in4_pton(text: string): number | undefined {
  const match = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(\n|$)/.exec(text)
  if (match === null) return undefined
  const bytes = match.slice(1, 5).map(Number)
  return bytes.some((b) => b > 255) ? undefined : bytes.reduce((addr, b) => addr * 256 + b, 0)
}
/** A number is the address as it lies in the message. */
export function bond_option_arp_ip_targets_set(bond: bonding, { string, value }: bond_opt_value): Errno | undefined {
  if (string === undefined) return add_target(bond, swab32(value))
  const target = in4_pton(string.slice(1))
  if (target === undefined) {
    netdev_err(bond.dev, 'invalid ARP target specified')
    return EPERM
  }
  if (string[0] === '+') return add_target(bond, target)
  if (string[0] === '-') return remove_target(bond, target)
  netdev_err(bond.dev, 'no command found in arp_ip_targets file - use +<addr> or -<addr>')
  return EPERM
}

const ANY = new Uint8Array(16)
const LOOPBACK = new Uint8Array([...ANY.subarray(0, 15), 1])
/** Backup slaves listen to the solicitations for the target. */
function listen(bond: bonding, target: Uint8Array, change: typeof dev_mc_add): void {
  if (!bond.params.arp_validate) return
  for (const slave of bond_slaves(bond)) if (slave_can_set_ns_maddr(bond, slave)) change(slave.dev, ns_maddr(target))
}
export function bond_option_ns_ip6_targets_clear(bond: bonding): void {
  for (const slave of bond_slaves(bond)) slave.target_last_arp_rx.fill(0)
  for (const target of bond.params.ns_targets) listen(bond, target, dev_mc_del)
  bond.params.ns_targets = []
}
/** bond_get_targets_ip6(): by the target itself or by its solicited-node address. */
export function bond_get_targets_ip6(targets: readonly Uint8Array[], addr: Uint8Array): number {
  const solicited = (t: Uint8Array) => new Uint8Array([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, t[13], t[14], t[15]])
  return targets.findIndex((t) => equalBytes(t, addr) || equalBytes(solicited(t), addr))
}
export function bond_option_ns_ip6_targets_set(bond: bonding, { extra }: bond_opt_value): Errno | undefined {
  const target = (extra ?? ANY).slice()
  const { ns_targets } = bond.params
  const fail = (text: string) => {
    netdev_err(bond.dev, text)
    return EINVAL
  }
  if (equalBytes(target, ANY) || equalBytes(target, LOOPBACK) || target[0] === 0xff) {
    return fail(`invalid NS target ${ipv6Text(target)} specified for addition`)
  }
  if (bond_get_targets_ip6(ns_targets, target) !== -1) return fail(`NS target ${ipv6Text(target)} is already present`)
  if (ns_targets.length >= BOND_MAX_NS_TARGETS) return fail('NS target table is full!')
  for (const slave of bond_slaves(bond)) slave.target_last_arp_rx[ns_targets.length] = jiffies_of(bond)
  listen(bond, target, dev_mc_add)
  ns_targets.push(target)
  return undefined
}
