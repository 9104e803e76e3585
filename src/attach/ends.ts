/**
 * The programs' ends of the pairs. We must not keep them, or nobody would notice that the program closed its last
 * descriptor; but withdrawing a token needs one. So an end is held on lease: got by pidfd_getfd() when needed, given
 * back when unused for a moment. Where pidfd_getfd() is refused (containers), ends are kept, and who still holds a
 * socket is looked up under /proc whenever somebody may have closed it.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { EPERM, EPOLL_ADD, EPOLL_DEL, EPOLL_MOD, EPOLLET, EPOLLIN, EPOLLOUT, SOCK_NONBLOCK, SOCK_SEQPACKET } from './abi.ts'
import { AT_STDOUT_WATCHED, ints, AT_RESULT, field, native } from './native.ts'
import type { Process } from './processes.ts'
import type { DoorSocket } from './syscallsDoor.ts'
import { VirtualSocket } from './virtualSocket.ts'

/** Kinds of epoll entries besides the addon's own listeners (1). */
export const KIND_SOCKET = 2
export const KIND_PROCESS = 3
export const KIND_FILE = 4

const LEASE_MS = 50
const LOOK_MS = 20

export interface EndsOptions {
  /** epoll queue of the addon. */
  queue: number
  /** False: behave as if pidfd_getfd() were refused. */
  pidfdGetfd: boolean
  /** A process that holds a socket without having made a trapped call yet. */
  adopt: (like: Process, pid: number) => void
  changed: (socket: VirtualSocket) => void
}

export class Ends {
  readonly sockets = new Map<number, VirtualSocket>()
  private readonly byInode = new Map<number, VirtualSocket>()
  private readonly leased = new Set<VirtualSocket>()
  private readonly suspected = new Set<VirtualSocket>()
  private sweeper: NodeJS.Timeout | undefined
  private looker: NodeJS.Timeout | undefined
  private nextKey = 1
  private keeping: boolean
  private readonly options: EndsOptions

  constructor(options: EndsOptions) {
    this.options = options
    this.keeping = !options.pidfdGetfd || !pidfdGetfdWorks()
  }

  changed(socket: VirtualSocket): void {
    this.options.changed(socket)
  }

  /** A new pair for a simulated socket, or -errno. Its far end is held until given back. */
  open(process: Process, sock: DoorSocket, family: number, type: number, protocol: number, nonblock: boolean): VirtualSocket | number {
    const error = native.pair(SOCK_SEQPACKET | (nonblock ? SOCK_NONBLOCK : 0))
    if (error < 0) return error
    const near = field(AT_RESULT)
    const socket = new VirtualSocket(this, process, sock, family, type, protocol, near, field(AT_RESULT + 4))
    const key = this.nextKey++
    this.sockets.set(key, socket)
    this.keys.set(socket, key)
    this.byInode.set(socket.inode, socket)
    process.attachment.unwatched.add(socket)
    native.epollSet(this.options.queue, EPOLL_ADD, near, (EPOLLIN | EPOLLET) >>> 0, KIND_SOCKET, key)
    this.lease(socket)
    return socket
  }
  private readonly keys = new Map<VirtualSocket, number>()

  byNumber(inode: number): VirtualSocket | undefined {
    return this.byInode.get(inode)
  }

  /** Also tells when an untrapped reader has taken the head datagram. */
  watchReads(socket: VirtualSocket): void {
    const events = (EPOLLIN | EPOLLOUT | EPOLLET) >>> 0
    native.epollSet(this.options.queue, EPOLL_MOD, socket.near, events, KIND_SOCKET, this.keys.get(socket) ?? 0)
  }

  /** Makes sure that `socket.far` is open here; false when it cannot be had. */
  hold(socket: VirtualSocket): boolean {
    socket.farUsed = true
    if (socket.far >= 0) return true
    const far = native.pidfdGetfd(socket.user.pidfd, socket.userFd)
    if (far < 0) {
      if (far === -EPERM) this.keeping = true // else the program is gone, or the descriptor is
      return false
    }
    if (native.inode(far) !== socket.inode) {
      native.close(far)
      return false
    }
    socket.far = far
    this.lease(socket)
    return true
  }

  private lease(socket: VirtualSocket): void {
    if (this.keeping) return
    this.leased.add(socket)
    this.sweeper ??= setInterval(() => this.sweep(), LEASE_MS).unref()
  }

  private sweep(): void {
    for (const socket of this.leased) {
      if (!socket.farUsed) this.giveBack(socket)
      socket.farUsed = false
    }
    if (this.leased.size > 0) return
    clearInterval(this.sweeper)
    this.sweeper = undefined
  }

  /** A descriptor of this socket has gone or may be going: now its last may be seen to go. */
  giveBack(socket: VirtualSocket): void {
    if (this.keeping) return this.suspect(socket)
    this.leased.delete(socket)
    if (socket.far >= 0) native.close(socket.far)
    socket.far = -1
  }

  private suspect(socket: VirtualSocket): void {
    this.suspected.add(socket)
    this.looker ??= setTimeout(() => this.look(), LOOK_MS).unref()
  }

  private look(): void {
    this.looker = undefined
    const wanted = new Map<string, VirtualSocket>()
    for (const socket of this.suspected) wanted.set(`socket:[${socket.inode % 2 ** 40}]`, socket)
    this.suspected.clear()
    for (const pid of readdirSync('/proc')) {
      if (!/^[1-9]/.test(pid) || Number(pid) === process.pid) continue
      for (const link of descriptorLinks(pid)) {
        const socket = wanted.get(link)
        if (socket === undefined) continue
        wanted.delete(link)
        this.options.adopt(socket.user, Number(pid))
      }
    }
    for (const socket of wanted.values()) this.remove(socket)
  }

  /** It stands for a node of /dev, which a shell may put at descriptor 1. */
  isDevice(socket: VirtualSocket, path: string): void {
    socket.path = path
    ints[AT_STDOUT_WATCHED >> 2]++
  }

  /** Nobody holds it any more. */
  remove(socket: VirtualSocket): void {
    if (socket.closed) return
    if (socket.path !== undefined) ints[AT_STDOUT_WATCHED >> 2]--
    native.epollSet(this.options.queue, EPOLL_DEL, socket.near, 0, 0, 0)
    this.leased.delete(socket)
    socket.user.attachment.unwatched.delete(socket)
    if (socket.far >= 0) native.close(socket.far)
    native.close(socket.near)
    this.byInode.delete(socket.inode)
    this.sockets.delete(this.keys.get(socket) ?? 0)
    this.keys.delete(socket)
    socket.close()
  }

  close(): void {
    clearInterval(this.sweeper)
    clearTimeout(this.looker)
    for (const socket of [...this.sockets.values()]) this.remove(socket)
  }
}

function descriptorLinks(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkOrEmpty(`/proc/${pid}/fd/${fd}`))
  } catch {
    return [] // gone, or not ours to look into
  }
}

function readlinkOrEmpty(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function pidfdGetfdWorks(): boolean {
  const self = native.pidfdOpen(process.pid)
  if (self < 0) return false
  const copy = native.pidfdGetfd(self, self)
  native.close(self)
  if (copy >= 0) native.close(copy)
  return copy >= 0
}
