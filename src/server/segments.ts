/** The memory of a remote caller: the pieces that it sent along with an ioctl, at addresses of its own choice. */
import type { UserMemory } from '../syscalls/types.ts'
import { EFAULT, type Errno } from '../uapi/errno.ts'

export interface Segment {
  address: number
  bytes: Uint8Array
}

export class SegmentMemory implements UserMemory {
  readonly segments: readonly Segment[]
  constructor(segments: readonly Segment[]) {
    this.segments = segments
  }
  read(addr: number, length: number): Uint8Array | Errno {
    return this.find(addr, length)?.slice() ?? EFAULT
  }
  write(addr: number, bytes: Uint8Array): Errno | undefined {
    const room = this.find(addr, bytes.length)
    if (room === undefined) return EFAULT
    room.set(bytes)
    return undefined
  }
  private find(addr: number, length: number): Uint8Array | undefined {
    const s = this.segments.find((seg) => addr >= seg.address && addr + length <= seg.address + seg.bytes.length)
    return s?.bytes.subarray(addr - s.address, addr - s.address + length)
  }
}
