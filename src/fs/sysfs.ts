/** fs/sysfs and drivers/base/class.c: classes of devices with attribute files. */
import type { Kernel } from '../kernel/kernel.ts'
import type { task_struct } from '../kernel/task.ts'
import type { net } from '../net/core/net_namespace.ts'
import { EACCES, EIO, type Errno, isErrno } from '../uapi/errno.ts'
import { bytesText, type inode, MAY_READ, MAY_WRITE, textBytes, directory, leaf } from './inode.ts'

/** include/linux/device.h struct device_attribute, for objects of any kind. Exported constants. */
export interface device_attribute<T> {
  readonly name: string
  readonly mode: number
  /** Bytes that stat() shows; a page by default. */
  readonly size?: number
  readonly show?: (object: T, task: task_struct) => string | Errno
  /** Returns the error, or undefined when all was taken. */
  readonly store?: (object: T, text: string, task: task_struct, offset?: number) => Errno | undefined
}

/** A directory of attributes: constants too. `groups` lists subdirectories that depend on the object. */
export interface attribute_dir<T> {
  readonly attrs: readonly device_attribute<T>[]
  /** Attributes that only some objects have. */
  readonly more?: (object: T) => readonly device_attribute<T>[]
  /** Names of directories and links below, made anew for each lookup. */
  readonly children?: (object: T, task: task_struct) => sysfs_child[]
  /** Names in getdents order (Linux: by hash); those that are not here come last. */
  readonly order?: readonly string[]
}
export type sysfs_child = { name: string; object: any; dir: attribute_dir<any> } | { name: string; target: string }

/** /sys/class/<name>: an exported constant of the class's owner. */
export interface device_class {
  readonly name: string
  /** The objects that a task of this namespace sees, in the order of the directory. */
  readonly list: (net: net) => { name: string; object: any }[]
  /** Path of an object's directory below /sys: "devices/virtual/net/lo". */
  readonly path: (object: any) => string
  readonly dir: attribute_dir<any>
  /** Files of the class itself, of the reader's namespace; a list that modules add to is state of theirs. */
  readonly class_attrs?: (net: net) => readonly device_attribute<net>[]
}

/** /sys/bus/<name>: an exported constant of the bus's owner. */
export interface device_bus {
  readonly name: string
  readonly devices: (kernel: Kernel) => { name: string; object: any }[]
  /** Path of a device's directory below /sys: "devices/pci0000:00/0000:00:03.0". */
  readonly path: (object: any) => string
  readonly dir: attribute_dir<any>
  readonly drivers: (kernel: Kernel) => sysfs_child[]
  /** Directories beside those two. */
  readonly more?: (kernel: Kernel) => sysfs_child[]
  /** Files of the bus itself. */
  readonly bus_attrs?: readonly device_attribute<Kernel>[]
}
/** A bus's own file, as one of the object that stands for the bus in the tree. */
function of_kernel({ name, mode, show, store }: device_attribute<Kernel>): device_attribute<bus_object> {
  return {
    name,
    mode,
    ...(show === undefined ? {} : { show: ({ kernel }, task) => show(kernel, task) }),
    ...(store === undefined ? {} : { store: ({ kernel }, text, task) => store(kernel, text, task) }),
  }
}
const bus_devices: attribute_dir<bus_object> = {
  attrs: [],
  children: ({ kernel, bus }) => bus.devices(kernel).map(({ name, object }) => ({ name, target: `../../../${bus.path(object)}` })),
}
const bus_drivers: attribute_dir<bus_object> = { attrs: [], children: ({ kernel, bus }) => bus.drivers(kernel) }
interface bus_object {
  kernel: Kernel
  bus: device_bus
}
export const bus_dir: attribute_dir<bus_object> = {
  attrs: [],
  more: ({ bus }) => (bus.bus_attrs ?? []).map((attr) => of_kernel(attr)),
  children: (object) => [
    { name: 'devices', object, dir: bus_devices },
    { name: 'drivers', object, dir: bus_drivers },
    ...(object.bus.more?.(object.kernel) ?? []),
  ],
}

