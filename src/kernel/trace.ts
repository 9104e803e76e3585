/**
 * Tracepoints: where observers (transcript, event stream, recorder) see what a kernel does. They are handles of the
 * outside, not state; an absent hook costs one test. Bytes handed over are only valid during the call.
 */
import type { Kernel } from './kernel.ts'
import type { printk_record } from './printk.ts'
import type { net } from '../net/core/net_namespace.ts'
import type { net_device } from '../net/core/netdevice.ts'
import type { sk_buff } from '../net/core/skbuff.ts'

export interface tracepoints {
  printk?(kernel: Kernel, record: printk_record): void
  /** A datagram that a program sent on a netlink socket. */
  netlink_request?(kernel: Kernel, net: net, protocol: number, portid: number, data: Uint8Array): void
  /** A datagram queued to one socket. */
  netlink_reply?(kernel: Kernel, net: net, protocol: number, portid: number, data: Uint8Array): void
  /** A multicast, whether or not somebody listens; `portid` is its nlmsg_pid owner (excluded receiver), 0: the kernel. */
  netlink_multicast?(kernel: Kernel, net: net, protocol: number, group: number, portid: number, data: Uint8Array): void
  /** include/trace/events/net.h: the driver is about to get it; `data` stands on the link header. */
  net_dev_start_xmit?(skb: sk_buff, dev: net_device): void
  /** A device has it, for each device that it passes on the way up; `data` stands behind the link header. */
  netif_receive_skb?(skb: sk_buff, dev: net_device): void
  /** include/trace/events/skb.h: it was dropped, for a SKB_DROP_REASON_*. */
  kfree_skb?(skb: sk_buff, reason: number): void
  ioctl?(kernel: Kernel, net: net, request: number, before: Uint8Array, after: Uint8Array, result: number): void
}

export const no_tracepoints: tracepoints = {}
