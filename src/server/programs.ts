/** Unmodified programs on the hosts of this process: one supervisor for all, and what it needs to know of each host. */
import { type AttachHello, type AttachHost, acceptAttach, refuseAttach, Supervisor } from '../attach/index.ts'
import { native } from '../attach/native.ts'
import type { Host } from '../lab/host.ts'
import type { Labs } from './labs.ts'
import type { RealTime } from './realTime.ts'

export class Programs {
  private supervisor_: Supervisor | undefined = undefined
  private readonly hosts = new WeakMap<Host, AttachHost>()

  /** Made when the first program comes. */
  get supervisor(): Supervisor {
    this.supervisor_ ??= new Supervisor()
    return this.supervisor_
  }

  attachHost(host: Host, time: RealTime): AttachHost {
    let known = this.hosts.get(host)
    if (known === undefined) {
      const { kernel } = host
      known = { syscalls: time.door, taskFor: (identity) => kernel.task_for(identity), taskExit: (tid) => time.door.sys_exit(kernel, tid) }
      this.hosts.set(host, known)
    }
    return known
  }

  /** A launcher at the door: its program is attached to the host that it names (`host` or `lab/host`). */
  launcher(labs: Labs, connection: number, hello: AttachHello, fds: number[]): void {
    const [listener, pageFd] = fds
    const refuse = (reason: string) => {
      refuseAttach(connection, reason)
      for (const fd of [connection, ...fds]) native.close(fd)
    }
    if (!isHello(hello)) return refuse('launcher and server are of different versions')
    const place = findPlace(labs, hello.host)
    if (place instanceof Error) return refuse(place.message)
    if (listener === undefined) return refuse('no seccomp listener came along')
    const { base, top, asUser, uid: outsideUid } = hello
    const host = this.attachHost(place.host, place.served.time)
    acceptAttach(connection)
    try {
      this.supervisor.attachListener(listener, { host, pageFd, connection, base, top, asUser, outsideUid })
    } catch {
      // no listener, whatever it was: a launcher of ours never sends that
      native.close(listener)
      native.close(connection)
    }
  }

  close(): void {
    this.supervisor_?.close()
  }
}

/** What comes in on the socket may be anything. */
function isHello(hello: AttachHello | null): hello is AttachHello {
  if (typeof hello !== 'object' || hello === null) return false
  const numbers = [hello.asUser, hello.base, hello.top, hello.uid, hello.pid]
  return (hello.host === null || typeof hello.host === 'string') && numbers.every((n) => Number.isInteger(n))
}

function findPlace(labs: Labs, name: string | null): ReturnType<Labs['host']> | Error {
  try {
    return labs.host(...placeOf(name))
  } catch (error) {
    return error as Error
  }
}

function placeOf(name: string | null): [lab?: string, host?: string] {
  if (name === null) return []
  const slash = name.indexOf('/')
  return slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
}
