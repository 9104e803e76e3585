/**
 * drivers/net/ipvlan/ipvlan_core.c: whose packet it is decides the address inside it (IPv4, IPv6, the target of an ARP
 * request or neighbour solicitation), for all devices have the lower one's Ethernet address.
 *
 *   mode | a packet from below                              | a packet of a device
 *   L2   | multicast: to all by the queue, and to the lower | to a neighbour at once (not private, vepa); multicast to
 *        | one; else to the owner of the address            | neighbours and out by the queue; else out as it is
 *   L3   | to the owner of the address                      | to a neighbour at once; else routed by the lower device's host
 *   L3S  | as any packet of the lower one: its stack decides| as L3
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { delayed_work, schedule_work } from '../../kernel/workqueue.ts'
import {
  dev_core_stats_rx_dropped_inc,
  dev_forward_skb,
  dev_get_tstats64,
  dev_hold,
  dev_put,
  dev_queue_xmit,
  dev_sw_netstats_rx_add,
  dev_sw_netstats_tx_add,
  dev_tstats,
  NET_RX_SUCCESS,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  netif_rx,
} from '../../net/core/dev.ts'
import { DEV_STATS_INC } from '../../net/core/dev_stats.ts'
import type { l3mdev_ops } from '../../net/core/l3mdev.ts'
import type { inet_ops } from '../../net/core/inet_ops.ts'
import type { net } from '../../net/core/net_namespace.ts'
import type { rtable } from '../../net/ipv4/route.ts'
import type { rt6_info } from '../../net/ipv6/route.ts'
import { EINVAL, type Errno, isErrno } from '../../uapi/errno.ts'
import { RTN_LOCAL, RTN_UNICAST } from '../../uapi/linux/rtnetlink.ts'
import { type header_ops, type net_device, RX_HANDLER_ANOTHER, RX_HANDLER_CONSUMED, RX_HANDLER_PASS } from '../../net/core/netdevice.ts'
import {
  consume_skb,
  kfree_skb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  type sk_buff,
  skb_clone,
  skb_scrub_packet,
} from '../../net/core/skbuff.ts'
import { eth_header_parse } from '../../net/ethernet/eth.ts'
import { getBe32 } from '../../lib/bytes.ts'
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_ALEN, ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_P_PAUSE } from '../../uapi/linux/if_ether.ts'
import { IPVLAN_F_PRIVATE, IPVLAN_F_VEPA, IPVLAN_MODE_L2, IPVLAN_MODE_L3S } from '../../uapi/linux/if_link_stacked.ts'
import { ipvlan_dev_of, type ipvlan_port, ipvlan_port_get } from './ipvlan_port.ts'

const IPVLAN_QBACKLOG_LIMIT = 1000
const ARP_HEADER = 8
const IPPROTO_ICMPV6 = 58
const NDISC_NEIGHBOUR_SOLICITATION = 135
const IPV6_HEADER = 40
const IPV6_BYTES = 16

/** IPVL_SKB_CB: whether a packet in the queue was sent by one of the devices. */
export interface ipvlan_skb_cb {
  tx_pkt: boolean
}

// --- the address inside

