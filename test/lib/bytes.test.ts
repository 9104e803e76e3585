import t from 'tap'
import * as b from '../../src/lib/bytes.ts'

const dirty = (n: number) => new Uint8Array(n).fill(0xa5)

t.test('integers are written in their order and nowhere else', async (t) => {
  const rows: [string, (buf: Uint8Array) => void, string][] = [
    ['put16', (x) => b.put16(x, 2, 0x1234), 'a5a53412a5a5a5a5a5a5a5a5'],
    ['put32', (x) => b.put32(x, 2, 0x89abcdef), 'a5a5efcdab89a5a5a5a5a5a5'],
    ['put32 of a negative', (x) => b.put32(x, 2, -19), 'a5a5edffffffa5a5a5a5a5a5'],
    ['put64', (x) => b.put64(x, 2, 0x1020304050607), 'a5a507060504030201' + '00a5a5'],
    ['put64 of a negative', (x) => b.put64(x, 2, -2), 'a5a5feffffffffffffffa5a5'],
    ['putBig64', (x) => b.putBig64(x, 2, 0x8000000000000001n), 'a5a50100000000000080a5a5'],
    ['putBe16', (x) => b.putBe16(x, 2, 0x1234), 'a5a51234a5a5a5a5a5a5a5a5'],
    ['putBe32', (x) => b.putBe32(x, 2, 0x0a020001), 'a5a50a020001a5a5a5a5a5a5'],
    ['putString', (x) => b.putString(x, 2, 'lo'), 'a5a56c6fa5a5a5a5a5a5a5a5'],
  ]
  for (const [name, write, want] of rows) {
    const buf = dirty(12)
    write(buf)
    t.equal(b.hex(buf), want, name)
  }
})

t.test('integers are read back', async (t) => {
  const x = b.unhex('a5edffffffffffffffa5')
  t.equal(b.get16(x, 1), 0xffed)
  t.equal(b.get32(x, 1), 0xffffffed)
  t.equal(b.getS32(x, 1), -19)
  t.equal(b.getBig64(x, 1), 0xffffffffffffffedn)
  t.equal(b.getBe16(x, 1), 0xedff)
  t.equal(b.getBe32(x, 0), 0xa5edffff)
  t.equal(b.get64(b.unhex('0100000001000000'), 0), 4294967297)
})

t.test('strings end at NUL or at the bound; bytes are characters', async (t) => {
  const x = b.unhex('657468300061e9')
  t.equal(b.getString(x, 0, 7), 'eth0')
  t.equal(b.getString(x, 0, 3), 'eth')
  t.equal(b.getString(x, 5, 7), 'a\xe9')
})

t.test('equalBytes', async (t) => {
  t.ok(b.equalBytes(b.unhex('0102'), b.unhex('0102')))
  t.notOk(b.equalBytes(b.unhex('0102'), b.unhex('0103')))
  t.notOk(b.equalBytes(b.unhex('0102'), b.unhex('010203')))
})

t.test('hex of a view shows the view alone', async (t) => {
  t.equal(b.hex(b.unhex('00112233').subarray(1, 3)), '1122')
})