export class sysfs_attr_inode extends leaf {
  readonly kind = 'file'
  readonly target = undefined
  readonly attr: device_attribute<any>
  readonly object: unknown
  readonly task: task_struct
  constructor(attr: device_attribute<any>, object: unknown, task: task_struct) {
    super()
    this.attr = attr
    this.object = object
    this.task = task
  }
  get mode(): number {
    return this.attr.mode
  }
  get size(): number | undefined {
    return this.attr.size
  }
  /** fs/kernfs/file.c kernfs_fop_open(): without the operation not even root opens it. */
  permission(mask: number): Errno | undefined {
    if ((mask & MAY_WRITE) !== 0 && ((this.attr.mode & 0o222) === 0 || this.attr.store === undefined)) return EACCES
    if ((mask & MAY_READ) !== 0 && ((this.attr.mode & 0o444) === 0 || this.attr.show === undefined)) return EACCES
    return undefined
  }
  read(): Uint8Array | Errno {
    if (this.attr.show === undefined) return EIO
    const text = this.attr.show(this.object, this.task)
    return isErrno(text) ? text : textBytes(text)
  }
  write(bytes: Uint8Array, offset = 0): number | Errno {
    if (this.attr.store === undefined) return EIO
    const error = this.attr.store(this.object, bytesText(bytes), this.task, offset)
    this.task.kernel.events.runDue()
    return error ?? bytes.length
  }
}

export class sysfs_dir_inode extends directory {
  readonly dir: attribute_dir<any>
  readonly object: unknown
  readonly task: task_struct
  constructor(dir: attribute_dir<any>, object: unknown, task: task_struct) {
    super()
    this.dir = dir
    this.object = object
    this.task = task
  }
  list(): string[] {
    const below = this.dir.children?.(this.object, this.task) ?? []
    const own = this.dir.more?.(this.object) ?? []
    const names = [...own.map((a) => a.name), ...this.dir.attrs.map((a) => a.name), ...below.map((c) => c.name)]
    const { order } = this.dir
    if (order === undefined) return names
    const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
    return names.sort((a, b) => place(a) - place(b))
  }
  child(name: string): inode | undefined {
    const attr = (this.dir.more?.(this.object) ?? []).concat(this.dir.attrs).find((a) => a.name === name)
    if (attr !== undefined) return new sysfs_attr_inode(attr, this.object, this.task)
    const below = this.dir.children?.(this.object, this.task).find((c) => c.name === name)
    if (below === undefined) return undefined
    return 'target' in below ? new symlink_inode(below.target) : new sysfs_dir_inode(below.dir, below.object, this.task)
  }
}

export class symlink_inode extends leaf {
  readonly kind = 'symlink'
  readonly mode = 0o777
  readonly target: string
  constructor(target: string) {
    super()
    this.target = target
  }
  read(): Uint8Array {
    return textBytes(this.target)
  }
  write(): Errno {
    return EIO
  }
}

/** /sys/class/<name>: links to the devices. */
export class class_dir_inode extends directory {
  readonly class: device_class
  readonly task: task_struct
  constructor(device_class: device_class, task: task_struct) {
    super()
    this.class = device_class
    this.task = task
  }
  list(): string[] {
    const net = this.task.net_ns
    return [...(this.class.class_attrs?.(net) ?? []), ...this.class.list(net)].map((d) => d.name)
  }
  child(name: string): inode | undefined {
    const attr = this.class.class_attrs?.(this.task.net_ns).find((a) => a.name === name)
    if (attr !== undefined) return new sysfs_attr_inode(attr, this.task.net_ns, this.task)
    const found = this.class.list(this.task.net_ns).find((d) => d.name === name)
    return found && new symlink_inode(`../../${this.class.path(found.object)}`)
  }
}

/** A directory of /sys/devices that holds devices and is none: /sys/devices/virtual/net. */
export class device_parent_inode extends directory {
  readonly below: ReadonlyMap<string, inode>
  constructor(below: ReadonlyMap<string, inode>) {
    super()
    this.below = below
  }
  list(): string[] {
    return [...this.below.keys()]
  }
  child(name: string): inode | undefined {
    return this.below.get(name)
  }
}
