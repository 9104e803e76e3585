/**
 * The same requests to the local real kernel, in a namespace of its own, and to a simulated host with the same small
 * topology: errno, text and offsets of the answers are compared.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { eachAttr } from '../../src/lib/attrs.ts'
import { request_module } from '../../src/kernel/kmod.ts'
import { get16, get32, getS32, getString, hex, put32 } from '../../src/lib/bytes.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { ifaddrmsg } from '../../src/uapi/linux/if_addr.ts'
import { ifinfomsg } from '../../src/uapi/linux/rtnetlink.ts'
import { NLMSG_DONE, NLMSG_ERROR } from '../../src/uapi/linux/netlink.ts'
import { declared, requestTypes } from './grammar.ts'
import { likely, type Recipe, recipes } from './likely.ts'
import { gentle, mutate } from './mutate.ts'
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
  /** 0: extended ACKs; 1: strict checks too. */
  sock: 0 | 1
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
/** Answers of a real kernel to each, as datagrams. */
export function askReal(program: string, input: Uint8Array): Uint8Array[][] {
  const { stdout, status, stderr } = spawnSync(program, { input, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`the real kernel's side failed: ${status} ${stderr}`)
  return answersOf(stdout)
}
export function answersOf(output: Uint8Array): Uint8Array[][] {
  return frame(output).map((body) => frame(body))
}
function frame(data: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at < data.length; at += 4 + get32(data, at)) out.push(data.subarray(at + 4, at + 4 + get32(data, at)))
  return out
}

/** What an answer says: the error with its extack, and how many messages of which type came before it. */
export interface Said {
  error: number | undefined
  text: string
}
export function said(datagrams: readonly Uint8Array[]): Said {
  let error: number | undefined
  const parts: string[] = []
  for (const data of datagrams) {
    for (let at = 0; at + 16 <= data.length && get32(data, at) >= 16; at += (get32(data, at) + 3) & ~3) {
      const message = data.subarray(at, at + get32(data, at))
      const type = get16(message, 4)
      if (type !== NLMSG_ERROR && type !== NLMSG_DONE) continue
      error = getS32(message, 16)
      parts.push(extack(message))
    }
  }
  return { error, text: parts.join(' | ') }
}
function extack(b: Uint8Array): string {
  const flags = get16(b, 6)
  if ((flags & 0x200) === 0) return ''
  const done = get16(b, 4) === NLMSG_DONE
  const start = done ? 20 : 20 + ((flags & 0x100) !== 0 ? 16 : (get32(b, 20) + 3) & ~3)
  const out: string[] = []
  eachAttr(b, start, b.length, (nr, o) => {
    const payload = b.subarray(o + 4, o + get16(b, o))
    out.push(
      nr === 1
        ? `'${getString(payload, 0, payload.length)}'`
        : `${['', '', 'at', 'cookie', 'policy', 'missing', 'in'][nr] ?? nr}=${nr === 4 ? 'yes' : nr === 2 || nr >= 5 ? get32(payload, 0) : hex(payload)}`,
    )
  })
  return out.join(' ')
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
  const link = (name: string, kind: string, more: AttrTree[] = [], ...attrs: AttrTree[]) =>
    request(16, ifinfomsg.encode({}), text(3, name), nested(18, text(1, kind), ...more), ...attrs)
  const up = (index: number, ...attrs: AttrTree[]) =>
    request(16, ifinfomsg.encode({ ifi_index: index, ifi_flags: 1, ifi_change: 1 }), ...attrs)
  const address = (family: number, index: number, prefix: number, bytes: Uint8Array) =>
    request(20, ifaddrmsg.encode({ ifa_family: family, ifa_index: index, ifa_prefixlen: prefix }), {
      nr: 2,
      name: 'IFA_LOCAL',
      flags: 0,
      body: bytes,
    })
  const peer: AttrTree = { nr: 1, name: 'peer', flags: 0, head: ifinfomsg.encode({}), body: [text(3, 'v1')] }
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
  /^RTM_(NEW|DEL|GET|SET)(LINK|ADDR|ROUTE|RULE|NEIGH|NEXTHOP|LINKPROP|ADDRLABEL|NEIGHTBL|NETCONF|NSID|STATS|MULTICAST|ANYCAST|NEXTHOPBUCKET|VLAN|MDB)$/
const compared = requestTypes.filter(([name]) => groups.test(name) && name !== 'RTM_SETNEIGHTBL')

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
    const m = chance(random, 0.6) ? likely(ctx, Object.keys(recipes) as Recipe[]) : declared(ctx, ...pick(random, compared))
    if (chance(random, 0.35)) mutate(random, m, gentle)
    m.flags = (m.flags | 5) & ~8
    if (only === undefined || only.test(m.name)) all.push(harmless(m))
  }
  return all.map((tree, i) => ({ tree, sock: i < made || chance(random, 0.5) ? 0 : 1, data: encode(tree, i + 1) }))
}
/** Nothing leaves the namespace: no moves to the namespace of whatever process or file has that number. */
function harmless(m: MessageTree): MessageTree {
  const clean = (list: AttrTree[]): AttrTree[] =>
    list.flatMap((a) => ([19, 28].includes(a.nr) ? [] : [{ ...a, body: a.body instanceof Uint8Array ? a.body : clean(a.body) }]))
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
const shown = (s: Said) => `${s.error} ${s.text}`

/** Compares a seed's answers; ends where the states may have parted (one accepted what the other refused). */
export function compareSeed(
  seed: number,
  questions: readonly Question[],
  real: Uint8Array[][],
  known: (d: Difference) => boolean,
): Difference[] {
  const world = new World(0)
  // a real kernel has had its modules since the first seed
  for (const kind of words.plain_kinds) world.knows(kind)
  for (const module of ['rtnl-lwt-MPLS', 'net-pf-28']) request_module(world.host.kernel, module)
  const out: Difference[] = []
  for (const [step, { tree, sock, data }] of questions.entries()) {
    const theirs = said(real[step])
    const mine = said(world.ask(world.route[sock + 1], data))
    world.drain(world.listener)
    if (shown(theirs) === shown(mine)) continue
    const difference = { seed, step, name: tree.name, request: describe(tree), real: shown(theirs), ours: shown(mine) }
    if (!known(difference)) out.push(difference)
    if ((theirs.error === 0) !== (mine.error === 0) && !tree.name.startsWith('RTM_GET')) break
  }
  return out
}
