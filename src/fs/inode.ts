/** What a lookup gives: a handle on one generated file, directory or link. Never part of a lab's state. */
import { EISDIR, type Errno } from '../uapi/errno.ts'

export interface inode {
  readonly kind: 'file' | 'dir' | 'symlink'
  /** Permission bits. The owner is always root. */
  readonly mode: number
  /** A file's content as it is now; a link's target; EISDIR for a directory. */
  read(): Uint8Array | Errno
  /** Bytes taken, or what write(2) fails with. `offset`: of pwrite(2), in files that have places. */
  write(bytes: Uint8Array, offset?: number): number | Errno
  /** A directory's names, in the order that getdents(2) gives them. */
  list(): string[]
  /** The file or directory of that name, or undefined. */
  child(name: string): inode | undefined
  /** A link's target as readlink(2) shows it. */
  readonly target: string | undefined
  /** Of a link that leads to an object, not to its text (proc's magic links). */
  follow?(): inode | Errno
  /** The file system, where it is not that of the path. */
  readonly fs?: 'nsfs' | 'tmpfs'
  /** The module that the file holds. */
  readonly module?: string | undefined
  /** Bytes, where stat() shows them. */
  readonly size?: number
  /** Inode number where it means something. */
  readonly ino?: number
  /** What open(2) for MAY_READ (4) or MAY_WRITE (2) answers beyond the mode bits. */
  permission?(mask: number): Errno | undefined
}

/** What all directories have alike. */
export abstract class directory implements inode {
  readonly kind = 'dir'
  readonly mode: number = 0o755
  readonly target = undefined
  read(): Errno {
    return EISDIR
  }
  write(): Errno {
    return EISDIR
  }
  abstract list(): string[]
  abstract child(name: string): inode | undefined
}
/** What files and links have alike: nothing is below them. */
export abstract class leaf implements inode {
  abstract readonly kind: 'file' | 'symlink'
  abstract readonly mode: number
  abstract readonly target: string | undefined
  abstract read(): Uint8Array | Errno
  abstract write(bytes: Uint8Array): number | Errno
  list(): string[] {
    return []
  }
  child(): undefined {
    return undefined
  }
}

export const MAY_EXEC = 1
export const MAY_WRITE = 2
export const MAY_READ = 4

/** File contents are bytes; the kernel's text is Latin-1 to us. */
export function textBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}
export function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
