/**
 * kernel/cgroup/cgroup.c's file system, cgroup2, which a host has mounted at /run/cgroup2: a directory for each group, and
 * in it the files that say and set which processes are in the group.
 */
import type { bpf_prog } from '../kernel/bpf_cgroup.ts'
import { CAP_DAC_OVERRIDE } from '../kernel/capability.ts'
import {
  type cgroup,
  cgroup_child_path,
  cgroup_children,
  cgroup_mkdir,
  cgroup_procs,
  cgroup_procs_write,
  cgroup_rmdir,
} from '../kernel/cgroup.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import { EACCES, EINVAL, EISDIR, EPERM, type Errno } from '../uapi/errno.ts'
import { bytesText, type inode, textBytes, directory, leaf } from './inode.ts'

const FILES = ['cgroup.controllers', 'cgroup.procs', 'cgroup.threads']
const WRITABLE = new Set(['cgroup.procs'])

/** The group that a path names; undefined: the path is elsewhere. */
export function cgroup_path(names: readonly string[]): string | undefined {
  const at = names[0] === 'var' ? 1 : 0
  if (names[at] !== 'run' || names[at + 1] !== 'cgroup2') return undefined
  return `/${names.slice(at + 2).join('/')}`
}
/** How many names lead to the mount. */
export function cgroup_mount_length(names: readonly string[]): number {
  return names[0] === 'var' ? 3 : 2
}

export class cgroup_dir_inode extends directory {
  readonly group: cgroup
  readonly task: task_struct
  constructor(group: cgroup, task: task_struct) {
    super()
    this.group = group
    this.task = task
  }
  get ino(): number {
    return this.group.id
  }
  list(): string[] {
    return [...FILES, ...cgroup_children(this.task.kernel, this.group.path)]
  }
  child(name: string): inode | undefined {
    if (FILES.includes(name)) return new cgroup_file_inode(this.group, name, this.task)
    const child = this.task.kernel.cgroups.groups.get(cgroup_child_path(this.group.path, name))
    return child && new cgroup_dir_inode(child, this.task)
  }
}

export class cgroup_file_inode extends leaf {
  readonly kind = 'file'
  readonly target = undefined
  readonly group: cgroup
  readonly name: string
  readonly task: task_struct
  constructor(group: cgroup, name: string, task: task_struct) {
    super()
    this.group = group
    this.name = name
    this.task = task
  }
  get mode(): number {
    return WRITABLE.has(this.name) ? 0o644 : 0o444
  }
  read(): Uint8Array {
    if (this.name === 'cgroup.controllers') return textBytes('\n')
    return textBytes(
      cgroup_procs(this.task.kernel, this.group.path)
        .map((pid) => `${pid}\n`)
        .join(''),
    )
  }
  write(bytes: Uint8Array): number | Errno {
    if (!WRITABLE.has(this.name)) return EINVAL
    return cgroup_procs_write(this.task, this.group.path, bytesText(bytes)) ?? bytes.length
  }
}

/** mkdir(2), rmdir(2) and unlink(2). */
export function cgroup_fs_change(task: task_struct, path: string, how: 'mkdir' | 'rmdir' | 'unlink'): Errno | 0 {
  const { groups } = task.kernel.cgroups
  if (how === 'unlink') return groups.has(path) ? EISDIR : EPERM
  const known = groups.has(path)
  if (known === (how === 'rmdir') && task.uid !== 0 && !capable(task, CAP_DAC_OVERRIDE)) return EACCES
  return how === 'mkdir' ? cgroup_mkdir(task.kernel, path) : cgroup_rmdir(task.kernel, path)
}

/** What bpf(BPF_PROG_LOAD) gives a descriptor of. */
export class bpf_prog_inode extends leaf {
  readonly kind = 'file'
  readonly mode = 0o600
  readonly target = undefined
  readonly prog: bpf_prog
  constructor(prog: bpf_prog) {
    super()
    this.prog = prog
  }
  read(): Errno {
    return EINVAL
  }
  write(): Errno {
    return EINVAL
  }
}
