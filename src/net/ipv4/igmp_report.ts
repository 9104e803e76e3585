/**
 * net/ipv4/igmp.c: what a device says of its groups (RFC 3376; RFC 2236 and RFC 1112 while an older querier is about).
 *
 * | what happens          | version 3                                      | version 1, 2                          |
 * | --------------------- | ---------------------------------------------- | ------------------------------------- |
 * | a group comes         | CHANGE_TO_EXCLUDE soon, mr_qrv times (*)       | a report at the next tick, and later  |
 * | a group goes          | CHANGE_TO_INCLUDE soon, mr_qrv times           | a leave (2), if we reported last      |
 * | a general query       | MODE_IS_EXCLUDE of all groups within its time  | each group's own timer: a report      |
 * | a query for a group   | the group's own timer: MODE_IS_EXCLUDE         | the same: a report                    |
 * | ... for its sources   | the same, of those that are wanted, if any are | the same: a report                    |
 * | another's report      | nothing                                        | the group's timer stops               |
 *
 * 224.0.0.1, which every host hears, is never reported. (*) What sources change is in mc_filter.ts.
 */
import { HZ, mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import {
  IPV4_DEVCONF_FORCE_IGMP_VERSION,
  IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
  IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
} from '../../uapi/linux/ip.ts'
import type { in_device } from './in_device.ts'
import { MCAST_EXCLUDE } from '../../uapi/linux/in.ts'
import {
  mc_filter,
  mc_filter_answer,
  mc_filter_back,
  mc_filter_buried,
  mc_filter_changes,
  mc_filter_epitaph,
  mc_filter_queried,
  type mc_record,
} from './mc_filter.ts'
import {
  IGMP_HOST_LEAVE_MESSAGE,
  IGMP_HOST_MEMBERSHIP_REPORT,
  IGMPV2_HOST_MEMBERSHIP_REPORT,
  igmp_send_report,
  type igmpv3_record,
  igmpv3_sendpack,
} from './igmp_send.ts'

export const IGMP_ALL_HOSTS = 0xe0000001

/** struct ip_mc_list: what is to be said of one group. */
export class ip_mc_list {
  readonly interface: in_device
  readonly multiaddr: number
  users = 1
  /** The device's own list has its link-layer address on behalf of this group. */
  loaded = false
  /** We reported last. */
  reporter = false
  /** Reports of version 1 or 2 that nobody asked for, still to be sent. */
  unsolicit_count = 0
  /** From whom it is wanted. */
  readonly filter: mc_filter
  readonly timer: timer_list
  constructor(in_dev: in_device, multiaddr: number, sfmode = MCAST_EXCLUDE) {
    this.interface = in_dev
    this.multiaddr = multiaddr
    this.filter = new mc_filter(sfmode)
    this.timer = new timer_list(in_dev.dev.nd_net.kernel.events, igmp_timer_expire, this)
  }
}
/** The part of struct in_device that reports have. */
export class in_dev_igmp {
  /** Groups that have gone, the last first, with what is still to be told of them. */
  mc_tomb: { multiaddr: number; filter: mc_filter }[] = []
  mr_qrv: number
  mr_qi = 125 * HZ
  mr_qri = 10 * HZ
  mr_maxdelay = 0
  /** Jiffies until which older queriers are taken to be there. */
  mr_v1_seen = 0
  mr_v2_seen = 0
  mr_ifc_count = 0
  mr_ifc_timer: timer_list
  mr_gq_timer: timer_list
  constructor(in_dev: in_device) {
    const { kernel, ipv4 } = in_dev.dev.nd_net
    const { events } = kernel
    this.mr_qrv = ipv4.sysctl_igmp_qrv
    this.mr_ifc_timer = new timer_list(events, igmp_ifc_timer_expire, in_dev)
    this.mr_gq_timer = new timer_list(events, igmp_gq_timer_expire, in_dev)
  }
}
export function igmp_of(in_dev: in_device): in_dev_igmp {
  in_dev.igmp ??= new in_dev_igmp(in_dev)
  return in_dev.igmp
}

function forced(in_dev: in_device): number {
  const nr = IPV4_DEVCONF_FORCE_IGMP_VERSION
  return in_dev.dev.nd_net.ipv4.devconf_all.get(nr) || in_dev.cnf.get(nr)
}
export function igmp_v1_seen(in_dev: in_device): boolean {
  const version = forced(in_dev)
  return version === 1 || (version === 0 && igmp_of(in_dev).mr_v1_seen > in_dev.dev.nd_net.kernel.jiffies())
}
export function igmp_v2_seen(in_dev: in_device): boolean {
  const version = forced(in_dev)
  return version === 2 || (version === 0 && igmp_of(in_dev).mr_v2_seen > in_dev.dev.nd_net.kernel.jiffies())
}
function older(in_dev: in_device): boolean {
  return igmp_v1_seen(in_dev) || igmp_v2_seen(in_dev)
}
/** Jiffies; settings are in milliseconds. */
function unsolicited_report_interval(in_dev: in_device): number {
  const nr = older(in_dev) ? IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL : IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL
  return Math.max(1, Math.ceil((in_dev.cnf.get(nr) * HZ) / 1000))
}
/** Whether the group is one that is told of. */
function told(in_dev: in_device, addr: number): boolean {
  if (addr === IGMP_ALL_HOSTS) return false
  return addr >>> 8 !== 0xe00000 || in_dev.dev.nd_net.ipv4.sysctl_igmp_llm_reports !== 0
}

function start(timer: timer_list, in_dev: in_device, jiffies: number, least: number): void {
  const { kernel } = in_dev.dev.nd_net
  mod_timer(timer, kernel.now() + (kernel.random.below(Math.max(1, jiffies)) + least) * NSEC_PER_JIFFY)
}
/** igmp_ifc_event(): something is to be reported. */
export function igmp_ifc_event(in_dev: in_device): void {
  if (older(in_dev)) return
  const igmp = igmp_of(in_dev)
  igmp.mr_ifc_count = igmp.mr_qrv
  start(igmp.mr_ifc_timer, in_dev, 1, 2)
}
export function igmp_group_added(im: ip_mc_list): void {
  const { interface: in_dev } = im
  if (!told(in_dev, im.multiaddr) || in_dev.dead) return
  const igmp = igmp_of(in_dev)
  im.unsolicit_count = in_dev.dev.nd_net.ipv4.sysctl_igmp_qrv
  const gone = igmp.mc_tomb.find(({ multiaddr }) => multiaddr === im.multiaddr)
  igmp.mc_tomb = igmp.mc_tomb.filter((other) => other !== gone)
  if (gone !== undefined) mc_filter_back(im.filter, gone.filter, igmp.mr_qrv)
  if (older(in_dev)) {
    start(im.timer, in_dev, 1, 2)
    return
  }
  // one that is wanted from some sources only tells of them
  if (im.filter.sfmode === MCAST_EXCLUDE) im.filter.crcount = igmp.mr_qrv
  igmp_ifc_event(in_dev)
}
export function igmp_group_dropped(im: ip_mc_list): void {
  const { interface: in_dev } = im
  const { reporter } = im
  timer_delete(im.timer)
  im.reporter = false
  if (!told(in_dev, im.multiaddr) || in_dev.dead) return
  if (igmp_v1_seen(in_dev)) return
  if (igmp_v2_seen(in_dev)) {
    if (reporter) igmp_send_report(in_dev, im.multiaddr, IGMP_HOST_LEAVE_MESSAGE)
    return
  }
  const igmp = igmp_of(in_dev)
  igmp.mc_tomb.unshift({ multiaddr: im.multiaddr, filter: mc_filter_buried(im.filter, igmp.mr_qrv) })
  igmp_ifc_event(in_dev)
}

/** One report of all that has changed (igmpv3_send_cr), and again some time later. */
export function igmp_ifc_timer_expire(in_dev: in_device): void {
  const igmp = igmp_of(in_dev)
  const records: igmpv3_record[] = []
  for (const { multiaddr, filter } of igmp.mc_tomb) records.push(...of_group(multiaddr, mc_filter_epitaph(filter)))
  igmp.mc_tomb = igmp.mc_tomb.filter(({ filter }) => filter.crcount > 0)
  for (const im of groups(in_dev)) records.push(...of_group(im.multiaddr, mc_filter_changes(im.filter)))
  igmpv3_sendpack(in_dev, records)
  if (igmp.mr_ifc_count > 0 && --igmp.mr_ifc_count > 0) start(igmp.mr_ifc_timer, in_dev, unsolicited_report_interval(in_dev), 2)
}
function of_group(group: number, records: readonly mc_record[]): igmpv3_record[] {
  return records.map((r) => ({ ...r, group }))
}
/** From the latest joined on. */
function groups(in_dev: in_device): ip_mc_list[] {
  return [...in_dev.mc_list.values()].reverse().filter((im) => told(in_dev, im.multiaddr))
}
export function igmp_gq_start_timer(in_dev: in_device): void {
  const { mr_gq_timer, mr_maxdelay } = igmp_of(in_dev)
  if (!timer_pending(mr_gq_timer)) start(mr_gq_timer, in_dev, mr_maxdelay, 2)
}
export function igmp_gq_timer_expire(in_dev: in_device): void {
  igmpv3_sendpack(
    in_dev,
    groups(in_dev).map((im) => ({ ...mc_filter_answer(im.filter), group: im.multiaddr })),
  )
}
/** An older querier is about: what was to be said in version 3 is not. */
export function igmp_forget_v3(in_dev: in_device): void {
  const igmp = igmp_of(in_dev)
  igmp.mr_ifc_count = 0
  timer_delete(igmp.mr_ifc_timer)
  igmp.mc_tomb = []
}
/** igmp_mod_timer(): an answer that is due sooner stays as it is. `sources`: those that are asked for; none: the group is. */
export function igmp_group_queried(in_dev: in_device, im: ip_mc_list, max_delay: number, sources: readonly Uint8Array[]): void {
  if (!told(in_dev, im.multiaddr) || !mc_filter_queried(im.filter, sources, timer_pending(im.timer))) return
  im.unsolicit_count = 0
  const { kernel } = in_dev.dev.nd_net
  if (timer_pending(im.timer) && im.timer.expires - kernel.now() < max_delay * NSEC_PER_JIFFY) return
  start(im.timer, in_dev, max_delay, 2)
}
export function igmp_timer_expire(im: ip_mc_list): void {
  const { interface: in_dev } = im
  if (im.unsolicit_count > 0 && --im.unsolicit_count > 0) start(im.timer, in_dev, unsolicited_report_interval(in_dev), 2)
  im.reporter = true
  if (igmp_v1_seen(in_dev)) igmp_send_report(in_dev, im.multiaddr, IGMP_HOST_MEMBERSHIP_REPORT)
  else if (igmp_v2_seen(in_dev)) igmp_send_report(in_dev, im.multiaddr, IGMPV2_HOST_MEMBERSHIP_REPORT)
  else igmpv3_sendpack(in_dev, [{ ...mc_filter_answer(im.filter), group: im.multiaddr }])
}
/** Somebody else has answered for the group. */
export function igmp_stop_timer(im: ip_mc_list): void {
  timer_delete(im.timer)
  im.reporter = false
  im.unsolicit_count = 0
}
/** The device goes down. */
export function igmp_stop(in_dev: in_device): void {
  const { igmp } = in_dev
  if (igmp === undefined) return
  igmp.mr_ifc_count = 0
  timer_delete(igmp.mr_ifc_timer)
  timer_delete(igmp.mr_gq_timer)
}
