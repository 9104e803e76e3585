/**
 * Syscall mode's frames: all numbers little-endian.
 *   request: u32 length of what follows, u32 id, u32 op, then the op's fields
 *   answer:  u32 length of what follows, u32 id, s32 result (>= 0, or -errno), then the op's data
 * A field of bytes is a u32 length and then the bytes, without padding.
 */
import { ServerError } from './errors.ts'

export const MAX_FRAME = 1 << 20

export const OP_SOCKET = 1
export const OP_BIND = 2
export const OP_CONNECT = 3
export const OP_GETSOCKNAME = 4
export const OP_GETPEERNAME = 5
export const OP_SETSOCKOPT = 6
export const OP_GETSOCKOPT = 7
export const OP_SENDMSG = 8
export const OP_RECVMSG = 9
export const OP_IOCTL = 10
export const OP_CLOSE = 11
export const OP_POLL = 12
export const OP_READ_FILE = 13
export const OP_WRITE_FILE = 14

/** Reads an op's fields one after the other; what is missing names itself. */
export class FrameReader {
  readonly id: number
  readonly op: number
  private readonly frame: Buffer
  private at = 8

  constructor(frame: Buffer) {
    this.frame = frame
    this.id = frame.readUInt32LE(0)
    this.op = frame.readUInt32LE(4)
  }
  u32(field: string): number {
    this.need(4, field)
    const v = this.frame.readUInt32LE(this.at)
    this.at += 4
    return v
  }
  /** An address: exact up to 2^53. */
  u64(field: string): number {
    const low = this.u32(field)
    return low + this.u32(field) * 4294967296
  }
  bytes(field: string): Uint8Array {
    const n = this.u32(`${field} length`)
    this.need(n, field)
    const v = new Uint8Array(this.frame.subarray(this.at, this.at + n))
    this.at += n
    return v
  }
  text(field: string): string {
    return Buffer.from(this.bytes(field)).toString('utf8')
  }
  end(): void {
    if (this.at !== this.frame.length)
      throw new ServerError('BAD_FRAME', { reason: `${this.frame.length - this.at} bytes too many for op ${this.op}` })
  }
  private need(n: number, field: string): void {
    const left = this.frame.length - this.at
    if (n > left) throw new ServerError('BAD_FRAME', { reason: `${field}: ${n} bytes are needed, ${left} are left` })
  }
}

/** Cuts a stream into frames. */
export class FrameSplitter {
  private pending: Buffer = Buffer.alloc(0)

  feed(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
  }

  /** The next whole frame. */
  next(): FrameReader | undefined {
    if (this.pending.length < 4) return undefined
    const length = this.pending.readUInt32LE(0)
    if (length < 8) throw new ServerError('BAD_FRAME', { reason: `length ${length}: a frame has at least an id and an op (8 bytes)` })
    if (length > MAX_FRAME) throw new ServerError('BAD_FRAME', { reason: `length ${length}: at most ${MAX_FRAME} bytes are taken` })
    if (this.pending.length < 4 + length) return undefined
    const frame = this.pending.subarray(4, 4 + length)
    this.pending = this.pending.subarray(4 + length)
    return new FrameReader(frame)
  }
}

/** An answer; `parts` are u32 numbers, or bytes (which get their length in front). */
export function answer(id: number, result: number, parts: readonly (number | Uint8Array)[] = []): Buffer {
  const body = parts.map((p) => (typeof p === 'number' ? u32(p) : Buffer.concat([u32(p.length), p])))
  const head = Buffer.alloc(12)
  head.writeUInt32LE(8 + body.reduce((n, b) => n + b.length, 0), 0)
  head.writeUInt32LE(id, 4)
  head.writeInt32LE(result, 8)
  return Buffer.concat([head, ...body])
}

function u32(v: number): Buffer {
  const b = Buffer.alloc(4)
  b.writeUInt32LE(v >>> 0, 0)
  return b
}
