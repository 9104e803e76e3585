/**
 * The same requests to the local real kernel, in a namespace of its own, and to a simulated host with the same small
 * topology: errno, text and offsets of the answers are compared.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { request_module } from '../../src/kernel/kmod.ts'
import { get32, put32 } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import * as R from '../../src/uapi/linux/rtnetlink.ts'
import { declared, requestTypes } from './grammar.ts'
import { likely, type Recipe, recipes } from './likely.ts'
import { gentle, mutate } from './mutate.ts'
import { type DataOf, messagesOf, said, shown } from './said.ts'
import { type AttrTree, describe, encode, type MessageTree } from './tree.ts'
import { type Context, chance, pick } from './values.ts'
import * as words from './vocabulary.ts'
import { World } from './world.ts'
import { inPackage } from '../place.ts'

/** Compiles the helper that speaks to the running kernel; undefined where that, or a namespace, is not to be had. */
export function realKernel(directory: string): string | undefined {
  const program = join(directory, 'real')
  const made = spawnSync('cc', ['-O2', '-o', program, inPackage('test/fuzz/real.c')])
  if (made.status !== 0) return undefined
  return spawnSync(program, { input: Uint8Array.of(255, 0, 0, 0, 0) }).status === 0 ? program : undefined
}

export interface Question {
  tree: MessageTree
  /** Of socketKinds. */
  sock: 0 | 1 | 2 | 3
  data: Uint8Array
}
/** The helper's input: a new namespace, then the requests. */
export function script(questions: readonly Question[]): Uint8Array {
  const frames = questions.map(({ sock, data }) => framed(sock, data))
  return Buffer.concat([framed(255, new Uint8Array(0)), ...frames])
}
function framed(sock: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(5 + data.length)
  out[0] = sock
  put32(out, 1, data.length)
  out.set(data, 5)
  return out
}
/** Datagrams that answered a request, and those that all groups were told meanwhile. */
export interface Heard {
  answer: Uint8Array[]
  told: Uint8Array[]
}
/** What a real kernel says to each. */
export function askReal(program: string, input: Uint8Array): Heard[] {
  const { stdout, status, stderr } = spawnSync(program, { input, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`the real kernel's side failed: ${status} ${stderr}`)
  return answersOf(stdout)
}
export function answersOf(output: Uint8Array): Heard[] {
  const parts = frame(output).map((body) => frame(body))
  return Array.from({ length: parts.length >> 1 }, (_, i) => ({ answer: parts[2 * i], told: parts[2 * i + 1] }))
}
function frame(data: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at < data.length; at += 4 + get32(data, at)) out.push(data.subarray(at + 4, at + 4 + get32(data, at)))
  return out
}

/** Requests that make the topology: veth pair, bridge with a port, VXLAN, ifb, macvlan, addresses; all up. */
export function topology(world: World): MessageTree[] {
  const text = (nr: number, s: string): AttrTree => ({ nr, name: `#${nr}`, flags: 0, body: new Uint8Array(Buffer.from(`${s}\0`)) })
  const number = (nr: number, value: number): AttrTree => {
    const body = new Uint8Array(4)
    put32(body, 0, value)
    return { nr, name: `#${nr}`, flags: 0, body }
  }
  const nested = (nr: number, ...body: AttrTree[]): AttrTree => ({ nr, name: `#${nr}`, flags: 0, body })
  const request = (type: number, head: Uint8Array, ...attrs: AttrTree[]): MessageTree => ({
    protocol: 0,
    name: 'setup',
    type,
    flags: 0x605,
    head,
    attrs,
  })
  const mac = (last: number): AttrTree => ({ nr: 1, name: '#1', flags: 0, body: Uint8Array.of(2, 0, 0, 0, 1, last) })
  const link = (name: string, kind: string, more: AttrTree[] = [], ...attrs: AttrTree[]) =>
    request(16, R.ifinfomsg.encode({}), text(3, name), nested(18, text(1, kind), ...more), mac(name.charCodeAt(0)), ...attrs)
  const up = (index: number, ...attrs: AttrTree[]) =>
    request(16, R.ifinfomsg.encode({ ifi_index: index, ifi_flags: 1, ifi_change: 1 }), ...attrs)
  const address = (family: number, index: number, prefix: number, bytes: Uint8Array) =>
    request(20, ifaddrmsg.encode({ ifa_family: family, ifa_index: index, ifa_prefixlen: prefix }), {
      nr: 2,
      name: 'IFA_LOCAL',
      flags: 0,
      body: bytes,
    })
  const peer: AttrTree = { nr: 1, name: 'peer', flags: 0, head: R.ifinfomsg.encode({}), body: [text(3, 'v1'), mac(1)] }
  const list = [
    up(1),
    link('v0', 'veth', [nested(2, peer)]),
    link('br0', 'bridge'),
    world.knows('vxlan') ? link('vx0', 'vxlan', [nested(2, number(1, 100))]) : link('vx0', 'ifb'),
    link('ifb0', 'ifb'),
    link('mv0', 'macvlan', [], number(5, 3)),
    up(2, number(10, 4)),
    up(3),
    up(4),
    up(6),
    up(7),
    address(2, 3, 24, words.v4[2]),
    address(2, 4, 24, words.v4[8]),
    address(10, 3, 64, words.v6[5]),
  ]
  for (const m of list) if (get32(m.head, 4) !== 0) m.flags = 5
  return list
}

