/** net/ipv4/arp.c arp_seq_show: /proc/net/arp, what `arp` reads. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NUD_NOARP, NUD_PERMANENT } from '../../uapi/linux/neighbour.ts'
import { ATF_COM, ATF_PERM, ATF_PUBL } from '../../uapi/linux/if_arp.ts'
import { type neighbour, NEIGH_ARP_TABLE, NUD_VALID, type pneigh_entry } from '../core/neighbour.ts'
import { neigh_each } from '../core/neighbour_table.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'

/** As the Flags column and arpreq have the state. */
export function arp_state_to_flags(neigh: neighbour): number {
  if (neigh.nud_state & NUD_PERMANENT) return ATF_PERM | ATF_COM
  return neigh.nud_state & NUD_VALID ? ATF_COM : 0
}

function line(key: Uint8Array, hatype: number, flags: number, address: string, device: string): string {
  const columns = `${key.join('.').padEnd(16)} 0x${hatype.toString(16).padEnd(10)}0x${flags.toString(16).padEnd(10)}`
  return `${columns}${address}     *        ${device}\n`
}
function neigh_line(n: neighbour): string {
  // nine bytes are all that the column's buffer holds
  const address = Array.from(n.ha.subarray(0, Math.min(n.dev.addr_len, 9)), (b) => b.toString(16).padStart(2, '0')).join(':')
  return line(n.primary_key, n.dev.type, arp_state_to_flags(n), address.padEnd(17), n.dev.name)
}
function pneigh_line(n: pneigh_entry): string {
  return line(n.key, n.dev?.type ?? 0, ATF_PUBL | ATF_PERM, '00:00:00:00:00:00', n.dev?.name ?? '*')
}

/** Entries that need no resolution are left out, so that `arp -a` is not confused by them. */
export function arp_seq_show(net: net): string {
  let out = 'IP address       HW type     Flags       HW address            Mask     Device\n'
  const tbl = net.kernel.neigh.tables[NEIGH_ARP_TABLE]
  if (tbl === undefined) return out
  for (const n of neigh_each(tbl)) if (n.dev.nd_net === net && n.nud_state & ~NUD_NOARP) out += neigh_line(n)
  for (const chain of tbl.phash_buckets) for (const pn of chain) if (pn.net === net) out += pneigh_line(pn)
  return out
}

function arp_net_init(net: net): undefined {
  proc_create(net, 'arp', arp_seq_show)
}
function arp_net_exit(net: net): void {
  remove_proc_entry(net, 'arp')
}
export const arp_net_ops: pernet_operations = { name: 'arp_net_ops', init: arp_net_init, exit: arp_net_exit }
export function arp_proc_init(kernel: Kernel): void {
  register_pernet_subsys(kernel, arp_net_ops)
}
