/** net/core/dev.c: the netdev notifier chain, through which protocols and upper devices hear of changes. */
import type { Kernel } from '../../kernel/kernel.ts'
import {
  NOTIFY_STOP_MASK,
  type notifier_block,
  type notifier_fn_t,
  notifier_to_errno,
  raw_notifier_call_chain,
  raw_notifier_chain_register,
  raw_notifier_chain_unregister,
  type raw_notifier_head,
} from '../../kernel/notifier.ts'
import { EEXIST, ENOENT, type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { netdev_state_of } from './dev_state.ts'
import type { net } from './net_namespace.ts'
import {
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type net_device,
  type netdev_notifier_info,
} from './netdevice.ts'

/** call_netdevice_notifiers_info(): the namespace's own chain first, then the global one. A NOTIFY_* value. */
export function call_netdevice_notifiers(event: number, dev: net_device, extra?: Omit<netdev_notifier_info, 'dev'>): number {
  const info: netdev_notifier_info = extra === undefined ? { dev } : { ...extra, dev }
  const ret = raw_notifier_call_chain(dev.nd_net.netdev_chain, event, info)
  if (ret & NOTIFY_STOP_MASK) return ret
  return raw_notifier_call_chain(netdev_state_of(dev.nd_net.kernel).netdev_chain, event, info)
}
/** The same for events that a callback may refuse: its errno. */
export function ask_netdevice_notifiers(event: number, dev: net_device, extra?: Omit<netdev_notifier_info, 'dev'>): Errno | undefined {
  return notifier_to_errno(call_netdevice_notifiers(event, dev, extra))
}

/** A late subscriber learns of each device as if it came now; its refusal takes everything back and is the result. */
export function register_netdevice_notifier(kernel: Kernel, nb: notifier_block): Errno | undefined {
  const state = netdev_state_of(kernel)
  const nets = state.dev_boot_phase ? [] : kernel.namespaces.net_namespace_list
  return register_and_replay(state.netdev_chain, nb, nets)
}
/** For modules, which register one block of a function of theirs. */
export function unregister_netdevice_notifier_of(kernel: Kernel, fn: notifier_fn_t): Errno | undefined {
  const nb = netdev_state_of(kernel).netdev_chain.blocks.find((block) => block.notifier_call === fn)
  return nb === undefined ? ENOENT : unregister_netdevice_notifier(kernel, nb)
}
export function register_netdevice_notifier_net(net: net, nb: notifier_block): Errno | undefined {
  return register_and_replay(net.netdev_chain, nb, [net])
}
export function unregister_netdevice_notifier(kernel: Kernel, nb: notifier_block): Errno | undefined {
  if (!raw_notifier_chain_unregister(netdev_state_of(kernel).netdev_chain, nb)) return ENOENT
  for (const n of kernel.namespaces.net_namespace_list) for (const dev of n.dev_base_head) replay_unregister(nb, dev)
  return undefined
}
export function unregister_netdevice_notifier_net(net: net, nb: notifier_block): Errno | undefined {
  if (!raw_notifier_chain_unregister(net.netdev_chain, nb)) return ENOENT
  for (const dev of net.dev_base_head) replay_unregister(nb, dev)
  return undefined
}

function register_and_replay(head: raw_notifier_head, nb: notifier_block, nets: readonly net[]): Errno | undefined {
  if (!raw_notifier_chain_register(head, nb)) return EEXIST
  const told: net_device[] = []
  for (const dev of nets.flatMap((n) => n.dev_base_head)) {
    const error = replay_register(nb, dev)
    if (isErrno(error)) {
      for (const undo of told.reverse()) replay_unregister(nb, undo)
      raw_notifier_chain_unregister(head, nb)
      return error
    }
    told.push(dev)
  }
  return undefined
}
function replay_register(nb: notifier_block, dev: net_device): Errno | undefined {
  const error = notifier_to_errno(nb.notifier_call(nb, NETDEV_REGISTER, { dev }))
  if (isErrno(error)) return error
  if (dev.flags & IFF_UP) nb.notifier_call(nb, NETDEV_UP, { dev })
  return undefined
}
function replay_unregister(nb: notifier_block, dev: net_device): void {
  if (dev.flags & IFF_UP) {
    nb.notifier_call(nb, NETDEV_GOING_DOWN, { dev })
    nb.notifier_call(nb, NETDEV_DOWN, { dev })
  }
  nb.notifier_call(nb, NETDEV_UNREGISTER, { dev })
}
