/** net/ipv6/ip6mr.c ip6mr_vif_seq_show, ipmr_mfc_seq_show: /proc/net/ip6_mr_vif and ip6_mr_cache. */
import { RT_TABLE_MAIN } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { mr_count, mr_oifs, mr_parent } from '../ipv4/ipmr_proc.ts'

/** %pI6: eight groups of four digits. */
function groups(addr: Uint8Array): string {
  return Array.from({ length: 8 }, (_, i) => ((addr[i * 2] << 8) | addr[i * 2 + 1]).toString(16).padStart(4, '0')).join(':')
}
export function ip6mr_vif_seq_show(net: net): string {
  let out = 'Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n'
  net.ipv6.mr6_tables.get(RT_TABLE_MAIN)?.vif_table.forEach((v, vifi) => {
    if (v === undefined) return
    const counts = `${mr_count(v.bytes_in, 8)} ${mr_count(v.pkt_in, 7)}  ${mr_count(v.bytes_out, 8)} ${mr_count(v.pkt_out, 7)}`
    out += `${String(vifi).padStart(2)} ${v.dev.name.padEnd(10)} ${counts} ${v.flags.toString(16).toUpperCase().padStart(5, '0')}\n`
  })
  return out
}
export function ip6mr_mfc_seq_show(net: net): string {
  const mrt = net.ipv6.mr6_tables.get(RT_TABLE_MAIN)
  let out = 'Group                            Origin                           Iif      Pkts  Bytes     Wrong  Oifs\n'
  if (mrt === undefined) return out
  for (const c of [...mrt.mfc_cache_list, ...mrt.mfc_unres_queue]) {
    const counts = [c.pkt, c.bytes, c.wrong_if].map((n) => mr_count(n, 8)).join(' ')
    out += `${groups(c.group)} ${groups(c.origin)} ${mr_parent(c)} ${counts}${mr_oifs(mrt, c)}\n`
  }
  return out
}
