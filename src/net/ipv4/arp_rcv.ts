/**
 * net/ipv4/arp.c arp_rcv, arp_process: who is asked, who answers, and what is noted of them (RFC 826, RFC 5227).
 *
 * | packet                                   | answered                        | noted                                        |
 * | ---------------------------------------- | ------------------------------- | -------------------------------------------- |
 * | request from 0.0.0.0 (a probe) for ours  | yes, unless arp_ignore          | nothing                                      |
 * | request for ours                         | unless arp_ignore or arp_filter | the sender, STALE                            |
 * | request for another, forwarding          | by a proxy                      | the sender, STALE, if it is answered         |
 * | reply to us, of a neighbour known        | no                              | REACHABLE; its address after locktime        |
 * | any other packet of a neighbour known    | no                              | STALE; its address after locktime            |
 * | gratuitous, of a neighbour not known     | no                              | only with arp_accept                         |
 */
import { getBe16, getBe32 } from '../../lib/bytes.ts'
import { isErrno } from '../../uapi/errno.ts'
import { IFF_NOARP } from '../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPHRD_FDDI, ARPHRD_IEEE802, ARPOP_REPLY, ARPOP_REQUEST } from '../../uapi/linux/if_arp.ts'
import { ETH_P_IP } from '../../uapi/linux/if_ether.ts'
import { ipv4_is_loopback, ipv4_is_multicast } from '../../uapi/linux/in.ts'
import * as CONF from '../../uapi/linux/ip.ts'
import { NUD_REACHABLE, NUD_STALE } from '../../uapi/linux/neighbour.ts'
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { NEIGH_UPDATE_F_OVERRIDE, NEIGH_VAR, NEIGH_VAR_LOCKTIME, NEIGH_VAR_PROXY_DELAY, type neighbour } from '../core/neighbour.ts'
import { neigh_event_ns, neigh_update } from '../core/neighbour_nud.ts'
import { pneigh_enqueue, pneigh_lookup } from '../core/neighbour_proxy.ts'
import { __neigh_lookup_errno, neigh_lookup, neigh_release } from '../core/neighbour_table.ts'
import type { net_device } from '../core/netdevice.ts'
import { consume_skb, kfree_skb, PACKET_HOST, PACKET_LOOPBACK, PACKET_OTHERHOST, type sk_buff } from '../core/skbuff.ts'
import { arp_tbl } from './arp.ts'
import { arp_send } from './arp_send.ts'
import { inet_confirm_addr } from './devinet_select.ts'
import { flowi4 } from './fib_lookup.ts'
import { inet_addr_type_dev_table } from './fib_tables.ts'
import { in_dev_maxconf, in_dev_orconf, type in_device } from './in_device.ts'
import { ip_route_output_key, type rtable } from './route.ts'
import { ip_route_input } from './route_input.ts'
import { put_addr4 } from './ip_hdr.ts'

const ARP_HEADER = 8

/** A packet as it says of itself. Addresses are in host order. */
interface arp_packet {
  op: number
  sha: Uint8Array
  sip: number
  tha: Uint8Array
  tip: number
}
/** Undefined: not for this link, or not to be heeded. */
function read(skb: sk_buff, dev: net_device): arp_packet | undefined {
  const { buf, data: at } = skb
  const { addr_len } = dev
  if (skb.len < ARP_HEADER + 2 * (addr_len + 4) || buf[at + 4] !== addr_len || buf[at + 5] !== 4) return undefined
  const hrd = getBe16(buf, at)
  const ethernet = dev.type === ARPHRD_ETHER || dev.type === ARPHRD_FDDI || dev.type === ARPHRD_IEEE802
  const fits = ethernet ? hrd === ARPHRD_ETHER || hrd === ARPHRD_IEEE802 : hrd === dev.type
  const op = getBe16(buf, at + 6)
  if (!fits || getBe16(buf, at + 2) !== ETH_P_IP || (op !== ARPOP_REPLY && op !== ARPOP_REQUEST)) return undefined
  const sender = at + ARP_HEADER
  const target = sender + addr_len + 4
  return {
    op,
    sha: buf.slice(sender, sender + addr_len),
    sip: getBe32(buf, sender + addr_len),
    tha: buf.slice(target, target + addr_len),
    tip: getBe32(buf, target + addr_len),
  }
}

