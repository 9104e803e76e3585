/** drivers/net/bonding/bond_main.c bond_get_stats(): what the slaves have counted while they were slaves. */
import { dev_get_stats } from '../../../net/core/dev_stats.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { type LinkStatName, rtnl_link_stats64 } from '../../../uapi/linux/if_link.ts'
import { bond_of, bond_slaves } from './bonding.ts'

const names = rtnl_link_stats64.fields.map((f) => f.name as LinkStatName)

/** A counter that went backwards was reset by its driver: that adds nothing. */
export function bond_get_stats(bond_dev: net_device): Record<LinkStatName, number> {
  const bond = bond_of(bond_dev)
  const sum = { ...(bond.bond_stats ?? (Object.fromEntries(names.map((n) => [n, 0])) as Record<LinkStatName, number>)) }
  for (const slave of bond_slaves(bond)) {
    const now = dev_get_stats(slave.dev)
    for (const name of names) sum[name] += Math.max(0, now[name] - (slave.slave_stats?.[name] ?? 0))
    slave.slave_stats = now
  }
  bond.bond_stats = sum
  return sum
}
