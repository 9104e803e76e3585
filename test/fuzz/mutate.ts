/** What goes wrong with a message: lengths, nesting, numbers, order, family, truncation, repetition. */
import type { RandomStream } from '../../src/lib/random.ts'
import { type AttrTree, cloneAttr, encodeAttr, lists, type MessageTree } from './tree.ts'
import { chance, pick } from './values.ts'

type Mutation = (random: RandomStream, m: MessageTree) => void

function someAttr(random: RandomStream, m: MessageTree): { list: AttrTree[]; at: number } | undefined {
  const full = lists(m).filter((list) => list.length > 0)
  if (full.length === 0) return undefined
  const list = pick(random, full)
  return { list, at: random.below(list.length) }
}
const onAttr =
  (change: (random: RandomStream, list: AttrTree[], at: number, m: MessageTree) => void): Mutation =>
  (random, m) => {
    const found = someAttr(random, m)
    if (found !== undefined) change(random, found.list, found.at, m)
  }
function resize(random: RandomStream, body: Uint8Array): Uint8Array {
  const length = pick(random, [
    0,
    1,
    2,
    3,
    body.length - 1,
    body.length + 1,
    body.length + 4,
    body.length + 8,
    Math.min(body.length * 2, 60_000),
    300,
  ])
  const out = new Uint8Array(Math.max(0, length))
  out.set(body.subarray(0, out.length))
  return out
}
const flat = (a: AttrTree): Uint8Array => encodeAttr({ ...a, length: undefined }).slice(4)

const removed = onAttr((_random, list, at) => void list.splice(at, 1))
const doubled = onAttr((random, list, at) => void list.splice(random.below(list.length + 1), 0, cloneAttr(list[at])))
const resized = onAttr((random, list, at) => {
  const a = list[at]
  list[at] = { ...a, head: undefined, hops: undefined, body: resize(random, a.body instanceof Uint8Array && !a.hops ? a.body : flat(a)) }
})
const scrambled = onAttr((random, list, at) => {
  const a = list[at]
  if (a.body instanceof Uint8Array && a.hops === undefined) a.body = random.bytes(a.body.length)
})
const unknown = onAttr((random, list, at) => {
  list[at].nr = pick(random, [0, list[at].nr + 1, 40, 66, 70, 120, 255, 0x3fff])
  list[at].name = `#${list[at].nr}`
})
const appended: Mutation = (random, m) => {
  const nr = pick(random, [0, 31, 66, 67, 100, 0x3fff])
  m.attrs.push({ nr, name: `#${nr}`, flags: pick(random, [0, 0, 0x8000, 0x4000]), body: random.bytes(pick(random, [0, 4, 8])) })
}
const reflagged = onAttr((random, list, at) => {
  list[at].flags ^= pick(random, [0x8000, 0x8000, 0x4000])
})
const wrapped = onAttr((_random, list, at) => {
  const inner = cloneAttr(list[at])
  list[at] = { ...list[at], head: undefined, hops: undefined, body: [inner] }
})
const moved = onAttr((random, list, at, m) => {
  const [taken] = list.splice(at, 1)
  pick(random, lists(m)).push(taken)
})
const lied = onAttr((random, list, at) => {
  list[at].length = pick(random, [0, 1, 3, 4, 5, 100, 0xffff])
})
const deep = onAttr((random, list, at) => {
  for (let i = random.below(24); i > 0; i--) list[at] = { ...list[at], head: undefined, hops: undefined, flags: 0x8000, body: [list[at]] }
})
const family: Mutation = (random, m) => {
  if (m.head.length > 0) m.head[0] = pick(random, [0, 1, 2, 5, 7, 10, 17, 28, 45, 127, 128, 129, 200, 255])
}
const header: Mutation = (random, m) => {
  if (m.head.length > 0) m.head[random.below(m.head.length)] = random.u32() & 255
}
const shortHead: Mutation = (random, m) => {
  m.head = m.head.slice(0, random.below(m.head.length + 1))
  if (chance(random, 0.7)) m.attrs = []
}
const flags: Mutation = (random, m) => {
  m.flags ^= pick(random, [1, 2, 4, 8, 0x100, 0x200, 0x400, 0x800, 0x300, 0x1000])
}
const otherType: Mutation = (random, m) => {
  m.type = chance(random, 0.8) ? 16 + random.below(110) : random.below(65536)
  m.name = `#${m.type}`
}
const messageLength: Mutation = (random, m) => {
  m.length = pick(random, [0, 15, 16, 17, 18, 20, 24, 28, 0xffff, 0xffffffff])
}
const trailing: Mutation = (random, m) => {
  m.tail = random.bytes(1 + random.below(7))
}
const huge = onAttr((random, list, at) => {
  list[at] = { ...list[at], head: undefined, hops: undefined, body: new Uint8Array(pick(random, [1000, 4096, 60000])) }
})

/** That a real kernel can be given as well, answers alike, and gives back one answer for. */
export const gentle: readonly Mutation[] = [
  removed,
  removed,
  doubled,
  resized,
  scrambled,
  unknown,
  appended,
  reflagged,
  reflagged,
  wrapped,
  moved,
  family,
  header,
  flags,
  trailing,
]
export const rough: readonly Mutation[] = [...gentle, lied, deep, shortHead, otherType, messageLength, huge]

export function mutate(random: RandomStream, m: MessageTree, mutations: readonly Mutation[]): void {
  do pick(random, mutations)(random, m)
  while (chance(random, 0.35))
}