/** arp_ignore(): true, when a question for `tip` is not to be answered here. */
function arp_ignore(in_dev: in_device, sip: number, tip: number): boolean {
  const { nd_net: net } = in_dev.dev
  switch (in_dev_maxconf(in_dev, CONF.IPV4_DEVCONF_ARP_IGNORE)) {
    case 1:
      return inet_confirm_addr(net, in_dev, 0, tip, RT_SCOPE_HOST) === 0
    case 2:
      return inet_confirm_addr(net, in_dev, sip, tip, RT_SCOPE_HOST) === 0
    case 3:
      return inet_confirm_addr(net, undefined, 0, tip, RT_SCOPE_LINK) === 0
    case 8:
      return true
    default:
      return false
  }
}
/** arp_filter(): we would answer by another device. */
function arp_filter(dev: net_device, sip: number, tip: number): boolean {
  const fl = new flowi4(sip)
  fl.saddr = tip
  const rt = ip_route_output_key(dev.nd_net, fl)
  return isErrno(rt) || rt.dev !== dev
}
function arp_fwd_proxy(in_dev: in_device, rt: rtable): boolean {
  const { dev } = in_dev
  // RFC 3069: those who may not speak with each other do by way of us
  if (rt.dev === dev) return in_dev.cnf.get(CONF.IPV4_DEVCONF_PROXY_ARP_PVLAN) !== 0
  if (!in_dev_orconf(in_dev, CONF.IPV4_DEVCONF_PROXY_ARP)) return false
  const medium = in_dev.cnf.get(CONF.IPV4_DEVCONF_MEDIUM_ID)
  if (medium === 0) return true
  if (medium === -1) return false
  const other = rt.dev.ip_ptr?.cnf.get(CONF.IPV4_DEVCONF_MEDIUM_ID) ?? 0
  return other !== medium && other !== -1
}

function reply(dev: net_device, arp: arp_packet): void {
  arp_send(dev, arp.tip, arp.sip, arp.sha, ARPOP_REPLY, arp.sha)
}
function note_sender(dev: net_device, arp: arp_packet): boolean {
  const n = neigh_event_ns(arp_tbl(dev.nd_net.kernel), arp.sha, put_addr4(arp.sip), dev)
  if (n !== undefined) neigh_release(n)
  return n !== undefined
}

/** A request: true, when nothing more is to be noted. */
function asked(skb: sk_buff, in_dev: in_device, arp: arp_packet, put_off: boolean): boolean {
  const { dev } = in_dev
  const { nd_net: net } = dev
  const fl = new flowi4(arp.tip)
  fl.saddr = arp.sip
  fl.iif = dev.ifindex
  const rt = ip_route_input(net, fl, dev, skb)
  if (isErrno(rt)) return false
  if (rt.rt_type === RTN_LOCAL) {
    const filtered = in_dev_orconf(in_dev, CONF.IPV4_DEVCONF_ARPFILTER) && arp_filter(dev, arp.sip, arp.tip)
    if (!arp_ignore(in_dev, arp.sip, arp.tip) && !filtered && note_sender(dev, arp)) reply(dev, arp)
    return true
  }
  if (!in_dev.cnf.get(CONF.IPV4_DEVCONF_FORWARDING) || rt.rt_type !== RTN_UNICAST) return false
  const tbl = arp_tbl(net.kernel)
  const proxied = rt.dev !== dev && pneigh_lookup(tbl, net, put_addr4(arp.tip), dev) !== undefined
  if (!arp_fwd_proxy(in_dev, rt) && !proxied) return false
  note_sender(dev, arp)
  if (put_off || skb.pkt_type === PACKET_HOST || NEIGH_VAR(in_dev.arp_parms, NEIGH_VAR_PROXY_DELAY) === 0) reply(dev, arp)
  else pneigh_enqueue(tbl, in_dev.arp_parms, skb)
  return true
}

