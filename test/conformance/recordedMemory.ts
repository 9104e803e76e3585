/** A program's memory as far as a recording shows it: the structure of an ioctl and what it points to. */

import { unhex } from '../../src/lib/bytes.ts'
import type { UserMemory } from '../../src/syscalls/types.ts'
import { EFAULT, type Errno, isErrno } from '../../src/uapi/errno.ts'
import type { IoIoctl } from '../oracle/recordings.ts'
import { pointedTo, structSize } from './ioctlSizes.ts'

/** Where the structure lies: an address that no recorded pointer has. */
const STRUCT_ADDR = 0x10000
/** Zeros behind the recorded bytes, since the recorder keeps only the beginning of long buffers. */
const SLACK = 16384

export class RecordedMemory implements UserMemory {
  readonly request: number
  /** The ioctl's third argument. */
  readonly arg: number
  private readonly regions: { addr: number; bytes: Uint8Array }[] = []

  constructor(io: IoIoctl) {
    this.request = Number(io.req)
    this.arg = io.arg === undefined ? (io.val ?? 0) : STRUCT_ADDR
    if (io.arg === undefined) return
    const struct = unhex(io.arg)
    this.map(STRUCT_ADDR, struct, structSize(this.request))
    const target = pointedTo(this.request, struct, () => unhex(io.arg_data ?? ''))
    if (target !== undefined && io.arg_data !== undefined) this.map(target.addr, unhex(io.arg_data), io.arg_data.length / 2 + SLACK)
  }

  private map(addr: number, content: Uint8Array, length: number): void {
    const bytes = new Uint8Array(Math.max(length, content.length))
    bytes.set(content)
    this.regions.push({ addr, bytes })
  }

  private find(addr: number, length: number): Uint8Array | undefined {
    const region = this.regions.find((r) => addr >= r.addr && addr + length <= r.addr + r.bytes.length)
    return region?.bytes.subarray(addr - region.addr, addr - region.addr + length)
  }

  read(addr: number, length: number): Uint8Array | Errno {
    return this.find(addr, length)?.slice() ?? EFAULT
  }
  write(addr: number, bytes: Uint8Array): Errno | undefined {
    const target = this.find(addr, bytes.length)
    if (target === undefined) return EFAULT
    target.set(bytes)
    return undefined
  }

  /** What the recorder would keep of this memory now. */
  contents(): { struct: Uint8Array | undefined; data: Uint8Array | undefined } {
    const bytes = (addr: number, length: number) => {
      const found = this.read(addr, length)
      return isErrno(found) ? new Uint8Array(0) : found
    }
    if (this.arg !== STRUCT_ADDR) return { struct: undefined, data: undefined }
    const struct = bytes(STRUCT_ADDR, structSize(this.request))
    const target = pointedTo(this.request, struct, bytes)
    return { struct, data: target && bytes(target.addr, target.length) }
  }
}
