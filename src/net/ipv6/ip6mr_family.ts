/** net/ipv6/ip6mr.c: what IPv6 does for multicast routing: packets go out by MIFs, and the daemon hears of them. */
import { put32, putBe16 } from '../../lib/bytes.ts'
import { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, ENOBUFS, type Errno, isErrno } from '../../uapi/errno.ts'
import { in6addr_any, ipv6_addr_is_multicast } from '../../uapi/linux/in6.ts'
import { DEVCONF_MC_FORWARDING } from '../../uapi/linux/ipv6.ts'
import { NETCONFA_IFINDEX_ALL, NETCONFA_MC_FORWARDING } from '../../uapi/linux/netconf.ts'
import { NETLINK_ROUTE } from '../../uapi/linux/netlink.ts'
import { RTM_NEWCACHEREPORT, RTM_NEWNETCONF, RTNLGRP_IPV6_MROUTE, RTNLGRP_IPV6_MROUTE_R } from '../../uapi/linux/rtnetlink.ts'
import { IPSTATS_MIB_OUTFORWDATAGRAMS } from '../../uapi/linux/snmp.ts'
import { RTNL_FAMILY_IP6MR } from '../../uapi/linux/socket.ts'
import { sock_queue_rcv_skb } from '../core/datagram.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import { rtnl_notify } from '../core/rtnetlink.ts'
import { alloc_skb, kfree_skb, type sk_buff, skb_bytes, skb_put } from '../core/skbuff.ts'
import { IGMPMSG_WHOLEPKT, IGMPMSG_WRVIFWHOLE, type mr_family, type mr_mfc, type mr_table } from '../ipv4/ipmr_base.ts'
import { reg_vif_count_tx } from '../ipv4/ipmr_reg_vif.ts'
import { mroute_netlink_event } from '../ipv4/ipmr_fill.ts'
import { netlink_has_listeners } from '../netlink/af_netlink.ts'
import { inet6_netconf_notify_devconf } from './addrconf_netconf.ts'
import { flowi6 } from './ip6_fib_lookup.ts'
import { ip6_output } from './ip6_output.ts'
import { IP6_INC_STATS } from './ip6_stats.ts'
import { IP6CB, ip6_alloc_skb, ip6_daddr, ip6_hop_limit, ip6_saddr } from './ipv6_hdr.ts'
import { ip6_route_output } from './route.ts'

export const MIFF_REGISTER = 0x1
/** struct mrt6msg */
const MRT6MSG = 40
/** IP6MRA_CREPORT_* */
const CREPORT = { MSGTYPE: 1, MIF_ID: 2, SRC_ADDR: 3, DST_ADDR: 4, PKT: 5 } as const

function is_own(): boolean {
  return false
}
function notify(mrt: mr_table, c: mr_mfc, cmd: number): void {
  mroute_netlink_event(mrt, c, cmd, RTNL_FAMILY_IP6MR, RTNLGRP_IPV6_MROUTE)
}
function forwarding(dev: net_device, by: number): void {
  const { ip6_ptr: idev, nd_net: net } = dev
  if (idev === undefined) return
  idev.cnf.set(DEVCONF_MC_FORWARDING, idev.cnf.get(DEVCONF_MC_FORWARDING) + by)
  inet6_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_MC_FORWARDING.nr, dev.ifindex, idev.cnf)
}
function all_forwarding(net: net, by: number): void {
  const { devconf_all } = net.ipv6
  devconf_all.set(DEVCONF_MC_FORWARDING, devconf_all.get(DEVCONF_MC_FORWARDING) + by)
  inet6_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_MC_FORWARDING.nr, NETCONFA_IFINDEX_ALL, devconf_all)
}

