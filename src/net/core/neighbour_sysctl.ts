/** net/core/neighbour.c neigh_sysctl_register: /proc/sys/net/{ipv4,ipv6}/neigh/{default,DEV}. */
import { type ctl_buffer, ctl_dirs, type ctl_table, register_net_sysctl, register_net_sysctl_dirs } from '../../fs/proc_sysctl.ts'
import { proc_dointvec_jiffies, proc_dointvec_minmax, proc_dointvec_ms_jiffies, proc_dointvec_userhz_jiffies } from '../../fs/sysctl.ts'
import { EINVAL, ENOBUFS, type Errno } from '../../uapi/errno.ts'
import { AF_INET } from '../../uapi/linux/socket.ts'
import { dev_by_own_name } from './dev_state.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import * as V from './neighbour.ts'
import { NEIGH_VAR, type neigh_parms, type neigh_table } from './neighbour.ts'
import { neigh_gc_arm } from './neighbour_gc.ts'
import { neigh_rand_reach_time } from './neighbour_table.ts'

const INT_MAX = 0x7fffffff

/** Chosen from now on; a default goes to the devices that have not chosen (neigh_copy_dflt_parms). */
function neigh_proc_update(p: neigh_parms, nr: number): void {
  p.values.choose(nr)
  if (p.dev !== undefined) return
  for (const dev of p.net.dev_base_head) {
    const dst = p.tbl.dev_parms.get(dev)
    if (dst !== undefined && !dst.values.chosen(nr)) dst.values.own()[nr] = NEIGH_VAR(p, nr)
  }
}
function then_update(ctl: ctl_table, write: boolean, error: Errno | undefined): Errno | undefined {
  if (write) neigh_proc_update(ctl.extra1 as neigh_parms, ctl.key as number)
  return error
}
export function neigh_proc_dointvec_zero_intmax(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return then_update(ctl, write, proc_dointvec_minmax({ ...ctl, extra1: 0, extra2: INT_MAX }, write, buf))
}
export function neigh_proc_dointvec_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return then_update(ctl, write, proc_dointvec_jiffies(ctl, write, buf))
}
export function neigh_proc_dointvec_userhz_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return then_update(ctl, write, proc_dointvec_userhz_jiffies(ctl, write, buf))
}
export function neigh_proc_dointvec_ms_jiffies(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  return then_update(ctl, write, proc_dointvec_ms_jiffies(ctl, write, buf))
}
/** At least one millisecond. */
export function neigh_proc_dointvec_ms_jiffies_positive(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const kept = ctl.data[ctl.key as number]
  const error = proc_dointvec_ms_jiffies(ctl, write, buf)
  if (write && error === undefined && ctl.data[ctl.key as number] < 1) {
    ctl.data[ctl.key as number] = kept
    return then_update(ctl, write, EINVAL)
  }
  return then_update(ctl, write, error)
}
/** In packets of the size of a frame; kept in bytes. */
export function neigh_proc_dointvec_unres_qlen(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const size = { value: Math.trunc(ctl.data[ctl.key as number] / V.FRAME_TRUESIZE) }
  const most = Math.trunc(INT_MAX / V.FRAME_TRUESIZE)
  const error = proc_dointvec_minmax({ ...ctl, data: size, key: 'value', extra1: 0, extra2: most }, write, buf)
  if (write && error === undefined) ctl.data[ctl.key as number] = size.value * V.FRAME_TRUESIZE
  return then_update(ctl, write, error)
}
/** The time that entries go by follows at once. */
export function neigh_proc_base_reachable_time(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const p = ctl.extra1 as neigh_parms
  if (write) neigh_gc_arm(p.tbl)
  const seconds = ctl.procname === 'base_reachable_time'
  const error = (seconds ? neigh_proc_dointvec_jiffies : neigh_proc_dointvec_ms_jiffies)(ctl, write, buf)
  if (write && error === undefined) p.reachable_time = neigh_rand_reach_time(p.tbl.kernel, NEIGH_VAR(p, V.NEIGH_VAR_BASE_REACHABLE_TIME))
  return error
}

