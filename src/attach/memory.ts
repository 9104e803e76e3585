/** The memory of a waiting program, as the simulated kernel reads and writes it. */
import type { UserMemory } from '../syscalls/types.ts'
import { EFAULT, type Errno } from '../uapi/errno.ts'
import { AT_PAYLOAD, bytes, native, PAYLOAD_SIZE } from './native.ts'
import { copyOut } from './trap.ts'

/** Goes through the payload area, so nothing else may lie there meanwhile. */
export class ProgramMemory implements UserMemory {
  tid = 0
  read(addr: number, length: number): Uint8Array | Errno {
    if (length > PAYLOAD_SIZE || native.read(this.tid, addr, length, AT_PAYLOAD) < 0) return EFAULT
    return copyOut(AT_PAYLOAD, length)
  }

  write(addr: number, data: Uint8Array): Errno | undefined {
    for (let at = 0; at < data.length; at += PAYLOAD_SIZE) {
      const piece = data.subarray(at, at + PAYLOAD_SIZE)
      bytes.set(piece, AT_PAYLOAD)
      if (native.write(this.tid, addr + at, piece.length, AT_PAYLOAD) < 0) return EFAULT
    }
    return undefined
  }

  /** As much of `length` bytes as can be read, for traces. */
  peek(addr: number, length: number): Uint8Array {
    for (let n = Math.min(length, PAYLOAD_SIZE); n > 0; n = pageFloor(addr, n)) {
      if (native.read(this.tid, addr, n, AT_PAYLOAD) >= 0) return copyOut(AT_PAYLOAD, n)
    }
    return new Uint8Array(0)
  }

  string(addr: number, limit = 4096): string {
    const parts: string[] = []
    for (let done = 0; done < limit; ) {
      const n = Math.min(256, 4096 - ((addr + done) % 4096))
      if (native.read(this.tid, addr + done, n, AT_PAYLOAD) < 0) break
      const end = bytes.subarray(AT_PAYLOAD, AT_PAYLOAD + n).indexOf(0)
      parts.push(bytes.toString('utf8', AT_PAYLOAD, AT_PAYLOAD + (end < 0 ? n : end)))
      if (end >= 0) break
      done += n
    }
    return parts.join('')
  }
}

/** The length up to the last page boundary below the end. */
function pageFloor(addr: number, length: number): number {
  const end = addr + length
  const floor = end - (end % 4096 || 4096)
  return Math.max(0, floor - addr)
}
