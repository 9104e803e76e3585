/** drivers/net/bonding/bond_main.c: the module: what it registers, what each namespace has, its first bond. */
import { remove_proc_entry } from '../../../fs/proc_net.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { notifier_block } from '../../../kernel/notifier.ts'
import { register_netdevice_notifier, rtnl_unlock, unregister_netdevice_many } from '../../../net/core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../../../net/core/net_namespace.ts'
import { rtnl_link_register } from '../../../net/core/rtnetlink.ts'
import { type Errno, isErrno } from '../../../uapi/errno.ts'
import { bond_create, bond_link_ops } from './bond_create.ts'
import { bond_netdev_event } from './bond_event.ts'
import { bond_create_proc_dir } from './bond_procfs.ts'
import { bond_net, bond_net_of } from './bond_protocols.ts'
import { bond_create_sysfs } from './bond_sysfs.ts'

export function bond_net_init(net: net): undefined {
  net.gen.set('bonding', new bond_net())
  bond_create_proc_dir(net)
  bond_create_sysfs(net)
}
/** Slaves that are bound to their namespaces go home before those end. */
export function bond_net_exit_batch(nets: net[]): void {
  const list = nets.flatMap((net) => (bond_net_of(net)?.dev_list ?? []).map((bond) => bond.dev))
  unregister_netdevice_many(list)
  for (const net of nets) {
    rtnl_unlock(net.kernel)
    remove_proc_entry(net, 'bonding')
  }
}
export const bond_net_ops: pernet_operations = { name: 'bond_net_ops', init: bond_net_init, exit_batch: bond_net_exit_batch }

/** `max_bonds` is the module's parameter: 1 in the kernel, 0 as Debian's systemd sets it (modprobe.d/systemd.conf). */
export function bonding_init(kernel: Kernel, max_bonds = 0): Errno | undefined {
  const error = register_pernet_subsys(kernel, bond_net_ops) ?? rtnl_link_register(kernel, bond_link_ops)
  if (isErrno(error)) return error
  for (let i = 0; i < max_bonds; i++) {
    const failed = bond_create(kernel.init_net, 'bond%d')
    if (isErrno(failed)) return failed
  }
  return register_netdevice_notifier(kernel, new notifier_block(bond_netdev_event))
}
