/** net/ipv4/arp.c arp_create(), net/ipv6/ndisc.c ndisc_ns_create(): frames that the bond sends by a slave, whatever its own addresses. */
import { putBe16, putBe32 } from '../../../lib/bytes.ts'
import type { net_device } from '../../../net/core/netdevice.ts'
import { dev_alloc_skb, type sk_buff, skb_put } from '../../../net/core/skbuff.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { ns_maddr } from './bond_ns_maddrs.ts'

function frame(dev: net_device, dest: Uint8Array, protocol: number, length: number): sk_buff {
  const skb = dev_alloc_skb(dev, ETH_HLEN + length)
  const at = skb_put(skb, ETH_HLEN + length)
  skb.buf.set(dest.subarray(0, ETH_ALEN), at)
  skb.buf.set(dev.dev_addr.subarray(0, ETH_ALEN), at + ETH_ALEN)
  putBe16(skb.buf, at + 2 * ETH_ALEN, protocol)
  skb.mac_header = at
  skb.network_header = at + ETH_HLEN
  skb.protocol = protocol
  return skb
}
/** `dest`: to whom the frame goes; `target`: whose address the packet names, zero when it is asked for. */
export function bond_arp_frame(
  dev: net_device,
  op: number,
  src_ip: number,
  dst_ip: number,
  dest: Uint8Array,
  target?: Uint8Array,
): sk_buff {
  const skb = frame(dev, dest, ETH_P_ARP, 28)
  const b = skb.buf
  const at = skb.network_header
  putBe16(b, at, 1)
  putBe16(b, at + 2, ETH_P_IP)
  b[at + 4] = ETH_ALEN
  b[at + 5] = 4
  putBe16(b, at + 6, op)
  b.set(dev.dev_addr.subarray(0, ETH_ALEN), at + 8)
  putBe32(b, at + 14, src_ip)
  if (target !== undefined) b.set(target.subarray(0, ETH_ALEN), at + 18)
  putBe32(b, at + 24, dst_ip)
  return skb
}

const IPV6_HEADER = 40
const ND_NEIGHBOR_SOLICIT = 135
const IPPROTO_ICMPV6 = 58
/** A solicitation for `target` to its solicited-node address; it says the sender's link address unless `saddr` is none. */
export function bond_ns_frame(dev: net_device, target: Uint8Array, saddr: Uint8Array): sk_buff {
  const known = saddr.some((byte) => byte !== 0)
  const length = 24 + (known ? 8 : 0)
  const skb = frame(dev, ns_maddr(target), ETH_P_IPV6, IPV6_HEADER + length)
  const b = skb.buf
  const at = skb.network_header
  b[at] = 0x60
  putBe16(b, at + 4, length)
  b[at + 6] = IPPROTO_ICMPV6
  b[at + 7] = 255
  b.set(saddr, at + 8)
  b.set([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, target[13], target[14], target[15]], at + 24)
  const icmp = at + IPV6_HEADER
  b[icmp] = ND_NEIGHBOR_SOLICIT
  b.set(target, icmp + 8)
  if (known) b.set([1, 1, ...dev.dev_addr.subarray(0, ETH_ALEN)], icmp + 24)
  putBe16(b, icmp + 2, icmpv6_sum(b, at, icmp, length))
  return skb
}
/** Of addresses, length and protocol, then of the message (RFC 4443 section 2.3). */
function icmpv6_sum(b: Uint8Array, ip: number, icmp: number, length: number): number {
  let sum = length + IPPROTO_ICMPV6
  for (let i = 0; i < 32; i += 2) sum += (b[ip + 8 + i] << 8) | b[ip + 9 + i]
  for (let i = 0; i < length; i += 2) sum += (b[icmp + i] << 8) | b[icmp + i + 1]
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
