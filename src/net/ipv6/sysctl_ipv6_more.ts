/**
 * net/ipv6/route.c ipv6_route_table, icmp.c ipv6_icmp_table, reassembly.c ip6_frags_ns_ctl_table and what other parts of
 * IPv6 register in /proc/sys/net/ipv6. What nothing reads is kept and shown, and each write counts as unsupported.
 */
import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import {
  proc_dointvec,
  proc_dointvec_jiffies,
  proc_dointvec_minmax,
  proc_dointvec_ms_jiffies,
  proc_dou8vec_minmax,
  proc_douintvec_minmax,
} from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { proc_frag_high_thresh, proc_frag_low_thresh } from '../ipv4/inet_fragment.ts'
import { bitmap_ranges, bitmap_text } from '../ipv4/sysctl_net_ipv4.ts'
import type { inet6_state } from './af_inet6.ts'
import { fib6_run_gc } from './ip6_fib_gc.ts'
import type { netns_ipv6 } from './netns_ipv6.ts'

type file = Omit<ctl_table, 'mode'> & { mode?: number }
const unread = true

/** flush: writing a number collects exceptions at once that have been idle as many jiffies; 0 and less: as the timer does. */
export function ipv6_sysctl_rtcache_flush(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const data = { delay: 0 }
  const error = proc_dointvec({ procname: 'flush', mode: 0o200, proc_handler: proc_dointvec, data, key: 'delay', maxlen: 1 }, write, buf)
  if (write && error === undefined) fib6_run_gc(ctl.data as net, Math.max(0, data.delay))
  return error
}
/** icmp.ratelimit: ms inside, jiffies outside and in between. */
export function icmpv6_ratelimit(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const data = { jiffies: Math.ceil((ctl.data.icmpv6_time * HZ) / 1000) }
  const error = proc_dointvec_ms_jiffies({ ...ctl, data, key: 'jiffies' }, write, buf)
  if (write && error === undefined) ctl.data.icmpv6_time = Math.trunc((data.jiffies * 1000) / HZ)
  return error
}
/** proc_do_large_bitmap() of types. */
export function icmpv6_ratemask(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { sysctl } = ctl.data as netns_ipv6
  if (!write) {
    buf.text = `${bitmap_text(sysctl.icmpv6_ratemask)}\n`
    return undefined
  }
  const ranges = bitmap_ranges(buf.text, ICMPV6_MSG_MAX)
  if (ranges === undefined) return EINVAL
  sysctl.icmpv6_ratemask = ranges
  buf.consumed = buf.text.length
  return undefined
}
const ICMPV6_MSG_MAX = 255

const IOAM6_WIDE_MAX = (1n << 56n) - 1n
/** proc_doulongvec_minmax() for a number of 56 bits. */
export function ioam6_id_wide(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (!write) {
    buf.text = `${ctl.data.ioam6_id_wide}\n`
    return undefined
  }
  const found = /^\s*(\d+)\s*$/.exec(buf.text)
  const value = BigInt(found?.[1] ?? -1)
  if (value < 0n || value > IOAM6_WIDE_MAX) return EINVAL
  ctl.data.ioam6_id_wide = value
  buf.consumed = buf.text.length
  return undefined
}

/** Values of the variables that nothing reads. */
export function kept_defaults6(): Record<string, number | bigint> {
  return {
    gc_elasticity: 9,
    gc_min_interval: HZ / 2,
    gc_thresh: 1024,
    gc_timeout: 60 * HZ,
    max_size: 0x7fffffff,
    min_adv_mss: 1220,
    seg6_flowlabel: 0,
    ioam6_id: 0xffffff,
    ioam6_id_wide: IOAM6_WIDE_MAX,
    xfrm6_gc_thresh: 32768,
  }
}