/** Where the network header begins: the sender says so, a received packet's `data` stands on it. */
function network_offset(skb: sk_buff, received: boolean): number {
  return received ? skb.data : skb.data + ETH_HLEN
}
/** Offset of the address that counts: of the destination, or of the source; undefined: it has none. */
function address_offset(skb: sk_buff, at: number, use_dest: boolean): number | undefined {
  const { buf, tail } = skb
  if (skb.protocol === ETH_P_IP) return at + 20 <= tail ? at + (use_dest ? 16 : 12) : undefined
  if (skb.protocol === ETH_P_ARP) {
    const sender = at + ARP_HEADER + buf[at + 4]
    const offset = use_dest ? sender + 4 + buf[at + 4] : sender
    return offset + 4 <= tail ? offset : undefined
  }
  if (skb.protocol !== ETH_P_IPV6 || at + IPV6_HEADER > tail) return undefined
  const icmp = at + IPV6_HEADER
  const solicits = buf[at + 6] === IPPROTO_ICMPV6 && icmp + 24 <= tail && buf[icmp] === NDISC_NEIGHBOUR_SOLICITATION
  // a solicitation goes to a group: the one it asks for is inside
  if (solicits && use_dest) return icmp + 8
  return at + (use_dest ? 24 : 8)
}
/** ipvlan_addr_lookup(): the device that is up and has the address. */
function addr_lookup(port: ipvlan_port, skb: sk_buff, at: number, use_dest: boolean): net_device | undefined {
  const offset = address_offset(skb, at, use_dest)
  if (offset === undefined) return undefined
  const v6 = skb.protocol === ETH_P_IPV6
  const addr = v6 ? 0 : getBe32(skb.buf, offset)
  for (const dev of port.ipvlans) {
    if (!(dev.flags & IFF_UP)) continue
    if (v6 ? has_addr6(dev, skb.buf, offset) : dev.ip_ptr?.ifa_list.some((ifa) => ifa.ifa_local >>> 0 === addr >>> 0)) return dev
  }
  return undefined
}
function has_addr6(dev: net_device, buf: Uint8Array, offset: number): boolean {
  return dev.ip6_ptr?.addr_list.some((ifa) => same(buf, offset, ifa.addr, IPV6_BYTES)) === true
}
function same(buf: Uint8Array, at: number, addr: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (buf[at + i] !== addr[i]) return false
  return true
}

// --- counters

function count_rx(dev: net_device, len: number, success: boolean, multicast: boolean): void {
  if (!success) {
    dev_tstats(dev).rx_errors++
    return
  }
  dev_sw_netstats_rx_add(dev, len)
  if (multicast) dev_tstats(dev).multicast++
}
export function ipvlan_get_stats64(dev: net_device) {
  const stats = dev_get_tstats64(dev)
  return { ...stats, rx_dropped: stats.rx_errors ?? 0 }
}

// --- receiving

/** ipvlan_rcv_frame(): to the owner; `local`: from another device, with its Ethernet header. */
function rcv_frame(dev: net_device, skb: sk_buff, local: boolean): number {
  const len = skb.len + ETH_HLEN
  if (!local) {
    skb.dev = dev
    count_rx(dev, len, true, false)
    return RX_HANDLER_ANOTHER
  }
  skb.pkt_type = PACKET_HOST
  count_rx(dev, len, dev_forward_skb(dev, skb) === NET_RX_SUCCESS, false)
  return RX_HANDLER_CONSUMED
}

/** The lower device's rx_handler. */
export function ipvlan_handle_frame(skb: sk_buff, phy_dev: net_device): number {
  const port = ipvlan_port_get(phy_dev)
  if (port.mode === IPVLAN_MODE_L3S) return RX_HANDLER_PASS
  if (port.mode === IPVLAN_MODE_L2 && skb.buf[skb.mac_header] & 1) {
    if (external_frame(skb, port)) {
      const copy = skb_clone(skb)
      skb_scrub_packet(copy, true)
      multicast_enqueue(port, copy, false)
    }
    return RX_HANDLER_PASS
  }
  const dev = addr_lookup(port, skb, network_offset(skb, true), true)
  return dev === undefined ? RX_HANDLER_PASS : rcv_frame(dev, skb, false)
}
/** Not one that a device of this port has sent and that came back. */
function external_frame(skb: sk_buff, port: ipvlan_port): boolean {
  if (!same(skb.buf, skb.mac_header + ETH_ALEN, port.dev.dev_addr, ETH_ALEN)) return true
  return addr_lookup(port, skb, network_offset(skb, true), false) === undefined
}

/**
 * ipvlan_l3_rcv(), ipvlan_nf_input(): in mode l3s the lower device's host has looked at the packet; from here on it is the
 * device's that has its address.
 */
export function ipvlan_l3_rcv(phy_dev: net_device, skb: sk_buff): sk_buff {
  const port = ipvlan_port_get(phy_dev)
  const dev = addr_lookup(port, skb, network_offset(skb, true), true)
  if (dev === undefined) return skb
  skb.dev = dev
  skb.skb_iif = dev.ifindex
  // IPv6 has noted the one below
  if (skb.cb !== undefined) skb.cb.iif = dev.ifindex
  count_rx(dev, skb.len + ETH_HLEN, true, false)
  return skb
}
export const ipvl_l3mdev_ops: l3mdev_ops = { name: 'ipvl_l3mdev_ops', l3mdev_l3_rcv: ipvlan_l3_rcv }

