/** net/ipv4/proc.c: /proc/net/snmp, netstat and sockstat; and the files of IPv4's protocols that list sockets and caches. */
import { ipmr_mfc_seq_show, ipmr_vif_seq_show } from './ipmr_proc.ts'
import { proc_create, proc_mkdir, proc_net_root, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_FORWARDING } from '../../uapi/linux/ip.ts'
import * as mib from '../../uapi/linux/snmp.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { type net, type pernet_operations, register_pernet_subsys } from '../core/net_namespace.ts'
import { netlink_sockets } from '../core/sock_procfs.ts'
import { frag_sockstat } from './inet_fragment.ts'
import { inet_port_holders, raw_seq_show, tcp_seq_show, udp_seq_show } from './inet_seq.ts'
import { TCP_CLOSE, TCP_LISTEN } from './inet_sock.ts'
import { ICMPMSG_OUT } from './ip_stats.ts'
import { linux_mib_names, mptcp_mib_names } from './proc_names.ts'

/** Name and place of a counter. */
type item = readonly [string, number]

const snmp4_ipstats_list: readonly item[] = [
  ['InReceives', mib.IPSTATS_MIB_INPKTS],
  ['InHdrErrors', mib.IPSTATS_MIB_INHDRERRORS],
  ['InAddrErrors', mib.IPSTATS_MIB_INADDRERRORS],
  ['ForwDatagrams', mib.IPSTATS_MIB_OUTFORWDATAGRAMS],
  ['InUnknownProtos', mib.IPSTATS_MIB_INUNKNOWNPROTOS],
  ['InDiscards', mib.IPSTATS_MIB_INDISCARDS],
  ['InDelivers', mib.IPSTATS_MIB_INDELIVERS],
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
  ['OutTransmits', mib.IPSTATS_MIB_OUTPKTS],
]
const snmp4_ipextstats_list: readonly item[] = [
  ['InNoRoutes', mib.IPSTATS_MIB_INNOROUTES],
  ['InTruncatedPkts', mib.IPSTATS_MIB_INTRUNCATEDPKTS],
  ['InMcastPkts', mib.IPSTATS_MIB_INMCASTPKTS],
  ['OutMcastPkts', mib.IPSTATS_MIB_OUTMCASTPKTS],
  ['InBcastPkts', mib.IPSTATS_MIB_INBCASTPKTS],
  ['OutBcastPkts', mib.IPSTATS_MIB_OUTBCASTPKTS],
  ['InOctets', mib.IPSTATS_MIB_INOCTETS],
  ['OutOctets', mib.IPSTATS_MIB_OUTOCTETS],
  ['InMcastOctets', mib.IPSTATS_MIB_INMCASTOCTETS],
  ['OutMcastOctets', mib.IPSTATS_MIB_OUTMCASTOCTETS],
  ['InBcastOctets', mib.IPSTATS_MIB_INBCASTOCTETS],
  ['OutBcastOctets', mib.IPSTATS_MIB_OUTBCASTOCTETS],
  ['InCsumErrors', mib.IPSTATS_MIB_CSUMERRORS],
  ['InNoECTPkts', mib.IPSTATS_MIB_NOECTPKTS],
  ['InECT1Pkts', mib.IPSTATS_MIB_NOECTPKTS + 1],
  ['InECT0Pkts', mib.IPSTATS_MIB_NOECTPKTS + 2],
  ['InCEPkts', mib.IPSTATS_MIB_NOECTPKTS + 3],
  ['ReasmOverlaps', mib.IPSTATS_MIB_REASM_OVERLAPS],
]
/** By type of message. */
const icmpmibmap: readonly item[] = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
]
const icmp_in: readonly item[] = [
  ['InMsgs', mib.ICMP_MIB_INMSGS],
  ['InErrors', mib.ICMP_MIB_INERRORS],
  ['InCsumErrors', mib.ICMP_MIB_CSUMERRORS],
]
const icmp_out: readonly item[] = [
  ['OutMsgs', mib.ICMP_MIB_OUTMSGS],
  ['OutErrors', mib.ICMP_MIB_OUTERRORS],
  ['OutRateLimitGlobal', mib.ICMP_MIB_RATELIMITGLOBAL],
  ['OutRateLimitHost', mib.ICMP_MIB_RATELIMITHOST],
]
/** TCP's first four are settings: the algorithm, and bounds of its timer in ms. */
const TCP_SETTINGS = [1, 200, 120000, -1]
const tcp_names = (
  'RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab ' +
  'InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors'
).split(' ')
const udp_names = 'InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors'.split(' ')

