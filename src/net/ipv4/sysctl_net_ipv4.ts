/**
 * net/ipv4/sysctl_net_ipv4.c: /proc/sys/net/ipv4 of a namespace, with the variables that nothing reads yet: these are kept
 * and shown, and each write counts as unsupported. Defaults are those of a Linux with 512 MB.
 */
import { type ctl_buffer, type ctl_table, register_net_sysctl, unregister_net_sysctl_table } from '../../fs/proc_sysctl.ts'
import {
  proc_dointvec,
  proc_dointvec_jiffies,
  proc_dointvec_minmax,
  proc_dointvec_ms_jiffies,
  proc_dou8vec_minmax,
  proc_douintvec,
  proc_douintvec_minmax,
} from '../../fs/sysctl.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import { EINVAL, ENOENT, type Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { proc_frag_high_thresh, proc_frag_low_thresh } from './inet_fragment.ts'
import { ipv4_table_register } from './sysctl_ipv4_table.ts'

const INT_MAX = 0x7fffffff
const UINT_MAX = 0xffffffff
const EHASH_ENTRIES = 8192
const UDP_HASH_ENTRIES = 512
/** Values of the variables that nothing reads, by name. */
export type kept_sysctls = Record<string, number | number[] | string>

/** Name, value, and bounds where there are any. */
type row = readonly [name: string, value: number | readonly number[], min?: number, max?: number]

/** Those that packets are handled by. */
const read = new Set([
  'fwmark_reflect',
  'icmp_echo_enable_probe',
  'icmp_echo_ignore_all',
  'icmp_echo_ignore_broadcasts',
  'icmp_errors_use_inbound_ifaddr',
  'icmp_ignore_bogus_error_responses',
  'ip_forward_use_pmtu',
  'ipfrag_max_dist',
  'ip_no_pmtu_disc',
  'raw_l3mdev_accept',
  'tcp_l3mdev_accept',
  'udp_l3mdev_accept',
])

