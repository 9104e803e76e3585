/** Running a program attached to a supervisor in this process. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { SOCK_STREAM } from './abi.ts'
import { acceptAttach, parseHello, receiveWithFds, refuseAttach } from './hello.ts'
import { AT_RESULT, field, launcherPath, native } from './native.ts'
import type { Supervisor } from './supervisor.ts'
import type { AttachHost } from './syscallsDoor.ts'

export interface RunOptions {
  host: AttachHost
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** As for child_process.spawn(); 'inherit' by default. */
  stdio?: SpawnOptions['stdio']
  detached?: boolean
  /** uid on the host, without capabilities; root by default. */
  asUser?: number
  /** False: /proc, /sys and the like are the real ones. */
  files?: boolean
  /** Name of the host, for programs inside that attach further ones. */
  hostName?: string
  /** Called with the child as soon as it is started. */
  onSpawn?: (child: ChildProcess) => void
  /** Called when the last process of the tree is gone, perhaps long after the program itself. */
  onEnd?: () => void
}

export interface RunResult {
  /** Exit status, or null when a signal ended the program; 125 when it could not be attached. */
  code: number | null
  signal: NodeJS.Signals | null
}

/**
 * Runs `file` (searched in PATH) and resolves when it has ended and its output is closed. Rejects when the launcher
 * cannot be started. Never wait synchronously for the program in this thread: it is this thread that serves it.
 */
export function runAttached(supervisor: Supervisor, file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const error = native.pair(SOCK_STREAM)
  if (error < 0) return Promise.reject(new Error(`netdouble: socketpair: errno ${-error}`))
  const [ours, theirs] = [field(AT_RESULT), field(AT_RESULT + 4)]
  const child = start(file, args, options, theirs)
  closeSync(theirs)
  const stop = serveControl(supervisor, options, ours)
  options.onSpawn?.(child)
  return new Promise((resolve, reject) => {
    child.once('error', (reason) => {
      stop()
      reject(reason)
    })
    child.once('close', (code, signal) => {
      stop()
      resolve({ code, signal })
    })
  })
}

function start(file: string, args: readonly string[], options: RunOptions, control: number): ChildProcess {
  const { stdio = 'inherit', env, cwd, detached } = options
  const list = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio]
  while (list.length < 3) list.push('inherit')
  const flags = ['--control', String(list.length)]
  if (options.asUser !== undefined) flags.push('--as-user', String(options.asUser))
  if (options.files === false) flags.push('--no-files')
  if (options.hostName !== undefined) flags.push('--host', options.hostName)
  return spawn(launcherPath(), [...flags, '--', file, ...args], { stdio: [...list, control] as SpawnOptions['stdio'], env, cwd, detached })
}

/** Waits for the launcher's hello. The result gives up waiting; once attached, the connection is the supervisor's. */
function serveControl(supervisor: Supervisor, options: RunOptions, fd: number): () => void {
  let watch: unknown
  const stop = (): void => {
    if (watch === undefined) return
    native.unwatch(watch)
    watch = undefined
    closeSync(fd)
  }
  watch = native.watch(fd, () => {
    const received = receiveWithFds(fd)
    if (received === undefined) return
    if (received.data.length === 0 || !answerHello(supervisor, options, fd, received)) return stop()
    native.unwatch(watch)
    watch = undefined
  })
  return stop
}

/** Whether the program is attached now. */
function answerHello(supervisor: Supervisor, options: RunOptions, fd: number, received: { data: Uint8Array; fds: number[] }): boolean {
  const hello = parseHello(received.data)
  const [listener, pageFd] = received.fds
  if (hello === undefined || listener === undefined) {
    refuseAttach(fd, 'launcher and library do not fit together')
    return false
  }
  const { host, onEnd } = options
  const { base, top, uid: outsideUid, asUser } = hello
  acceptAttach(fd)
  supervisor.attachListener(listener, { host, pageFd, connection: fd, base, top, outsideUid, asUser, onEnd })
  return true
}
