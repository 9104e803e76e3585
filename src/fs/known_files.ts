/** Which files Linux 6.12 has: what is missing of them is not built, what is missing beyond them does not exist. */
import type { Kernel } from '../kernel/kernel.ts'

/** Names in /proc/net of a Debian host without further modules. */
const proc_net: ReadonlySet<string> = new Set([
  'arp',
  'connector',
  'dev',
  'dev_mcast',
  'fib_trie',
  'fib_triestat',
  'icmp',
  'igmp',
  'ip_mr_cache',
  'ip_mr_vif',
  'mcfilter',
  'netfilter',
  'netlink',
  'netstat',
  'packet',
  'protocols',
  'psched',
  'ptype',
  'raw',
  'route',
  'rt_acct',
  'rt_cache',
  'snmp',
  'sockstat',
  'softnet_stat',
  'stat',
  'tcp',
  'udp',
  'udplite',
  'unix',
  'wireless',
  'xfrm_stat',
])
/** Those that come with IPv6, and are gone under ipv6.disable=1. */
const proc_net_ipv6: ReadonlySet<string> = new Set([
  'anycast6',
  'dev_snmp6',
  'icmp6',
  'if_inet6',
  'igmp6',
  'ip6_flowlabel',
  'ip6_mr_cache',
  'ip6_mr_vif',
  'ipv6_route',
  'mcfilter6',
  'raw6',
  'rt6_stats',
  'snmp6',
  'sockstat6',
  'tcp6',
  'udp6',
  'udplite6',
])
const sysctl_dirs: ReadonlySet<string> = new Set(['core', 'ipv4', 'ipv6', 'mptcp', 'netfilter', 'unix'])
/** Directories of devices, which come and go. */
const device_dirs: ReadonlySet<string> = new Set(['conf', 'neigh'])

/** `names`: the path from the root on, links resolved; `found` of them are there. */
export function linux_has(kernel: Kernel, names: readonly string[], found: number): boolean {
  const missing = names[found]
  if (names[0] !== 'proc' || missing === undefined) return false
  if (names[1] === 'sys') return linux_has_sysctl(kernel, names, found)
  return proc_net.has(missing) || (kernel.params.ipv6 && proc_net_ipv6.has(missing))
}

/** The names of all sysctls are not known here: whatever is asked for in a directory that is not a device's. */
function linux_has_sysctl(kernel: Kernel, names: readonly string[], found: number): boolean {
  if (names[3] === 'ipv6' && !kernel.params.ipv6) return false
  if (found === 3) return sysctl_dirs.has(names[3])
  return !device_dirs.has(names[found - 1])
}
