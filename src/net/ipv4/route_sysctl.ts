/**
 * net/ipv4/route.c ipv4_route_table, ipv4_route_netns_table: /proc/sys/net/ipv4/route. Limits of redirects and errors are the
 * first namespace's, and hold for all; what was a cache of routes has left its numbers, which nothing reads.
 */
import {
  type ctl_buffer,
  type ctl_table,
  type ctl_table_header,
  register_net_sysctl,
  unregister_net_sysctl_table,
} from '../../fs/proc_sysctl.ts'
import { proc_dointvec, proc_dointvec_jiffies, proc_dointvec_minmax, proc_dointvec_ms_jiffies } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { fnhe_genid_bump } from './route_exception.ts'

/** ip_min_valid_pmtu */
const IPV4_MIN_MTU = 68

/** ip_rt_*: jiffies, but for the number and what only the cache had. */
export class route_sysctls {
  gc_thresh = -1
  max_size = 0x7fffffff
  gc_min_interval = HZ / 2
  /** A redirect holds as long. */
  gc_timeout = 300 * HZ
  gc_interval = 60 * HZ
  gc_elasticity = 8
  redirect_load = HZ / 50
  redirect_number = 9
  redirect_silence = (HZ / 50) << 10
  error_cost = HZ
  error_burst = 5 * HZ
}

/** Writing anything forgets what was learned of destinations. */
export function ipv4_sysctl_rtcache_flush(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (!write) return EINVAL
  fnhe_genid_bump(ctl.extra1 as net)
  buf.consumed = buf.text.length
  return undefined
}
function netns_table(net: net): ctl_table[] {
  const row = { mode: 0o644, maxlen: 1, data: net.ipv4 }
  return [
    { ...row, procname: 'flush', mode: 0o200, proc_handler: ipv4_sysctl_rtcache_flush, extra1: net },
    { ...row, procname: 'min_pmtu', proc_handler: proc_dointvec_minmax, key: 'ip_rt_min_pmtu', extra1: IPV4_MIN_MTU },
    { ...row, procname: 'mtu_expires', proc_handler: proc_dointvec_jiffies, key: 'ip_rt_mtu_expires' },
    { ...row, procname: 'min_adv_mss', proc_handler: proc_dointvec, key: 'ip_rt_min_advmss', unread: true },
  ]
}
/** Those of the first namespace alone. */
function route_table(data: route_sysctls): ctl_table[] {
  const row = (procname: string, proc_handler: ctl_table['proc_handler'], unread = false, key = procname): ctl_table => {
    return { procname, mode: 0o644, maxlen: 1, proc_handler, data, key, unread }
  }
  return [
    row('gc_thresh', proc_dointvec, true),
    row('max_size', proc_dointvec, true),
    row('gc_min_interval', proc_dointvec_jiffies, true),
    row('gc_min_interval_ms', proc_dointvec_ms_jiffies, true, 'gc_min_interval'),
    row('gc_timeout', proc_dointvec_jiffies),
    row('gc_interval', proc_dointvec_jiffies, true),
    row('redirect_load', proc_dointvec),
    row('redirect_number', proc_dointvec),
    row('redirect_silence', proc_dointvec),
    row('error_cost', proc_dointvec),
    row('error_burst', proc_dointvec),
    row('gc_elasticity', proc_dointvec, true),
  ]
}

/** Headers by namespace. */
export class route_sysctl_headers {
  headers = new Map<net, (ctl_table_header | undefined)[]>()
}
export function sysctl_route_net_init(net: net): Errno | undefined {
  const { kernel } = net
  const headers = [register_net_sysctl(net, 'net/ipv4/route', netns_table(net))]
  if (net === kernel.init_net) headers.push(register_net_sysctl(net, 'net/ipv4/route', route_table(kernel.inet.route_sysctls)))
  kernel.inet.route_headers.headers.set(net, headers)
  return undefined
}
export function sysctl_route_net_exit(net: net): void {
  const { headers } = net.kernel.inet.route_headers
  for (const header of headers.get(net) ?? []) unregister_net_sysctl_table(header)
  headers.delete(net)
}
export const sysctl_route_ops: pernet_operations = {
  name: 'sysctl_route_ops',
  init: sysctl_route_net_init,
  exit: sysctl_route_net_exit,
}
/** Called from ip_rt_init(). */
export function ip_static_sysctl_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, sysctl_route_ops)
}
