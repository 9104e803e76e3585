/** Seeded histories of a host: likely requests, the clock, two namespaces between which devices move; and after each step what must hold. */
import type { Lab } from '../../src/lab/lab.ts'
import { get16, getS32, hex, put32 } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'
import * as R from '../../src/uapi/linux/rtnetlink.ts'
import { topology } from './differential.ts'
import { AF_BRIDGE } from '../../src/uapi/linux/socket.ts'
import { likely, type Recipe } from './likely.ts'
import { encode, type MessageTree } from './tree.ts'
import { type Context, chance, pick } from './values.ts'
import { add, objectsOf, parse, type View } from './views.ts'
import { splitChecked } from './wellFormed.ts'
import { World } from './world.ts'

const kinds = ['veth', 'dummy', 'bridge', 'vlan', 'ifb', 'macvlan']
const recipes: readonly Recipe[] = [
  'linkAdd',
  'linkKind',
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
  'hopGroup',
  'hopKind',
  'bridgePort',
  'bridgeSet',
  'vlanOld',
  'vlanDb',
  'mdb',
  'fdb',
]
/** Processes in the first namespace and the second. */
const PIDS = [5000, 6000] as const

export type Act = { kind: 'send'; at: 0 | 1; tree: MessageTree; data: Uint8Array } | { kind: 'advance'; ns: number }

/** A history is the same whatever happens in it. */
export function historyOf(seed: number, count: number): Act[] {
  const random = new RandomStream(seed, 'history')
  const ctx: Context = { random, family: 0, kinds, data: () => undefined }
  const made = seed % 2 === 0 ? topology(new World(0)) : []
  return Array.from({ length: count }, (_, i): Act => {
    if (i < made.length) return { kind: 'send', at: 0, tree: made[i], data: encode(made[i], i + 1) }
    if (chance(random, 0.06)) return { kind: 'advance', ns: pick(random, [1e8, 1e9, 3e9, 30e9]) }
    const at = i > 20 && chance(random, 0.15) ? 1 : 0
    const tree =
      i > 12 && chance(random, 0.04) ? move(random, at) : likely(ctx, i < 8 ? ['linkAdd'] : i < 20 ? ['linkSet', 'addr'] : recipes)
    tree.flags = (tree.flags | 5) & ~8
    return { kind: 'send', at, tree, data: encode(tree, i + 1) }
  })
}
/** A device of one namespace goes to the other. */
function move(random: RandomStream, at: 0 | 1): MessageTree {
  const body = new Uint8Array(4)
  put32(body, 0, PIDS[1 - at])
  const head = R.ifinfomsg.encode({ ifi_index: pick(random, [2, 3, 4, 5, 6, 7, 8, 9]) })
  return {
    protocol: 0,
    name: 'RTM_NEWLINK',
    type: R.RTM_NEWLINK,
    flags: 5,
    head,
    attrs: [{ nr: 19, name: 'IFLA_NET_NS_PID', flags: 0, body }],
  }
}

/** Type, size of the header and family of all dumps that are followed. */
const dumps: readonly (readonly [number, number, number])[] = [
  [R.RTM_GETLINK, 16, 0],
  [R.RTM_GETADDR, 8, 0],
  [R.RTM_GETROUTE, 12, 2],
  [R.RTM_GETROUTE, 12, 10],
  [R.RTM_GETNEIGH, 12, 0],
  [R.RTM_GETNEIGH, 12, 7],
  [R.RTM_GETRULE, 12, 0],
  [R.RTM_GETNEXTHOP, 8, 0],
  [R.RTM_GETNETCONF, 4, 2],
  [R.RTM_GETNETCONF, 4, 10],
  [R.RTM_GETNETCONF, 4, 28],
  [R.RTM_GETMDB, 8, 7],
  [R.RTM_GETVLAN, 8, 7],
]
/** Messages of a dump. */
export function dump(world: World, type: number, size: number, family: number): Uint8Array[] {
  const data = new Uint8Array(16 + size)
  put32(data, 0, data.length)
  data[4] = type
  data[6] = 1
  data[7] = 3
  data[16] = family
  return world
    .ask(world.route[1], data)
    .flatMap((part) => splitChecked(part) as Uint8Array[])
    .filter((m) => get16(m, 4) >= 16)
}
/** All dumps, as one view. */
export function dumped(world: World): View {
  const view: View = new Map()
  for (const [type, size, family] of dumps) {
    for (const message of dump(world, type, size, family)) {
      const p = parse(message)
      for (const { key, says } of p === undefined ? [] : objectsOf(message, p)) view.set(key, says)
    }
  }
  return view
}

