/**
 * Tracepoints: where observers (transcript, event stream, recorder) see what a kernel does. They are handles of the
 * outside, not state; an absent hook costs one test. Bytes handed over are only valid during the call.
 */
import type { Kernel } from './kernel.ts'
import type { printk_record } from './printk.ts'
import type { net } from '../net/core/net_namespace.ts'

export interface tracepoints {
  printk?(kernel: Kernel, record: printk_record): void
  /** A datagram that a program sent on a netlink socket. */
  netlink_request?(kernel: Kernel, net: net, protocol: number, portid: number, data: Uint8Array): void
  /** A datagram queued to one socket. */
  netlink_reply?(kernel: Kernel, net: net, protocol: number, portid: number, data: Uint8Array): void
  /** A multicast, whether or not somebody listens; `portid` is its nlmsg_pid owner (excluded receiver), 0: the kernel. */
  netlink_multicast?(kernel: Kernel, net: net, protocol: number, group: number, portid: number, data: Uint8Array): void
  ioctl?(kernel: Kernel, net: net, request: number, before: Uint8Array, after: Uint8Array, result: number): void
}

export const no_tracepoints: tracepoints = {}
