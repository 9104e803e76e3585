/** drivers/net/bonding/bond_options.c: options that name a slave: active_slave, primary, queue_id, slaves. */
import { __dev_get_by_name, dev_valid_name, netdev_err, netdev_master_upper_dev_get } from '../../../net/core/dev.ts'
import { IFF_BONDING, type net_device } from '../../../net/core/netdevice.ts'
import { EINVAL, ENODEV, EPERM, type Errno } from '../../../uapi/errno.ts'
import { IFF_SLAVE } from '../../../uapi/linux/if.ts'
import { BOND_LINK_UP } from '../../../uapi/linux/if_bonding.ts'
import { bond_change_active_slave, bond_select_active_slave } from './bond_active.ts'
import { bond_enslave } from './bond_enslave.ts'
import type { bond_opt_value } from './bond_options.ts'
import { slave_err } from './bond_printk.ts'
import { bond_release } from './bond_release.ts'
import { bond_slave_get, bond_slave_is_up, bond_slaves, type bonding } from './bonding.ts'

/** sscanf("%15s") */
function word(text: string | undefined, length: number): string {
  return (text ?? '').trimStart().split(/\s/)[0].slice(0, length)
}
export function netif_is_bond_slave(dev: net_device): boolean {
  return (dev.flags & IFF_SLAVE) !== 0 && (dev.priv_flags & IFF_BONDING) !== 0
}

/** An empty name: none, so that the bond chooses anew. */
export function bond_option_active_slave_set(bond: bonding, { string }: bond_opt_value): Errno | undefined {
  const ifname = string?.startsWith('\n') ? '' : word(string, 15)
  if (ifname === '') {
    bond_change_active_slave(bond, undefined)
    bond_select_active_slave(bond)
    return undefined
  }
  const dev = __dev_get_by_name(bond.dev.nd_net, ifname)
  if (dev === undefined) return ENODEV
  if (!netif_is_bond_slave(dev)) {
    slave_err(bond.dev, dev, 'Device is not bonding slave')
    return EINVAL
  }
  if (netdev_master_upper_dev_get(dev) !== bond.dev) {
    slave_err(bond.dev, dev, 'Device is not our slave')
    return EINVAL
  }
  return activate(bond, dev)
}
function activate(bond: bonding, dev: net_device): Errno | undefined {
  const new_active = bond_slave_get(dev)
  const old_active = bond.curr_active_slave
  if (new_active === undefined || new_active === old_active) return undefined
  if (old_active === undefined || new_active.link !== BOND_LINK_UP || !bond_slave_is_up(new_active)) {
    slave_err(bond.dev, dev, `Could not set as active slave; either ${dev.name} is down or the link is down`)
    return EINVAL
  }
  bond_change_active_slave(bond, new_active)
  return undefined
}

/** A name that no slave has is kept: it counts once such a slave comes. */
export function bond_option_primary_set(bond: bonding, { string }: bond_opt_value): undefined {
  const name = (string ?? '').split('\n')[0]
  const slave = name === '' ? undefined : bond_slaves(bond).find((s) => s.dev.name === name)
  const had = bond.primary_slave !== undefined
  bond.primary_slave = slave
  if (slave !== undefined) bond.force_primary = true
  if (name === '' || slave !== undefined) bond.params.primary = name
  if (name === '' || slave !== undefined || had) bond_select_active_slave(bond)
  bond.params.primary = name.slice(0, 15)
}

/** "NAME:ID"; an id other than 0 belongs to one slave only. Nobody is told what was wrong. */
export function bond_option_queue_id_set(bond: bonding, { string }: bond_opt_value): Errno | undefined {
  const match = /^([^:]*):\s*([+-]?[0-9]+)/.exec(string ?? '')
  if (match === null) return EPERM
  const [, name, digits] = match
  const qid = Number(digits) & 0xffff
  if (!dev_valid_name(name) || qid > bond.dev.real_num_tx_queues) return EPERM
  const dev = __dev_get_by_name(bond.dev.nd_net, name)
  if (dev === undefined) return EPERM
  const slaves = bond_slaves(bond)
  if (slaves.some((s) => s.dev !== dev && qid !== 0 && s.queue_id === qid)) return EPERM
  const slave = slaves.find((s) => s.dev === dev)
  if (slave === undefined) return EPERM
  slave.queue_id = qid
  return undefined
}

/** "+NAME" and "-NAME". */
export function bond_option_slaves_set(bond: bonding, { string }: bond_opt_value): Errno | undefined {
  const command = word(string, 16)
  const ifname = command.slice(1)
  if (command.length <= 1 || (command[0] !== '+' && command[0] !== '-') || !dev_valid_name(ifname)) {
    netdev_err(bond.dev, 'no command found in slaves file - use +ifname or -ifname')
    return EPERM
  }
  const dev = __dev_get_by_name(bond.dev.nd_net, ifname)
  if (dev === undefined) return ENODEV
  return command[0] === '+' ? bond_enslave(bond.dev, dev) : bond_release(bond.dev, dev)
}