function table(prefix: string, names: readonly string[], values: readonly number[]): string {
  return `${prefix}: ${names.join(' ')}\n${prefix}: ${values.join(' ')}\n`
}
function counters(prefix: string, list: readonly item[], from: readonly number[]): string {
  return table(
    prefix,
    list.map(([name]) => name),
    list.map(([, at]) => from[at] ?? 0),
  )
}
/** Counters whose places are those of their names, from 1 on. */
function numbered(prefix: string, names: readonly string[], from: readonly number[]): string {
  return counters(
    prefix,
    names.map((name, i) => [name, i + 1] as const),
    from,
  )
}

function icmp_put(net: net): string {
  const { icmp, icmpmsg } = net.ipv4.mib
  const of = (list: readonly item[]) => list.map(([, at]) => icmp[at] ?? 0)
  const by_type = (offset: number) => icmpmibmap.map(([, type]) => icmpmsg[offset + type] ?? 0)
  const names = [
    ...icmp_in.map(([name]) => name),
    ...icmpmibmap.map(([name]) => `In${name}`),
    ...icmp_out.map(([name]) => name),
    ...icmpmibmap.map(([name]) => `Out${name}`),
  ]
  return table('Icmp', names, [...of(icmp_in), ...by_type(0), ...of(icmp_out), ...by_type(ICMPMSG_OUT)])
}
/** Only types that were counted, sixteen a pair of lines. */
function icmpmsg_put(net: net): string {
  const { icmpmsg } = net.ipv4.mib
  const seen = [...icmpmsg.keys()].filter((i) => icmpmsg[i] !== 0)
  let out = ''
  for (let at = 0; at < seen.length; at += 16) {
    const part = seen.slice(at, at + 16)
    out += table(
      'IcmpMsg',
      part.map((i) => `${i >= ICMPMSG_OUT ? 'Out' : 'In'}Type${i % ICMPMSG_OUT}`),
      part.map((i) => icmpmsg[i]),
    )
  }
  return out
}

export function snmp_seq_show(net: net): string {
  const { mib: counts, devconf_all, sysctl_ip_default_ttl } = net.ipv4
  const forwarding = devconf_all.get(IPV4_DEVCONF_FORWARDING) !== 0 ? 1 : 2
  const names = ['Forwarding', 'DefaultTTL', ...snmp4_ipstats_list.map(([name]) => name)]
  const tcp = tcp_names.map((_, i) => TCP_SETTINGS[i] ?? counts.tcp[i + 1] ?? 0)
  return [
    table('Ip', names, [forwarding, sysctl_ip_default_ttl, ...snmp4_ipstats_list.map(([, at]) => counts.ip[at] ?? 0)]),
    icmp_put(net),
    icmpmsg_put(net),
    table('Tcp', tcp_names, tcp),
    numbered('Udp', udp_names, counts.udp),
    numbered('UdpLite', udp_names, counts.udplite),
  ].join('')
}

export function netstat_seq_show(net: net): string {
  const { ip, linux } = net.ipv4.mib
  const tcpext = linux_mib_names.map((name) => linux.get(name) ?? 0)
  return [
    table('TcpExt', linux_mib_names, tcpext),
    counters('IpExt', snmp4_ipextstats_list, ip),
    numbered('MPTcpExt', mptcp_mib_names, []),
  ].join('')
}

/** Sockets that are in their protocol's table: bound ones, and TCP's when they listen or more. */
export function inet_inuse(net: net, protocol: number, family: number): number {
  const holders = inet_port_holders(net, protocol, family)
  return protocol === IPPROTO_TCP ? holders.filter((sk) => sk.sk_state !== TCP_CLOSE).length : holders.length
}

