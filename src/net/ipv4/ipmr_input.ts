/** net/ipv4/ipmr.c ip_mr_input, pim_rcv: packets of groups on a router, and those that come out of PIM's register tunnel (RFC 7761 4.9.3). */
import { getBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { IPPROTO_IGMP, ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import { sock_queue_rcv_skb } from '../core/datagram.ts'
import { netif_is_l3_master } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_clone } from '../core/skbuff.ts'
import { flowi4 } from './fib_lookup.ts'
import type { inet_sock } from './inet_sock.ts'
import { IP_HLEN, inet_sdif, ip_hdrlen, ip_protocol } from './ip_hdr.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'
import { mr_input, type mr_table } from './ipmr_base.ts'
import { IPPROTO_PIM, PIM_HLEN, pim_decapsulate, pim_has_packet } from './ipmr_reg_vif.ts'
import { ipmr_fib_lookup } from './ipmr_rules.ts'
import type { rtable } from './route.ts'

const IPOPT_RA = 148
const IPOPT_NOOP = 1
const IPOPT_END = 0

/** The router alert option (RFC 2113). */
function router_alert({ buf, network_header: start }: sk_buff, end: number): boolean {
  let at = start + IP_HLEN
  while (at < end && buf[at] !== IPOPT_END) {
    if (buf[at] === IPOPT_RA) return true
    at += buf[at] === IPOPT_NOOP ? 1 : Math.max(2, buf[at + 1])
  }
  return false
}
function deliver_raw(sk: inet_sock, skb: sk_buff): void {
  const clone = skb_clone(skb)
  clone.data = clone.network_header
  sock_queue_rcv_skb(sk, clone)
}
/** ip_call_ra_chain(): sockets that have asked for such packets of their protocol (IP_ROUTER_ALERT) have them; true: one has. */
export function ip_call_ra_chain(net: net, skb: sk_buff): boolean {
  const dev = skb.dev as net_device
  const protocol = ip_protocol(skb)
  const takers = net.ipv4.ra_chain.filter((sk) => sk.inet_num === protocol && (!sk.sk_bound_dev_if || sk.sk_bound_dev_if === dev.ifindex))
  for (const sk of takers) deliver_raw(sk, skb)
  return takers.length > 0
}
/** What is for the daemon and not to be passed on: its own protocol's messages. True: it has had the packet. */
function daemon_takes(net: net, mrt: mr_table, skb: sk_buff): boolean {
  if (router_alert(skb, skb.network_header + ip_hdrlen(skb))) return ip_call_ra_chain(net, skb)
  if (ip_protocol(skb) !== IPPROTO_IGMP || mrt.mroute_sk === undefined) return false
  deliver_raw(mrt.mroute_sk, skb)
  return true
}
/** What rules see of a packet (ipmr_rt_fib_lookup). */
function flow_of(skb: sk_buff, dev: net_device, rt: rtable): flowi4 {
  const fl = new flowi4(0, rt.rt_is_input ? 0 : rt.dev.ifindex)
  fl.iif = rt.rt_is_input ? dev.ifindex : dev.nd_net.loopback_dev.ifindex
  fl.mark = skb.mark
  return fl
}
/** ip_mr_input(): on to other devices. `local`: it is for us as well, and the caller goes on with it. */
export function ip_mr_input(net: net, skb: sk_buff, local: boolean): void {
  const rt = skb.dst as rtable
  const given = skb.dev as net_device
  const dev = netif_is_l3_master(given) ? net.dev_index_head.get(inet_sdif(skb)) : given
  const mrt = dev === undefined || rt.mr_forwarded ? undefined : ipmr_fib_lookup(net, flow_of(skb, dev, rt))
  const gone = () => (local ? undefined : kfree_skb(skb))
  if (dev === undefined || mrt === undefined || isErrno(mrt)) return gone()
  if (!local && daemon_takes(net, mrt, skb)) return gone()
  const at = skb.network_header
  const [origin, group] = [skb.buf.slice(at + 12, at + 16), skb.buf.slice(at + 16, at + 20)]
  mr_input(mrt, dev, skb, origin, group, local)
}

/** A register message that carries a packet of a group: it comes in by the register device. */
function pim_register(net: net, skb: sk_buff): boolean {
  const { buf } = skb
  const at = skb.transport_header
  if (!pim_has_packet(skb, IP_HLEN)) return false
  if (ip_compute_csum(buf, at, PIM_HLEN) !== 0 && ip_compute_csum(buf, at, skb.tail - at) !== 0) return false
  const inner = at + PIM_HLEN
  const length = getBe16(buf, inner + 2)
  const group = ((buf[inner + 16] << 24) | (buf[inner + 17] << 16) | (buf[inner + 18] << 8) | buf[inner + 19]) >>> 0
  if (!ipv4_is_multicast(group) || length === 0 || inner + length > skb.tail) return false
  const fl = new flowi4(0)
  fl.iif = (skb.dev as net_device).ifindex
  fl.mark = skb.mark
  return pim_decapsulate(skb, ipmr_fib_lookup(net, fl), inner, ETH_P_IP)
}
export function pim_rcv(skb: sk_buff): number {
  if (!pim_register((skb.dev as net_device).nd_net, skb)) kfree_skb(skb)
  return 0
}
export const pim_protocol: net_protocol = { name: 'pim_protocol', handler: pim_rcv }
/** Called from ip_mr_init(). */
export function pim_init(net: net): void {
  inet_add_protocol(net, pim_protocol, IPPROTO_PIM)
}
