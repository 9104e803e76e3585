/**
 * net/core/dev.c: the front of the device core. What that file holds in Linux is split here by what it does; other rooms
 * import from this one.
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { default_device_ops } from './dev_netns.ts'
import { net_tx_init } from '../sched/qdisc_run.ts'
import { net_rx_init } from './dev_receive.ts'
import { netdev_state_of } from './dev_state.ts'
import { type pernet_operations, register_pernet_device } from './net_namespace.ts'

export * from './dev_addr_lists.ts'
export * from './dev_adjacent.ts'
export * from './dev_alloc.ts'
export * from './dev_config.ts'
export * from './dev_names.ts'
export * from './dev_netns.ts'
export * from './dev_notifier.ts'
export * from './dev_notify_flags.ts'
export * from './dev_open.ts'
export * from './dev_printk.ts'
export * from './dev_ptype.ts'
export * from './dev_queue.ts'
export * from './dev_receive.ts'
export * from './dev_register.ts'
export * from './dev_rx_handler.ts'
export * from './dev_rx_mode.ts'
export * from './dev_softnet.ts'
export * from './dev_stacked.ts'
export * from './dev_state.ts'
export * from './dev_stats.ts'
export * from './dev_todo.ts'
export * from './dev_xmit.ts'
export * from './link_watch.ts'
export * from './netdev_features.ts'
export * from './netdev_kobject.ts'

/**
 * net_dev_init(): per-CPU queues, packet types, and the order in which namespaces get and lose devices: loopback's
 * operations are the first of all device operations, so that it is the first device; default_device_ops right behind
 * them destroy it as the last. Linux names loopback_net_ops here; the driver's room lies above this one, so it is given.
 */
export function __net_dev_init(kernel: Kernel, loopback_net_ops: pernet_operations): Errno | undefined {
  const state = netdev_state_of(kernel)
  const error = register_pernet_device(kernel, loopback_net_ops)
  if (isErrno(error)) return error
  state.dev_boot_phase = false
  net_tx_init(kernel)
  net_rx_init(kernel)
  return register_pernet_device(kernel, default_device_ops)
}
