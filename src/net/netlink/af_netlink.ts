/** net/netlink/af_netlink.c: the front of this room, and its initcall. */
import type { Kernel } from '../../kernel/kernel.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { NETLINK_USERSOCK } from '../../uapi/linux/netlink.ts'
import { sock_register } from '../socket.ts'
import { NL_CFG_F_NONROOT_SEND, netlink_state } from './netlink_sock.ts'
import { netlink_family_ops } from './netlink_socket.ts'

export * from './netlink_dump.ts'
export * from './netlink_multicast.ts'
export * from './netlink_rcv.ts'
export * from './netlink_sock.ts'
export { netlink_family_ops, netlink_ops, netlink_proc_show } from './netlink_socket.ts'

/** core_initcall. rtnetlink_init, which Linux calls from here, has its own entry in the table of initcalls. */
export function netlink_proto_init(kernel: Kernel): Errno | undefined {
  kernel.netlink = new netlink_state()
  netlink_add_usersock_entry(kernel)
  const error = sock_register(kernel, netlink_family_ops)
  return isErrno(error) ? error : undefined
}

/** NETLINK_USERSOCK has no kernel socket: programs talk among themselves. */
function netlink_add_usersock_entry(kernel: Kernel): void {
  const table = kernel.netlink.tables[NETLINK_USERSOCK]
  table.registered = 1
  table.groups = 32
  table.listeners = new Uint32Array(1)
  table.flags = NL_CFG_F_NONROOT_SEND
}
