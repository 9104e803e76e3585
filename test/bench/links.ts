/** Links by the thousand, in one process: made, listed and deleted by requests, and how the cost grows with their number. */
import { Lab } from '../../src/lab/lab.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { sys_recvmsg, sys_sendmsg, sys_socket } from '../../src/syscalls/syscalls.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO } from '../../src/uapi/linux/if_link.ts'
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NLMSG_DONE } from '../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../../src/uapi/linux/rtnetlink.ts'
import { AF_NETLINK, SOCK_RAW } from '../../src/uapi/linux/socket.ts'
import { slope } from './growth.ts'
import { type Figure, seconds } from './routes.ts'

const ROOM = { size: 32768, controlSize: 0, flags: 0 }
const SIZES = [1000, 3000, 10_000, 30_000, 100_000]
/** The size that single costs are told of. */
const USUAL = 10_000

function message(type: number, flags: number, name?: string, kind?: string): Uint8Array {
  const skb = new MessageBuilder()
  skb.begin(type, NLM_F_REQUEST | flags, 1, 0)
  skb.struct(ifinfomsg, {})
  if (name !== undefined) skb.put(IFLA_IFNAME, name)
  if (kind !== undefined) {
    const info = skb.nest(IFLA_LINKINFO)
    skb.put(IFLA_INFO_KIND, kind)
    skb.nestEnd(info)
  }
  skb.end()
  return skb.bytes().slice()
}

class Links {
  private readonly host = new Lab({ time: 'virtual', transcript: 0 }).addHost('bench', { ipv6: false, devices: [] })
  private readonly task = this.host.task()
  private readonly sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
  private readonly names: string[]
  constructor(count: number) {
    this.names = Array.from({ length: count }, (_, i) => `x${i}`)
  }
  private receive(): Uint8Array {
    const answer = sys_recvmsg(this.task, this.sock as never, ROOM)
    if (isErrno(answer)) throw new Error(answer.name)
    return answer.data
  }
  private ask(data: Uint8Array): void {
    sys_sendmsg(this.task, this.sock as never, { data, flags: 0 })
    const answer = this.receive()
    if (answer[16] !== 0) throw new Error(`error ${answer[16] - 256}`)
  }
  add(): void {
    for (const name of this.names) this.ask(message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, name, 'dummy'))
  }
  dump(): void {
    sys_sendmsg(this.task, this.sock as never, { data: message(RTM_GETLINK, NLM_F_DUMP), flags: 0 })
    while (this.receive()[4] !== NLMSG_DONE) {}
  }
  delete(): void {
    for (const name of this.names) this.ask(message(RTM_DELLINK, NLM_F_ACK, name))
  }
}

const works = ['add', 'dump', 'delete'] as const
type Costs = Record<(typeof works)[number], number>

/** Seconds of processor time, the least of some rounds: more of them for few links. */
function costs(count: number): Costs {
  const best = { add: Number.POSITIVE_INFINITY, dump: Number.POSITIVE_INFINITY, delete: Number.POSITIVE_INFINITY }
  for (let round = 0; round < Math.max(3, 20_000 / count); round++) {
    const links = new Links(count)
    for (const work of works)
      best[work] = Math.min(
        best[work],
        seconds(() => links[work]()),
      )
  }
  return best
}

export function links(): Figure[] {
  costs(USUAL) // compiled
  const all = SIZES.map((count) => ({ count, ...costs(count) }))
  const usual = all.find(({ count }) => count === USUAL)
  const figures: Figure[] = []
  for (const [work, what] of [
    ['add', 'RTM_NEWLINK'],
    ['dump', 'one link of a dump'],
    ['delete', 'RTM_DELLINK'],
  ] as const) {
    const micros = ((usual?.[work] ?? 0) * 1e6) / USUAL
    figures.push({ what: `in process: ${what}, ${USUAL} links, CPU`, ours: micros, unit: 'µs', target: '<= 10 µs' })
    const points = all.map((cost) => [cost.count, cost[work]] as const)
    figures.push({ what: `growth of link ${work}, exponent`, ours: slope(points), unit: '', target: '<= 1.1' })
  }
  return figures
}
