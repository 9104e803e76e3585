/** SHA-1's compression of one block (FIPS 180-4 6.1.2), from the initial value and without padding. */
import { type Bytes, getBe32 } from './bytes.ts'

function rol(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n))
}
const K = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6]

/** `block`: 64 bytes. The five words of the state. */
export function sha1Transform(block: Bytes): Uint32Array {
  const w = new Int32Array(80)
  for (let i = 0; i < 16; i++) w[i] = getBe32(block, i * 4)
  for (let i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1)
  const h = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  let [a, b, c, d, e] = h
  for (let i = 0; i < 80; i++) {
    const round = Math.floor(i / 20)
    const f = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d
    const t = (rol(a, 5) + f + e + K[round] + w[i]) | 0
    e = d
    d = c
    c = rol(b, 30)
    b = a
    a = t
  }
  ;[a, b, c, d, e].forEach((x, i) => {
    h[i] += x
  })
  return h
}
