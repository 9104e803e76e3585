/**
 * The files that netdouble answers for: /proc/net and its aliases, /proc/<pid>/ns/net, /proc/sys/net, /sys/class/net and
 * the devices' directories, /run/netns, /run/cgroup2; of modules /proc/modules, /sys/module, /lib/modules and
 * /lib/modprobe.d; /proc/interrupts; /sys/power. Everything else is the real file system's business.
 */
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH } from '../kernel/capability.ts'
import { CGROUP_ROOT, type cgroup } from '../kernel/cgroup.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EACCES, EEXIST, EISDIR, ELOOP, ENOENT, ENOTDIR, type Errno, isErrno } from '../uapi/errno.ts'
import { cgroup_dir_inode, cgroup_fs_change, cgroup_mount_length, cgroup_path } from './cgroup.ts'
import type { chrdev_ops } from './chrdev.ts'
import { type inode, MAY_EXEC, MAY_READ, MAY_WRITE } from './inode.ts'
import { linux_has } from './known_files.ts'
import { lib_modules_dir, modprobe_dir, proc_interrupts_inode, proc_modules_inode, sys_module_root, version_inode } from './module_dirs.ts'
import { ns_link_inode } from './nsfs.ts'
import { power_dir } from './power.ts'
import { proc_inode, proc_net_root } from './proc_net.ts'
import { sysctl_dir_inode, sysctl_file_inode, sysctl_root } from './proc_sysctl.ts'
import {
  run_netns_create,
  run_netns_dir_inode,
  run_netns_mkdir,
  run_netns_mount,
  run_netns_name,
  run_netns_remove,
  run_netns_umount,
  type run_netns,
} from './run_netns.ts'
import {
  type attribute_dir,
  bus_dir,
  class_dir_inode,
  type device_bus,
  type device_class,
  device_parent_inode,
  symlink_inode,
  sysfs_dir_inode,
} from './sysfs.ts'

export type { inode } from './inode.ts'

/** fs/namei.c MAXSYMLINKS */
const MAXSYMLINKS = 40

export const O_ACCMODE = 3
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_CREAT = 0o100
export const O_EXCL = 0o200
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000
export const O_PATH = 0o10000000

export class vfs {
  readonly kernel: Kernel
  /** Classes of /sys/class, by name. */
  classes = new Map<string, device_class>()
  buses = new Map<string, device_bus>()
  /** Device nodes, by path. */
  chrdevs = new Map<string, chrdev_ops>()
  /** Not there until somebody makes it. */
  run_netns: run_netns | undefined = undefined
  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /**
   * The inode at an absolute path; `follow_last`: also through a link at its end. Undefined: not ours, the real file is
   * meant. ENOENT: below our trees, but there is no such file; where Linux has one, that counts as unsupported.
   */
  lookup(task: task_struct, path: string, follow_last = true): inode | Errno | undefined {
    // a slash at the end asks for what the link leads to
    const follow = follow_last || path.endsWith('/')
    let rest = this.names(task, path)
    for (let links = 0; links <= MAXSYMLINKS; links++) {
      const found = walk(this, task, rest)
      if (found === undefined || isErrno(found)) return found
      if (found.at.kind !== 'symlink' || (found.rest.length === 0 && !follow)) {
        if (found.rest.length === 0) return found.at
        return found.at.kind === 'file' ? ENOTDIR : this.missing(found)
      }
      if (found.at.follow !== undefined) return found.rest.length === 0 ? found.at.follow() : ENOTDIR
      rest = resolve(found.done.slice(0, -1), found.at.target as string, found.rest)
    }
    return ELOOP
  }

  /** Names from the root on. ".." after a link leads to where the link's target is, not the link. */
  private names(task: task_struct, path: string): string[] {
    if (!path.includes('/..')) return split(path)
    let names: string[] = []
    for (const name of path.split('/')) {
      if (name === '..') names = this.realpath(task, names).slice(0, -1)
      else if (name !== '' && name !== '.') names.push(name)
    }
    return names
  }
  /** The same place without links. */
  realpath(task: task_struct, names: string[]): string[] {
    let rest = names
    for (let links = 0; links <= MAXSYMLINKS; links++) {
      const found = walk(this, task, rest)
      if (found === undefined || isErrno(found)) return rest
      if (found.at.kind !== 'symlink' || found.at.follow !== undefined) return [...found.done, ...found.rest]
      rest = resolve(found.done.slice(0, -1), found.at.target as string, found.rest)
    }
    return rest
  }

