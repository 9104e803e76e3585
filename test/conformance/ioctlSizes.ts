/**
 * How much of a program's memory the oracle's recorder keeps for an ioctl: the structure at its argument, and what
 * that structure points to. A replay must keep the same bytes, or `compare` sees other lengths.
 */
import { get32, get64 } from '../../src/lib/bytes.ts'

const SIOCADDRT = 0x890b
const SIOCDELRT = 0x890c
const SIOCGIFCONF = 0x8912
const SIOCGIFBR = 0x8940
const SIOCSIFBR = 0x8941
const SIOCETHTOOL = 0x8946
const SIOCDEVPRIVATE = 0x89f0
const TUNSETIFF = 0x400454ca
const TUNGETIFF = 0x800454d2

/** Bytes of the structure that the request's argument points to. */
export function structSize(request: number): number {
  if (request >= 0x8900 && request <= 0x89ff) {
    if (request === SIOCADDRT || request === SIOCDELRT) return 120
    // struct arpreq
    if ((request >= 0x8953 && request <= 0x8955) || (request >= 0x8960 && request <= 0x8962)) return 68
    if (request === SIOCGIFCONF) return 16
    if (request === 0x8982 || request === 0x8983) return 56
    return 40
  }
  if (request === TUNSETIFF || request === TUNGETIFF) return 40
  return Math.min((request >>> 16) & 0x3fff, 1024)
}

/** Where the structure points to, and how many bytes there are kept; undefined when it points nowhere. */
export function pointedTo(
  request: number,
  struct: Uint8Array,
  read: (addr: number, length: number) => Uint8Array,
): { addr: number; length: number } | undefined {
  if (request === SIOCGIFCONF && struct.length >= 16) {
    const length = get32(struct, 0) | 0
    const addr = get64(struct, 8)
    return addr !== 0 && length > 0 && length < 65536 ? { addr, length } : undefined
  }
  if (request !== SIOCETHTOOL && request !== SIOCGIFBR && request !== SIOCSIFBR && (request < SIOCDEVPRIVATE || request > 0x89ff))
    return undefined
  if (struct.length < 24) return undefined
  const addr = get64(struct, 16)
  if (addr <= 4096) return undefined
  return { addr, length: request === SIOCETHTOOL ? ethtoolSize(addr, read) : 128 }
}

const ETHTOOL_SIZES: Record<number, number> = {
  0x1: 44,
  0x2: 44,
  0x3: 196,
  0x37: 80,
  0x3a: 76,
  0x3b: 140,
  0x4c: 1572,
  0x4d: 1572,
  0x10: 36,
  0x11: 36,
  0xe: 92,
  0xf: 92,
  0x3c: 36,
  0x3d: 36,
  0x12: 16,
  0x13: 16,
}
function ethtoolSize(addr: number, read: (addr: number, length: number) => Uint8Array): number {
  const head = new Uint8Array(12)
  head.set(read(addr, 12).subarray(0, 12))
  const command = get32(head, 0)
  if (command === 0x1b) return Math.min(12 + get32(head, 8) * 32, 8192)
  if (command === 0x1d) return Math.min(8 + get32(head, 4) * 8, 8192)
  return ETHTOOL_SIZES[command] ?? 256
}
