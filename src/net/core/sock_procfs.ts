/** net/core/sock.c proto_seq_show: /proc/net/protocols. */
import { proc_create, remove_proc_entry } from '../../fs/proc_net.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { Errno } from '../../uapi/errno.ts'
import type { sock } from '../sock.ts'
import { type net, type pernet_operations, register_pernet_subsys } from './net_namespace.ts'

const header = 'protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em'
/** What Linux registers, the latest first: name, size of a socket, and which operations the protocol has. */
const protocols = [
  'PACKET    1600      0      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n',
  'MPTCPv6   2160      0       0   no       0   yes  kernel      y  y  y  n  y  y  y  y  y  y  y  y  n  n  y  y  y  n',
  'PINGv6    1192      0      -1   NI       0   yes  kernel      y  y  y  n  n  y  n  n  y  y  y  y  y  y  y  y  y  n',
  'RAWv6     1192      0      -1   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  y  y  y  y  n  n',
  'UDPLITEv6 1344      0       0   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n',
  'UDPv6     1344      0       0   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n',
  'TCPv6     2560      0       0   no     320   yes  kernel      y  y  y  y  y  y  y  y  y  y  y  y  n  y  y  y  y  y',
  'XDP       1088      0      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n',
  'UNIX-STREAM 1024      0      -1   NI       0   yes  kernel      y  n  n  n  n  n  n  n  n  n  n  n  n  n  n  y  n  n',
  'UNIX      1024      0      -1   NI       0   yes  kernel      y  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n',
  'UDP-Lite  1152      0       0   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n',
  'MPTCP     2016      0       0   no       0   yes  kernel      y  y  y  n  y  y  y  y  y  y  y  y  n  n  y  y  y  n',
  'PING      1000      0      -1   NI       0   yes  kernel      y  y  y  n  n  y  n  n  y  y  y  y  y  y  y  y  y  n',
  'RAW       1008      0      -1   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  y  y  y  y  n  n',
  'UDP       1152      0       0   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n',
  'TCP       2368      0       0   no     320   yes  kernel      y  y  y  y  y  y  y  y  y  y  y  y  n  y  y  y  y  y',
  'NETLINK   1088      0      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n',
]
/** Programs' sockets of AF_NETLINK in a namespace. */
export function netlink_sockets(net: net): number {
  let count = 0
  for (const { hash } of net.kernel.netlink.tables) for (const sk of hash.get(net)?.values() ?? []) if (sk.cfg === undefined) count++
  return count
}

function bound(net: net, protocol: number, family: number): number {
  let count = 0
  for (const holders of (net.ipv4?.ports.get(protocol) as Map<number, Set<sock>> | undefined)?.values() ?? [])
    for (const sk of holders) if (sk.sk_family === family) count++
  return count
}
/** Name in the table → how many there are. Others have none here. */
function counts(net: net): Map<string, number> {
  return new Map([
    ['PACKET', net.gen.get('packet')?.sklist.length ?? 0],
    ['NETLINK', netlink_sockets(net)],
    ['UDP', bound(net, 17, 2)],
    ['UDPv6', bound(net, 17, 10)],
    ['TCP', bound(net, 6, 2)],
    ['TCPv6', bound(net, 6, 10)],
    ['RAWv6', [...(net.ipv6?.raw_sks ?? [])].length],
  ])
}
export function proto_seq_show(net: net): string {
  const of = counts(net)
  const lines = protocols.filter((line) => net.kernel.params.ipv6 || !/^\S*v6 /.test(line))
  return `${[header, ...lines.map((line) => with_count(line, of.get(line.slice(0, line.indexOf(' '))) ?? 0))].join('\n')}\n`
}
function with_count(line: string, count: number): string {
  return line.replace(/^(\S+ +\d+ )( *)0/, (_, head, gap) => head + String(count).padStart(gap.length + 1))
}

function proto_init_net(net: net): Errno | undefined {
  proc_create(net, 'protocols', proto_seq_show)
  return undefined
}
function proto_exit_net(net: net): void {
  remove_proc_entry(net, 'protocols')
}
export const proto_net_ops: pernet_operations = { name: 'proto_net_ops', init: proto_init_net, exit: proto_exit_net }

/** subsys_initcall */
export function proto_init(kernel: Kernel): Errno | undefined {
  return register_pernet_subsys(kernel, proto_net_ops)
}
