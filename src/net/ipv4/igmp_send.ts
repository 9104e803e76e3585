/** net/ipv4/igmp.c igmpv3_newpack, igmp_send_report: reports of groups as packets; each has the router alert option (RFC 2113). */
import { putBe16, putBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IPPROTO_IGMP } from '../../uapi/linux/in.ts'
import { RT_SCOPE_LINK } from '../../uapi/linux/rtnetlink.ts'
import { ip_compute_csum } from '../core/checksum.ts'
import { type sk_buff, skb_put } from '../core/skbuff.ts'
import { inet_select_addr } from './devinet_select.ts'
import { flowi4 } from './fib_lookup.ts'
import type { in_device } from './in_device.ts'
import { IP_DF, IP_HLEN, ip_alloc_skb, ip_push_hdr } from './ip_hdr.ts'
import { ip_local_out } from './ip_output.ts'
import { type mc_record, mc_records_fit } from './mc_filter.ts'
import { ip_route_output_key } from './route.ts'

export const IGMP_HOST_MEMBERSHIP_QUERY = 0x11
export const IGMP_HOST_MEMBERSHIP_REPORT = 0x12
export const IGMPV2_HOST_MEMBERSHIP_REPORT = 0x16
export const IGMP_HOST_LEAVE_MESSAGE = 0x17
export const IGMPV3_HOST_MEMBERSHIP_REPORT = 0x22
const IGMP_ALL_ROUTER = 0xe0000002
const IGMPV3_ALL_MCR = 0xe0000016
const ROUTER_ALERT = Uint8Array.of(0x94, 4, 0, 0)
const TOS_CONTROL = 0xc0
const HEADER = 8
/** struct igmpv3_grec without its sources. */
const RECORD = 8

/** A group of a report of version 3. */
export interface igmpv3_record extends mc_record {
  group: number
}

function send(in_dev: in_device, skb: sk_buff, at: number, daddr: number): void {
  const { dev } = in_dev
  const { nd_net: net } = dev
  const fl = new flowi4(daddr, dev.ifindex)
  fl.proto = IPPROTO_IGMP
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt)) return
  putBe16(skb.buf, at + 2, ip_compute_csum(skb.buf, at, skb.tail - at))
  // only an address of this very device says who speaks
  const own = inet_select_addr(dev, 0, RT_SCOPE_LINK)
  const saddr = in_dev.ifa_list.some((ifa) => ifa.ifa_local === rt.saddr) ? rt.saddr : in_dev.ifa_list.length > 0 ? own : 0
  ip_push_hdr(skb, {
    saddr,
    daddr,
    protocol: IPPROTO_IGMP,
    ttl: 1,
    tos: TOS_CONTROL,
    // what must not be cut needs no number (ip_select_ident)
    id: 0,
    frag_off: IP_DF,
    options: ROUTER_ALERT,
  })
  skb.transport_header = at
  skb.dev = dev
  skb.dst = rt
  ip_local_out(net, skb)
}

/** As many packets as the device's MTU needs; without records, none. */
export function igmpv3_sendpack(in_dev: in_device, records: readonly igmpv3_record[]): void {
  const room = in_dev.dev.mtu - IP_HLEN - ROUTER_ALERT.length - HEADER
  for (const part of mc_records_fit(records, room, RECORD, 4)) {
    const length = part.reduce((sum, { sources }) => sum + RECORD + sources.length * 4, HEADER)
    const skb = ip_alloc_skb(length)
    const at = skb_put(skb, length)
    skb.buf[at] = IGMPV3_HOST_MEMBERSHIP_REPORT
    putBe16(skb.buf, at + 6, part.length)
    let o = at + HEADER
    for (const { type, group, sources } of part) {
      skb.buf[o] = type
      putBe16(skb.buf, o + 2, sources.length)
      putBe32(skb.buf, o + 4, group)
      sources.forEach((addr, i) => skb.buf.set(addr, o + RECORD + i * 4))
      o += RECORD + sources.length * 4
    }
    send(in_dev, skb, at, IGMPV3_ALL_MCR)
  }
}
/** A report goes to the group itself, a leave to all routers. */
export function igmp_send_report(in_dev: in_device, group: number, type: number): void {
  const skb = ip_alloc_skb(HEADER)
  const at = skb_put(skb, HEADER)
  skb.buf[at] = type
  putBe32(skb.buf, at + 4, group)
  send(in_dev, skb, at, type === IGMP_HOST_LEAVE_MESSAGE ? IGMP_ALL_ROUTER : group)
}
