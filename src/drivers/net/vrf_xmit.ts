/**
 * drivers/net/vrf.c vrf_l3_rcv, vrf_xmit. A packet that comes in by a port is the VRF's from IP's input on, as if it had
 * come in there; some keep their port, because what they mean belongs to that link:
 *
 *   packet                                       | becomes the VRF's | counted, seen by taps
 *   IPv4 unicast                                 | yes               | yes
 *   IPv4 multicast, or looped back               | yes               | no
 *   IPv6 neighbour discovery                     | no                | no
 *   IPv6 to a link-local or multicast address,   | yes               | no
 *     or looped back                             |                   |
 *   other IPv6                                   | yes               | yes
 */
import { getBe32, putBe16 } from '../../lib/bytes.ts'
import {
  dev_queue_xmit_nit,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  dev_tstats,
  NET_RX_SUCCESS,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  netif_rx,
} from '../../net/core/dev.ts'
import type { inet_ops } from '../../net/core/inet_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import {
  kfree_skb,
  LL_RESERVED_SPACE,
  PACKET_HOST,
  PACKET_LOOPBACK,
  type sk_buff,
  skb_cow,
  skb_dst_drop,
  skb_orphan,
  skb_pull,
  skb_push,
  skb_reset_mac_header,
} from '../../net/core/skbuff.ts'
import { eth_type_trans } from '../../net/ethernet/eth.ts'
import type { rtable } from '../../net/ipv4/route.ts'
import type { rt6_info } from '../../net/ipv6/route.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'

const RT6_LOOKUP_F_IFACE = 1
const RT6_LOOKUP_F_HAS_SADDR = 4

const IPPROTO_ICMPV6 = 58
const IPV6_HEADER = 40
const NDISC_ROUTER_SOLICITATION = 133
const NDISC_REDIRECT = 137

/** `data` stands on the network header. */
export function vrf_l3_rcv(vrf_dev: net_device, skb: sk_buff, proto: number): sk_buff | undefined {
  return proto === AF_INET6 ? vrf_ip6_rcv(vrf_dev, skb) : vrf_ip_rcv(vrf_dev, skb)
}
/** IPv4 notes the port for sockets that are bound to it (IPCB(skb)->iif); IPv6 has done so by now. */
function becomes(vrf_dev: net_device, skb: sk_buff): sk_buff {
  skb.dev = vrf_dev
  skb.skb_iif = vrf_dev.ifindex
  return skb
}
/** A header for taps. */
function push_mac_header(vrf_dev: net_device, skb: sk_buff, to: Uint8Array): void {
  skb_cow(skb, LL_RESERVED_SPACE(vrf_dev))
  const at = skb_push(skb, ETH_HLEN)
  skb.buf.set(to, at)
  skb.buf.set(vrf_dev.dev_addr.subarray(0, ETH_ALEN), at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, skb.protocol)
}
/** vrf_prepare_mac_header(): from the VRF to itself, for a packet that came in no frame. */
function add_mac_header(vrf_dev: net_device, skb: sk_buff): void {
  push_mac_header(vrf_dev, skb, vrf_dev.dev_addr.subarray(0, ETH_ALEN))
  skb_reset_mac_header(skb)
  skb.mac_len = ETH_HLEN
  skb.pkt_type = PACKET_HOST
  skb_pull(skb, ETH_HLEN)
}
/** vrf_rx_stats(). Where a tap watches the VRF all taps see the packet again, as one that goes out. */
function received(vrf_dev: net_device, skb: sk_buff): sk_buff {
  const { kernel } = vrf_dev.nd_net
  dev_sw_netstats_rx_add(vrf_dev, skb.len)
  if (kernel.netdev.ptypes.all.some((pt) => pt.dev === vrf_dev)) {
    if (skb.mac_header < 0) add_mac_header(vrf_dev, skb)
    skb.data -= skb.mac_len
    dev_queue_xmit_nit(kernel, skb, vrf_dev)
    skb.data += skb.mac_len
  }
  return skb
}

function vrf_ip_rcv(vrf_dev: net_device, skb: sk_buff): sk_buff {
  skb.cb = { iif: skb.dev?.ifindex ?? 0 }
  becomes(vrf_dev, skb)
  if ((skb.buf[skb.data + 16] & 0xf0) === 0xe0) return skb
  // taps have seen it when it was sent
  if (skb.pkt_type !== PACKET_LOOPBACK) return received(vrf_dev, skb)
  skb.pkt_type = PACKET_HOST
  return skb
}

/** rt6_need_strict(): the address means something on one link only. */
function need_strict(skb: sk_buff): boolean {
  const at = skb.data + 24
  const [first, second] = [skb.buf[at], skb.buf[at + 1]]
  return first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80)
}
function ndisc_frame(skb: sk_buff): boolean {
  const type = skb.buf[skb.data + IPV6_HEADER]
  return skb.buf[skb.data + 6] === IPPROTO_ICMPV6 && type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT
}
function vrf_ip6_rcv(vrf_dev: net_device, skb: sk_buff): sk_buff {
  const is_ndisc = ndisc_frame(skb)
  const looped = skb.pkt_type === PACKET_LOOPBACK
  if (looped || (need_strict(skb) && !is_ndisc)) {
    if (looped) skb.pkt_type = PACKET_HOST
    else if (skb.dev !== undefined) ip6_input_dst(skb, skb.dev)
    return becomes(vrf_dev, skb)
  }
  return is_ndisc ? skb : received(vrf_dev, becomes(vrf_dev, skb))
}

