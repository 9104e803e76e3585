/** The first line on a connection: who speaks, to which host, and how. */
import { CAP_FULL_SET } from '../kernel/capability.ts'
import type { task_struct } from '../kernel/task.ts'
import type { Host } from '../lab/host.ts'
import type { CaptureRequest } from './captureStream.ts'
import { ServerError } from './errors.ts'
import type { Labs, ServedLab } from './labs.ts'
import { type Validator, validator } from './validate.ts'

export const MAX_HELLO = 4096

interface HostHello {
  lab?: string
  host?: string
  netns?: number
  uid?: number
}
export interface NetlinkHello extends HostHello {
  mode: 'netlink'
  protocol?: number
  groups?: number[]
  options?: ('ext_ack' | 'cap_ack' | 'strict_chk' | 'no_enobufs')[]
}
export interface SyscallHello extends HostHello {
  mode: 'syscall'
}
export interface RequestHello {
  mode: 'request'
  method?: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: unknown
}
export interface CaptureHello extends CaptureRequest {
  mode: 'capture'
}
export type Hello = NetlinkHello | SyscallHello | RequestHello | CaptureHello

export class HelloParser {
  private readonly check: Validator = validator('hello')

  parse(line: string): Hello {
    let hello: unknown
    try {
      hello = JSON.parse(line)
    } catch (error) {
      throw new ServerError('BAD_JSON', { what: 'hello line', reason: (error as Error).message })
    }
    const fault = this.check(hello)
    if (fault !== undefined) throw new ServerError('BAD_REQUEST', { field: fault.field || 'hello', reason: fault.reason })
    return hello as Hello
  }
}

/** One connection's place: its host, its task there, and the door at the right time. */
export interface Place {
  served: ServedLab
  host: Host
  task: task_struct
}

export function place(labs: Labs, hello: HostHello): Place {
  const { netns = 0, uid = 0 } = hello
  const { served, host } = labs.host(hello.lab, hello.host)
  if (netns !== 0 && !host.kernel.namespaces.by_id.has(netns)) {
    throw new ServerError('UNKNOWN_NETNS', { host: host.name, netns, field: 'netns' })
  }
  const task = host.task({ comm: 'endpoint', uid, gid: uid, capabilities: uid === 0 ? CAP_FULL_SET : 0n, netns })
  return { served, host, task }
}
