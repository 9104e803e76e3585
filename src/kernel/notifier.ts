/** kernel/notifier.c: chains of callbacks by priority. */
import { type Errno, errnoOf } from '../uapi/errno.ts'

export const NOTIFY_DONE = 0x0000
export const NOTIFY_OK = 0x0001
export const NOTIFY_STOP_MASK = 0x8000
export const NOTIFY_BAD = NOTIFY_STOP_MASK | 0x0002
export const NOTIFY_STOP = NOTIFY_OK | NOTIFY_STOP_MASK

/** Gets the event and its info; returns NOTIFY_*. Must be an exported function (state holds no closures). */
export type notifier_fn_t = (nb: notifier_block, event: number, info: any) => number

export class notifier_block {
  readonly notifier_call: notifier_fn_t
  readonly priority: number
  /** What the callback belongs to (a kernel, a net …). */
  readonly data: unknown
  constructor(notifier_call: notifier_fn_t, data: unknown = undefined, priority = 0) {
    this.notifier_call = notifier_call
    this.data = data
    this.priority = priority
  }
}

export class raw_notifier_head {
  /** Replaced, never written to: who goes through them may be changing the chain. */
  blocks: readonly notifier_block[] = []
}

/** Higher priority first; equal ones in order of registration. False (Linux: -EEXIST) when already there. */
export function raw_notifier_chain_register(head: raw_notifier_head, nb: notifier_block): boolean {
  if (head.blocks.includes(nb)) return false
  const at = head.blocks.findIndex((other) => nb.priority > other.priority)
  head.blocks = head.blocks.toSpliced(at < 0 ? head.blocks.length : at, 0, nb)
  return true
}
export function raw_notifier_chain_unregister(head: raw_notifier_head, nb: notifier_block): boolean {
  if (!head.blocks.includes(nb)) return false
  head.blocks = head.blocks.filter((other) => other !== nb)
  return true
}
/** Calls each block until one sets NOTIFY_STOP_MASK; the last return value. */
export function raw_notifier_call_chain(head: raw_notifier_head, event: number, info: unknown): number {
  let ret = NOTIFY_DONE
  for (const nb of head.blocks) {
    ret = nb.notifier_call(nb, event, info)
    if (ret & NOTIFY_STOP_MASK) break
  }
  return ret
}
/** The value that carries an errno through a chain and stops it. */
export function notifier_from_errno(error: Errno | undefined): number {
  return error === undefined ? NOTIFY_OK : NOTIFY_STOP_MASK | (NOTIFY_OK + error.code)
}
export function notifier_to_errno(ret: number): Errno | undefined {
  const n = ret & ~NOTIFY_STOP_MASK
  return n > NOTIFY_OK ? errnoOf(n - NOTIFY_OK) : undefined
}
