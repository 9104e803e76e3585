/**
 * A program's socket: the simulated one, and the pair of real sockets whose far end the program holds, so that poll,
 * select, epoll, dup, fork and close stay the real kernel's. While the simulated socket has something to read, a token
 * (one byte) lies in the pair; trapped reads take from the simulated socket and withdraw the token after the last.
 * The first poll(), select() or epoll_ctl() of a tree brings the tokens: most programs only ask and wait for the answer.
 *
 * A socket whose descriptor was moved below our range by dup2() is read and written without traps: then the head
 * datagram itself lies in the pair, and no more than that, because a netlink dump goes on only as the program reads.
 */
import type { ReceivedMessage, ReceiveRequest, SocketWatcher } from '../syscalls/types.ts'
import { EAGAIN, type Errno, isErrno } from '../uapi/errno.ts'
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, POLL_READABLE, POLLRDHUP, SHUT_WR } from './abi.ts'
import type { Ends } from './ends.ts'
import { AT_PAYLOAD, bytes, CONTROL_SIZE, native, PAYLOAD_SIZE } from './native.ts'
import type { Parked } from './parking.ts'
import type { Described, Process } from './processes.ts'
import type { DoorSocket, Syscalls } from './syscallsDoor.ts'

/** Enough for an edge-triggered poller to see that several messages came. */
const MAX_TOKENS = 4
/** How soon a mapped ring is looked at again while something is in it. */
const LOOK_AGAIN_MS = 1

export class VirtualSocket implements Described, SocketWatcher {
  closed = false
  readonly sys: Syscalls
  readonly sock: DoorSocket
  readonly family: number
  readonly type: number
  readonly protocol: number
  /** Our end of the pair. */
  readonly near: number
  /** Device and inode of the program's end, in one number. */
  readonly inode: number
  /** The program's end while we hold it too, else -1; see Ends. */
  far: number
  farUsed = true
  /** Who used it last, and as which descriptor: where `far` can be had again. */
  user: Process
  userFd = -1
  /** Of an open device node. */
  path: string | undefined = undefined
  readonly waiting: Parked[] = []
  /** Somebody may ask the real kernel whether it is readable. */
  watched = false
  /** Set while untrapped reads and writes are possible. */
  untrapped = false
  /** The program has memory of it, and reads there without telling: whether something is left is looked at again and again. */
  mapped = false
  /** Nothing can be put into the pair any more. */
  private shut = false
  private looker: NodeJS.Timeout | undefined
  private head: ReceivedMessage | undefined
  private tokens = 0
  private news = 0
  private readonly ends: Ends

  constructor(ends: Ends, user: Process, sock: DoorSocket, family: number, type: number, protocol: number, near: number, far: number) {
    this.ends = ends
    this.sys = user.attachment.host.syscalls
    this.user = user
    this.sock = sock
    this.family = family
    this.type = type
    this.protocol = protocol
    this.near = near
    this.far = far
    this.inode = native.inode(far)
    sock.watcher = this
  }

  /** From the simulated kernel, at any moment. */
  dataReady(): void {
    this.news++
    this.ends.changed(this)
  }

  get readable(): boolean {
    if (this.untrapped && this.headIsUnread()) return true
    return (this.sys.sys_poll(this.sock) & POLL_READABLE) !== 0
  }

  usedBy(process: Process, fd: number): void {
    this.user = process
    this.userFd = fd
  }

  /** One message as the program asked for it, or EAGAIN. */
  receive(task: any, request: ReceiveRequest): ReceivedMessage | Errno {
    if (!this.untrapped) return this.sys.sys_recvmsg(task, this.sock, request)
    this.showHead(task)
    if (this.head === undefined) return EAGAIN
    const message = cut(this.head, request)
    if ((request.flags & MSG_PEEK) === 0) {
      this.withdraw()
      this.showHead(task)
    }
    return message
  }

  /** Makes the pair's readiness that of the simulated socket. */
  refresh(): void {
    if (this.closed) return
    if (this.untrapped) return this.showHead(this.user.task(this.user.tgid))
    const mask = this.watched ? this.sys.sys_poll(this.sock) : 0
    const readable = (mask & POLL_READABLE) !== 0
    // nothing comes any more: that is seen at the other end of a pair that is shut too
    if (mask & POLLRDHUP && !this.shut) this.shut = native.shutdown(this.near, SHUT_WR) === 0
    if (!readable) {
      if (this.tokens > 0) this.withdraw()
    } else {
      const wanted = this.tokens === 0 ? 1 : Math.min(this.news, MAX_TOKENS - this.tokens)
      for (let i = 0; i < wanted; i++) this.tokens += native.sendTo(this.near, AT_PAYLOAD, 1) === 1 ? 1 : 0
    }
    this.news = 0
    if (this.mapped && this.tokens > 0) this.lookAgain()
  }

  private lookAgain(): void {
    this.looker ??= setTimeout(() => {
      this.looker = undefined
      if (!this.closed) this.ends.changed(this)
    }, LOOK_AGAIN_MS).unref()
  }

  private withdraw(): void {
    if (this.ends.hold(this)) native.drain(this.far, this.untrapped ? 1 : this.tokens)
    this.tokens = 0
    this.head = undefined
  }

  /** The descriptor goes where reads and writes are not trapped. */
  becomeUntrapped(): void {
    if (this.untrapped) return
    this.withdraw()
    this.untrapped = true
    this.ends.watchReads(this)
    this.refresh()
  }

  private headIsUnread(): boolean {
    return this.head !== undefined && native.unread(this.near) > 0
  }

  private showHead(task: any): void {
    if (this.headIsUnread()) return
    const request = { size: PAYLOAD_SIZE, controlSize: CONTROL_SIZE, flags: MSG_DONTWAIT }
    const message = this.sys.sys_recvmsg(task, this.sock, request)
    this.head = isErrno(message) ? undefined : message
    if (this.head === undefined) return
    bytes.set(this.head.data, AT_PAYLOAD)
    native.sendTo(this.near, AT_PAYLOAD, this.head.data.length)
  }

  /** All descriptors are gone: the simulated socket is closed. */
  close(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.looker)
    this.sock.watcher = undefined
    this.sys.sys_close(this.sock)
  }
}

/** A whole message as a smaller buffer gets it. */
function cut(message: ReceivedMessage, request: ReceiveRequest): ReceivedMessage {
  const { size, controlSize, flags } = request
  const whole = message.data.length
  const short = whole > size
  return {
    name: message.name,
    data: short ? message.data.subarray(0, size) : message.data,
    result: flags & MSG_TRUNC ? whole : Math.min(whole, size),
    control: message.control.length > controlSize ? message.control.subarray(0, 0) : message.control,
    flags: message.flags | (short ? MSG_TRUNC : 0),
  }
}