  /** open(2): lookup and permission. `flags` as the program gave them. */
  open(task: task_struct, path: string, flags: number, mode = 0): inode | Errno | undefined {
    const created = (flags & O_CREAT) === 0 ? undefined : this.create(task, path, flags, mode)
    if (created !== undefined) return created
    const found = this.lookup(task, path, (flags & O_NOFOLLOW) === 0)
    if (found === ENOENT && (flags & O_CREAT) !== 0) return this.refuse_create(task, path)
    if (found === undefined || isErrno(found) || (flags & O_PATH) !== 0) return found
    if (found.kind === 'symlink') return ELOOP
    const access = flags & O_ACCMODE
    if (found.kind === 'dir' && (access !== 0 || (flags & O_CREAT) !== 0)) return EISDIR
    if (found.kind !== 'dir' && (flags & O_DIRECTORY) !== 0) return ENOTDIR
    const mask = (access === O_WRONLY ? 0 : MAY_READ) | (access === 0 ? 0 : MAY_WRITE)
    return inode_permission(task, found, mask) ?? found
  }

  /** fs/namei.c lookup_open(): nothing is created; procfs says first that there is no such name, kernfs leaves that to the directory. */
  private refuse_create(task: task_struct, path: string): Errno {
    const names = split(path)
    if (names[0] !== 'sys') return ENOENT
    const parent = this.lookup(task, `/${names.slice(0, -1).join('/')}`)
    return parent !== undefined && !isErrno(parent) && parent.kind === 'dir' ? EACCES : ENOENT
  }
  /** O_CREAT below /run/netns; undefined: there is nothing to be made. */
  private create(task: task_struct, path: string, flags: number, mode: number): inode | Errno | undefined {
    const name = run_netns_name(split(path))
    if (name === undefined || name === '') return undefined
    const error = run_netns_create(task, name, mode & 0o777)
    if (error === EEXIST && (flags & O_EXCL) === 0) return undefined
    return error === 0 ? this.lookup(task, path) : error
  }

  // Calls that change the tree. 0: done; undefined: not ours, as with lookup().

  mkdir(task: task_struct, path: string): 0 | Errno | undefined {
    const group = cgroup_path(split(path))
    if (group !== undefined) return cgroup_fs_change(task, group, 'mkdir')
    const name = run_netns_name(split(path))
    return name === undefined ? undefined : run_netns_mkdir(task, name)
  }
  unlink(task: task_struct, path: string, is_rmdir: boolean): 0 | Errno | undefined {
    const group = cgroup_path(split(path))
    if (group !== undefined) return cgroup_fs_change(task, group, is_rmdir ? 'rmdir' : 'unlink')
    const name = run_netns_name(split(path))
    return name === undefined ? undefined : run_netns_remove(task, name, is_rmdir)
  }
  symlink(task: task_struct, target: string, path: string): 0 | Errno | undefined {
    const name = run_netns_name(split(path))
    if (name === undefined) return undefined
    return name === '' ? EEXIST : run_netns_create(task, name, 0o777, target)
  }
  mount(task: task_struct, source: string, path: string, flags: number): 0 | Errno | undefined {
    const name = run_netns_name(split(path))
    return name === undefined ? undefined : run_netns_mount(task, name, flags, this.lookup(task, source))
  }
  umount(task: task_struct, path: string, flags: number): 0 | Errno | undefined {
    const name = run_netns_name(split(path))
    return name === undefined ? undefined : run_netns_umount(task, name, flags)
  }

  private missing({ done, rest }: walked): Errno {
    const names = [...done, ...rest]
    if (linux_has(this.kernel, names, done.length)) this.kernel.unsupported.count('file', `/${names.join('/')}`)
    return ENOENT
  }
}

