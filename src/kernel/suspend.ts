/**
 * kernel/power/suspend.c, drivers/base/power/main.c: the machine goes to sleep and comes back. Its devices' part is that of
 * the buses (`dpm_ops`). DIVERGES: programs are not frozen, as they are processes of another kernel: a write to
 * /sys/power/state returns as soon as the machine sleeps, and a program that goes on finds its devices asleep.
 *
 *   state  | event                                      | next
 *   awake  | pm_suspend(), all drivers let go           | asleep
 *   awake  | … with pm_test devices or platform         | asleep, for pm_test_delay seconds
 *   awake  | … with pm_test freezer                     | asleep with its devices awake, for as long
 *   awake  | … a driver refuses                         | awake: its error; what slept already is awake again
 *   awake  | … to idle, with pm_test core or processors | awake: EAGAIN, there is no such step
 *   awake  | … to RAM, with pm_test core or processors  | asleep, for pm_test_delay seconds
 *   asleep | pm_suspend()                               | asleep: EBUSY
 *   asleep | a wake event, pm_resume(), the delay ends  | awake
 */
import { EAGAIN, EBUSY, type Errno, isErrno } from '../uapi/errno.ts'
import type { Kernel } from './kernel.ts'
import { KERN_WARNING } from './printk.ts'
import { mod_timer, NSEC_PER_SEC, timer_delete, timer_list } from './time.ts'

/** What devices do: an exported constant of their bus. */
export interface dpm_ops {
  /** All of them, or none: the one that refused and why. */
  suspend(kernel: Kernel): { device: string; error: Errno } | undefined
  resume(kernel: Kernel): void
}
export const PM_TESTS = ['none', 'core', 'processors', 'platform', 'devices', 'freezer'] as const
export type pm_test = (typeof PM_TESTS)[number]
/** How deep: to idle (freeze), or to RAM. */
export type suspend_state = 's2idle' | 'deep'

export class pm_state {
  asleep = false
  /** Devices that sleep now. */
  suspended = false
  dpm: dpm_ops | undefined = undefined
  mem_sleep: suspend_state = 'deep'
  test: pm_test = 'none'
  /** pm_test_delay, seconds. */
  test_delay = 5
  /** Ends a test. */
  readonly test_timer: timer_list
  /** Wake events so far, and the line of the last. */
  wakeup_count = 0
  wakeup_irq: number | undefined = undefined
  // struct suspend_stats
  success = 0
  fail = 0
  failed_suspend = 0
  last_failed_dev = ''
  last_failed_errno = 0
  constructor(kernel: Kernel) {
    this.test_timer = new timer_list(kernel.events, pm_test_end, kernel)
  }
}

/** pm_suspend(), enter_state() */
export function pm_suspend(kernel: Kernel, state: suspend_state): Errno | undefined {
  const { pm } = kernel
  if (pm.asleep) return EBUSY
  kernel.pr_info(`PM: suspend entry (${state})`)
  const error = enter_state(kernel, state)
  if (error !== undefined) {
    pm.fail++
    pm.last_failed_errno = -error.code
    return error
  }
  pm.success++
  return undefined
}
function enter_state(kernel: Kernel, state: suspend_state): Errno | undefined {
  const { pm } = kernel
  if (state === 's2idle' && (pm.test === 'core' || pm.test === 'processors')) {
    kernel.printk(KERN_WARNING, 'Unsupported test mode for suspend to idle, please choose none/freezer/devices/platform.')
    return EAGAIN
  }
  freeze_processes(kernel)
  const error = pm.test === 'freezer' ? undefined : dpm_suspend(kernel)
  if (isErrno(error)) {
    thaw_processes(kernel)
    return error
  }
  pm.asleep = true
  if (pm.test === 'none') return undefined
  kernel.pr_info(`PM: suspend debug: Waiting for ${pm.test_delay} second(s).`)
  mod_timer(pm.test_timer, kernel.now() + pm.test_delay * NSEC_PER_SEC)
  return undefined
}
/** The log's part of it: no program of the host is ours to stop. */
function freeze_processes(kernel: Kernel): void {
  kernel.pr_info('Filesystems sync: 0.000 seconds')
  kernel.pr_info('Freezing user space processes')
  kernel.pr_info('Freezing user space processes completed (elapsed 0.000 seconds)')
  kernel.pr_info('OOM killer disabled.')
  kernel.pr_info('Freezing remaining freezable tasks')
  kernel.pr_info('Freezing remaining freezable tasks completed (elapsed 0.000 seconds)')
}
function thaw_processes(kernel: Kernel): void {
  kernel.pr_info('OOM killer enabled.')
  kernel.pr_info('Restarting tasks ... done.')
  kernel.pr_info('PM: suspend exit')
}
function dpm_suspend(kernel: Kernel): Errno | undefined {
  const { pm } = kernel
  kernel.pr_info('printk: Suspending console(s) (use no_console_suspend to debug)')
  const failed = pm.dpm?.suspend(kernel)
  pm.suspended = failed === undefined
  if (failed === undefined) return undefined
  pm.failed_suspend++
  pm.last_failed_dev = failed.device
  return failed.error
}

/** No effect on a machine that is awake. */
export function pm_resume(kernel: Kernel): void {
  const { pm } = kernel
  if (!pm.asleep) return
  timer_delete(pm.test_timer)
  pm.asleep = false
  if (pm.suspended) pm.dpm?.resume(kernel)
  pm.suspended = false
  thaw_processes(kernel)
}
/** The timer's function. */
export function pm_test_end(kernel: Kernel): void {
  pm_resume(kernel)
}
/** pm_system_irq_wakeup(): a device asks for the machine. */
export function pm_system_irq_wakeup(kernel: Kernel, irq: number): void {
  kernel.pm.wakeup_count++
  kernel.pm.wakeup_irq = irq
  pm_resume(kernel)
}
