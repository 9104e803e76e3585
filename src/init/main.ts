/** init/main.c: what a host does when it boots. The one ordered table of initcalls is here. */
import { dpll_init } from '../drivers/dpll/dpll_core.ts'
import { chr_dev_init } from '../drivers/char/kmsg.ts'
import { netkit_init } from '../drivers/net/netkit.ts'
import { thermal_init } from '../drivers/thermal/thermal_netlink.ts'
import { proc_root_init } from '../fs/vfs.ts'
import { do_initcalls, type initcall } from '../kernel/initcall.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { kmod_state, request_module } from '../kernel/kmod.ts'
import { neigh_init } from '../net/core/neighbour_init.ts'
import { bpf_lwt_init } from '../net/core/lwt_bpf.ts'
import { fib_rules_init } from '../net/core/fib_rules_rtm.ts'
import { net_ns_init } from '../net/core/net_namespace.ts'
import { netdev_genl_init } from '../net/core/netdev_genl.ts'
import { sock_diag_init } from '../net/core/sock_diag.ts'
import { proto_init } from '../net/core/sock_procfs.ts'
import { sysctl_core_init } from '../net/core/sysctl_net_core.ts'
import { dcbnl_init } from '../net/dcb/dcbnl.ts'
import { inet_diag_init } from '../net/ipv4/inet_diag.ts'
import { nexthop_init } from '../net/ipv4/nexthop_init.ts'
import { inet6_init } from '../net/ipv6/af_inet6.ts'
import { ethnl_init } from '../net/ethtool/netlink.ts'
import { genl_init } from '../net/netlink/genl_ctrl.ts'
import { kobject_uevent_init } from '../net/netlink/kobject_uevent.ts'
import { tc_action_init } from '../net/sched/act_api.ts'
import { tc_filter_init } from '../net/sched/cls_api.ts'
import { fq_codel_module_init } from '../net/sched/sch_fq_codel.ts'
import { packet_init } from '../net/packet/af_packet.ts'
import { sock_init } from '../net/socket.ts'
import { inet_initcall, net_dev_initcall, netlink_proto_initcall, pktsched_initcall } from './calls.ts'
import { loadable_modules } from './loadable.ts'
import { builtin_modules } from './module_files.ts'

/** The initcalls that we have, in the order in which Linux 6.12 calls them. Modules come after them. */
export const initcalls: readonly initcall[] = [
  { level: 'core', name: 'sock_init', fn: sock_init },
  { level: 'core', name: 'netlink_proto_init', fn: netlink_proto_initcall },
  { level: 'core', name: 'genl_init', fn: genl_init },
  { level: 'postcore', name: 'thermal_init', fn: thermal_init },
  { level: 'postcore', name: 'kobject_uevent_init', fn: kobject_uevent_init },
  { level: 'subsys', name: 'dpll_init', fn: dpll_init },
  { level: 'subsys', name: 'proto_init', fn: proto_init },
  { level: 'subsys', name: 'net_dev_init', fn: net_dev_initcall },
  { level: 'subsys', name: 'neigh_init', fn: neigh_init },
  { level: 'subsys', name: 'netdev_genl_init', fn: netdev_genl_init },
  { level: 'subsys', name: 'fib_rules_init', fn: fib_rules_init },
  { level: 'subsys', name: 'bpf_lwt_init', fn: bpf_lwt_init },
  { level: 'subsys', name: 'pktsched_init', fn: pktsched_initcall },
  { level: 'subsys', name: 'tc_filter_init', fn: tc_filter_init },
  { level: 'subsys', name: 'tc_action_init', fn: tc_action_init },
  { level: 'subsys', name: 'ethnl_init', fn: ethnl_init },
  { level: 'subsys', name: 'nexthop_init', fn: nexthop_init },
  { level: 'fs', name: 'chr_dev_init', fn: chr_dev_init },
  { level: 'fs', name: 'sysctl_core_init', fn: sysctl_core_init },
  { level: 'fs', name: 'inet_init', fn: inet_initcall },
  { level: 'device', name: 'netkit_init', fn: netkit_init },
  { level: 'device', name: 'sock_diag_init', fn: sock_diag_init },
  { level: 'device', name: 'fq_codel_module_init', fn: fq_codel_module_init },
  { level: 'device', name: 'inet6_init', fn: inet6_init },
  { level: 'device', name: 'packet_init', fn: packet_init },
  { level: 'device', name: 'dcbnl_init', fn: dcbnl_init },
  { level: 'device', name: 'inet_diag_init', fn: inet_diag_init },
]

/** start_kernel(): proc's root and the first namespace come before all initcalls. */
export function boot(kernel: Kernel): void {
  kernel.kmod = new kmod_state(loadable_modules, builtin_modules)
  proc_root_init(kernel)
  net_ns_init(kernel)
  do_initcalls(kernel, initcalls)
  for (const name of kernel.params.modules) request_module(kernel, name)
}
