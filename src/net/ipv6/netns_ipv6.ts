/** include/net/netns/ipv6.h: what a namespace keeps for IPv6. */
import type { ctl_table_header } from '../../fs/proc_sysctl.ts'
import { HZ } from '../../kernel/time.ts'
import type { delayed_work } from '../../kernel/workqueue.ts'
import { DEVCONF_ALL } from '../../uapi/linux/ipv6.ts'
import { conf_values } from '../core/conf_values.ts'
import type { ip6_flowlabels } from './ip6_flowlabel_mgr.ts'
import type { frag_limits, inet_frags } from '../ipv4/inet_fragment.ts'
import type { mr_table } from '../ipv4/ipmr_base.ts'
import { ip6addrlbl_table } from './addrlabel_table.ts'
import type { inet6_ifaddr } from './if_inet6.ts'
import type { inet6_sock } from './inet6_sock.ts'
import type { ioam6_namespace, ioam6_schema } from './ioam6.ts'
import type { seg6_hmac_info } from './seg6.ts'
import type { netns_fib6 } from './ip6_fib.ts'
import { netns_mib6 } from './ip6_stats.ts'

/** RFC 7217's secret, when somebody has set one or the kernel has drawn it. */
export class ipv6_stable_secret {
  initialized = false
  /** Replaced, never written to. */
  secret: Uint8Array = no_secret
  constructor(from?: ipv6_stable_secret) {
    if (from === undefined) return
    this.initialized = from.initialized
    this.secret = from.secret
  }
}
export const no_secret = new Uint8Array(16)

/**
 * include/linux/ipv6.h struct ipv6_devconf: `data[DEVCONF_n]`, each as programs see it in IFLA_INET6_CONF but for times,
 * which are jiffies here.
 */
export class ipv6_devconf extends conf_values {
  readonly stable_secret: ipv6_stable_secret
  /** Of `all` and `default`. */
  sysctl_header: ctl_table_header | undefined = undefined
  /** A device's directory is there. */
  listed = false
  constructor(from?: ipv6_devconf) {
    super(from ?? new Array<number>(DEVCONF_ALL).fill(0))
    this.stable_secret = new ipv6_stable_secret(from?.stable_secret)
  }
  get(nr: number): number {
    return this.data[nr]
  }
  set(nr: number, value: number): void {
    this.own()[nr] = value | 0
  }
}

/** struct netns_sysctl_ipv6: /proc/sys/net/ipv6 beside the directories of devices. */
export class netns_sysctl_ipv6 {
  bindv6only = 0
  ip_nonlocal_bind = 0
  anycast_src_echo_reply = 0
  auto_flowlabels = 1
  flowlabel_consistency = 1
  flowlabel_state_ranges = 0
  flowlabel_reflect = 0
  fwmark_reflect = 0
  idgen_retries = 3
  /** Jiffies. */
  idgen_delay = 250
  max_dst_opts_cnt = 8
  max_hbh_opts_cnt = 8
  max_dst_opts_len = 0x7fffffff
  max_hbh_opts_len = 0x7fffffff
  fib_notify_on_flag_change = 0
  multipath_hash_policy = 0
  multipath_hash_fields = 7
  /** Milliseconds between errors to one host (net.ipv6.icmp.ratelimit). */
  icmpv6_time = 1000
  /** Types that it holds for: all errors but "packet too big" (net.ipv6.icmp.ratemask). */
  icmpv6_ratemask: [number, number][] = [
    [0, 1],
    [3, 127],
  ]
  icmpv6_echo_ignore_all = 0
  icmpv6_echo_ignore_multicast = 0
  icmpv6_echo_ignore_anycast = 0
  icmpv6_error_anycast_as_unicast = 0
}

export class netns_ipv6 {
  devconf_all = new ipv6_devconf()
  devconf_dflt = new ipv6_devconf()
  sysctl = new netns_sysctl_ipv6()
  sysctl_hdr: ctl_table_header | undefined = undefined
  more_sysctls: ctl_table_header[] = []
  /** Generation of addresses and of settings: a dump that sees them change sets NLM_F_DUMP_INTR. */
  dev_addr_genid = 0
  // net/ipv6/addrconf.c inet6_addr_lst: address → those who hold it, the newest first
  inet6_addr_lst = new Map<string, inet6_ifaddr[]>()
  /** Groups that addresses with IFA_F_MCAUTOJOIN have joined, by device index. */
  mc_autojoin = new Map<number, Set<string>>()
  /** Addresses that end, or stop being preferred (addrconf_verify.ts): those that may, until it has looked. */
  inet6_addr_mortal = new Set<inet6_ifaddr>()
  addr_chk_work: delayed_work | undefined = undefined
  // net/ipv6/addrlabel.c
  ip6addrlbl_table = new ip6addrlbl_table()
  ip6addrlbl_seq = 0
  /** Raw sockets, in order of coming. */
  raw_sks: inet6_sock[] = []
  mib = new netns_mib6()
  // net/ipv6/seg6.c, ioam6.c
  seg6_tun_src: Uint8Array = new Uint8Array(16)
  seg6_hmac_infos = new Map<number, seg6_hmac_info>()
  ioam6_namespaces = new Map<number, ioam6_namespace>()
  ioam6_schemas = new Map<number, ioam6_schema>()
  frags: inet_frags | undefined = undefined
  /** net.ipv6.ip6frag_time, ip6frag_high_thresh */
  frag_limits: frag_limits = { time: 60 * HZ, high_thresh: 4194304, low_thresh: 3145728 }
  /** Leased flow labels. */
  flowlabels: ip6_flowlabels | undefined = undefined
  /** Tables of multicast routes, in order of coming. */
  mr6_tables = new Map<number, mr_table>()
  // net/ipv6/route.c, ip6_fib.c: the room of routes keeps its own state here
  fib6!: netns_fib6
}
