/** net/ipv6: /proc/net/if_inet6 (addrconf.c), igmp6 and mcfilter6 (mcast.c), anycast6 (anycast.c). */
import { mcf_seq_lines } from '../ipv4/mc_filter.ts'
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { NSEC_PER_JIFFY, NSEC_PER_SEC, USER_HZ } from '../../kernel/time.ts'
import { hex } from '../../lib/bytes.ts'
import type { Errno } from '../../uapi/errno.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { type ifmcaddr6, MAF_TIMER_RUNNING } from './if_inet6.ts'

function x2(value: number): string {
  return value.toString(16).padStart(2, '0')
}
/** DIVERGES: Linux's order is that of a hash seeded at boot; here addresses stand in the order in which each was first used. */
export function if6_seq_show(net: net): string {
  let out = ''
  for (const { addr, idev, prefix_len, scope, flags } of [...net.ipv6.inet6_addr_lst.values()].flat()) {
    const { ifindex, name } = idev.dev
    out += `${hex(addr)} ${x2(ifindex)} ${x2(prefix_len)} ${x2(scope)} ${x2(flags & 0xff)} ${name.padStart(8)}\n`
  }
  return out
}
export function igmp6_mc_seq_show(net: net): string {
  let out = ''
  for (const { ifindex, name, ip6_ptr } of net.dev_base_head) {
    for (const mc of ip6_ptr?.mc_list ?? []) {
      const flags = mc.mca_flags.toString(16).toUpperCase().padStart(8, '0')
      const group = `${hex(mc.mca_addr)} ${String(mc.mca_users).padStart(5)} ${flags}`
      out += `${String(ifindex).padEnd(4)} ${name.padEnd(15)} ${group} ${report_due(mc)}\n`
    }
  }
  return out
}
/** Hundredths of a second. A report that was called off as the device went down leaves a time gone by, printed without a sign. */
function report_due({ mca_flags, mca_work }: ifmcaddr6): bigint {
  if (!(mca_flags & MAF_TIMER_RUNNING) || mca_work === undefined) return 0n
  const { expires, queue } = mca_work.timer
  const ns = BigInt.asUintN(64, BigInt(Math.ceil((expires - queue.now) / NSEC_PER_JIFFY) * NSEC_PER_JIFFY))
  return ns / BigInt(NSEC_PER_SEC / USER_HZ)
}
/** Groups are joined for all sources: a header, when there is anything to be under it. */
export function igmp6_mcf_seq_show(net: net): string {
  let out = 'Idx Device                Multicast Address                   Source Address    INC    EXC\n'
  for (const dev of net.dev_base_head) {
    for (const { mca_addr, mca_filter } of dev.ip6_ptr?.mc_list ?? []) out += mcf_seq_lines(mca_filter, dev, hex(mca_addr), hex)
  }
  return out
}
export function ac6_seq_show(net: net): string {
  let out = ''
  for (const { ifindex, name, ip6_ptr } of net.dev_base_head) {
    for (const { aca_addr, aca_users } of ip6_ptr?.ac_list ?? []) {
      out += `${String(ifindex).padEnd(4)} ${name.padEnd(15)} ${hex(aca_addr)} ${String(aca_users).padStart(5)}\n`
    }
  }
  return out
}

const files = ['if_inet6', 'igmp6', 'mcfilter6', 'anycast6']
export function if6_proc_net_init(net: net): Errno | undefined {
  proc_create(net, 'if_inet6', if6_seq_show)
  proc_create(net, 'igmp6', igmp6_mc_seq_show)
  proc_create(net, 'mcfilter6', igmp6_mcf_seq_show)
  proc_create(net, 'anycast6', ac6_seq_show)
  return undefined
}
export function if6_proc_net_exit(net: net): void {
  for (const name of files) remove_proc_entry(net, name)
}
export const if6_proc_net_ops: pernet_operations = { name: 'if6_proc_net_ops', init: if6_proc_net_init, exit: if6_proc_net_exit }
export function if6_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, if6_proc_net_ops)
}
