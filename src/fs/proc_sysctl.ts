/** fs/proc/proc_sysctl.c and net/sysctl_net.c: /proc/sys/net of a namespace. */
import { CAP_NET_ADMIN } from '../kernel/capability.ts'
import { capable, type task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EACCES, EPERM, type Errno, isErrno } from '../uapi/errno.ts'
import { bytesText, type inode, textBytes, directory, leaf } from './inode.ts'

/** What passes between a file and its handler: a write's text and how much of it was taken, or a read's answer. */
export class ctl_buffer {
  text: string
  /** Set by the handler of a write: bytes consumed. */
  consumed = 0
  readonly task: task_struct
  constructor(text: string, task: task_struct) {
    this.text = text
    this.task = task
  }
}

/** An exported function: tables are state. On success a read leaves its text in `buf.text`, a write sets `buf.consumed`. */
export type proc_handler = (ctl: ctl_table, write: boolean, buf: ctl_buffer) => Errno | undefined

/** include/linux/sysctl.h struct ctl_table. `data[key]` is the variable: number, string, boolean or array of numbers. */
export interface ctl_table {
  procname: string
  mode: number
  proc_handler: proc_handler
  data?: any
  key?: string | number
  /** Numbers that a vector holds (maxlen / sizeof(int)); for strings the longest text with its NUL. */
  maxlen?: number
  /** Bounds of the _minmax handlers, or whatever the owner's handler takes them for. */
  extra1?: any
  extra2?: any
  /** Nothing acts on the value yet: it is kept and shown, and each write counts as unsupported. */
  unread?: boolean
}

/** A table that is made when somebody looks: devices come by the thousand, and few of their settings are ever read. */
export class deferred_table {
  /** An exported function: it is state. */
  readonly make: (owner: any) => readonly ctl_table[]
  readonly owner: unknown
  constructor(make: (owner: any) => readonly ctl_table[], owner: unknown) {
    this.make = make
    this.owner = owner
  }
}

/**
 * Directories that nothing is kept for: one for each device that has such settings, made when somebody looks. Both are
 * exported functions.
 */
export class ctl_dirs {
  readonly names: (owner: any) => string[]
  /** Undefined: there is no such directory. */
  readonly table: (owner: any, name: string) => readonly ctl_table[] | undefined
  readonly owner: unknown
  constructor(names: (owner: any) => string[], table: (owner: any, name: string) => readonly ctl_table[] | undefined, owner: unknown) {
    this.names = names
    this.table = table
    this.owner = owner
  }
}

export class ctl_table_header {
  readonly dir: ctl_dir
  readonly table: readonly ctl_table[] | deferred_table
  constructor(dir: ctl_dir, table: readonly ctl_table[] | deferred_table) {
    this.dir = dir
    this.table = table
  }
}

/** A directory: it lives as long as something is in it. */
export class ctl_dir {
  readonly name: string
  readonly parent: ctl_dir | undefined
  /** Both maps are made on first use: most directories are a device's, with a table that nobody has looked at. */
  subdirs: Map<string, ctl_dir> | undefined = undefined
  made: Map<string, ctl_table> | undefined = undefined
  /** Not yet in `made`. */
  deferred: deferred_table | undefined = undefined
  /** Directories besides `subdirs`. */
  generated: ctl_dirs | undefined = undefined
  constructor(name: string, parent?: ctl_dir) {
    this.name = name
    this.parent = parent
  }
  get dirs(): Map<string, ctl_dir> {
    this.subdirs ??= new Map()
    return this.subdirs
  }
  get entries(): Map<string, ctl_table> {
    this.made ??= new Map()
    if (this.deferred !== undefined) {
      for (const ctl of this.deferred.make(this.deferred.owner)) this.made.set(ctl.procname, ctl)
      this.deferred = undefined
    }
    return this.made
  }
  subdir(name: string): ctl_dir | undefined {
    return this.dirs.get(name) ?? this.generate(name)
  }
  private generate(name: string): ctl_dir | undefined {
    const table = this.generated?.table(this.generated.owner, name)
    if (table === undefined) return undefined
    const dir = new ctl_dir(name, this)
    for (const ctl of table) dir.entries.set(ctl.procname, ctl)
    return dir
  }
  get empty(): boolean {
    return this.generated === undefined && (this.subdirs?.size ?? 0) === 0 && (this.made?.size ?? 0) === 0 && this.deferred === undefined
  }
}

/** /proc/sys of a namespace, made on first use; only `net` is in it. */
export function sysctl_root(net: net): ctl_dir {
  net.sysctls ??= new ctl_dir('')
  return net.sysctls
}

function make_dirs(net: net, path: string): ctl_dir {
  let dir = sysctl_root(net)
  for (const name of path.split('/')) {
    const next = dir.dirs.get(name) ?? new ctl_dir(name, dir)
    dir.dirs.set(name, next)
    dir = next
  }
  return dir
}