/** proc_dou8vec_minmax() */
const u8_rows: readonly row[] = [
  ['fwmark_reflect', 0],
  ['icmp_echo_enable_probe', 0, 0, 1],
  ['icmp_echo_ignore_all', 0, 0, 1],
  ['icmp_echo_ignore_broadcasts', 1, 0, 1],
  ['icmp_errors_use_inbound_ifaddr', 0, 0, 1],
  ['icmp_ignore_bogus_error_responses', 1, 0, 1],
  ['ip_autobind_reuse', 0, 0, 1],
  ['ip_dynaddr', 0],
  ['ip_early_demux', 1],
  ['ip_forward_update_priority', 1, 0, 1],
  ['ip_forward_use_pmtu', 0],
  ['ip_no_pmtu_disc', 0],
  ['raw_l3mdev_accept', 1, 0, 1],
  ['fib_notify_on_flag_change', 0, 0, 2],
  ['tcp_abort_on_overflow', 0],
  ['tcp_app_win', 31, 0, 31],
  ['tcp_autocorking', 1, 0, 1],
  ['tcp_backlog_ack_defer', 1, 0, 1],
  ['tcp_comp_sack_nr', 44, 0],
  ['tcp_dsack', 1],
  ['tcp_early_demux', 1],
  ['tcp_early_retrans', 3, 0, 4],
  ['tcp_ecn', 2, 0, 2],
  ['tcp_ecn_fallback', 1, 0, 1],
  ['tcp_frto', 2],
  ['tcp_fwmark_accept', 0],
  ['tcp_keepalive_probes', 9],
  ['tcp_l3mdev_accept', 0, 0, 1],
  ['tcp_migrate_req', 0, 0, 1],
  ['tcp_min_tso_segs', 2, 1],
  ['tcp_moderate_rcvbuf', 1],
  ['tcp_mtu_probing', 0],
  ['tcp_no_metrics_save', 0],
  ['tcp_no_ssthresh_metrics_save', 1, 0, 1],
  ['tcp_orphan_retries', 0],
  ['tcp_pingpong_thresh', 1, 1],
  ['tcp_plb_enabled', 0, 0, 1],
  ['tcp_plb_idle_rehash_rounds', 3, 0, 31],
  ['tcp_plb_rehash_rounds', 12, 0, 31],
  ['tcp_plb_suspend_rto_sec', 60],
  ['tcp_recovery', 1],
  ['tcp_reflect_tos', 0, 0, 1],
  ['tcp_retrans_collapse', 1],
  ['tcp_retries1', 3, 0, 255],
  ['tcp_retries2', 15],
  ['tcp_rfc1337', 0],
  ['tcp_sack', 1],
  ['tcp_shrink_window', 0, 0, 1],
  ['tcp_slow_start_after_idle', 1],
  ['tcp_stdurg', 0],
  ['tcp_syn_linear_timeouts', 4, 0, 127],
  ['tcp_syn_retries', 6, 1, 127],
  ['tcp_synack_retries', 5],
  ['tcp_syncookies', 1],
  ['tcp_thin_linear_timeouts', 0],
  ['tcp_timestamps', 1],
  ['tcp_tso_rtt_log', 9],
  ['tcp_tso_win_divisor', 3],
  ['tcp_tw_reuse', 2, 0, 2],
  ['tcp_window_scaling', 1],
  ['tcp_workaround_signed_windows', 0],
  ['udp_early_demux', 1],
  ['udp_l3mdev_accept', 0, 0, 1],
  ['tcp_fack', 0],
]
/** proc_dointvec(), proc_dointvec_minmax() */
const int_rows: readonly row[] = [
  ['ipfrag_max_dist', 64, 0],
  ['tcp_adv_win_scale', 1, -31, 31],
  ['tcp_base_mss', 1024],
  ['tcp_challenge_ack_limit', INT_MAX],
  ['tcp_fastopen', 1],
  ['tcp_fastopen_blackhole_timeout_sec', 0, 0],
  ['tcp_limit_output_bytes', 1048576],
  ['tcp_max_reordering', 300],
  ['tcp_max_syn_backlog', 128],
  ['tcp_max_tw_buckets', 4096],
  ['tcp_min_rtt_wlen', 300, 0, 86400],
  ['tcp_min_snd_mss', 48, 48, 65535],
  ['tcp_mtu_probe_floor', 48, 48, 65535],
  ['tcp_pacing_ca_ratio', 120, 0, 1000],
  ['tcp_pacing_ss_ratio', 200, 0, 1000],
  ['tcp_plb_cong_thresh', 128, 0, 256],
  ['tcp_probe_threshold', 8],
  ['tcp_reordering', 3],
  ['tcp_rto_min_us', 200000, 1],
  ['tcp_rmem', [4096, 131072, 4944672], 1],
  ['tcp_wmem', [4096, 16384, 4194304], 1],
  ['udp_rmem_min', 4096, 4096],
  ['udp_wmem_min', 4096, 4096],
  ['xfrm4_gc_thresh', 32768],
]
const uint_rows: readonly row[] = [
  ['tcp_child_ehash_entries', 0, 0, 16777216],
  ['tcp_notsent_lowat', UINT_MAX],
  ['tcp_probe_interval', 600, 0, UINT_MAX],
  ['udp_child_hash_entries', 0, 0, 65536],
  ['tcp_comp_sack_delay_ns', 1000000],
  ['tcp_comp_sack_slack_ns', 100000],
]
/** In seconds outside. */
const jiffies_rows: readonly row[] = [
  ['tcp_fin_timeout', 60 * HZ],
  ['tcp_keepalive_intvl', 75 * HZ],
  ['tcp_keepalive_time', 7200 * HZ],
]

/** congestion controls that the kernel has */
const ALGORITHMS = ['reno', 'cubic']

export function kept_defaults(): kept_sysctls {
  const kept: kept_sysctls = {
    tcp_congestion_control: 'cubic',
    tcp_fastopen_key: '00000000-00000000-00000000-00000000',
    tcp_invalid_ratelimit: HZ / 2,
    ip_local_reserved_ports: '',
  }
  for (const [name, value] of [...u8_rows, ...int_rows, ...uint_rows, ...jiffies_rows])
    kept[name] = typeof value === 'number' ? value : [...value]
  return kept
}

