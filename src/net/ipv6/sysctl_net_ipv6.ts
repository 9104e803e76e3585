/** net/ipv6/sysctl_net_ipv6.c: /proc/sys/net/ipv6 itself. */
import { type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import { proc_dointvec, proc_dointvec_jiffies, proc_dointvec_minmax, proc_dou8vec_minmax } from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'

type file = Omit<ctl_table, 'mode' | 'data'>
const u8_bool = { proc_handler: proc_dou8vec_minmax, extra1: 0, extra2: 1 }
const unread = true

const files: readonly file[] = [
  { procname: 'bindv6only', key: 'bindv6only', proc_handler: proc_dou8vec_minmax },
  { procname: 'anycast_src_echo_reply', key: 'anycast_src_echo_reply', ...u8_bool, unread },
  { procname: 'flowlabel_consistency', key: 'flowlabel_consistency', ...u8_bool },
  { procname: 'auto_flowlabels', key: 'auto_flowlabels', proc_handler: proc_dou8vec_minmax, extra1: 0, extra2: 3 },
  { procname: 'fwmark_reflect', key: 'fwmark_reflect', ...u8_bool },
  { procname: 'idgen_retries', key: 'idgen_retries', proc_handler: proc_dointvec },
  { procname: 'idgen_delay', key: 'idgen_delay', proc_handler: proc_dointvec_jiffies },
  { procname: 'flowlabel_state_ranges', key: 'flowlabel_state_ranges', ...u8_bool },
  { procname: 'ip_nonlocal_bind', key: 'ip_nonlocal_bind', ...u8_bool },
  { procname: 'flowlabel_reflect', key: 'flowlabel_reflect', proc_handler: proc_dointvec_minmax, extra1: 0, extra2: 7 },
  { procname: 'max_dst_opts_number', key: 'max_dst_opts_cnt', proc_handler: proc_dointvec },
  { procname: 'max_hbh_opts_number', key: 'max_hbh_opts_cnt', proc_handler: proc_dointvec },
  { procname: 'max_dst_opts_length', key: 'max_dst_opts_len', proc_handler: proc_dointvec },
  { procname: 'max_hbh_length', key: 'max_hbh_opts_len', proc_handler: proc_dointvec },
  {
    procname: 'fib_notify_on_flag_change',
    key: 'fib_notify_on_flag_change',
    proc_handler: proc_dou8vec_minmax,
    extra1: 0,
    extra2: 2,
    unread,
  },
]

export const ipv6_sysctl_net_ops: pernet_operations = {
  name: 'ipv6_sysctl_net_ops',
  init: ipv6_sysctl_net_init,
  exit: ipv6_sysctl_net_exit,
}
export function ipv6_sysctl_net_init(net: net): Errno | undefined {
  const table = files.map((file) => ({ ...file, mode: 0o644, maxlen: 1, data: net.ipv6.sysctl }))
  net.ipv6.sysctl_hdr = register_net_sysctl(net, 'net/ipv6', table)
  return undefined
}
export function ipv6_sysctl_net_exit(net: net): void {
  unregister_net_sysctl_table(net.ipv6.sysctl_hdr)
}
export function ipv6_sysctl_register(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ipv6_sysctl_net_ops)
}
