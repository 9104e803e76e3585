/**
 * net/core/gso.c, net/ipv4/udp_offload.c __udp_gso_segment(): a packet that stands for several datagrams of one flow
 * (UDP_SEGMENT) becomes them where what is next takes no such packets.
 */
import { getBe16, getBe32, putBe16 } from '../../lib/bytes.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts'
import { IPPROTO_UDP } from '../../uapi/linux/in.ts'
import { csum_fold, csum_ipv6_magic, csum_partial, csum_tcpudp_magic } from './checksum.ts'
import { NETIF_F_GSO_UDP_L4 } from './netdev_features_bits.ts'
import type { net_device } from './netdevice.ts'
import { skb_copy_tx_timestamp } from './skb_tstamp.ts'
import { CHECKSUM_NONE, consume_skb, SKB_GSO_UDP_L4, type sk_buff, skb_clone, skb_set_head } from './skbuff.ts'

const UDP_HLEN = 8
const IPV6_HLEN = 40

/** Of UDP: what virtio_net.ts notes of streams is for those who look (PACKET_VNET_HDR). */
export function skb_is_udp_gso(skb: sk_buff): boolean {
  return skb.gso_size > 0 && (skb.gso_type & SKB_GSO_UDP_L4) !== 0
}
/** udp_send_skb(): a packet, its transport header known, that stands for datagrams of `gso_size` bytes each. */
export function skb_set_udp_gso(skb: sk_buff, gso_size: number): void {
  skb.gso_size = gso_size
  skb.gso_segs = Math.ceil((skb.tail - skb.transport_header - UDP_HLEN) / gso_size)
  skb.gso_type = SKB_GSO_UDP_L4
}
/** skb_gso_network_seglen(): bytes of the longest segment from its network header on. */
export function skb_gso_network_seglen(skb: sk_buff): number {
  return skb.transport_header - skb.network_header + UDP_HLEN + skb.gso_size
}
/** DIVERGES: of the devices that say so only lo has what it is given received whole; to others it goes in segments. */
export function dev_takes_udp_gso(dev: net_device): boolean {
  return (dev.flags & IFF_LOOPBACK) !== 0 && (dev.features & NETIF_F_GSO_UDP_L4) !== 0n
}

/**
 * ip_finish_output_gso(): by `whole` where all that the packet stands for would fit and the device takes such packets, else
 * piece by piece by `each`, whose last error is the answer.
 */
export function skb_gso_output(
  skb: sk_buff,
  dev: net_device,
  mtu: number,
  whole: (skb: sk_buff) => number | Errno,
  each: (seg: sk_buff) => number | Errno,
): number | Errno {
  if (skb_gso_network_seglen(skb) <= mtu && dev_takes_udp_gso(dev)) return whole(skb)
  let result: number | Errno = 0
  for (const seg of skb_gso_segment(skb)) {
    const error = each(seg)
    if (isErrno(error)) result = error
  }
  return result
}
/** The packet is let go; of its times only the first segment is told. */
export function skb_gso_segment(skb: sk_buff): sk_buff[] {
  const payload = skb.transport_header + UDP_HLEN
  const segments: sk_buff[] = []
  for (let at = payload; at < skb.tail; at += skb.gso_size) {
    const piece = skb.buf.subarray(at, Math.min(at + skb.gso_size, skb.tail))
    const seg = skb_clone(skb)
    skb_set_head(seg, new Uint8Array(payload + piece.length))
    seg.buf.set(skb.buf.subarray(0, payload))
    seg.buf.set(piece, payload)
    seg.tail = seg.buf.length
    seg.gso_size = seg.gso_segs = seg.gso_type = 0
    put_lengths(seg, segments.length)
    if (segments.length === 0) skb_copy_tx_timestamp(seg, skb)
    segments.push(seg)
  }
  consume_skb(skb)
  return segments
}
/** inet_gso_segment(), ipv6_gso_segment(): lengths, numbers and sums of the headers. */
function put_lengths(seg: sk_buff, index: number): void {
  const { buf, network_header: nh, transport_header: th } = seg
  const length = seg.tail - th
  putBe16(buf, th + 4, length)
  putBe16(buf, th + 6, 0)
  const sum = csum_partial(buf, th, length)
  if (buf[nh] >>> 4 === 4) {
    putBe16(buf, nh + 2, seg.tail - nh)
    putBe16(buf, nh + 4, (getBe16(buf, nh + 4) + index) & 0xffff)
    putBe16(buf, nh + 10, 0)
    putBe16(buf, nh + 10, csum_fold(csum_partial(buf, nh, (buf[nh] & 15) << 2)))
    putBe16(buf, th + 6, csum_tcpudp_magic(getBe32(buf, nh + 12), getBe32(buf, nh + 16), length, IPPROTO_UDP, sum) || 0xffff)
  } else {
    putBe16(buf, nh + 4, seg.tail - nh - IPV6_HLEN)
    const [saddr, daddr] = [buf.subarray(nh + 8, nh + 24), buf.subarray(nh + 24, nh + 40)]
    putBe16(buf, th + 6, csum_ipv6_magic(saddr, daddr, length, IPPROTO_UDP, sum) || 0xffff)
  }
  seg.ip_summed = CHECKSUM_NONE
}
