/** include/linux/sched.h: a program's process or thread, as the host knows it. */
import type { Kernel } from './kernel.ts'
import type { TaskFiles, TaskIdentity } from '../syscalls/types.ts'
import type { net } from '../net/core/net_namespace.ts'
import { has_capability } from './capability.ts'
import { CGROUP_ROOT } from './cgroup.ts'

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
  /** Path of its control group (task_css_set). */
  cgroup: string
  /** A handle on the program's descriptors, where the outside gives one: not part of a lab's state. */
  files: TaskFiles | undefined
  constructor(kernel: Kernel, identity: TaskIdentity) {
    this.kernel = kernel
    this.pid = identity.tid
    this.tgid = identity.tgid
    this.comm = identity.comm
    this.uid = identity.uid
    this.gid = identity.gid
    this.cap_effective = identity.capabilities
    this.net_ns = kernel.namespaces.get_net(kernel.namespaces.by_id.get(identity.netns) ?? kernel.init_net)
    this.cgroup = identity.cgroup ?? CGROUP_ROOT
    this.files = identity.files
  }
  update(identity: TaskIdentity): void {
    this.tgid = identity.tgid
    this.comm = identity.comm
    this.uid = identity.uid
    this.gid = identity.gid
    this.cap_effective = identity.capabilities
    this.cgroup = identity.cgroup ?? CGROUP_ROOT
    this.files = identity.files
    this.switch_net(this.kernel.namespaces.by_id.get(identity.netns) ?? this.kernel.init_net)
  }
  /** kernel/nsproxy.c switch_task_namespaces() */
  switch_net(net: net): void {
    if (net === this.net_ns) return
    const old = this.net_ns
    this.net_ns = this.kernel.namespaces.get_net(net)
    this.kernel.namespaces.put_net(old)
  }
  /** kernel/exit.c: what it held. */
  exit(): void {
    this.kernel.namespaces.put_net(this.net_ns)
  }
}

/** kernel/capability.c: one user namespace, so ns_capable() and capable() agree. */
export function capable(task: task_struct, cap: number): boolean {
  return has_capability(task.cap_effective, cap)
}
