/** net/ipv4/route.c ip_rt_send_redirect, __ip_do_redirect: a nearer first hop, told to others and by others (RFC 792, RFC 1812 5.2.7.2). */
import { KERN_INFO } from '../../kernel/printk.ts'
import { __ratelimit } from '../../kernel/ratelimit.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ICMP_REDIR_HOST, ICMP_REDIRECT } from '../../uapi/linux/icmp.ts'
import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet, ipv4_text } from '../../uapi/linux/in.ts'
import {
  IPV4_DEVCONF_ACCEPT_REDIRECTS,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_LOG_MARTIANS,
  IPV4_DEVCONF_SECURE_REDIRECTS,
  IPV4_DEVCONF_SEND_REDIRECTS,
  IPV4_DEVCONF_SHARED_MEDIA,
} from '../../uapi/linux/ip.ts'
import { RTN_UNICAST, RTNH_F_DEAD } from '../../uapi/linux/rtnetlink.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import { neigh_release, neigh_create, __neigh_lookup_noref } from '../core/neighbour_table.ts'
import { NUD_VALID } from '../core/neighbour.ts'
import { neigh_event_send } from '../core/neighbour_nud.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { arp_tbl } from './arp.ts'
import { inet_addr_onlink } from './devinet_select.ts'
import { fib_lookup, fib_result, type flowi4 } from './fib_lookup.ts'
import { inet_addr_type } from './fib_tables.ts'
import { icmp_send } from './icmp_send.ts'
import { inet_getpeer } from './inetpeer.ts'
import { in_dev_andconf, in_dev_orconf, type in_device } from './in_device.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_daddr, ip_saddr, put_addr4 } from './ip_hdr.ts'
import { fib_select_path, ip_route_output_key, type rtable } from './route.ts'
import { update_or_create_fnhe } from './route_exception.ts'
import { net_warn_ratelimited } from './route_martian.ts'
import { flow_of_error } from './route_pmtu.ts'

/**
 * The sender is told, at growing intervals (redirect_load, doubled each time), until it has not heeded redirect_number of
 * them; after redirect_silence without a packet that would need one, from the start.
 */
export function ip_rt_send_redirect(skb: sk_buff, rt: rtable): void {
  const { ip_ptr: in_dev, nd_net: net } = rt.dev
  if (in_dev === undefined || !in_dev_orconf(in_dev, IPV4_DEVCONF_SEND_REDIRECTS)) return
  const { redirect_load, redirect_number, redirect_silence } = net.kernel.inet.route_sysctls
  const peer = inet_getpeer(net, ip_saddr(skb), l3mdev_master_ifindex(rt.dev))
  const now = net.kernel.jiffies()
  if (now > peer.rate_last + redirect_silence) {
    peer.rate_tokens = 0
    peer.n_redirects = 0
  }
  if (peer.n_redirects >= redirect_number) {
    peer.rate_last = now
    return
  }
  if (peer.n_redirects !== 0 && now <= peer.rate_last + redirect_load * 2 ** peer.n_redirects) return
  const gw = rt.rt_gw4 || ip_daddr(skb)
  icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw)
  peer.rate_last = now
  peer.n_redirects++
  if (peer.n_redirects !== redirect_number || !in_dev_orconf(in_dev, IPV4_DEVCONF_LOG_MARTIANS)) return
  const about = `${ipv4_text(ip_daddr(skb))} to ${ipv4_text(gw)}`
  const text = `IPv4: host ${ipv4_text(ip_saddr(skb))}/if${skb.skb_iif} ignores redirects for ${about}`
  net_warn_ratelimited(rt.dev, 'net_ratelimit', text)
}

