/** net/ipv6/af_inet6.c: PF_INET6 comes up. */
import type { Kernel } from '../../kernel/kernel.ts'
import { raw_notifier_head } from '../../kernel/notifier.ts'
import type { Errno } from '../../uapi/errno.ts'

/** IPv6's part of a kernel. */
export class inet6_state {
  /** NETDEV_UP and NETDEV_DOWN with the inet6_ifaddr. */
  inet6addr_chain = new raw_notifier_head()
  /** Asked before an address is listed, with an in6_validator_info. */
  inet6addr_validator_chain = new raw_notifier_head()
}

/** device_initcall: under ipv6.disable=1 nothing but the module is there. */
export function inet6_init(kernel: Kernel): Errno | undefined {
  if (!kernel.params.ipv6) return undefined
  kernel.inet6 = new inet6_state()
  return undefined
}
