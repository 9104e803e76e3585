/** The C addon: its functions with their types, and the layout of the buffer it shares with us (native/napi.h). */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Results are -errno on failure. A notification is named by its listener's index and the two halves of its id. */
export interface Native {
  buffer: ArrayBuffer
  calls: Record<string, number>
  /** `served` is called for each trap and each event, in the event loop; `spin` in microseconds. */
  queueCreate(spin: number, served: (what: number) => void): number
  queueClose(queue: number): number
  queueKeepAlive(queue: number, yes: boolean): number
  epollSet(queue: number, op: number, fd: number, events: number, kind: number, key: number): number
  listenerAdd(queue: number, fd: number, pageFd: number, base: number): number
  listenerRemove(listener: number): number
  park(listener: number, idLow: number, idHigh: number): number
  unpark(listener: number, slot: number): number
  send(listener: number, idLow: number, idHigh: number, value: number, error: number, flags: number): number
  idValid(listener: number, idLow: number, idHigh: number): number
  addFd(listener: number, idLow: number, idHigh: number, from: number, wanted: number, cloexec: number, answer: number): number
  scratchRoot(path: string): number
  read(pid: number, address: number, length: number, at: number): number
  write(pid: number, address: number, length: number, at: number): number
  fetchMessage(pid: number, address: number, withPayload: number): number
  fetchVectors(pid: number, address: number, count: number, withPayload: number): number
  storeMessage(pid: number, address: number, data: number, name: number, control: number, flags: number): number
  storeName(pid: number, address: number, lengthAt: number, length: number, to: number, data: number): number
  pair(type: number): number
  pipe(): number
  close(fd: number): number
  statusFlags(fd: number): number
  inode(fd: number): number
  sendTo(fd: number, at: number, length: number): number
  receiveFrom(fd: number, at: number, room: number): number
  drain(fd: number, most: number): number
  unread(fd: number): number
  shutdown(fd: number, how: number): number
  seek(fd: number, offset: number, whence: number): number
  memoryFile(): number
  inotifyAddWatch(fd: number, path: string, mask: number): number
  listenUnix(path: string): number
  connectsTo(path: string): number
  accept(fd: number): number
  receiveFds(fd: number): { length: number; fds: number[] }
  status(pid: number): string | undefined
  signalPending(tid: number): number
  isThread(tgid: number, tid: number): number
  pidfdOpen(pid: number): number
  pidfdGetfd(pidfd: number, fd: number): number
  fdInode(pid: number, fd: number): number
  getMark(pid: number): number
  setMark(pid: number, low: number, high: number): number
  sharedMemory(length: number): ArrayBuffer | number
  traceSeize(tid: number): number
  traceExecute(tid: number, fd: number, nr: number, ...args: [number, number, number, number, number, number]): number
  watch(fd: number, callback: (status: number) => void): unknown
  unwatch(handle: unknown): void
}

/** The built files lie in build/Release of the package, whether this file runs from src or from dist/src. */
function built(name: string): string {
  for (const up of ['../../build/Release/', '../../../build/Release/']) {
    const path = fileURLToPath(new URL(up + name, import.meta.url))
    if (existsSync(path)) return path
  }
  throw new Error(`netdouble: build/Release/${name} is missing: run \`npx node-gyp rebuild\` in the package`)
}

/** Path of the static launcher. */
export function launcherPath(): string {
  return built('netdouble-launch')
}

export const native = createRequire(import.meta.url)(built('netdouble.node')) as Native
export const calls = native.calls

export const AT_KIND = 88
export const AT_KEY = 92
export const AT_FD = 96
export const AT_EVENTS = 100
export const AT_BASE = 104
export const AT_PATH_LENGTH = 108
export const AT_STDOUT_WATCHED = 112
export const AT_RESULT = 116
export const AT_MSGHDR = 128
export const AT_NAME = 192
export const NAME_SIZE = 256
export const AT_PATH = 512
export const AT_CONTROL = 4608
export const CONTROL_SIZE = 3584
export const AT_PAYLOAD = 8192
export const PAYLOAD_SIZE = 1 << 20

/** What a queue tells of. */
export const TRAP = 1
export const EVENT = 2

/** Flag of send(): we have work of our own before we wait for the next call. */
export const GOES_ON = 1 << 16

export const bytes = Buffer.from(native.buffer)
export const octets = new Uint8Array(native.buffer)
export const words = new Uint32Array(native.buffer)
export const ints = new Int32Array(native.buffer)

/** One of the addon's int32 fields. */
export function field(at: number): number {
  return ints[at >> 2]
}
