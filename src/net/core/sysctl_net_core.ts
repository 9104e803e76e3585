/** net/core/sysctl_net_core.c: /proc/sys/net/core. */

import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import {
  proc_dobool,
  proc_dointvec,
  proc_dointvec_minmax,
  proc_dostring,
  proc_dou8vec_minmax,
  proc_douintvec_minmax,
} from '../../fs/sysctl.ts'
import { cpumask_parse, cpumask_text } from '../../kernel/cpumask.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import type { sched_state } from '../sched/qdisc.ts'
import { qdisc_set_default } from '../sched/qdisc_kinds.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'

/** Least socket buffers: SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF on x86-64. */
const SOCK_MIN_SNDBUF = 4608
const SOCK_MIN_RCVBUF = 2304
const INT_MAX = 0x7fffffff

/** Variables of the whole host. Values as measured on Linux 6.12. */
export class net_core_sysctls {
  mem_pcpu_rsv = 256
  dev_weight = 64
  dev_weight_rx_bias = 1
  dev_weight_tx_bias = 1
  netdev_max_backlog = 1000
  netdev_rss_key = Array(52).fill('00').join(':')
  bpf_jit_enable = 1
  bpf_jit_harden = 0
  bpf_jit_kallsyms = 1
  bpf_jit_limit = 528482304
  netdev_tstamp_prequeue = 1
  message_cost = 5
  message_burst = 10
  tstamp_allow_data = 1
  rps_sock_flow_entries = 0
  flow_limit_cpu_bitmap: readonly number[] = []
  flow_limit_table_len = 4096
  busy_poll = 0
  busy_read = 0
  netdev_budget = 300
  warnings = 0
  max_skb_frags = 17
  netdev_budget_usecs = 8000
  fb_tunnels_only_for_init_net = 0
  devconf_inherit_init_net = 0
  high_order_alloc_disable = 0
  gro_normal_batch = 8
  skb_defer_max = 64
}

/** include/net/netns/core.h: variables of a namespace. */
export class netns_core {
  sysctl_somaxconn = 4096
  sysctl_optmem_max = 131072
  sysctl_txrehash = 1
  rps_default_mask: readonly number[] = []
  sysctl_acq_expires = 30
  sysctl_aevent_etime = 10
  sysctl_aevent_rseqth = 2
  sysctl_larval_drop = 1
}

/** net_has_fallback_tunnels(): 0 everywhere, 1 in init_net only, 2 nowhere. */
export function net_has_fallback_tunnels(net: net): boolean {
  const fb = net.kernel.net_core.fb_tunnels_only_for_init_net
  return fb === 0 || (fb === 1 && net === net.kernel.init_net)
}

/** A list of CPUs as a mask. */
export function proc_cpumask(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const key = ctl.key as string
  const { nr_cpus } = buf.task.kernel.params
  if (!write) {
    buf.text = `${cpumask_text(ctl.data[key], nr_cpus)}\n`
    return undefined
  }
  const cpus = cpumask_parse(buf.text, nr_cpus)
  if (isErrno(cpus)) return cpus
  ctl.data[key] = cpus
  buf.consumed = buf.text.length
  return undefined
}

/** net/sched/sch_api.c qdisc_set_default(): devices that come up later get it; ENOENT for a name without a qdisc. */
export function set_default_qdisc(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const sched = ctl.data as sched_state
  const name = { value: sched.default_qdisc_ops.id }
  const error = proc_dostring({ ...ctl, data: name, key: 'value', maxlen: 16 }, write, buf)
  if (isErrno(error) || !write) return error
  return qdisc_set_default(buf.task.kernel, name.value)
}

/** Variable, handler, bounds and mode; the variable lies in net_core_sysctls unless `core_tables` says otherwise. */
type row = [name: string, handler: ctl_table['proc_handler'], least?: number, most?: number, mode?: number]

