/**
 * net/ipv6/mcast.c mld_ifc_work, mld_dad_work: reports of groups (RFC 3810). What is in a report comes with the packet path;
 * when one goes out, and that its destination is then a neighbour, is seen already.
 */
import { NSEC_PER_JIFFY } from '../../kernel/time.ts'
import { cancel_delayed_work, delayed_work, mod_delayed_work } from '../../kernel/workqueue.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { addr6 } from '../../uapi/linux/in6.ts'
import { DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL } from '../../uapi/linux/ipv6.ts'
import { probe_sent } from './addrconf_probe.ts'
import { type ifmcaddr6, type inet6_dev, MAF_NOREPORT } from './if_inet6.ts'
import { ndisc_output } from './ndisc.ts'

/** Where reports go: ff02::16. */
export const in6addr_mldv2_routers = addr6([0xff02, 0, 0, 0, 0, 0, 0, 0x16])
/** Times that a change is reported (net.ipv6.mld_qrv). */
const MLD_QRV_DEFAULT = 2
/** Length of a report of one group, with its Ethernet header. */
const REPORT_LENGTH = 90

function start(idev: inet6_dev, work: 'mc_ifc_work' | 'mc_dad_work', jiffies: number): void {
  const { kernel } = idev.dev.nd_net
  idev[work] ??= new delayed_work(kernel.events, work === 'mc_ifc_work' ? mld_ifc_work : mld_dad_work, idev)
  // a little later in any case, so that what changes together is reported together
  mod_delayed_work(idev[work], (kernel.random.below(jiffies) + 2) * NSEC_PER_JIFFY)
}
function unsolicited_report_interval(idev: inet6_dev): number {
  return Math.max(1, idev.cnf.get(DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL))
}
function mld_sendpack({ dev }: inet6_dev): void {
  ndisc_output(dev, in6addr_mldv2_routers)
  probe_sent(dev, REPORT_LENGTH)
}

/** A group has come or gone; nobody hears of those that every node has. */
export function mld_ifc_event(idev: inet6_dev, mc: ifmcaddr6, joined: boolean): void {
  if (!(idev.dev.flags & IFF_UP) || mc.mca_flags & MAF_NOREPORT) return
  if (joined) mc.mca_crcount = MLD_QRV_DEFAULT
  else idev.mc_tomb = MLD_QRV_DEFAULT
  idev.mc_ifc_count = MLD_QRV_DEFAULT
  start(idev, 'mc_ifc_work', 1)
}
/** One report of all that has changed, and again some time later. */
export function mld_ifc_work(idev: inet6_dev): void {
  const changed = idev.mc_list.filter((mc) => mc.mca_crcount > 0)
  for (const mc of changed) mc.mca_crcount--
  if (changed.length > 0 || idev.mc_tomb > 0) mld_sendpack(idev)
  if (idev.mc_tomb > 0) idev.mc_tomb--
  if (idev.mc_ifc_count > 0 && --idev.mc_ifc_count > 0) start(idev, 'mc_ifc_work', unsolicited_report_interval(idev))
}

/** The first link-local address can be used: groups that were reported without a source are reported with it. */
export function ipv6_mc_dad_complete(idev: inet6_dev): void {
  idev.mc_dad_count = MLD_QRV_DEFAULT
  mld_dad_work(idev)
}
export function mld_dad_work(idev: inet6_dev): void {
  if (idev.mc_list.some((mc) => !(mc.mca_flags & MAF_NOREPORT))) mld_sendpack(idev)
  if (idev.mc_dad_count > 0 && --idev.mc_dad_count > 0) start(idev, 'mc_dad_work', unsolicited_report_interval(idev))
}

export function mld_stop(idev: inet6_dev): void {
  if (idev.mc_ifc_work !== undefined) cancel_delayed_work(idev.mc_ifc_work)
  if (idev.mc_dad_work !== undefined) cancel_delayed_work(idev.mc_dad_work)
  idev.mc_ifc_count = idev.mc_dad_count = idev.mc_tomb = 0
}
