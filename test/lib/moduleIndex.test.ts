import t from 'tap'
import { moduleIndex } from '../../src/lib/moduleIndex.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

t.test('one name', async (t) => {
  t.equal(
    hex(moduleIndex([['ab', 'v']])),
    [
      'b007f457', // magic
      '00020001', // version
      'c000000c', // the root: a prefix and values, at 12
      '616200', // "ab"
      '00000001', // one value
      '00000000', // of this priority
      '7600', // "v"
    ].join(''),
  )
})

t.test('two names that part after their first byte, and one that is part of another', async (t) => {
  t.equal(
    hex(
      moduleIndex([
        ['xa', '1'],
        ['xc', '2'],
        ['x', '3'],
      ]),
    ),
    [
      'b007f457',
      '00020001',
      'e0000020', // the root: prefix, children and values, at 32
      '00000001' + '00000000' + '3100', // at 12: "xa" is 1
      '00000001' + '00000000' + '3200', // at 22: "xc" is 2
      '7800', // at 32: "x"
      '6163', // children from a to c
      '4000000c' + '00000000' + '40000016', // there is no "xb"
      '00000001' + '00000000' + '3300', // "x" is 3
    ].join(''),
  )
})
