/** net/ipv6/ndisc.c ndisc_ifinfo_sysctl_change: the times that routers may set are told to IPV6_IFINFO when set here. */
import type { ctl_buffer, ctl_table } from '../../fs/proc_sysctl.ts'
import { KERN_WARNING } from '../../kernel/printk.ts'
import type { Errno } from '../../uapi/errno.ts'
import { RTM_NEWLINK } from '../../uapi/linux/rtnetlink.ts'
import { NEIGH_VAR, NEIGH_VAR_BASE_REACHABLE_TIME, type neigh_parms } from '../core/neighbour.ts'
import { neigh_proc_dointvec_jiffies, neigh_proc_dointvec_ms_jiffies } from '../core/neighbour_sysctl.ts'
import { neigh_rand_reach_time } from '../core/neighbour_table.ts'
import { proc_dointvec } from '../../fs/sysctl.ts'
import { inet6_ifinfo_notify } from './addrconf_ifinfo.ts'

/** The old names have units that cannot be known; each use is logged (ndisc_warn_deprecated_sysctl). */
function warn_deprecated(ctl: ctl_table, buf: ctl_buffer, parms: neigh_parms): void {
  const dev = parms.dev?.name ?? 'default'
  const text = `process \`${buf.task.comm}' is using deprecated sysctl (syscall) net.ipv6.neigh.${dev}.${ctl.procname} - use net.ipv6.neigh.${dev}.${ctl.procname}_ms instead`
  buf.task.kernel.printk(KERN_WARNING, text)
}

export function ndisc_ifinfo_sysctl_change(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const parms = ctl.extra1 as neigh_parms
  if (ctl.procname === 'retrans_time' || ctl.procname === 'base_reachable_time') warn_deprecated(ctl, buf, parms)
  const error = change(ctl, write, buf)
  const idev = parms.dev?.ip6_ptr
  if (!write || error !== undefined || idev === undefined) return error
  if (ctl.key === NEIGH_VAR_BASE_REACHABLE_TIME) {
    parms.reachable_time = neigh_rand_reach_time(parms.tbl.kernel, NEIGH_VAR(parms, NEIGH_VAR_BASE_REACHABLE_TIME))
  }
  idev.tstamp = parms.tbl.kernel.jiffies()
  inet6_ifinfo_notify(RTM_NEWLINK, idev)
  return undefined
}
/** retrans_time counts jiffies as they are. */
function change(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (ctl.procname === 'retrans_time') return proc_dointvec(ctl, write, buf)
  return (ctl.procname === 'base_reachable_time' ? neigh_proc_dointvec_jiffies : neigh_proc_dointvec_ms_jiffies)(ctl, write, buf)
}