/** fs/namei.c generic_permission(), the owner being root; then the inode's own word. sysctl has only its own. */
export function inode_permission(task: task_struct, node: inode, mask: number): Errno | undefined {
  if (node.permission !== undefined) {
    const error = node.permission(mask)
    if (isErrno(error) || node instanceof sysctl_file_inode) return error
  }
  const bits = task.uid === 0 ? node.mode >> 6 : task.gid === 0 ? node.mode >> 3 : node.mode
  if ((mask & ~(bits & 7)) === 0) return undefined
  const runs = node.kind === 'dir' || (node.mode & 0o111) !== 0 // what nobody may run, root may not either
  if ((runs || (mask & MAY_EXEC) === 0) && capable(task, CAP_DAC_OVERRIDE)) return undefined
  if (mask === MAY_READ && capable(task, CAP_DAC_READ_SEARCH)) return undefined
  return EACCES
}

function split(path: string): string[] {
  return resolve([], path, [])
}
/** Names from the root on: `target` seen from `base`, then `rest`; "." and ".." taken away. */
function resolve(base: string[], target: string, rest: string[]): string[] {
  const out = target.startsWith('/') ? [] : [...base]
  for (const name of [...target.split('/'), ...rest]) {
    if (name === '..') out.pop()
    else if (name !== '' && name !== '.') out.push(name)
  }
  return out
}

interface walked {
  at: inode
  /** Names that led there, and those still to go: a link comes first, or the name is missing. */
  done: string[]
  rest: string[]
}

function walk(fs: vfs, task: task_struct, names: string[]): walked | Errno | undefined {
  const root = find_root(fs, task, names)
  if (root === undefined || isErrno(root)) return root
  let at = root.at
  let i = root.length
  while (i < names.length && at.kind === 'dir') {
    const next = at.child(names[i])
    if (next === undefined) break
    at = next
    i++
  }
  return { at, done: names.slice(0, i), rest: names.slice(i) }
}

function find_root(fs: vfs, task: task_struct, names: string[]): { at: inode; length: number } | Errno | undefined {
  if (run_netns_name(names.slice(0, names[0] === 'var' ? 3 : 2)) === '') {
    if (fs.run_netns === undefined) return ENOENT
    return { at: new run_netns_dir_inode(fs.run_netns), length: names[0] === 'var' ? 3 : 2 }
  }
  if (cgroup_path(names) !== undefined) {
    return { at: new cgroup_dir_inode(task.kernel.cgroups.groups.get(CGROUP_ROOT) as cgroup, task), length: cgroup_mount_length(names) }
  }
  if (names[0] === 'proc') return proc_root(task, names)
  if (names[0] === 'sys') return sysfs_root(fs, task, names)
  return lib_root(task, names[0] === 'usr' ? names.slice(1) : names, names[0] === 'usr' ? 1 : 0)
}

/** What module-init tools read: the tree of any release is the host's. */
function lib_root(task: task_struct, names: string[], before: number): { at: inode; length: number } | undefined {
  if (names[0] !== 'lib') return undefined
  if (names[1] === 'modprobe.d') return { at: modprobe_dir(task.kernel), length: before + 2 }
  if (names[1] === 'modules' && names[2] !== undefined) return { at: lib_modules_dir(task.kernel, names[2]), length: before + 3 }
  return undefined
}

function proc_root(task: task_struct, names: string[]): { at: inode; length: number } | undefined {
  const [, second, third, fourth, fifth] = names
  if (second === 'net') return { at: new symlink_inode('self/net'), length: 2 }
  const version = version_inode(names)
  if (version !== undefined) return { at: version, length: names.length }
  if (second === 'modules') return { at: proc_modules_inode(task.kernel), length: 2 }
  if (second === 'interrupts') return { at: proc_interrupts_inode(task.kernel), length: 2 }
  if (second === 'sys' && third === 'net') {
    const dir = sysctl_root(task.net_ns).dirs.get('net')
    return dir && { at: new sysctl_dir_inode(dir, task), length: 3 }
  }
  if (third === 'ns' && fourth === 'net') return ns_link(task, second, 4)
  if (third === 'task' && fourth !== undefined && fifth === 'ns' && names[5] === 'net') return ns_link(task, fourth, 6)
  const of = second === undefined ? undefined : proc_task_net(task, second)
  if (of === undefined) return undefined
  if (third === 'net') return { at: new proc_inode(proc_net_root(of), task), length: 3 }
  const thread = third === 'task' && fourth !== undefined ? proc_task_net(task, fourth) : undefined
  return thread && fifth === 'net' ? { at: new proc_inode(proc_net_root(thread), task), length: 5 } : undefined
}

