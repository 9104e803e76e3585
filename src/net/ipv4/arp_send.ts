/** net/ipv4/arp.c arp_create, arp_send_dst: questions and answers as frames (RFC 826). */
import { putBe16, putBe32 } from '../../lib/bytes.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPOP_REQUEST } from '../../uapi/linux/if_arp.ts'
import { ETH_P_ARP, ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import type { net_device } from '../core/netdevice.ts'
import { alloc_skb, LL_RESERVED_SPACE, type sk_buff, skb_put, skb_reserve } from '../core/skbuff.ts'

/** Fixed part of the header, and two IPv4 addresses. */
const ARP_HEADER = 8
const IPV4_BYTES = 4

/**
 * Who has `target`? Tell `source`; to all, or to `dest`. `target_hw`: the target's own link address, where it is known; an
 * answer says it. Undefined: the link has no header for it.
 */
export function arp_create(
  dev: net_device,
  source: number,
  target: number,
  dest?: Uint8Array,
  op = ARPOP_REQUEST,
  target_hw?: Uint8Array,
): sk_buff | undefined {
  const { addr_len } = dev
  const length = ARP_HEADER + 2 * (addr_len + IPV4_BYTES)
  const skb = alloc_skb(LL_RESERVED_SPACE(dev) + length)
  skb_reserve(skb, LL_RESERVED_SPACE(dev))
  skb.dev = dev
  const at = skb_put(skb, length)
  const b = skb.buf
  skb.network_header = at
  putBe16(b, at, dev.type)
  putBe16(b, at + 2, ETH_P_IP)
  b[at + 4] = addr_len
  b[at + 5] = IPV4_BYTES
  putBe16(b, at + 6, op)
  const sender = at + ARP_HEADER
  b.set(dev.dev_addr.subarray(0, addr_len), sender)
  putBe32(b, sender + addr_len, source)
  // zero unless known: it is what is asked for
  if (target_hw !== undefined) b.set(target_hw.subarray(0, addr_len), sender + addr_len + IPV4_BYTES)
  putBe32(b, sender + 2 * addr_len + IPV4_BYTES, target)
  skb.protocol = ETH_P_ARP
  const header = dev.header_ops?.create?.(skb, dev, ETH_P_ARP, dest ?? dev.broadcast, dev.dev_addr, length)
  return header === undefined || header < 0 ? undefined : skb
}

export function arp_send(dev: net_device, source: number, target: number, dest?: Uint8Array, op?: number, target_hw?: Uint8Array): void {
  if (dev.flags & IFF_NOARP) return
  const skb = arp_create(dev, source, target, dest, op, target_hw)
  if (skb !== undefined) dev_queue_xmit(skb)
}
