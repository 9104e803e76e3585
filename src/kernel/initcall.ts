/** init/main.c do_initcalls(): levels in Linux's order; the table itself is in src/init. */
import type { Kernel } from './kernel.ts'
import { type Errno, isErrno } from '../uapi/errno.ts'
import { KERN_DEBUG, KERN_ERR } from './printk.ts'

export const initcall_levels = ['early', 'core', 'postcore', 'arch', 'subsys', 'fs', 'device', 'late'] as const
export type initcall_level = (typeof initcall_levels)[number]

export interface initcall {
  /** The kernel's own name of the function, as `initcall_debug` prints it. */
  name: string
  level: initcall_level
  fn: (kernel: Kernel) => Errno | undefined | void
}

/**
 * Runs the calls level by level, within a level in the table's order. A failing call is logged and the boot goes on, as in
 * Linux: each call undoes its own work before it fails.
 */
export function do_initcalls(kernel: Kernel, table: readonly initcall[]): void {
  for (const level of initcall_levels) {
    for (const call of table) if (call.level === level) do_one_initcall(kernel, call)
  }
}

export function do_one_initcall(kernel: Kernel, call: initcall): Errno | undefined {
  if (kernel.params.initcall_debug) kernel.printk(KERN_DEBUG, `calling  ${call.name}+0x0/0x0 @ 1`)
  const start = kernel.now()
  const error = call.fn(kernel)
  const result = isErrno(error) ? -error.code : 0
  if (kernel.params.initcall_debug) {
    kernel.printk(KERN_DEBUG, `initcall ${call.name}+0x0/0x0 returned ${result} after ${Math.floor((kernel.now() - start) / 1000)} usecs`)
  } else if (result !== 0) {
    kernel.printk(KERN_ERR, `initcall ${call.name} failed: ${error}`)
  }
  return error instanceof Object ? error : undefined
}
