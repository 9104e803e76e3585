/** fs/proc/{generic,proc_net}.c: /proc/net of a namespace, a tree of entries that their owners create and remove. */
import type { task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EIO, EISDIR, type Errno } from '../uapi/errno.ts'
import { type inode, textBytes } from './inode.ts'

/** Generates a file's text. An exported function: entries are state. */
export type proc_show_fn = (net: net, data: any) => string
/** Takes a write; bytes consumed or the error. */
export type proc_write_fn = (net: net, data: any, bytes: Uint8Array) => number | Errno

/** fs/proc/internal.h struct proc_dir_entry: a file when it has `show`, else a directory. */
export class proc_dir_entry {
  readonly net: net
  readonly name: string
  readonly mode: number
  readonly show: proc_show_fn | undefined
  readonly write: proc_write_fn | undefined
  readonly data: unknown
  subdir = new Map<string, proc_dir_entry>()
  /** Of a directory with a file for each of these names: `data` of the file is its name. */
  names: ((net: net) => string[]) | undefined = undefined
  names_show: proc_show_fn | undefined = undefined
  constructor(net: net, name: string, mode: number, show?: proc_show_fn, data?: unknown, write?: proc_write_fn) {
    this.net = net
    this.name = name
    this.mode = mode
    this.show = show
    this.data = data
    this.write = write
  }
}

/** The namespace's /proc/net, made on first use. */
export function proc_net_root(net: net): proc_dir_entry {
  net.proc_net ??= new proc_dir_entry(net, 'net', 0o555)
  return net.proc_net
}

export interface proc_create_options {
  /** 0o444 when missing. */
  mode?: number
  data?: unknown
  write?: proc_write_fn
  /** A directory of proc_mkdir; /proc/net itself when missing. */
  parent?: proc_dir_entry
}

/** A file in the namespace's /proc/net whose text `show` makes at each read. */
export function proc_create(net: net, name: string, show: proc_show_fn, options: proc_create_options = {}): proc_dir_entry {
  const entry = new proc_dir_entry(net, name, options.mode ?? 0o444, show, options.data, options.write)
  const parent = options.parent ?? proc_net_root(net)
  parent.subdir.set(name, entry)
  return entry
}
export function proc_mkdir(net: net, name: string, parent: proc_dir_entry = proc_net_root(net)): proc_dir_entry {
  const entry = new proc_dir_entry(net, name, 0o555)
  parent.subdir.set(name, entry)
  return entry
}
/** A directory whose files come and go with what they are about. */
export function proc_mkdir_names(net: net, name: string, names: (net: net) => string[], show: proc_show_fn): proc_dir_entry {
  const entry = proc_mkdir(net, name)
  entry.names = names
  entry.names_show = show
  return entry
}
/** Takes a file, or a directory with all in it, away. */
export function remove_proc_entry(net: net, name: string, parent: proc_dir_entry = proc_net_root(net)): void {
  parent.subdir.delete(name)
}

export class proc_inode implements inode {
  readonly entry: proc_dir_entry
  readonly target = undefined
  /** Who reads: some of what is shown is not for everybody. */
  readonly task: task_struct | undefined
  constructor(entry: proc_dir_entry, task?: task_struct) {
    this.entry = entry
    this.task = task
  }
  get kind(): 'file' | 'dir' {
    return this.entry.show === undefined ? 'dir' : 'file'
  }
  get mode(): number {
    return this.entry.mode
  }
  read(): Uint8Array | Errno {
    const { show, net, data } = this.entry
    if (show === undefined) return EISDIR
    net.kernel.current = this.task
    const text = show(net, data)
    net.kernel.current = undefined
    return textBytes(text)
  }
  /** fs/proc/inode.c pde_write(): EIO without a write operation. */
  write(bytes: Uint8Array): number | Errno {
    return this.entry.write === undefined ? EIO : this.entry.write(this.entry.net, this.entry.data, bytes)
  }
  /** proc_readdir() walks the name tree: by length, then by bytes (proc_match). */
  list(): string[] {
    return [...this.entry.subdir.keys(), ...(this.entry.names?.(this.entry.net) ?? [])].sort(
      (a, b) => a.length - b.length || (a < b ? -1 : 1),
    )
  }
  child(name: string): inode | undefined {
    const { net, names, names_show } = this.entry
    const entry = this.entry.subdir.get(name)
    if (entry !== undefined) return new proc_inode(entry, this.task)
    return names?.(net).includes(name) ? new proc_inode(new proc_dir_entry(net, name, 0o444, names_show, name)) : undefined
  }
}
