/** drivers/net/bonding/bond_main.c bond_update_slave_arr(): the slaves that a hash chooses from, kept ready for sending. */
import { BOND_MODE_8023AD } from '../../../uapi/linux/if_bonding.ts'
import { bond_slave_can_tx, bond_slaves, type bonding, type slave } from './bonding.ts'

/** Without an active aggregator nothing may be sent, not even by what the array held before. */
export function bond_update_slave_arr(bond: bonding, skip?: slave): void {
  const all = bond_slaves(bond).filter((s) => s !== skip)
  let members = all
  if (bond.params.mode === BOND_MODE_8023AD) {
    const active = bond_slaves(bond)
      .map((s) => s.ad_info?.port.aggregator)
      .find((a) => a?.is_active)
    if (active === undefined) {
      bond.usable_slaves = bond.all_slaves = undefined
      return
    }
    members = all.filter((s) => s.ad_info?.port.aggregator === active)
  }
  bond.usable_slaves = members.filter(bond_slave_can_tx)
  bond.all_slaves = all
}
