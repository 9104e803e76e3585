/** The smallest kernel that has netlink: namespaces, sockets, AF_NETLINK, generic netlink, uevents. */

import { CAP_FULL_SET } from '../../src/kernel/capability.ts'
import { Kernel, type kernel_params } from '../../src/kernel/kernel.ts'
import type { task_struct } from '../../src/kernel/task.ts'
import { EventQueue } from '../../src/kernel/time.ts'
import { net_ns_init } from '../../src/net/core/net_namespace.ts'
import { netlink_proto_init } from '../../src/net/netlink/af_netlink.ts'
import { genl_init } from '../../src/net/netlink/genetlink.ts'
import { kobject_uevent_init } from '../../src/net/netlink/kobject_uevent.ts'
import { sock_init } from '../../src/net/socket.ts'

export function bootNet(params: Partial<kernel_params> = {}): Kernel {
  const kernel = new Kernel(new EventQueue(), 1, params)
  net_ns_init(kernel)
  sock_init(kernel)
  netlink_proto_init(kernel)
  genl_init(kernel)
  kobject_uevent_init(kernel)
  return kernel
}

/** A program on the host: root unless `capabilities` says otherwise. */
export function taskOf(kernel: Kernel, tgid: number, identity: { capabilities?: bigint; uid?: number; netns?: number } = {}): task_struct {
  return kernel.task_for({ tgid, tid: tgid, comm: 'test', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns: 0, ...identity })
}
