import t from 'tap'
import { attr, attrs, nested, nestedList } from '../../src/lib/attrs.ts'
import { unhex } from '../../src/lib/bytes.ts'
import { dumpMessages } from '../../src/lib/hexDump.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { flagNames, messageJson, type Part, type ProtocolDecl, splitMessages, takeApart } from '../../src/lib/render.ts'
import { struct } from '../../src/lib/struct.ts'
import { ipv4, lladdr, string, u8, u16, u32 } from '../../src/lib/types.ts'

const fruitmsg = struct('fruitmsg', { fr_family: u8, __pad: u8, fr_flags: u16, fr_index: u32 })
const seed = struct('seed', { len: u16, kind: u8, __pad: u8 })
const FRUITA_NAME = attr(1, string(15))
const FRUITA_WEIGHT = attr(2, u32)
const FRUITA_SEEDS = attr(
  4,
  nested(() => SEEDA),
)
const FRUITA_CRATES = attr(
  5,
  nestedList(() => SEEDA),
)
const FRUITA_ADDR = attr(6, lladdr)
const FRUITA_ROW = attr(7, string())
const FRUITA_DATA = attr(8, string())
const FRUITA_STRUCT = attr(9, fruitmsg)
const FRUITA = attrs('FRUITA', {
  FRUITA_NAME,
  FRUITA_WEIGHT,
  FRUITA_SEEDS,
  FRUITA_CRATES,
  FRUITA_ADDR,
  FRUITA_ROW,
  FRUITA_DATA,
  FRUITA_STRUCT,
})
const SEEDA_COUNT = attr(1, u16)
const SEEDA_ADDR = attr(2, ipv4)
const SEEDA = attrs('SEEDA', { SEEDA_COUNT, SEEDA_ADDR })

const orchard: ProtocolDecl = {
  find: (type) => ({
    name: type === 16 ? 'FRUIT_NEW' : `#${type}`,
    flags: [
      [1, 'REQUEST'],
      [0x300, 'DUMP'],
      [0x100, 'ROOT'],
    ],
    ...(type === 16 ? { struct: fruitmsg, attrs: FRUITA } : {}),
  }),
  variant: (attr, place) => {
    if (attr === FRUITA_ROW) return { each: { struct: seed, attrs: SEEDA } }
    // DATA means something where the name says plum
    if (attr === FRUITA_DATA && place.sibling(1)?.[0] === 0x70) return { struct: fruitmsg, attrs: SEEDA }
    return undefined
  },
}

/** A message of type 16 around what `fill` writes. */
function message(fill: (m: MessageBuilder) => void, flags = 1): Uint8Array {
  const m = new MessageBuilder()
  m.begin(16, flags, 7, 99)
  m.struct(fruitmsg, { fr_family: 2, fr_index: 3 })
  fill(m)
  m.end()
  return m.bytes()
}
const head = { type: 'FRUIT_NEW', flags: ['REQUEST'], seq: 7, pid: 99, fruitmsg: { fr_family: 2, fr_flags: 0, fr_index: 3 } }

t.test('attributes by name with their values, nests as objects', async (t) => {
  const b = message((m) => {
    m.put(FRUITA_NAME, 'plum')
    m.put(FRUITA_WEIGHT, 42)
    const nest = m.nest(FRUITA_SEEDS)
    m.put(SEEDA_COUNT, 7)
    m.put(SEEDA_ADDR, 0x0a020001)
    m.nestEnd(nest)
    m.put(FRUITA_ADDR, unhex('020000000301'))
  })
  t.same(messageJson(b, orchard), {
    ...head,
    FRUITA_NAME: 'plum',
    FRUITA_WEIGHT: 42,
    FRUITA_SEEDS: { SEEDA_COUNT: 7, SEEDA_ADDR: '10.2.0.1' },
    FRUITA_ADDR: '02:00:00:00:03:01',
  })
})

t.test('unknown attributes by number in hex, repeated ones as an array, leftovers as rest', async (t) => {
  const b = message((m) => {
    m.putBytes(77, unhex('c0ffee'))
    m.put(FRUITA_NAME, 'a')
    m.put(FRUITA_NAME, 'b')
    m.put(FRUITA_NAME, 'c')
    m.room(3)
  })
  t.same(messageJson(b, orchard), { ...head, '#77': 'c0ffee', FRUITA_NAME: ['a', 'b', 'c'], rest: '00000000' })
})

