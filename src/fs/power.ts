/** kernel/power/main.c: /sys/power, of a machine that can sleep and not hibernate. */
import type { Kernel } from '../kernel/kernel.ts'
import { kstrtoul } from '../kernel/kstrtox.ts'
import { PM_TESTS, pm_suspend, type pm_test, type suspend_state } from '../kernel/suspend.ts'
import { EINVAL, ENODATA, type Errno, isErrno } from '../uapi/errno.ts'
import type { attribute_dir, device_attribute } from './sysfs.ts'

type attribute = device_attribute<Kernel>

/** What was written, up to the end of its line. */
const first_line = (text: string) => text.split('\n', 1)[0]
/** The names, the one that holds in brackets. */
const choice = (names: readonly string[], now: string) => `${names.map((name) => (name === now ? `[${name}]` : name)).join(' ')}\n`
/** A choice among names: EINVAL for others. */
function choose<T extends string>(text: string, names: readonly T[], set: (name: T) => void): Errno | undefined {
  const name = names.find((known) => known === first_line(text))
  if (name === undefined) return EINVAL
  set(name)
  return undefined
}
const MEM_SLEEP: readonly suspend_state[] = ['s2idle', 'deep']

/** state_store() */
function enter(kernel: Kernel, text: string): Errno | undefined {
  const state = first_line(text)
  if (state === 'disk') kernel.unsupported.count('sysfs', 'power/state disk')
  if (state === 'freeze') return pm_suspend(kernel, 's2idle')
  return state === 'mem' ? pm_suspend(kernel, kernel.pm.mem_sleep) : EINVAL
}
/** pm_save_wakeup_count(): only a count that still holds. */
function save_wakeup_count(kernel: Kernel, text: string): Errno | undefined {
  return Number.parseInt(text, 10) === kernel.pm.wakeup_count ? undefined : EINVAL
}
/** A switch that changes nothing here but what it shows after boot: another value is refused and counted. */
function fixed(name: string, value: number): attribute {
  return {
    name,
    mode: 0o644,
    show: () => `${value}\n`,
    store: (kernel, text) => {
      const n = kstrtoul(text)
      if (isErrno(n)) return n
      if (n === value) return undefined
      if (n === 0 || n === 1) kernel.unsupported.count('sysfs', `power/${name}`)
      return EINVAL
    },
  }
}
const count = (name: string, value: (kernel: Kernel) => number | string): attribute => ({
  name,
  mode: 0o444,
  show: (kernel) => `${value(kernel)}\n`,
})
/** Steps that fail on no machine of ours. */
const never = ['freeze', 'prepare', 'suspend_late', 'suspend_noirq', 'resume', 'resume_early', 'resume_noirq']
const suspend_stats: attribute_dir<Kernel> = {
  attrs: [
    count('success', ({ pm }) => pm.success),
    count('fail', ({ pm }) => pm.fail),
    count('failed_suspend', ({ pm }) => pm.failed_suspend),
    ...never.map((step) => count(`failed_${step}`, () => 0)),
    count('last_failed_dev', ({ pm }) => pm.last_failed_dev),
    count('last_failed_errno', ({ pm }) => pm.last_failed_errno),
    count('last_failed_step', ({ pm }) => (pm.last_failed_dev === '' ? '' : 'suspend')),
  ],
}

export const power_dir: attribute_dir<Kernel> = {
  attrs: [
    {
      name: 'mem_sleep',
      mode: 0o644,
      show: ({ pm }) => choice(MEM_SLEEP, pm.mem_sleep),
      store: ({ pm }, text) => choose(text, MEM_SLEEP, (name) => (pm.mem_sleep = name)),
    },
    fixed('pm_async', 1),
    fixed('pm_debug_messages', 0),
    fixed('pm_print_times', 0),
    {
      name: 'pm_test',
      mode: 0o644,
      show: ({ pm }) => choice(PM_TESTS, pm.test),
      store: ({ pm }, text) => choose<pm_test>(text, PM_TESTS, (name) => (pm.test = name)),
    },
    { name: 'pm_wakeup_irq', mode: 0o444, show: ({ pm }) => (pm.wakeup_irq === undefined ? ENODATA : `${pm.wakeup_irq}\n`) },
    { name: 'state', mode: 0o644, show: () => 'freeze mem\n', store: enter },
    fixed('sync_on_suspend', 1),
    { name: 'wakeup_count', mode: 0o644, show: ({ pm }) => `${pm.wakeup_count}\n`, store: save_wakeup_count },
  ],
  children: (kernel) => [{ name: 'suspend_stats', object: kernel, dir: suspend_stats }],
}
