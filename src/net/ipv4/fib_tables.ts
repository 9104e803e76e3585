/** net/ipv4/fib_frontend.c: the tables of a namespace, and what an address is according to them. */
import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet } from '../../uapi/linux/in.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTN_BROADCAST, RTN_MULTICAST, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_fib_table } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { fib_result, fib_table_lookup, flowi4 } from './fib_lookup.ts'
import { fib_table, trie } from './fib_trie.ts'

/** Table numbers share 256 buckets; a dump goes bucket by bucket, the newest table of a bucket first. */
export const FIB_TABLE_HASHSZ = 256

export function fib_get_table(net: net, id: number): fib_table | undefined {
  return net.ipv4.fib_tables.get(id === 0 ? RT_TABLE_MAIN : id)
}
/** Makes a table. Local shares main's trie while no rules but the default ones choose tables. */
export function fib_new_table(net: net, id: number): fib_table {
  const found = fib_get_table(net, id)
  if (found !== undefined) return found
  const wanted = id === 0 ? RT_TABLE_MAIN : id
  const shared = wanted === RT_TABLE_LOCAL && !net.ipv4.fib_has_custom_rules ? fib_new_table(net, RT_TABLE_MAIN).trie : undefined
  const tb = new fib_table(wanted, shared ?? new trie(net.ipv4.fib_infos))
  net.ipv4.fib_tables.set(wanted, tb)
  return tb
}
/** All tables in the order of a dump. */
export function fib_tables_ordered(net: net): fib_table[] {
  const made = [...net.ipv4.fib_tables.values()]
  const bucket = (tb: fib_table) => tb.tb_id & (FIB_TABLE_HASHSZ - 1)
  return made
    .map((tb, i) => ({ tb, i }))
    .sort((a, b) => bucket(a.tb) - bucket(b.tb) || b.i - a.i)
    .map(({ tb }) => tb)
}

/** RTN_* of an address as if only `dev` were there; undefined: all devices (__inet_dev_addr_type). */
function dev_addr_type(net: net, dev: net_device | undefined, addr: number, tb_id: number): number {
  if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return RTN_BROADCAST
  if (ipv4_is_multicast(addr)) return RTN_MULTICAST
  const tb = fib_get_table(net, tb_id)
  if (tb === undefined) return RTN_BROADCAST
  const res = new fib_result()
  if (fib_table_lookup(tb, new flowi4(addr), res, 0) !== undefined) return RTN_UNICAST
  return dev === undefined || dev === res.nh?.fib_nh_dev ? res.type : RTN_UNICAST
}
export function inet_addr_type_table(net: net, addr: number, tb_id: number): number {
  return dev_addr_type(net, undefined, addr, tb_id)
}
export function inet_addr_type(net: net, addr: number): number {
  return dev_addr_type(net, undefined, addr, RT_TABLE_LOCAL)
}
export function inet_dev_addr_type(net: net, dev: net_device, addr: number): number {
  return dev_addr_type(net, dev, addr, RT_TABLE_LOCAL)
}
/** The same by the table of the device's layer-3 master: a VRF keeps its local addresses there. */
export function inet_addr_type_dev_table(net: net, dev: net_device, addr: number): number {
  return dev_addr_type(net, undefined, addr, l3mdev_fib_table(dev) || RT_TABLE_LOCAL)
}
