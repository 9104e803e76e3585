/** lib/kobject_uevent.c: NETLINK_KOBJECT_UEVENT: what udev hears about devices. */

import { CAP_SYS_ADMIN } from '../../kernel/capability.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import type { task_struct } from '../../kernel/task.ts'
import { type Bytes, putString } from '../../lib/bytes.ts'
import { NLMSG_HDRLEN } from '../../lib/message.ts'
import { EINVAL, EPERM, type Errno } from '../../uapi/errno.ts'
import { NETLINK_KOBJECT_UEVENT } from '../../uapi/linux/netlink.ts'
import type { net, pernet_operations } from '../core/net_namespace.ts'
import { netlink_broadcast, netlink_has_listeners } from './netlink_multicast.ts'
import { netlink_capable, netlink_rcv_skb } from './netlink_rcv.ts'
import {
  NL_CFG_F_NONROOT_RECV,
  type netlink_kernel_cfg,
  netlink_kernel_create,
  netlink_kernel_release,
  type netlink_sock,
} from './netlink_sock.ts'
import type { Request } from './types.ts'

const UEVENT_BUFFER_SIZE = 2048
/** The one group: 1. udevd relays on group 2 by itself. */
const UEVENT_GROUP = 1

/** Nobody hears events of `net`, so the next `events` are only counted: their words need not be found. */
export function kobject_uevents_unheard(net: net, events: number): boolean {
  if (netlink_has_listeners(net, NETLINK_KOBJECT_UEVENT, UEVENT_GROUP)) return false
  net.kernel.netlink.uevent_seqnum += events
  return true
}

/**
 * kobject_uevent_env for a device of `net`: `action@devpath`, then the variables, each ended by a zero byte, SEQNUM last.
 * The number counts events, heard or not.
 */
export function kobject_uevent(net: net, action: string, devpath: string, subsystem: string, env: readonly string[]): void {
  if (kobject_uevents_unheard(net, 1)) return
  const seqnum = ++net.kernel.netlink.uevent_seqnum
  const words = [`${action}@${devpath}`, `ACTION=${action}`, `DEVPATH=${devpath}`, `SUBSYSTEM=${subsystem}`, ...env, `SEQNUM=${seqnum}`]
  uevent_broadcast(net, latin1(`${words.join('\0')}\0`))
}

function latin1(text: string): Uint8Array {
  const b = new Uint8Array(text.length)
  putString(b, 0, text)
  return b
}

function uevent_broadcast(net: net, data: Bytes): void {
  const { trace } = net.kernel
  trace.netlink_multicast?.(net.kernel, net, NETLINK_KOBJECT_UEVENT, UEVENT_GROUP, 0, data)
  netlink_broadcast(net, NETLINK_KOBJECT_UEVENT, data, 0, UEVENT_GROUP)
}

/** A program may inject an event: its payload, with a number of the kernel's appended. */
export function uevent_net_rcv_skb(req: Request): Errno | undefined {
  if (!netlink_capable(req, req.task, CAP_SYS_ADMIN)) return req.extack.fail(EPERM, 'missing CAP_SYS_ADMIN capability')
  const { netlink } = req.net.kernel
  const payload = req.buf.subarray(NLMSG_HDRLEN)
  const tail = latin1(`SEQNUM=${netlink.uevent_seqnum + 1}\0`)
  if (payload.length + tail.length > UEVENT_BUFFER_SIZE) return req.extack.fail(EINVAL, 'uevent message too long')
  netlink.uevent_seqnum++
  const data = new Uint8Array(payload.length + tail.length)
  data.set(payload)
  data.set(tail, payload.length)
  uevent_broadcast(req.net, data)
  return undefined
}

export function uevent_net_rcv(data: Uint8Array, sk: netlink_sock, task: task_struct): void {
  netlink_rcv_skb(sk.sk_net, data, sk, task, uevent_net_rcv_skb)
}

export const uevent_cfg: netlink_kernel_cfg = { name: 'uevent', groups: 1, input: uevent_net_rcv, flags: NL_CFG_F_NONROOT_RECV }

export function uevent_net_init(net: net): Errno | undefined {
  net.uevent_sock = netlink_kernel_create(net, NETLINK_KOBJECT_UEVENT, uevent_cfg)
  return undefined
}
export function uevent_net_exit(net: net): void {
  netlink_kernel_release(net.uevent_sock as netlink_sock)
  net.uevent_sock = undefined
}
export const uevent_net_ops: pernet_operations = { name: 'uevent_net_ops', init: uevent_net_init, exit: uevent_net_exit }

/** postcore_initcall */
export function kobject_uevent_init(kernel: Kernel): Errno | undefined {
  return kernel.namespaces.register_subsys(kernel, uevent_net_ops)
}
