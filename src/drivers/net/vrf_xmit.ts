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
import { dev_queue_xmit_nit, dev_sw_netstats_rx_add, dev_tstats, NET_XMIT_DROP } from '../../net/core/dev.ts'
import type { net_device } from '../../net/core/netdevice.ts'
import { kfree_skb, PACKET_HOST, PACKET_LOOPBACK, type sk_buff } from '../../net/core/skbuff.ts'
import { AF_INET6 } from '../../uapi/linux/socket.ts'

const IPPROTO_ICMPV6 = 58
const IPV6_HEADER = 40
const NDISC_ROUTER_SOLICITATION = 133
const NDISC_REDIRECT = 137

/** `data` stands on the network header. */
export function vrf_l3_rcv(vrf_dev: net_device, skb: sk_buff, proto: number): sk_buff | undefined {
  return proto === AF_INET6 ? vrf_ip6_rcv(vrf_dev, skb) : vrf_ip_rcv(vrf_dev, skb)
}
function becomes(vrf_dev: net_device, skb: sk_buff): sk_buff {
  skb.dev = vrf_dev
  skb.skb_iif = vrf_dev.ifindex
  return skb
}
/** vrf_rx_stats(). Where a tap watches the VRF all taps see the packet again, as one that goes out. */
function received(vrf_dev: net_device, skb: sk_buff): sk_buff {
  const { kernel } = vrf_dev.nd_net
  dev_sw_netstats_rx_add(vrf_dev, skb.len)
  if (kernel.netdev.ptypes.all.some((pt) => pt.dev === vrf_dev)) {
    skb.data -= skb.mac_len
    dev_queue_xmit_nit(kernel, skb, vrf_dev)
    skb.data += skb.mac_len
  }
  return skb
}

function vrf_ip_rcv(vrf_dev: net_device, skb: sk_buff): sk_buff {
  becomes(vrf_dev, skb)
  const multicast = (skb.buf[skb.data + 16] & 0xf0) === 0xe0
  return multicast || skb.pkt_type === PACKET_LOOPBACK ? skb : received(vrf_dev, skb)
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
    return becomes(vrf_dev, skb)
  }
  return is_ndisc ? skb : received(vrf_dev, becomes(vrf_dev, skb))
}

/** Only what is sent on the VRF itself comes here: packets through its ports go straight to them. */
export function vrf_xmit(skb: sk_buff, dev: net_device): number {
  dev.nd_net.kernel.unsupported.count('vrf', 'packets sent on the device itself')
  dev_tstats(dev).tx_dropped++
  kfree_skb(skb)
  return NET_XMIT_DROP
}
