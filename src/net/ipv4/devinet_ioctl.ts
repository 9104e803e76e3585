/** net/ipv4/devinet.c devinet_ioctl, inet_gifconf: address ioctls. */
import type { task_struct } from '../../kernel/task.ts'
import { type Errno, EINVAL } from '../../uapi/errno.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'

/** `ifr`: the struct ifreq (40 bytes), read and answered in place. */
export function devinet_ioctl(_net: net, _task: task_struct, _cmd: number, _ifr: Uint8Array): Errno | undefined {
  return EINVAL
}
/** The ifreqs of `size` bytes of a device's addresses that fit in `room` bytes. */
export function inet_gifconf(_dev: net_device, _room: number, _size: number): Uint8Array {
  return new Uint8Array(0)
}