/**
 * A process that the host does not know runs outside: its namespace is the real kernel's. But each host has a process 1.
 */
function ns_link(task: task_struct, name: string, length: number): { at: inode; length: number } | undefined {
  const of = name === 'self' || name === 'thread-self' ? task : find_task(task.kernel, Number(name))
  if (of === undefined && name !== '1') return undefined
  return { at: new ns_link_inode(of, task), length }
}
function find_task(kernel: Kernel, pid: number): task_struct | undefined {
  return kernel.tasks.get(pid) ?? [...kernel.tasks.values()].find((t) => t.tgid === pid)
}

/**
 * The namespace of /proc/<name>: self, thread-self or a number. A process that has not called yet is unknown to the host;
 * it most likely shares the reader's namespace.
 */
function proc_task_net(task: task_struct, name: string): net | undefined {
  if (name === 'self' || name === 'thread-self') return task.net_ns
  if (!/^[1-9][0-9]*$/.test(name)) return undefined
  return (find_task(task.kernel, Number(name)) ?? task).net_ns
}

function sysfs_root(fs: vfs, task: task_struct, names: string[]): { at: inode; length: number } | undefined {
  if (names[1] === 'class') {
    const found = fs.classes.get(names[2])
    return found && { at: new class_dir_inode(found, task), length: 3 }
  }
  if (names[1] === 'power') return { at: new sysfs_dir_inode(power_dir, task.kernel, task), length: 2 }
  if (names[1] === 'module') {
    const at = sys_module_root(task, names[2])
    return at && { at, length: 2 }
  }
  if (names[1] === 'bus') {
    const bus = fs.buses.get(names[2])
    return bus && { at: new sysfs_dir_inode(bus_dir, { kernel: task.kernel, bus }, task), length: 3 }
  }
  return names[1] === 'devices' ? device_root(fs, task, names.slice(1)) : undefined
}

interface placed_device {
  path: string
  dir: attribute_dir<any>
  object: unknown
}
/** drivers/base/core.c device_add(): every device that a task of this namespace sees has a directory. */
function* placed_devices(fs: vfs, task: task_struct): Generator<placed_device> {
  for (const { list, path, dir } of fs.classes.values()) {
    for (const { object } of list(task.net_ns)) yield { path: path(object), dir, object }
  }
  for (const { devices, path, dir } of fs.buses.values()) {
    for (const { object } of devices(task.kernel)) yield { path: path(object), dir, object }
  }
}
/** `names`: from "devices" on. */
function device_root(fs: vfs, task: task_struct, names: string[]): { at: inode; length: number } | undefined {
  const below = `${names.join('/')}/`
  for (const { path, dir, object } of placed_devices(fs, task)) {
    if (below.startsWith(`${path}/`)) return { at: new sysfs_dir_inode(dir, object, task), length: path.split('/').length + 1 }
  }
  const parent = ['devices/virtual/net', ...(fs.buses.has('pci') ? ['devices/pci0000:00'] : [])].find((path) =>
    below.startsWith(`${path}/`),
  )
  return parent === undefined ? undefined : { at: device_parent(fs, task, parent), length: parent.split('/').length + 1 }
}
function device_parent(fs: vfs, task: task_struct, parent: string): device_parent_inode {
  const inside = [...placed_devices(fs, task)].filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === parent)
  return new device_parent_inode(
    new Map(inside.map(({ path, dir, object }) => [path.slice(parent.length + 1), new sysfs_dir_inode(dir, object, task)])),
  )
}

/** The kernel's trees, made on first use. */
export function vfs_of(kernel: Kernel): vfs {
  kernel.fs ??= new vfs(kernel)
  return kernel.fs
}
/** fs/proc/root.c proc_root_init() and fs/sysfs/mount.c sysfs_init(): before the first initcall. */
export function proc_root_init(kernel: Kernel): Errno | undefined {
  vfs_of(kernel)
  return undefined
}
