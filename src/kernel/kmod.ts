/**
 * kernel/module: parts of the kernel that come when they are first asked for, by name or by an alias ("rtnl-link-gre").
 * Which there are is a table of src/init; which are loaded is the host's state.
 */
import { type Errno, isErrno } from '../uapi/errno.ts'
import type { Kernel } from './kernel.ts'

export interface loadable_module {
  readonly name: string
  readonly aliases: readonly string[]
  /** Loaded before it (modules.dep), in this order. */
  readonly depends: readonly string[]
  readonly init: (kernel: Kernel) => Errno | undefined
}

export class kmod_state {
  readonly table: readonly loadable_module[]
  /** Names in the order of loading. */
  loaded: string[] = []
  constructor(table: readonly loadable_module[]) {
    this.table = table
  }
}

/** request_module(): true when a module of this name or alias is loaded now. */
export function request_module(kernel: Kernel, name: string): boolean {
  const found = kernel.kmod?.table.find((m) => m.name === name || m.aliases.includes(name))
  return found !== undefined && load_module(kernel, found)
}
function load_module(kernel: Kernel, module: loadable_module): boolean {
  const { loaded } = kernel.kmod
  if (loaded.includes(module.name)) return true
  for (const name of module.depends) if (!request_module(kernel, name)) return false
  // known while its init runs, as in Linux: a module that asks for itself is not loaded twice
  loaded.push(module.name)
  const error = module.init(kernel)
  if (isErrno(error)) loaded.splice(loaded.indexOf(module.name), 1)
  return !isErrno(error)
}
