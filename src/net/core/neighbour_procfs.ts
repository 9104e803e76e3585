/** net/core/neighbour.c neigh_stat_seq_show: /proc/net/stat/{arp_cache,ndisc_cache} of the first namespace. */
import { proc_create, proc_mkdir, proc_net_root } from '../../fs/proc_net.ts'
import type { neigh_table } from './neighbour.ts'
import { neigh_gc_arm } from './neighbour_gc.ts'
import type { net } from './net_namespace.ts'

const header = [
  'entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast ',
  'periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n',
].join('')

/** A line a CPU; all that happens is counted on the first. */
export function neigh_stat_seq_show(net: net, tbl: neigh_table): string {
  neigh_gc_arm(tbl)
  const x = (n: number) => (n >>> 0).toString(16).padStart(8, '0')
  let out = header
  for (let cpu = 0; cpu < net.kernel.params.nr_cpus; cpu++) {
    const st = cpu === 0 ? tbl.stats : new Proxy({} as neigh_table['stats'], { get: () => 0 })
    out +=
      `${x(tbl.entries)} ${x(st.allocs)} ${x(st.destroys)} ${x(st.hash_grows)}   ${x(st.lookups)} ${x(st.hits)} ${x(st.res_failed)}   ` +
      `${x(st.rcv_probes_mcast)}         ${x(st.rcv_probes_ucast)}         ${x(st.periodic_gc_runs)}         ` +
      `${x(st.forced_gc_runs)}       ${x(st.unres_discards)}            ${x(st.table_fulls)}\n`
  }
  return out
}

/** Called when the table begins. */
export function neigh_stat_create(tbl: neigh_table): void {
  const { init_net } = tbl.kernel
  const parent = proc_net_root(init_net).subdir.get('stat') ?? proc_mkdir(init_net, 'stat')
  proc_create(init_net, tbl.proto.id, neigh_stat_seq_show, { parent, data: tbl })
}