const groups =
  /^RTM_(NEW|DEL|GET|SET)(LINK|ADDR|ROUTE|RULE|NEIGH|NEXTHOP|LINKPROP|ADDRLABEL|NEIGHTBL|NETCONF|NSID|STATS|MULTICAST|ANYCAST|NEXTHOPBUCKET|VLAN|MDB|TUNNEL)$/
const compared = requestTypes.filter(([name]) => groups.test(name))

/** After so many requests all that can be dumped is. */
const LOOK = 25
/** Type, size of the header and family of dumps that together show a namespace. */
const looks: readonly (readonly [number, number, number])[] = [
  [R.RTM_GETLINK, 16, 0],
  [R.RTM_GETLINK, 16, 7],
  [R.RTM_GETADDR, 8, 0],
  [R.RTM_GETROUTE, 12, 2],
  [R.RTM_GETROUTE, 12, 10],
  [R.RTM_GETRULE, 12, 0],
  [R.RTM_GETNEIGH, 12, 7],
  [R.RTM_GETNEXTHOP, 8, 0],
  [R.RTM_GETNETCONF, 1, 2],
  [R.RTM_GETNETCONF, 1, 10],
  [R.RTM_GETMDB, 8, 7],
  [R.RTM_GETVLAN, 8, 7],
  [R.RTM_GETADDRLABEL, 12, 10],
]
function look([type, size, family]: (typeof looks)[number]): MessageTree {
  const head = new Uint8Array(size)
  head[0] = family
  return { protocol: 0, name: `look ${type}`, type, flags: 0x301, head, attrs: [] }
}

/** A seed's requests; the same whatever the answers are. */
export function questionsOf(seed: number, count: number, kinds: readonly string[], only?: RegExp): Question[] {
  const random = new RandomStream(seed, 'differential')
  const world = new World(0)
  const ctx: Context = {
    random,
    family: 0,
    kinds: kinds.filter((kind) => kind === 'nosuchkind' || world.knows(kind)),
    data: (kind, slave) => world.dataOf(kind, slave),
  }
  const all: MessageTree[] = topology(world)
  const made = all.length
  while (all.length < count) {
    if (all.length % LOOK === 0) for (const l of looks) all.push(look(l))
    const m = chance(random, 0.75) ? likely(ctx, Object.keys(recipes) as Recipe[]) : declared(ctx, ...pick(random, compared))
    if (chance(random, 0.3)) mutate(random, m, gentle)
    m.flags = (m.flags | 5) & ~(chance(random, 0.03) ? 0 : 8)
    if (only === undefined || only.test(m.name)) all.push(addressed(harmless(m), all.length))
  }
  return all.slice(0, count).map((tree, i) => {
    const sock = i < made ? 1 : tree.name.startsWith('look') ? 1 : pick(random, [0, 1, 1, 1, 2, 2, 2, 3] as const)
    return { tree, sock, data: batch(random, tree, i + 1, i < made) }
  })
}
/** Now and then more than one message in a datagram, or a message that lies about its length. */
function batch(random: RandomStream, tree: MessageTree, seq: number, plain: boolean): Uint8Array {
  const data = encode(tree, seq)
  if (plain || chance(random, 0.96)) return data
  const odd = new Uint8Array(pick(random, [16, 17, 20, 24]))
  put32(odd, 0, pick(random, [0, 15, 16, 17, 20, 100]))
  odd.set([pick(random, [0, 1, 2, 3, 15, 18, 200]), 0, pick(random, [1, 5, 0, 4]), chance(random, 0.3) ? 3 : 0], 4)
  const pad = new Uint8Array(-data.length & 3)
  return new Uint8Array(Buffer.concat(chance(random, 0.5) ? [data, pad, odd] : [odd, new Uint8Array(-odd.length & 3), data]))
}
/** A new Ethernet device gets an address that is the same on either side. */
function addressed(m: MessageTree, step: number): MessageTree {
  const kind = /IFLA_INFO_KIND=([0-9a-f]+)00/.exec(describe(m))?.[1] ?? ''
  const ethernet = /^(veth|bridge|vxlan|bond|ifb|dummy|vlan|macvlan|macvtap|geneve|gretap|vrf)$/.test(Buffer.from(kind, 'hex').toString())
  if (m.type !== R.RTM_NEWLINK || !ethernet || m.attrs.some((a) => a.nr === 1)) return m
  const body = Uint8Array.of(2, 0, 0, 0, step >> 8, step)
  return { ...m, attrs: [...m.attrs, { nr: 1, name: 'IFLA_ADDRESS', flags: 0, body }] }
}
/** Nothing leaves the namespace: no moves to the namespace of whatever process or file has that number. */
function harmless(m: MessageTree): MessageTree {
  const clean = (list: AttrTree[]): AttrTree[] =>
    list.flatMap((a) =>
      [19, 28].includes(a.nr) && m.type < 20 ? [] : [{ ...a, body: a.body instanceof Uint8Array ? a.body : clean(a.body) }],
    )
  return { ...m, attrs: clean(m.attrs) }
}

