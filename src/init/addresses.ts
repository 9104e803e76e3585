/** Addresses that a device of a topology has from the start, as `ip addr add ADDRESS/LENGTH` gives them; the device is up. */
import { ipv6Parse } from '../lib/ipv6Text.ts'
import { dev_change_flags } from '../net/core/dev.ts'
import type { net_device } from '../net/core/netdevice.ts'
import { inet_set_ifa } from '../net/ipv4/devinet_addr.ts'
import { set_ifa_lifetime } from '../net/ipv4/devinet_lifetime.ts'
import { in_ifaddr, type in_device, INFINITY_LIFE_TIME } from '../net/ipv4/in_device.ts'
import { ifa6_config } from '../net/ipv6/addrconf_addr.ts'
import { inet6_addr_add } from '../net/ipv6/addrconf_manual.ts'
import { EINVAL, type Errno, isErrno } from '../uapi/errno.ts'
import { IFF_UP } from '../uapi/linux/if.ts'
import { IFA_F_PERMANENT } from '../uapi/linux/if_addr.ts'
import { inet_make_mask } from '../uapi/linux/in.ts'

/** Throws what an address is refused for. */
export function add_addresses(dev: net_device, addresses: readonly string[]): void {
  for (const address of addresses) {
    const error = add_address(dev, address)
    if (isErrno(error)) throw new Error(`device ${dev.name}: address ${address}: ${error}`)
  }
  if (addresses.length > 0) dev_change_flags(dev, dev.flags | IFF_UP)
}
function add_address(dev: net_device, text: string): Errno | undefined {
  const [address, length] = text.split('/')
  const v4 = !address.includes(':')
  // in6_pton() takes an IPv4 address behind a prefix
  const bytes = ipv6Parse(v4 ? `::ffff:${address}` : address)
  const prefixlen = length === undefined ? (v4 ? 32 : 128) : Number(length)
  if (bytes === undefined || !/^\d*$/.test(length ?? '') || prefixlen > (v4 ? 32 : 128)) return EINVAL
  return v4 ? add_ipv4(dev, bytes.subarray(12), prefixlen) : add_ipv6(dev, bytes, prefixlen)
}
function add_ipv4(dev: net_device, bytes: Uint8Array, prefixlen: number): Errno | undefined {
  const ifa = new in_ifaddr(dev.ip_ptr as in_device, dev.name)
  ifa.ifa_local = ifa.ifa_address = ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0
  ifa.ifa_prefixlen = prefixlen
  ifa.ifa_mask = inet_make_mask(prefixlen)
  set_ifa_lifetime(ifa, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME)
  return inet_set_ifa(dev, ifa)
}
function add_ipv6(dev: net_device, bytes: Uint8Array, prefixlen: number): Errno | undefined {
  const cfg = new ifa6_config(bytes, prefixlen)
  cfg.ifa_flags = IFA_F_PERMANENT
  return inet6_addr_add(dev.nd_net, dev.ifindex, cfg)
}