function multicast_enqueue(port: ipvlan_port, skb: sk_buff, tx_pkt: boolean): void {
  if (skb.protocol === ETH_P_PAUSE) {
    kfree_skb(skb)
    return
  }
  const dev = skb.dev as net_device
  if (port.backlog.length >= IPVLAN_QBACKLOG_LIMIT) {
    dev_core_stats_rx_dropped_inc(dev)
    kfree_skb(skb)
    return
  }
  const cb: ipvlan_skb_cb = { tx_pkt }
  skb.cb = cb
  dev_hold(dev)
  port.backlog.push(skb)
  port.wq ??= new delayed_work(kernel_of(port).events, ipvlan_process_multicast, port)
  schedule_work(port.wq)
}
function kernel_of(port: ipvlan_port): Kernel {
  return port.dev.nd_net.kernel
}
/** The work's function: a copy to each device that wants it, and out, when it was sent here. */
export function ipvlan_process_multicast(port: ipvlan_port): void {
  for (const skb of port.backlog.splice(0)) {
    const dev = skb.dev as net_device
    const { tx_pkt } = skb.cb as ipvlan_skb_cb
    const pkt_type = same(skb.buf, skb.mac_header, port.dev.broadcast, ETH_ALEN) ? PACKET_BROADCAST : PACKET_MULTICAST
    for (const to of port.ipvlans) if (!(tx_pkt && to === dev) && wants(to, skb)) copy_to(to, skb, tx_pkt, pkt_type)
    if (tx_pkt) {
      skb.dev = port.dev
      skb.pkt_type = pkt_type
      dev_queue_xmit(skb)
    } else {
      consume_skb(skb)
    }
    dev_put(dev)
  }
}
/** DIVERGES: Linux asks a filter of 64 bits, which lets a little more through. */
function wants(dev: net_device, skb: sk_buff): boolean {
  if (!(dev.flags & IFF_UP)) return false
  if (dev.flags & (IFF_PROMISC | IFF_ALLMULTI) || same(skb.buf, skb.mac_header, dev.broadcast, ETH_ALEN)) return true
  return dev.mc.some((ha) => same(skb.buf, skb.mac_header, ha.addr, ETH_ALEN))
}
function copy_to(dev: net_device, skb: sk_buff, tx_pkt: boolean, pkt_type: number): void {
  const copy = skb_clone(skb)
  copy.pkt_type = pkt_type
  copy.dev = dev
  const len = skb.len + ETH_HLEN
  count_rx(dev, len, (tx_pkt ? dev_forward_skb(dev, copy) : netif_rx(copy)) === NET_RX_SUCCESS, true)
}
/** The port goes: nothing waits any more. */
export function ipvlan_port_purge(port: ipvlan_port): void {
  for (const skb of port.backlog.splice(0)) {
    dev_put(skb.dev as net_device)
    kfree_skb(skb)
  }
}

// --- sending

