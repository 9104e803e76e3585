import t from 'tap'
import { hex } from '../../src/lib/bytes.ts'
import { ipv6Parse, ipv6TextFull } from '../../src/lib/ipv6Text.ts'

t.test('addresses are read in every form, and refused when they are none', async (t) => {
  const good: [string, string][] = [
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:DB8::1', '20010db8000000000000000000000001'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['fe80::', 'fe800000000000000000000000000000'],
  ]
  for (const [text, bytes] of good) t.equal(hex(ipv6Parse(text) as Uint8Array), bytes, text)
  for (const text of ['', ':', '1', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', '::1.2.3.256', 'g::']) {
    t.equal(ipv6Parse(text), undefined, text)
  }
})
t.test('the long form', async (t) => {
  t.equal(ipv6TextFull(ipv6Parse('2001:db8::1') as Uint8Array), '2001:0db8:0000:0000:0000:0000:0000:0001')
})
