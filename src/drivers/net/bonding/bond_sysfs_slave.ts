/** drivers/net/bonding/bond_sysfs_slave.c: /sys/class/net/SLAVE/bonding_slave. */
import type { attribute_dir, device_attribute } from '../../../fs/sysfs.ts'
import { mac_text } from '../../../net/core/net_sysfs.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { BOND_MODE_8023AD } from '../../../uapi/linux/if_bonding.ts'
import { bond_slave_get, type slave } from './bonding.ts'
import { bond_slave_link_status } from './bond_procfs.ts'

function file(name: string, value: (slave: slave) => string | number): device_attribute<net_device> {
  return {
    name,
    mode: 0o444,
    show: (dev) => {
      const slave = bond_slave_get(dev)
      return slave === undefined ? '' : `${value(slave)}\n`
    },
  }
}
/** Of a port in an aggregator; else N/A. */
function ad(value: (info: NonNullable<slave['ad_info']>) => number): (slave: slave) => string | number {
  return ({ bond, ad_info }) => (bond.params.mode === BOND_MODE_8023AD && ad_info?.port.aggregator !== undefined ? value(ad_info) : 'N/A')
}

export const bonding_slave_group: { name: string; dir: attribute_dir<net_device> } = {
  name: 'bonding_slave',
  dir: {
    attrs: [
      file(
        'ad_actor_oper_port_state',
        ad((info) => info.port.actor_oper_port_state),
      ),
      file(
        'ad_aggregator_id',
        ad((info) => info.port.aggregator?.aggregator_identifier ?? 0),
      ),
      file(
        'ad_partner_oper_port_state',
        ad((info) => info.port.partner_oper.port_state),
      ),
      file('link_failure_count', (s) => s.link_failure_count),
      file('mii_status', (s) => bond_slave_link_status(s.link)),
      file('perm_hwaddr', (s) => mac_text(s.perm_hwaddr, s.dev.addr_len)),
      file('queue_id', (s) => s.queue_id),
      file('state', (s) => (s.backup === 0 ? 'active' : 'backup')),
    ],
  },
}
export function bond_sysfs_slave_add({ dev }: slave): void {
  dev.sysfs_groups = [...dev.sysfs_groups, bonding_slave_group]
}
export function bond_sysfs_slave_del({ dev }: slave): void {
  dev.sysfs_groups = dev.sysfs_groups.filter((group) => group !== bonding_slave_group)
}
