/**
 * The unix socket. Attach's listener accepts, since a launcher's first bytes bring descriptors along, which Node's own
 * streams would lose; whatever is no launcher becomes an ordinary stream.
 */
import { existsSync, lstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { type AttachHello, listenUnix, parseHello, type UnixListener } from '../attach/index.ts'
import { native } from '../attach/native.ts'
import { ServerError } from './errors.ts'

/** sun_path holds 108 bytes with the NUL. */
const MAX_PATH = 107

export interface Clients {
  stream(stream: Duplex): void
  /** A launcher's connection with the descriptors that came along: the callee's from now on. */
  launcher(fd: number, hello: AttachHello, fds: number[]): void
}

export function listenOn(path: string, clients: Clients): UnixListener {
  checkPath(path)
  try {
    return listenUnix(path, (fd, first, fds) => hand(fd, first, fds, clients))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new ServerError('EXISTS', { field: 'socket', what: `a server at ${path}` })
    throw new ServerError('BAD_REQUEST', { field: 'socket', reason: (error as Error).message })
  }
}

function checkPath(path: string): void {
  const refuse = (reason: string) => new ServerError('BAD_REQUEST', { field: 'socket', reason })
  if (path === '' || Buffer.byteLength(path) > MAX_PATH) throw refuse(`${JSON.stringify(path)}: a socket's path has 1 to ${MAX_PATH} bytes`)
  if (!existsSync(dirname(path))) throw refuse(`${dirname(path)} does not exist`)
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isSocket()) throw refuse(`${path} exists and is no socket`)
}

function hand(fd: number, first: Uint8Array, fds: number[], clients: Clients): void {
  const hello = parseHello(first)
  if (hello !== undefined) return clients.launcher(fd, hello, fds)
  for (const stray of fds) native.close(stray)
  const stream = new Socket({ fd, readable: true, writable: true })
  stream.unshift(first)
  clients.stream(stream)
}
