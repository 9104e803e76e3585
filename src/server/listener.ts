/**
 * The unix socket. It is accepted by the addon, not by Node, because a launcher's first bytes bring descriptors along,
 * which Node's streams would lose; whatever is no launcher becomes an ordinary stream.
 */
import { existsSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AT_PAYLOAD, bytes, native } from '../attach/native.ts'
import { errnoOf } from '../uapi/errno.ts'
import { ServerError } from './errors.ts'

/** sun_path holds 108 bytes with the NUL. */
const MAX_PATH = 107

export interface Clients {
  stream(stream: Duplex): void
  /** A launcher's connection: its first line and the descriptors that came with it; all are the callee's. */
  launcher(fd: number, line: string, fds: number[]): void
}

export interface Listener {
  close(): Promise<void>
}

export async function listenOn(path: string, clients: Clients): Promise<Listener> {
  await clear(path)
  const fd = native.listenUnix(path)
  if (fd < 0) throw new ServerError('BAD_REQUEST', { field: 'socket', reason: `cannot listen on ${path}: ${errnoOf(-fd).message}` })
  const { ino } = lstatSync(path)
  const young: Young = new Map()
  const handle = native.watch(fd, () => acceptAll(fd, clients, young))
  return {
    close: async () => {
      native.unwatch(handle)
      native.close(fd)
      for (const [connection, watch] of young) {
        native.unwatch(watch)
        native.close(connection)
      }
      // not the file of a server that has taken our place
      if (existsSync(path) && lstatSync(path).ino === ino) unlinkSync(path)
    },
  }
}

/** Makes way: a socket file that nobody listens on is what a dead server left behind. */
async function clear(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH) throw new ServerError('BAD_REQUEST', { field: 'socket', reason: `${path}: a socket's path has at most ${MAX_PATH} bytes` })
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new ServerError('BAD_REQUEST', { field: 'socket', reason: `${path} exists and is no socket` })
  if (await answers(path)) throw new ServerError('EXISTS', { field: 'socket', what: `a server at ${path}` })
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.on('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
  })
}

/** Connections that have not said anything yet, with what waits for that. */
type Young = Map<number, unknown>

function acceptAll(listener: number, clients: Clients, young: Young): void {
  for (;;) {
    const fd = native.accept(listener)
    if (fd < 0) return
    const handle = native.watch(fd, () => {
      native.unwatch(handle)
      young.delete(fd)
      first(fd, clients)
    })
    young.set(fd, handle)
  }
}

/** The first bytes tell launchers from streams. */
function first(fd: number, clients: Clients): void {
  const { length, fds } = native.receiveFds(fd)
  const head = length > 0 ? Buffer.from(bytes.subarray(AT_PAYLOAD, AT_PAYLOAD + length)) : Buffer.alloc(0)
  if (length <= 0) native.close(fd)
  else if (head.toString('latin1', 0, 7) === 'attach ' && head.includes(10)) clients.launcher(fd, head.toString('utf8', 7, head.indexOf(10)), fds)
  else {
    for (const stray of fds) native.close(stray)
    const stream = new Socket({ fd, readable: true, writable: true })
    stream.unshift(head)
    clients.stream(stream)
  }
}