/** arp_is_garp(): the sender says something of itself that nobody has asked; a reply does so only to itself. */
function is_garp(dev: net_device, arp: arp_packet): boolean {
  if (arp.sip !== arp.tip) return false
  if (arp.op === ARPOP_REPLY && arp.sha.some((byte, i) => byte !== arp.tha[i])) return false
  return inet_addr_type_dev_table(dev.nd_net, dev, arp.sip) === RTN_UNICAST
}
function arp_accept(in_dev: in_device, sip: number): boolean {
  switch (in_dev_maxconf(in_dev, CONF.IPV4_DEVCONF_ARP_ACCEPT)) {
    case 0:
      return false
    case 2:
      return inet_confirm_addr(in_dev.dev.nd_net, in_dev, sip, 0, RT_SCOPE_LINK) !== 0
    default:
      return true
  }
}
function note(skb: sk_buff, in_dev: in_device, arp: arp_packet): void {
  const { dev } = in_dev
  const tbl = arp_tbl(dev.nd_net.kernel)
  let n: ReturnType<typeof __neigh_lookup_errno> | undefined = neigh_lookup(tbl, put_addr4(arp.sip), dev)
  const garp = is_garp(dev, arp)
  if (n === undefined && arp_accept(in_dev, arp.sip)) {
    const answers = arp.op === ARPOP_REPLY && inet_addr_type_dev_table(dev.nd_net, dev, arp.sip) === RTN_UNICAST
    if (garp || answers) n = __neigh_lookup_errno(tbl, put_addr4(arp.sip), dev)
  }
  if (n === undefined || isErrno(n)) return
  // the first answer counts, for a while: of several the slower ones are from elsewhere
  const override = garp || tbl.kernel.jiffies() > n.updated + NEIGH_VAR((n as neighbour).parms, NEIGH_VAR_LOCKTIME)
  const state = arp.op !== ARPOP_REPLY || skb.pkt_type !== PACKET_HOST ? NUD_STALE : NUD_REACHABLE
  neigh_update(n, arp.sha, state, override ? NEIGH_UPDATE_F_OVERRIDE : 0, 0)
  neigh_release(n)
}

function arp_process(skb: sk_buff, put_off: boolean): void {
  const dev = skb.dev as net_device
  const in_dev = dev.ip_ptr
  const arp = in_dev && read(skb, dev)
  if (in_dev === undefined || arp === undefined) return
  const { sip, tip } = arp
  if (ipv4_is_multicast(tip) || (ipv4_is_loopback(tip) && !in_dev_orconf(in_dev, CONF.IPV4_DEVCONF_ROUTE_LOCALNET))) return
  if (sip === tip && in_dev_orconf(in_dev, CONF.IPV4_DEVCONF_DROP_GRATUITOUS_ARP)) return
  if (sip === 0) {
    const ours = arp.op === ARPOP_REQUEST && inet_addr_type_dev_table(dev.nd_net, dev, tip) === RTN_LOCAL
    if (ours && !arp_ignore(in_dev, sip, tip)) reply(dev, arp)
    return
  }
  if (arp.op === ARPOP_REQUEST && asked(skb, in_dev, arp, put_off)) return
  note(skb, in_dev, arp)
}

/** The packet type of ETH_P_ARP. */
export function arp_rcv(skb: sk_buff, dev: net_device): number {
  if (dev.flags & IFF_NOARP || skb.pkt_type === PACKET_OTHERHOST || skb.pkt_type === PACKET_LOOPBACK) {
    kfree_skb(skb)
    return 0
  }
  arp_process(skb, false)
  consume_skb(skb)
  return 0
}
/** A question that was put off. */
export function parp_redo(skb: sk_buff): void {
  arp_process(skb, true)
}
