/**
 * net/mpls/af_mpls.c mpls_forward: labelled packets as they come in (RFC 3031, 3032, 3443). The route of the outermost label
 * says what stands in its place: other labels, or nothing. What becomes of a packet, and what is counted on which device:
 *
 *   what                                             | counted
 *   the device takes no labels                       | in: rx_dropped
 *   not for us, no label, TTL used up, nothing known |
 *     inside the last label                          | in: rx_errors
 *   no route of the label                            | in: rx_noroute
 *   the way out is down, or takes no packet so long  | out: tx_errors
 *   goes on                                          | in: rx_packets; out: tx_packets, or IP's counters
 */
import { getBe32, getBe16, putBe16, putBe32 } from '../../lib/bytes.ts'
import { type Errno, isErrno } from '../../uapi/errno.ts'
import { IFF_UP } from '../../uapi/linux/if.ts'
import { ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC } from '../../uapi/linux/if_ether.ts'
import { IPSTATS_MIB_OUTOCTETS, IPSTATS_MIB_OUTPKTS } from '../../uapi/linux/snmp.ts'
import { AF_INET, AF_INET6 } from '../../uapi/linux/socket.ts'
import { csum_replace2 } from '../core/checksum.ts'
import { dev_queue_xmit } from '../core/dev_xmit.ts'
import { netif_carrier_ok } from '../core/link_watch.ts'
import { neigh_find_table } from '../core/neighbour.ts'
import { dev_hard_header, neigh_output } from '../core/neighbour_output.ts'
import { neigh_create, neigh_lookup, neigh_release } from '../core/neighbour_table.ts'
import type { net } from '../core/net_namespace.ts'
import type { net_device } from '../core/netdevice.ts'
import {
  kfree_skb,
  LL_RESERVED_SPACE,
  PACKET_HOST,
  type sk_buff,
  skb_cow,
  skb_dst_drop,
  skb_orphan,
  skb_pull,
  skb_push,
} from '../core/skbuff.ts'
import { IP_UPD_PO_STATS } from '../ipv4/ip_stats.ts'
import { IP6_UPD_PO_STATS } from '../ipv6/ip6_stats.ts'
import {
  type mpls_dev,
  mpls_dev_get,
  type mpls_nh,
  type mpls_route,
  MPLS_TTL_PROP_DEFAULT,
  MPLS_TTL_PROP_ENABLED,
  netns_mpls_of,
} from './mpls_private.ts'

const NET_RX_DROP = 1
const SHIM = 4
const BOS = 0x100

/** mpls_output_possible() */
export function mpls_output_possible(dev: net_device | undefined): dev is net_device {
  return dev !== undefined && (dev.flags & IFF_UP) !== 0 && netif_carrier_ok(dev)
}
/** neigh_xmit(): to a neighbour of either family, or by the address itself. */
export function neigh_xmit(family: number, dev: net_device, addr: Uint8Array, skb: sk_buff): number | Errno {
  if (family !== AF_INET && family !== AF_INET6) {
    if (dev_hard_header(skb, dev, skb.protocol, addr, undefined, skb.len) < 0) {
      kfree_skb(skb)
      return -1
    }
    return dev_queue_xmit(skb)
  }
  const tbl = neigh_find_table(dev.nd_net.kernel, family)
  const neigh = tbl && (neigh_lookup(tbl, addr, dev) ?? neigh_create(tbl, addr, dev))
  if (neigh === undefined || isErrno(neigh)) {
    kfree_skb(skb)
    return neigh ?? -1
  }
  const result = neigh_output(neigh, skb)
  neigh_release(neigh)
  return result
}
/** Labels before what is there, the outermost first. */
export function mpls_push_labels(skb: sk_buff, labels: readonly number[], ttl: number, bos: boolean): void {
  const at = skb_push(skb, SHIM * labels.length)
  skb.network_header = at
  labels.forEach((label, i) => {
    const bottom = bos && i === labels.length - 1 ? BOS : 0
    putBe32(skb.buf, at + SHIM * i, ((label << 12) | bottom | ttl) >>> 0)
  })
}
/** mpls_stats_inc_outucastpkts() */
export function mpls_stats_inc_outucastpkts(dev: net_device, skb: sk_buff): void {
  const { nd_net: net } = dev
  const mdev = mpls_dev_get(dev)
  if (skb.protocol === ETH_P_IP) IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len)
  else if (skb.protocol === ETH_P_IPV6) IP6_UPD_PO_STATS(net, dev.ip6_ptr, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len)
  else if (mdev !== undefined) {
    mdev.stats.tx_packets++
    mdev.stats.tx_bytes += skb.len
  }
}

