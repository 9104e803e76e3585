/** net/netlink/af_netlink.c netlink_deliver_tap(): copies of messages for those who watch, as nlmon devices do. */
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import {
  NETLINK_FIB_LOOKUP,
  NETLINK_GENERIC,
  NETLINK_NETFILTER,
  NETLINK_NFLOG,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NETLINK_USERSOCK,
  NETLINK_XFRM,
} from '../../uapi/linux/netlink.ts'
import { netlink_is_kernel, type netlink_sock } from './netlink_sock.ts'

/** Takes a message that is on its way to `to_kernel` or to a program. An exported function. */
export type netlink_tap_fn = (dev: net_device, data: Uint8Array, protocol: number, to_kernel: boolean) => void

/** struct netlink_tap: sees the messages of its device's namespace. */
export class netlink_tap {
  readonly dev: net_device
  readonly deliver: netlink_tap_fn
  constructor(dev: net_device, deliver: netlink_tap_fn) {
    this.dev = dev
    this.deliver = deliver
  }
}

/** Other protocols may carry secrets and are not shown. */
const shown: readonly number[] = [
  NETLINK_ROUTE,
  NETLINK_USERSOCK,
  NETLINK_SOCK_DIAG,
  NETLINK_NFLOG,
  NETLINK_XFRM,
  NETLINK_FIB_LOOKUP,
  NETLINK_NETFILTER,
  NETLINK_GENERIC,
]

/** The newest is told first. */
export function netlink_add_tap(dev: net_device, deliver: netlink_tap_fn): void {
  dev.nd_net.kernel.netlink.taps.unshift(new netlink_tap(dev, deliver))
}
export function netlink_remove_tap(dev: net_device): void {
  const { netlink } = dev.nd_net.kernel
  netlink.taps = netlink.taps.filter((tap) => tap.dev !== dev)
}

/** Each delivery to a socket counts: a multicast that three hear is seen three times. `sk` is the receiver. */
export function netlink_deliver_tap(net: net, sk: netlink_sock, data: Uint8Array): void {
  const { taps } = net.kernel.netlink
  if (taps.length === 0 || !shown.includes(sk.sk_protocol)) return
  for (const tap of taps) if (tap.dev.nd_net === net) tap.deliver(tap.dev, data, sk.sk_protocol, netlink_is_kernel(sk))
}
