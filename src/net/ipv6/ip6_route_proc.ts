/** net/ipv6/ip6_fib.c ipv6_route_seq_show, route.c rt6_stats_seq_show: /proc/net/ipv6_route and rt6_stats. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import { hex } from '../../lib/bytes.ts'
import type { Errno } from '../../uapi/errno.ts'
import { in6addr_any } from '../../uapi/linux/in6.ts'
import { RTF_NONEXTHOP } from '../../uapi/linux/ipv6_route.ts'
import { RTF_GATEWAY, RTF_REJECT } from '../../uapi/linux/route.ts'
import type { net } from '../core/net_namespace.ts'
import { fib6_tables_ordered } from './ip6_fib.ts'
import type { fib6_info } from './ip6_fib_info.ts'
import { fib6_info_nh } from './ip6_fib_nexthop.ts'
import { fib6_first_node, fib6_next_node, type fib6_node } from './ip6_fib_node.ts'

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
function prefix(addr: Uint8Array, plen: number): string {
  return `${hex(addr)} ${plen.toString(16).padStart(2, '0')}`
}
function route_line(rt: fib6_info): string {
  const nh = fib6_info_nh(rt)
  const gateway = nh.fib_nh_gw_family !== 0
  const flags = rt.fib6_flags | (gateway ? RTF_GATEWAY : 0)
  const tail = [hex8(rt.fib6_metric), hex8(rt.fib6_ref), hex8(0), hex8(flags), (nh.fib_nh_dev?.name ?? '').padStart(8)].join(' ')
  return `${prefix(rt.fib6_dst, rt.fib6_dst_plen)} ${prefix(rt.fib6_src, rt.fib6_src_plen)} ${hex(nh.fib_nh_gw6)} ${tail}\n`
}
/** The null entry, which a table without a default route ends with; tries of sources refer to it. */
function null_line(net: net): string {
  const any = prefix(in6addr_any, 0)
  const tail = [
    hex8(0xffffffff),
    hex8(1 + net.ipv6.fib6.subtrees),
    hex8(0),
    hex8(RTF_REJECT | RTF_NONEXTHOP),
    net.loopback_dev.name.padStart(8),
  ].join(' ')
  return `${any} ${any} ${hex(in6addr_any)} ${tail}\n`
}

/** Table by table in a dump's order; of a multipath route each hop. */
export function ipv6_route_seq_show(net: net): string {
  let out = ''
  for (const tb of fib6_tables_ordered(net)) {
    for (let n: fib6_node | undefined = fib6_first_node(tb.tb6_root); n !== undefined; n = fib6_next_node(n)) {
      for (const rt of n.leaf) out += route_line(rt)
    }
    if (tb.tb6_root.leaf.length === 0) out += null_line(net)
  }
  return out
}

export function rt6_stats_seq_show(net: net): string {
  const s = net.ipv6.fib6.rt6_stats
  const list = [s.fib_nodes, s.fib_route_nodes, s.fib_rt_alloc, s.fib_rt_entries, s.fib_rt_cache, s.dst_entries, s.fib_discarded_routes]
  return `${list.map((v) => v.toString(16).padStart(4, '0')).join(' ')}\n`
}

export function ip6_route_proc_init(net: net): Errno | undefined {
  proc_create(net, 'ipv6_route', ipv6_route_seq_show)
  proc_create(net, 'rt6_stats', rt6_stats_seq_show)
  return undefined
}
export function ip6_route_proc_exit(net: net): void {
  remove_proc_entry(net, 'ipv6_route')
  remove_proc_entry(net, 'rt6_stats')
}
