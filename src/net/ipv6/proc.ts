/** net/ipv6/proc.c: /proc/net/snmp6, dev_snmp6/<device> and sockstat6; and the files of IPv6's protocols that list sockets. */
import { ip6mr_mfc_seq_show, ip6mr_vif_seq_show } from './ip6mr_proc.ts'
import { proc_create, proc_mkdir_names, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import * as mib from '../../uapi/linux/snmp.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { frag_sockstat } from '../ipv4/inet_fragment.ts'
import { raw_seq_show, tcp_seq_show, udp_seq_show } from '../ipv4/inet_seq.ts'
import { inet_inuse } from '../ipv4/proc.ts'
import { ICMP6MSG_OUT } from './ip6_stats.ts'
import { ip6fl_seq_show } from './ip6_flowlabel_mgr.ts'

type item = readonly [string, number]

const snmp6_ipstats_list: readonly item[] = [
  ['InReceives', mib.IPSTATS_MIB_INPKTS],
  ['InHdrErrors', mib.IPSTATS_MIB_INHDRERRORS],
  ['InTooBigErrors', mib.IPSTATS_MIB_INTOOBIGERRORS],
  ['InNoRoutes', mib.IPSTATS_MIB_INNOROUTES],
  ['InAddrErrors', mib.IPSTATS_MIB_INADDRERRORS],
  ['InUnknownProtos', mib.IPSTATS_MIB_INUNKNOWNPROTOS],
  ['InTruncatedPkts', mib.IPSTATS_MIB_INTRUNCATEDPKTS],
  ['InDiscards', mib.IPSTATS_MIB_INDISCARDS],
  ['InDelivers', mib.IPSTATS_MIB_INDELIVERS],
  ['OutForwDatagrams', mib.IPSTATS_MIB_OUTFORWDATAGRAMS],
  ['OutRequests', mib.IPSTATS_MIB_OUTREQUESTS],
  ['OutDiscards', mib.IPSTATS_MIB_OUTDISCARDS],
  ['OutNoRoutes', mib.IPSTATS_MIB_OUTNOROUTES],
  ['ReasmTimeout', mib.IPSTATS_MIB_REASMTIMEOUT],
  ['ReasmReqds', mib.IPSTATS_MIB_REASMREQDS],
  ['ReasmOKs', mib.IPSTATS_MIB_REASMOKS],
  ['ReasmFails', mib.IPSTATS_MIB_REASMFAILS],
  ['FragOKs', mib.IPSTATS_MIB_FRAGOKS],
  ['FragFails', mib.IPSTATS_MIB_FRAGFAILS],
  ['FragCreates', mib.IPSTATS_MIB_FRAGCREATES],
  ['InMcastPkts', mib.IPSTATS_MIB_INMCASTPKTS],
  ['OutMcastPkts', mib.IPSTATS_MIB_OUTMCASTPKTS],
  ['InOctets', mib.IPSTATS_MIB_INOCTETS],
  ['OutOctets', mib.IPSTATS_MIB_OUTOCTETS],
  ['InMcastOctets', mib.IPSTATS_MIB_INMCASTOCTETS],
  ['OutMcastOctets', mib.IPSTATS_MIB_OUTMCASTOCTETS],
  ['InBcastOctets', mib.IPSTATS_MIB_INBCASTOCTETS],
  ['OutBcastOctets', mib.IPSTATS_MIB_OUTBCASTOCTETS],
  ['InNoECTPkts', mib.IPSTATS_MIB_NOECTPKTS],
  ['InECT1Pkts', mib.IPSTATS_MIB_NOECTPKTS + 1],
  ['InECT0Pkts', mib.IPSTATS_MIB_NOECTPKTS + 2],
  ['InCEPkts', mib.IPSTATS_MIB_NOECTPKTS + 3],
  ['OutTransmits', mib.IPSTATS_MIB_OUTPKTS],
]
const snmp6_icmp6_list: readonly item[] = [
  ['InMsgs', mib.ICMP6_MIB_INMSGS],
  ['InErrors', mib.ICMP6_MIB_INERRORS],
  ['OutMsgs', mib.ICMP6_MIB_OUTMSGS],
  ['OutErrors', mib.ICMP6_MIB_OUTERRORS],
  ['InCsumErrors', mib.ICMP6_MIB_CSUMERRORS],
  ['OutRateLimitHost', mib.ICMP6_MIB_RATELIMITHOST],
]
const icmp6type2name: readonly item[] = [
  ['DestUnreachs', 1],
  ['PktTooBigs', 2],
  ['TimeExcds', 3],
  ['ParmProblems', 4],
  ['Echos', 128],
  ['EchoReplies', 129],
  ['GroupMembQueries', 130],
  ['GroupMembResponses', 131],
  ['GroupMembReductions', 132],
  ['RouterSolicits', 133],
  ['RouterAdvertisements', 134],
  ['NeighborSolicits', 135],
  ['NeighborAdvertisements', 136],
  ['Redirects', 137],
  ['MLDv2Reports', 143],
]
const udp_names = 'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors'.split(' ')

/** What a namespace or a device has counted. */
interface counts {
  ipv6: readonly number[]
  icmpv6: readonly number[]
  icmpv6msg: readonly number[]
}

function line(name: string, value: number): string {
  return `${name.padEnd(32)}\t${value}\n`
}
function ip_and_icmp({ ipv6, icmpv6, icmpv6msg }: counts): string {
  let out = ''
  for (const [name, at] of snmp6_ipstats_list) out += line(`Ip6${name}`, ipv6[at] ?? 0)
  for (const [name, at] of snmp6_icmp6_list) out += line(`Icmp6${name}`, icmpv6[at] ?? 0)
  for (const [way, offset] of [
    ['In', 0],
    ['Out', ICMP6MSG_OUT],
  ] as const)
    for (const [name, type] of icmp6type2name) out += line(`Icmp6${way}${name}`, icmpv6msg[offset + type] ?? 0)
  // by number as well, those that there have been
  const numbers = [...icmpv6msg.keys()].filter((i) => icmpv6msg[i] !== 0)
  for (const i of numbers) out += line(`Icmp6${i >= ICMP6MSG_OUT ? 'Out' : 'In'}Type${i % ICMP6MSG_OUT}`, icmpv6msg[i])
  return out
}

export function snmp6_seq_show(net: net): string {
  let out = ip_and_icmp(net.ipv6.mib)
  const { udp6, udplite6 } = net.ipv6.mib
  const names = [...udp_names, 'IgnoredMulti', 'MemErrors']
  for (const [i, name] of names.entries()) out += line(`Udp6${name}`, udp6[i + 1] ?? 0)
  for (const [i, name] of names.entries()) if (name !== 'IgnoredMulti') out += line(`UdpLite6${name}`, udplite6[i + 1] ?? 0)
  return out
}

/** Devices that have IPv6. */
export function dev_snmp6_names(net: net): string[] {
  return net.dev_base_head.filter((dev) => dev.ip6_ptr !== undefined).map((dev) => dev.name)
}
export function snmp6_dev_seq_show(net: net, name: string): string {
  const dev = net.dev_base_head.find((d) => d.name === name)
  const idev = dev?.ip6_ptr
  if (dev === undefined || idev === undefined) return ''
  const { stats_ipv6: ipv6, stats_icmpv6: icmpv6, stats_icmpv6msg: icmpv6msg } = idev
  return line('ifIndex', dev.ifindex) + ip_and_icmp({ ipv6, icmpv6, icmpv6msg })
}

export function sockstat6_seq_show(net: net): string {
  return [
    `TCP6: inuse ${inet_inuse(net, IPPROTO_TCP, AF_INET6)}`,
    `UDP6: inuse ${inet_inuse(net, IPPROTO_UDP, AF_INET6)}`,
    `UDPLITE6: inuse ${inet_inuse(net, IPPROTO_UDPLITE, AF_INET6)}`,
    `RAW6: inuse ${[...net.ipv6.raw_sks].length}`,
    frag_sockstat('FRAG6', net.ipv6.frags),
  ].join('\n')
}

function ipv6_proc_init_net(net: net): Errno | undefined {
  proc_create(net, 'sockstat6', sockstat6_seq_show)
  proc_create(net, 'snmp6', snmp6_seq_show)
  proc_mkdir_names(net, 'dev_snmp6', dev_snmp6_names, snmp6_dev_seq_show)
  proc_create(net, 'ip6_flowlabel', ip6fl_seq_show)
  proc_create(net, 'ip6_mr_vif', ip6mr_vif_seq_show)
  proc_create(net, 'ip6_mr_cache', ip6mr_mfc_seq_show)
  proc_create(net, 'tcp6', tcp_seq_show, { data: { protocol: IPPROTO_TCP, family: AF_INET6 } })
  proc_create(net, 'udp6', udp_seq_show, { data: { protocol: IPPROTO_UDP, family: AF_INET6 } })
  proc_create(net, 'udplite6', udp_seq_show, { data: { protocol: IPPROTO_UDPLITE, family: AF_INET6 } })
  proc_create(net, 'raw6', raw_seq_show, { data: { protocol: 0, family: AF_INET6 } })
  proc_create(net, 'icmp6', raw_seq_show, { data: { protocol: IPPROTO_ICMPV6, family: AF_INET6 } })
  return undefined
}
const names = 'icmp6 raw6 udplite6 udp6 tcp6 ip6_mr_cache ip6_mr_vif ip6_flowlabel dev_snmp6 snmp6 sockstat6'.split(' ')
function ipv6_proc_exit_net(net: net): void {
  for (const name of names) remove_proc_entry(net, name)
}
export const ipv6_misc_proc_ops: pernet_operations = { name: 'ipv6_proc_ops', init: ipv6_proc_init_net, exit: ipv6_proc_exit_net }

/** Called from inet6_init(). */
export function ipv6_misc_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ipv6_misc_proc_ops)
}
