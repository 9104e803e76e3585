/** include/linux/sched.h: a program's process or thread, as the host knows it. */
import type { Kernel } from './kernel.ts'
import type { TaskIdentity } from '../syscalls/types.ts'
import type { net } from '../net/core/net_namespace.ts'
import { has_capability } from './capability.ts'

export class task_struct {
  readonly kernel: Kernel
  readonly pid: number
  tgid: number
  comm: string
  uid: number
  gid: number
  cap_effective: bigint
  /** Network namespace (nsproxy->net_ns). */
  net_ns: net
  constructor(kernel: Kernel, identity: TaskIdentity) {
    this.kernel = kernel
    this.pid = identity.tid
    this.tgid = identity.tgid
    this.comm = identity.comm
    this.uid = identity.uid
    this.gid = identity.gid
    this.cap_effective = identity.capabilities
    this.net_ns = kernel.namespaces.by_id.get(identity.netns) ?? kernel.init_net
  }
  update(identity: TaskIdentity): void {
    this.tgid = identity.tgid
    this.comm = identity.comm
    this.uid = identity.uid
    this.gid = identity.gid
    this.cap_effective = identity.capabilities
    this.net_ns = this.kernel.namespaces.by_id.get(identity.netns) ?? this.kernel.init_net
  }
}

/** kernel/capability.c: one user namespace, so ns_capable() and capable() agree. */
export function capable(task: task_struct, cap: number): boolean {
  return has_capability(task.cap_effective, cap)
}
