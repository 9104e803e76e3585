/** net/ipv4/route.c __ip_rt_update_pmtu: a router on the path takes only smaller packets (RFC 1191). */
import { getBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IP_MTU_DISCOVER, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_WANT } from '../../uapi/linux/in.ts'
import { IFF_BRIDGE_PORT } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import type { sk_buff } from '../core/skbuff.ts'
import { fib_lookup, fib_result, flowi4 } from './fib_lookup.ts'
import { fib_info_nhc, fib_info_num_path } from './fib_semantics.ts'
import type { inet_sock } from './inet_sock.ts'
import { ip_dst_mtu, ip_mtu_locked } from './ip_output.ts'
import { fib_select_path, ip_route_output_key, type rtable } from './route.ts'
import { update_or_create_fnhe } from './route_exception.ts'

/** Packets of `fl`, which go by `rt`, are no larger for a while; what is larger than known is no news. */
function __ip_rt_update_pmtu(net: net, rt: rtable, fl: flowi4, said: number): void {
  if (ip_mtu_locked(rt)) return
  const old_mtu = ip_dst_mtu(net, rt)
  if (old_mtu < said) return
  const { ip_rt_min_pmtu, ip_rt_mtu_expires } = net.ipv4
  const lock = said < ip_rt_min_pmtu
  const pmtu = lock ? Math.min(old_mtu, ip_rt_min_pmtu) : said
  const now = net.kernel.jiffies()
  const { fnhe } = rt
  if (fnhe?.fnhe_pmtu === pmtu && !lock && now < fnhe.fnhe_expires - ip_rt_mtu_expires / 2) return
  const res = new fib_result()
  if (isErrno(fib_lookup(net, fl, res, 0))) return
  fib_select_path(net, fl, res)
  const news = { gw: 0, pmtu, lock, expires: now + ip_rt_mtu_expires }
  const { fi, nh } = res
  const paths = fi === undefined ? 0 : fib_info_num_path(fi)
  if (fi === undefined || paths < 2) {
    if (nh !== undefined) update_or_create_fnhe(net, nh, fl.daddr, news)
    return
  }
  // whichever hop the next packet takes
  for (let i = 0; i < paths; i++) {
    const nhc = fib_info_nhc(fi, i)
    if (nhc !== undefined) update_or_create_fnhe(net, nhc, fl.daddr, news)
  }
}
/** ip_rt_update_pmtu(): by a packet that is on its way along `rt` (dst_ops.update_pmtu). */
export function ip_rt_update_pmtu(net: net, rt: rtable, skb: sk_buff, mtu: number): void {
  const { dev } = skb
  const fl = new flowi4(rt.daddr, dev === undefined || dev.priv_flags & IFF_BRIDGE_PORT ? 0 : dev.ifindex)
  fl.saddr = rt.saddr
  fl.mark = skb.mark
  __ip_rt_update_pmtu(net, rt, fl, mtu)
}
/** The flow of the packet at `inner`, which an error is about; `sk`: whose it is. */
export function flow_of_error(skb: sk_buff, inner: number, oif: number, sk?: inet_sock): flowi4 {
  const { buf } = skb
  const fl = new flowi4(getBe32(buf, inner + 16), oif || (sk?.sk_bound_dev_if ?? 0))
  fl.saddr = getBe32(buf, inner + 12)
  fl.tos = buf[inner + 1] & 0xfc
  fl.proto = buf[inner + 9]
  fl.mark = sk?.sk_mark ?? 0
  fl.uid = sk?.sk_uid ?? 0
  return fl
}
/** ipv4_update_pmtu(): by an error about the packet at `inner`; `oif`: the device by which it went, where that is given. */
export function ipv4_update_pmtu(net: net, skb: sk_buff, inner: number, mtu: number, oif: number): void {
  update(net, flow_of_error(skb, inner, oif), mtu)
}
/** ipv4_sk_update_pmtu(): the packet was a socket's, which may look to its device alone (IP_PMTUDISC_INTERFACE, _OMIT). */
export function ipv4_sk_update_pmtu(sk: inet_sock, skb: sk_buff, inner: number, mtu: number): void {
  if ((sk.options.get(IP_MTU_DISCOVER) ?? IP_PMTUDISC_WANT) >= IP_PMTUDISC_INTERFACE) return
  update(sk.sk_net, flow_of_error(skb, inner, 0, sk), mtu)
}
function update(net: net, fl: flowi4, mtu: number): void {
  const rt = ip_route_output_key(net, fl)
  if (!isErrno(rt)) __ip_rt_update_pmtu(net, rt, fl, mtu)
}