/** AF_UNIX's sockets are the real kernel's and not counted. */
export function sockstat_seq_show(net: net): string {
  const tcp = inet_port_holders(net, IPPROTO_TCP, AF_INET)
  const six = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE].reduce((sum, p) => sum + inet_port_holders(net, p, AF_INET6).length, 0)
  const udp = inet_inuse(net, IPPROTO_UDP, AF_INET)
  const udplite = inet_inuse(net, IPPROTO_UDPLITE, AF_INET)
  const listening = tcp.filter((sk) => sk.sk_state === TCP_LISTEN).length
  return [
    `sockets: used ${netlink_sockets(net) + tcp.length + udp + udplite + six}`,
    `TCP: inuse ${listening} orphan 0 tw 0 alloc ${net.kernel.inet.tcp_sockets_allocated} mem 0`,
    `UDP: inuse ${udp} mem 0`,
    `UDPLITE: inuse ${udplite}`,
    `RAW: inuse ${net.ipv4.raw_sks.length}`,
    frag_sockstat('FRAG', net.ipv4.frags),
  ].join('\n')
}

/** net/ipv4/route.c: there has been no routing cache since Linux 3.6. */
export function rt_cache_seq_show(): string {
  const columns = [
    'Iface\tDestination\tGateway \tFlags\t',
    'RefCnt\tUse\tMetric\tSource\t',
    'MTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst',
  ]
  return `${columns.join('\t').padEnd(127)}\n`
}
/** 256 realms with four counters each, all of which stay 0: nothing here counts by realm. */
export function rt_acct_show(): string {
  return '\0'.repeat(4096)
}
export function rt_cache_stat_show(net: net): string {
  const header = [
    'entries  in_hit   in_slow_tot in_slow_mc in_no_route in_brd   in_martian_dst in_martian_src out_hit  out_slow_tot out_slow_mc gc_total ',
    'gc_ignored gc_goal_miss gc_dst_overflow in_hlist_search out_hlist_search\n',
  ].join('')
  const zero = '00000000'
  const gaps = [1, 1, 4, 3, 4, 1, 7, 7, 1, 5, 4, 1, 3, 5, 8, 8]
  const line = `${zero}${gaps.map((gap) => ' '.repeat(gap) + zero).join('')}\n`
  return header + line.repeat(net.kernel.params.nr_cpus)
}

function ip_misc_net_init(net: net): Errno | undefined {
  proc_create(net, 'sockstat', sockstat_seq_show)
  proc_create(net, 'netstat', netstat_seq_show)
  proc_create(net, 'snmp', snmp_seq_show)
  proc_create(net, 'rt_cache', rt_cache_seq_show)
  proc_create(net, 'rt_acct', rt_acct_show)
  proc_create(net, 'ip_mr_vif', ipmr_vif_seq_show)
  proc_create(net, 'ip_mr_cache', ipmr_mfc_seq_show)
  proc_create(net, 'tcp', tcp_seq_show, { data: { protocol: IPPROTO_TCP, family: AF_INET } })
  proc_create(net, 'udp', udp_seq_show, { data: { protocol: IPPROTO_UDP, family: AF_INET } })
  proc_create(net, 'udplite', udp_seq_show, { data: { protocol: IPPROTO_UDPLITE, family: AF_INET } })
  proc_create(net, 'raw', raw_seq_show, { data: { protocol: 0, family: AF_INET } })
  proc_create(net, 'icmp', raw_seq_show, { data: { protocol: IPPROTO_ICMP, family: AF_INET } })
  const stat = proc_net_root(net).subdir.get('stat') ?? proc_mkdir(net, 'stat')
  proc_create(net, 'rt_cache', rt_cache_stat_show, { parent: stat })
  return undefined
}
const names = ['icmp', 'raw', 'udplite', 'udp', 'tcp', 'ip_mr_cache', 'ip_mr_vif', 'rt_acct', 'rt_cache', 'snmp', 'netstat', 'sockstat']
function ip_misc_net_exit(net: net): void {
  for (const name of [...names, 'stat']) remove_proc_entry(net, name)
}
export const ip_misc_proc_ops: pernet_operations = { name: 'ip_proc_ops', init: ip_misc_net_init, exit: ip_misc_net_exit }

/** Called from inet_init(). */
export function ip_misc_proc_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, ip_misc_proc_ops)
}
