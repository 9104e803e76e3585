/** One trapped system call: its arguments as they lie in the shared buffer, and the ways to answer it. */
import { EBADF, EMFILE, EPERM, SECCOMP_CONTINUE } from './abi.ts'
import { GOES_ON, ints, native, octets, words } from './native.ts'

/** Word offsets in struct seccomp_notif. */
const ID_LOW = 0
const ID_HIGH = 1
const TID = 2
const NR = 4
const ARGS = 8

/** Argument `i` as an unsigned 64-bit number: an address or a length. Valid until the next notification is taken. */
export function arg(i: number): number {
  return words[ARGS + 2 * i] + words[ARGS + 2 * i + 1] * 4294967296
}

/** Argument `i` as an int. */
export function intArg(i: number): number {
  return ints[ARGS + 2 * i]
}

/** A copy of bytes in the shared buffer; a plain Uint8Array, since it may become part of a lab's state. */
export function copyOut(at: number, length: number): Uint8Array {
  return octets.slice(at, at + length)
}

/** Names a notification for as long as the calling thread waits. */
export class Trap {
  readonly listener: number
  readonly idLow: number
  readonly idHigh: number
  readonly tid: number
  readonly nr: number
  constructor(listener: number) {
    this.listener = listener
    this.idLow = words[ID_LOW]
    this.idHigh = words[ID_HIGH]
    this.tid = ints[TID]
    this.nr = ints[NR]
  }

  /**
   * The call returns `result`, or fails if it is negative (-errno). False: the caller is gone. If we go on working, the
   * program may run beside us; else it gets the processor that we are on.
   */
  answer(result: number, goesOn = false): boolean {
    const flags = goesOn ? GOES_ON : 0
    if (result < 0) return native.send(this.listener, this.idLow, this.idHigh, 0, result, flags) === 0
    return native.send(this.listener, this.idLow, this.idHigh, result, 0, flags) === 0
  }

  /** The real kernel executes the call. */
  proceed(): boolean {
    return native.send(this.listener, this.idLow, this.idHigh, 0, 0, SECCOMP_CONTINUE) === 0
  }

  /** Whether the calling thread still waits for this answer. */
  get valid(): boolean {
    return native.idValid(this.listener, this.idLow, this.idHigh) === 0
  }

  /** Puts a copy of our descriptor `from` into the program as `wanted` (-1: lowest free) and returns it from the call. */
  answerWithFd(from: number, wanted: number, cloexec: boolean): number {
    const fd = native.addFd(this.listener, this.idLow, this.idHigh, from, wanted, cloexec ? 1 : 0, 1)
    return fd === -EBADF && wanted >= 0 ? -EMFILE : fd // a number above the program's limit
  }

  /**
   * The call returns what the program's own thread gets for another one, made with a copy of our descriptor `from`, which is
   * closed again. -EPERM where somebody else traces the program; then nothing is answered.
   */
  answerByCall(nr: number, from: number, args: (fd: number) => [number, number, number, number, number, number]): number {
    if (native.traceSeize(this.tid) < 0) return -EPERM
    const fd = native.addFd(this.listener, this.idLow, this.idHigh, from, -1, 1, 0)
    this.answer(Math.min(fd, 0))
    native.traceExecute(this.tid, fd, nr, ...args(fd))
    return 0
  }
}

/** What a handler returns: a result or -errno, or one of these. */
export const CONTINUE = Symbol('the real kernel executes the call')
export const ANSWERED = Symbol('the handler has answered, or will')
export type Outcome = number | typeof CONTINUE | typeof ANSWERED
