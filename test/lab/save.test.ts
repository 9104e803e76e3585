import t from 'tap'
import { Constants } from '../../src/lab/constants.ts'
import { type Handles, loadState, SaveError, saveState } from '../../src/lab/save.ts'

class Node {
  name: string
  next: Node | undefined = undefined
  handle: unknown = 'live'
  constructor(name: string) {
    this.name = name
  }
  hello(): string {
    return `I am ${this.name}`
  }
}
class Scratch {
  used = 0
}
function expire(): void {}
const table = { name: 'ops', members: [{ open: () => 1 }] }

const constants = new Constants([['room/file', { Node, Scratch, expire, table }]])
const handles: Handles = {
  fields: new Map([[Node, { handle: undefined }]]),
  fresh: new Map([[Scratch, () => new Scratch()]]),
}
const again = (value: unknown): any => loadState(saveState(value, constants, handles), constants, handles).root

t.test('every kind of state survives', async (t) => {
  const value = {
    text: 'a\0ü',
    yes: true,
    nothing: null,
    absent: undefined,
    big: 2n ** 63n,
    odd: [Number.NaN, Infinity, -0, 1.5, -7],
    map: new Map<unknown, unknown>([
      ['k', 1],
      [2, 'v'],
    ]),
    set: new Set([1, 'x']),
    bytes: Uint8Array.of(0, 255, 7),
    words: Int32Array.of(-1, 5),
    holes: [1, , 3],
  }
  const loaded = again(value)
  t.strictSame(loaded, value)
  t.ok(Object.is(loaded.odd[2], -0))
  t.ok('absent' in loaded)
  t.notOk(1 in loaded.holes)
})

t.test('instances keep their class, circles and sharing', async (t) => {
  const a = new Node('a')
  a.next = new Node('b')
  a.next.next = a
  const [first, second] = again([a, a])
  t.equal(first, second, 'one object stays one')
  t.equal(first.next.next, first, 'a circle closes')
  t.equal(first.hello(), 'I am a')
})

t.test('functions, ops tables and their members are saved by name and found again', async (t) => {
  const value = { fn: expire, ops: table, member: table.members[0], open: table.members[0].open }
  const bytes = saveState(value, constants, handles)
  t.match(Buffer.from(bytes).toString(), /room\/file\.expire/)
  t.strictSame(loadState(bytes, constants, handles).root, value)
})

t.test('long chains need no deep stack', async (t) => {
  const head = new Node('0')
  let at = head
  for (let i = 1; i < 50_000; i++) {
    at.next = new Node(String(i))
    at = at.next
  }
  let n = 0
  for (let node = again(head); node !== undefined; node = node.next) n++
  t.equal(n, 50_000)
})

t.test('handles are not saved, scratch memory comes fresh', async (t) => {
  const scratch = new Scratch()
  scratch.used = 9
  const [node, empty] = again([new Node('a'), scratch])
  t.equal(node.handle, undefined)
  t.ok(empty instanceof Scratch)
  t.equal(empty.used, 0)
})

t.test('what is no state is refused with its path', async (t) => {
  class Hidden {}
  const cases: [unknown, RegExp][] = [
    [{ dev: [{ timer: { fn: () => {} } }] }, /^dev\[0\]\.timer\.fn: function fn is not an exported constant/],
    [{ a: new Map([['eth0', { priv: new Hidden() }]]) }, /^a\["eth0"\]\.priv: class Hidden is not exported/],
    [{ a: { when: new Date(0) } }, /^a\.when: class Date is not exported/],
    [{ a: [Symbol('s')] }, /^a\[0\]: a symbol cannot be saved/],
    [{ raw: new ArrayBuffer(1) }, /^raw: class ArrayBuffer/],
  ]
  for (const [value, message] of cases) t.throws(() => saveState(value, constants, handles), { message })
})

t.test('a document that is none, is newer, or names what is gone is refused', async (t) => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const load = (text: string) => () => loadState(bytes(text), constants, handles)
  t.throws(load('{'), SaveError)
  t.throws(load('{"a":1}'), { message: 'not a saved lab' })
  t.throws(load('{"netdouble":"save","version":2,"nodes":[],"root":null}'), /another version \(2\)/)
  t.throws(
    load('{"netdouble":"save","version":1,"nodes":[{"k":"instance","c":"room/file.Gone","v":[]}],"root":["r",0]}'),
    /names room\/file\.Gone/,
  )
})
