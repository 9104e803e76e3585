/** One attached tree of processes: a seccomp listener and what was agreed when it came. */
import { type Credentials, credentialsOf } from './credentials.ts'
import type { AttachHost } from './syscallsDoor.ts'
import type { VirtualSocket } from './virtualSocket.ts'

export interface AttachOptions {
  /** The host whose network the programs see. */
  host: AttachHost
  /** uid on the host; without it root with all capabilities, else that user with none. */
  asUser?: number
  /** The launcher's shared page, if it sent one; taken over. */
  pageFd?: number
  /** The connection to the launcher; taken over. While it is open the launcher knows that its programs are served. */
  connection?: number
  /** Virtual descriptors are in [base, top). */
  base?: number
  top?: number
  /** Effective uid outside. */
  outsideUid?: number
  /** Called once when the whole tree is gone; keeps Node's event loop alive until then. */
  onEnd?: () => void
}

export class Attachment {
  readonly host: AttachHost
  readonly base: number
  readonly top: number
  readonly outsideUid: number
  readonly credentials: Credentials
  readonly onEnd: (() => void) | undefined
  readonly connection: number
  /** The listener's index in the addon. */
  listener = -1
  /** Sockets of which nobody has asked the real kernel whether they are readable. */
  readonly unwatched = new Set<VirtualSocket>()
  /** Every set of credentials that processes have had, so that a process can carry one as a small number. */
  readonly knownCredentials: Credentials[] = []
  private readonly indices = new Map<string, number>()

  constructor(options: AttachOptions) {
    this.host = options.host
    this.base = options.base ?? 512
    this.top = options.top ?? 1024
    this.outsideUid = options.outsideUid ?? 0
    this.credentials = credentialsOf(Math.max(0, options.asUser ?? 0))
    this.onEnd = options.onEnd
    this.connection = options.connection ?? -1
  }

  indexOf(credentials: Credentials): number {
    const key = JSON.stringify(credentials, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
    const known = this.indices.get(key)
    if (known !== undefined) return known
    const index = this.knownCredentials.push(credentials) - 1
    this.indices.set(key, index)
    return index
  }
}
