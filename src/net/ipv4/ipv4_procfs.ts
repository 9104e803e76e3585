/** net/ipv4: /proc/net/route (fib_trie.c) and igmp (igmp.c). */
import { getBe32 } from '../../lib/bytes.ts'
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NSEC_PER_SEC, timer_pending, USER_HZ } from '../../kernel/time.ts'
import type { Errno } from '../../uapi/errno.ts'
import { inet_make_mask } from '../../uapi/linux/in.ts'
import {
  RT_TABLE_MAIN,
  RTAX_ADVMSS,
  RTAX_RTT,
  RTAX_WINDOW,
  RTN_BROADCAST,
  RTN_MULTICAST,
  RTN_PROHIBIT,
  RTN_UNREACHABLE,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { fib_get_table } from './fib_tables.ts'
import { mcf_seq_lines } from './mc_filter.ts'
import { igmp_v1_seen, igmp_v2_seen, type ip_mc_list } from './igmp_report.ts'
import type { in_device } from './in_device.ts'
import { fib_info_nhc } from './fib_semantics.ts'
import { fib_each_alias } from './fib_trie_alias.ts'
import type { fib_rt_info } from './fib_rt_info.ts'

const RTF_UP = 0x0001
const RTF_GATEWAY = 0x0002
const RTF_HOST = 0x0004
const RTF_REJECT = 0x0200
/** Lines of /proc/net/route are padded to this (seq_setwidth), the newline behind it. */
const ROUTE_WIDTH = 127

/** A big-endian address as a little-endian machine prints it with %08X. */
function raw_be32(addr: number): string {
  const swapped = ((addr & 0xff) << 24) | ((addr & 0xff00) << 8) | ((addr >>> 8) & 0xff00) | (addr >>> 24)
  return (swapped >>> 0).toString(16).toUpperCase().padStart(8, '0')
}

/** The main table, addresses ascending, without broadcast and multicast. */
export function fib_route_seq_show(net: net): string {
  let out = `${'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'.padEnd(ROUTE_WIDTH)}\n`
  const table = fib_get_table(net, RT_TABLE_MAIN)
  if (table === undefined) return out
  fib_each_alias(table, (fri) => {
    if (fri.type !== RTN_BROADCAST && fri.type !== RTN_MULTICAST) out += route_line(fri)
  })
  return out
}

/** fib_flag_trans(): the first four bytes of an IPv6 gateway count as well, though no column shows them. */
function route_flags({ fi, type, dst_len }: fib_rt_info): number {
  const reject = type === RTN_UNREACHABLE || type === RTN_PROHIBIT ? RTF_REJECT : 0
  const nh = fib_info_nhc(fi, 0)
  const gateway = nh?.fib_nh_gw_family === AF_INET6 ? nh.fib_nh_gw6 !== undefined && getBe32(nh.fib_nh_gw6, 0) !== 0 : nh?.fib_nh_gw4
  return RTF_UP | reject | (gateway ? RTF_GATEWAY : 0) | (dst_len === 32 ? RTF_HOST : 0)
}
function route_line(fri: fib_rt_info): string {
  const { fib_priority, fib_metrics } = fri.fi
  const nh = fib_info_nhc(fri.fi, 0)
  const metric = (nr: number) => fib_metrics?.metrics[nr] ?? 0
  const advmss = metric(RTAX_ADVMSS.nr)
  const columns = [
    nh?.fib_nh_dev?.name ?? '*',
    raw_be32(fri.dst),
    raw_be32(nh?.fib_nh_gw4 ?? 0),
    route_flags(fri).toString(16).toUpperCase().padStart(4, '0'),
    0,
    0,
    fib_priority | 0,
    raw_be32(inet_make_mask(fri.dst_len)),
    advmss === 0 ? 0 : advmss + 40,
    metric(RTAX_WINDOW.nr),
    metric(RTAX_RTT.nr) >>> 3,
  ]
  return `${columns.join('\t').padEnd(ROUTE_WIDTH)}\n`
}

/** Of the querier that is taken to be there. */
function version(in_dev: in_device): string {
  if (in_dev.igmp === undefined) return 'V3'
  return igmp_v1_seen(in_dev) ? 'V1' : igmp_v2_seen(in_dev) ? 'V2' : 'V3'
}
/** A group's line: its timer, when one runs, in hundredths of a second. */
function group_line({ multiaddr, users, timer, reporter }: ip_mc_list): string {
  const running = timer_pending(timer)
  const left = running ? Math.max(0, Math.floor((timer.expires - timer.queue.now) / (NSEC_PER_SEC / USER_HZ))) : 0
  const clock = left.toString(16).toUpperCase().padStart(8, '0')
  return `\t\t\t\t${raw_be32(multiaddr)} ${String(users).padStart(5)} ${running ? 1 : 0}:${clock}\t\t${reporter ? 1 : 0}\n`
}
/** Groups by device, the latest joined first. */
export function igmp_mc_seq_show(net: net): string {
  let out = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n'
  for (const { ifindex, name, ip_ptr } of net.dev_base_head) {
    if (ip_ptr === undefined || ip_ptr.mc_list.size === 0) continue
    out += `${ifindex}\t${name.padEnd(10)}: ${String(ip_ptr.mc_list.size).padStart(5)} ${version(ip_ptr).padStart(7)}\n`
    for (const im of [...ip_ptr.mc_list.values()].reverse()) out += group_line(im)
  }
  return out
}

/** The sources that users of a group include or exclude. */
export function igmp_mcf_seq_show(net: net): string {
  let out = 'Idx Device        MCA        SRC    INC    EXC\n'
  const hex = (addr: number) => `0x${addr.toString(16).padStart(8, '0')}`
  for (const dev of net.dev_base_head) {
    for (const { multiaddr, filter } of [...(dev.ip_ptr?.mc_list.values() ?? [])].reverse())
      out += mcf_seq_lines(filter, dev, hex(multiaddr), (addr) => hex(getBe32(addr, 0)))
  }
  return out
}

function ipv4_proc_net_init(net: net): Errno | undefined {
  proc_create(net, 'mcfilter', igmp_mcf_seq_show)
  proc_create(net, 'igmp', igmp_mc_seq_show)
  proc_create(net, 'route', fib_route_seq_show)
  return undefined
}
function ipv4_proc_net_exit(net: net): void {
  for (const name of ['route', 'igmp', 'mcfilter']) remove_proc_entry(net, name)
}
export const ipv4_proc_ops: pernet_operations = { name: 'ipv4_proc_ops', init: ipv4_proc_net_init, exit: ipv4_proc_net_exit }

/** Called from inet_init(). */
export function ipv4_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ipv4_proc_ops)
}
