import { createHash } from 'node:crypto'
import t from 'tap'
import { sha1Transform } from '../../src/lib/sha1.ts'

t.test('one block with its padding is the digest of what is in it', async (t) => {
  for (const text of ['', 'abc', 'x'.repeat(55)]) {
    const block = new Uint8Array(64)
    block.set(Buffer.from(text))
    block[text.length] = 0x80
    block[62] = (text.length * 8) >> 8
    block[63] = text.length * 8
    const words = [...sha1Transform(block)].map((word) => word.toString(16).padStart(8, '0')).join('')
    t.equal(words, createHash('sha1').update(text).digest('hex'))
  }
})
