/**
 * The supervisor: takes the trapped system calls of attached programs and serves them from simulated hosts, in the
 * thread of the lab. Programs are attached by their seccomp listener; see run.ts and server.ts for where it comes from.
 */
import { EBADF, type Errno } from '../uapi/errno.ts'
import { EPOLL_ADD, EPOLL_DEL, EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN } from './abi.ts'
import { Attachment, type AttachOptions } from './attachment.ts'
import { handlers } from './calls.ts'
import { Ends, KIND_FILE, KIND_PROCESS, KIND_SOCKET } from './ends.ts'
import { ProgramMemory } from './memory.ts'
import {
  AT_BASE,
  AT_EVENTS,
  AT_FD,
  AT_KEY,
  AT_KIND,
  AT_PAYLOAD,
  AT_STDOUT_WATCHED,
  field,
  ints,
  native,
  PAYLOAD_SIZE,
  TRAP,
} from './native.ts'
import { NamespaceFile } from './namespaceFile.ts'
import { Parking } from './parking.ts'
import { type Described, type Process, ProcessTable } from './processes.ts'
import { type MirrorDirectory, ScratchDirectory } from './scratch.ts'
import type { AttachHost, DoorInode } from './syscallsDoor.ts'
import type { TraceHook } from './trace.ts'
import { ANSWERED, CONTINUE, copyOut, type Outcome, Trap } from './trap.ts'
import { VirtualFile } from './virtualFile.ts'
import type { VirtualSocket } from './virtualSocket.ts'

const EIO = 5
/** Files kept after they were closed. */
const MAX_LINGERING = 256

export interface SupervisorOptions {
  /**
   * Microseconds to look for the next call before going to sleep; 40 by default, 0 saves the CPU. Only where a program and
   * we run at the same time: since Linux 6.6 mostly not, then a call hands over the processor to us, and its answer back.
   */
  spin?: number
  /** False: do without pidfd_getfd(), as where it is forbidden. */
  pidfdGetfd?: boolean
  /** Programs' reads of virtual files are served one by one, so that they appear in the trace. */
  record?: boolean
  /** Told of exceptions in serving a call (bugs of ours; the call fails with EIO). By default a process warning. */
  onError?: (error: unknown) => void
}

/** One trapped call being served. */
export interface Call {
  readonly trap: Trap
  readonly process: Process
  /** The simulated kernel's task of the calling thread. */
  readonly task: any
}

export class Supervisor {
  /** Told of every call served, in order. */
  trace: TraceHook | undefined
  readonly record: boolean
  readonly processes = new ProcessTable()
  readonly parking = new Parking()
  readonly ends: Ends
  readonly memory = new ProgramMemory()
  readonly scratch = new ScratchDirectory()
  /** Real copies of the hosts' /run/netns, for those who wait for changes there. */
  readonly mirrors = new Map<AttachHost, MirrorDirectory>()
  /** Time stamp of virtual files. */
  readonly startedAt = Math.floor(Date.now() / 1000)
  /** Virtual files that a descriptor may stand for, by device and inode; those with a pair also by its key. */
  readonly files = new Map<number, VirtualFile>()
  private readonly filePairs = new Map<number, VirtualFile>()
  /** All that we hold open; and those that the processes we know have closed, the latest last. */
  private readonly held = new Set<VirtualFile>()
  private readonly lingering = new Set<VirtualFile>()
  private nextFileKey = 1
  readonly queue: number
  private readonly attachments = new Map<number, Attachment>()
  private readonly dirty = new Set<VirtualSocket>()
  /** Sockets whose receives the simulated kernel finishes when the programs have their answers; see catchUp(). */
  readonly received = new Set<VirtualSocket>()
  private readonly onError: (error: unknown) => void
  private serving = false
  private closed = false

