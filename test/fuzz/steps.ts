/** What a fuzzer does to a host, as data: so that a failure can be played again and made smaller. */
import { get16, get32 } from '../../src/lib/bytes.ts'
import { isErrno } from '../../src/uapi/errno.ts'
import { sys_ioctl } from '../../src/syscalls/syscalls.ts'
import type { UserMemory } from '../../src/syscalls/types.ts'
import { EFAULT } from '../../src/uapi/errno.ts'
import { NETLINK_GENERIC, NETLINK_ROUTE, NLMSG_DONE, NLMSG_ERROR } from '../../src/uapi/linux/netlink.ts'
import { badMessage, splitChecked } from './wellFormed.ts'
import type { World } from './world.ts'

export type Step =
  | { kind: 'send'; sock: number; data: Uint8Array }
  | { kind: 'advance'; ns: number }
  | { kind: 'ioctl'; request: number; data: Uint8Array }

/** A page of the caller's, and nothing else. */
class Page implements UserMemory {
  readonly bytes = new Uint8Array(8192)
  read(addr: number, length: number) {
    return this.holds(addr, length) ? this.bytes.slice(addr - 0x1000, addr - 0x1000 + length) : EFAULT
  }
  write(addr: number, bytes: Uint8Array) {
    if (!this.holds(addr, bytes.length)) return EFAULT
    this.bytes.set(bytes, addr - 0x1000)
    return undefined
  }
  private holds(addr: number, length: number): boolean {
    return addr >= 0x1000 && addr + length <= 0x1000 + this.bytes.length
  }
}

/** Takes a step; what is wrong with its outcome, or undefined. A throw is a bug too. */
export function take(world: World, step: Step): string | undefined {
  const bad = act(world, step)
  return bad ?? badDatagrams(NETLINK_ROUTE, world.drain(world.listener), 'notification')
}
function act(world: World, step: Step): string | undefined {
  if (step.kind === 'advance') return void world.lab.advance(step.ns)
  if (step.kind === 'ioctl') return ioctl(world, step)
  const generic = step.sock >= world.route.length
  const answers = world.ask(generic ? world.generic : world.route[step.sock], step.data)
  return badDatagrams(generic ? NETLINK_GENERIC : NETLINK_ROUTE, answers, 'answer') ?? unanswered(step.data, answers)
}
function ioctl(world: World, { request, data }: { request: number; data: Uint8Array }): string | undefined {
  const memory = new Page()
  memory.bytes.set(data)
  const result = sys_ioctl(world.task, world.route[0], request, 0x1000, memory)
  if (!isErrno(result) && !Number.isInteger(result)) return `ioctl ${request.toString(16)} gave ${String(result)}`
  return undefined
}
function badDatagrams(protocol: number, datagrams: readonly Uint8Array[], what: string): string | undefined {
  for (const data of datagrams) {
    const parts = splitChecked(data)
    if (typeof parts === 'string') return `${what}: ${parts}`
    for (const part of parts) {
      const bad = badMessage(protocol, part)
      if (bad !== undefined) return `${what}: ${bad}`
    }
  }
  return undefined
}
/** Before its ACK a generic family may close an answer of several messages with an NLMSG_DONE that has no number. */
const isEnd = (m: Uint8Array) => get16(m, 4) === NLMSG_ERROR || (get16(m, 4) === NLMSG_DONE && m.length >= 20)
/** A request that is one (and that asks for it) is answered by an error or by the end of a dump, with its number. */
function unanswered(data: Uint8Array, answers: readonly Uint8Array[]): string | undefined {
  // what does not fit into the socket's send buffer is refused by sendmsg
  if (data.length < 16 || data.length > 60_000 || get32(data, 0) !== data.length || (get16(data, 6) & 5) !== 5 || get16(data, 4) < 16)
    return undefined
  const ends = answers.flatMap((a) => splitChecked(a) as Uint8Array[]).filter(isEnd)
  if (ends.length !== 1) return `${ends.length} ends of an answer`
  return get32(ends[0], 8) === get32(data, 8) ? undefined : 'an answer with another number'
}
