/** net/ipv4/ipmr.c: what IPv4 does for multicast routing: packets go out by VIFs, and the daemon hears of them. */
import { getBe16, getBe32, put32, putBe16, putBe32 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { IPPROTO_IPIP, ipv4_is_multicast } from '../../uapi/linux/in.ts'
import { IPV4_DEVCONF_MC_FORWARDING } from '../../uapi/linux/ip.ts'
import { NETCONFA_IFINDEX_ALL, NETCONFA_MC_FORWARDING } from '../../uapi/linux/netconf.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWCACHEREPORT, RTM_NEWNETCONF, RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV4_MROUTE_R } from '../../uapi/linux/rtnetlink.ts'
import { IPSTATS_MIB_FRAGFAILS, IPSTATS_MIB_OUTFORWDATAGRAMS } from '../../uapi/linux/snmp.ts'
import { RTNL_FAMILY_IPMR } from '../../uapi/linux/socket.ts'
import { sock_queue_rcv_skb } from '../core/datagram.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { alloc_skb, kfree_skb, type sk_buff, skb_bytes, skb_put } from '../core/skbuff.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { inet_netconf_notify_devconf } from './devinet_netconf.ts'
import { flowi4 } from './fib_lookup.ts'
import { IP_DF, IP_HLEN, ip_frag_off, ip_hdrlen, ip_push_hdr, ip_send_check, ip_tos, ip_ttl } from './ip_hdr.ts'
import { ip_dst_mtu, ip_output, ip_select_ident } from './ip_output.ts'
import { IP_INC_STATS } from './ip_stats.ts'
import {
  IGMPMSG_WHOLEPKT,
  IGMPMSG_WRVIFWHOLE,
  type mr_family,
  type mr_mfc,
  type mr_table,
  VIFF_REGISTER,
  VIFF_TUNNEL,
} from './ipmr_base.ts'
import { reg_vif_count_tx } from './ipmr_reg_vif.ts'
import { mroute_netlink_event } from './ipmr_fill.ts'
import { ip_route_output_key, rtable } from './route.ts'

/** IPMRA_CREPORT_* */
const CREPORT = { MSGTYPE: 1, VIF_ID: 2, SRC_ADDR: 3, DST_ADDR: 4, PKT: 5, TABLE: 6 } as const

function hops(skb: sk_buff): number {
  return ip_ttl(skb)
}
function is_own(skb: sk_buff): boolean {
  return skb.dst instanceof rtable && !skb.dst.rt_is_input
}
function is_multicast(addr: Uint8Array): boolean {
  return ipv4_is_multicast(getBe32(addr, 0))
}
function notify(mrt: mr_table, c: mr_mfc, cmd: number): void {
  mroute_netlink_event(mrt, c, cmd, RTNL_FAMILY_IPMR, RTNLGRP_IPV4_MROUTE)
}
/** The setting that packets are routed by the device is a count of those who do. */
function forwarding(dev: net_device, by: number): void {
  const { ip_ptr: in_dev, nd_net: net } = dev
  if (in_dev === undefined) return
  in_dev.cnf.own()[IPV4_DEVCONF_MC_FORWARDING - 1] += by
  inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_MC_FORWARDING.nr, dev.ifindex, in_dev.cnf)
}
function all_forwarding(net: net, by: number): void {
  const { devconf_all } = net.ipv4
  devconf_all.own()[IPV4_DEVCONF_MC_FORWARDING - 1] += by
  inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_MC_FORWARDING.nr, NETCONFA_IFINDEX_ALL, devconf_all)
}

