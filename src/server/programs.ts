/** Unmodified programs on the hosts of this process: one supervisor for all, and what it needs to know of each host. */
import { type AttachHello, type AttachHost, acceptAttach, refuseAttach, Supervisor } from '../attach/index.ts'
import { native } from '../attach/native.ts'
import type { Host } from '../lab/host.ts'
import type { Labs } from './labs.ts'
import type { RealTime } from './realTime.ts'

export class Programs {
  private supervisor_: Supervisor | undefined = undefined
  private readonly hosts = new WeakMap<Host, AttachHost>()
  /** Connections of launchers; each stays open for as long as its program is served. */
  private readonly connections = new Set<number>()

  /** Made when the first program comes. */
  get supervisor(): Supervisor {
    this.supervisor_ ??= new Supervisor()
    return this.supervisor_
  }

  attachHost(host: Host, time: RealTime): AttachHost {
    let known = this.hosts.get(host)
    if (known === undefined) {
      const { kernel } = host
      known = { syscalls: time.door, taskFor: (identity) => kernel.task_for(identity), taskExit: (tid) => kernel.task_exit(tid) }
      this.hosts.set(host, known)
    }
    return known
  }

  /** A launcher at the door: its program is attached to the host that it names (`host` or `lab/host`). */
  launcher(labs: Labs, fd: number, hello: AttachHello, fds: number[]): void {
    try {
      const [listener, pageFd] = fds
      if (listener === undefined) throw new Error('no seccomp listener came along')
      const { served, host } = labs.host(...placeOf(hello.host))
      const { base, top, asUser, uid: outsideUid } = hello
      this.supervisor.attachListener(listener, {
        host: this.attachHost(host, served.time),
        pageFd,
        base,
        top,
        asUser,
        outsideUid,
        onEnd: () => this.hangUp(fd),
      })
      this.connections.add(fd)
      acceptAttach(fd)
    } catch (error) {
      for (const passed of fds) native.close(passed)
      refuseAttach(fd, (error as Error).message)
      native.close(fd)
    }
  }

  private hangUp(fd: number): void {
    if (this.connections.delete(fd)) native.close(fd)
  }

  close(): void {
    this.supervisor_?.close()
    for (const fd of [...this.connections]) this.hangUp(fd)
  }
}

function placeOf(name: string | null): [lab?: string, host?: string] {
  if (name === null) return []
  const slash = name.indexOf('/')
  return slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
}
