/**
 * net/core/net_namespace.c: namespaces and the operations that set them up and tear them down, in order: subsystem
 * operations before device operations, the last in the list undone first.
 */
import { NETNSA_NSID_NOT_ASSIGNED } from '../../uapi/linux/net_namespace.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import { delayed_work, schedule_work } from '../../kernel/workqueue.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import type { fib_rules_ops } from './fib_rules.ts'
import type { net_device } from './netdevice.ts'
import type { vrf_net } from '../../drivers/net/vrf.ts'
import type { vlan_net } from '../8021q/vlan.ts'
import type { netns_nexthop } from '../ipv4/nexthop.ts'
import type { netns_ipv4 } from '../ipv4/netns_ipv4.ts'
import type { netns_ipv6 } from '../ipv6/netns_ipv6.ts'
import type { sock } from '../sock.ts'
import type { proc_dir_entry } from '../../fs/proc_net.ts'
import type { device_attribute } from '../../fs/sysfs.ts'
import type { ctl_dir, ctl_table_header } from '../../fs/proc_sysctl.ts'
import type { netns_core } from './sysctl_net_core.ts'

export interface pernet_operations {
  readonly name: string
  readonly init?: (net: net) => Errno | undefined
  readonly pre_exit?: (net: net) => void
  readonly exit?: (net: net) => void
  /** For all namespaces that die together, after every `exit` of this entry. */
  readonly exit_batch?: (nets: net[]) => void
}

/** include/net/net_namespace.h struct net */
export class net {
  readonly kernel: Kernel
  /** Inode number of the namespace file; 0 for init_net in task identities. */
  readonly inum: number
  /** Users: tasks, sockets, files and mounts that hold it; init_net has one for ever. */
  count = 1
  dying = false
  // net/core/dev.c
  dev_base = new Set<net_device>()
  dev_name_head = new Map<string, net_device>()
  /** By template (`veth%d`): all numbers below this one are taken. */
  readonly dev_names_given = new Map<string, number>()
  dev_index_head = new Map<number, net_device>()
  /** All devices in the order in which they came, and by index: made when asked for after a device has gone. */
  dev_list: net_device[] | undefined = undefined
  dev_sorted: net_device[] | undefined = undefined
  /** Indexes taken by devices that are not listed yet. */
  dev_index_reserved = new Set<number>()
  /** The index tried next. */
  ifindex = 1
  /** Notifiers of this namespace's devices alone. */
  netdev_chain = new raw_notifier_head()
  dev_base_seq = 1
  /** Devices whose unregistration has not finished. */
  dev_unreg_count = 0
  loopback_dev!: net_device
  // net/core/net_namespace.c: id → peer namespace
  netns_ids = new Map<number, net>()
  /** As dumps go, as long as none comes or goes. */
  private netns_ids_sorted: readonly (readonly [id: number, peer: net])[] | undefined = undefined
  /** Below it all ids are given. */
  netns_id_free = 0
  /** Namespaces that have given this one an id, and which. */
  netns_known_by = new Map<net, number>()
  /** include/net/netns/generic.h: what modules keep here, by their id. */
  gen = new Map<string, any>()
  // net/core/rtnetlink.c, net/netlink/genetlink.c: the kernel's own sockets
  rtnl: sock | undefined
  genl_sock: sock | undefined
  uevent_sock: sock | undefined
  // fs/proc: this namespace's /proc/net and /proc/sys, made on first use
  proc_net: proc_dir_entry | undefined = undefined
  sysctls: ctl_dir | undefined = undefined
  // net/core/sysctl_net_core.c
  core!: netns_core
  core_sysctls: ctl_table_header | undefined = undefined
  // net/core/net-sysfs.c: files of modules in /sys/class/net
  class_attrs: device_attribute<net>[] = []
  // net/8021q; absent without the module
  vlan: vlan_net | undefined = undefined
  // net/core/fib_rules.c: each family's policy rules
  rules_ops: fib_rules_ops[] = []
  // drivers/net/vrf.c
  vrf: vrf_net | undefined = undefined
  // net/ipv4
  ipv4!: netns_ipv4
  nexthop!: netns_nexthop
  // net/ipv6; absent under ipv6.disable=1
  ipv6!: netns_ipv6
  get dev_base_head(): readonly net_device[] {
    return (this.dev_list ??= [...this.dev_base])
  }
  /** peernet2id(): the id that this namespace has given to `peer`, or NETNSA_NSID_NOT_ASSIGNED. */
  peernet2id(peer: net): number {
    return peer.netns_known_by.get(this) ?? NETNSA_NSID_NOT_ASSIGNED
  }
  netns_ids_changed(): void {
    this.netns_ids_sorted = undefined
  }
  get netns_ids_in_order(): readonly (readonly [id: number, peer: net])[] {
    return (this.netns_ids_sorted ??= [...this.netns_ids].sort((a, b) => a[0] - b[0]))
  }
  /** As dumps go. */
  get dev_by_index(): readonly net_device[] {
    return (this.dev_sorted ??= [...this.dev_base].sort((a, b) => a.ifindex - b.ifindex))
  }
  constructor(kernel: Kernel, inum: number) {
    this.kernel = kernel
    this.inum = inum
  }
}

