/** drivers/net/bonding/bond_options.c slave_set_ns_maddrs(): a backup slave must hear what asks for the IPv6 targets. */
import { dev_mc_add, dev_mc_del } from '../../../net/core/dev.ts'
import { IFF_MULTICAST } from '../../../uapi/linux/if.ts'
import { BOND_MODE_ACTIVEBACKUP } from '../../../uapi/linux/if_bonding.ts'
import { bond_is_active_slave, type bonding, type slave } from './bonding.ts'

/** 33:33 and the last four bytes of the target's solicited-node address (ff02::1:ffXX:XXXX). */
export function ns_maddr(target: Uint8Array): Uint8Array {
  return new Uint8Array([0x33, 0x33, 0xff, target[13], target[14], target[15]])
}
export function slave_can_set_ns_maddr(bond: bonding, slave: slave): boolean {
  return bond.params.mode === BOND_MODE_ACTIVEBACKUP && !bond_is_active_slave(slave) && (slave.dev.flags & IFF_MULTICAST) !== 0
}
export function slave_set_ns_maddrs(bond: bonding, slave: slave, add: boolean): void {
  if (!slave_can_set_ns_maddr(bond, slave)) return
  for (const target of bond.params.ns_targets) {
    if (add) dev_mc_add(slave.dev, ns_maddr(target))
    else dev_mc_del(slave.dev, ns_maddr(target))
  }
}
/** bond_slave_ns_maddrs_add(), bond_slave_ns_maddrs_del(): only while somebody validates. */
export function bond_slave_ns_maddrs(bond: bonding, slave: slave, add: boolean): void {
  if (bond.params.arp_validate) slave_set_ns_maddrs(bond, slave, add)
}
