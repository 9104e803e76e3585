/**
 * A buffer that netlink messages are written into, one after the other. Errors are sticky: past `limit` nothing is
 * written and `overflow` is set; `end()` then takes the message back, so that a dump can go on in a next buffer.
 */

import { type Attr, NLA_F_NESTED, NLA_HDRLEN } from './attrs.ts'
import { type Bytes, get16, put16, put32 } from './bytes.ts'
import type { Fields, Struct, StructValue } from './struct.ts'

export const NLMSG_HDRLEN = 16

const FEW = 32

export class MessageBuilder {
  buf: Uint8Array
  /** Bytes written so far. */
  length = 0
  readonly limit: number
  overflow = false
  private start = 0

  constructor(limit = 0x7fffffff, initial = 1024) {
    this.limit = limit
    this.buf = new Uint8Array(Math.min(limit, initial))
  }

  /** What has been written, as a view. */
  bytes(): Bytes {
    return this.buf.subarray(0, this.length)
  }

  /** Starts a message; its length is filled in by `end()`. */
  begin(type: number, flags: number, seq: number, portid: number): void {
    this.start = this.length
    const o = this.room(NLMSG_HDRLEN)
    if (o < 0) return
    put16(this.buf, o + 4, type)
    put16(this.buf, o + 6, flags)
    put32(this.buf, o + 8, seq)
    put32(this.buf, o + 12, portid)
  }

  /** Completes the message; false when it did not fit: then it is gone and `overflow` is clear again. */
  end(): boolean {
    if (this.overflow) {
      this.cancel()
      return false
    }
    put32(this.buf, this.start, this.length - this.start)
    return true
  }

  /** Drops the message begun last. */
  cancel(): void {
    this.length = this.start
    this.overflow = false
  }

  /** Offset of the current message's header. */
  messageStart(): number {
    return this.start
  }

  /** Zeroed room for `n` bytes rounded up to 4; its offset, or -1 when full. */
  room(n: number): number {
    const o = this.length
    const next = o + ((n + 3) & ~3)
    if (this.overflow || next > this.limit) {
      this.overflow = true
      return -1
    }
    if (next > this.buf.length) this.grow(next)
    const { buf } = this
    // a few bytes are zeroed before fill() has been called
    if (next - o <= FEW) for (let i = o; i < next; i++) buf[i] = 0
    else buf.fill(0, o, next)
    this.length = next
    return o
  }

  private grow(need: number): void {
    const bigger = new Uint8Array(Math.min(this.limit, Math.max(need, this.buf.length * 2)))
    bigger.set(this.buf.subarray(0, this.length))
    this.buf = bigger
  }

  /** A family header right behind the netlink header. */
  struct<F extends Fields>(type: Struct<F>, value: Partial<StructValue<F>>): void {
    const o = this.room(type.size)
    if (o >= 0) type.put(this.buf, o, value)
  }

  /** An attribute header with `n` zeroed payload bytes; offset of the payload, or -1. */
  reserve(nr: number, n: number): number {
    const o = this.room(NLA_HDRLEN + n)
    if (o < 0) return -1
    put16(this.buf, o, NLA_HDRLEN + n)
    put16(this.buf, o + 2, nr)
    return o + NLA_HDRLEN
  }

  put<T>(a: Attr<T>, value: T): void {
    const o = this.reserve(a.nr, a.type.size ?? a.type.sizeOf(value))
    if (o >= 0) a.type.put(this.buf, o, value)
  }

  /** An attribute by number with the first `n` bytes given. */
  putBytes(nr: number, value: Bytes, n = value.length): void {
    const o = this.reserve(nr, n)
    if (o < 0) return
    const { buf } = this
    if (n <= FEW) for (let i = 0; i < n; i++) buf[o + i] = value[i]
    else buf.set(n === value.length ? value : value.subarray(0, n), o)
  }

  /** Opens a nest with NLA_F_NESTED (nla_nest_start); returns what `nestEnd` takes. */
  nest(a: Attr<any> | number): number {
    return this.nestNoflag((typeof a === 'number' ? a : a.nr) | NLA_F_NESTED)
  }
  /** The old form without the flag (nla_nest_start_noflag). */
  nestNoflag(a: Attr<any> | number): number {
    const at = this.length
    this.reserve(typeof a === 'number' ? a : a.nr, 0)
    return at
  }
  nestEnd(at: number): void {
    if (!this.overflow) put16(this.buf, at, this.length - at)
  }
  /** Takes a nest back with all in it. */
  nestCancel(at: number): void {
    if (!this.overflow) this.length = at
  }
  /** Bytes of payload in the open nest. */
  nestLength(at: number): number {
    return this.length - at - NLA_HDRLEN
  }
  /** Length field of the attribute whose header is at `at`. */
  attrLength(at: number): number {
    return get16(this.buf, at)
  }
}