function to_neighbour(port: ipvlan_port, skb: sk_buff): number | undefined {
  const dev = addr_lookup(port, skb, network_offset(skb, false), true)
  if (dev === undefined) return undefined
  if (port.flags & IPVLAN_F_PRIVATE) {
    consume_skb(skb)
    return NET_XMIT_DROP
  }
  rcv_frame(dev, skb, true)
  return NET_XMIT_SUCCESS
}
function xmit_mode_l2(skb: sk_buff, dev: net_device, port: ipvlan_port): number {
  const { buf, data } = skb
  if (!(port.flags & IPVLAN_F_VEPA) && same(buf, data, buf.subarray(data + ETH_ALEN, data + 2 * ETH_ALEN), ETH_ALEN)) {
    const taken = to_neighbour(port, skb)
    if (taken !== undefined) return taken
    // to the address that all share: it is for the lower device itself
    dev_forward_skb(port.dev, skb)
    return NET_XMIT_SUCCESS
  }
  if (buf[data] & 1) {
    skb.mac_header = data
    skb_scrub_packet(skb, true)
    skb.dev = dev
    multicast_enqueue(port, skb, true)
    return NET_XMIT_SUCCESS
  }
  skb.dev = port.dev
  return dev_queue_xmit(skb)
}
/** By the lower device's own routes, through that device, whatever the source is (FLOWI_FLAG_ANYSRC). */
function route4(net: net, ops: inet_ops, skb: sk_buff, phy: net_device): rtable | Errno {
  const { buf, data: at } = skb
  const fl = new ops.flowi4(getBe32(buf, at + 16), phy.ifindex)
  fl.saddr = getBe32(buf, at + 12)
  fl.tos = buf[at + 1] & 0xfc
  fl.mark = skb.mark
  const rt = ops.ip_route_output_key(net, fl)
  return isErrno(rt) || rt.rt_type === RTN_UNICAST || rt.rt_type === RTN_LOCAL ? rt : EINVAL
}
function route6(net: net, ops: inet_ops, skb: sk_buff, phy: net_device): rt6_info | Errno {
  const { buf, data: at } = skb
  const fl6 = new ops.flowi6(buf.slice(at + 24, at + 40), buf.slice(at + 8, at + 24))
  fl6.flowi_oif = phy.ifindex
  fl6.flowlabel = getBe32(buf, at) & 0xfffffff
  fl6.flowi_mark = skb.mark
  fl6.flowi6_proto = buf[at + 6]
  const rt = ops.ip6_route_output(net, fl6)
  return isErrno(rt) ? rt : (rt.error ?? rt)
}
/** ipvlan_process_outbound(): the Ethernet header means nothing; groups and broadcasts have no way. */
function process_outbound(skb: sk_buff, phy: net_device): number {
  const { nd_net: net } = phy
  const ops = net.kernel.inet_ops
  const v6 = skb.protocol === ETH_P_IPV6
  if (ops === undefined || skb.buf[skb.data] & 1 || (!v6 && skb.protocol !== ETH_P_IP)) {
    kfree_skb(skb)
    return NET_XMIT_DROP
  }
  skb.data += ETH_HLEN
  skb.mac_header = -1
  skb.network_header = skb.data
  const whole = skb.len >= (v6 ? IPV6_HEADER : 20)
  const rt = whole ? (v6 ? route6(net, ops, skb, phy) : route4(net, ops, skb, phy)) : EINVAL
  if (isErrno(rt)) {
    DEV_STATS_INC(phy, 'tx_errors')
    kfree_skb(skb)
    return NET_XMIT_DROP
  }
  skb.dst = rt
  const sent = v6 ? ops.ip6_local_out(net, skb) : ops.ip_local_out(net, skb)
  if (!isErrno(sent) && (sent === NET_XMIT_SUCCESS || sent === NET_XMIT_CN)) return NET_XMIT_SUCCESS
  DEV_STATS_INC(phy, 'tx_errors')
  return NET_XMIT_DROP
}
function xmit_mode_l3(skb: sk_buff, dev: net_device, port: ipvlan_port): number {
  const taken = port.flags & IPVLAN_F_VEPA ? undefined : to_neighbour(port, skb)
  if (taken !== undefined) return taken
  skb_scrub_packet(skb, dev.nd_net !== port.dev.nd_net)
  skb.dev = port.dev
  return process_outbound(skb, port.dev)
}
export function ipvlan_start_xmit(skb: sk_buff, dev: net_device): number {
  const { port } = ipvlan_dev_of(dev)
  const { len } = skb
  let ret = NET_XMIT_DROP
  if (port === undefined || len < ETH_HLEN) kfree_skb(skb)
  else ret = port.mode === IPVLAN_MODE_L2 ? xmit_mode_l2(skb, dev, port) : xmit_mode_l3(skb, dev, port)
  if (ret === NET_XMIT_SUCCESS || ret === NET_XMIT_CN) dev_sw_netstats_tx_add(dev, 1, len)
  else dev_tstats(dev).tx_dropped++
  return ret
}

/** All have the lower device's address. */
export function ipvlan_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: number,
  daddr: Uint8Array | undefined,
  saddr: Uint8Array | undefined,
  len: number,
): number {
  const { phy_dev } = ipvlan_dev_of(dev)
  return phy_dev.header_ops?.create?.(skb, phy_dev, type, daddr, saddr ?? phy_dev.dev_addr, len) ?? 0
}
export const ipvlan_header_ops: header_ops = { name: 'ipvlan_header_ops', create: ipvlan_hard_header, parse: eth_header_parse }
