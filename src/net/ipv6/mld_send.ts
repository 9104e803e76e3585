/** net/ipv6/mcast.c mld_newpack, mld_sendpack, igmp6_send: reports of groups as packets. */
import { putBe16 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { ICMPV6_MGM_REDUCTION, ICMPV6_MLD2_REPORT } from '../../uapi/linux/icmpv6.ts'
import { IFA_F_TENTATIVE } from '../../uapi/linux/if_addr.ts'
import { addr6, type in6_addr, in6addr_any, in6addr_linklocal_allrouters, IPPROTO_ICMPV6 } from '../../uapi/linux/in6.ts'
import { IPSTATS_MIB_OUTREQUESTS } from '../../uapi/linux/snmp.ts'
import { csum_ipv6_magic, csum_partial } from '../core/checksum.ts'
import type { net_device } from '../core/netdevice.ts'
import { type sk_buff, skb_put } from '../core/skbuff.ts'
import { type mc_record, mc_records_fit } from '../ipv4/mc_filter.ts'
import { ipv6_get_lladdr } from './addrconf_core.ts'
import type { inet6_dev } from './if_inet6.ts'
import { type ip6_out, ip6_output } from './ip6_output.ts'
import { icmpv6_sent, IP6_INC_STATS } from './ip6_stats.ts'
import { ip6_alloc_skb, ip6_push_hdr, IPV6_HLEN } from './ipv6_hdr.ts'

/** Where reports go: ff02::16. */
export const in6addr_mldv2_routers = addr6([0xff02, 0, 0, 0, 0, 0, 0, 0x16])
/** Options for each hop: the ICMPv6 header is next, router alert for MLD (RFC 2711), padding. */
const ROUTER_ALERT = [IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0]
const RECORD_LEN = 20
const MLD_LEN = 24
const NEXTHDR_HOP = 0
/** The kernel's own socket of reports: they do not leave the link, and are heard here too where somebody listens. */
const OUT: ip6_out = { mc_loop: true, dontfrag: false, frag_size: 0, dev_mtu: false }

/** A group of a report. */
export interface mld2_record extends mc_record {
  group: in6_addr
}

/** Checksum, options and header; from the unspecified address as long as there is no other (RFC 3590). */
function send(dev: net_device, skb: sk_buff, at: number, daddr: in6_addr): void {
  const { nd_net: net, ip6_ptr: idev } = dev
  const saddr = ipv6_get_lladdr(dev, IFA_F_TENTATIVE) ?? in6addr_any
  const length = skb.tail - at
  const type = skb.buf[at]
  putBe16(skb.buf, at + 2, csum_ipv6_magic(saddr, daddr, length, IPPROTO_ICMPV6, csum_partial(skb.buf, at, length)))
  ip6_push_hdr(skb, { saddr, daddr, nexthdr: NEXTHDR_HOP, hop_limit: 1 })
  skb.transport_header = at
  IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTREQUESTS)
  if (!isErrno(ip6_output(net, skb, dev, OUT))) icmpv6_sent(net, idev, type)
}
function begin(dev: net_device, length: number): { skb: sk_buff; at: number } {
  const skb = ip6_alloc_skb(dev, ROUTER_ALERT.length + length)
  skb.buf.set(ROUTER_ALERT, skb_put(skb, ROUTER_ALERT.length))
  return { skb, at: skb_put(skb, length) }
}

/** As many packets as the device's MTU needs; without records, none. */
export function mld_sendpack(idev: inet6_dev, records: readonly mld2_record[]): void {
  const { dev } = idev
  const room = dev.mtu - IPV6_HLEN - ROUTER_ALERT.length - 8
  for (const part of mc_records_fit(records, room, RECORD_LEN, 16)) {
    const { skb, at } = begin(
      dev,
      part.reduce((sum, { sources }) => sum + RECORD_LEN + sources.length * 16, 8),
    )
    skb.buf[at] = ICMPV6_MLD2_REPORT
    putBe16(skb.buf, at + 6, part.length)
    let o = at + 8
    for (const { type, group, sources } of part) {
      skb.buf[o] = type
      putBe16(skb.buf, o + 2, sources.length)
      skb.buf.set(group, o + 4)
      sources.forEach((addr, i) => skb.buf.set(addr, o + RECORD_LEN + i * 16))
      o += RECORD_LEN + sources.length * 16
    }
    send(dev, skb, at, in6addr_mldv2_routers)
  }
}

/** Version 1: a report goes to the group itself, a reduction to all routers. */
export function igmp6_send(dev: net_device, group: in6_addr, type: number): void {
  const { skb, at } = begin(dev, MLD_LEN)
  skb.buf[at] = type
  skb.buf.set(group, at + 8)
  send(dev, skb, at, type === ICMPV6_MGM_REDUCTION ? in6addr_linklocal_allrouters : group)
}
