/** A listening unix socket whose connections may bring descriptors, which Node's own net module would lose. */
import { lstatSync, unlinkSync } from 'node:fs'
import { receiveWithFds } from './hello.ts'
import { native } from './native.ts'

export interface UnixListener {
  path: string
  /** Stops listening and removes the socket file; connections handed over stay. */
  close(): void
}

/** `fd` is the connection (non-blocking, the callee's from now on), `first` what it sent first, `fds` what came along. */
export type OnConnection = (fd: number, first: Uint8Array, fds: number[]) => void

/**
 * Listens at `path` with mode 0600. Each connection is handed over with its first bytes: to go on with it in Node, use
 * `new net.Socket({ fd })` after `unshift`ing them. Throws an Error with `code` set (EADDRINUSE …) when it cannot listen.
 * A socket file that nobody listens on any more is replaced.
 */
export function listenUnix(path: string, onConnection: OnConnection): UnixListener {
  const fd = listenOrReplace(path)
  const pending = new Map<number, unknown>()
  const watch = native.watch(fd, () => {
    for (let connection = native.accept(fd); connection >= 0; connection = native.accept(fd)) awaitFirst(connection, pending, onConnection)
  })
  return {
    path,
    close() {
      native.unwatch(watch)
      native.close(fd)
      for (const [connection, handle] of pending) {
        native.unwatch(handle)
        native.close(connection)
      }
      pending.clear()
      try {
        unlinkSync(path)
      } catch {
        // somebody was faster
      }
    },
  }
}

function awaitFirst(connection: number, pending: Map<number, unknown>, onConnection: OnConnection): void {
  const handle = native.watch(connection, () => {
    const received = receiveWithFds(connection)
    if (received === undefined) return
    native.unwatch(handle)
    pending.delete(connection)
    if (received.data.length === 0) native.close(connection)
    else onConnection(connection, received.data, received.fds)
  })
  pending.set(connection, handle)
}

const EADDRINUSE = 98

function listenOrReplace(path: string): number {
  let fd = native.listenUnix(path)
  if (fd === -EADDRINUSE && isDead(path)) {
    unlinkSync(path)
    fd = native.listenUnix(path)
  }
  if (fd >= 0) return fd
  const code = fd === -EADDRINUSE ? 'EADDRINUSE' : `errno ${-fd}`
  throw Object.assign(new Error(`netdouble: cannot listen at ${path}: ${code}`), { code, path })
}

function isDead(path: string): boolean {
  return lstatSync(path).isSocket() && native.connectsTo(path) < 0
}