t.test('indexed members, rows of records, and payloads that depend on a neighbour', async (t) => {
  const b = message((m) => {
    const crates = m.nest(FRUITA_CRATES)
    for (const i of [1, 2]) {
      const one = m.nest(i)
      m.put(SEEDA_COUNT, i * 10)
      m.nestEnd(one)
    }
    m.nestEnd(crates)
    m.putBytes(7, unhex('0c000500' + '06000100' + '02000000' + '04000600'))
    m.put(FRUITA_NAME, 'plum')
    m.putBytes(8, unhex('0200000001000000' + '06000100' + '0900'))
  })
  t.same(messageJson(b, orchard), {
    ...head,
    FRUITA_CRATES: { 1: { SEEDA_COUNT: 10 }, 2: { SEEDA_COUNT: 20 } },
    FRUITA_ROW: { '[0]': { seed: { len: 12, kind: 5 }, SEEDA_COUNT: 2 }, '[1]': { seed: { len: 4, kind: 6 } } },
    FRUITA_NAME: 'plum',
    FRUITA_DATA: { fruitmsg: { fr_family: 2, fr_flags: 0, fr_index: 1 }, SEEDA_COUNT: 9 },
  })
  const other = message((m) => {
    m.put(FRUITA_NAME, 'fig')
    m.put(FRUITA_DATA, 'text')
  })
  t.same(messageJson(other, orchard), { ...head, FRUITA_NAME: 'fig', FRUITA_DATA: 'text' })
})

t.test('short payloads: a number in hex, a struct as far as it goes', async (t) => {
  const b = message((m) => {
    m.putBytes(2, unhex('0102'))
    m.putBytes(9, unhex('02000500'))
  })
  t.same(messageJson(b, orchard), { ...head, FRUITA_WEIGHT: '0102', FRUITA_STRUCT: { fr_family: 2, fr_flags: 5, fr_index: 0 } })
})

t.test('flags by name, several bits at once, unknown ones in hex', async (t) => {
  const { flags } = orchard.find(16, unhex(''))
  t.same(flagNames(0x301, flags), ['REQUEST', 'DUMP'])
  t.same(flagNames(0x901, flags), ['REQUEST', 'ROOT', '0x800'])
})

t.test('a type that nobody declared, and a datagram of several messages', async (t) => {
  const m = new MessageBuilder()
  for (const type of [99, 16]) {
    m.begin(type, 0, 1, 2)
    m.putBytes(1, unhex('aa'))
    m.end()
  }
  const all = splitMessages(m.bytes())
  t.equal(all.length, 2)
  t.same(messageJson(all[0], orchard), { type: '#99', flags: [], seq: 1, pid: 2, rest: '05000100aa000000' })
  t.same(splitMessages(unhex('ff00000010000000' + '00'.repeat(8))), [], 'longer than the datagram')
})

t.test('every byte of a message belongs to one part, whatever it holds', async (t) => {
  const random = new RandomStream(11, 'render')
  for (let round = 0; round < 500; round++) {
    const b = random.bytes(16 + random.below(80))
    b[4] = random.below(2) === 0 ? 16 : 17
    b[5] = 0
    const owned = new Uint8Array(b.length)
    const count = (parts: readonly Part[]) => {
      for (const part of parts) {
        for (let i = part.offset; i < part.offset + part.own; i++) owned[i]++
        count(part.children)
      }
    }
    count(takeApart(b, orchard).parts)
    if (owned.some((n) => n > 1)) t.fail(`round ${round}: shown twice`)
  }
})

t.test('the box', async (t) => {
  const b = message((m) => {
    m.put(FRUITA_NAME, 'plum')
    const nest = m.nest(FRUITA_SEEDS)
    m.put(SEEDA_COUNT, 7)
    m.nestEnd(nest)
    m.put(FRUITA_ADDR, unhex('0200000003010400'))
    m.putBytes(300, new Uint8Array(40).fill(0xcc))
  })
  t.equal(
    dumpMessages(b, orchard),
    [
      '┌────┬─────────────────────────────────────────┬───────────────┬──────────────────────────────────────────────────────────────┐',
      `│  0 │ 68 00 00 00 10 00 01 00 07 00 00 00 +4  │ FRUIT_NEW     │ ${'len=104 flags=REQUEST seq=7 pid=99'.padEnd(60)} │`,
      `│ 16 │ 02 00 00 00 03 00 00 00                 │ fruitmsg      │ ${'fr_family=2 fr_index=3'.padEnd(60)} │`,
      `│ 24 │ 09 00 01 00 70 6c 75 6d 00              │ FRUITA_NAME   │ ${'plum'.padEnd(60)} │`,
      `│ 36 │ 0c 00 04 80                             │ FRUITA_SEEDS  │ ${' '.repeat(60)} │`,
      `│ 40 │ 06 00 01 00 07 00                       │   SEEDA_COUNT │ ${'7'.padEnd(60)} │`,
      `│ 48 │ 0c 00 06 00 02 00 00 00 03 01 04 00     │ FRUITA_ADDR   │ ${'02:00:00:00:03:01:04:00'.padEnd(60)} │`,
      `│ 60 │ 2c 00 2c 01 cc cc cc cc cc cc cc cc +32 │ #300          │ ${'c'.repeat(59)}… │`,
      '└────┴─────────────────────────────────────────┴───────────────┴──────────────────────────────────────────────────────────────┘',
      '',
    ].join('\n'),
  )
})
