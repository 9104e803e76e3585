/** net/core/dev.c: what a kernel keeps about its devices beside the namespaces' lists. */
import type { Kernel } from '../../kernel/kernel.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import { NSEC_PER_SEC, type timer_list } from '../../kernel/time.ts'
import { sched_state } from '../sched/qdisc.ts'
import { fq_codel_qdisc_ops } from '../sched/sch_fq_codel.ts'
import { noop_qdisc_ops } from '../sched/sch_noop.ts'
import { packet_types } from './dev_ptype.ts'
import { softnet_data } from './dev_softnet.ts'
import type { linkwatch_state } from './link_watch.ts'
import type { net } from './net_namespace.ts'
import type { net_device } from './netdevice.ts'
import type { sk_buff } from './skbuff.ts'

/** Devices whose references have not gone when the todo list ran (netdev_wait_allrefs_any). */
export class netdev_wait {
  readonly kernel: Kernel
  list: net_device[]
  timer: timer_list | undefined = undefined
  /** msleep() between looks: 1 ms, doubling up to 250. */
  wait_ms = 1
  /** jiffies of the last rebroadcast and of the last log line. */
  rebroadcast_time: number
  warning_time: number
  constructor(kernel: Kernel, list: net_device[]) {
    this.kernel = kernel
    this.list = list
    this.rebroadcast_time = kernel.jiffies()
    this.warning_time = this.rebroadcast_time
  }
}

/** A device's sets of features, as netdev_share_features() keeps them. */
export class netdev_feature_sets {
  features = 0n
  hw_features = 0n
  wanted_features = 0n
  vlan_features = 0n
  hw_enc_features = 0n
  mpls_features = 0n
}

export class netdev_state {
  netdev_chain = new raw_notifier_head()
  /** Until net_dev_init has run; notifiers registered before are not told of devices. */
  dev_boot_phase = true
  /** Unregistered devices that rtnl_unlock() finishes. */
  net_todo_list: net_device[] = []
  waits: netdev_wait[] = []
  /** Of the device that was registered last: the next one shares what it has alike. */
  feature_sets = new netdev_feature_sets()
  netdev_unregister_timeout_secs = 10
  /** dyndbg "file net/core/dev.c +p": whether netdev_dbg() lines are logged. Off on Linux by default. */
  dynamic_debug = false
  sched = new sched_state(fq_codel_qdisc_ops, noop_qdisc_ops)
  ptypes = new packet_types()
  softnet: softnet_data[]
  /** smp_processor_id(): programs and drivers run on the first. */
  this_cpu = 0
  linkwatch: linkwatch_state | undefined = undefined
  /** net/8021q's part in receiving; VLAN_* of dev_receive.ts. */
  vlan_do_receive: ((skb: sk_buff) => number) | undefined = undefined
  /** net/sched's filters, where somebody has some: false when the packet is theirs now. */
  sch_handle_ingress: ((skb: sk_buff, dev: net_device) => boolean) | undefined = undefined
  sch_handle_egress: ((skb: sk_buff, dev: net_device) => boolean) | undefined = undefined
  /** Users of the time of arrival (net_enable_timestamp). */
  netstamp_needed = 0
  /** net_ratelimit(): when the present interval began, and the lines in it. */
  ratelimit_begin = 0
  ratelimit_printed = 0
  constructor(kernel: Kernel) {
    this.softnet = Array.from({ length: kernel.params.nr_cpus }, (_, cpu) => new softnet_data(cpu))
  }
}

/**
 * The state, made on first use: its chain takes callbacks before net_dev_init, as rtnetlink's, which comes at core level.
 */
export function netdev_state_of(kernel: Kernel): netdev_state {
  kernel.netdev ??= new netdev_state(kernel)
  return kernel.netdev
}

const RATELIMIT_INTERVAL = 5 * NSEC_PER_SEC
const RATELIMIT_BURST = 10
/** Whether another line may be logged: ten in five seconds. */
export function net_ratelimit(kernel: Kernel): boolean {
  const state = kernel.netdev
  if (kernel.now() - state.ratelimit_begin > RATELIMIT_INTERVAL) {
    state.ratelimit_begin = kernel.now()
    state.ratelimit_printed = 0
  }
  return state.ratelimit_printed++ < RATELIMIT_BURST
}

export function dev_net(dev: net_device): net {
  return dev.nd_net
}
/** Holds back the end of the device's unregistration (netdev_hold). */
export function dev_hold(dev: net_device): void {
  dev.refcnt++
}
export function dev_put(dev: net_device): void {
  dev.refcnt--
}

/** netdev_name_node_lookup(): by name or alternative name. */
export function __dev_get_by_name(net: net, name: string): net_device | undefined {
  return net.dev_name_head.get(name)
}
/** By its name alone, as directories are called. */
export function dev_by_own_name(net: net, name: string): net_device | undefined {
  const dev = net.dev_name_head.get(name)
  return dev?.name === name ? dev : undefined
}
export function __dev_get_by_index(net: net, ifindex: number): net_device | undefined {
  return net.dev_index_head.get(ifindex)
}
export function netdev_name_in_use(net: net, name: string): boolean {
  return net.dev_name_head.has(name)
}
/** The first Ethernet-or-other device with the type and address (dev_getbyhwaddr_rcu). */
export function dev_getbyhwaddr(net: net, type: number, addr: Uint8Array): net_device | undefined {
  return net.dev_base_head.find((dev) => dev.type === type && addr.every((byte, i) => dev.dev_addr[i] === byte))
}
/** dev_getfirstbyhwtype() */
export function dev_getfirstbyhwtype(net: net, type: number): net_device | undefined {
  return net.dev_base_head.find((dev) => dev.type === type)
}

/** dev_base_seq_inc(): dumps under way notice that the list has changed. 0 is never used. */
export function dev_base_seq_inc(net: net): void {
  net.dev_base_seq = (net.dev_base_seq + 1) >>> 0 || 1
}

/** dev_get_iflink(): the device below or at the other end; itself for physical and plain devices. */
export function dev_get_iflink(dev: net_device): number {
  return dev.netdev_ops.ndo_get_iflink?.(dev) ?? dev.ifindex
}
