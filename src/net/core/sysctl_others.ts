/**
 * /proc/sys/net/{mptcp,netfilter,unix} of a namespace: parts of Linux that are not simulated, or of which nothing
 * here reads the settings. They are kept and shown, and each write counts as unsupported.
 */
import { type ctl_table, type ctl_table_header, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import { proc_dointvec, proc_dointvec_jiffies, proc_dostring, proc_dou8vec_minmax } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import type { Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'

type file = Omit<ctl_table, 'mode'> & { mode?: number }
/** Families of nf_log: none has a logger. */
const NFPROTO_NUMPROTO = 11
const MODULE_NAME_LEN = 56

function int(procname: string, value: number, proc_handler = proc_dointvec, extra1?: number, extra2?: number): file {
  return { procname, proc_handler, data: { value }, key: 'value', extra1, extra2, unread: true }
}
function text(procname: string, value: string, mode = 0o644): file {
  return { procname, mode, proc_handler: proc_dostring, data: { value }, key: 'value', maxlen: MODULE_NAME_LEN, unread: true }
}

function mptcp_table(): file[] {
  return [
    int('enabled', 1, proc_dou8vec_minmax, 0, 1),
    int('add_addr_timeout', 120 * HZ, proc_dointvec_jiffies),
    int('checksum_enabled', 0, proc_dou8vec_minmax, 0, 1),
    int('allow_join_initial_addr_port', 1, proc_dou8vec_minmax, 0, 1),
    int('stale_loss_cnt', 4),
    int('pm_type', 0, proc_dou8vec_minmax, 0, 1),
    text('scheduler', 'default'),
    text('available_schedulers', 'default', 0o444),
    int('close_timeout', 60 * HZ, proc_dointvec_jiffies),
    int('blackhole_timeout', 3600),
  ]
}
function nf_log_table(): file[] {
  return Array.from({ length: NFPROTO_NUMPROTO }, (_, i) => text(String(i), 'NONE'))
}

export class other_sysctls {
  headers = new Map<net, ctl_table_header[]>()
}

export function others_init_net(net: net): Errno | undefined {
  const headers: ctl_table_header[] = []
  const add = (path: string, table: file[]) => {
    const header = register_net_sysctl(
      net,
      path,
      table.map((row) => ({ mode: 0o644, maxlen: 1, ...row })),
    )
    if (header !== undefined) headers.push(header)
  }
  add('net/mptcp', mptcp_table())
  add('net/netfilter', [int('nf_hooks_lwtunnel', 0)])
  if (net === net.kernel.init_net) add('net/netfilter', [int('nf_log_all_netns', 0)])
  add('net/netfilter/nf_log', nf_log_table())
  add('net/unix', [int('max_dgram_qlen', 10)])
  net.kernel.other_sysctls.headers.set(net, headers)
  return undefined
}
export function others_exit_net(net: net): void {
  const { headers } = net.kernel.other_sysctls
  for (const header of headers.get(net) ?? []) unregister_net_sysctl_table(header)
  headers.delete(net)
}
export const others_ops: pernet_operations = { name: 'other_sysctl_ops', init: others_init_net, exit: others_exit_net }

export function other_sysctls_init(kernel: Kernel): Errno | undefined {
  kernel.other_sysctls = new other_sysctls()
  return register_pernet_subsys(kernel, others_ops)
}
