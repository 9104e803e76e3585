/**
 * net/ipv6/mcast.c mld_*: what a device says of its groups (RFC 3810; RFC 2710 while a querier of version 1 is about).
 *
 * | what happens                 | version 2                                         | version 1                            |
 * | ---------------------------- | ------------------------------------------------- | ------------------------------------ |
 * | a group comes                | CHANGE_TO_EXCLUDE soon, mc_qrv times              | a report now, and one more later     |
 * | a group goes                 | CHANGE_TO_INCLUDE soon, mc_qrv times              | a reduction, if we reported last     |
 * | first link-local address     | CHANGE_TO_EXCLUDE of all groups, mc_qrv times     | nothing                              |
 * | a general query              | MODE_IS_EXCLUDE of all groups, within mc_maxdelay | each group's own timer: a report     |
 * | a query for a group          | the group's own timer: MODE_IS_EXCLUDE            | the same: a report                   |
 * | another node's report        | nothing                                           | the group's timer stops              |
 * | the device goes down         | all stops                                         | all stops                            |
 */
import { HZ, NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { cancel_delayed_work, delayed_work, mod_delayed_work } from '../../kernel/workqueue.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ICMPV6_MGM_REDUCTION, ICMPV6_MGM_REPORT } from '../../uapi/linux/icmpv6.ts'
import { MCAST_EXCLUDE } from '../../uapi/linux/in.ts'
import { type in6_addr, ipv6_addr_equal } from '../../uapi/linux/in6.ts'
import {
  DEVCONF_FORCE_MLD_VERSION,
  DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL,
  DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL,
} from '../../uapi/linux/ipv6.ts'
import {
  mc_filter_answer,
  mc_filter_back,
  mc_filter_buried,
  mc_filter_changes,
  mc_filter_epitaph,
  mc_filter_queried,
  mc_filter_state,
  type mc_record,
} from '../ipv4/mc_filter.ts'
import { type ifmcaddr6, type inet6_dev, MAF_LAST_REPORTER, MAF_NOREPORT, MAF_TIMER_RUNNING } from './if_inet6.ts'
import { igmp6_send, type mld2_record, mld_sendpack } from './mld_send.ts'

type idev_work = 'mc_ifc_work' | 'mc_dad_work' | 'mc_gq_work'

function func(work: idev_work): (idev: inet6_dev) => void {
  if (work === 'mc_ifc_work') return mld_ifc_work
  return work === 'mc_dad_work' ? mld_dad_work : mld_gq_work
}
/** Up to `jiffies` from now, and a little later in any case, so that what changes together is reported together. */
function start(idev: inet6_dev, work: idev_work, jiffies: number): void {
  const { kernel } = idev.dev.nd_net
  idev[work] ??= new delayed_work(kernel.events, func(work), idev)
  mod_delayed_work(idev[work], (kernel.random.below(Math.max(1, jiffies)) + 2) * NSEC_PER_JIFFY)
}
function stop(idev: inet6_dev, work: idev_work): void {
  if (idev[work] !== undefined) cancel_delayed_work(idev[work])
}

function force_mld_version(idev: inet6_dev): number {
  return idev.dev.nd_net.ipv6.devconf_all.get(DEVCONF_FORCE_MLD_VERSION) || idev.cnf.get(DEVCONF_FORCE_MLD_VERSION)
}
export function mld_in_v1_mode(idev: inet6_dev): boolean {
  const forced = force_mld_version(idev)
  if (forced === 1 || forced === 2) return forced === 1
  return idev.mc_v1_seen !== 0 && idev.dev.nd_net.kernel.jiffies() < idev.mc_v1_seen
}
export function mld_in_v2_mode_only(idev: inet6_dev): boolean {
  return force_mld_version(idev) === 2
}
export function unsolicited_report_interval(idev: inet6_dev): number {
  const nr = mld_in_v1_mode(idev) ? DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL : DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL
  return Math.max(1, idev.cnf.get(nr))
}
/** The device begins anew: nothing is known of queriers. */
export function ipv6_mc_reset(idev: inet6_dev): void {
  idev.mc_qrv = idev.dev.nd_net.kernel.inet6!.mld_qrv
  idev.mc_qi = 125 * HZ
  idev.mc_qri = 10 * HZ
  idev.mc_v1_seen = 0
  idev.mc_maxdelay = unsolicited_report_interval(idev)
}

function of_group(group: in6_addr, records: readonly mc_record[]): mld2_record[] {
  return records.map((r) => ({ ...r, group }))
}
function answer({ mca_addr, mca_filter }: ifmcaddr6): mld2_record {
  return { ...mc_filter_answer(mca_filter), group: mca_addr }
}
function reported({ mc_list }: inet6_dev): ifmcaddr6[] {
  return mc_list.filter((mc) => !(mc.mca_flags & MAF_NOREPORT))
}

/** mld_ifc_event(): something is to be reported. */
export function mld_ifc_event(idev: inet6_dev): void {
  if (mld_in_v1_mode(idev)) return
  idev.mc_ifc_count = idev.mc_qrv
  start(idev, 'mc_ifc_work', 1)
}
export function mld_joined(mc: ifmcaddr6): void {
  const { idev } = mc
  if (mld_in_v1_mode(idev)) {
    igmp6_join_group(mc)
    return
  }
  // one that is wanted from some sources only tells of them
  if (mc.mca_filter.sfmode === MCAST_EXCLUDE) mc.mca_filter.crcount = idev.mc_qrv
  mld_ifc_event(idev)
}
/** The one that has left is remembered until it has been told (mld_add_delrec). */
export function mld_left(mc: ifmcaddr6): void {
  const { idev } = mc
  if (mld_in_v1_mode(idev)) {
    if (mc.mca_flags & MAF_LAST_REPORTER) igmp6_send(idev.dev, mc.mca_addr, ICMPV6_MGM_REDUCTION)
    return
  }
  if (!(idev.dev.flags & IFF_UP)) return
  idev.mc_tomb.unshift({ addr: mc.mca_addr, filter: mc_filter_buried(mc.mca_filter, idev.mc_qrv) })
  mld_ifc_event(idev)
}
/** It is back before its leaving was told. */
export function mld_del_delrec(mc: ifmcaddr6): void {
  const { idev } = mc
  const gone = idev.mc_tomb.find(({ addr }) => ipv6_addr_equal(addr, mc.mca_addr))
  if (gone === undefined) return
  idev.mc_tomb = idev.mc_tomb.filter((other) => other !== gone)
  mc_filter_back(mc.mca_filter, gone.filter, idev.mc_qrv)
}

/** One report of all that has changed (mld_send_cr), and again some time later. */
export function mld_ifc_work(idev: inet6_dev): void {
  const records: mld2_record[] = []
  for (const { addr, filter } of idev.mc_tomb) records.push(...of_group(addr, mc_filter_epitaph(filter)))
  idev.mc_tomb = idev.mc_tomb.filter(({ filter }) => filter.crcount > 0)
  for (const mc of idev.mc_list) records.push(...of_group(mc.mca_addr, mc_filter_changes(mc.mca_filter)))
  mld_sendpack(idev, records)
  if (idev.mc_ifc_count > 0 && --idev.mc_ifc_count > 0) start(idev, 'mc_ifc_work', unsolicited_report_interval(idev))
}

/** The first link-local address can be used: groups that were reported without a source are reported with it. */
export function ipv6_mc_dad_complete(idev: inet6_dev): void {
  idev.mc_dad_count = idev.mc_qrv
  mld_dad_work(idev)
}
export function mld_dad_work(idev: inet6_dev): void {
  if (!mld_in_v1_mode(idev)) {
    mld_sendpack(
      idev,
      reported(idev).map(({ mca_addr, mca_filter }) => ({ ...mc_filter_state(mca_filter, true), group: mca_addr })),
    )
  }
  if (idev.mc_dad_count > 0 && --idev.mc_dad_count > 0) start(idev, 'mc_dad_work', unsolicited_report_interval(idev))
}

/** A general query was heard: all is told, within the time that the querier gives. */
export function mld_gq_start(idev: inet6_dev): void {
  start(idev, 'mc_gq_work', idev.mc_maxdelay)
}
export function mld_gq_work(idev: inet6_dev): void {
  mld_sendpack(idev, reported(idev).map(answer))
}
/** Only version 1 is spoken from now on. */
export function mld_forget_v2(idev: inet6_dev): void {
  stop(idev, 'mc_gq_work')
  stop(idev, 'mc_ifc_work')
  idev.mc_tomb = []
  for (const mc of idev.mc_list) mc.mca_filter.crcount = 0
}

function mca_start(mc: ifmcaddr6, jiffies: number): void {
  mc.mca_work ??= new delayed_work(mc.idev.dev.nd_net.kernel.events, mld_mca_work, mc)
  mod_delayed_work(mc.mca_work, jiffies * NSEC_PER_JIFFY)
}
/** igmp6_group_queried(): an answer that is due sooner stays as it is. */
export function igmp6_group_queried(mc: ifmcaddr6, resptime: number, sources: readonly Uint8Array[]): void {
  const running = (mc.mca_flags & MAF_TIMER_RUNNING) !== 0
  if (mc.mca_flags & MAF_NOREPORT || !mc_filter_queried(mc.mca_filter, sources, running)) return
  const { kernel } = mc.idev.dev.nd_net
  let delay = resptime
  const { mca_work: work } = mc
  if (work !== undefined && cancel_delayed_work(work)) delay = Math.floor((work.timer.expires - kernel.now()) / NSEC_PER_JIFFY)
  if (delay >= resptime) delay = kernel.random.below(Math.max(1, resptime))
  mca_start(mc, delay)
  mc.mca_flags |= MAF_TIMER_RUNNING
}
/** Version 1: at once, and once more later unless somebody else does. */
function igmp6_join_group(mc: ifmcaddr6): void {
  const { kernel } = mc.idev.dev.nd_net
  igmp6_send(mc.idev.dev, mc.mca_addr, ICMPV6_MGM_REPORT)
  let delay = kernel.random.below(unsolicited_report_interval(mc.idev))
  if (mc.mca_work !== undefined && cancel_delayed_work(mc.mca_work)) {
    delay = Math.floor((mc.mca_work.timer.expires - kernel.now()) / NSEC_PER_JIFFY)
  }
  mca_start(mc, delay)
  mc.mca_flags |= MAF_TIMER_RUNNING | MAF_LAST_REPORTER
}
export function mld_mca_work(mc: ifmcaddr6): void {
  if (mld_in_v1_mode(mc.idev)) igmp6_send(mc.idev.dev, mc.mca_addr, ICMPV6_MGM_REPORT)
  else mld_sendpack(mc.idev, [answer(mc)])
  mc.mca_flags |= MAF_LAST_REPORTER
  mc.mca_flags &= ~MAF_TIMER_RUNNING
}

export function mld_stop(idev: inet6_dev): void {
  stop(idev, 'mc_ifc_work')
  stop(idev, 'mc_dad_work')
  stop(idev, 'mc_gq_work')
  idev.mc_ifc_count = idev.mc_dad_count = 0
}
