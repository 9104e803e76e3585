/** What modprobe and rmmod have done: their system calls are not recorded. */
import { find_module, request_module, sys_delete_module, sys_init_module } from '../../src/kernel/kmod.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import { rtnl_unlock } from '../../src/net/core/dev.ts'

export function modules(task: task_struct, [program, ...args]: readonly string[]): void {
  const options = args.filter((arg) => arg.startsWith('-'))
  const names = args.filter((arg) => !arg.startsWith('-'))
  if (program === 'rmmod') for (const name of names) sys_delete_module(task, name)
  if (program === 'modprobe' && !options.includes('-n')) {
    if (options.includes('-r')) for (const name of names) remove(task, name)
    else insert(task, names, options.includes('-a'))
  }
  rtnl_unlock(task.kernel)
}

function insert(task: task_struct, [name = '', ...rest]: string[], all: boolean): void {
  const { kernel } = task
  for (const needed of find_module(kernel, name)?.depends?.toReversed() ?? []) request_module(kernel, needed)
  if (find_module(kernel, name) === undefined) request_module(kernel, name)
  else sys_init_module(task, name, all ? '' : rest.join(' '))
  if (all) for (const other of rest) insert(task, [other], false)
}

/** Those that nobody needs any more go along. */
function remove(task: task_struct, name: string): void {
  sys_delete_module(task, name)
  for (const needed of find_module(task.kernel, name)?.depends ?? []) sys_delete_module(task, needed)
}
