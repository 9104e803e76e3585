/** net/ipv6/addrconf.c addrconf_init: addresses of devices, and how a namespace begins and ends. */
import type { Kernel } from '../../kernel/kernel.ts'
import { HZ } from '../../kernel/time.ts'
import { notifier_block } from '../../kernel/notifier.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import * as CONF from '../../uapi/linux/ipv6.ts'
import {
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_GETANYCAST,
  RTM_GETLINK,
  RTM_GETMULTICAST,
  RTM_GETNETCONF,
  RTM_NEWADDR,
} from '../../uapi/linux/rtnetlink.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { register_netdevice_notifier } from '../core/dev.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { rtnl_af_register, rtnl_register, RTNL_FLAG_DOIT_UNLOCKED, RTNL_FLAG_DUMP_UNLOCKED } from '../core/rtnetlink.ts'
import { addrconf_notify } from './addrconf_dev.ts'
import { inet6_dump_ifinfo, inet6_ops } from './addrconf_ifinfo.ts'
import { inet6_netconf_dump_devconf, inet6_netconf_get_devconf } from './addrconf_netconf.ts'
import {
  inet6_dump_ifacaddr,
  inet6_dump_ifaddr,
  inet6_dump_ifmcaddr,
  inet6_rtm_deladdr,
  inet6_rtm_getaddr,
  inet6_rtm_newaddr,
} from './addrconf_rtm.ts'
import { addrconf_sysctl_register_net, addrconf_sysctl_unregister_net } from './addrconf_sysctl.ts'
import { stop_verify } from './addrconf_verify.ts'
import { ipv6_addr_label_init, ipv6_addr_label_rtnl_register } from './addrlabel.ts'
import { ip6_mr_init } from './ip6mr.ts'
import { ipv6_devconf } from './netns_ipv6.ts'

/** Settings that are not 0 when Linux comes up; times in jiffies. */
const compiled: readonly [nr: number, value: number][] = [
  [CONF.DEVCONF_HOPLIMIT, 64],
  [CONF.DEVCONF_MTU6, CONF.IPV6_MIN_MTU],
  [CONF.DEVCONF_ACCEPT_RA, 1],
  [CONF.DEVCONF_ACCEPT_REDIRECTS, 1],
  [CONF.DEVCONF_AUTOCONF, 1],
  [CONF.DEVCONF_DAD_TRANSMITS, 1],
  [CONF.DEVCONF_RTR_SOLICITS, -1],
  [CONF.DEVCONF_RTR_SOLICIT_INTERVAL, 4 * HZ],
  [CONF.DEVCONF_RTR_SOLICIT_MAX_INTERVAL, 3600 * HZ],
  [CONF.DEVCONF_RTR_SOLICIT_DELAY, HZ],
  [CONF.DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL, 10 * HZ],
  [CONF.DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL, HZ],
  [CONF.DEVCONF_TEMP_VALID_LFT, 7 * 86400],
  [CONF.DEVCONF_TEMP_PREFERED_LFT, 86400],
  [CONF.DEVCONF_REGEN_MIN_ADVANCE, 2],
  [CONF.DEVCONF_REGEN_MAX_RETRY, 3],
  [CONF.DEVCONF_MAX_DESYNC_FACTOR, 600],
  [CONF.DEVCONF_MAX_ADDRESSES, 16],
  [CONF.DEVCONF_ACCEPT_RA_DEFRTR, 1],
  [CONF.DEVCONF_RA_DEFRTR_METRIC, 1024],
  [CONF.DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT, 1],
  [CONF.DEVCONF_ACCEPT_RA_PINFO, 1],
  [CONF.DEVCONF_ACCEPT_RA_RTR_PREF, 1],
  [CONF.DEVCONF_RTR_PROBE_INTERVAL, 60 * HZ],
  [CONF.DEVCONF_SUPPRESS_FRAG_NDISC, 1],
  [CONF.DEVCONF_ACCEPT_RA_MTU, 1],
  [CONF.DEVCONF_ENHANCED_DAD, 1],
  [CONF.DEVCONF_IOAM6_ID, 0xffff],
  [CONF.DEVCONF_IOAM6_ID_WIDE, -1],
  [CONF.DEVCONF_NDISC_EVICT_NOCARRIER, 1],
]
function compiled_devconf(accept_dad: number): ipv6_devconf {
  const cnf = new ipv6_devconf()
  for (const [nr, value] of compiled) cnf.set(nr, value)
  cnf.set(CONF.DEVCONF_ACCEPT_DAD, accept_dad)
  return cnf
}

export const addrconf_ops: pernet_operations = { name: 'addrconf_ops', init: addrconf_init_net, exit: addrconf_exit_net }
/** New namespaces have the compiled settings, whatever the first one's are (net.core.devconf_inherit_init_net 0). */
export function addrconf_init_net(net: net): Errno | undefined {
  net.ipv6.devconf_all = compiled_devconf(0)
  net.ipv6.devconf_dflt = compiled_devconf(1)
  addrconf_sysctl_register_net(net)
  return undefined
}
export function addrconf_exit_net(net: net): void {
  addrconf_sysctl_unregister_net(net)
  stop_verify(net)
}

export function addrconf_init(kernel: Kernel): Errno | undefined {
  const error = ipv6_addr_label_init(kernel) ?? register_pernet_subsys(kernel, addrconf_ops)
  if (isErrno(error)) return error
  register_netdevice_notifier(kernel, new notifier_block(addrconf_notify, kernel))
  rtnl_af_register(kernel, inet6_ops)
  rtnl_register(kernel, AF_INET6, RTM_GETLINK, { dumpit: inet6_dump_ifinfo, flags: RTNL_FLAG_DUMP_UNLOCKED })
  rtnl_register(kernel, AF_INET6, RTM_NEWADDR, { doit: inet6_rtm_newaddr })
  rtnl_register(kernel, AF_INET6, RTM_DELADDR, { doit: inet6_rtm_deladdr })
  const unlocked = RTNL_FLAG_DOIT_UNLOCKED | RTNL_FLAG_DUMP_UNLOCKED
  rtnl_register(kernel, AF_INET6, RTM_GETADDR, { doit: inet6_rtm_getaddr, dumpit: inet6_dump_ifaddr, flags: unlocked })
  rtnl_register(kernel, AF_INET6, RTM_GETMULTICAST, { dumpit: inet6_dump_ifmcaddr, flags: RTNL_FLAG_DUMP_UNLOCKED })
  rtnl_register(kernel, AF_INET6, RTM_GETANYCAST, { dumpit: inet6_dump_ifacaddr, flags: RTNL_FLAG_DUMP_UNLOCKED })
  rtnl_register(kernel, AF_INET6, RTM_GETNETCONF, { doit: inet6_netconf_get_devconf, dumpit: inet6_netconf_dump_devconf, flags: unlocked })
  ipv6_addr_label_rtnl_register(kernel)
  return ip6_mr_init(kernel)
}
