/** net/ipv4/igmp.c igmp_rcv: queriers, and what other hosts report (RFC 3376 4.1, 5.2). */
import { HZ } from '../../kernel/time.ts'
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { IPPROTO_IGMP } from '../../uapi/linux/in.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import type { net_device } from '../core/netdevice.ts'
import type { net } from '../core/net_namespace.ts'
import { consume_skb, kfree_skb, PACKET_BROADCAST, PACKET_MULTICAST, type sk_buff } from '../core/skbuff.ts'
import {
  igmp_forget_v3,
  igmp_gq_start_timer,
  igmp_group_queried,
  igmp_of,
  igmp_stop_timer,
  igmp_v1_seen,
  igmp_v2_seen,
} from './igmp_report.ts'
import { IGMP_HOST_MEMBERSHIP_QUERY, IGMP_HOST_MEMBERSHIP_REPORT, IGMPV2_HOST_MEMBERSHIP_REPORT } from './igmp_send.ts'
import type { in_device } from './in_device.ts'
import { inet_add_protocol, type net_protocol } from './ip_input.ts'

const HEADER = 8
const V3_QUERY = 12
/** Tenths of a second. */
const UNIT = HZ / 10

/** From 128 on a floating-point number (RFC 3376 4.1.1). */
function igmpv3_code(value: number): number {
  return value < 0x80 ? value : ((value & 0xf) | 0x10) << (((value >> 4) & 7) + 3)
}
/** Jiffies to answer in, the group asked for (0: all), and which of its sources. */
interface asked {
  delay: number
  group: number
  sources: Uint8Array[]
}
/** Undefined: it cannot be a query; `later`: each group in its turn (igmp_gq_start_timer). */
function igmp_heard_query(in_dev: in_device, skb: sk_buff, len: number): asked | 'later' | undefined {
  const at = skb.transport_header
  const code = skb.buf[at + 1]
  const group = getBe32(skb.buf, at + 4)
  const igmp = igmp_of(in_dev)
  const until = in_dev.dev.nd_net.kernel.jiffies() + igmp.mr_qrv * igmp.mr_qi + igmp.mr_qri
  if (len === HEADER) {
    if (code === 0) igmp.mr_v1_seen = until
    else igmp.mr_v2_seen = until
    igmp_forget_v3(in_dev)
    return code === 0 ? { delay: 10 * HZ, group: 0, sources: [] } : { delay: Math.floor(code * UNIT), group, sources: [] }
  }
  if (len < V3_QUERY) return undefined
  if (igmp_v1_seen(in_dev)) return { delay: 10 * HZ, group: 0, sources: [] }
  if (igmp_v2_seen(in_dev)) return { delay: Math.max(1, Math.floor(code * UNIT)), group, sources: [] }
  const count = getBe16(skb.buf, at + 10)
  if (len < V3_QUERY + 4 * count) return undefined
  const delay = Math.max(1, Math.floor(igmpv3_code(code) * UNIT))
  igmp.mr_maxdelay = delay
  const qrv = skb.buf[at + 8] & 7
  igmp.mr_qrv = qrv || in_dev.dev.nd_net.ipv4.sysctl_igmp_qrv
  igmp.mr_qi = igmpv3_code(skb.buf[at + 9]) * HZ || 125 * HZ
  // RFC 3376 8.3: an answer is due before the next query
  if (igmp.mr_qri >= igmp.mr_qi) igmp.mr_qri = (Math.floor(igmp.mr_qi / HZ) - 1) * HZ
  if (group !== 0) {
    const first = at + V3_QUERY
    return { delay, group, sources: Array.from({ length: count }, (_, i) => skb.buf.slice(first + 4 * i, first + 4 * i + 4)) }
  }
  if (count !== 0) return undefined
  igmp_gq_start_timer(in_dev)
  return 'later'
}

export function igmp_rcv(skb: sk_buff): number {
  if (igmp_heard(skb)) consume_skb(skb)
  else kfree_skb(skb)
  return 0
}
/** False: nothing came of it. */
function igmp_heard(skb: sk_buff): boolean {
  const in_dev = (skb.dev as net_device).ip_ptr
  const at = skb.transport_header
  const len = skb.tail - at
  if (in_dev === undefined || len < HEADER || ip_compute_csum(skb.buf, at, len) !== 0) return false
  const { pkt_type } = skb
  switch (skb.buf[at]) {
    case IGMP_HOST_MEMBERSHIP_QUERY: {
      const asked = igmp_heard_query(in_dev, skb, len)
      if (asked === undefined) return false
      if (asked !== 'later') tell_groups(in_dev, asked)
      return true
    }
    case IGMP_HOST_MEMBERSHIP_REPORT:
    case IGMPV2_HOST_MEMBERSHIP_REPORT: {
      // our own comes back over loopback
      if (pkt_type !== PACKET_MULTICAST && pkt_type !== PACKET_BROADCAST) return false
      const im = in_dev.mc_list.get(getBe32(skb.buf, at + 4))
      if (im !== undefined) igmp_stop_timer(im)
      return true
    }
    default:
      return false
  }
}
function tell_groups(in_dev: in_device, { group, delay, sources }: asked): void {
  for (const im of in_dev.mc_list.values()) {
    if (group === 0 || im.multiaddr === group) igmp_group_queried(in_dev, im, delay, sources)
  }
}
export const igmp_protocol: net_protocol = { name: 'igmp_protocol', handler: igmp_rcv }

/** Called from inet_init(). */
export function igmp_init(net: net): void {
  inet_add_protocol(net, igmp_protocol, IPPROTO_IGMP)
}
