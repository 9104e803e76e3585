/**
 * drivers/net/vxlan/vxlan_core.c arp_reduce, neigh_reduce, route_shortcircuit: questions for neighbours that the host knows
 * are answered here and not sent (`proxy`); packets for a router behind the tunnel go to the neighbour straight away (`rsc`).
 */
import { getBe16 } from '../../../lib/bytes.ts'
import { dev_core_stats_rx_dropped_inc } from '../../../net/core/dev.ts'
import { NET_RX_SUCCESS, netif_rx } from '../../../net/core/dev_receive.ts'
import { DEV_STATS_INC } from '../../../net/core/dev_stats.ts'
import { NUD_CONNECTED, neigh_find_table, type neighbour } from '../../../net/core/neighbour.ts'
import {
  NA_OVERRIDE,
  NA_ROUTER,
  NA_SOLICITED,
  ND_MSG,
  arp_proxy_reply,
  nd_proxy_asker,
  nd_proxy_reply,
} from '../../../net/core/neighbour_reply.ts'
import { __neigh_lookup_noref } from '../../../net/core/neighbour_table.ts'
import { CHECKSUM_UNNECESSARY, consume_skb, PACKET_HOST, type sk_buff, skb_cow, skb_pull } from '../../../net/core/skbuff.ts'
import { ether_addr_equal, is_multicast_ether_addr } from '../../../net/ethernet/eth.ts'
import { IFF_NOARP } from '../../../uapi/linux/if.ts'
import { ARPHRD_ETHER, ARPOP_REQUEST } from '../../../uapi/linux/if_arp.ts'
import { ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../../uapi/linux/if_ether.ts'
import { NTF_ROUTER, NUD_STALE } from '../../../uapi/linux/neighbour.ts'
import { RTM_GETNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { AF_INET, AF_INET6 } from '../../../uapi/linux/socket.ts'
import { vxlan_fdb_notify, vxlan_find_mac } from './vxlan_fdb.ts'
import {
  VXLAN_F_L3MISS,
  type vxlan_addr,
  vxlan_addr_any,
  type vxlan_dev,
  vxlan_fdb,
  vxlan_rdst,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'

const IPPROTO_ICMPV6 = 58
const NDISC_NEIGHBOUR_SOLICITATION = 135
const ARPHRD_IEEE802 = 6

/** vxlan_ip_miss(): programs are asked for a neighbour. */
function vxlan_ip_miss(vxlan: vxlan_dev, addr: vxlan_addr): void {
  if (!(vxlan.cfg.flags & VXLAN_F_L3MISS)) return
  const f = new vxlan_fdb(new Uint8Array(6), NUD_STALE, 0, 0, vxlan.kernel.jiffies())
  vxlan_fdb_notify(vxlan, f, new vxlan_rdst(addr, 0, 0, 0), RTM_GETNEIGH)
}
function lookup(vxlan: vxlan_dev, addr: vxlan_addr): neighbour | undefined {
  const table = neigh_find_table(vxlan.kernel, addr.length === 16 ? AF_INET6 : AF_INET)
  return table && __neigh_lookup_noref(table, addr, vxlan.dev)
}
/** The entry of a neighbour's address; false: it is behind the bridge here, and answers for itself. */
function remote_of(vxlan: vxlan_dev, ha: Uint8Array, vni: number): vxlan_fdb | false | undefined {
  const f = vxlan_find_mac(vxlan, ha, vni)
  const end = f?.remotes[0]
  return end !== undefined && vxlan_addr_any(end.remote_ip) ? false : f
}
/** The answer comes out of the device, as if the far end had sent it. */
function answer(vxlan: vxlan_dev, reply: sk_buff, vni: number): void {
  reply.dev = vxlan.dev
  reply.mac_header = reply.data
  skb_pull(reply, ETH_HLEN)
  reply.network_header = reply.data
  reply.ip_summed = CHECKSUM_UNNECESSARY
  reply.pkt_type = PACKET_HOST
  if (netif_rx(reply) === NET_RX_SUCCESS) return
  dev_core_stats_rx_dropped_inc(vxlan.dev)
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.rx_drops++
}

function arp_reduce(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  const { buf } = skb
  const at = skb.data + ETH_HLEN
  if (skb.tail - at < 28) return DEV_STATS_INC(vxlan.dev, 'tx_dropped')
  const hrd = getBe16(buf, at)
  if ((hrd !== ARPHRD_ETHER && hrd !== ARPHRD_IEEE802) || getBe16(buf, at + 2) !== ETH_P_IP) return
  if (getBe16(buf, at + 6) !== ARPOP_REQUEST || buf[at + 4] !== vxlan.dev.addr_len || buf[at + 5] !== 4) return
  const tip = buf.slice(at + 24, at + 28)
  if (tip[0] === 127 || tip[0] >> 4 === 14) return
  const n = lookup(vxlan, tip)
  if (n === undefined) return vxlan_ip_miss(vxlan, tip)
  if (!(n.nud_state & NUD_CONNECTED)) return
  const ha = n.ha.slice(0, 6)
  if (remote_of(vxlan, ha, vni) !== false) answer(vxlan, arp_proxy_reply(skb, ha), vni)
}
function neigh_reduce(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  const { dev } = vxlan
  const { buf } = skb
  if (dev.ip6_ptr === undefined) return
  const ip = skb.data + ETH_HLEN
  skb.network_header = ip
  const daddr = buf.subarray(ip + 24, ip + 40)
  const target = buf.slice(ip + 48, ip + 64)
  const loopback = daddr[15] === 1 && daddr.subarray(0, 15).every((byte) => byte === 0)
  if (loopback || target[0] === 0xff) return
  const n = lookup(vxlan, target)
  if (n === undefined) return vxlan_ip_miss(vxlan, target)
  if (!(n.nud_state & NUD_CONNECTED)) return
  const ha = n.ha.slice(0, 6)
  const f = remote_of(vxlan, ha, vni)
  const eth_to = f === false ? undefined : nd_proxy_asker(skb)
  if (f === false || eth_to === undefined) return
  const flags = NA_OVERRIDE | NA_SOLICITED | ((f?.flags ?? 0) & NTF_ROUTER ? NA_ROUTER : 0)
  answer(vxlan, nd_proxy_reply(skb, dev, { target, ha, eth_to, to: buf.slice(ip + 8, ip + 24) }, flags), vni)
}
/** True: it was a question; nothing of it travels. */
export function vxlan_reduce(vxlan: vxlan_dev, skb: sk_buff, vni: number): boolean {
  const { buf } = skb
  const at = skb.data + ETH_HLEN
  const proto = getBe16(buf, at - 2)
  const asks =
    proto === ETH_P_IPV6 &&
    skb.tail - at >= 40 + ND_MSG &&
    buf[at + 6] === IPPROTO_ICMPV6 &&
    buf[at + 40] === NDISC_NEIGHBOUR_SOLICITATION &&
    buf[at + 41] === 0
  if (proto !== ETH_P_ARP && !asks) return false
  if (asks) neigh_reduce(vxlan, skb, vni)
  else if (!(vxlan.dev.flags & IFF_NOARP)) arp_reduce(vxlan, skb, vni)
  consume_skb(skb)
  return true
}

/** route_shortcircuit(): true: the frame goes to the neighbour, and comes from the router it was for. */
export function route_shortcircuit(vxlan: vxlan_dev, skb: sk_buff): boolean {
  const at = skb.data + ETH_HLEN
  const v6 = getBe16(skb.buf, at - 2) === ETH_P_IPV6
  if (is_multicast_ether_addr(skb.buf.subarray(skb.data, skb.data + 6)) || skb.tail - at < (v6 ? 40 : 20)) return false
  const daddr = v6 ? skb.buf.slice(at + 24, at + 40) : skb.buf.slice(at + 16, at + 20)
  const n = lookup(vxlan, daddr)
  if (n === undefined) {
    vxlan_ip_miss(vxlan, daddr)
    return false
  }
  const router = skb.buf.slice(skb.data, skb.data + 6)
  const ha = n.ha.slice(0, 6)
  if (ether_addr_equal(router, ha)) return false
  skb_cow(skb, 0)
  skb.buf.set(ha, skb.data)
  skb.buf.set(router, skb.data + 6)
  return true
}
