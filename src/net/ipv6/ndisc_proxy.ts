/** net/ipv6/ndisc.c pndisc_*: addresses of others that we answer for. */
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { NTF_ROUTER } from '../../uapi/linux/neighbour.ts'
import { addrconf_addr_solict_mult, type in6_addr } from '../../uapi/linux/in6.ts'
import type { pneigh_entry } from '../core/neighbour.ts'
import { pneigh_lookup } from '../core/neighbour_proxy.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { __ipv6_dev_mc_dec, ipv6_dev_mc_inc } from './mcast.ts'
import { nd_tbl } from './ndisc.ts'
import { ndisc_recv_ns } from './ndisc_rcv.ts'

/** The device hears who asks for the address. */
export function pndisc_constructor(n: pneigh_entry): Errno | undefined {
  if (n.dev === undefined || n.dev.ip6_ptr === undefined) return EINVAL
  ipv6_dev_mc_inc(n.dev, addrconf_addr_solict_mult(n.key))
  return undefined
}
export function pndisc_destructor(n: pneigh_entry): void {
  const idev = n.dev?.ip6_ptr
  if (idev !== undefined) __ipv6_dev_mc_dec(idev, addrconf_addr_solict_mult(n.key))
}
/** Undefined: not ours to answer; else whether the address is a router's. */
export function pndisc_is_router(addr: in6_addr, dev: net_device): boolean | undefined {
  const n = pneigh_lookup(nd_tbl(dev.nd_net.kernel), dev.nd_net, addr, dev)
  return n === undefined ? undefined : (n.flags & NTF_ROUTER) !== 0
}
/** A question that was put off. */
export function ndisc_proxy_redo(skb: sk_buff): void {
  ndisc_recv_ns(skb, true)
  kfree_skb(skb)
}
