/**
 * /run/netns: the one directory of a host's disk that is simulated, because names of namespaces are files in it with a
 * namespace mounted on them (ip-netns(8)). It is a tmpfs like the rest of /run, and belongs to root.
 */
import { CAP_DAC_OVERRIDE, CAP_SYS_ADMIN } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EACCES, EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, type Errno } from '../uapi/errno.ts'
import { type inode, textBytes, directory, leaf } from './inode.ts'
import { nsfs_inode } from './nsfs.ts'

const MS_BIND = 0x1000
/** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED */
const MS_PROPAGATION = (1 << 17) | (1 << 18) | (1 << 19) | (1 << 20)
const MNT_DETACH = 2

export class run_netns_entry {
  readonly mode: number
  /** Of a symbolic link. */
  readonly target: string | undefined
  /** Namespaces mounted on it, the visible one last. */
  mounts: net[] = []
  constructor(mode: number, target?: string) {
    this.mode = mode
    this.target = target
  }
}

export class run_netns {
  entries = new Map<string, run_netns_entry>()
  /** It is bound to itself, so that its mounts are shared with other mount namespaces. */
  is_mount = false
}

export class run_netns_dir_inode extends directory {
  readonly fs = 'tmpfs'
  readonly dir: run_netns
  constructor(dir: run_netns) {
    super()
    this.dir = dir
  }
  /** tmpfs lists the newest first. */
  list(): string[] {
    return [...this.dir.entries.keys()].reverse()
  }
  child(name: string): inode | undefined {
    const entry = this.dir.entries.get(name)
    if (entry === undefined) return undefined
    const mounted = entry.mounts.at(-1)
    return mounted === undefined ? new run_netns_inode(entry) : new nsfs_inode(mounted)
  }
}

/** A link, or a file without a namespace: it is empty and stays so. */
export class run_netns_inode extends leaf {
  readonly fs = 'tmpfs'
  readonly entry: run_netns_entry
  constructor(entry: run_netns_entry) {
    super()
    this.entry = entry
  }
  get kind(): 'file' | 'symlink' {
    return this.entry.target === undefined ? 'file' : 'symlink'
  }
  get mode(): number {
    return this.entry.mode
  }
  get target(): string | undefined {
    return this.entry.target
  }
  read(): Uint8Array {
    return textBytes(this.entry.target ?? '')
  }
  write(): Errno {
    return EPERM
  }
}

/** Which of its files a path names: '' the directory itself; undefined: the path is elsewhere. */
export function run_netns_name(names: readonly string[]): string | undefined {
  const at = names[0] === 'var' ? 1 : 0
  if (names[at] !== 'run' || names[at + 1] !== 'netns' || names.length > at + 3) return undefined
  return names[at + 2] ?? ''
}

function may_write(task: task_struct): boolean {
  return task.uid === 0 || capable(task, CAP_DAC_OVERRIDE)
}

/** A new entry for open(O_CREAT), symlink(2). */
export function run_netns_create(task: task_struct, name: string, mode: number, target?: string): Errno | 0 {
  const dir = task.kernel.fs.run_netns
  if (dir === undefined) return ENOENT
  if (dir.entries.has(name)) return EEXIST
  if (!may_write(task)) return EACCES
  dir.entries.set(name, new run_netns_entry(mode, target))
  return 0
}

/** mkdir(2) of the directory itself; others below it are not simulated. */
export function run_netns_mkdir(task: task_struct, name: string): Errno | 0 {
  const { fs } = task.kernel
  if (name === '' ? fs.run_netns !== undefined : fs.run_netns?.entries.has(name)) return EEXIST
  if (!may_write(task)) return EACCES
  if (name !== '') {
    task.kernel.unsupported.count('file', 'directory in /run/netns')
    return EPERM
  }
  fs.run_netns = new run_netns()
  return 0
}

/** unlink(2), and rmdir(2) of the directory itself. */
export function run_netns_remove(task: task_struct, name: string, is_rmdir: boolean): Errno | 0 {
  const { fs } = task.kernel
  const dir = fs.run_netns
  const entry = dir?.entries.get(name)
  if (dir === undefined || (name !== '' && entry === undefined)) return ENOENT
  if (!may_write(task)) return EACCES
  if (entry !== undefined) {
    if (is_rmdir) return ENOTDIR
    if (entry.mounts.length > 0) return EBUSY
    dir.entries.delete(name)
    return 0
  }
  if (!is_rmdir) return EISDIR
  if (dir.is_mount) return EBUSY
  if (dir.entries.size > 0) return ENOTEMPTY
  fs.run_netns = undefined
  return 0
}

/** mount(2) on the directory or one of its files; `source`: what is to be bound there. */
export function run_netns_mount(task: task_struct, name: string, flags: number, source: inode | Errno | undefined): Errno | 0 {
  if (!capable(task, CAP_SYS_ADMIN)) return EPERM
  const dir = task.kernel.fs.run_netns
  const entry = dir?.entries.get(name)
  if (dir === undefined || (name !== '' && entry === undefined)) return ENOENT
  if ((flags & MS_PROPAGATION) !== 0) return (entry === undefined ? dir.is_mount : entry.mounts.length > 0) ? 0 : EINVAL
  if ((flags & MS_BIND) !== 0 && entry === undefined && source instanceof run_netns_dir_inode) {
    dir.is_mount = true
    return 0
  }
  if ((flags & MS_BIND) !== 0 && entry !== undefined && source instanceof nsfs_inode) {
    entry.mounts.push(task.kernel.namespaces.get_net(source.net))
    return 0
  }
  if (source !== undefined && !('kind' in source)) return source
  task.kernel.unsupported.count('file', 'mount in /run/netns')
  return EINVAL
}

/** umount2(2) */
export function run_netns_umount(task: task_struct, name: string, flags: number): Errno | 0 {
  if (!capable(task, CAP_SYS_ADMIN)) return EPERM
  const dir = task.kernel.fs.run_netns
  const entry = dir?.entries.get(name)
  if (dir === undefined || (name !== '' && entry === undefined)) return ENOENT
  if (entry !== undefined) {
    const gone = entry.mounts.pop()
    if (gone === undefined) return EINVAL
    task.kernel.namespaces.put_net(gone)
    return 0
  }
  if (!dir.is_mount) return EINVAL
  const busy = [...dir.entries.values()].filter((each) => each.mounts.length > 0)
  if (busy.length > 0 && (flags & MNT_DETACH) === 0) return EBUSY
  for (const each of busy) for (const gone of each.mounts.splice(0)) task.kernel.namespaces.put_net(gone)
  dir.is_mount = false
  return 0
}

/** How many names hold a namespace. */
export function run_netns_uses(dir: run_netns | undefined, of: net): number {
  let uses = 0
  for (const entry of dir?.entries.values() ?? []) uses += entry.mounts.filter((each) => each === of).length
  return uses
}
