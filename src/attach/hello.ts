/** The line with which a launcher introduces a program, and its answers. */
import { writeSync } from 'node:fs'
import { AT_PAYLOAD, native } from './native.ts'
import { copyOut } from './trap.ts'

/** `attach {JSON}\n`, sent with two descriptors: the seccomp listener and the launcher's shared page. */
export interface AttachHello {
  /** Host to attach to; null: the server's default. */
  host: string | null
  /** uid on the host; -1: root with all capabilities. */
  asUser: number
  /** Whether calls that name files are trapped. */
  files: boolean
  /** Virtual descriptors are in [base, top). */
  base: number
  top: number
  /** Effective uid outside. */
  uid: number
  /** The program's process. */
  pid: number
}

const PREFIX = 'attach '

/** The hello in a connection's first bytes, or undefined when they are none. */
export function parseHello(first: Uint8Array): AttachHello | undefined {
  const text = Buffer.from(first.buffer, first.byteOffset, first.length).toString('utf8')
  if (!text.startsWith(PREFIX) || !text.endsWith('\n')) return undefined
  try {
    return JSON.parse(text.slice(PREFIX.length)) as AttachHello
  } catch {
    return undefined
  }
}

/** Lets the program start. `fd` is the connection; give it to attachListener(), it must stay open while the program is served. */
export function acceptAttach(fd: number): void {
  tell(fd, 'ok\n')
}

/** The launcher prints `reason` and ends with status 125. */
export function refuseAttach(fd: number, reason: string): void {
  tell(fd, `error ${reason.replaceAll('\n', ' ')}\n`)
}

function tell(fd: number, line: string): void {
  try {
    writeSync(fd, line)
  } catch {
    // killed between its hello and our answer: its program went with it, and the listener tells of the end
  }
}

/** Reads what lies in a unix socket, with the descriptors that came along; undefined when nothing does yet. */
export function receiveWithFds(fd: number): { data: Uint8Array; fds: number[] } | undefined {
  const { length, fds } = native.receiveFds(fd)
  if (length === -11) return undefined
  return { data: copyOut(AT_PAYLOAD, Math.max(0, length)), fds }
}