/** ip_fib_check_default(): a next hop of the device is known by that gateway. */
function known_gateway(net: net, dev: net_device, gw: number): boolean {
  const hops = net.ipv4.fib_info_devhash.get(dev.ifindex)?.nhs ?? []
  return [...hops].some((nh) => nh.fib_nh_dev === dev && nh.fib_nh_gw4 === gw && !(nh.fib_nh_flags & RTNH_F_DEAD))
}
/** IN_DEV_RX_REDIRECTS: a router takes them only where both settings say so. */
function rx_redirects(in_dev: in_device): boolean {
  const router = in_dev.cnf.get(IPV4_DEVCONF_FORWARDING) !== 0
  return (router ? in_dev_andconf : in_dev_orconf)(in_dev, IPV4_DEVCONF_ACCEPT_REDIRECTS)
}
/** Whether `new_gw` can be a gateway on the link at all, said by `old_gw`. */
function acceptable(net: net, in_dev: in_device, new_gw: number, old_gw: number): boolean {
  if (new_gw === old_gw || !rx_redirects(in_dev)) return false
  if (ipv4_is_multicast(new_gw) || ipv4_is_lbcast(new_gw) || ipv4_is_zeronet(new_gw)) return false
  if (in_dev_orconf(in_dev, IPV4_DEVCONF_SHARED_MEDIA)) return inet_addr_type(net, new_gw) === RTN_UNICAST
  if (!inet_addr_onlink(in_dev, new_gw, old_gw)) return false
  return !in_dev_orconf(in_dev, IPV4_DEVCONF_SECURE_REDIRECTS) || known_gateway(net, in_dev.dev, new_gw)
}
function reject_redirect(in_dev: in_device, skb: sk_buff, new_gw: number, old_gw: number): void {
  const { kernel } = in_dev.dev.nd_net
  if (!in_dev_orconf(in_dev, IPV4_DEVCONF_LOG_MARTIANS)) return
  if (!__ratelimit(kernel, kernel.inet.net_ratelimit, 'net_ratelimit')) return
  const inner = skb.transport_header + 8
  const [saddr, daddr] = [getBe32(skb.buf, inner + 12), getBe32(skb.buf, inner + 16)].map(ipv4_text)
  kernel.printk(KERN_INFO, `IPv4: Redirect from ${ipv4_text(old_gw)} on ${in_dev.dev.name} about ${ipv4_text(new_gw)} ignored`)
  kernel.printk(KERN_INFO, `  Advised path = ${saddr} -> ${daddr}`)
}
/** __ip_do_redirect(): from the gateway that `rt` has. The new one is asked for first, and believed when it has answered. */
function __ip_do_redirect(net: net, rt: rtable, skb: sk_buff, fl: flowi4): void {
  const new_gw = getBe32(skb.buf, skb.transport_header + 4)
  const old_gw = ip_saddr(skb)
  const in_dev = skb.dev?.ip_ptr
  if ((skb.buf[skb.transport_header + 1] & 7) > 3 || rt.rt_gw4 !== old_gw || in_dev === undefined) return
  if (!acceptable(net, in_dev, new_gw, old_gw)) return reject_redirect(in_dev, skb, new_gw, old_gw)
  const tbl = arp_tbl(net.kernel)
  const found = __neigh_lookup_noref(tbl, put_addr4(new_gw), rt.dev)
  const n = found ?? neigh_create(tbl, put_addr4(new_gw), rt.dev)
  if (isErrno(n)) return
  const res = new fib_result()
  if (!(n.nud_state & NUD_VALID)) neigh_event_send(n)
  else if (!isErrno(fib_lookup(net, fl, res, 0))) {
    fib_select_path(net, fl, res)
    const expires = net.kernel.jiffies() + net.kernel.inet.route_sysctls.gc_timeout
    if (res.nh !== undefined) update_or_create_fnhe(net, res.nh, fl.daddr, { gw: new_gw, pmtu: 0, lock: false, expires })
  }
  if (found === undefined) neigh_release(n)
}
function redirect(net: net, skb: sk_buff, fl: flowi4): void {
  const rt = ip_route_output_key(net, fl)
  if (!isErrno(rt)) __ip_do_redirect(net, rt, skb, fl)
}
/** ipv4_redirect(): about the packet at `inner`, which went by device `oif` where that is given. */
export function ipv4_redirect(net: net, skb: sk_buff, inner: number, oif: number): void {
  redirect(net, skb, flow_of_error(skb, inner, oif))
}
/** ipv4_sk_redirect(): the packet was a socket's. */
export function ipv4_sk_redirect(sk: inet_sock, skb: sk_buff, inner: number): void {
  redirect(sk.sk_net, skb, flow_of_error(skb, inner, 0, sk))
}
