/** Seeded histories of a host: likely requests, the clock, another namespace; and after each step what must hold. */
import type { Lab } from '../../src/lab/lab.ts'
import { get16, get32, getS32, getString, hex, put32, putString } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { sys_ioctl } from '../../src/syscalls/syscalls.ts'
import type { UserMemory } from '../../src/syscalls/types.ts'
import { EFAULT, isErrno } from '../../src/uapi/errno.ts'
import { SIOCGIFFLAGS, SIOCGIFINDEX, SIOCGIFMTU } from '../../src/uapi/linux/sockios.ts'
import { likely, type Recipe } from './likely.ts'
import { encode, type MessageTree } from './tree.ts'
import { type Context, chance, pick } from './values.ts'
import { add, objectOf, parse, type View } from './views.ts'
import { splitChecked } from './wellFormed.ts'
import { World } from './world.ts'

const kinds = ['veth', 'dummy', 'bridge', 'vlan', 'ifb', 'macvlan']
const recipes: readonly Recipe[] = [
  'linkAdd',
  'linkSet',
  'linkSet',
  'linkDelete',
  'addr',
  'addr',
  'route',
  'route',
  'rule',
  'neigh',
  'nexthop',
]

export type Act = { kind: 'send'; tree: MessageTree; data: Uint8Array } | { kind: 'advance'; ns: number }

/** A history is the same whatever happens in it. */
export function historyOf(seed: number, count: number): Act[] {
  const random = new RandomStream(seed, 'history')
  const ctx: Context = { random, family: 0, kinds, data: () => undefined }
  return Array.from({ length: count }, (_, i): Act => {
    if (chance(random, 0.06)) return { kind: 'advance', ns: pick(random, [1e8, 1e9, 3e9, 30e9]) }
    const tree = likely(ctx, i < 8 ? ['linkAdd'] : i < 20 ? ['linkSet', 'addr'] : recipes)
    tree.flags = (tree.flags | 5) & ~8
    return { kind: 'send', tree, data: encode(tree, i + 1) }
  })
}

const dumps: readonly (readonly [number, number])[] = [
  [18, 16],
  [22, 8],
  [26, 12],
  [30, 12],
  [34, 12],
  [106, 8],
]
function dumpRequest(type: number, size: number, family: number): Uint8Array {
  const data = new Uint8Array(16 + size)
  put32(data, 0, data.length)
  data[4] = type
  data[6] = 1
  data[7] = 3
  data[16] = family
  return data
}
/** All dumps, as one view. */
export function dumped(world: World): View {
  const view: View = new Map()
  const take = (data: Uint8Array) => {
    for (const part of world.ask(world.route[1], data)) {
      for (const message of splitChecked(part) as Uint8Array[]) {
        const p = get16(message, 4) >= 16 ? parse(message) : undefined
        const object = p && objectOf(p)
        if (object !== undefined) view.set(object.key, object.says)
      }
    }
  }
  for (const [type, size] of dumps) take(dumpRequest(type, size, type === 26 ? 2 : 0))
  return view
}

export class Walk {
  world: World
  sum: View
  constructor(world: World) {
    this.world = world
    world.drain(world.listener)
    this.sum = dumped(world)
  }
  /** Takes a step; the errno that it was answered with, and what was told meanwhile. */
  step(act: Act): { error: number; told: Uint8Array[] } {
    const { world } = this
    let error = 0
    if (act.kind === 'advance') world.lab.advance(act.ns)
    else {
      const [answer] = world.ask(world.route[1], act.data)
      error = answer === undefined || get16(answer, 4) !== 2 ? 0 : getS32(answer, 16)
    }
    const told = world.drain(world.listener).flatMap((d) => splitChecked(d) as Uint8Array[])
    for (const message of told) add(this.sum, message)
    return { error, told }
  }
  /**
   * How the dumps differ from the sum of what was told, by lines. IPv4 routes may go silently (with their device, source
   * address or nexthop object), and nexthop objects with their device, as on Linux: they are taken out of the sum.
   */
  differences(): string[] {
    const now = dumped(this.world)
    const out: string[] = []
    for (const [key, says] of now) {
      if (!this.sum.has(key)) out.push(`dumped but never told: ${key}`)
      else if (this.sum.get(key) !== says) out.push(`${key}: told ${this.sum.get(key)}, dumped ${says}`)
    }
    for (const key of this.sum.keys()) {
      if (now.has(key)) continue
      if (/^(route|nexthop) /.test(key)) this.sum.delete(key)
      else out.push(`told but not dumped: ${key}`)
    }
    return out
  }
}

class Page implements UserMemory {
  readonly bytes = new Uint8Array(64)
  read(addr: number, length: number) {
    return addr === 0x1000 && length <= 64 ? this.bytes.slice(0, length) : EFAULT
  }
  write(addr: number, bytes: Uint8Array) {
    if (addr !== 0x1000) return EFAULT
    this.bytes.set(bytes)
    return undefined
  }
}
/** Where ioctl and netlink do not say the same of a device. */
export function disagreements(world: World): string[] {
  const out: string[] = []
  for (const part of world.ask(world.route[1], dumpRequest(18, 16, 0))) {
    for (const message of splitChecked(part) as Uint8Array[]) {
      const p = parse(message)
      if (p === undefined) continue
      const raw = p.attrs.get(3) as Uint8Array
      const name = getString(raw, 0, raw.length)
      const ask = (request: number): number => {
        const page = new Page()
        putString(page.bytes, 0, name)
        const result = sys_ioctl(world.task, world.route[0], request, 0x1000, page)
        return isErrno(result) ? -result.code : get32(page.bytes, 16)
      }
      const mtu = get32(p.attrs.get(4) as Uint8Array, 0)
      if (ask(SIOCGIFINDEX) !== get32(p.body, 4)) out.push(`${name}: index`)
      if (ask(SIOCGIFMTU) !== mtu) out.push(`${name}: MTU ${ask(SIOCGIFMTU)}, netlink ${mtu}`)
      if ((ask(SIOCGIFFLAGS) & 0xffff) !== (get32(p.body, 8) & 0xffff)) out.push(`${name}: flags`)
    }
  }
  return out
}

/** A message without its receiver's port and number. */
export function untold(message: Uint8Array): string {
  return `${get16(message, 4)} ${hex(message.subarray(16))}`
}
/** The lab saved and loaded; programs do not survive that, so both begin anew with sockets of their own. */
export function reloaded(world: World, load: (bytes: Uint8Array) => Lab): { same: World; other: World } {
  const other = load(world.lab.save())
  world.close()
  return { same: World.on(world.lab, world.net.inum), other: World.on(other, world.net.inum) }
}
