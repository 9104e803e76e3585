/** include/net/if_inet6.h: what IPv6 keeps for a device, its addresses and its groups. */
import { list, type list_member } from '../../lib/list.ts'
import type { delayed_work } from '../../kernel/workqueue.ts'
import { HZ, type timer_list } from '../../kernel/time.ts'
import { MCAST_EXCLUDE } from '../../uapi/linux/in.ts'
import type { in6_addr } from '../../uapi/linux/in6.ts'
import { DEVCONF_MTU6 } from '../../uapi/linux/ipv6.ts'
import type { neigh_parms } from '../core/neighbour.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { mc_filter } from '../ipv4/mc_filter.ts'
import { ipv6_devconf } from './netns_ipv6.ts'

export const INFINITY_LIFE_TIME = 0xffffffff

/** inet6_dev.if_flags, as IFLA_INET6_FLAGS shows them. */
export const IF_RA_OTHERCONF = 0x80
export const IF_RA_MANAGED = 0x40
export const IF_RA_RCVD = 0x20
export const IF_RS_SENT = 0x10
export const IF_READY = 0x80000000

/** inet6_ifaddr.state */
export const INET6_IFADDR_STATE_PREDAD = 0
export const INET6_IFADDR_STATE_DAD = 1
export const INET6_IFADDR_STATE_POSTDAD = 2
export const INET6_IFADDR_STATE_ERRDAD = 3
export const INET6_IFADDR_STATE_DEAD = 4

/** struct inet6_ifaddr. All fields in one order (hot object). */
export class inet6_ifaddr implements list_member<inet6_ifaddr> {
  idev: inet6_dev
  addr: in6_addr
  /** All zero: none. */
  peer_addr: in6_addr
  prefix_len = 0
  rt_priority = 0
  /** Seconds; INFINITY_LIFE_TIME: forever. */
  valid_lft = 0
  prefered_lft = 0
  /** INET6_IFADDR_STATE_* */
  state = 0
  dad_probes = 0
  stable_privacy_retry = 0
  /** IPV6_ADDR_* scope bits. */
  scope = 0
  ifa_proto = 0
  /** IFA_F_* */
  flags = 0
  /** Chance of this DAD (RFC 7527): in the probe, so that a looped-back one is known. */
  dad_nonce = 0
  /** Jiffies since boot: made, and last changed. */
  cstamp = 0
  tstamp = 0
  dad_work!: delayed_work
  /** The local route (struct fib6_info). */
  rt: any = undefined
  /** Times that a new temporary address was tried for this one. */
  regen_count = 0
  /** Of a temporary address: the public one that it was made for. */
  ifpub: inet6_ifaddr | undefined = undefined
  tokenized = false
  list_prev: inet6_ifaddr | undefined = undefined
  list_next: inet6_ifaddr | undefined = undefined
  constructor(idev: inet6_dev, addr: in6_addr, peer: in6_addr) {
    this.idev = idev
    this.addr = addr
    this.peer_addr = peer
  }
}

/** ifmcaddr6.mca_flags, as /proc/net/igmp6 shows them: a report is due; we reported last; in the device's filter; not to be reported. */
export const MAF_TIMER_RUNNING = 0x01
export const MAF_LAST_REPORTER = 0x02
export const MAF_LOADED = 0x04
export const MAF_NOREPORT = 0x08
export const MLD_QRV_DEFAULT = 2

/** struct ifmcaddr6: a group that the device has joined. */
export class ifmcaddr6 {
  readonly idev: inet6_dev
  readonly mca_addr: in6_addr
  mca_users = 1
  /** MAF_* */
  mca_flags = 0
  /** From whom it is wanted. */
  readonly mca_filter: mc_filter
  mca_cstamp: number
  mca_tstamp: number
  /** Answers a query, or reports once more. */
  mca_work: delayed_work | undefined = undefined
  constructor(idev: inet6_dev, addr: in6_addr, jiffies: number, sfmode = MCAST_EXCLUDE) {
    this.idev = idev
    this.mca_addr = addr
    this.mca_filter = new mc_filter(sfmode)
    this.mca_cstamp = this.mca_tstamp = jiffies
  }
}

/** struct ifacaddr6 */
export class ifacaddr6 {
  readonly aca_addr: in6_addr
  /** The anycast route (struct fib6_info). */
  aca_rt: any
  aca_users = 1
  aca_cstamp: number
  aca_tstamp: number
  constructor(addr: in6_addr, rt: unknown, jiffies: number) {
    this.aca_addr = addr
    this.aca_rt = rt
    this.aca_cstamp = this.aca_tstamp = jiffies
  }
}

export class inet6_dev {
  readonly dev: net_device
  readonly addr_head = new list<inet6_ifaddr>()
  /** Newest first. */
  mc_list: ifmcaddr6[] = []
  ac_list: ifacaddr6[] = []
  /** Groups that have gone, the last first, with the reports of it still to be sent. */
  mc_tomb: { addr: in6_addr; filter: mc_filter }[] = []
  /** Rounds of reports still to be sent. */
  mc_ifc_count = 0
  mc_dad_count = 0
  /** Times that a change is reported; jiffies between queries, to answer in, and to put an answer off by at most. */
  mc_qrv = MLD_QRV_DEFAULT
  mc_qi = 125 * HZ
  mc_qri = 10 * HZ
  mc_maxdelay = HZ
  /** Jiffies until which a querier of version 1 is taken to be there; 0: there is none. */
  mc_v1_seen = 0
  mc_gq_work: delayed_work | undefined = undefined
  mc_ifc_work: delayed_work | undefined = undefined
  mc_dad_work: delayed_work | undefined = undefined
  tempaddr_list: inet6_ifaddr[] = []
  /** IF_* */
  if_flags = 0
  dead = false
  /** Seconds by which temporary addresses end early, drawn with the first of them. */
  desync_factor = 0xffffffff
  token: in6_addr = new Uint8Array(16)
  rs_timer: timer_list | undefined = undefined
  /** Jiffies between router solicitations, and how many were due. */
  rs_interval = 0
  rs_probes = 0
  readonly cnf: ipv6_devconf
  /** The device's settings of neighbours. */
  nd_parms!: neigh_parms
  /** Jiffies since boot: last change of what IFLA_PROTINFO shows. */
  tstamp = 0
  ra_mtu = 0
  /** Counters by number (IPSTATS_MIB_*, ICMP6_MIB_*). */
  stats_ipv6: number[] = []
  stats_icmpv6: number[] = []
  /** By type, those that went out from 256 on. */
  stats_icmpv6msg: number[] = []
  constructor(dev: net_device) {
    this.dev = dev
    this.cnf = new ipv6_devconf(dev.nd_net.ipv6.devconf_dflt)
    this.cnf.set(DEVCONF_MTU6, dev.mtu)
  }
  /** Highest scope first, among equals the newest first. */
  get addr_list(): readonly inet6_ifaddr[] {
    return this.addr_head.items
  }
}

export function __in6_dev_get(dev: net_device): inet6_dev | undefined {
  return dev.ip6_ptr
}
export function in6_dev_by_index(net: net, ifindex: number): inet6_dev | undefined {
  return net.dev_index_head.get(ifindex)?.ip6_ptr
}