export class net_namespace_state {
  private readonly living = new Set<net>()
  private listed: readonly net[] | undefined = undefined
  by_id = new Map<number, net>()
  pernet_list: pernet_operations[] = []
  /** Index of the first device operation in `pernet_list`. */
  first_device = 0
  next_inum = 4026531840
  /** Those that nobody uses any more, until the work below runs. */
  cleanup_list: net[] = []
  net_cleanup_work: delayed_work | undefined = undefined
  /** Told of each end of an id: RTM_DELNSID (net/core/rtnl_netns.ts, which lies above). */
  nsid_gone: ((net: net, id: number) => void) | undefined = undefined

  /** All living namespaces, init_net first. */
  get net_namespace_list(): readonly net[] {
    return (this.listed ??= [...this.living])
  }
  list_net(net: net): void {
    this.living.add(net)
    this.listed = undefined
  }
  unlist_net(net: net): void {
    this.living.delete(net)
    this.listed = undefined
  }
  is_listed(net: net): boolean {
    return this.living.has(net)
  }
  get_net(net: net): net {
    net.count++
    return net
  }
  /** The last user leaves: a work tears the namespace down (__put_net). */
  put_net(net: net): void {
    // its own sockets are closed while it dies
    if (--net.count > 0 || net.dying) return
    net.dying = true
    this.cleanup_list.push(net)
    this.net_cleanup_work ??= new delayed_work(net.kernel.events, run_cleanup_net, net.kernel)
    schedule_work(this.net_cleanup_work)
  }

  /** register_pernet_subsys for rooms below net/core, which reach it through the kernel object. */
  register_subsys(kernel: Kernel, ops: pernet_operations): Errno | undefined {
    return register_pernet_subsys(kernel, ops)
  }
}

/** Boot: the state and init_net, before any pernet operation is registered (net_ns_init). */
export function net_ns_init(kernel: Kernel): Errno | undefined {
  kernel.namespaces = new net_namespace_state()
  kernel.init_net = new net(kernel, kernel.namespaces.next_inum++)
  kernel.namespaces.by_id.set(0, kernel.init_net)
  return setup_net(kernel.init_net)
}

/** Runs every init in order; on an error undoes those that ran, in reverse, and returns it. */
export function setup_net(net: net): Errno | undefined {
  const state = net.kernel.namespaces
  const done: pernet_operations[] = []
  for (const ops of state.pernet_list) {
    const error = ops.init?.(net)
    if (isErrno(error)) {
      for (const undo of done.reverse()) ops_exit(undo, [net])
      return error
    }
    done.push(ops)
  }
  state.list_net(net)
  return undefined
}

