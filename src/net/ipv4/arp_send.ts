/** net/ipv4/arp.c arp_create, arp_send_dst: requests as frames (RFC 826). Nobody receives them yet. */
import { putBe16, putBe32 } from '../../lib/bytes.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ETH_P_ARP, ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { ARPOP_REQUEST } from '../../uapi/linux/if_arp.ts'
import { dev_lstats_add, netif_carrier_ok, netif_running } from '../core/dev.ts'
import type { net_device } from '../core/netdevice.ts'
import { dev_alloc_skb, type sk_buff, skb_put } from '../core/skbuff.ts'

/** Fixed part of the header, and two IPv4 addresses. */
const ARP_HEADER = 8
const IPV4_BYTES = 4

/** Who has `target`? Tell `source`; to all, or to the one that should have it. Undefined: the link has no header for it. */
export function arp_create(dev: net_device, source: number, target: number, dest?: Uint8Array): sk_buff | undefined {
  const { addr_len } = dev
  const length = ARP_HEADER + 2 * (addr_len + IPV4_BYTES)
  const skb = dev_alloc_skb(dev, length)
  const at = skb_put(skb, length)
  const b = skb.buf
  putBe16(b, at, dev.type)
  putBe16(b, at + 2, ETH_P_IP)
  b[at + 4] = addr_len
  b[at + 5] = IPV4_BYTES
  putBe16(b, at + 6, ARPOP_REQUEST)
  const sender = at + ARP_HEADER
  b.set(dev.dev_addr.subarray(0, addr_len), sender)
  putBe32(b, sender + addr_len, source)
  // the target's own link address stays zero: it is what is asked for
  putBe32(b, sender + 2 * addr_len + IPV4_BYTES, target)
  skb.protocol = ETH_P_ARP
  const header = dev.header_ops?.create?.(skb, dev, ETH_P_ARP, dest ?? dev.broadcast, dev.dev_addr, length)
  return header === undefined || header < 0 ? undefined : skb
}

/** A driver that sends takes the frame; one that does not yet counts it. */
export function arp_send(dev: net_device, source: number, target: number, dest?: Uint8Array): void {
  if (dev.flags & IFF_NOARP || !netif_running(dev) || !netif_carrier_ok(dev)) return
  const skb = arp_create(dev, source, target, dest)
  if (skb === undefined) return
  const { ndo_start_xmit } = dev.netdev_ops
  if (ndo_start_xmit !== undefined) ndo_start_xmit(skb, dev)
  else dev_lstats_add(dev, skb.len)
}
