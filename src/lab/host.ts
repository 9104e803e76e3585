/** One simulated machine of a lab: a kernel, and what the experimenter does with it. */
import { CAP_FULL_SET } from '../kernel/capability.ts'
import { add_device, type DeviceSpec, device_flags, remove_device } from '../init/devices.ts'
import { pm_resume, pm_suspend } from '../kernel/suspend.ts'
import type { net_device } from '../net/core/netdevice.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { printk_line } from '../kernel/printk.ts'
import type { task_struct } from '../kernel/task.ts'
import type { tracepoints } from '../kernel/trace.ts'
import type { Errno } from '../uapi/errno.ts'
import type { TaskIdentity } from '../syscalls/types.ts'
import type { Lab, RunOptions, RunResult } from './lab.ts'
import { combineTracepoints } from './observers.ts'

export class Host {
  readonly lab: Lab
  readonly name: string
  readonly kernel: Kernel
  /** Handles: observers of the outside. */
  observers: tracepoints[] = []

  constructor(lab: Lab, name: string, kernel: Kernel) {
    this.lab = lab
    this.name = name
    this.kernel = kernel
  }

  /** Adds an observer; the result takes it off again. */
  observe(observer: tracepoints): () => void {
    this.observers = [...this.observers, observer]
    this.kernel.trace = combineTracepoints(this.observers)
    return () => {
      this.observers = this.observers.filter((other) => other !== observer)
      this.kernel.trace = combineTracepoints(this.observers)
    }
  }

  /** Whether one of its namespaces has a device of that name. */
  hasDevice(name: string): boolean {
    return this.kernel.namespaces.net_namespace_list.some((net) => net.dev_name_head.has(name))
  }

  /** A program's task for in-process callers; root with all capabilities in the first namespace unless told otherwise. */
  task(identity: Partial<TaskIdentity> = {}): task_struct {
    const tgid = identity.tgid ?? this.freePid()
    return this.kernel.task_for({ comm: 'netdouble', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns: 0, tid: tgid, ...identity, tgid })
  }

  /**
   * Runs an unmodified program on this host. Only without waiting: the program is served by this very thread, so a
   * synchronous wait for it would be for ever.
   */
  run(file: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    const { runner } = this.lab
    if (runner === undefined) throw new Error('this lab runs no programs: make it with createLab() or createHost()')
    return runner.run(this, file, args, options)
  }

  /** A NIC comes into the running machine. Throws when there is no room for it. */
  plug(spec: DeviceSpec): void {
    add_device(this.kernel, spec, true)
    this.lab.events.runDue()
  }
  /** The NIC of that name is taken out: the kernel lets go of it first, or, by `surprise`, finds it gone. False: it is in no slot. */
  unplug(name: string, surprise = false): boolean {
    const dev = this.kernel.namespaces.net_namespace_list.flatMap((net) => net.dev_name_head.get(name) ?? [])[0]
    const done = dev !== undefined && remove_device(dev, surprise)
    this.lab.events.runDue()
    return done
  }
  /**
   * The machine goes to sleep, as by `echo freeze > /sys/power/state`: its NICs lose power but for what may wake it, which
   * `ethtool -s DEVICE wol g` asks for. EBUSY: it sleeps.
   */
  suspend(): Errno | undefined {
    const error = pm_suspend(this.kernel, 's2idle')
    this.lab.events.runDue()
    return error
  }
  /** Somebody presses its button. No effect on a machine that is awake. */
  resume(): void {
    pm_resume(this.kernel)
    this.lab.events.runDue()
  }
  get asleep(): boolean {
    return this.kernel.pm.asleep
  }

  private freePid(): number {
    // above PID_MAX_LIMIT: no attached program's process can have it
    let pid = 4194305
    while (this.kernel.tasks.has(pid)) pid++
    return pid
  }

  /** The log, line by line as dmesg shows it. */
  dmesg(): string[] {
    return this.kernel.log.records.map(printk_line)
  }

  /** IFF_* of a device as programs see them. */
  flags(dev: net_device): number {
    return device_flags(dev)
  }

  inspect(path: string, depth = 1): unknown {
    return this.lab.inspectFrom(this.kernel, path, depth)
  }
}
