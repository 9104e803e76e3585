/**
 * The file that stands for a simulated network namespace. Programs compare such files by device and inode, with stat() and
 * with fstat(), also where that is not trapped. So behind all descriptors of one namespace stands one real pipe, whose
 * inode is what is shown everywhere. We hold its writing end: it tells when the last descriptor is gone, wherever they
 * went, and until then the namespace lives.
 */
import { openSync } from 'node:fs'
import { EPOLLERR } from './abi.ts'
import type { Attachment } from './attachment.ts'
import { AT_RESULT, field, native } from './native.ts'
import type { Supervisor } from './supervisor.ts'
import type { DoorInode } from './syscallsDoor.ts'
import { VirtualFile } from './virtualFile.ts'

export class NamespaceFile extends VirtualFile {
  /** Programs have descriptors of it. */
  private held = false

  constructor(attachment: Attachment, inode: DoorInode, reading: number, writing: number) {
    super({ attachment, path: `net:[${inode.ino}]`, inode, flags: 0, far: reading, near: writing })
    native.close(reading)
    this.far = -1
  }

  static make(attachment: Attachment, inode: DoorInode): NamespaceFile | number {
    const error = native.pipe()
    return error < 0 ? error : new NamespaceFile(attachment, inode, field(AT_RESULT), field(AT_RESULT + 4))
  }

  get device(): number {
    return Math.floor(this.number / 2 ** 40)
  }
  get ino(): number {
    return this.number % 2 ** 40
  }

  /** A new descriptor for a program. */
  open(): number {
    const fd = openSync(`/proc/self/fd/${this.near}`, 'r')
    if (!this.held) this.attachment.host.syscalls.sys_get_file?.(this.inode)
    this.held = true
    return fd
  }

  override event(_s: Supervisor, events: number): void {
    if (events & EPOLLERR) this.letGo()
  }
  private letGo(): void {
    if (this.held) this.attachment.host.syscalls.sys_put_file?.(this.inode)
    this.held = false
  }

  override released(): void {}
  override spread(): void {}
  override close(): void {
    this.letGo()
    super.close()
  }
}
