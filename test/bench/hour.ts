/**
 * `node --import=tsx test/bench/hour.ts`: an hour of 100 hosts on a switch, by the clock of the lab: each is a bridge with
 * STP and a querier, keeps its neighbour reachable, and hears router advertisements. How many seconds of processor time
 * that takes.
 */
import type { Host } from '../../src/lab/host.ts'
import { Lab } from '../../src/lab/lab.ts'
import { buildLab } from '../../src/lab/topology.ts'
import type { net_device } from '../../src/net/core/netdevice.ts'
import * as syscalls from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { IFLA_BR_MCAST_QUERIER, IFLA_BR_STP_STATE } from '../../src/uapi/linux/if_bridge_link.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MASTER } from '../../src/uapi/linux/if_link.ts'
import { NDA_DST, NDA_FLAGS_EXT, NTF_EXT_MANAGED, ndmsg } from '../../src/uapi/linux/neighbour.ts'
import { ifinfomsg, RTM_NEWLINK, RTM_NEWNEIGH } from '../../src/uapi/linux/rtnetlink.ts'
import { Program } from '../lab/program.ts'

const HOSTS = 100
const HOUR = 3600e9
const RA_INTERVAL = 10e9
const CREATE = 0x400
const IPPROTO_ICMPV6 = 58
const IPV6_MULTICAST_HOPS = 18

const address = (n: number) => Uint8Array.of(10, 0, 0, n + 1)
const device = (host: Host, name: string) => host.kernel.init_net.dev_name_head.get(name) as net_device

/** A bridge over eth0 with the host's address, and a neighbour that the kernel keeps reachable. */
function configure(host: Host, n: number): void {
  const program = new Program(host, 1000)
  const must = (error: number) => {
    if (error !== 0) throw new Error(`${host.name}: ${error}`)
  }
  must(
    program.request(RTM_NEWLINK, CREATE, (skb) => {
      skb.struct(ifinfomsg, {})
      skb.put(IFLA_IFNAME, 'br0')
      const info = skb.nest(IFLA_LINKINFO)
      skb.put(IFLA_INFO_KIND, 'bridge')
      const data = skb.nest(IFLA_INFO_DATA)
      skb.put(IFLA_BR_STP_STATE, 1)
      skb.put(IFLA_BR_MCAST_QUERIER, 1)
      skb.nestEnd(data)
      skb.nestEnd(info)
    }),
  )
  const { ifindex } = device(host, 'br0')
  must(
    program.request(RTM_NEWLINK, 0, (skb) => {
      skb.struct(ifinfomsg, { ifi_index: device(host, 'eth0').ifindex })
      skb.put(IFLA_MASTER, ifindex)
    }),
  )
  must(program.setUp('eth0'))
  must(program.setUp('br0'))
  must(program.addAddress(ifindex, address(n), 24))
  must(
    program.request(RTM_NEWNEIGH, CREATE, (skb) => {
      skb.struct(ndmsg, { ndm_family: 2, ndm_ifindex: ifindex })
      skb.put(NDA_DST, address((n + 1) % HOSTS))
      skb.put(NDA_FLAGS_EXT, NTF_EXT_MANAGED)
    }),
  )
}

/** Advertises 2001:db8::/64 to all, as radvd does. */
function advertise(host: Host): void {
  const task = host.task()
  const sock = syscalls.sys_socket(task, 10, 3, IPPROTO_ICMPV6)
  if (isErrno(sock)) throw new Error(String(sock))
  syscalls.sys_setsockopt(task, sock, 41, IPV6_MULTICAST_HOPS, Uint8Array.of(255, 0, 0, 0))
  const prefix = [3, 4, 64, 0xc0, 0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40, 0, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, ...Array(12).fill(0)]
  const data = Uint8Array.from([134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, ...prefix])
  const scope = device(host, 'br0').ifindex
  const all_nodes = Uint8Array.from([10, 0, 0, 0, 0, 0, 0, 0, 0xff, 2, ...Array(13).fill(0), 1, scope, 0, 0, 0])
  syscalls.sys_sendmsg(task, sock, { data, flags: 0, name: all_nodes })
  syscalls.sys_close(sock)
}

/** Seconds of processor time for the hour, and frames that were on wires meanwhile. */
export function hourOfHosts(): { seconds: number; frames: number } {
  const lab = new Lab({ transcript: 0 })
  const names = Array.from({ length: HOSTS }, (_, n) => `h${n}`)
  buildLab(lab, {
    hosts: Object.fromEntries(names.map((name) => [name, null])),
    switches: { sw: null },
    wires: names.map((name) => ({ name, ends: [`${name}/eth0`, `sw/${name}`] })),
  })
  names.forEach((name, n) => configure(lab.host(name), n))
  const begin = process.cpuUsage()
  while (lab.events.now < HOUR) {
    advertise(lab.host('h0'))
    lab.advance(RA_INTERVAL)
  }
  const { user, system } = process.cpuUsage(begin)
  const frames = [...lab.wires.values()].reduce((sum, { cable }) => sum + cable.sent[0] + cable.sent[1], 0)
  return { seconds: (user + system) / 1e6, frames }
}

if (process.argv[1] === import.meta.filename) {
  const { seconds, frames } = hourOfHosts()
  console.log(`an hour of ${HOSTS} hosts: ${seconds.toFixed(1)} s, ${frames} frames`)
}
