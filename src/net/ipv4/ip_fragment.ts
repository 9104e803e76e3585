/** net/ipv4/ip_fragment.c ip_defrag: pieces of a packet become whole (RFC 815). */
import { getBe16, putBe16 } from '../../lib/bytes.ts'
import { ICMP_EXC_FRAGTIME, ICMP_TIME_EXCEEDED } from '../../uapi/linux/icmp.ts'
import { IPSTATS_MIB_REASMFAILS, IPSTATS_MIB_REASMOKS, IPSTATS_MIB_REASMREQDS, IPSTATS_MIB_REASMTIMEOUT } from '../../uapi/linux/snmp.ts'
import { l3mdev_master_ifindex } from '../core/l3mdev.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_headroom } from '../core/skbuff.ts'
import { icmp_send } from './icmp_send.ts'
import { inet_frag_add, inet_frag_find, type inet_frag_queue, inet_frags } from './inet_fragment.ts'
import { IP_MF, IP_OFFSET, ip_daddr, ip_frag_off, ip_hdrlen, ip_protocol, ip_saddr, ip_send_check } from './ip_hdr.ts'
import { IP_INC_STATS } from './ip_stats.ts'

/** Not all pieces came in time: the sender of the first one hears of it. */
export function ip_expire(fq: inet_frag_queue): void {
  IP_INC_STATS(fq.table.net, IPSTATS_MIB_REASMFAILS)
  IP_INC_STATS(fq.table.net, IPSTATS_MIB_REASMTIMEOUT)
  if (fq.head !== undefined) icmp_send(fq.head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0)
}

/** True: `skb` is the whole packet now. Otherwise it is kept, or gone. */
export function ip_defrag(net: net, skb: sk_buff): boolean {
  net.ipv4.frags ??= new inet_frags(net, net.ipv4.frag_limits, ip_expire)
  IP_INC_STATS(net, IPSTATS_MIB_REASMREQDS)
  const hlen = ip_hdrlen(skb)
  const bits = ip_frag_off(skb)
  const more = (bits & IP_MF) !== 0
  const data = skb.buf.subarray(skb.network_header + hlen, skb.tail)
  const id = getBe16(skb.buf, skb.network_header + 4)
  // a packet that comes in by a VRF's port is the VRF's: it has nothing to do with others
  const vif = l3mdev_master_ifindex(skb.dev as net_device)
  const fq = inet_frag_find(net.ipv4.frags, `${ip_saddr(skb)} ${ip_daddr(skb)} ${id} ${ip_protocol(skb)} ${vif}`)
  const odd = more && (data.length & 7) !== 0
  const whole = fq === undefined || odd ? false : inet_frag_add(fq, skb, (bits & IP_OFFSET) << 3, data, more)
  if (whole === false || (whole !== undefined && whole.length + hlen > 0xffff)) {
    IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS)
    kfree_skb(skb)
    return false
  }
  if (whole === undefined) return false
  put_together(skb, fq?.head as sk_buff, whole)
  IP_INC_STATS(net, IPSTATS_MIB_REASMOKS)
  return true
}
/** The last piece to come becomes the whole, with the first one's header. */
function put_together(skb: sk_buff, head: sk_buff, whole: Uint8Array): void {
  const header = head.buf.slice(head.network_header, head.network_header + ip_hdrlen(head))
  const link = skb.mac_header < 0 ? 0 : skb.network_header - skb.mac_header
  const room = Math.max(skb_headroom(skb), link)
  const buf = new Uint8Array(room + header.length + whole.length)
  if (link > 0) buf.set(skb.buf.subarray(skb.mac_header, skb.network_header), room - link)
  buf.set(header, room)
  buf.set(whole, room + header.length)
  skb.buf = buf
  skb.cloned = false
  if (skb.mac_header >= 0) skb.mac_header = room - link
  skb.network_header = room
  skb.data = room
  skb.tail = buf.length
  putBe16(buf, room + 2, buf.length - room)
  putBe16(buf, room + 6, 0)
  ip_send_check(skb)
}
