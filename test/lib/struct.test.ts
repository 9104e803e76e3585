import t from 'tap'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { array, packedStruct, struct } from '../../src/lib/struct.ts'
import { be16, big64, bytes, chars, ipv4, s8, s16, s32, u8, u16, u32, u64 } from '../../src/lib/types.ts'

const mixed = struct('mixed', { a: u8, b: u32, c: u16, d: u64, e: u8 })
const values = { a: 1, b: 0x01020304, c: 0x0506, d: 7, e: 8 }

t.test('fields stand where a C compiler puts them', async (t) => {
  t.same(
    mixed.fields.map((f) => [f.name, f.offset]),
    [
      ['a', 0],
      ['b', 4],
      ['c', 8],
      ['d', 16],
      ['e', 24],
    ],
  )
  t.equal(mixed.size, 32)
  t.equal(mixed.align, 8)
  const packed = packedStruct('packed', { a: u8, b: u32, c: u16 })
  t.same([packed.size, packed.field.b.offset, packed.align], [7, 1, 1])
})

t.test('an inner struct is aligned by its own members', async (t) => {
  const inner = struct('inner', { x: u8, y: u32 })
  const outer = struct('outer', { head: u8, inner, tail: u8 })
  t.same([outer.field.inner.offset, outer.field.tail.offset, outer.size], [4, 12, 16])
  t.same(outer.get(outer.encode({ inner: { x: 3, y: 4 } }), 0), { head: 0, inner: { x: 3, y: 4 }, tail: 0 })
})

t.test('written whole: padding and missing fields become zero, neighbours stay', async (t) => {
  const buf = new Uint8Array(40).fill(0xa5)
  mixed.put(buf, 4, values)
  t.equal(hex(buf), 'a5a5a5a5' + '01000000' + '04030201' + '06050000' + '00000000' + '0700000000000000' + '0800000000000000' + 'a5a5a5a5')
  mixed.put(buf, 4, { e: 9 })
  t.equal(hex(buf), 'a5a5a5a5' + '00'.repeat(24) + '0900000000000000' + 'a5a5a5a5')
})

t.test('read back at any offset', async (t) => {
  const buf = new Uint8Array(40).fill(0xa5)
  mixed.put(buf, 5, values)
  t.same(mixed.get(buf, 5), values)
  t.equal(mixed.field.b.get(buf, 5), 0x01020304)
  mixed.field.b.put(buf, 5, 1)
  t.same(mixed.get(buf, 5), { ...values, b: 1 })
})

t.test('JSON leaves padding out', async (t) => {
  const padded = struct('padded', { family: u8, __pad: u8, port: be16, addr: ipv4 })
  t.same(padded.toJson(padded.get(unhex('0200005' + '00a020001'), 0)), { family: 2, port: 80, addr: '10.2.0.1' })
})

t.test('arrays, chars and bytes of fixed size', async (t) => {
  const s = struct('s', { name: chars(4), raw: bytes(3), list: array(s16, 2), tail: s8 })
  const buf = s.encode({ name: 'toolong', raw: unhex('0102030405'), list: [-1, 2, 3], tail: -5 })
  t.equal(hex(buf), '746f6f6c' + '01020300' + 'ffff0200' + 'fb00')
  t.same(s.toJson(s.get(buf, 0)), { name: 'tool', raw: '010203', list: [-1, 2], tail: -5 })
  t.equal(hex(s.encode({ name: 'a' })).slice(0, 8), '61000000', 'the rest of a name is NUL')
})

t.test('types follow the declaration', async (t) => {
  const s = struct('typed', { n: u32, big: big64, i: s32 })
  const v = s.get(new Uint8Array(s.size), 0)
  const n: number = v.n
  const big: bigint = v.big
  t.same([n, big], [0, 0n])
  // @ts-expect-error a bigint field is no number
  const wrong: number = v.big
  // @ts-expect-error no such field
  t.throws(() => s.field.nope.get(new Uint8Array(0), 0))
  // @ts-expect-error a number is asked for
  s.encode({ n: 'text' })
  t.equal(wrong as unknown, 0n)
})
