/** net/ipv4/ipmr.c ipmr_vif_seq_show, ipmr_mfc_seq_show: /proc/net/ip_mr_vif and ip_mr_cache. */
import { get32 } from '../../lib/bytes.ts'
import { RT_TABLE_DEFAULT } from '../../uapi/linux/rtnetlink.ts'
import type { net } from '../core/net_namespace.ts'
import { type mr_mfc, type mr_table, mr_unresolved } from './ipmr_base.ts'

/** An address as a number in the host's order, as these files have always shown it. */
function hex8(addr: Uint8Array): string {
  return get32(addr, 0).toString(16).toUpperCase().padStart(8, '0')
}
export function mr_count(value: number, width: number): string {
  return String(value).padStart(width)
}
/** " 2:1": interfaces that packets of the entry go out by, and how many hops they need. */
export function mr_oifs(mrt: mr_table, c: mr_mfc): string {
  let out = ''
  for (let n = c.minvif; n < c.maxvif; n++) {
    if (mrt.vif_table[n] !== undefined && c.ttls[n] < 255) out += ` ${String(n).padStart(2)}:${String(c.ttls[n]).padEnd(3)}`
  }
  return out
}
/** mfc_parent is shown as a signed number of 16 bits. */
export function mr_parent(c: mr_mfc): string {
  return String(mr_unresolved(c) ? -1 : c.parent).padEnd(3)
}
export function ipmr_vif_seq_show(net: net): string {
  const mrt = net.ipv4.mr_tables.get(RT_TABLE_DEFAULT)
  let out = 'Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote\n'
  mrt?.vif_table.forEach((v, vifi) => {
    if (v === undefined) return
    const counts = `${mr_count(v.bytes_in, 8)} ${mr_count(v.pkt_in, 7)}  ${mr_count(v.bytes_out, 8)} ${mr_count(v.pkt_out, 7)}`
    const flags = v.flags.toString(16).toUpperCase().padStart(5, '0')
    out += `${String(vifi).padStart(2)} ${v.dev.name.padEnd(10)} ${counts} ${flags} ${hex8(v.local)} ${hex8(v.remote)}\n`
  })
  return out
}
export function ipmr_mfc_seq_show(net: net): string {
  const mrt = net.ipv4.mr_tables.get(RT_TABLE_DEFAULT)
  let out = 'Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n'
  if (mrt === undefined) return out
  for (const c of [...mrt.mfc_cache_list, ...mrt.mfc_unres_queue]) {
    const counts = [c.pkt, c.bytes, c.wrong_if].map((n) => mr_count(n, 8)).join(' ')
    out += `${hex8(c.group)} ${hex8(c.origin)} ${mr_parent(c)} ${counts}${mr_oifs(mrt, c)}\n`
  }
  return out
}
