/** include/net/ipv6.h: counting packets, for the namespace and for the device (/proc/net/snmp6, IFLA_INET6_STATS). */
import {
  ICMP6_MIB_MAX,
  ICMP6_MIB_OUTMSGS,
  IPSTATS_MIB_MAX,
  IPSTATS_MIB_INOCTETS,
  IPSTATS_MIB_INPKTS,
  UDP_MIB_MEMERRORS,
} from '../../uapi/linux/snmp.ts'
import type { net } from '../core/net_namespace.ts'
import type { inet6_dev } from './if_inet6.ts'

/** Messages by type: those that came in, then those that went out. */
export const ICMP6MSG_OUT = 256

/** The counters of a namespace. */
export class netns_mib6 {
  ipv6: number[] = []
  icmpv6: number[] = []
  icmpv6msg: number[] = []
  udp6: number[] = []
  udplite6: number[] = []
}

/** Most devices never count: their arrays are made when they do. */
function add(counters: number[], size: number, field: number, n: number): void {
  while (counters.length < size) counters.push(0)
  counters[field] += n
}
export function IP6_ADD_STATS(net: net, idev: inet6_dev | undefined, field: number, n: number): void {
  add(net.ipv6.mib.ipv6, IPSTATS_MIB_MAX, field, n)
  if (idev !== undefined) add(idev.stats_ipv6, IPSTATS_MIB_MAX, field, n)
}
export function IP6_INC_STATS(net: net, idev: inet6_dev | undefined, field: number): void {
  IP6_ADD_STATS(net, idev, field, 1)
}
/** Packets and bytes. */
export function IP6_UPD_PO_STATS(net: net, idev: inet6_dev | undefined, packets: number, octets: number, len: number): void {
  IP6_ADD_STATS(net, idev, packets, 1)
  IP6_ADD_STATS(net, idev, octets, len)
}
export function IP6_IN_STATS(net: net, idev: inet6_dev | undefined, len: number): void {
  IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_INPKTS, IPSTATS_MIB_INOCTETS, len)
}
export function ICMP6_INC_STATS(net: net, idev: inet6_dev | undefined, field: number): void {
  add(net.ipv6.mib.icmpv6, ICMP6_MIB_MAX, field, 1)
  if (idev !== undefined) add(idev.stats_icmpv6, ICMP6_MIB_MAX, field, 1)
}
export function UDP6_INC_STATS(net: net, field: number): void {
  add(net.ipv6.mib.udp6, UDP_MIB_MEMERRORS + 1, field, 1)
}
export function UDPLITE6_INC_STATS(net: net, field: number): void {
  add(net.ipv6.mib.udplite6, UDP_MIB_MEMERRORS + 1, field, 1)
}
/** A message of its type, in or out. */
export function ICMP6MSGIN_INC_STATS(net: net, idev: inet6_dev | undefined, type: number): void {
  add(net.ipv6.mib.icmpv6msg, 2 * ICMP6MSG_OUT, type, 1)
  if (idev !== undefined) add(idev.stats_icmpv6msg, 2 * ICMP6MSG_OUT, type, 1)
}
/** One that has been sent. */
export function icmpv6_sent(net: net, idev: inet6_dev | undefined, type: number): void {
  ICMP6MSGIN_INC_STATS(net, idev, type + ICMP6MSG_OUT)
  ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTMSGS)
}
