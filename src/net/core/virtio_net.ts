/** include/linux/virtio_net.h: the header in which a program and the kernel tell each other of offloads (PACKET_VNET_HDR, /dev/tapN). */
import { get16, put16 } from '../../lib/bytes.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../uapi/linux/if_ether.ts'
import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_DODGY,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  SKB_GSO_TCPV6,
  SKB_GSO_UDP_L4,
  type sk_buff,
} from './skbuff.ts'

export const VIRTIO_NET_HDR_SIZE = 10
export const VIRTIO_NET_HDR_MRG_SIZE = 12
const F_NEEDS_CSUM = 1
const F_DATA_VALID = 2
const GSO_NONE = 0
const GSO_TCPV4 = 1
const GSO_UDP = 3
const GSO_TCPV6 = 4
const GSO_UDP_L4 = 5
const GSO_ECN = 0x80

/** struct virtio_net_hdr */
export interface virtio_net_hdr {
  flags: number
  gso_type: number
  hdr_len: number
  gso_size: number
  csum_start: number
  csum_offset: number
}
/** packet_snd_vnet_parse(), tap_get_user(): the header before a frame. */
export function virtio_net_hdr_parse(data: Uint8Array, size: number): virtio_net_hdr | Errno {
  if (data.length < size) return EINVAL
  const [flags, gso_type] = [data[0], data[1]]
  const h = { flags, gso_type, hdr_len: get16(data, 2), gso_size: get16(data, 4), csum_start: get16(data, 6), csum_offset: get16(data, 8) }
  if (flags & F_NEEDS_CSUM && h.csum_start + h.csum_offset + 2 > h.hdr_len) h.hdr_len = h.csum_start + h.csum_offset + 2
  return h.hdr_len > data.length - size ? EINVAL : h
}
function gso_of(type: number): number | undefined {
  switch (type & ~GSO_ECN) {
    case GSO_TCPV4:
      return SKB_GSO_TCPV4
    case GSO_TCPV6:
      return SKB_GSO_TCPV6
    case GSO_UDP_L4:
      return SKB_GSO_UDP_L4
    default:
      return undefined
  }
}
/**
 * UFO: a datagram that is no longer than its fragments may be is not one of several. Without a checksum to be made the
 * header must be known by the frame itself. DIVERGES: longer ones are refused, nothing makes fragments of them.
 */
function fits_fragment(skb: sk_buff, { flags, gso_size }: virtio_net_hdr): Errno | undefined {
  const known = flags & F_NEEDS_CSUM || skb.protocol === ETH_P_IP || skb.protocol === ETH_P_IPV6
  if (!known || gso_size === 0) return EINVAL
  const payload = skb.tail - (flags & F_NEEDS_CSUM ? skb.csum_start : skb.network_header + 20)
  if (payload <= gso_size) return undefined
  skb.dev?.nd_net.kernel.unsupported.count('virtio_net_hdr', 'UFO')
  return EINVAL
}
/** virtio_net_hdr_to_skb(); `data` stands on the frame. */
export function virtio_net_hdr_to_skb(skb: sk_buff, h: virtio_net_hdr): Errno | undefined {
  if (h.flags & F_NEEDS_CSUM) {
    if (h.csum_start + h.csum_offset + 2 > skb.len) return EINVAL
    skb.ip_summed = CHECKSUM_PARTIAL
    skb.csum_start = skb.data + h.csum_start
    skb.csum_offset = h.csum_offset
    skb.transport_header = skb.csum_start
  }
  if (h.gso_type === GSO_NONE) return undefined
  if (h.gso_type === GSO_UDP) return fits_fragment(skb, h)
  const type = gso_of(h.gso_type)
  if (type === undefined || h.gso_size === 0) return EINVAL
  skb.gso_type = type | SKB_GSO_DODGY | (h.gso_type & GSO_ECN ? SKB_GSO_TCP_ECN : 0)
  skb.gso_size = h.gso_size
  return undefined
}
/** What a reader is told, in so many bytes. */
export function virtio_net_hdr_from_skb(skb: sk_buff, size: number): Uint8Array | Errno {
  const b = new Uint8Array(size)
  if (skb.gso_size > 0) {
    const type = skb.gso_type & SKB_GSO_TCPV4 ? GSO_TCPV4 : skb.gso_type & SKB_GSO_TCPV6 ? GSO_TCPV6 : GSO_UDP_L4
    b[1] = type | (skb.gso_type & SKB_GSO_TCP_ECN ? GSO_ECN : 0)
    put16(b, 2, skb.len)
    put16(b, 4, skb.gso_size)
  }
  if (skb.ip_summed === CHECKSUM_PARTIAL) {
    b[0] = F_NEEDS_CSUM
    put16(b, 6, skb.csum_start - skb.data)
    put16(b, 8, skb.csum_offset)
  } else if (skb.ip_summed === CHECKSUM_UNNECESSARY) b[0] = F_DATA_VALID
  return b
}
