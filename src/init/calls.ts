/** Initcalls that call into several rooms: Linux does so from the one that is named in the table. */
import { net_dev_init } from '../drivers/net/loopback.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { dev_proc_init, netlink_proc_init, psched_proc_init } from '../net/core/net_procfs.ts'
import { netdev_kobject_init } from '../net/core/net_sysfs.ts'
import { other_sysctls_init } from '../net/core/sysctl_others.ts'
import { rtnetlink_init } from '../net/core/rtnetlink.ts'
import { inet_init } from '../net/ipv4/af_inet.ts'
import { ipv4_proc_init } from '../net/ipv4/ipv4_procfs.ts'
import { ip_misc_proc_init } from '../net/ipv4/proc.ts'
import { inet_ops_init } from '../net/ipv6/inet_ops.ts'
import { sysctl_ipv4_init } from '../net/ipv4/sysctl_net_ipv4.ts'
import { netlink_proto_init } from '../net/netlink/af_netlink.ts'
import { pktsched_init } from '../net/sched/sch_init.ts'
import { mptcp_pm_nl_init } from '../net/mptcp/pm_netlink.ts'
import { type Errno, isErrno } from '../uapi/errno.ts'

type call = (kernel: Kernel) => Errno | undefined

/** One after the other, until one fails. */
function in_order(kernel: Kernel, calls: readonly call[]): Errno | undefined {
  for (const call of calls) {
    const error = call(kernel)
    if (isErrno(error)) return error
  }
  return undefined
}

/** net/netlink/af_netlink.c: ends with rtnetlink_init(). */
export function netlink_proto_initcall(kernel: Kernel): Errno | undefined {
  return in_order(kernel, [netlink_proto_init, netlink_proc_init, rtnetlink_init])
}
/** net/core/dev.c: proc and sysfs first, so that they see the first device come. */
export function net_dev_initcall(kernel: Kernel): Errno | undefined {
  return in_order(kernel, [dev_proc_init, netdev_kobject_init, net_dev_init])
}
/** net/sched/sch_api.c */
export function pktsched_initcall(kernel: Kernel): Errno | undefined {
  return in_order(kernel, [psched_proc_init, pktsched_init])
}
/** net/ipv4/af_inet.c: ends with the files in /proc/net. */
export function inet_initcall(kernel: Kernel): Errno | undefined {
  return in_order(kernel, [
    inet_ops_init,
    inet_init,
    mptcp_pm_nl_init,
    ipv4_proc_init,
    ip_misc_proc_init,
    sysctl_ipv4_init,
    other_sysctls_init,
  ])
}
