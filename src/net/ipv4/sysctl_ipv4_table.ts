/**
 * net/ipv4/sysctl_net_ipv4.c ipv4_table and ip_fragment.c ip4_frags_ctl_table: what of /proc/sys/net/ipv4 is the host's, and
 * shown in its first namespace alone.
 */
import { type ctl_buffer, type ctl_table, register_net_sysctl } from '../../fs/proc_sysctl.ts'
import { proc_dointvec, proc_dointvec_jiffies, proc_dostring, proc_douintvec_minmax, proc_doulongvec_minmax } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import type { Errno } from '../../uapi/errno.ts'

const SYNC_MEM_LEAST = 64 * 1024
const SYNC_MEM_MOST = 64 * 1024 * 1024
/** Upper layer protocols that are not modules. */
const TCP_ULPS = 'mptcp'

/** Sizes are those of a Linux with 512 MB. */
export class host_sysctls {
  tcp_max_orphans = 4096
  /** Hosts that a namespace remembers. */
  inet_peer_threshold = 35807
  inet_peer_minttl = 120 * HZ
  inet_peer_maxttl = 600 * HZ
  /** Pages: below, under pressure, most. */
  tcp_mem = [7281, 9709, 14562]
  tcp_low_latency = 0
  cipso_cache_enable = 1
  cipso_cache_bucket_size = 10
  cipso_rbm_optfmt = 0
  cipso_rbm_strictvalid = 1
  udp_mem = [14562, 19419, 29124]
  fib_sync_mem = 512 * 1024
  ipfrag_secret_interval = 0
}

/** Read only by its mode: what a write says is lost, as in Linux. */
export function proc_tcp_available_ulp(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return proc_dostring({ ...ctl, data: { ulps: TCP_ULPS }, key: 'ulps' }, write, buf)
}
function ipv4_table(data: host_sysctls): ctl_table[] {
  const row = (procname: keyof host_sysctls, proc_handler: ctl_table['proc_handler'], unread = true): ctl_table => {
    const value = data[procname]
    return { procname, mode: 0o644, maxlen: typeof value === 'number' ? 1 : value.length, proc_handler, data, key: procname, unread }
  }
  return [
    row('tcp_max_orphans', proc_dointvec),
    row('inet_peer_threshold', proc_dointvec, false),
    row('inet_peer_minttl', proc_dointvec_jiffies),
    row('inet_peer_maxttl', proc_dointvec_jiffies),
    row('tcp_mem', proc_doulongvec_minmax),
    // nothing in Linux reads this one, nor the last
    row('tcp_low_latency', proc_dointvec, false),
    row('cipso_cache_enable', proc_dointvec),
    row('cipso_cache_bucket_size', proc_dointvec),
    row('cipso_rbm_optfmt', proc_dointvec),
    row('cipso_rbm_strictvalid', proc_dointvec),
    { procname: 'tcp_available_ulp', mode: 0o444, proc_handler: proc_tcp_available_ulp },
    row('udp_mem', proc_doulongvec_minmax),
    { ...row('fib_sync_mem', proc_douintvec_minmax), extra1: SYNC_MEM_LEAST, extra2: SYNC_MEM_MOST },
    row('ipfrag_secret_interval', proc_dointvec_jiffies, false),
  ]
}
/** As long as the kernel is. */
export function ipv4_table_register(kernel: Kernel): void {
  register_net_sysctl(kernel.init_net, 'net/ipv4', ipv4_table(kernel.inet.host_sysctls))
}