/**
 * What goes without a word, and where in Linux: IPv4 routes with their device, source address or next hop object
 * (net/ipv4/fib_frontend.c fib_disable_ip(), fib_semantics.c fib_sync_down_addr(), nexthop.c __remove_nexthop_fib());
 * IPv6 routes with their next hop object (the same); next hop objects and what is left of groups with their device
 * (nexthop.c nexthop_flush_dev()); of a device that moves, what its namespace knew (net/core/dev.c __dev_change_net_namespace()).
 */
const silent = /^(route|route6|nexthop) /
/** A bridge's own entry that goes by BRIDGE_VLAN_INFO_MASTER in a request about a port (net/bridge/br_netlink.c br_vlan_info()). */
const masters = /^vlan /
/** What is told a second later at most (net/core/link_watch.c linkwatch_schedule_work()). */
const late = /^carrier /
const LATE = 1e9

/** A namespace, and the sum of what it was told. */
interface Place {
  world: World
  sum: View
}
export class Walk {
  readonly places: Place[]
  constructor(...worlds: World[]) {
    for (const world of worlds) world.drain(world.listener)
    this.places = worlds.map((world) => ({ world, sum: dumped(world) }))
  }
  get world(): World {
    return this.places[0].world
  }
  /** Takes a step; the errno that it was answered with, and what was told meanwhile in the first namespace. */
  step(act: Act): { error: number; told: Uint8Array[] } {
    let error = 0
    if (act.kind === 'advance') this.world.lab.advance(act.ns)
    else {
      const { world } = this.places[act.at] ?? this.places[0]
      const [answer] = world.ask(world.route[1], act.data)
      error = answer === undefined || get16(answer, 4) !== 2 ? 0 : getS32(answer, 16)
    }
    const told = this.places.map(({ world, sum }) => {
      const messages = world.drain(world.listener).flatMap((d) => splitChecked(d) as Uint8Array[])
      for (const message of messages) add(sum, message)
      return messages
    })
    return { error, told: told[0] }
  }
  /** How the dumps differ from the sum of what was told, by lines; carriers are compared when time has passed. */
  differences(after: Act): string[] {
    const settled = after.kind === 'advance' && after.ns >= LATE
    return this.places.flatMap(({ world, sum }, i) => placeDifferences(world, sum, settled, after).map((line) => `${i}: ${line}`))
  }
}
function placeDifferences(world: World, sum: View, settled: boolean, after: Act): string[] {
  const bridgeDelete = after.kind === 'send' && after.tree.type === R.RTM_DELLINK && after.tree.head[0] === AF_BRIDGE
  const now = dumped(world)
  const out: string[] = []
  for (const [key, says] of now) {
    if (!sum.has(key)) out.push(`dumped but never told: ${key}`)
    else if (sum.get(key) !== says && (settled || !late.test(key))) out.push(`${key}: told ${sum.get(key)}, dumped ${says}`)
  }
  for (const key of sum.keys()) {
    if (now.has(key)) continue
    if (silent.test(key) || (bridgeDelete && masters.test(key))) sum.delete(key)
    else out.push(`told but not dumped: ${key}`)
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
export { PIDS }
