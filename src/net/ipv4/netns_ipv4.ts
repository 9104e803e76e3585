/** include/net/netns/ipv4.h: what a namespace keeps for IPv4. */

import type { ctl_table_header } from '../../fs/proc_sysctl.ts'
import type { delayed_work } from '../../kernel/workqueue.ts'
import { HZ } from '../../kernel/time.ts'
import { IPV4_DEVCONF_MAX } from '../../uapi/linux/ip.ts'
import { conf_values } from '../core/conf_values.ts'
import type { fib_dev_nhs, fib_info } from './fib_semantics.ts'
import type { fib_table } from './fib_trie.ts'
import { icmp_limits } from './icmp_ratelimit.ts'
import type { inet_peer } from './inetpeer.ts'
import type { in_ifaddr } from './in_device.ts'
import type { frag_limits, inet_frags } from './inet_fragment.ts'
import type { inet_sock } from './inet_sock.ts'
import { netns_mib } from './ip_stats.ts'
import type { mr_table } from './ipmr_base.ts'
import { kept_defaults, type kept_sysctls } from './sysctl_net_ipv4.ts'

/** include/linux/inetdevice.h struct ipv4_devconf: value n is IPV4_DEVCONF_n, `data[n - 1]` as in IFLA_INET_CONF. */
export class ipv4_devconf extends conf_values {
  constructor(from?: ipv4_devconf) {
    super(from ?? new Array<number>(IPV4_DEVCONF_MAX).fill(0))
  }
  get(nr: number): number {
    return this.data[nr - 1]
  }
  set(nr: number, value: number): void {
    this.choose(nr - 1)
    this.own()[nr - 1] = value
  }
}

export class netns_ipv4 {
  mib = new netns_mib()
  /** Settings that nothing reads yet. */
  kept_sysctls: kept_sysctls = kept_defaults()
  devconf_all = new ipv4_devconf()
  devconf_dflt = new ipv4_devconf()
  all_sysctl: ctl_table_header | undefined = undefined
  dflt_sysctl: ctl_table_header | undefined = undefined
  forw_hdr: ctl_table_header | undefined = undefined
  ipv4_hdr: ctl_table_header | undefined = undefined
  /** Generation of addresses and of settings: a dump that sees them change sets NLM_F_DUMP_INTR. */
  dev_addr_genid = 0
  // net/ipv4/devinet.c inet_addr_lst: local address → those who hold it
  inet_addr_lst = new Map<number, in_ifaddr[]>()
  /** Addresses with a lifetime, and when they are looked at next. */
  ifa_mortal = new Set<in_ifaddr>()
  /** Groups that addresses with IFA_F_MCAUTOJOIN have joined, by device index. */
  mc_autojoin = new Map<number, Set<number>>()
  check_lifetime_work: delayed_work | undefined = undefined
  /** Tables of multicast routes, in order of coming. */
  mr_tables = new Map<number, mr_table>()
  /** Sockets that packets with the router alert option are for. */
  ra_chain: inet_sock[] = []
  // net/ipv4/fib_frontend.c, fib_semantics.c
  fib_tables = new Map<number, fib_table>()
  /** There are, or were, rules beside the default ones: each table has a trie of its own, and lookups go rule by rule. */
  fib_has_custom_rules = false
  sysctl_nexthop_compat_mode = 1
  sysctl_fib_multipath_hash_policy = 0
  sysctl_fib_multipath_use_neigh = 0
  fib_multipath_hash_fields = 7
  /** 0: the host's own. */
  fib_multipath_hash_seed = 0
  /** By fib_nr, and numbers that are free. */
  fib_infos: (fib_info | undefined)[] = []
  fib_infos_free: number[] = []
  /** Chains of equal hash; those with a preferred source by that address; next hops by device index. */
  fib_info_hash = new Map<number, fib_info>()
  fib_info_laddrhash = new Map<number, fib_info[]>()
  fib_info_devhash = new Map<number, fib_dev_nhs>()
  /** /proc/sys/net/ipv4 of this namespace. */
  sysctl_ip_nonlocal_bind = 0
  sysctl_ip_prot_sock = 1024
  sysctl_ip_default_ttl = 64
  icmp_limits = new icmp_limits()
  /** Hosts that have been told something. */
  peers = new Map<string, inet_peer>()
  /** Exceptions of an older generation say nothing any more. */
  fnhe_genid = 0
  /** net.ipv4.route: bytes; jiffies. */
  ip_rt_min_pmtu = 552
  ip_rt_mtu_expires = 600 * HZ
  ip_rt_min_advmss = 256
  /** Number of the last packet sent; -1: none yet. */
  ip_ident = -1
  frags: inet_frags | undefined = undefined
  /** net.ipv4.ipfrag_time, ipfrag_high_thresh */
  frag_limits: frag_limits = { time: 30 * HZ, high_thresh: 4194304, low_thresh: 3145728 }
  /** Raw sockets, in order of coming. */
  raw_sks: inet_sock[] = []
  /** Jiffies, and bits of types that it holds for. */
  sysctl_icmp_ratelimit = HZ
  sysctl_icmp_ratemask = 6168
  sysctl_igmp_qrv = 2
  sysctl_igmp_llm_reports = 1
  sysctl_igmp_max_memberships = 20
  /** Sources that a socket may name of a group. */
  sysctl_igmp_max_msf = 10
  ping_group_range: [number, number] = [1, 0]
  ip_local_ports: [number, number] = [32768, 60999]
  /** Ports in use: protocol → port → sockets. */
  ports = new Map<number, Map<number, Set<unknown>>>()
}
