/** An open file of the simulated proc, sysctl or sysfs whose reads or writes are served, not the real kernel's. */
import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import { type Errno, isErrno } from '../uapi/errno.ts'
import { EBADF, EFAULT, EISDIR, EPOLLHUP, EPOLLIN, O_ACCMODE, O_RDWR, O_WRONLY } from './abi.ts'
import type { Attachment } from './attachment.ts'
import { AT_PAYLOAD, bytes, native, PAYLOAD_SIZE } from './native.ts'
import type { Described } from './processes.ts'
import type { Call, Supervisor } from './supervisor.ts'
import type { DoorInode } from './syscallsDoor.ts'
import { copyOut } from './trap.ts'

export interface VirtualFileInit {
  attachment: Attachment
  path: string
  inode: DoorInode
  /** Of open(). */
  flags: number
  /** The program's file, which we hold as well: a memory file, a scratch directory, or the far end of a pair. */
  far: number
  /** Our end of the pair of a file opened for writing only: its end-of-file tells that nobody holds it any more. */
  near: number
}

export class VirtualFile implements Described {
  closed = false
  readonly attachment: Attachment
  readonly path: string
  readonly inode: DoorInode
  readonly flags: number
  readonly near: number
  readonly number: number
  far: number
  /** It was moved to where we do not see it closed: then it is kept as long as the tree. */
  private isSpread = false

  constructor(init: VirtualFileInit) {
    this.attachment = init.attachment
    this.path = init.path
    this.inode = init.inode
    this.flags = init.flags
    this.far = init.far
    this.near = init.near
    const { dev, ino } = fstatSync(init.far)
    this.number = dev * 2 ** 40 + ino
  }

  /** It may be written to through its pair without a trap. */
  get isWatched(): boolean {
    return this.near >= 0 && this.writable
  }

  private get writable(): boolean {
    const mode = this.flags & O_ACCMODE
    return mode === O_WRONLY || mode === O_RDWR
  }

  /** write(): what the simulated file says about these bytes. */
  write(s: Supervisor, call: Call, fd: number, data: Uint8Array, offset: number): number {
    const ret = this.store(data, offset)
    this.emit(s, call, 'write', fd, ret, data)
    return ret
  }

  private store(data: Uint8Array, offset = 0): number {
    if (!this.writable || this.inode.write === undefined) return -EBADF
    const taken = this.inode.write(data, offset)
    if (isErrno(taken)) return -taken.code
    if (this.near < 0) this.reload()
    return taken
  }

  /** What was written is read back by the same descriptor. */
  private reload(): void {
    const content = this.inode.read()
    if (isErrno(content)) return
    ftruncateSync(this.far, 0)
    writeSync(this.far, content, 0, content.length, 0)
  }

  /** read() (`offset` undefined) and pread(); the position is that of the shared file, so lseek() counts. */
  read(s: Supervisor, call: Call, to: number, size: number, offset: number | undefined): number {
    if (this.inode.kind === 'dir') return -EISDIR
    const failed: Uint8Array | Errno = this.inode.read()
    let ret: number
    if (isErrno(failed)) ret = -failed.code
    else {
      ret = readSync(this.far, bytes, AT_PAYLOAD, Math.min(size, PAYLOAD_SIZE), offset ?? null)
      if (ret > 0 && native.write(call.trap.tid, to, ret, AT_PAYLOAD) < 0) ret = -EFAULT
    }
    this.emit(s, call, 'read', -1, ret, ret > 0 ? copyOut(AT_PAYLOAD, ret) : new Uint8Array(0))
    return ret
  }

  private emit(s: Supervisor, call: Call, kind: 'read' | 'write', fd: number, ret: number, data: Uint8Array): void {
    s.trace?.({ kind, pid: call.process.pid, hostPid: call.process.tgid, fd, path: this.path, ret, data })
  }

  /** Something came through the pair without a trap, or its last descriptor is gone. */
  event(s: Supervisor, events: number): void {
    while (events & EPOLLIN) {
      const n = native.receiveFrom(this.near, AT_PAYLOAD, PAYLOAD_SIZE)
      if (n <= 0) break
      this.store(copyOut(AT_PAYLOAD, n)) // whoever wrote it is past hearing of errors
    }
    if (events & EPOLLHUP) s.forgetFile(this)
  }

  spread(): void {
    this.isSpread = true
  }

  /** One of the program's descriptors is closed. A pair tells by itself when the last is. */
  released(s: Supervisor): void {
    if (this.near >= 0) this.closeFar()
    else if (!this.isSpread) s.linger(this)
  }

  private closeFar(): void {
    if (this.far >= 0) closeSync(this.far)
    this.far = -1
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.closeFar()
    if (this.near >= 0) native.close(this.near)
  }
}
