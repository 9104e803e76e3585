/** How large the structures behind network ioctls are, for traces: the requests themselves do not say. */
import type { ProgramMemory } from './memory.ts'

const SIOCADDRT = 0x890b
const SIOCDELRT = 0x890c
const SIOCGIFCONF = 0x8912
const SIOCGIFBR = 0x8940
const SIOCSIFBR = 0x8941
const SIOCETHTOOL = 0x8946
const SIOCDEVPRIVATE = 0x89f0
const TUNSETIFF = 0x400454ca
const TUNGETIFF = 0x800454d2
const SIZEOF_IFREQ = 40
const SIZEOF_RTENTRY = 120
const SIZEOF_ARPREQ = 68
const SIZEOF_IFCONF = 16

/** Bytes at the third argument. */
export function ioctlSize(request: number): number {
  if (request === TUNSETIFF || request === TUNGETIFF) return SIZEOF_IFREQ
  const encoded = (request >>> 16) & 0x3fff
  if (encoded > 0) return Math.min(encoded, 1024)
  switch (request) {
    case SIOCADDRT:
    case SIOCDELRT:
      return SIZEOF_RTENTRY
    case SIOCGIFCONF:
      return SIZEOF_IFCONF
    case 0x8953: // SIOCDARP, SIOCGARP, SIOCSARP, and the same of RARP
    case 0x8954:
    case 0x8955:
    case 0x8960:
    case 0x8961:
    case 0x8962:
      return SIZEOF_ARPREQ
    case 0x8982: // SIOCGIFVLAN, SIOCSIFVLAN
    case 0x8983:
      return 56
  }
  return SIZEOF_IFREQ
}

const ETHTOOL_SIZES: Record<number, number> = {
  0x01: 44,
  0x02: 44,
  0x03: 196,
  0x0e: 92,
  0x0f: 92,
  0x10: 36,
  0x11: 36,
  0x12: 16,
  0x13: 16,
  0x37: 80,
  0x3a: 76,
  0x3b: 140,
  0x3c: 36,
  0x3d: 36,
  0x4c: 1572,
  0x4d: 1572,
}
const ETHTOOL_GSTRINGS = 0x1b
const ETHTOOL_GSTATS = 0x1d

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true)
}

function ethtoolSize(head: Uint8Array): number {
  if (head.length < 12) return head.length
  const command = u32(head, 0)
  if (command === ETHTOOL_GSTRINGS) return 12 + u32(head, 8) * 32
  if (command === ETHTOOL_GSTATS) return 8 + u32(head, 4) * 8
  return ETHTOOL_SIZES[command] ?? 256
}

/** What the structure points to, for the requests whose substance is there. */
export function ioctlData(request: number, struct: Uint8Array, memory: ProgramMemory): Uint8Array | undefined {
  if (struct.length < 16) return undefined
  const view = new DataView(struct.buffer, struct.byteOffset, struct.length)
  if (request === SIOCGIFCONF) {
    const length = view.getInt32(0, true)
    const buffer = Number(view.getBigUint64(8, true))
    return buffer !== 0 && length > 0 && length < 65536 ? memory.peek(buffer, length) : undefined
  }
  const isPrivate = request >= SIOCDEVPRIVATE && request <= SIOCDEVPRIVATE + 15
  if (request !== SIOCETHTOOL && request !== SIOCGIFBR && request !== SIOCSIFBR && !isPrivate) return undefined
  const pointer = struct.length >= 24 ? Number(view.getBigUint64(16, true)) : 0
  if (pointer <= 4096) return undefined
  const size = request === SIOCETHTOOL ? ethtoolSize(memory.peek(pointer, 12)) : 128
  return memory.peek(pointer, Math.min(size, 8192))
}