/** mrt6msg_netlink_event() */
function report_event(mrt: mr_table, msg: Uint8Array): void {
  if (!netlink_has_listeners(mrt.net, NETLINK_ROUTE, RTNLGRP_IPV6_MROUTE_R)) return
  const skb = new MessageBuilder(undefined, 128 + msg.length)
  skb.begin(RTM_NEWCACHEREPORT, 0, 0, 0)
  const at = skb.room(4)
  if (at >= 0) skb.buf[at] = RTNL_FAMILY_IP6MR
  skb.putBytes(CREPORT.MSGTYPE, msg.subarray(1, 2))
  const o = skb.reserve(CREPORT.MIF_ID, 4)
  if (o >= 0) put32(skb.buf, o, msg[2] | (msg[3] << 8))
  skb.putBytes(CREPORT.SRC_ADDR, msg.subarray(8, 24))
  skb.putBytes(CREPORT.DST_ADDR, msg.subarray(24, 40))
  skb.putBytes(CREPORT.PKT, msg.subarray(MRT6MSG))
  skb.end()
  rtnl_notify(mrt.net, skb, 0, RTNLGRP_IPV6_MROUTE_R, false)
}
/** ip6mr_cache_report(): struct mrt6msg, with the whole packet behind it, or as much room as its header would need. */
function report(mrt: mr_table, pkt: sk_buff, mifi: number, msgtype: number): Errno | undefined {
  const { mroute_sk } = mrt
  if (mroute_sk === undefined) return EINVAL
  const whole = msgtype === IGMPMSG_WHOLEPKT || msgtype === IGMPMSG_WRVIFWHOLE
  const body = whole ? pkt.buf.slice(pkt.network_header, pkt.tail) : new Uint8Array(40)
  const skb = alloc_skb(MRT6MSG + body.length)
  const at = skb_put(skb, MRT6MSG + body.length)
  const b = skb.buf
  const mif = msgtype === IGMPMSG_WHOLEPKT ? mrt.mroute_reg_vif_num : mifi
  b[at + 1] = msgtype
  b[at + 2] = mif & 0xff
  b[at + 3] = (mif >> 8) & 0xff
  b.set(ip6_saddr(pkt), at + 8)
  b.set(ip6_daddr(pkt), at + 24)
  b.set(body, at + MRT6MSG)
  skb.network_header = skb.transport_header = at
  skb.protocol = 0x86dd
  skb.dev = pkt.dev
  skb.skb_iif = pkt.skb_iif
  skb.cb = { ...IP6CB(pkt) }
  report_event(mrt, b.slice(at, skb.tail))
  return sock_queue_rcv_skb(mroute_sk, skb) ? undefined : ENOBUFS
}

/** ip6mr_forward2() */
function xmit(mrt: mr_table, skb: sk_buff, mifi: number): void {
  const vif = mrt.vif_table[mifi]
  if (vif === undefined) return kfree_skb(skb)
  if (vif.flags & MIFF_REGISTER) {
    vif.pkt_out++
    vif.bytes_out += skb.len
    reg_vif_count_tx(vif.dev, skb.len)
    report(mrt, skb, mifi, IGMPMSG_WHOLEPKT)
    return kfree_skb(skb)
  }
  const { net } = mrt
  const fl6 = new flowi6(ip6_daddr(skb))
  fl6.flowi_oif = vif.link
  const rt = ip6_route_output(net, fl6)
  if (isErrno(rt) || rt.error !== undefined) return kfree_skb(skb)
  vif.pkt_out++
  vif.bytes_out += skb.len
  // bytes of its own, with room for what is put before them
  const bytes = skb_bytes(skb)
  const out = ip6_alloc_skb(vif.dev, bytes.length)
  const at = skb_put(out, bytes.length)
  out.buf.set(bytes, at)
  out.data = out.network_header = at
  out.transport_header = at + (skb.transport_header - skb.network_header)
  out.protocol = skb.protocol
  out.priority = skb.priority
  out.mark = skb.mark
  out.cb = { ...IP6CB(skb), forwarded: true }
  out.dst = rt
  putBe16(out.buf, at + 6, (out.buf[at + 6] << 8) | (ip6_hop_limit(out) - 1))
  kfree_skb(skb)
  IP6_INC_STATS(net, vif.dev.ip6_ptr, IPSTATS_MIB_OUTFORWDATAGRAMS)
  ip6_output(net, out, vif.dev)
}

export const ip6mr_family: mr_family = {
  name: 'ip6mr_family',
  any: in6addr_any,
  is_multicast: ipv6_addr_is_multicast,
  hops: ip6_hop_limit,
  is_own,
  notify,
  report,
  xmit,
  forwarding,
  all_forwarding,
}
