/** Seeded random streams (xoshiro128**, seeded through a hash of seed and name): same seed and name, same numbers. */
export class RandomStream {
  s0: number
  s1: number
  s2: number
  s3: number
  constructor(seed: number | string, name: string) {
    let h = 2166136261
    const next = () => {
      // splitmix32 over an FNV-1a hash of the text: spreads neighbouring seeds
      h = (h + 0x9e3779b9) | 0
      let z = h ^ (h >>> 16)
      z = Math.imul(z, 0x21f0aaad)
      z ^= z >>> 15
      z = Math.imul(z, 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    }
    for (const c of `${seed}\0${name}`) h = Math.imul(h ^ c.charCodeAt(0), 16777619)
    this.s0 = next()
    this.s1 = next()
    this.s2 = next()
    this.s3 = next() | 1
  }
  /** A u32. */
  u32(): number {
    const r = Math.imul(this.s1, 5)
    const out = Math.imul((r << 7) | (r >>> 25), 9) >>> 0
    const t = this.s1 << 9
    this.s2 ^= this.s0
    this.s3 ^= this.s1
    this.s1 ^= this.s2
    this.s0 ^= this.s3
    this.s2 ^= t
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21)
    return out
  }
  /** A number in [0, 1). */
  real(): number {
    return this.u32() / 4294967296
  }
  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.real() * n)
  }
  bytes(n: number): Uint8Array {
    const b = new Uint8Array(n)
    for (let i = 0; i < n; i++) b[i] = this.u32()
    return b
  }
}