  constructor(options: SupervisorOptions = {}) {
    this.queue = native.queueCreate(options.spin ?? 40, this.served)
    if (this.queue < 0) throw new Error(`netdouble: epoll: errno ${-this.queue}`)
    this.record = options.record ?? false
    this.onError = options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error)))
    const pidfdGetfd = options.pidfdGetfd ?? process.env.NETDOUBLE_NO_PIDFD_GETFD === undefined
    this.ends = new Ends({
      queue: this.queue,
      pidfdGetfd,
      adopt: (like, pid) => this.processes.find(like.attachment, pid),
      changed: (socket) => this.changed(socket),
    })
    this.processes.onAppear = (appeared) => this.watchProcess(appeared)
    this.processes.filesOf = (process) => ({
      inode: (fd) => this.fileOf(process, fd),
      process: (pid) => void this.processes.lookup(process, pid),
      moved: (pid, cgroup) => {
        const moved = this.processes.lookup(process, pid)
        moved?.setCredentials({ ...moved.credentials, cgroup })
      },
    })
    this.keepAlive()
  }

  /**
   * Serves the programs behind a seccomp listener from now on. The descriptor, options.pageFd and options.connection
   * become the supervisor's. Throws when the listener is none.
   */
  attachListener(listenerFd: number, options: AttachOptions): Attachment {
    const attachment = new Attachment(options)
    const page = options.pageFd ?? -1
    const listener = native.listenerAdd(this.queue, listenerFd, page, attachment.base)
    if (page >= 0) native.close(page)
    if (listener < 0) throw new Error(`netdouble: not a seccomp listener: errno ${-listener}`)
    attachment.listener = listener
    this.attachments.set(listener, attachment)
    ints[AT_BASE >> 2] = Math.min(field(AT_BASE), attachment.base)
    this.keepAlive()
    return attachment
  }

  /** The event loop goes on for as long as somebody wants to hear of the end of a tree. */
  private keepAlive(): void {
    native.queueKeepAlive(
      this.queue,
      [...this.attachments.values()].some((attachment) => attachment.onEnd !== undefined),
    )
  }

  /** Lets go of all programs: with their launchers still there, their calls fail with ENETDOWN from now on. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.parking.close()
    this.ends.close()
    for (const process of [...this.processes.all()]) this.processes.remove(process)
    for (const attachment of this.attachments.values()) this.release(attachment)
    this.attachments.clear()
    for (const file of [...this.held]) this.forgetFile(file)
    this.scratch.close()
    for (const mirror of this.mirrors.values()) mirror.close()
    native.queueClose(this.queue)
  }

  /** A trap or an event, from the event loop; microtasks run after each. */
  private served = (what: number): void => {
    this.serving = true
    if (what === TRAP) this.serve()
    else this.event()
    this.serving = false
  }

  private serve(): void {
    const attachment = this.attachments.get(field(AT_KEY))
    if (attachment === undefined) return
    const trap = new Trap(attachment.listener)
    const process = this.processes.find(attachment, trap.tid)
    if (process === undefined) return // killed meanwhile
    this.memory.tid = trap.tid
    const outcome = this.guarded({ trap, process, task: process.task(trap.tid) })
    // What the call has caused must be visible to poll() before the call returns.
    this.flush()
    if (outcome === CONTINUE) trap.proceed()
    else if (outcome !== ANSWERED) trap.answer(outcome, this.received.size > 0)
    this.catchUp()
  }

  /** Makes the next parts of dumps while the programs work on those that they have got. */
  private catchUp(): void {
    if (this.received.size === 0) return
    for (const socket of this.received) {
      this.received.delete(socket)
      try {
        if (!socket.closed) socket.sys.sys_received?.(socket.sock)
      } catch (error) {
        this.onError(error)
      }
    }
    this.flush()
  }

  private guarded(call: Call): Outcome {
    try {
      return handlers[call.trap.nr]?.(this, call) ?? CONTINUE
    } catch (error) {
      this.onError(error)
      return -EIO
    }
  }

  private event(): void {
    const key = field(AT_KEY)
    const events = field(AT_EVENTS)
    switch (field(AT_KIND)) {
      case KIND_SOCKET:
        this.socketEvent(this.ends.sockets.get(key), events)
        break
      case KIND_PROCESS:
        this.processEnded(this.processes.get(key))
        break
      case KIND_FILE:
        this.filePairs.get(key)?.event(this, events)
        break
      default:
        if (events & (EPOLLHUP | EPOLLERR)) this.detach(key)
    }
    this.flush()
    this.catchUp()
  }

  /** What programs wrote without a trap; a reader that has taken the head; or the last descriptor is gone. */
  private socketEvent(socket: VirtualSocket | undefined, events: number): void {
    if (socket === undefined) return
    if (events & EPOLLIN) this.untrappedWrites(socket)
    if (events & EPOLLHUP) this.ends.remove(socket)
    else if (socket.untrapped) this.dirty.add(socket)
  }

  private untrappedWrites(socket: VirtualSocket): void {
    for (;;) {
      const n = native.receiveFrom(socket.near, AT_PAYLOAD, PAYLOAD_SIZE)
      if (n <= 0) return
      const data = copyOut(AT_PAYLOAD, n)
      const task = socket.user.task(socket.user.tgid)
      const ret = socket.sys.sys_sendmsg(task, socket.sock, { data, flags: 0 })
      this.trace?.({
        ...this.traceSocket(socket.user, socket.userFd, socket, typeof ret === 'number' ? ret : -ret.code),
        kind: 'send',
        flags: undefined,
        addr: new Uint8Array(0),
        data,
      })
    }
  }

  /** The fields that all socket events have. */
  traceSocket(process: Process, fd: number, socket: VirtualSocket, ret: number) {
    const { family, type, protocol: proto } = socket
    return { pid: process.pid, hostPid: process.tgid, fd, family, type, proto, ret }
  }

  private watchProcess(appeared: Process): void {
    if (appeared.pidfd >= 0) native.epollSet(this.queue, EPOLL_ADD, appeared.pidfd, EPOLLIN, KIND_PROCESS, appeared.tgid)
  }

  private processEnded(ended: Process | undefined): void {
    if (ended === undefined) return
    native.epollSet(this.queue, EPOLL_DEL, ended.pidfd, 0, 0, 0)
    this.parking.exited(ended)
    if (ended.netns !== 0) this.processes.adoptAll()
    for (const described of ended.descriptors.values()) this.letGo(described)
    // Those known only by what they were before an exec or a dup2() below our range.
    for (const socket of this.ends.sockets.values()) if (socket.user === ended) this.ends.giveBack(socket)
    this.processes.remove(ended)
  }

  private detach(listener: number): void {
    const attachment = this.attachments.get(listener)
    if (attachment === undefined) return
    this.attachments.delete(listener)
    native.epollSet(this.queue, EPOLL_DEL, field(AT_FD), 0, 0, 0)
    this.release(attachment)
    this.processes.forget(attachment)
    for (const process of [...this.processes.all()]) if (process.attachment === attachment) this.processEnded(process)
    for (const file of [...this.held]) if (file.attachment === attachment && !(file instanceof NamespaceFile)) this.forgetFile(file)
    this.keepAlive()
    attachment.onEnd?.()
  }

  private release(attachment: Attachment): void {
    native.listenerRemove(attachment.listener)
    if (attachment.connection >= 0) native.close(attachment.connection)
  }

  /** One descriptor less for a virtual socket or file. */
  letGo(described: Described | undefined): void {
    if (described === undefined || described.closed) return
    if ('waiting' in described) this.ends.giveBack(described as VirtualSocket)
    else (described as VirtualFile).released(this)
  }

  /** What a descriptor of a program stands for, if it is virtual. */
  described(process: Process, fd: number): Described | undefined {
    const high = fd >= process.attachment.base
    const known = high ? process.descriptors.get(fd) : undefined
    if (known !== undefined && !known.closed) return known
    const inode = native.fdInode(process.tgid, fd)
    if (inode < 0) return undefined
    const found = this.ends.byNumber(inode) ?? this.files.get(inode)
    if (found !== undefined && high) process.descriptors.set(fd, found)
    return found
  }

  /** For the simulated kernel: which of its files a descriptor is. */
  private fileOf(process: Process, fd: number): object | undefined | Errno {
    const described = this.described(process, fd)
    if (described !== undefined) return described instanceof VirtualFile ? described.inode : undefined
    return native.fdInode(process.tgid, fd) < 0 ? EBADF : undefined
  }

  private changed(socket: VirtualSocket): void {
    this.dirty.add(socket)
    if (this.serving) return
    queueMicrotask(() => {
      this.flush()
      this.catchUp()
    })
  }

  /** A virtual file that calls on descriptors may mean from now on. */
  rememberFile(file: VirtualFile): void {
    this.files.set(file.number, file)
    this.held.add(file)
    if (file.near < 0) return
    const key = this.nextFileKey++
    this.filePairs.set(key, file)
    native.epollSet(this.queue, EPOLL_ADD, file.near, (EPOLLIN | EPOLLET) >>> 0, KIND_FILE, key)
    if (file.isWatched) ints[AT_STDOUT_WATCHED >> 2]++ // a shell will put it at descriptor 1
  }

  /** The one real file behind all descriptors of a namespace, or -errno. Those of namespaces that are gone go by the way. */
  namespaceFile(attachment: Attachment, inode: DoorInode): NamespaceFile | number {
    for (const file of this.held) {
      if (!(file instanceof NamespaceFile) || file.attachment.host !== attachment.host) continue
      if (file.inode.ino === inode.ino) return file
      if (file.inode.alive === false) this.forgetFile(file)
    }
    const made = NamespaceFile.make(attachment, inode)
    if (typeof made !== 'number') this.rememberFile(made)
    return made
  }

  /**
   * A descriptor is closed, and others may be left: copies, and those of children that have made no call yet. So the file
   * is kept for a while.
   */
  linger(file: VirtualFile): void {
    this.lingering.delete(file)
    this.lingering.add(file)
    if (this.lingering.size <= MAX_LINGERING) return
    const [oldest] = this.lingering
    if (!this.isHeld(oldest)) return this.forgetFile(oldest)
    this.lingering.delete(oldest)
    this.lingering.add(oldest)
  }
  private isHeld(file: VirtualFile): boolean {
    for (const { descriptors } of this.processes.all()) for (const described of descriptors.values()) if (described === file) return true
    return false
  }

  forgetFile(file: VirtualFile): void {
    if (!this.held.delete(file)) return
    this.lingering.delete(file)
    if (this.files.get(file.number) === file) this.files.delete(file.number)
    for (const [key, other] of this.filePairs) if (other === file) this.filePairs.delete(key)
    if (file.near >= 0) {
      native.epollSet(this.queue, EPOLL_DEL, file.near, 0, 0, 0)
      if (file.isWatched) ints[AT_STDOUT_WATCHED >> 2]--
    }
    file.close()
  }

  /** Marks a socket for flush(): a call may have changed what can be read. */
  touch(socket: VirtualSocket): void {
    this.dirty.add(socket)
  }

  /** Somebody of the tree asks the real kernel which descriptors are readable: from now on it knows of these sockets. */
  readinessMatters(attachment: Attachment): void {
    for (const socket of attachment.unwatched) {
      socket.watched = true
      this.touch(socket)
    }
    attachment.unwatched.clear()
  }

  private flush(): void {
    if (this.closed) return
    for (const socket of this.dirty) {
      this.dirty.delete(socket)
      if (socket.closed) continue
      if (socket.waiting.length > 0) this.parking.serve(socket)
      socket.refresh()
    }
  }
}