/** Both numbers or none, the first not above the second. */
export function proc_range(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const range = [...(ctl.data[ctl.key as string] as number[])]
  const error = proc_dointvec_minmax({ ...ctl, data: { range }, key: 'range', maxlen: 2 }, write, buf)
  if (!write || error !== undefined) return error
  if (range[1] < range[0]) return ctl.extra1 === 1 ? EINVAL : set_range(ctl, [1, 0])
  return set_range(ctl, range)
}
function set_range(ctl: ctl_table, range: number[]): undefined {
  const kept = ctl.data[ctl.key as string] as number[]
  ;[kept[0], kept[1]] = range
  return undefined
}
/** proc_do_large_bitmap(): lists of ports and ranges; what is not there is taken off. */
export function proc_ports(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (!write) {
    buf.text = `${ctl.data[ctl.key as string]}\n`
    return undefined
  }
  const ranges = bitmap_ranges(buf.text, 65535)
  if (ranges === undefined) return EINVAL
  ctl.data[ctl.key as string] = bitmap_text(ranges)
  buf.consumed = buf.text.length
  return undefined
}
/** What a list of numbers and ranges means, in order and without overlaps; undefined: it is none. */
export function bitmap_ranges(list: string, most: number): [number, number][] | undefined {
  const text = list.trim()
  const parts = text === '' ? [] : text.split(',')
  const ranges: [number, number][] = []
  for (const part of parts) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    const [low, high] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])]
    if (found === null || high > most || low > high) return undefined
    ranges.push([low, high])
  }
  return joined(ranges)
}
export function bitmap_text(ranges: readonly [number, number][]): string {
  return ranges.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(',')
}
function joined(ranges: [number, number][]): [number, number][] {
  const out: [number, number][] = []
  for (const [low, high] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else out.push([low, high])
  }
  return out
}
/** proc_tcp_congestion_control(): ENOENT when there is no such module. */
export function proc_congestion_control(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (!write) {
    buf.text = `${ctl.data[ctl.key as string]}\n`
    return undefined
  }
  const name = buf.text.trim()
  if (!ALGORITHMS.includes(name)) return ENOENT
  ctl.data[ctl.key as string] = name
  buf.consumed = buf.text.length
  return undefined
}
export function proc_algorithms(_ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (write) return EINVAL
  buf.text = `${ALGORITHMS.join(' ')}\n`
  return undefined
}
/** proc_tcp_fastopen_key(): shown, not taken. */
export function proc_shown(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  if (write) return EINVAL
  buf.text = `${ctl.data[ctl.key as string]}\n`
  return undefined
}
/** proc_tcp_ehash_entries(), proc_udp_hash_entries(): below zero in a namespace that uses the first one's table. */
export function proc_hash_entries(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { kernel } = ctl.data as net
  const entries = ctl.data === kernel.init_net ? ctl.extra1 : -ctl.extra1
  return proc_dointvec({ ...ctl, data: { entries }, key: 'entries' }, write, buf)
}
/** ipv4_privileged_ports(): not above the range that is given out. */
export function ipv4_privileged_ports(ctl: ctl_table, write: boolean, buf: ctl_buffer): Errno | undefined {
  const { ip_local_ports, sysctl_ip_prot_sock } = ctl.data
  const value = { port: sysctl_ip_prot_sock as number }
  const error = proc_dointvec_minmax({ ...ctl, data: value, key: 'port' }, write, buf)
  if (!write || error !== undefined) return error
  if (value.port > ip_local_ports[0]) return EINVAL
  ctl.data.sysctl_ip_prot_sock = value.port
  return undefined
}

function kept_rows(net: net): ctl_table[] {
  const data = net.ipv4.kept_sysctls
  const file = (rows: readonly row[], proc_handler: ctl_table['proc_handler']): ctl_table[] =>
    rows.map(([procname, value, extra1, extra2]) => {
      const maxlen = typeof value === 'number' ? 1 : value.length
      return { procname, mode: 0o644, proc_handler, data, key: procname, maxlen, extra1, extra2, unread: !read.has(procname) }
    })
  return [
    ...file(u8_rows, proc_dou8vec_minmax),
    ...file(int_rows, proc_dointvec_minmax),
    ...file(uint_rows, proc_douintvec_minmax),
    ...file(jiffies_rows, proc_dointvec_jiffies),
  ]
}
type special = Pick<ctl_table, 'procname' | 'proc_handler'> & Partial<ctl_table>