export interface Difference {
  seed: number
  step: number
  request: string
  name: string
  real: string
  ours: string
}

/** A simulated host such as a real kernel that has had its modules since the first seed. */
export function hostWithModules(kinds: readonly string[]): World {
  const world = new World(0)
  world.host.kernel.net_core.fb_tunnels_only_for_init_net = 2
  for (const kind of kinds) world.knows(kind)
  for (const module of ['rtnl-lwt-MPLS', 'net-pf-28']) request_module(world.host.kernel, module)
  world.renew()
  return world
}

/** Compares a seed's answers; ends where the states may have parted (one accepted what the other refused). */
export function compareSeed(
  seed: number,
  questions: readonly Question[],
  real: readonly Heard[],
  known: (d: Difference) => boolean,
  { kinds = words.plain_kinds, parts = false }: { kinds?: readonly string[]; parts?: boolean } = {},
): Difference[] {
  const world = hostWithModules(kinds)
  const dataOf: DataOf = (kind, slave) => world.dataOf(kind, slave)
  const out: Difference[] = []
  for (const [step, { tree, sock, data }] of questions.entries()) {
    const theirs = said(real[step].answer, dataOf)
    const mine = said(world.ask(world.route[sock], data), dataOf)
    const told = world.drain(world.listener)
    const difference = { seed, step, name: tree.name, request: describe(tree), real: theirs.text, ours: mine.text }
    if (theirs.text !== mine.text) {
      if (!known(difference)) out.push(difference)
      if ((theirs.error === 0) !== (mine.error === 0) && !tree.name.startsWith('RTM_GET')) break
      continue
    }
    if (!parts) continue
    const apart = firstApart(steady(theirs.parts), steady(mine.parts))
    if (apart !== undefined) out.push({ ...difference, real: apart[0], ours: apart[1] })
    if (apart !== undefined && tree.name.startsWith('look')) break
    const news = firstApart(tellings(real[step].told, dataOf), tellings(told, dataOf))
    if (news !== undefined) out.push({ ...difference, name: `told: ${tree.name}`, real: news[0], ours: news[1] })
  }
  return out
}
/** The first line that the other list lacks, on either side; order does not count. */
function firstApart(theirs: readonly string[], mine: readonly string[]): [string, string] | undefined {
  const rest = [...mine]
  const missing = theirs.filter((line) => {
    const at = rest.indexOf(line)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  if (missing.length === 0 && rest.length === 0) return undefined
  const near = rest.find((line) => missing[0]?.slice(0, 40) === line.slice(0, 40)) ?? rest[0]
  return apartOnly(missing[0] ?? '(nothing)', near ?? '(nothing)')
}
/** Of two lines the words that differ, behind the first words. */
function apartOnly(a: string, b: string): [string, string] {
  const x = a.split(' ')
  const y = b.split(' ')
  if (x[0] !== y[0]) return [a, b]
  const only = (list: string[], other: string[]) => [...list.slice(0, 3), '…', ...list.slice(3).filter((w) => !other.includes(w))].join(' ')
  return [only(x, y), only(y, x)]
}
const steady = (lines: readonly string[]) => lines.filter((line) => !learned.test(line))
/** What a kernel does by itself some time later, or hears from its own other devices: carriers, neighbour discovery, learning. */
const noise = /^RTM_NEWLINK |^RTM_(NEW|DEL)ADDR \S+ 0a|^RTM_(NEW|DEL)ROUTE \S+ 0a\S* .*RTA_DST=(ff00|fe80)|=\[\]/
const learned =
  /^RTM_NEWMDB .*=\[\]|^RTM_NEWNEIGH .*LLADDR=3333ff|RTM_NEWROUTE \S+ 0a80.*|^RTM_NEWADDR .*=fe80|^RTM_NEWROUTE .*DST=(fe80|ff00)|^RTM_(NEW|DEL)NEIGH \S+ (07.{14}0[24]00|(02|0a).{14}4000)/
/** Notifications but such. */
function tellings(datagrams: readonly Uint8Array[], dataOf: DataOf): string[] {
  return messagesOf(datagrams)
    .map((m) => shown(m, dataOf))
    .filter((line) => !noise.test(line) && !learned.test(line))
}
