/** include/net/checksum.h: the checksum of the Internet protocols (RFC 1071), with the pseudo headers of both families. */
import { getBe16 } from '../../lib/bytes.ts'

/** Adds the 16-bit words of `buf` from `from` on; not folded. Sums of whole packets stay far below 2^53. */
export function csum_partial(buf: Uint8Array, from: number, len: number, sum = 0): number {
  let s = sum
  const even = from + (len & ~1)
  for (let i = from; i < even; i += 2) s += (buf[i] << 8) | buf[i + 1]
  return len & 1 ? s + (buf[even] << 8) : s
}
/** The 16-bit complement that goes into a header. */
export function csum_fold(sum: number): number {
  let s = sum
  while (s > 0xffff) s = (s % 0x10000) + Math.floor(s / 0x10000)
  return ~s & 0xffff
}
/** 0 over a header that carries its own checksum: it is right. */
export function ip_compute_csum(buf: Uint8Array, from: number, len: number): number {
  return csum_fold(csum_partial(buf, from, len))
}
/** Addresses in host order. */
export function csum_tcpudp_magic(saddr: number, daddr: number, len: number, proto: number, sum: number): number {
  return csum_fold(sum + (saddr >>> 16) + (saddr & 0xffff) + (daddr >>> 16) + (daddr & 0xffff) + len + proto)
}
export function csum_ipv6_magic(saddr: Uint8Array, daddr: Uint8Array, len: number, proto: number, sum: number): number {
  return csum_fold(csum_partial(daddr, 0, 16, csum_partial(saddr, 0, 16, sum)) + (len >>> 16) + (len & 0xffff) + proto)
}
/** inet_proto_csum_replace2(): the checksum at `at` after one word of what it covers has changed (RFC 1624). */
export function csum_replace2(buf: Uint8Array, at: number, from: number, to: number): void {
  const sum = csum_fold((~getBe16(buf, at) & 0xffff) + (~from & 0xffff) + to)
  buf[at] = sum >> 8
  buf[at + 1] = sum
}
