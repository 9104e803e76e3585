/** X25519: the vectors of RFC 7748 sections 5.2 and 6.1. */
import t from 'tap'
import { hex, unhex } from '../../src/lib/bytes.ts'
import { curve25519, curve25519_generate_public } from '../../src/lib/curve25519.ts'

t.test('section 5.2', async (t) => {
  const vectors = [
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ]
  for (const [scalar, u, out] of vectors) t.equal(hex(curve25519(unhex(scalar), unhex(u))), out)
})

t.test('section 6.1: public keys, and the secret that both ends find', async (t) => {
  const alice = unhex('77076d0a7318a57d3c16c17251b26645c6e6f5a7d3b8f5a0a5a5a5a5a5a5a5a5')
  const bob = unhex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
  const [pa, pb] = [curve25519_generate_public(alice), curve25519_generate_public(bob)]
  t.equal(hex(pb as Uint8Array), 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
  t.strictSame(curve25519(alice, pb as Uint8Array), curve25519(bob, pa as Uint8Array))
  t.equal(curve25519_generate_public(new Uint8Array(32)), undefined)
})
