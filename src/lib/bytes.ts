/**
 * Little-endian and big-endian integers in a Uint8Array. Plain functions with shifts: measured faster than
 * DataView for the small fields that netlink is made of. Offsets are not checked; callers own the bounds.
 */
export type Bytes = Uint8Array

/** Of 16 bits: network byte order to the host's, and back. */
export function ntohs(value: number): number {
  return ((value & 0xff) << 8) | ((value >> 8) & 0xff)
}

export function get16(b: Bytes, o: number): number {
  return b[o] | (b[o + 1] << 8)
}
export function get32(b: Bytes, o: number): number {
  return (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0
}
export function getS32(b: Bytes, o: number): number {
  return b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)
}
/** A u64 as a number: exact up to 2^53. */
export function get64(b: Bytes, o: number): number {
  return get32(b, o) + get32(b, o + 4) * 4294967296
}
export function getBig64(b: Bytes, o: number): bigint {
  return BigInt(get32(b, o)) | (BigInt(get32(b, o + 4)) << 32n)
}
export function getBe16(b: Bytes, o: number): number {
  return (b[o] << 8) | b[o + 1]
}
export function getBe32(b: Bytes, o: number): number {
  return ((b[o] << 24) | (b[o + 1] << 16) | (b[o + 2] << 8) | b[o + 3]) >>> 0
}
export function put16(b: Bytes, o: number, v: number): void {
  b[o] = v
  b[o + 1] = v >> 8
}
export function put32(b: Bytes, o: number, v: number): void {
  b[o] = v
  b[o + 1] = v >> 8
  b[o + 2] = v >> 16
  b[o + 3] = v >> 24
}
/** Negative numbers are written in two's complement, numbers beyond 2^53 lose their low bits. */
export function put64(b: Bytes, o: number, v: number): void {
  const high = v >= 0 && v <= 0xffffffff ? 0 : Math.floor(v / 4294967296)
  put32(b, o, v - high * 4294967296)
  put32(b, o + 4, high)
}
export function putBig64(b: Bytes, o: number, v: bigint): void {
  put32(b, o, Number(v & 0xffffffffn))
  put32(b, o + 4, Number((v >> 32n) & 0xffffffffn))
}
export function putBe16(b: Bytes, o: number, v: number): void {
  b[o] = v >> 8
  b[o + 1] = v
}
export function putBe32(b: Bytes, o: number, v: number): void {
  b[o] = v >> 24
  b[o + 1] = v >> 16
  b[o + 2] = v >> 8
  b[o + 3] = v
}

/** Bytes up to the first NUL (or `end`) as Latin-1, the way the kernel treats names: bytes, not characters. */
export function getString(b: Bytes, start: number, end: number): string {
  let s = ''
  for (let i = start; i < end && b[i] !== 0; i++) s += String.fromCharCode(b[i])
  return s
}
/** Writes Latin-1 bytes without a terminator; returns the number of bytes. */
export function putString(b: Bytes, o: number, s: string): number {
  for (let i = 0; i < s.length; i++) b[o + i] = s.charCodeAt(i)
  return s.length
}

export function hex(b: Bytes): string {
  return Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString('hex')
}
export function unhex(s: string): Uint8Array {
  return new Uint8Array(Buffer.from(s, 'hex'))
}
/** The four bytes in the other order. */
export function swab32(n: number): number {
  return ((n << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0
}
/** Pairs of bytes as the characters of a string: a key of Maps that takes little to make. `count` is even. */
export function pairs(b: Bytes, o: number, count: number): string {
  if (count === 4) return String.fromCharCode((b[o] << 8) | b[o + 1], (b[o + 2] << 8) | b[o + 3])
  let s = ''
  for (let i = o; i < o + count; i += 2) s += String.fromCharCode((b[i] << 8) | b[i + 1])
  return s
}
/** The same of an Ethernet address, and a VLAN. */
export function address_key(b: Bytes, o: number, vid: number): string {
  return String.fromCharCode((b[o] << 8) | b[o + 1], (b[o + 2] << 8) | b[o + 3], (b[o + 4] << 8) | b[o + 5], vid)
}
export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
