import t from 'tap'
import { attr, attrs, eachAttr } from '../../src/lib/attrs.ts'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { MessageBuilder } from '../../src/lib/message.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { struct } from '../../src/lib/struct.ts'
import { binary, string, u8, u16, u32, u64 } from '../../src/lib/types.ts'

const family = struct('family', { family: u8, index: u16 })
const A = attr(1, u32)
const NAME = attr(2, string())
attrs('SET', { A, NAME })

t.test('a message: header, struct padded to 4, attributes padded to 4', async (t) => {
  const m = new MessageBuilder()
  m.buf.fill(0xa5)
  m.begin(16, 0x605, 7, 99)
  m.struct(family, { family: 2, index: 3 })
  m.put(NAME, 'dum0')
  m.put(A, 5)
  m.putBytes(0x8003, unhex('aabb'))
  t.ok(m.end())
  t.equal(
    hex(m.bytes()),
    [
      '30000000' + '1000' + '0506' + '07000000' + '63000000', // length 48
      '02000300',
      '09000200' + '64756d30' + '00000000',
      '08000100' + '05000000',
      '06000380' + 'aabb0000',
    ].join(''),
  )
})

t.test('the length field leaves the last padding in: it is the message that is aligned', async (t) => {
  const m = new MessageBuilder()
  m.begin(1, 0, 0, 0)
  m.put(NAME, '')
  m.end()
  t.equal(hex(m.bytes().subarray(0, 4)), '18000000')
})

t.test('nests: with the flag, without it, empty, and taken back', async (t) => {
  const m = new MessageBuilder()
  m.begin(1, 0, 0, 0)
  const outer = m.nest(18)
  m.put(A, 1)
  const inner = m.nestNoflag(attr(2, u8))
  t.equal(m.nestLength(inner), 0)
  m.nestEnd(inner)
  const gone = m.nest(3)
  m.put(A, 2)
  m.nestCancel(gone)
  m.nestEnd(outer)
  m.end()
  t.equal(hex(m.bytes().subarray(16)), '10001280' + '08000100' + '01000000' + '04000200')
  t.equal(m.attrLength(outer), 16)
})

t.test('what does not fit takes its message back, and only that', async (t) => {
  const m = new MessageBuilder(60)
  m.begin(1, 0, 0, 0)
  m.put(A, 1)
  t.ok(m.end())
  const before = hex(m.bytes())
  m.begin(2, 0, 0, 0)
  m.put(A, 1)
  m.put(NAME, 'a name that is too long')
  m.put(A, 2)
  t.ok(m.overflow, 'sticky: what comes later is not written either')
  t.notOk(m.end())
  t.equal(hex(m.bytes()), before)
  t.notOk(m.overflow)
  m.begin(3, 0, 0, 0)
  t.ok(m.end(), 'a smaller one still fits')
  t.equal(m.length, 24 + 16)
})

t.test('a header that does not fit is an overflow too', async (t) => {
  const m = new MessageBuilder(20)
  m.begin(1, 0, 0, 0)
  t.ok(m.end())
  m.begin(2, 0, 0, 0)
  t.equal(m.room(1), -1)
  t.notOk(m.end())
  t.equal(m.length, 16)
})

t.test('room is zero even where the buffer was used before', async (t) => {
  const m = new MessageBuilder()
  m.begin(1, 0, 0, 0)
  m.putBytes(1, new Uint8Array(32).fill(0xff))
  m.cancel()
  m.begin(1, 0, 0, 0)
  m.reserve(1, 8)
  m.end()
  t.equal(hex(m.bytes().subarray(16)), '0c000100' + '00'.repeat(8))
})

t.test('grows past its first size', async (t) => {
  const m = new MessageBuilder(0x7fffffff, 16)
  m.begin(1, 0, 0, 0)
  for (let i = 0; i < 100; i++) m.put(A, i)
  m.end()
  t.equal(m.length, 16 + 800)
  t.equal(hex(m.bytes().subarray(16, 24)), '0800010000000000')
})

t.test('round trip of seeded messages', async (t) => {
  const random = new RandomStream(1, 'message round trip')
  const kinds = [attr(1, u8), attr(2, u16), attr(3, u32), attr(4, u64), attr(5, string()), attr(6, binary)]
  for (let round = 0; round < 200; round++) {
    const m = new MessageBuilder()
    m.buf.fill(0xa5)
    const put: [number, unknown][] = []
    m.begin(16, 0, round, 0)
    for (let i = random.below(12); i > 0; i--) {
      const kind = kinds[random.below(kinds.length)] as any
      const value = valueFor(kind.nr, random)
      m.put(kind, value)
      put.push([kind.nr, value])
    }
    t.ok(m.end())
    const got: [number, unknown][] = []
    const b = m.bytes()
    const left = eachAttr(b, 16, b.length, (nr, o) => {
      const length = b[o] | (b[o + 1] << 8)
      got.push([nr, (kinds[nr - 1] as any).type.get(b, o + 4, length - 4)])
    })
    t.equal(left, 0)
    if (JSON.stringify(got) !== JSON.stringify(put)) t.same(got, put)
  }
})

function valueFor(nr: number, random: RandomStream): unknown {
  if (nr === 5) return String.fromCharCode(...Array.from({ length: random.below(20) }, () => 33 + random.below(200)))
  if (nr === 6) return random.bytes(random.below(40))
  if (nr === 4) return random.u32() * 2 ** random.below(21)
  return random.u32() >>> (32 - 8 * [0, 1, 2, 4][nr])
}
