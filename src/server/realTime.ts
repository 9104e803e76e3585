/**
 * Time for labs that follow the wall clock: the one place that arms Node's timers. It is no part of a lab's state. The
 * lab is brought to the present before each call of a program, and one timer waits for its next event.
 */
import { performance } from 'node:perf_hooks'
import type { Lab } from '../lab/lab.ts'
import * as syscalls from '../syscalls/syscalls.ts'

/** Node's timers count milliseconds in 31 bits. */
const LONGEST_WAIT_MS = 0x7fffffff
/** Shorter ones than theirs are waited for turn by turn: what is on a cable arrives within microseconds. */
const SHORT_WAIT_MS = 0.2

export type Door = typeof syscalls

export function wallNow(): number {
  return Math.floor(performance.now() * 1e6)
}

/** Packets are stamped with the times that programs know. */
export function setClocks({ events }: Lab): void {
  events.real_offset_us = Math.floor((performance.timeOrigin + performance.now()) * 1000 - events.now / 1000)
  events.monotonic_offset_ns = Number(process.hrtime.bigint()) - events.now
}

export class RealTime {
  readonly lab: Lab
  /** The syscalls, each at the present time of the lab. */
  readonly door: Door
  private timer: NodeJS.Timeout | undefined = undefined
  private soon: NodeJS.Immediate | undefined = undefined
  private armedFor: number | undefined = undefined

  constructor(lab: Lab) {
    this.lab = lab
    if (lab.scale !== 0) lab.follow(wallNow)
    if (lab.scale === 1) setClocks(lab)
    this.door = lab.scale === 0 ? syscalls : this.timedDoor()
    this.arm()
  }

  /** Waits for the lab's next event, whatever it is now. */
  arm(): void {
    if (this.lab.wall === undefined) return
    const next = this.lab.events.nextAt()
    if (next === this.armedFor) return
    this.disarm()
    this.armedFor = next
    if (next === undefined) return
    const wait = Math.max(0, (next - this.lab.events.now) / this.lab.scale / 1e6)
    if (wait < SHORT_WAIT_MS) {
      this.soon = setImmediate(() => this.expire())
      return
    }
    this.timer = setTimeout(() => this.expire(), Math.min(Math.ceil(wait), LONGEST_WAIT_MS))
    // a lab alone keeps no process alive: its server or program does
    this.timer.unref()
  }

  stop(): void {
    this.disarm()
    this.lab.wall = undefined
  }
  private disarm(): void {
    clearTimeout(this.timer)
    clearImmediate(this.soon)
    this.timer = undefined
    this.soon = undefined
  }

  private expire(): void {
    this.armedFor = undefined
    this.lab.sync()
    this.arm()
  }

  private timedDoor(): Door {
    const door: Record<string, unknown> = {}
    for (const [name, call] of Object.entries(syscalls)) {
      door[name] =
        typeof call !== 'function'
          ? call
          : (...args: unknown[]) => {
              this.lab.sync()
              const result = (call as (...args: unknown[]) => unknown)(...args)
              this.arm()
              return result
            }
    }
    return door as Door
  }
}