const core_rows: row[] = [
  ['mem_pcpu_rsv', proc_dointvec_minmax, 256, INT_MAX],
  ['dev_weight', proc_dointvec_minmax, 1, INT_MAX],
  ['dev_weight_rx_bias', proc_dointvec_minmax, 1, INT_MAX],
  ['dev_weight_tx_bias', proc_dointvec_minmax, 1, INT_MAX],
  ['netdev_max_backlog', proc_dointvec],
  ['netdev_rss_key', proc_dostring, undefined, undefined, 0o444],
  ['bpf_jit_enable', proc_dointvec_minmax, 0, 2],
  ['bpf_jit_harden', proc_dointvec_minmax, 0, 2, 0o600],
  ['bpf_jit_kallsyms', proc_dointvec_minmax, 0, 1, 0o600],
  ['bpf_jit_limit', proc_dointvec_minmax, 1, undefined, 0o600],
  ['netdev_tstamp_prequeue', proc_dointvec],
  ['message_cost', proc_dointvec],
  ['message_burst', proc_dointvec],
  ['tstamp_allow_data', proc_dointvec_minmax, 0, 1],
  ['rps_sock_flow_entries', proc_dointvec],
  ['flow_limit_cpu_bitmap', proc_cpumask],
  ['flow_limit_table_len', proc_dointvec],
  ['busy_poll', proc_dointvec_minmax, 0],
  ['busy_read', proc_dointvec_minmax, 0],
  ['netdev_budget', proc_dointvec],
  ['warnings', proc_dointvec],
  ['max_skb_frags', proc_dointvec_minmax, 1, 17],
  ['netdev_budget_usecs', proc_dointvec_minmax, 0],
  ['fb_tunnels_only_for_init_net', proc_dointvec_minmax, 0, 2],
  ['devconf_inherit_init_net', proc_dointvec_minmax, 0, 3],
  ['high_order_alloc_disable', proc_dobool],
  ['gro_normal_batch', proc_dointvec_minmax, 1],
  ['skb_defer_max', proc_dointvec_minmax, 0],
]
/** Of the host, but shown in every namespace; only init_net may change them. */
const buffer_rows: row[] = [
  ['wmem_max', proc_dointvec_minmax, SOCK_MIN_SNDBUF],
  ['rmem_max', proc_dointvec_minmax, SOCK_MIN_RCVBUF],
  ['wmem_default', proc_dointvec_minmax, SOCK_MIN_SNDBUF],
  ['rmem_default', proc_dointvec_minmax, SOCK_MIN_RCVBUF],
]
/** procname and its field in netns_core. */
const netns_rows: [string, keyof netns_core, ctl_table['proc_handler'], number?, number?][] = [
  ['rps_default_mask', 'rps_default_mask', proc_cpumask],
  ['somaxconn', 'sysctl_somaxconn', proc_dointvec_minmax, 0],
  ['optmem_max', 'sysctl_optmem_max', proc_dointvec_minmax, 0],
  ['txrehash', 'sysctl_txrehash', proc_dou8vec_minmax, 0, 1],
  ['xfrm_acq_expires', 'sysctl_acq_expires', proc_dointvec],
  ['xfrm_aevent_etime', 'sysctl_aevent_etime', proc_dointvec],
  ['xfrm_aevent_rseqth', 'sysctl_aevent_rseqth', proc_dointvec],
  ['xfrm_larval_drop', 'sysctl_larval_drop', proc_dointvec],
]

/** What something here acts on, or what nobody can change; all else is kept, shown and counted. */
const effective: ReadonlySet<string> = new Set([
  'netdev_rss_key',
  'dev_weight',
  'dev_weight_rx_bias',
  'dev_weight_tx_bias',
  'netdev_max_backlog',
  'netdev_budget',
  'tstamp_allow_data',
  'fb_tunnels_only_for_init_net',
  'devconf_inherit_init_net',
  'rps_default_mask',
  'somaxconn',
  'optmem_max',
])

function host_table(data: net_core_sysctls): ctl_table[] {
  return core_rows.map(([procname, proc_handler, extra1, extra2, mode]) => ({
    procname,
    mode: mode ?? 0o644,
    proc_handler,
    data,
    key: procname,
    extra1,
    extra2,
    unread: !effective.has(procname),
  }))
}
/** Variables that other files of net/core own and act on. */
function owned_table({ netdev }: Kernel): ctl_table[] {
  return [
    { procname: 'default_qdisc', mode: 0o644, proc_handler: set_default_qdisc, data: netdev.sched },
    {
      procname: 'netdev_unregister_timeout_secs',
      mode: 0o644,
      proc_handler: proc_douintvec_minmax,
      data: netdev,
      key: 'netdev_unregister_timeout_secs',
      extra1: 1,
      extra2: 3600,
    },
  ]
}
function buffer_table({ families }: Kernel, mode: number): ctl_table[] {
  return buffer_rows.map(([procname, proc_handler, extra1]) => ({
    procname,
    mode,
    proc_handler,
    data: families,
    key: `sysctl_${procname}`,
    extra1,
  }))
}

function sysctl_core_net_init(net: net): Errno | undefined {
  const { kernel } = net
  net.core = new netns_core()
  const init_net = net === kernel.init_net
  const table: ctl_table[] = netns_rows.map(([procname, key, proc_handler, extra1, extra2]) => ({
    procname,
    mode: 0o644,
    proc_handler,
    data: net.core,
    key,
    extra1,
    extra2,
    unread: !effective.has(procname),
  }))
  table.push(...buffer_table(kernel, init_net ? 0o644 : 0o444))
  if (init_net) table.push(...host_table(kernel.net_core), ...owned_table(kernel))
  net.core_sysctls = register_net_sysctl(net, 'net/core', table)
  return undefined
}
function sysctl_core_net_exit(net: net): void {
  unregister_net_sysctl_table(net.core_sysctls)
}

export const sysctl_core_ops: pernet_operations = {
  name: 'sysctl_core_ops',
  init: sysctl_core_net_init,
  exit: sysctl_core_net_exit,
}

export function sysctl_core_init(kernel: Kernel): Errno | undefined {
  kernel.net_core = new net_core_sysctls()
  return register_pernet_subsys(kernel, sysctl_core_ops)
}
