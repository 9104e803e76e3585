/**
 * Calls that wait for something to come. The filter asks for WAIT_KILLABLE_RECV, so that signals do not make the
 * kernel repeat calls that we have already executed; the price is that we must look for signals ourselves while a
 * call waits, and then answer -ERESTARTSYS, which the kernel turns into EINTR or a restart. Fatal signals need no help.
 */
import { EAGAIN, ERESTARTSYS } from './abi.ts'
import { native } from './native.ts'
import type { Process } from './processes.ts'
import type { Trap } from './trap.ts'
import type { VirtualSocket } from './virtualSocket.ts'

const LOOK_FIRST_MS = 2
const LOOK_LATER_MS = 10
/** After how many looks a wait counts as long. */
const MANY = 50

export interface Parked {
  readonly trap: Trap
  readonly process: Process
  readonly socket: VirtualSocket
  /** Tries again: the call's result, or -EAGAIN while there is still nothing. */
  readonly attempt: () => number
  /** It waits for room to send, not for something to read. */
  readonly sends: boolean
  /** Where the launcher finds the call if we die. */
  slot: number
  timeout: NodeJS.Timeout | undefined
  looks: number
}

export class Parking {
  private readonly all = new Set<Parked>()
  private timer: NodeJS.Timeout | undefined

  /** `timeout` in milliseconds; 0: none. When it is over the call fails with EAGAIN, after `timedOut`. */
  park(
    trap: Trap,
    process: Process,
    socket: VirtualSocket,
    attempt: () => number,
    timeout: number,
    timedOut = () => {},
    sends = false,
  ): void {
    const slot = native.park(trap.listener, trap.idLow, trap.idHigh)
    const parked: Parked = { trap, process, socket, attempt, sends, slot, timeout: undefined, looks: 0 }
    if (timeout > 0) {
      parked.timeout = setTimeout(() => {
        timedOut()
        this.finish(parked, -EAGAIN)
      }, timeout)
    }
    socket.waiting.push(parked)
    this.all.add(parked)
    this.look(LOOK_FIRST_MS)
  }

  /** Serves whoever waits on the socket, in order, as long as something is there. */
  serve(socket: VirtualSocket): void {
    let emptied = false
    for (const parked of [...socket.waiting]) {
      if (!parked.trap.valid) {
        this.remove(parked)
        continue
      }
      if (!parked.sends && (emptied || !socket.readable)) continue
      const result = parked.attempt()
      if (result !== -EAGAIN) this.finish(parked, result)
      else if (!parked.sends) emptied = true
    }
  }

  private finish(parked: Parked, result: number): void {
    this.remove(parked)
    parked.trap.answer(result)
  }

  private remove(parked: Parked): void {
    this.all.delete(parked)
    clearTimeout(parked.timeout)
    native.unpark(parked.trap.listener, parked.slot)
    const waiting = parked.socket.waiting
    waiting.splice(waiting.indexOf(parked), 1)
  }

  private look(after: number): void {
    this.timer ??= setTimeout(() => this.lookForSignals(), after).unref()
  }

  private lookForSignals(): void {
    this.timer = undefined
    let fresh = false
    for (const parked of [...this.all]) {
      const pending = native.signalPending(parked.trap.tid)
      if (pending < 0) this.remove(parked)
      else if (pending > 0) this.finish(parked, -ERESTARTSYS)
      else if (parked.looks++ < MANY) fresh = true
    }
    if (this.all.size > 0) this.look(fresh ? LOOK_FIRST_MS : LOOK_LATER_MS)
  }

  /** The process has ended. */
  exited(process: Process): void {
    for (const parked of [...this.all]) if (parked.process === process) this.remove(parked)
  }

  close(): void {
    clearTimeout(this.timer)
    for (const parked of [...this.all]) this.remove(parked)
  }
}
