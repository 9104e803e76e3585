/** Frames for tests, and a protocol that keeps what it is given. */
import { putBe16, unhex } from '../../../src/lib/bytes.ts'
import { dev_add_pack, packet_type } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { dev_alloc_skb, type sk_buff, skb_bytes, skb_put } from '../../../src/net/core/skbuff.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'

export const ETH_P_TEST = 0x88b5

export const mac = (text: string) => unhex(text.replaceAll(':', ''))

/** An Ethernet frame of `length` bytes with its header. */
export function frame(dev: net_device, dest: Uint8Array, { length = 64, proto = ETH_P_TEST, src = dev.dev_addr } = {}): sk_buff {
  const skb = dev_alloc_skb(dev, length)
  const at = skb_put(skb, length)
  skb.buf.set(dest.subarray(0, 6), at)
  skb.buf.set(src.subarray(0, 6), at + 6)
  putBe16(skb.buf, at + 12, proto)
  for (let i = 14; i < length; i++) skb.buf[at + i] = i
  skb.protocol = proto
  skb.network_header = at + 14
  return skb
}

/** What came in, as `device<orig type length`; and the packets themselves. */
export class Heard {
  lines: string[] = []
  skbs: sk_buff[] = []
}
export function heard(skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device): number {
  const log = pt.af_packet_priv as Heard
  const via = orig_dev === dev ? '' : `<${orig_dev.name}`
  log.lines.push(`${dev.name}${via} ${skb.pkt_type} ${skb_bytes(skb).length}`)
  log.skbs.push(skb)
  return 0
}
/** Packets of ETH_P_TEST (or another protocol) of the kernel, or of one device. */
export function listen(kernel: Kernel, dev?: net_device, proto = ETH_P_TEST): Heard {
  const log = new Heard()
  dev_add_pack(kernel, new packet_type(proto, heard, dev, undefined, log))
  return log
}