/** RTM_NEWCACHEREPORT: the same for those who listen on netlink (igmpmsg_netlink_event). */
function report_event(mrt: mr_table, pkt: Uint8Array, vifi: number, msgtype: number): void {
  if (!netlink_has_listeners(mrt.net, NETLINK_ROUTE, RTNLGRP_IPV4_MROUTE_R)) return
  const skb = new MessageBuilder(undefined, 64 + pkt.length)
  skb.begin(RTM_NEWCACHEREPORT, 0, 0, 0)
  const at = skb.room(4)
  if (at >= 0) skb.buf[at] = RTNL_FAMILY_IPMR
  skb.putBytes(CREPORT.MSGTYPE, Uint8Array.of(msgtype))
  put_number(skb, CREPORT.VIF_ID, vifi)
  skb.putBytes(CREPORT.SRC_ADDR, pkt.subarray(12, 16))
  skb.putBytes(CREPORT.DST_ADDR, pkt.subarray(16, 20))
  put_number(skb, CREPORT.TABLE, mrt.id)
  skb.putBytes(CREPORT.PKT, pkt.subarray(IP_HLEN))
  skb.end()
  rtnl_notify(mrt.net, skb, 0, RTNLGRP_IPV4_MROUTE_R, false)
}
function put_number(skb: MessageBuilder, nr: number, value: number): void {
  const o = skb.reserve(nr, 4)
  if (o >= 0) put32(skb.buf, o, value)
}
/** ipmr_cache_report(): struct igmpmsg, which is an IPv4 header with its own meaning; the whole packet behind it, or an IGMP header. */
function report(mrt: mr_table, pkt: sk_buff, vifi: number, msgtype: number): Errno | undefined {
  const { mroute_sk } = mrt
  if (mroute_sk === undefined) return EINVAL
  const whole = msgtype === IGMPMSG_WHOLEPKT || msgtype === IGMPMSG_WRVIFWHOLE
  const hlen = ip_hdrlen(pkt)
  const start = pkt.network_header
  const header = pkt.buf.subarray(start, start + (whole ? IP_HLEN : hlen))
  const body = whole ? skb_bytes(pkt) : new Uint8Array(8)
  const skb = alloc_skb(header.length + body.length)
  const at = skb_put(skb, header.length + body.length)
  const b = skb.buf
  b.set(header, at)
  b.set(body, at + header.length)
  const num = msgtype === IGMPMSG_WHOLEPKT ? mrt.mroute_reg_vif_num : vifi
  b[at + 8] = msgtype
  // im_mbz: a packet of no protocol
  b[at + 9] = 0
  b[at + 10] = num & 0xff
  b[at + 11] = num >> 8
  if (whole) {
    b[at] = 0x45
    putBe16(b, at + 2, getBe16(pkt.buf, start + 2) + IP_HLEN)
  } else {
    b[at + header.length] = msgtype
    putBe16(b, at + 2, header.length + body.length)
  }
  skb.network_header = skb.transport_header = at
  skb.protocol = 0x0800
  skb.dev = pkt.dev
  skb.skb_iif = pkt.skb_iif
  report_event(mrt, b.subarray(at, skb.tail), num, msgtype)
  return sock_queue_rcv_skb(mroute_sk, skb) ? undefined : ENOBUFS
}

/** ipmr_queue_xmit() */
function xmit(mrt: mr_table, skb: sk_buff, vifi: number): void {
  const vif = mrt.vif_table[vifi]
  if (vif === undefined) return kfree_skb(skb)
  if (vif.flags & VIFF_REGISTER) {
    vif.pkt_out++
    vif.bytes_out += skb.len
    reg_vif_count_tx(vif.dev, skb.len)
    report(mrt, skb, vifi, IGMPMSG_WHOLEPKT)
    return kfree_skb(skb)
  }
  const { net } = mrt
  const tunnel = (vif.flags & VIFF_TUNNEL) !== 0
  const fl = new flowi4(tunnel ? getBe32(vif.remote, 0) : getBe32(skb.buf, skb.network_header + 16), vif.link)
  fl.saddr = tunnel ? getBe32(vif.local, 0) : 0
  fl.tos = ip_tos(skb) & 0xfc
  fl.proto = IPPROTO_IPIP
  const rt = ip_route_output_key(net, fl)
  if (isErrno(rt)) return kfree_skb(skb)
  if (skb.len + (tunnel ? IP_HLEN : 0) > ip_dst_mtu(net, rt) && ip_frag_off(skb) & IP_DF) {
    // errors about groups are not sent: it disappears
    IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS)
    return kfree_skb(skb)
  }
  vif.pkt_out++
  vif.bytes_out += skb.len
  // bytes of its own, with room for what is put before them
  const out = alloc_skb(128 + skb.len)
  out.data = out.tail = 128
  const at = skb_put(out, skb.len)
  out.buf.set(skb_bytes(skb), at)
  out.network_header = at
  out.transport_header = at + ip_hdrlen(out)
  out.protocol = skb.protocol
  out.priority = skb.priority
  out.mark = skb.mark
  out.dev = skb.dev
  kfree_skb(skb)
  out.buf[at + 8]--
  ip_send_check(out)
  if (tunnel) {
    const h = { saddr: rt.saddr, daddr: rt.daddr, protocol: IPPROTO_IPIP, ttl: ip_ttl(out), tos: ip_tos(out), id: ip_select_ident(net) }
    ip_push_hdr(out, h)
    reg_vif_count_tx(vif.dev, out.len)
  }
  rt.mr_forwarded = true
  out.dst = rt
  IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS)
  ip_output(net, out)
}

export const ipmr_family: mr_family = {
  name: 'ipmr_family',
  any: new Uint8Array(4),
  is_multicast,
  hops,
  is_own,
  notify,
  report,
  xmit,
  forwarding,
  all_forwarding,
}
/** An address in the order of the network. */
export function mr_addr4(addr: number): Uint8Array {
  const bytes = new Uint8Array(4)
  putBe32(bytes, 0, addr)
  return bytes
}