/** Registers a table at `path` ("net/ipv4/conf/eth0"). Undefined when a name is taken (Linux: NULL and a log line). */
export function register_net_sysctl(net: net, path: string, table: readonly ctl_table[] | deferred_table): ctl_table_header | undefined {
  const dir = make_dirs(net, path)
  if (table instanceof deferred_table) {
    if (!dir.empty) return register_net_sysctl(net, path, table.make(table.owner))
    dir.deferred = table
    return new ctl_table_header(dir, table)
  }
  const taken = table.find((ctl) => dir.entries.has(ctl.procname) || dir.dirs.has(ctl.procname))
  if (taken !== undefined) {
    net.kernel.printk(3, `sysctl duplicate entry: /${path}/${taken.procname}`)
    drop_empty(dir)
    return undefined
  }
  for (const ctl of table) dir.entries.set(ctl.procname, ctl)
  return new ctl_table_header(dir, table)
}

/** Directories below `path` that are made when somebody looks. */
export function register_net_sysctl_dirs(net: net, path: string, dirs: ctl_dirs): void {
  make_dirs(net, path).generated = dirs
}

export function unregister_net_sysctl_table(header: ctl_table_header | undefined): void {
  if (header === undefined) return
  const { dir, table } = header
  if (dir.deferred === table) dir.deferred = undefined
  else if (table instanceof deferred_table) for (const { procname } of table.make(table.owner)) dir.entries.delete(procname)
  else for (const ctl of table) if (dir.entries.get(ctl.procname) === ctl) dir.entries.delete(ctl.procname)
  drop_empty(dir)
}

export function dir_path(dir: ctl_dir): string {
  return dir.parent?.parent === undefined ? dir.name : `${dir_path(dir.parent)}/${dir.name}`
}

function drop_empty(dir: ctl_dir): void {
  let at: ctl_dir | undefined = dir
  while (at?.parent !== undefined && at.empty) {
    at.parent.dirs.delete(at.name)
    at = at.parent
  }
}

/**
 * sysctl_perm() with net/sysctl_net.c net_ctl_permissions(): CAP_NET_ADMIN gives everybody the owner's bits; no bits,
 * no access, not even for root.
 */
export function sysctl_perm(ctl: ctl_table, task: task_struct, mask: number): Errno | undefined {
  const owner = (ctl.mode >> 6) & 7
  const bits = capable(task, CAP_NET_ADMIN) || task.uid === 0 ? owner : task.gid === 0 ? (ctl.mode >> 3) & 7 : ctl.mode & 7
  return (mask & ~bits) === 0 ? undefined : EACCES
}

export class sysctl_file_inode extends leaf {
  readonly kind = 'file'
  readonly target = undefined
  readonly ctl: ctl_table
  readonly dir: ctl_dir
  readonly task: task_struct
  /** How far this opening has written. */
  private pos = 0
  constructor(ctl: ctl_table, dir: ctl_dir, task: task_struct) {
    super()
    this.ctl = ctl
    this.dir = dir
    this.task = task
  }
  get mode(): number {
    return this.ctl.mode
  }
  permission(mask: number): Errno | undefined {
    return sysctl_perm(this.ctl, this.task, mask)
  }
  /**
   * proc_sys_call_handler() asks again at each read and write: EPERM, whatever open() said. A write is a call of its own:
   * the host's due work runs before it returns.
   */
  read(): Uint8Array | Errno {
    if (sysctl_perm(this.ctl, this.task, 4) !== undefined) return EPERM
    const buf = new ctl_buffer('', this.task)
    const error = this.ctl.proc_handler(this.ctl, false, buf)
    return isErrno(error) ? error : textBytes(buf.text)
  }
  write(bytes: Uint8Array): number | Errno {
    if (sysctl_perm(this.ctl, this.task, 2) !== undefined) return EPERM
    // kernel/sysctl.c, sysctl_writes_strict: what comes behind the first write is taken and ignored
    if (this.pos > 0) return bytes.length
    const buf = new ctl_buffer(bytesText(bytes), this.task)
    const error = this.ctl.proc_handler(this.ctl, true, buf)
    this.task.kernel.events.runDue()
    if (isErrno(error)) return error
    this.pos = buf.consumed
    if (this.ctl.unread === true) this.task.kernel.unsupported.count('sysctl', `${dir_path(this.dir)}/${this.ctl.procname}`)
    return buf.consumed
  }
}

export class sysctl_dir_inode extends directory {
  override readonly mode = 0o555
  readonly dir: ctl_dir
  readonly task: task_struct
  constructor(dir: ctl_dir, task: task_struct) {
    super()
    this.dir = dir
    this.task = task
  }
  /** The tree is ordered by bytes (namecmp). */
  list(): string[] {
    const { dirs, entries, generated } = this.dir
    return [...dirs.keys(), ...entries.keys(), ...(generated?.names(generated.owner) ?? [])].sort((a, b) => (a < b ? -1 : 1))
  }
  child(name: string): inode | undefined {
    const sub = this.dir.subdir(name)
    if (sub !== undefined) return new sysctl_dir_inode(sub, this.task)
    const ctl = this.dir.entries.get(name)
    return ctl && new sysctl_file_inode(ctl, this.dir, this.task)
  }
}
