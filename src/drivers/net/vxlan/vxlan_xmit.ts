/** drivers/net/vxlan/vxlan_core.c vxlan_xmit, vxlan_xmit_one: frames go to the ends that the table names. */
import { putBe32 } from '../../../lib/bytes.ts'
import { IP_TUNNEL_INFO_BRIDGE, IP_TUNNEL_INFO_TX, skb_tunnel_info } from '../../../net/core/dst_metadata.ts'
import { type net_device, NETDEV_TX_OK } from '../../../net/core/netdevice.ts'
import { kfree_skb, type sk_buff, skb_clone, skb_copy, skb_cow, skb_push } from '../../../net/core/skbuff.ts'
import { UDP_TUNNEL_LOCAL, udp_tunnel_ops_of } from '../../../net/core/udp_tunnel.ts'
import { is_multicast_ether_addr } from '../../../net/ethernet/eth.ts'
import { ELOOP, ENETUNREACH, type Errno } from '../../../uapi/errno.ts'
import { ETH_HLEN } from '../../../uapi/linux/if_ether.ts'
import { VXLAN_DF_INHERIT, VXLAN_DF_SET } from '../../../uapi/linux/if_link_vxlan.ts'
import { NUD_STALE } from '../../../uapi/linux/neighbour.ts'
import { RTM_GETNEIGH } from '../../../uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../../uapi/linux/socket.ts'
import { all_zeros_mac, vxlan_fdb_notify, vxlan_find_mac } from './vxlan_fdb.ts'
import {
  NO_ADDR,
  VXLAN_F_COLLECT_METADATA,
  VXLAN_F_GPE,
  VXLAN_F_L2MISS,
  VXLAN_F_LOCALBYPASS,
  VXLAN_F_TTL_INHERIT,
  VXLAN_F_UDP_ZERO_CSUM6_TX,
  VXLAN_F_UDP_ZERO_CSUM_TX,
  vxlan_addr_any,
  vxlan_addr_multicast,
  type vxlan_dev,
  vxlan_fdb,
  vxlan_priv,
  vxlan_rdst,
  vxlan_vnifilter_lookup,
} from './vxlan_private.ts'
import { vxlan_bypass } from './vxlan_rcv.ts'

const VXLAN_HLEN = 8
const VXLAN_HF_VNI = 0x08000000
/** Room for all outer headers. */
const ROOM = 128 + 40 + 8 + VXLAN_HLEN
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

function count(dev: net_device, name: 'tx_dropped' | 'tx_errors' | 'collisions' | 'tx_carrier_errors'): void {
  dev.stats[name] = (dev.stats[name] ?? 0) + 1
}
function dropped(vxlan: vxlan_dev, skb: sk_buff, vni: number): void {
  count(vxlan.dev, 'tx_dropped')
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.tx_drops++
  kfree_skb(skb)
}

/** The inner packet's traffic class and TTL, where it is one of IP. */
function inner(skb: sk_buff): { dsfield: number; ttl: number; df: boolean } {
  const at = skb.data + 14
  const proto = (skb.buf[skb.data + 12] << 8) | skb.buf[skb.data + 13]
  if (proto === ETH_P_IP) return { dsfield: skb.buf[at + 1], ttl: skb.buf[at + 8], df: (skb.buf[at + 6] & 0x40) !== 0 }
  if (proto !== ETH_P_IPV6) return { dsfield: 0, ttl: 0, df: false }
  return { dsfield: ((skb.buf[at] & 0xf) << 4) | (skb.buf[at + 1] >> 4), ttl: skb.buf[at + 7], df: true }
}
/** ip_tunnel_ecn_encap() (RFC 3168 9.1.1): the outer header shows what the inner one does, but congestion as capable. */
function ecn_encap(tos: number, dsfield: number): number {
  const ecn = dsfield & 3
  return (tos & ~3) | (ecn === 3 ? 2 : ecn)
}