type handler = ctl_table['proc_handler']
const files: readonly [string, number, handler][] = [
  ['mcast_solicit', V.NEIGH_VAR_MCAST_PROBES, neigh_proc_dointvec_zero_intmax],
  ['ucast_solicit', V.NEIGH_VAR_UCAST_PROBES, neigh_proc_dointvec_zero_intmax],
  ['app_solicit', V.NEIGH_VAR_APP_PROBES, neigh_proc_dointvec_zero_intmax],
  ['mcast_resolicit', V.NEIGH_VAR_MCAST_REPROBES, neigh_proc_dointvec_zero_intmax],
  ['retrans_time', V.NEIGH_VAR_RETRANS_TIME, neigh_proc_dointvec_userhz_jiffies],
  ['base_reachable_time', V.NEIGH_VAR_BASE_REACHABLE_TIME, neigh_proc_base_reachable_time],
  ['delay_first_probe_time', V.NEIGH_VAR_DELAY_PROBE_TIME, neigh_proc_dointvec_jiffies],
  ['interval_probe_time_ms', V.NEIGH_VAR_INTERVAL_PROBE_TIME_MS, neigh_proc_dointvec_ms_jiffies_positive],
  ['gc_stale_time', V.NEIGH_VAR_GC_STALETIME, neigh_proc_dointvec_jiffies],
  ['unres_qlen_bytes', V.NEIGH_VAR_QUEUE_LEN_BYTES, neigh_proc_dointvec_zero_intmax],
  ['proxy_qlen', V.NEIGH_VAR_PROXY_QLEN, neigh_proc_dointvec_zero_intmax],
  ['anycast_delay', V.NEIGH_VAR_ANYCAST_DELAY, neigh_proc_dointvec_userhz_jiffies],
  ['proxy_delay', V.NEIGH_VAR_PROXY_DELAY, neigh_proc_dointvec_userhz_jiffies],
  ['locktime', V.NEIGH_VAR_LOCKTIME, neigh_proc_dointvec_userhz_jiffies],
  ['unres_qlen', V.NEIGH_VAR_QUEUE_LEN_BYTES, neigh_proc_dointvec_unres_qlen],
  ['retrans_time_ms', V.NEIGH_VAR_RETRANS_TIME, neigh_proc_dointvec_ms_jiffies],
  ['base_reachable_time_ms', V.NEIGH_VAR_BASE_REACHABLE_TIME, neigh_proc_base_reachable_time],
]
/** IPv6 tells listeners when these change; its own handler stands for them. */
const times_told = new Set(['retrans_time', 'base_reachable_time', 'retrans_time_ms', 'base_reachable_time_ms'])

/** The directories of a table's devices in a namespace. */
export class neigh_sysctl_dirs {
  readonly net: net
  /** NEIGH_*_TABLE */
  readonly table: number
  readonly handler: handler | undefined
  constructor(net: net, table: number, handler: handler | undefined) {
    this.net = net
    this.table = table
    this.handler = handler
  }
}
function listed_parms({ net, table }: neigh_sysctl_dirs, dev: net_device | undefined): neigh_parms | undefined {
  const parms = dev && net.kernel.neigh.tables[table]?.dev_parms.get(dev)
  return parms?.listed ? parms : undefined
}
export function neigh_sysctl_names(dirs: neigh_sysctl_dirs): string[] {
  return dirs.net.dev_base_head.filter((dev) => listed_parms(dirs, dev) !== undefined).map((dev) => dev.name)
}
export function neigh_sysctl_table(dirs: neigh_sysctl_dirs, name: string): ctl_table[] | undefined {
  const parms = listed_parms(dirs, dev_by_own_name(dirs.net, name))
  return parms && neigh_sysctl_vars(parms, dirs.handler)
}

/** The files of one directory; the table's limits are in `default` alone. */
function neigh_sysctl_vars(parms: neigh_parms, handler: handler | undefined): ctl_table[] {
  const vars: ctl_table[] = files.map(([procname, nr, own]) => ({
    procname,
    mode: 0o644,
    proc_handler: handler !== undefined && times_told.has(procname) ? handler : own,
    data: parms.values.own(),
    key: nr,
    maxlen: 1,
    extra1: parms,
  }))
  if (parms.dev !== undefined) return vars
  const { tbl } = parms
  vars.push({ procname: 'gc_interval', mode: 0o644, proc_handler: proc_dointvec_jiffies, data: tbl, key: 'gc_interval' })
  for (const key of ['gc_thresh1', 'gc_thresh2', 'gc_thresh3']) {
    vars.push({ procname: key, mode: 0o644, proc_handler: proc_dointvec_minmax, data: tbl, key, extra1: 0, extra2: INT_MAX })
  }
  return vars
}

/** `default` of a table. `handler`: takes the place of the four times' own handlers. */
export function neigh_sysctl_register(tbl: neigh_table, handler?: handler): Errno | undefined {
  const { parms } = tbl
  const header = register_net_sysctl(parms.net, `net/${directory(tbl.family)}/neigh/default`, neigh_sysctl_vars(parms, handler))
  return header === undefined ? ENOBUFS : undefined
}
/** The directories of devices; which of them are there their `listed` says. */
export function neigh_sysctl_register_net(net: net, family: number, table: number, handler?: handler): void {
  const dirs = new ctl_dirs(neigh_sysctl_names, neigh_sysctl_table, new neigh_sysctl_dirs(net, table, handler))
  register_net_sysctl_dirs(net, `net/${directory(family)}/neigh`, dirs)
}
function directory(family: number): string {
  return family === AF_INET ? 'ipv4' : 'ipv6'
}