/** By the labels below, and by the packet's own addresses where the stack ends. */
function mpls_multipath_hash(skb: sk_buff): number {
  let hash = 0x811c9dc5
  for (let at = skb.data; at + SHIM <= Math.min(skb.tail, skb.data + 64); at += SHIM)
    hash = Math.imul(hash ^ getBe32(skb.buf, at), 0x01000193)
  return hash >>> 1
}
function mpls_select_multipath(rt: mpls_route, skb: sk_buff): mpls_nh | undefined {
  if (rt.nhs.length === 1) return rt.nhs[0]
  const alive = rt.nhs.filter((nh) => nh.alive)
  return alive[mpls_multipath_hash(skb) % alive.length]
}
function propagates(net: net, rt: mpls_route): boolean {
  return (
    rt.ttl_propagate === MPLS_TTL_PROP_ENABLED || (rt.ttl_propagate === MPLS_TTL_PROP_DEFAULT && netns_mpls_of(net).ip_ttl_propagate !== 0)
  )
}
/** mpls_egress(): the last label is off: a packet of IP goes on as such. False: it is none. */
function mpls_egress(net: net, rt: mpls_route, skb: sk_buff, ttl: number): boolean {
  const { buf, data: at } = skb
  if (skb.len < 12) return false
  const version = buf[at] >> 4
  const where = version === 4 ? at + 8 : at + 7
  if (version !== 4 && version !== 6) return false
  const old = buf[where]
  const left = propagates(net, rt) ? ttl : Math.max(0, old - 1)
  if (version === 4) {
    const word = getBe16(buf, where)
    const now = (left << 8) | (word & 0xff)
    csum_replace2(buf, at + 10, word, now)
    putBe16(buf, where, now)
  } else {
    buf[where] = left
  }
  skb.protocol = version === 4 ? ETH_P_IP : ETH_P_IPV6
  return true
}

type outcome = 'sent' | 'rx_errors' | 'rx_noroute' | 'rx_dropped' | 'tx_errors'
function forward(net: net, mdev: mpls_dev, skb: sk_buff): outcome {
  if (!mdev.input_enabled) return 'rx_dropped'
  if (skb.pkt_type !== PACKET_HOST || skb.len < SHIM) return 'rx_errors'
  skb_dst_drop(skb)
  const entry = getBe32(skb.buf, skb.data)
  const bos = (entry & BOS) !== 0
  const rt = netns_mpls_of(net).platform_label.get(entry >>> 12)
  if (rt === undefined) return 'rx_noroute'
  const nh = mpls_select_multipath(rt, skb)
  if (nh === undefined) return 'rx_errors'
  skb_pull(skb, SHIM)
  skb.network_header = skb.data
  skb_orphan(skb)
  const ttl = (entry & 0xff) - 1
  if (ttl < 1) return 'rx_errors'
  return send(net, rt, nh, skb, ttl, bos)
}
function send(net: net, rt: mpls_route, nh: mpls_nh, skb: sk_buff, ttl: number, bos: boolean): outcome {
  const out = nh.dev
  const length = SHIM * nh.labels.length
  if (!mpls_output_possible(out) || skb.len > out.mtu - length) {
    const mdev = out && mpls_dev_get(out)
    if (mdev !== undefined) mdev.stats.tx_errors++
    return 'tx_errors'
  }
  skb_cow(skb, LL_RESERVED_SPACE(out) + length)
  skb.dev = out
  skb.protocol = ETH_P_MPLS_UC
  if (length === 0 && bos) {
    if (!mpls_egress(net, rt, skb, ttl)) return 'rx_errors'
  } else {
    mpls_push_labels(skb, nh.labels, ttl, bos)
  }
  mpls_stats_inc_outucastpkts(out, skb)
  neigh_xmit(nh.via?.family ?? 0, out, nh.via?.addr ?? out.dev_addr.subarray(0, out.addr_len), skb)
  return 'sent'
}
/** The packet type of ETH_P_MPLS_UC. */
export function mpls_forward(skb: sk_buff, dev: net_device): number {
  const mdev = mpls_dev_get(dev)
  if (mdev === undefined) {
    kfree_skb(skb)
    return NET_RX_DROP
  }
  mdev.stats.rx_packets++
  mdev.stats.rx_bytes += skb.len
  const outcome = forward(dev.nd_net, mdev, skb)
  if (outcome === 'sent') return 0
  if (outcome !== 'tx_errors') mdev.stats[outcome]++
  kfree_skb(skb)
  return NET_RX_DROP
}
