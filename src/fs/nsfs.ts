/** fs/nsfs.c: the files that stand for network namespaces, and the links in /proc/<pid>/ns that lead to them. */
import { CAP_SYS_PTRACE } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EACCES, EINVAL, type Errno } from '../uapi/errno.ts'
import { leaf, type inode } from './inode.ts'

/** An open one keeps its namespace: attach says when it is opened and when it is gone (sys_get_file, sys_put_file). */
export class nsfs_inode extends leaf {
  readonly kind = 'file'
  readonly mode = 0o444
  readonly fs = 'nsfs'
  readonly target = undefined
  readonly net: net
  constructor(net: net) {
    super()
    this.net = net
  }
  get ino(): number {
    return this.net.inum
  }
  get alive(): boolean {
    return !this.net.dying
  }
  read(): Errno {
    return EINVAL
  }
  write(): Errno {
    return EINVAL
  }
}

/** fs/proc/namespaces.c: a link that is followed to the namespace itself, whatever its text says. */
export class ns_link_inode extends leaf {
  readonly kind = 'symlink'
  readonly mode = 0o777
  /** Undefined: process 1, which is root and in the first namespace. */
  readonly of: task_struct | undefined
  readonly reader: task_struct
  constructor(of: task_struct | undefined, reader: task_struct) {
    super()
    this.of = of
    this.reader = reader
  }
  get net(): net {
    return this.of?.net_ns ?? this.reader.kernel.init_net
  }
  get target(): string {
    return `net:[${this.net.inum}]`
  }
  follow(): inode | Errno {
    return ptrace_may_access(this.reader, this.of) ? new nsfs_inode(this.net) : EACCES
  }
  read(): Errno {
    return EINVAL
  }
  write(): Errno {
    return EINVAL
  }
}

/** kernel/ptrace.c __ptrace_may_access() with PTRACE_MODE_READ_FSCREDS: one's own, or those of the same user with no more rights. */
export function ptrace_may_access(reader: task_struct, of: task_struct | undefined): boolean {
  if (reader.tgid === of?.tgid || capable(reader, CAP_SYS_PTRACE)) return true
  if (of === undefined) return false
  return reader.uid === of.uid && reader.gid === of.gid && (of.cap_effective & ~reader.cap_effective) === 0n
}