/** vxlan_xmit_one() */
function vxlan_xmit_one(vxlan: vxlan_dev, skb: sk_buff, rd: vxlan_rdst, default_vni: number): void {
  const { cfg, dev, net } = vxlan
  const v6 = rd.remote_ip.length === 16
  const vs = v6 ? vxlan.vn6_sock : vxlan.vn4_sock
  const vni = rd.remote_vni || default_vni
  if (vxlan_addr_any(rd.remote_ip) || vs === undefined) return dropped(vxlan, skb, vni)
  const ops = udp_tunnel_ops_of(net)
  const head = inner(skb)
  const sport = ops.flow_src_port(net, skb, cfg.port_min, cfg.port_max)
  const inherited = cfg.flags & VXLAN_F_TTL_INHERIT ? head.ttl : cfg.ttl
  const length = skb.len
  // the packet may be wanted whole again, should this host turn out to be the destination
  const original = cfg.flags & VXLAN_F_LOCALBYPASS ? skb_clone(skb) : undefined
  skb_cow(skb, ROOM)
  const at = skb_push(skb, VXLAN_HLEN)
  putBe32(skb.buf, at, VXLAN_HF_VNI)
  putBe32(skb.buf, at + 4, (vni << 8) >>> 0)
  const result = ops.xmit(
    net,
    {
      skb,
      dev,
      length: length - ETH_HLEN,
      saddr: cfg.saddr.length === rd.remote_ip.length ? cfg.saddr : new Uint8Array(rd.remote_ip.length),
      daddr: rd.remote_ip,
      sport,
      dport: rd.remote_port || cfg.dst_port,
      ttl: inherited || (vxlan_addr_multicast(rd.remote_ip) ? 1 : 0),
      tos: ecn_encap(cfg.tos === 1 ? head.dsfield : cfg.tos, head.dsfield),
      label: cfg.label,
      df: !v6 && (cfg.df === VXLAN_DF_SET || (cfg.df === VXLAN_DF_INHERIT && head.df)),
      ifindex: rd.remote_ifindex || (vs.sock.sk?.sk_bound_dev_if ?? 0),
      nocheck: (cfg.flags & (v6 ? VXLAN_F_UDP_ZERO_CSUM6_TX : VXLAN_F_UDP_ZERO_CSUM_TX)) !== 0,
    },
    original !== undefined,
  )
  if (result === UDP_TUNNEL_LOCAL && original !== undefined) return vxlan_bypass(vxlan, original, rd, vni)
  if (result === undefined) return sent(vxlan, vni, length)
  failed(vxlan, vni, result as Errno)
  kfree_skb(skb)
}
function sent(vxlan: vxlan_dev, vni: number, length: number): void {
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node === undefined) return
  node.stats.tx_packets++
  node.stats.tx_bytes += length
}
function failed(vxlan: vxlan_dev, vni: number, error: Errno): void {
  if (error === ELOOP) count(vxlan.dev, 'collisions')
  else if (error === ENETUNREACH) count(vxlan.dev, 'tx_carrier_errors')
  count(vxlan.dev, 'tx_errors')
  const node = vxlan_vnifilter_lookup(vxlan, vni)
  if (node !== undefined) node.stats.tx_errors++
}

/** vxlan_fdb_miss(): programs are asked for the end of an address. */
function vxlan_fdb_miss(vxlan: vxlan_dev, mac: Uint8Array): void {
  const f = new vxlan_fdb(mac, NUD_STALE, 0, 0, vxlan.kernel.jiffies())
  vxlan_fdb_notify(vxlan, f, new vxlan_rdst(NO_ADDR, 0, 0, 0), RTM_GETNEIGH)
}
/** vxlan_fdb_nh_path_select(): the member of the nexthop group that the flow's hash falls to. */
function nh_end(f: vxlan_fdb, hash: number): vxlan_rdst | undefined {
  const entries = f.nh?.nh_grp?.nh_entries ?? []
  const nhc = (entries.find((e) => hash <= e.upper_bound) ?? entries[0])?.nh.nh_info?.nhc
  if (nhc === undefined) return undefined
  const ip = new Uint8Array(4)
  putBe32(ip, 0, (nhc.fib_nh_gw4 ?? 0) >>> 0)
  return new vxlan_rdst(nhc.fib_nh_gw_family === AF_INET ? ip : (nhc.fib_nh_gw6 ?? ip), 0, 0, 0)
}
function flow_hash(skb: sk_buff): number {
  let hash = 0
  for (let i = skb.data; i < skb.data + 12; i++) hash = (Math.imul(hash, 31) + skb.buf[i]) >>> 1
  return hash & 0x7fffffff
}

/** The network that frames go to: the device's own (0 in its table), or the one that a bridge has given the frame. */
function network_of(vxlan: vxlan_dev, skb: sk_buff): number | undefined {
  if (vxlan.cfg.flags & VXLAN_F_GPE) return undefined
  if (!(vxlan.cfg.flags & VXLAN_F_COLLECT_METADATA)) return 0
  const info = skb_tunnel_info(skb)
  const by_bridge = IP_TUNNEL_INFO_TX | IP_TUNNEL_INFO_BRIDGE
  return info !== undefined && (info.mode & by_bridge) === by_bridge ? info.key.tun_id : undefined
}

/** ndo_start_xmit. Where the frame itself says its far end too (routes with a tunnel), nothing is sent yet. */
export function vxlan_xmit(skb: sk_buff, dev: net_device): number {
  const vxlan = vxlan_priv(dev)
  skb.mac_header = skb.data
  const vni = network_of(vxlan, skb)
  if (vni === undefined) {
    kfree_skb(skb)
    return NETDEV_TX_OK
  }
  const dest = skb.buf.slice(skb.data, skb.data + 6)
  const remote_vni = vni || vxlan.default_dst.remote_vni
  const f = vxlan_find_mac(vxlan, dest, vni) ?? vxlan_find_mac(vxlan, all_zeros_mac, vni)
  if (f === undefined) {
    if (vxlan.cfg.flags & VXLAN_F_L2MISS && !is_multicast_ether_addr(dest)) vxlan_fdb_miss(vxlan, dest)
    dropped(vxlan, skb, vni)
    return NETDEV_TX_OK
  }
  const ends = f.nh === undefined ? f.remotes : [nh_end(f, flow_hash(skb))]
  const [first, ...others] = ends
  if (first === undefined) {
    dropped(vxlan, skb, remote_vni)
    return NETDEV_TX_OK
  }
  // the first end gets the packet itself, after the others have got theirs
  for (const rd of others) if (rd !== undefined) vxlan_xmit_one(vxlan, skb_copy(skb), rd, remote_vni)
  vxlan_xmit_one(vxlan, skb, first, remote_vni)
  return NETDEV_TX_OK
}
