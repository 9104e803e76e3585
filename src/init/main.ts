/** init/main.c: what a host does when it boots. The one ordered table of initcalls is here. */
import { do_initcalls, type initcall, type initcall_level } from '../kernel/initcall.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { net_ns_init } from '../net/core/net_namespace.ts'
import { stateModules } from './modules.ts'

const found = (name: string): initcall['fn'] | undefined => {
  for (const [, exports] of stateModules) if (name in exports) return (exports as Record<string, initcall['fn']>)[name]
  return undefined
}

const order: [initcall_level, string[]][] = [
  ['core', ['sock_init', 'netlink_proto_init', 'rtnetlink_init', 'genl_init']],
  ['postcore', ['kobject_uevent_init']],
  ['subsys', ['proto_init', 'net_dev_init', 'neigh_init', 'fib_notifier_init', 'netdev_genl_init', 'fib_rules_init', 'pktsched_init', 'tc_filter_init', 'tc_action_init', 'ethnl_init', 'nexthop_init']],
  ['fs', ['sysctl_core_init', 'eth_offload_init', 'inet_init', 'af_unix_init']],
  ['device', ['blackhole_netdev_init', 'sock_diag_init', 'sysctl_ipv4_init', 'packet_init', 'dummy_init_module', 'veth_init', 'ifb_init_module']],
]

/** In Linux's order (the kernel's own, as `initcall_debug` prints it); modules come last, as if loaded after boot. */
export const initcalls: initcall[] = order.flatMap(([level, names]) =>
  names.flatMap((name) => {
    const fn = found(name)
    return fn === undefined ? [] : [{ name, level, fn }]
  }),
)

/** start_kernel(): proc's root and the first namespace, then the initcalls. */
export function boot(kernel: Kernel): void {
  found('proc_root_init')?.(kernel)
  net_ns_init(kernel)
  do_initcalls(kernel, initcalls)
}
