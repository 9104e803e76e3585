/** include/net/ip.h, icmp.h, udp.h: counting packets of a namespace (/proc/net/snmp, /proc/net/netstat). */
import { ICMP_MIB_OUTMSGS, IPSTATS_MIB_INOCTETS, IPSTATS_MIB_INPKTS } from '../../uapi/linux/snmp.ts'
import type { net } from '../core/net_namespace.ts'

/** Messages by type: those that came in, then those that went out. */
export const ICMPMSG_OUT = 256

/** The counters of a namespace, each at its place of uapi/linux/snmp.ts. What nothing has counted is not there. */
export class netns_mib {
  ip: number[] = []
  icmp: number[] = []
  icmpmsg: number[] = []
  tcp: number[] = []
  udp: number[] = []
  udplite: number[] = []
  /** By the name in /proc/net/netstat. */
  linux = new Map<string, number>()
}

function add(counters: number[], field: number, n: number): void {
  while (counters.length <= field) counters.push(0)
  counters[field] += n
}
export function IP_ADD_STATS(net: net, field: number, n: number): void {
  add(net.ipv4.mib.ip, field, n)
}
export function IP_INC_STATS(net: net, field: number): void {
  add(net.ipv4.mib.ip, field, 1)
}
/** Packets and bytes. */
export function IP_UPD_PO_STATS(net: net, packets: number, octets: number, len: number): void {
  add(net.ipv4.mib.ip, packets, 1)
  add(net.ipv4.mib.ip, octets, len)
}
export function IP_IN_STATS(net: net, len: number): void {
  IP_UPD_PO_STATS(net, IPSTATS_MIB_INPKTS, IPSTATS_MIB_INOCTETS, len)
}
export function ICMP_INC_STATS(net: net, field: number): void {
  add(net.ipv4.mib.icmp, field, 1)
}
export function ICMPMSGIN_INC_STATS(net: net, type: number): void {
  add(net.ipv4.mib.icmpmsg, type, 1)
}
export function ICMPMSGOUT_INC_STATS(net: net, type: number): void {
  add(net.ipv4.mib.icmpmsg, ICMPMSG_OUT + type, 1)
}
/** A message that has been sent. */
export function icmp_out_count(net: net, type: number): void {
  ICMPMSGOUT_INC_STATS(net, type)
  ICMP_INC_STATS(net, ICMP_MIB_OUTMSGS)
}
export function TCP_INC_STATS(net: net, field: number): void {
  add(net.ipv4.mib.tcp, field, 1)
}
export function UDP_INC_STATS(net: net, field: number, is_udplite = false): void {
  add(is_udplite ? net.ipv4.mib.udplite : net.ipv4.mib.udp, field, 1)
}
export function NET_INC_STATS(net: net, name: string): void {
  const { linux } = net.ipv4.mib
  linux.set(name, (linux.get(name) ?? 0) + 1)
}