/** rt6_need_strict() packets have their route from the port that they came in by (vrf_ip6_input_dst). */
function ip6_input_dst(skb: sk_buff, port: net_device): void {
  const { nd_net: net } = port
  const ops = net.kernel.inet_ops
  if (ops === undefined) return
  const at = skb.data
  const fl6 = new ops.flowi6(skb.buf.slice(at + 24, at + 40), skb.buf.slice(at + 8, at + 24))
  fl6.flowi_iif = port.ifindex
  fl6.flowlabel = getBe32(skb.buf, at) & 0xfffffff
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = skb.buf[at + 6]
  const rt = ops.ip6_route_input_lookup(net, fl6, RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_IFACE)
  if (!isErrno(rt)) skb.dst = rt
}

/** vrf_finish_direct(): what leaves by a port is seen by taps on the VRF, with a header whose destination is empty. */
export function vrf_l3_out(vrf_dev: net_device, skb: sk_buff): void {
  const { kernel } = vrf_dev.nd_net
  if (!kernel.netdev.ptypes.all.some((pt) => pt.dev === vrf_dev)) return
  push_mac_header(vrf_dev, skb, new Uint8Array(ETH_ALEN))
  dev_queue_xmit_nit(kernel, skb, vrf_dev)
  skb_pull(skb, ETH_HLEN)
}

/** The VRF's own table, whatever the source is (FLOWI_FLAG_ANYSRC): a device as the way out means just that. */
function route4(net: net, ops: inet_ops, skb: sk_buff, at: number, dev: net_device): rtable | Errno {
  const { buf } = skb
  const fl = new ops.flowi4(getBe32(buf, at + 16), dev.ifindex)
  fl.saddr = getBe32(buf, at + 12)
  fl.tos = buf[at + 1] & 0xfc
  fl.proto = buf[at + 9]
  return ops.ip_route_output_key(net, fl)
}
function route6(net: net, ops: inet_ops, skb: sk_buff, at: number, dev: net_device): rt6_info | Errno {
  const { buf } = skb
  const fl6 = new ops.flowi6(buf.slice(at + 24, at + 40), buf.slice(at + 8, at + 24))
  fl6.flowi_l3mdev = dev.ifindex
  fl6.flowlabel = getBe32(buf, at) & 0xfffffff
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = buf[at + 6]
  return ops.ip6_dst_lookup(net, fl6)
}
/** vrf_local_xmit(): the VRF has the address itself: the packet comes back up. Taps have seen it already. */
function vrf_local_xmit(skb: sk_buff, dev: net_device, rt: unknown): void {
  const { len } = skb
  skb_orphan(skb)
  skb.protocol = eth_type_trans(skb, dev)
  skb.pkt_type = PACKET_LOOPBACK
  skb.dst = rt
  if (netif_rx(skb) === NET_RX_SUCCESS) dev_sw_netstats_rx_add(dev, len)
  else dev_tstats(dev).rx_dropped++
}
/** vrf_process_v4_outbound(), vrf_process_v6_outbound(): by the VRF's own table, to a port, or back up. False: no way. */
function process_outbound(skb: sk_buff, dev: net_device): boolean {
  const { nd_net: net } = dev
  const ops = net.kernel.inet_ops
  const at = skb.data + ETH_HLEN
  const v6 = skb.protocol === ETH_P_IPV6
  if (ops === undefined || (!v6 && skb.protocol !== ETH_P_IP) || skb.tail - at < (v6 ? IPV6_HEADER : 20)) return false
  const rt = v6 ? route6(net, ops, skb, at, dev) : route4(net, ops, skb, at, dev)
  if (isErrno(rt)) return false
  skb_dst_drop(skb)
  if (rt.dev === dev) {
    vrf_local_xmit(skb, dev, rt)
    return true
  }
  // the header was only there to pass through the VRF
  skb_pull(skb, ETH_HLEN)
  skb.network_header = skb.data
  skb.dst = rt
  const sent = v6 ? ops.ip6_local_out(net, skb) : ops.ip_local_out(net, skb)
  return !isErrno(sent) && (sent === NET_XMIT_SUCCESS || sent === NET_XMIT_CN)
}
/** What is sent on the VRF itself, or led into it by a route of another table. */
export function vrf_xmit(skb: sk_buff, dev: net_device): number {
  const { len } = skb
  if (process_outbound(skb, dev)) {
    dev_sw_netstats_tx_add(dev, 1, len)
    return NET_XMIT_SUCCESS
  }
  // Linux counts an error too, which vrf_get_stats64() does not show
  dev_tstats(dev).tx_dropped++
  kfree_skb(skb)
  return NET_XMIT_DROP
}
