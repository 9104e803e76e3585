import t from 'tap'
import { AttrPool, AttrTable, attr, attrs, decode, eachAttr, isNest, nested, nestedList } from '../../src/lib/attrs.ts'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { address, binary, flag, ipv6Text, lladdr, string, u8, u16, u32, u64 } from '../../src/lib/types.ts'

const FRUITA_NAME = attr(1, string(15))
const FRUITA_WEIGHT = attr(2, u32)
const FRUITA_SEEDS = attr(
  4,
  nested(() => SEEDA),
)
const FRUITA = attrs('FRUITA', { FRUITA_NAME, FRUITA_WEIGHT, FRUITA_SEEDS }, 6)
const SEEDA_COUNT = attr(1, u16)
const SEEDA = attrs('SEEDA', { SEEDA_COUNT })

// one TLV a line
const stream = unhex(
  [
    '09000100' + '706c756d00000000', // FRUITA_NAME "plum"
    '08000200' + '2a000000', //         FRUITA_WEIGHT 42
    '0c000480' + '06000100' + '0700' + '0000', // FRUITA_SEEDS { SEEDA_COUNT 7 }
  ].join(''),
)

function parse(pool = new AttrPool(64)): AttrTable {
  const table = new AttrTable(stream, pool, FRUITA.max)
  eachAttr(stream, 0, stream.length, (nr, o) => table.set(nr, o + 0))
  return table
}

t.test('a set knows its attributes by number and name', async (t) => {
  t.equal(FRUITA.max, 6)
  t.same(
    FRUITA.byNr.map((a) => a?.name),
    [undefined, 'FRUITA_NAME', 'FRUITA_WEIGHT', undefined, 'FRUITA_SEEDS', undefined, undefined],
  )
  t.equal(SEEDA.max, 1)
  t.ok(isNest(FRUITA_SEEDS.type))
  t.notOk(isNest(FRUITA_NAME.type))
  t.ok(nestedList(() => SEEDA).list)
})

t.test('a walk meets every attribute at its header, types without flag bits', async (t) => {
  const met: number[][] = []
  t.equal(
    eachAttr(stream, 0, stream.length, (nr, o) => met.push([nr, o])),
    0,
  )
  t.same(met, [
    [1, 0],
    [2, 12],
    [4, 20],
  ])
})

t.test('a walk stops at what is no attribute and says how many bytes are left', async (t) => {
  const cases: [string, number, number][] = [
    ['0800020001000000' + '0400', 1, 2], // tail shorter than a header
    ['0800020001000000' + '03000100', 1, 4], // length below the header
    ['0800020001000000' + '0c000100aabb0000', 1, 8], // length beyond the end
    ['050001' + '00aa', 1, 0], // the last one's padding may be missing
    ['', 0, 0],
  ]
  for (const [bytes, count, left] of cases) {
    let met = 0
    t.equal(
      eachAttr(unhex(bytes), 0, bytes.length / 2, () => met++),
      left,
      bytes,
    )
    t.equal(met, count, bytes)
  }
})

t.test('a table decodes when asked', async (t) => {
  // offset 0 means absent, so a table stands over a message with a header; here the weight is looked at
  const table = parse()
  t.equal(table.get(FRUITA_WEIGHT), 42)
  t.equal(table.at(FRUITA_WEIGHT), 12)
  t.equal(table.length(FRUITA_WEIGHT), 4)
  t.equal(hex(table.payload(FRUITA_SEEDS) as Uint8Array), '060001000700' + '0000')
  t.ok(table.has(FRUITA_SEEDS))
  t.notOk(table.has(FRUITA_NAME), 'offset 0 is absence')
  t.same([table.get(FRUITA_NAME), table.payload(FRUITA_NAME), table.length(FRUITA_NAME)], [undefined, undefined, 0])
  t.equal(table.atNr(99), 0)
})

t.test('a payload shorter than its type reads as if zero-extended, never beyond', async (t) => {
  t.equal(decode(u32, unhex('06000200' + '0102' + 'ffff'), 0), 0x0201)
  t.equal(decode(u64, unhex('04000200'), 0), 0)
})

t.test('slots come from the pool and go back to it', async (t) => {
  const pool = new AttrPool(16)
  const mark = pool.mark()
  const first = new AttrTable(stream, pool, 6)
  first.set(2, 12)
  pool.release(mark)
  const second = new AttrTable(stream, pool, 6)
  t.notOk(second.has(FRUITA_WEIGHT), 'taken slots are zeroed')
  second.set(2, 12)
  for (let i = 0; i < 100; i++) new AttrTable(stream, pool, 6)
  t.equal(second.get(FRUITA_WEIGHT), 42, 'a pool that grows leaves the tables before as they are')
})

t.test('value types and their JSON', async (t) => {
  const show = (type: { get: (b: Uint8Array, o: number, n: number) => any; toJson: (v: any) => unknown }, bytes: string) => {
    const b = unhex(bytes)
    return type.toJson(type.get(b, 0, b.length))
  }
  t.equal(show(lladdr, '020000000301'), '02:00:00:00:03:01')
  t.equal(show(lladdr, ''), '')
  t.equal(show(address, '0a020001'), '10.2.0.1')
  t.equal(show(address, 'fe80000000000000000000fffe000301'), 'fe80::ff:fe00:301')
  t.equal(show(address, '010203'), '010203')
  t.equal(show(binary, '00ff'), '00ff')
  t.equal(show(flag, ''), true)
  t.equal(show(u8, 'ff'), 255)
  t.equal(show(string(), '6c6f0061'), 'lo')
})

t.test('IPv6 text is RFC 5952', async (t) => {
  const rows: [string, string][] = [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000100000001000100010001', '2001:db8:1:0:1:1:1:1'],
    ['ff020000000000000000000000000000', 'ff02::'],
  ]
  for (const [bytes, text] of rows) t.equal(ipv6Text(unhex(bytes)), text)
})

t.test('an attribute carries its type', async (t) => {
  const table = parse()
  const weight: number | undefined = table.get(FRUITA_WEIGHT)
  t.equal(weight, 42)
  // @ts-expect-error a u32 attribute gives no string
  const text: string | undefined = table.get(FRUITA_WEIGHT)
  t.equal(text as unknown, 42)
})