/** A new namespace with one user, or the error of an init. */
export function copy_net_ns(kernel: Kernel): net | Errno {
  const created = new net(kernel, kernel.namespaces.next_inum++)
  const error = setup_net(created)
  if (isErrno(error)) return error
  kernel.namespaces.by_id.set(created.inum, created)
  return created
}

export function run_cleanup_net(kernel: Kernel): void {
  const state = kernel.namespaces
  const nets = state.cleanup_list
  state.cleanup_list = []
  if (nets.length > 0) cleanup_net(kernel, nets)
}
/** Tears namespaces down together: pre_exit of all entries, then exit, last registered first. */
export function cleanup_net(kernel: Kernel, nets: net[]): void {
  const state = kernel.namespaces
  for (const dying of nets) {
    state.unlist_net(dying)
    state.by_id.delete(dying.inum)
  }
  for (const dying of nets) unhash_nsid(state, dying)
  const reverse = [...state.pernet_list].reverse()
  for (const ops of reverse) for (const n of nets) ops.pre_exit?.(n)
  for (const ops of reverse) ops_exit(ops, nets)
}

/** The ids under which the living know it go, and they hear of it; its own go silently. */
function unhash_nsid(state: net_namespace_state, dying: net): void {
  // in the order in which they were made, as they are listed
  for (const [other, id] of [...dying.netns_known_by].sort(([a], [b]) => a.inum - b.inum)) {
    if (!state.is_listed(other)) continue
    netns_id_del(other, id)
    state.nsid_gone?.(other, id)
  }
  for (const id of dying.netns_ids.keys()) netns_id_del(dying, id)
}

export function netns_id_set(net: net, id: number, peer: net): void {
  net.netns_ids.set(id, peer)
  net.netns_ids_changed()
  peer.netns_known_by.set(net, id)
}
function netns_id_del(net: net, id: number): void {
  net.netns_ids.get(id)?.netns_known_by.delete(net)
  net.netns_ids.delete(id)
  net.netns_ids_changed()
  net.netns_id_free = Math.min(net.netns_id_free, id)
}

function ops_exit(ops: pernet_operations, nets: net[]): void {
  for (const n of nets) ops.exit?.(n)
  ops.exit_batch?.(nets)
}

/** Subsystem operations: run for all living namespaces at once; undone when one fails. */
export function register_pernet_subsys(kernel: Kernel, ops: pernet_operations): Errno | undefined {
  const error = init_everywhere(kernel, ops)
  if (isErrno(error)) return error
  kernel.namespaces.pernet_list.splice(kernel.namespaces.first_device, 0, ops)
  kernel.namespaces.first_device++
  return undefined
}
/** Device operations: after all subsystem operations, so that a namespace's devices go first. */
export function register_pernet_device(kernel: Kernel, ops: pernet_operations): Errno | undefined {
  const error = init_everywhere(kernel, ops)
  if (isErrno(error)) return error
  kernel.namespaces.pernet_list.push(ops)
  return undefined
}
export function unregister_pernet_operations(kernel: Kernel, ops: pernet_operations): void {
  const at = kernel.namespaces.pernet_list.indexOf(ops)
  if (at < 0) return
  kernel.namespaces.pernet_list.splice(at, 1)
  if (at < kernel.namespaces.first_device) kernel.namespaces.first_device--
  ops_exit(ops, kernel.namespaces.net_namespace_list.slice())
}

function init_everywhere(kernel: Kernel, ops: pernet_operations): Errno | undefined {
  const done: net[] = []
  for (const n of kernel.namespaces.net_namespace_list) {
    const error = ops.init?.(n)
    if (isErrno(error)) {
      ops_exit(ops, done.reverse())
      return error
    }
    done.push(n)
  }
  return undefined
}