/** Those of which somebody reads the value, and those with handlers of their own. */
function special_rows(net: net): special[] {
  const { ipv4 } = net
  const kept = ipv4.kept_sysctls
  const u8 = { proc_handler: proc_dou8vec_minmax, data: ipv4 }
  return [
    { procname: 'ip_default_ttl', key: 'sysctl_ip_default_ttl', ...u8, extra1: 1, extra2: 255 },
    { procname: 'ip_nonlocal_bind', key: 'sysctl_ip_nonlocal_bind', ...u8 },
    { procname: 'nexthop_compat_mode', key: 'sysctl_nexthop_compat_mode', ...u8, extra1: 0, extra2: 1 },
    { procname: 'fib_multipath_hash_policy', key: 'sysctl_fib_multipath_hash_policy', ...u8, extra1: 0, extra2: 3 },
    { procname: 'fib_multipath_use_neigh', key: 'sysctl_fib_multipath_use_neigh', ...u8, extra1: 0, extra2: 1 },
    {
      procname: 'ip_unprivileged_port_start',
      proc_handler: ipv4_privileged_ports,
      data: ipv4,
      key: 'sysctl_ip_prot_sock',
      extra1: 0,
      extra2: 65535,
    },
    { procname: 'ip_local_port_range', proc_handler: proc_range, data: ipv4, key: 'ip_local_ports', maxlen: 2, extra1: 1, extra2: 65535 },
    { procname: 'ping_group_range', proc_handler: proc_range, data: ipv4, key: 'ping_group_range', maxlen: 2, extra1: 0, extra2: INT_MAX },
    { procname: 'icmp_msgs_per_sec', proc_handler: proc_dointvec_minmax, data: ipv4.icmp_limits, key: 'msgs_per_sec', extra1: 0 },
    { procname: 'icmp_msgs_burst', proc_handler: proc_dointvec_minmax, data: ipv4.icmp_limits, key: 'msgs_burst', extra1: 0 },
    { procname: 'icmp_ratelimit', proc_handler: proc_dointvec_ms_jiffies, data: ipv4, key: 'sysctl_icmp_ratelimit' },
    { procname: 'ipfrag_time', proc_handler: proc_dointvec_jiffies, data: ipv4.frag_limits, key: 'time' },
    { procname: 'ipfrag_high_thresh', proc_handler: proc_frag_high_thresh, data: ipv4.frag_limits, key: 'high_thresh' },
    { procname: 'ipfrag_low_thresh', proc_handler: proc_frag_low_thresh, data: ipv4.frag_limits, key: 'low_thresh' },
    { procname: 'icmp_ratemask', proc_handler: proc_dointvec, data: ipv4, key: 'sysctl_icmp_ratemask' },
    { procname: 'igmp_max_memberships', proc_handler: proc_dointvec, data: ipv4, key: 'sysctl_igmp_max_memberships' },
    { procname: 'igmp_max_msf', proc_handler: proc_dointvec, data: ipv4, key: 'sysctl_igmp_max_msf' },
    { procname: 'igmp_qrv', proc_handler: proc_dointvec_minmax, data: ipv4, key: 'sysctl_igmp_qrv', extra1: 1 },
    { procname: 'igmp_link_local_mcast_reports', key: 'sysctl_igmp_llm_reports', ...u8 },
    {
      procname: 'fib_multipath_hash_fields',
      proc_handler: proc_douintvec_minmax,
      data: ipv4,
      key: 'fib_multipath_hash_fields',
      extra1: 1,
      extra2: 0xfff,
    },
    { procname: 'fib_multipath_hash_seed', proc_handler: proc_douintvec, data: ipv4, key: 'fib_multipath_hash_seed' },
    { procname: 'tcp_invalid_ratelimit', proc_handler: proc_dointvec_ms_jiffies, data: kept, key: 'tcp_invalid_ratelimit', unread: true },
    { procname: 'ip_local_reserved_ports', proc_handler: proc_ports, data: kept, key: 'ip_local_reserved_ports', unread: true },
    { procname: 'tcp_congestion_control', proc_handler: proc_congestion_control, data: kept, key: 'tcp_congestion_control', unread: true },
    { procname: 'tcp_available_congestion_control', mode: 0o444, proc_handler: proc_algorithms },
    { procname: 'tcp_allowed_congestion_control', mode: 0o444, proc_handler: proc_algorithms },
    { procname: 'tcp_fastopen_key', mode: 0o600, proc_handler: proc_shown, data: kept, key: 'tcp_fastopen_key' },
    { procname: 'tcp_ehash_entries', mode: 0o444, proc_handler: proc_hash_entries, data: net, extra1: EHASH_ENTRIES },
    { procname: 'udp_hash_entries', mode: 0o444, proc_handler: proc_hash_entries, data: net, extra1: UDP_HASH_ENTRIES },
  ]
}

export function ipv4_sysctl_init_net(net: net): Errno | undefined {
  const specials = special_rows(net).map((row) => ({ mode: 0o644, maxlen: 1, ...row }))
  net.ipv4.ipv4_hdr = register_net_sysctl(net, 'net/ipv4', [...kept_rows(net), ...specials])
  return undefined
}
export function ipv4_sysctl_exit_net(net: net): void {
  unregister_net_sysctl_table(net.ipv4.ipv4_hdr)
}
export const ipv4_sysctl_ops: pernet_operations = { name: 'ipv4_sysctl_ops', init: ipv4_sysctl_init_net, exit: ipv4_sysctl_exit_net }

/** Called from inet_init() (in Linux an fs_initcall of its own). */
export function sysctl_ipv4_init(kernel: Kernel): Errno | undefined {
  ipv4_table_register(kernel)
  return register_pernet_subsys(kernel, ipv4_sysctl_ops)
}
