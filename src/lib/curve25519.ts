/** X25519 (RFC 7748): the public key of a private one, and the secret that two of them share. */

const P = 2n ** 255n - 19n
const A24 = 121665n
const TOP_BIT = 254n

/** decodeScalar25519 in place (RFC 7748 section 5): the bits that every private key has or has not. */
export function curve25519_clamp_secret(secret: Uint8Array): void {
  secret[0] &= 248
  secret[31] = (secret[31] & 127) | 64
}

/** X25519(k, u), RFC 7748 section 5: Montgomery's ladder. */
export function curve25519(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const scalar = secret.slice()
  curve25519_clamp_secret(scalar)
  const k = number(scalar)
  const x1 = number(point) & (2n ** 255n - 1n)
  let [x2, z2, x3, z3, swap] = [1n, 0n, x1, 1n, 0n]
  for (let t = TOP_BIT; t >= 0n; t--) {
    const bit = (k >> t) & 1n
    if (swap !== bit) [x2, x3, z2, z3] = [x3, x2, z3, z2]
    swap = bit
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3]
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)]
    const e = aa - bb
    x3 = mod((da + cb) ** 2n)
    z3 = mod(x1 * mod((da - cb) ** 2n))
    x2 = mod(aa * bb)
    z2 = mod(e * (aa + A24 * e))
  }
  if (swap !== 0n) [x2, z2] = [x3, z3]
  return bytes(mod(x2 * power(z2, P - 2n)))
}

/** X25519(k, 9); undefined for a key of zeros, which has none. */
export function curve25519_generate_public(secret: Uint8Array): Uint8Array | undefined {
  if (secret.every((b) => b === 0)) return undefined
  const base = new Uint8Array(32)
  base[0] = 9
  return curve25519(secret, base)
}

function mod(n: bigint): bigint {
  const r = n % P
  return r < 0n ? r + P : r
}
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base]
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}
function number(b: Uint8Array): bigint {
  let n = 0n
  for (let i = 31; i >= 0; i--) n = (n << 8n) | BigInt(b[i])
  return n
}
function bytes(n: bigint): Uint8Array {
  const b = new Uint8Array(32)
  for (let i = 0; i < 32; i++) b[i] = Number((n >> BigInt(8 * i)) & 255n)
  return b
}
