/**
 * kernel/module: parts of the kernel that come when they are first asked for, by name or by an alias ("rtnl-link-gre"),
 * and may go again. Which there are is a table of src/init; which are loaded is the host's state.
 */
import { EAGAIN as EWOULDBLOCK, EBUSY, EEXIST, EINVAL, ENOENT, EPERM, type Errno, isErrno } from '../uapi/errno.ts'
import { CAP_SYS_MODULE } from './capability.ts'
import type { Kernel } from './kernel.ts'
import { KERN_ERR, KERN_WARNING } from './printk.ts'
import { capable, type task_struct } from './task.ts'

/** What depmod knows of a module. */
export interface module_file {
  readonly name: string
  /** Below /lib/modules/<release>. */
  readonly path: string
  /** Bytes in memory, as /proc/modules shows. */
  readonly size: number
  /** The last one is loaded first (modules.dep). */
  readonly depends?: readonly string[]
  /** Those of `depends` whose symbols it uses itself, where that is not all of them. */
  readonly uses?: readonly string[]
  readonly aliases?: readonly string[]
  /** It cannot be unloaded. */
  readonly permanent?: true
  /** "name:type", as in .modinfo's parmtype. */
  readonly parm?: readonly string[]
  /** Those of them that sysfs shows, with what they are unless the module is told otherwise. */
  readonly parameters?: module_params
}

/** Parameters by name, as text. */
export type module_params = Readonly<Record<string, string>>

/** A module's two functions; one that only others need has none. */
export interface module_calls {
  readonly init?: (kernel: Kernel, params: module_params) => Errno | undefined
  /** Without it the module stays for ever, unless it has no init either. */
  readonly exit?: (kernel: Kernel) => void
}
export interface loadable_module extends module_file, module_calls {}

export class kmod_state {
  readonly table: readonly loadable_module[]
  /** Paths of what is compiled in (modules.builtin). */
  readonly builtin: readonly string[]
  /** Names in the order of loading. */
  loaded: string[] = []
  /** struct module.refcnt of those that are held by more than other modules. */
  refcnt = new Map<string, number>()
  /** What each was told when it was loaded. */
  params = new Map<string, module_params>()
  constructor(table: readonly loadable_module[], builtin: readonly string[] = []) {
    this.table = table
    this.builtin = builtin
  }
}

export function find_module(kernel: Kernel, name: string): loadable_module | undefined {
  return kernel.kmod?.table.find((m) => m.name === name)
}
export function module_is_loaded(kernel: Kernel, name: string): boolean {
  return kernel.kmod.loaded.includes(name)
}
/** Which loaded modules need this one, the latest first: /proc/modules, /sys/module/<name>/holders. */
export function module_users(kernel: Kernel, name: string): string[] {
  return kernel.kmod.loaded.filter((other) => uses_of(find_module(kernel, other)).includes(name)).reverse()
}
function uses_of(module: loadable_module | undefined): readonly string[] {
  return module?.uses ?? module?.depends ?? []
}
export function module_refcount(kernel: Kernel, name: string): number {
  return module_users(kernel, name).length + (kernel.kmod.refcnt.get(name) ?? 0)
}
export function __module_get(kernel: Kernel, name: string): void {
  kernel.kmod.refcnt.set(name, (kernel.kmod.refcnt.get(name) ?? 0) + 1)
}
export function module_put(kernel: Kernel, name: string): void {
  kernel.kmod.refcnt.set(name, (kernel.kmod.refcnt.get(name) ?? 0) - 1)
}

/** kernel/module/kmod.c: modprobe by name or alias, with the options of modprobe.d; true when it is loaded now. */
export function request_module(kernel: Kernel, name: string): boolean {
  const found = find_module(kernel, name) ?? kernel.kmod?.table.find((m) => m.aliases?.includes(name))
  return found !== undefined && load_with_depends(kernel, found)
}
function load_with_depends(kernel: Kernel, module: loadable_module): boolean {
  if (module_is_loaded(kernel, module.name)) return true
  for (const name of [...(module.depends ?? [])].reverse()) if (!request_module(kernel, name)) return false
  return !isErrno(load_module(kernel, module, kernel.params.modprobe[module.name] ?? {}))
}

/** init_module(2), once it is clear which module is meant: EEXIST when it is there, ENOENT when it needs others. */
export function load_module(kernel: Kernel, module: loadable_module, params: module_params): Errno | undefined {
  const { loaded } = kernel.kmod
  if (loaded.includes(module.name)) return EEXIST
  if (uses_of(module).some((name) => !loaded.includes(name))) return ENOENT
  const wrong = check_params(kernel, module, params)
  if (isErrno(wrong)) return wrong
  // known while its init runs, as in Linux: a module that asks for itself is not loaded twice
  loaded.push(module.name)
  kernel.kmod.params.set(module.name, params)
  const error = module.init?.(kernel, params)
  if (isErrno(error)) loaded.splice(loaded.indexOf(module.name), 1)
  return isErrno(error) ? error : undefined
}
/** kernel/params.c: an unknown one is ignored, a bad value refused. */
function check_params(kernel: Kernel, module: loadable_module, params: module_params): Errno | undefined {
  for (const [name, value] of Object.entries(params)) {
    const type = module.parm?.find((p) => p.startsWith(`${name}:`))?.slice(name.length + 1)
    if (type === undefined) {
      kernel.printk(KERN_WARNING, `${module.name}: unknown parameter '${name}' ignored`)
    } else if (/^u?(int|short|long)$/.test(type) && !/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(value)) {
      kernel.printk(KERN_ERR, `${module.name}: \`${value}' invalid for parameter \`${name}'`)
      return EINVAL
    }
  }
  return undefined
}
/** What the module was told when it was loaded. */
export function module_params_of(kernel: Kernel, name: string): module_params {
  return kernel.kmod.params.get(name) ?? {}
}
/** A number among the parameters. */
export function param_int(params: module_params, name: string, otherwise: number): number {
  return params[name] === undefined ? otherwise : Number(params[name])
}

/** finit_module(2) and init_module(2): `args` is what modprobe was given, "name=value" with blanks between. */
export function sys_init_module(task: task_struct, name: string, args: string): Errno | undefined {
  if (!capable(task, CAP_SYS_MODULE)) return EPERM
  const module = find_module(task.kernel, name)
  return module === undefined ? ENOENT : load_module(task.kernel, module, parse_args(args))
}
function parse_args(args: string): module_params {
  const words = args.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  return Object.fromEntries(
    words.map((word) => {
      const [name, ...value] = word.replaceAll('"', '').split('=')
      return [name.replaceAll('-', '_'), value.join('=')]
    }),
  )
}

/** delete_module(2) */
export function sys_delete_module(task: task_struct, name: string): Errno | undefined {
  const { kernel } = task
  if (!capable(task, CAP_SYS_MODULE)) return EPERM
  const module = module_is_loaded(kernel, name) ? find_module(kernel, name) : undefined
  if (module === undefined) return ENOENT
  if (module_users(kernel, name).length > 0) return EWOULDBLOCK
  if (module.init !== undefined && module.exit === undefined) {
    if (!module.permanent) kernel.unsupported.count('module', `unloading ${name}`)
    return EBUSY
  }
  if (module_refcount(kernel, name) > 0) return EWOULDBLOCK
  module.exit?.(kernel)
  kernel.kmod.loaded = kernel.kmod.loaded.filter((other) => other !== name)
  return undefined
}
