/**
 * kernel/cgroup/cgroup.c: the one hierarchy of control groups (cgroup v2), as far as the network knows it: a group can carry
 * a program that looks at each new socket of its processes (kernel/bpf/cgroup.c), which is how `ip vrf exec` works. There
 * are no controllers.
 */
import { EEXIST, EINVAL, ENOENT, ESRCH, EBUSY, type Errno } from '../uapi/errno.ts'
import type { bpf_prog } from './bpf_cgroup.ts'
import type { Kernel } from './kernel.ts'
import type { task_struct } from './task.ts'

export const CGROUP_ROOT = '/'

export class cgroup {
  /** From the root on; the root's own is "/". */
  readonly path: string
  /** Number of its directory's inode, 64 bits on Linux. */
  readonly id: number
  /** Attached to it as BPF_CGROUP_INET_SOCK_CREATE. */
  inet_sock_create: bpf_prog | undefined = undefined
  constructor(path: string, id: number) {
    this.path = path
    this.id = id
  }
}

export class cgroup_state {
  /** By path. The root is always there. */
  groups = new Map<string, cgroup>([[CGROUP_ROOT, new cgroup(CGROUP_ROOT, 1)]])
  last_id = 1
}

/** cgroup_id(); of a group that is gone the root's. */
export function cgroup_id(kernel: Kernel, path: string): number {
  return kernel.cgroups?.groups.get(path)?.id ?? 1
}
/** The path of a group's parent; the root is its own. */
export function cgroup_parent(path: string): string {
  const at = path.lastIndexOf('/')
  return at <= 0 ? CGROUP_ROOT : path.slice(0, at)
}
export function cgroup_child_path(parent: string, name: string): string {
  return parent === CGROUP_ROOT ? `/${name}` : `${parent}/${name}`
}
/** Names of the groups right below, in the order in which they were made. */
export function cgroup_children(kernel: Kernel, path: string): string[] {
  const names: string[] = []
  for (const other of kernel.cgroups.groups.keys()) {
    if (other !== CGROUP_ROOT && cgroup_parent(other) === path) names.push(other.slice(other.lastIndexOf('/') + 1))
  }
  return names
}
/** The processes in a group itself, by number. */
export function cgroup_procs(kernel: Kernel, path: string): number[] {
  const found = new Set<number>()
  for (const task of kernel.tasks.values()) if (task.cgroup === path) found.add(task.tgid)
  return [...found].sort((a, b) => a - b)
}

/** cgroup_mkdir() */
export function cgroup_mkdir(kernel: Kernel, path: string): Errno | 0 {
  const { groups } = kernel.cgroups
  if (groups.has(path)) return EEXIST
  if (!groups.has(cgroup_parent(path))) return ENOENT
  groups.set(path, new cgroup(path, ++kernel.cgroups.last_id))
  return 0
}
/** cgroup_rmdir(): not while processes or other groups are in it. */
export function cgroup_rmdir(kernel: Kernel, path: string): Errno | 0 {
  if (!kernel.cgroups.groups.has(path)) return ENOENT
  if (path === CGROUP_ROOT || cgroup_procs(kernel, path).length > 0 || cgroup_children(kernel, path).length > 0) return EBUSY
  kernel.cgroups.groups.delete(path)
  return 0
}

/** cgroup_procs_write(): a process, 0 being the writer's own, comes into the group with all its threads. */
export function cgroup_procs_write(task: task_struct, path: string, text: string): Errno | undefined {
  const word = text.trim()
  if (!/^[0-9]+$/.test(word)) return EINVAL
  const { kernel } = task
  const pid = Number(word) === 0 ? task.tgid : Number(word)
  task.files?.process(pid)
  let found = false
  for (const other of kernel.tasks.values()) {
    if (other.tgid !== pid) continue
    other.cgroup = path
    found = true
  }
  if (!found) return ESRCH
  task.files?.moved?.(pid, path)
  return undefined
}