function route_table(net: net, kept: object): file[] {
  const row = (procname: string, proc_handler: ctl_table['proc_handler'], key = procname): file => ({
    procname,
    proc_handler,
    data: kept,
    key,
    unread,
  })
  return [
    { procname: 'flush', mode: 0o200, proc_handler: ipv6_sysctl_rtcache_flush, data: net },
    row('gc_thresh', proc_dointvec),
    row('max_size', proc_dointvec),
    row('gc_min_interval', proc_dointvec_jiffies),
    row('gc_timeout', proc_dointvec_jiffies),
    { procname: 'gc_interval', proc_handler: proc_dointvec_jiffies, data: net.ipv6.fib6, key: 'ip6_rt_gc_interval' },
    row('gc_elasticity', proc_dointvec),
    { procname: 'mtu_expires', proc_handler: proc_dointvec_jiffies, data: net.ipv6.fib6, key: 'ip6_rt_mtu_expires' },
    row('min_adv_mss', proc_dointvec),
    row('gc_min_interval_ms', proc_dointvec_ms_jiffies, 'gc_min_interval'),
    {
      procname: 'skip_notify_on_dev_down',
      proc_handler: proc_dou8vec_minmax,
      data: net.ipv6.fib6,
      key: 'skip_notify_on_dev_down',
      extra1: 0,
      extra2: 1,
    },
  ]
}
function icmp_table(net: net): file[] {
  const data = net.ipv6.sysctl
  const u8 = { proc_handler: proc_dou8vec_minmax, data }
  return [
    { procname: 'ratelimit', proc_handler: icmpv6_ratelimit, data, key: 'icmpv6_time' },
    { procname: 'echo_ignore_all', key: 'icmpv6_echo_ignore_all', ...u8 },
    { procname: 'echo_ignore_multicast', key: 'icmpv6_echo_ignore_multicast', ...u8 },
    { procname: 'echo_ignore_anycast', key: 'icmpv6_echo_ignore_anycast', ...u8 },
    { procname: 'ratemask', proc_handler: icmpv6_ratemask, data: net.ipv6 },
    { procname: 'error_anycast_as_unicast', key: 'icmpv6_error_anycast_as_unicast', ...u8, extra1: 0, extra2: 1 },
  ]
}
function other_table(kept: object, { sysctl, frag_limits: limits }: netns_ipv6): file[] {
  const row = (procname: string, proc_handler: ctl_table['proc_handler'], extra1?: number, extra2?: number): file => {
    return { procname, proc_handler, data: kept, key: procname, extra1, extra2, unread }
  }
  return [
    { procname: 'ip6frag_high_thresh', proc_handler: proc_frag_high_thresh, data: limits, key: 'high_thresh' },
    { procname: 'ip6frag_low_thresh', proc_handler: proc_frag_low_thresh, data: limits, key: 'low_thresh' },
    { procname: 'ip6frag_time', proc_handler: proc_dointvec_jiffies, data: limits, key: 'time' },
    {
      procname: 'fib_multipath_hash_policy',
      proc_handler: proc_dou8vec_minmax,
      data: sysctl,
      key: 'multipath_hash_policy',
      extra1: 0,
      extra2: 3,
    },
    {
      procname: 'fib_multipath_hash_fields',
      proc_handler: proc_douintvec_minmax,
      data: sysctl,
      key: 'multipath_hash_fields',
      extra1: 1,
      extra2: 0xfff,
    },
    row('seg6_flowlabel', proc_dointvec_minmax, -1, 1),
    row('ioam6_id', proc_douintvec_minmax, 0, 0xffffff),
    row('ioam6_id_wide', ioam6_id_wide),
    row('xfrm6_gc_thresh', proc_dointvec),
  ]
}

/** ipv6_rotable and ip6_frags_ctl_table: the host's, shown in its first namespace alone. */
function host_table(inet6: inet6_state): file[] {
  return [
    { procname: 'mld_max_msf', proc_handler: proc_dointvec, data: inet6, key: 'mld_max_msf' },
    { procname: 'mld_qrv', proc_handler: proc_dointvec_minmax, data: inet6, key: 'mld_qrv', extra1: 1 },
    { procname: 'calipso_cache_enable', proc_handler: proc_dointvec, data: inet6.calipso, key: 'cache_enable', unread },
    { procname: 'calipso_cache_bucket_size', proc_handler: proc_dointvec, data: inet6.calipso, key: 'cache_bucket_size', unread },
    // nothing in Linux reads it
    { procname: 'ip6frag_secret_interval', proc_handler: proc_dointvec_jiffies, data: inet6, key: 'ip6frag_secret_interval' },
  ]
}

export function ipv6_sysctl_more_init_net(net: net): Errno | undefined {
  const kept = kept_defaults6()
  const add = (path: string, table: file[]) => {
    const header = register_net_sysctl(
      net,
      path,
      table.map((row) => ({ mode: 0o644, maxlen: 1, ...row })),
    )
    if (header !== undefined) net.ipv6.more_sysctls.push(header)
  }
  add('net/ipv6/route', route_table(net, kept))
  add('net/ipv6/icmp', icmp_table(net))
  add('net/ipv6', other_table(kept, net.ipv6))
  const { init_net, inet6 } = net.kernel
  if (net === init_net && inet6 !== undefined) add('net/ipv6', host_table(inet6))
  return undefined
}
export function ipv6_sysctl_more_exit_net(net: net): void {
  for (const header of net.ipv6.more_sysctls.splice(0)) unregister_net_sysctl_table(header)
}
export const ipv6_sysctl_more_ops: pernet_operations = {
  name: 'ipv6_sysctl_more_ops',
  init: ipv6_sysctl_more_init_net,
  exit: ipv6_sysctl_more_exit_net,
}
/** Called from inet6_init(). */
export function ipv6_sysctl_more_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ipv6_sysctl_more_ops)
}
